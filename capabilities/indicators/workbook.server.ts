import type ExcelJS from 'exceljs'
import type { Writable } from 'node:stream'
import { coverageLine } from '../../rules/coverage-line.ts'
import { checkFormula } from '../../rules/formula/check.ts'
import { parseFormula } from '../../rules/formula/parse.ts'
import { formatPeriod, parsePeriod } from '../../rules/period.ts'
import { Problem } from '../../rules/problem.ts'
import type { Tx } from '../../server/db.ts'
import type { RawCall, RawRoute } from '../../server/raw.ts'
import { bookInto, sendsBook, taken, type Book } from '../../server/xlsx.ts'
import type { ResolvedForm, Words } from '../ledgers/form-definition.ts'
import { leafTypesOf } from '../ledgers/form-fields.ts'
import { missingBelow, type Missing } from '../ledgers/ledgers.reads.ts'
import type { Unit } from '../units/units.reads.ts'
import { formulasOf } from './figure.ts'
import type { IndicatorDefinition } from './indicator-definition.ts'
import type { Ranked } from './indicators.contract.ts'
import { formPeriods } from './form-periods.ts'
import { countedPeriods, indicatorMustBe, readableUnit } from './indicators.server.ts'
import { judgedRows, levelBelow, rankBelow, recordsBelow } from './ranking.server.ts'
import { sourceOf, type Source } from './reading.server.ts'

type Locale = 'zh-CN' | 'en'
type Shown = 'code' | 'text' | 'count' | 'value' | 'num' | 'den' | 'percent'
type Column = Words & { width: number; as: Shown; cell: (row: Ranked, locale: Locale) => string | number | null }

const inWords = (words: Words, locale: Locale) => (locale === 'en' ? words.en : words.zh)
const complete: Words = { zh: '完整', en: 'complete' }
const partial: Words = { zh: '不全', en: 'partial' }
const isPartial = ({ reported, expected }: { reported: number; expected: number }) => reported < expected
const stateOf = (row: Ranked) => (isPartial(row.judged.figure) ? partial : complete)
const number = (text: string | null) => (text === null ? null : Number(text))

const columns: Column[] = [
  // A code is not a number: as one it would lose its leading zeros and, past 15 digits, its end.
  { zh: '单位代码', en: 'Code', width: 18, as: 'code', cell: (row) => row.code },
  { zh: '单位', en: 'Unit', width: 24, as: 'text', cell: (row) => row.name },
  { zh: '所属', en: 'Belongs to', width: 20, as: 'text', cell: (row) => row.parentName },
  { zh: '数值', en: 'Value', width: 14, as: 'value', cell: (row) => number(row.judged.figure.value) },
  { zh: '分子', en: 'Numerator', width: 14, as: 'num', cell: (row) => number(row.judged.figure.num) },
  { zh: '分母', en: 'Denominator', width: 14, as: 'den', cell: (row) => number(row.judged.figure.den) },
  { zh: '已报', en: 'Reported', width: 9, as: 'count', cell: (row) => row.judged.figure.reported },
  { zh: '应报', en: 'Expected', width: 9, as: 'count', cell: (row) => row.judged.figure.expected },
  { zh: '数据', en: 'Data', width: 9, as: 'text', cell: (row, locale) => inWords(stateOf(row), locale) },
  { zh: '位次', en: 'Rank', width: 8, as: 'count', cell: (row) => row.rank },
  { zh: '档', en: 'Band', width: 14, as: 'text', cell: ({ judged: { band } }, locale) => band && inWords(band, locale) },
  { zh: '目标', en: 'Target', width: 14, as: 'value', cell: (row) => number(row.judged.target) },
  { zh: '完成率', en: 'Attainment', width: 10, as: 'percent', cell: (row) => number(row.judged.attainment) },
  { zh: '上年同期', en: 'Last year', width: 14, as: 'value', cell: (row) => number(row.judged.lastYear) },
  { zh: '同比', en: 'Year on year', width: 10, as: 'percent', cell: (row) => number(row.judged.yearOnYear) },
]

/** How the figures of an indicator are written: the style of a cell, and what the kept value is divided by. */
type Writing = Record<Shown, { style?: Partial<ExcelJS.Style>; by: number }>

