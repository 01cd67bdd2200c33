import { coverageLine } from '../../rules/coverage-line.ts'
import { formatPeriod, parsePeriod, periodText } from '../../rules/period.ts'
import { Problem } from '../../rules/problem.ts'
import type { Tx } from '../../server/db.ts'
import type { RawCall, RawRoute } from '../../server/raw.ts'
import { sendsBook } from '../../server/xlsx.ts'
import englishForms from '../../web/locales/en/ledgers.json' with { type: 'json' }
import english from '../../web/locales/en/workbooks.json' with { type: 'json' }
import chineseForms from '../../web/locales/zh-CN/ledgers.json' with { type: 'json' }
import chinese from '../../web/locales/zh-CN/workbooks.json' with { type: 'json' }
import { mustBeAble, scopeOf } from '../access/permission.ts'
import type { ResolvedForm } from '../ledgers/form-definition.ts'
import { formOf } from '../ledgers/ledgers.reads.ts'
import { coverageOf, returnsNow, type ReturnNow } from '../ledgers/many.reads.ts'
import { startValues } from '../ledgers/start-values.ts'
import { pathOf, unitOf } from '../units/units.reads.ts'
import type { CellFinding } from './file-row.ts'
import { sentenceIn } from './finding-words.ts'
import { judgeStaged } from './work.server.ts'
import { readableImport } from './workbooks.server.ts'
import { rowsAfter, type ImportFull, type StagedRow } from './workbooks.sql.ts'
import { writeMany, writeOne, type Locale, type Mark, type OutBook, type OutRow } from './write-book.server.ts'

/** Returns are read in slices of this many; the next is read when the reader has taken the former. */
const slice = 1_000

function outRow(form: ResolvedForm, now: ReturnNow): OutRow {
  return { code: now.code, name: now.name, parentName: now.parentName, v: now.version, d: now.draftVersion, held: startValues(form, now) }
}

/** Where each known value of a unit comes from, in words. */
function sourcesOf(form: ResolvedForm, now: ReturnNow, locale: Locale): Record<string, string> {
  const sources: Record<string, string> = {}
  const text = locale === 'en' ? english : chinese
  for (const field of form.fields) {
    if (field.kind === 'shows' && now.held[field.code] !== undefined) sources[field.code] = text.out.known
    else if (field.kind === 'asks' && !now.draft && !now.record && now.lastPeriod && now.last?.[field.code] !== undefined) sources[field.code] = `${text.out.fromLast} ${formatPeriod(parsePeriod(now.lastPeriod), locale)}`
  }
  return sources
}

export const outRoute: RawRoute = {
  method: 'GET',
  path: '/workbooks/out',
  needs: 'record.fill',
  summary: 'Returns as a workbook to fill in: of one unit, or of all below it (?form&period&unit, &open=1 for those not yet reported, &layout=one)',
  async handle({ query, actor, database, response }: RawCall) {
    const tx = database.db
    const unit = await unitOf(tx, Number(query.get('unit')))
    mustBeAble(actor, 'record.fill', await pathOf(tx, unit.id))
    const form = await formOf(tx, query.get('form') ?? '')
    const period = parsePeriod(query.get('period') ?? '')
    const { locale } = actor
    const out: OutBook = { form, period, periodText: periodText(period), title: unit.name, locale }
    const title = `${locale === 'en' ? form.name.en : form.name.zh} ${formatPeriod(period, locale)} ${unit.name}`
    if (query.get('layout') === 'one') {
      const [now] = await returnsNow(tx, form, period, { codes: [unit.code] })
      if (!now) throw new Problem('period-not-open', { facts: { period: out.periodText } })
      sendsBook(response, title)
      return writeOne(response, out, outRow(form, now), { last: now.last, sources: sourcesOf(form, now, locale) })
    }
    const open = query.get('open') === '1'
    const read = (after: string) => returnsNow(tx, form, period, { within: unit, scope: scopeOf(actor, 'record.fill'), after, limit: slice, open })
    const first = await read('')
    if (first.length === 0) throw new Problem('period-not-open', { facts: { period: out.periodText } })
    const counted = coverageLine(await coverageOf(tx, form.code, period, { within: unit, scope: scopeOf(actor, 'record.fill') }), locale)
    const coverage = open ? `${counted}${locale === 'en' ? '; only those not reported' : '；只含未报的'}` : counted
    sendsBook(response, title)
    async function* batches() {
      for (let rows = first; rows.length > 0; rows = await read(rows.at(-1)!.code)) {
        yield rows.map((now) => outRow(form, now))
        if (rows.length < slice) return
      }
    }
    return writeMany(response, { ...out, coverage }, batches())
  },
}

