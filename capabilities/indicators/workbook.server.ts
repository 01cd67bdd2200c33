import ExcelJS from 'exceljs'
import { formatPeriod, parsePeriod } from '../../rules/period.ts'
import { Problem } from '../../rules/problem.ts'
import type { RawCall, RawRoute } from '../../server/raw.ts'
import { mustBeAble } from '../access/permission.ts'
import { pathOfUnit, unitOf } from '../units/units.reads.ts'
import type { Ranked } from './indicators.contract.ts'
import { definitionOf } from './indicators.sql.ts'
import { levelBelow, rankedBelow } from './indicators.server.ts'
import type { IndicatorDefinition } from './indicator-definition.ts'

type Words = { zh: string; en: string }
const heads: Words[] = [
  { zh: '单位代码', en: 'Code' }, { zh: '单位', en: 'Unit' }, { zh: '所属', en: 'Belongs to' }, { zh: '数值', en: 'Value' }, { zh: '分子', en: 'Numerator' },
  { zh: '分母', en: 'Denominator' }, { zh: '已报', en: 'Reported' }, { zh: '应报', en: 'Expected' }, { zh: '数据', en: 'Data' }, { zh: '位次', en: 'Rank' },
  { zh: '档', en: 'Band' }, { zh: '目标', en: 'Target' }, { zh: '完成率', en: 'Attainment' }, { zh: '上年同期', en: 'Last year' }, { zh: '同比', en: 'Year on year' },
]
const whole: Words = { zh: '完整', en: 'complete' }
const partial: Words = { zh: '不全', en: 'partial' }

/** Writes one indicator of all units of a rank as a workbook, row by row: the book is never held in memory whole. */
export async function writeWorkbook(
  stream: NodeJS.WritableStream,
  { definition, title, locale, rows }: { definition: IndicatorDefinition; title: string; locale: 'zh-CN' | 'en'; rows: readonly Ranked[] },
): Promise<void> {
  const say = (words: Words) => (locale === 'en' ? words.en : words.zh)
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ stream: stream as never, useStyles: true, useSharedStrings: false })
  const sheet = book.addWorksheet(locale === 'en' ? 'Figures' : '数据', { views: [{ state: 'frozen', ySplit: 4 }] })
  const format = numberFormat(definition)
  sheet.columns = [18, 24, 20, 14, 14, 14, 9, 9, 9, 8, 14, 14, 10, 14, 10].map((width) => ({ width }))
  for (const [at, numFmt] of [[1, '@'], [4, format], [12, format], [13, '0.0%'], [14, format], [15, '0.0%']] as const) sheet.getColumn(at).numFmt = numFmt
  const reported = rows.reduce((sum, row) => sum + row.judged.figure.reported, 0)
  const expected = rows.reduce((sum, row) => sum + row.judged.figure.expected, 0)
  sheet.addRow([title]).commit()
  const coverage = locale === 'en' ? `Reported ${reported} of ${expected}` : `已报 ${reported}，应报 ${expected}`
  sheet.addRow([`${coverage}${reported < expected ? (locale === 'en' ? ' — PARTIAL DATA' : '（数据不全）') : ''}`]).commit()
  sheet.addRow([`${locale === 'en' ? 'Population: ' : '统计范围：'}${say(definition.population)}`]).commit()
  sheet.addRow(heads.map(say)).commit()
  const scale = definition.shown === 'money' ? 100 : 1
  const number = (text: string | null, by = 1) => (text === null ? null : Number(text) / by)
  for (const row of rows) {
    const { figure } = row.judged
    sheet
      .addRow([
        row.code, row.name, row.parentName, number(figure.value, scale), number(figure.num), number(figure.den), figure.reported, figure.expected,
        say(figure.reported < figure.expected ? partial : whole), row.rank, row.judged.band ? say(row.judged.band) : null,
        number(row.judged.target, scale), number(row.judged.attainment), number(row.judged.lastYear, scale), number(row.judged.yearOnYear),
      ])
      .commit()
  }
  sheet.commit()
  const about = book.addWorksheet(locale === 'en' ? 'Definition' : '口径')
  about.getColumn(1).width = 16
  about.getColumn(2).width = 80
  for (const line of [
    [locale === 'en' ? 'Indicator' : '指标', say(definition.name)],
    [locale === 'en' ? 'Code' : '代码', definition.code],
    [locale === 'en' ? 'Numerator' : '分子', definition.num],
    [locale === 'en' ? 'Denominator' : '分母', definition.den ?? '—'],
    [locale === 'en' ? 'Population' : '统计范围', say(definition.population)],
    [locale === 'en' ? 'Source' : '依据', definition.clause ?? '—'],
  ]) about.addRow(line).commit()
  about.commit()
  await book.commit()
}

function numberFormat({ shown, precision }: IndicatorDefinition): string {
  const decimals = precision > 0 ? `.${'0'.repeat(precision)}` : ''
  return shown === 'percent' ? `0${decimals}%` : `#,##0${shown === 'money' ? '.00' : decimals}`
}

export const workbookRoute: RawRoute = {
  method: 'GET',
  path: '/indicators/{code}/workbook',
  needs: 'indicator.read',
  summary: 'One indicator of all units of a rank as a workbook (?unit&period&level)',
  async handle({ params, query, actor, database, response }: RawCall) {
    const unit = await unitOf(database.db, Number(query.get('unit')))
    mustBeAble(actor, 'indicator.read', pathOfUnit(unit))
    const definition = await definitionOf(database.db, params.code ?? '')
    if (!definition) throw new Problem('not-found', { facts: { what: 'indicator', code: params.code } })
    const period = parsePeriod(query.get('period') ?? '')
    const level = query.get('level') ? Number(query.get('level')) : await levelBelow(database.db, definition, unit)
    if (!Number.isInteger(level) || level < 1 || level > 5) throw new Problem('invalid-input', { field: 'level' })
    const { rows } = await rankedBelow(database.db, definition, unit, period, level)
    const locale = actor.locale
    const name = locale === 'en' ? definition.name.en : definition.name.zh
    const title = `${unit.name} · ${name} · ${formatPeriod(period, locale)}`
    response.setHeader('content-type', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')
    response.setHeader('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(`${title}.xlsx`)}`)
    await writeWorkbook(response, { definition, title, locale, rows })
  },
}