const yuan = { style: { numFmt: '#,##0.00' }, by: 100 }
function writingOf({ shown, precision, num, den }: IndicatorDefinition, form: ResolvedForm): Writing {
  const decimals = precision > 0 ? `.${'0'.repeat(precision)}` : ''
  const plain = { style: { numFmt: '#,##0.######' }, by: 1 }
  const fields = leafTypesOf(form)
  const isMoney = (formula: string) => checkFormula(parseFormula(formula), { fields, level: 'aggregate' }) === 'money'
  const value = { style: { numFmt: shown === 'percent' ? `0${decimals}%` : `#,##0${decimals}` }, by: 1 }
  return {
    code: { style: { numFmt: '@' }, by: 1 },
    text: { by: 1 },
    count: { by: 1 },
    value: shown === 'money' ? yuan : value,
    num: isMoney(num) ? yuan : plain,
    den: den !== undefined && isMoney(den) ? yuan : plain,
    percent: { style: { numFmt: '0.0%' }, by: 1 },
  }
}

export type Workbook = {
  definition: IndicatorDefinition
  form: ResolvedForm
  title: string
  locale: Locale
  coverage: { reported: number; expected: number }
  /** Whose return is not in it: how many, and those that are named. */
  missing?: { total: number; first: readonly Missing[] }
  /** Rows as they come; the next batch is asked for when the reader has taken the former. */
  batches: AsyncIterable<readonly Ranked[]>
}

/**
 * Writes one indicator of many units as a workbook, row by row, as fast as the reader takes it: neither the rows nor
 * the book are held in memory whole. Ends early, without an error, when the reader goes away.
 */
export async function writeWorkbook(
  stream: Writable,
  { definition, form, title, locale, coverage, missing, batches }: Workbook,
): Promise<void> {
  const say = (zh: string, en: string) => (locale === 'en' ? en : zh)
  const book = bookInto(stream)
  const sheet = book.addWorksheet(say('数据', 'Figures'), { views: [{ state: 'frozen', ySplit: 4 }] })
  const writing = writingOf(definition, form)
  sheet.columns = columns.map(({ width }) => ({ width }))
  sheet.addRow([title]).commit()
  sheet.addRow([coverageLine({ ...coverage, ...(missing ? { missing: missing.first.map(({ name }) => name) } : {}) }, locale)]).commit()
  sheet.addRow([`${say('统计范围：', 'Population: ')}${inWords(definition.population, locale)}`]).commit()
  const head = sheet.addRow(columns.map((column) => inWords(column, locale)))
  head.font = { bold: true }
  head.commit()
  for await (const rows of batches) {
    for (const row of rows) {
      const line = sheet.addRow([])
      for (const [at, { as, cell }] of columns.entries()) {
        const value = cell(row, locale)
        if (value === null) continue
        const { style, by } = writing[as]
        const place = line.getCell(at + 1)
        place.value = typeof value === 'number' ? value / by : value
        // One style object for all cells of a kind: exceljs knows it again; a style of the column it would merge anew.
        if (style) place.style = style
      }
      line.commit()
    }
    await taken(sheet, stream)
    if (stream.destroyed) return
  }
  sheet.commit()
  writeDefinition(book, definition, locale)
  if (missing && missing.total > 0) writeMissing(book, missing, locale)
  await book.commit()
}

/** So many missing returns are listed in the file; a file that lacks more is about what is missing. */
const listedMissing = 20_000

function writeMissing(book: Book, { total, first }: NonNullable<Workbook['missing']>, locale: Locale): void {
  const say = (zh: string, en: string) => (locale === 'en' ? en : zh)
  const sheet = book.addWorksheet(say('未报', 'Missing'), { views: [{ state: 'frozen', ySplit: 2 }] })
  sheet.columns = [{ width: 18, style: { numFmt: '@' } }, { width: 24 }, { width: 20 }, { width: 14 }]
  sheet.addRow([first.length < total ? say(`缺 ${total} 份，列出前 ${first.length} 份`, `${total} missing, the first ${first.length} are listed`) : say(`缺 ${total} 份`, `${total} missing`)]).commit()
  sheet.addRow([say('单位代码', 'Code'), say('单位', 'Unit'), say('所属', 'Belongs to'), say('报告期', 'Period')]).commit()
  for (const one of first) sheet.addRow([one.code, one.name, one.parentName, formatPeriod(parsePeriod(one.period), locale)]).commit()
  sheet.commit()
}