export const markedRoute: RawRoute = {
  method: 'GET',
  path: '/workbooks/imports/{id}/marked',
  needs: 'record.fill',
  summary: 'What did not go in, as a workbook with the cells marked and the reason beside them',
  async handle({ params, actor, database, response }: RawCall) {
    const tx = database.db
    if (!/^\d{1,9}$/.test(params.id ?? '')) throw new Problem('not-found', { facts: { what: 'workbook', id: params.id } })
    const found = await readableImport(tx, actor, Number(params.id))
    const form = await formOf(tx, found.form)
    const { locale } = actor
    const out: OutBook = { form, period: found.period, periodText: periodText(found.period), title: found.unitName, locale }
    const next = (after: number) => rowsAfter(tx, found.id, ['bad', 'conflict', 'refused'], after, slice)
    const first = await next(-1)
    if (first.length === 0) throw new Problem('not-found', { facts: { what: 'workbook', id: found.id } })
    const title = `${locale === 'en' ? english.out.marked : chinese.out.marked} ${locale === 'en' ? form.name.en : form.name.zh} ${formatPeriod(found.period, locale)} ${found.unitName}`
    sendsBook(response, title)
    if (found.layout === 'one') {
      const [row] = await markedRows(tx, found, form, first.slice(0, 1), locale)
      return writeOne(response, out, row!, { last: null, sources: {} })
    }
    async function* batches() {
      for (let rows = first; rows.length > 0; rows = await next(rows.at(-1)!.n)) yield markedRows(tx, found, form, rows, locale)
    }
    return writeMany(response, out, batches())
  },
}

/** Rows as the person left them, with what is wrong said at its cell; the base is what the platform has now. */
async function markedRows(tx: Tx, found: ImportFull, form: ResolvedForm, rows: readonly StagedRow[], locale: Locale): Promise<OutRow[]> {
  return (await judgeStaged(tx, found, form, rows, found.grants)).map(({ row, now, judged }) => {
    const mine = Object.fromEntries(Object.entries(row.wanted.changes).map(([field, change]) => [field, change.mine]))
    const marks: Record<string, Mark> = {}
    for (const finding of judged.findings) {
      if (finding.level === 'warning') continue
      const at = finding.field ?? ''
      const before = marks[at]
      const text = sentenceOf(finding, locale)
      marks[at] = { text: before ? `${before.text}\n${text}` : text, bad: (before?.bad ?? false) || finding.level === 'error', ...(finding.raw !== undefined && finding.level === 'error' && finding.column === undefined ? { raw: finding.raw } : {}) }
    }
    for (const { field, theirs } of judged.conflicts) {
      const conflict = { code: 'conflict', facts: { theirs: shownOf(form, field, theirs) } }
      marks[field] ??= { text: sentenceIn((locale === 'en' ? english : chinese).finding, conflict, locale)!, bad: false }
    }
    if (!now) return { code: row.code ?? '', name: row.name ?? '', parentName: '', v: 0, d: 0, held: {}, values: mine, marks }
    return { ...outRow(form, now), values: { ...startValues(form, now), ...mine }, marks }
  })
}

function shownOf(form: ResolvedForm, code: string, value: unknown): unknown {
  const field = form.fields.find((one) => one.code === code)
  if (field?.type === 'money' && typeof value === 'string') return Number(value) / 100
  if (field?.type === 'choice') return field.choices?.find((choice) => choice.value === value)?.name ?? value
  return value
}

/** A finding of the file has its sentence with the workbooks; one of the form’s own checks with the ledgers, as on the page. */
function sentenceOf(finding: CellFinding, locale: Locale): string {
  const { code, message } = finding
  if (message) return locale === 'en' ? message.en : message.zh
  const [own, ofForms] = locale === 'en' ? [english.finding, englishForms.finding] : [chinese.finding, chineseForms.finding]
  return sentenceIn(own, finding, locale) ?? sentenceIn(ofForms, finding, locale) ?? code
}