function writeDefinition(book: Book, definition: IndicatorDefinition, locale: Locale): void {
  const say = (zh: string, en: string) => (locale === 'en' ? en : zh)
  const { name, code, num, den, population, numName, denName, clause, benchmark, bands } = definition
  const about = book.addWorksheet(say('口径', 'Definition'))
  about.columns = [{ width: 16 }, { width: 80 }]
  const worded = (formula: string, words?: Words) => (words ? `${inWords(words, locale)}　${formula}` : formula)
  const rollUp =
    den === undefined
      ? say('按算式在全部已报记录上计算', 'the formula over all reported records')
      : say('分子之和 ÷ 分母之和，不平均比率', 'Σ numerator ÷ Σ denominator, never a mean of ratios')
  const lines: (string | undefined)[][] = [
    [say('指标', 'Indicator'), inWords(name, locale)],
    [say('代码', 'Code'), code],
    [say('分子', 'Numerator'), worded(num, numName)],
    [say('分母', 'Denominator'), den === undefined ? undefined : worded(den, denName)],
    [say('统计范围', 'Population'), inWords(population, locale)],
    [say('汇总', 'Roll-up'), rollUp],
    [say('分档界线', 'Band edges'), bands?.edges.join('，')],
    [say('参照', 'Benchmark'), benchmark],
    [say('依据', 'Source'), clause],
  ]
  for (const line of lines) if (line[1] !== undefined) about.addRow(line).commit()
  about.commit()
}

/** Rows are judged in batches of this many; the next batch is read while one is written. */
const batch = 5_000

/**
 * All units of a rank below one in the order of codes. The ranking keeps one value a unit; the judged rows are read
 * batch by batch.
 */
export async function workbookRows(
  tx: Tx,
  source: Source,
  definition: IndicatorDefinition,
  { within, period, level }: { within: Unit; period: number; level: number },
): Promise<Pick<Workbook, 'coverage' | 'batches'> & { missing: NonNullable<Workbook['missing']> }> {
  const ranking = await rankBelow(tx, source, definition, within, period, level)
  const needsRecords = formulasOf(definition).aggregates.some((one) => !one.additive)
  const fromRecords = needsRecords ? await recordsBelow(tx, source, definition, within, period, level) : new Map()
  async function* batches() {
    const read = (from: number) => {
      const count = Math.max(0, Math.min(batch, ranking.units.length - from))
      const positions = Array.from({ length: count }, (_, at) => from + at)
      const rows = judgedRows(tx, source, definition, ranking, positions, { within, period, fromRecords })
      // Whoever takes the batch meets the error; until then it must not count as unhandled.
      rows.catch(() => undefined)
      return rows
    }
    let next = read(0)
    for (let from = 0; from < ranking.units.length; from += batch) {
      const rows = await next
      next = read(from + batch)
      yield rows
    }
  }
  const total = (list: readonly number[]) => list.reduce((sum, one) => sum + one, 0)
  const coverage = { reported: total(ranking.reported), expected: total(ranking.expected) }
  const periods = countedPeriods(definition, formPeriods(period, source.cycle))
  const missing = isPartial(coverage) ? await missingBelow(tx, within, definition.form, periods, listedMissing) : { total: 0, first: [] }
  return { coverage, missing, batches: batches() }
}

export const workbookRoute: RawRoute = {
  method: 'GET',
  path: '/indicators/{code}/workbook',
  needs: 'indicator.read',
  summary: 'One indicator of all units of a rank as a workbook (?unit&period&level)',
  async handle({ params, query, actor, database, response }: RawCall) {
    const tx = database.db
    const within = await readableUnit(tx, actor, wholeNumber(query, 'unit'))
    const definition = await indicatorMustBe(tx, params.code ?? '')
    const source = await sourceOf(tx, definition.form)
    const period = parsePeriod(query.get('period') ?? '')
    const level = query.get('level') ? wholeNumber(query, 'level') : await levelBelow(tx, source, within)
    if (level < within.level || level > 5) throw new Problem('invalid-input', { field: 'level' })
    const { locale } = actor
    const title = `${within.name} · ${inWords(definition.name, locale)} · ${formatPeriod(period, locale)}`
    const rows = await workbookRows(tx, source, definition, { within, period, level })
    sendsBook(response, title)
    await writeWorkbook(response, { definition, form: source.form, title, locale, ...rows })
  },
}

function wholeNumber(query: URLSearchParams, field: string): number {
  const text = query.get(field) ?? ''
  if (!/^\d{1,9}$/.test(text)) throw new Problem('invalid-input', { field })
  return Number(text)
}
