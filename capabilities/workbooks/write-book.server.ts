import type ExcelJS from 'exceljs'
import type { Writable } from 'node:stream'
import { formatHedged, type Approx } from '../../rules/approx.ts'
import { formatPeriod } from '../../rules/period.ts'
import { bookInto, markCell, taken, type Book, type Sheet } from '../../server/xlsx.ts'
import type { Column, ResolvedField, ResolvedForm, Words } from '../ledgers/form-definition.ts'
import type { Values } from '../ledgers/ledgers.contract.ts'
import { lettersOf } from './open-book.server.ts'
import { yuanOf } from './read-cell.ts'
import { basesOf, writeRowStamp, writeStamp } from './stamp.ts'

export type Locale = 'zh-CN' | 'en'

/** What stands at a cell of a returned workbook: a fill and a comment, and what the person had written there. */
export type Mark = { text: string; bad: boolean; raw?: string }

/** One return as it goes into a workbook. */
export type OutRow = {
  code: string
  name: string
  parentName: string
  /** Versions of record and draft that the values stand for; 0: none. */
  v: number
  d: number
  /** What the platform has: the base of the merge when the workbook comes back. */
  held: Values
  /** What the cells show; by default what the platform has. */
  values?: Values
  /** By field; '' is the whole row. */
  marks?: Readonly<Record<string, Mark>>
}

export type OutBook = { form: ResolvedForm; period: number; periodText: string; title: string; locale: Locale; /** How complete it is, beside the title. */ coverage?: string }

export const firstDataRow = 5
/** The columns before the fields: mark of the row, code, name, the level above. */
const before = 3
const codesRow = ['unit.code', 'unit.name', 'unit.parent'] as const

const colours = { input: 'FFFFF8DC', known: 'FFEDEDED', head: 'FFDCE9F5' }
const fill = (argb: string): ExcelJS.Fill => ({ type: 'pattern', pattern: 'solid', fgColor: { argb } })
const line = { style: 'thin' as const, color: { argb: 'FFBFBFBF' } }
const border: Partial<ExcelJS.Borders> = { top: line, left: line, bottom: line, right: line }
const locked: Partial<ExcelJS.Style> = { fill: fill(colours.known), border, protection: { locked: true }, alignment: { vertical: 'middle' } }
const asText: Partial<ExcelJS.Style> = { ...locked, numFmt: '@' }
const heading: Partial<ExcelJS.Style> = { fill: fill(colours.head), border, font: { bold: true }, alignment: { wrapText: true, vertical: 'middle' } }
const plainMark: Partial<ExcelJS.Style> = { numFmt: '@', font: { color: { argb: 'FF999999' }, size: 8 } }

const inWords = (words: Words, locale: Locale) => (locale === 'en' ? words.en : words.zh)
const sayer = (locale: Locale) => (zh: string, en: string) => (locale === 'en' ? en : zh)

type Kind = Pick<ResolvedField, 'type' | 'precision'> & { unit?: string | null | undefined; choices?: ResolvedField['choices'] | undefined }
const unitOf = (kind: Kind, locale: Locale) => (kind.type === 'money' ? sayer(locale)('元', 'yuan') : (kind.unit ?? ''))

/** @returns the fields that stand as columns: what is asked or known; files and computed figures stay on the page */
export const columnFields = (form: Pick<ResolvedForm, 'fields'>): ResolvedField[] => form.fields.filter((field) => field.kind !== 'computed' && field.type !== 'file' && field.type !== 'table')
/** @returns the asked tables, each of which has a sheet of its own */
export const tableFields = (form: Pick<ResolvedForm, 'fields'>): ResolvedField[] => form.fields.filter((field) => field.kind === 'asks' && field.type === 'table')

function styleOf(kind: Kind, known: boolean): Partial<ExcelJS.Style> {
  const decimals = kind.precision > 0 ? `.${'0'.repeat(kind.precision)}` : ''
  const formats: Partial<Record<ResolvedField['type'], string>> = { number: `#,##0${decimals}`, money: '#,##0.00', date: 'yyyy-mm-dd', text: '@' }
  const numFmt = formats[kind.type]
  return {
    ...(known ? locked : { fill: fill(colours.input), border, protection: { locked: false }, alignment: { vertical: 'middle', wrapText: kind.type === 'text' } }),
    ...(numFmt ? { numFmt } : {}),
  }
}

const hedgedText = ({ value, approx }: { value: string; approx: Approx }) => formatHedged({ value: String(value), approx }, 'zh-CN')
const exact = /^-?\d{1,15}(\.\d+)?$/

/** @returns a value as its cell holds it: figures as figures unless digits would be lost, choices by their name */
function cellValue(kind: Kind, value: unknown, locale: Locale): string | number | Date | null {
  if (value === undefined || value === null) return null
  switch (kind.type) {
    case 'number':
      if (typeof value === 'object' && 'value' in value) return hedgedText(value as { value: string; approx: Approx })
      return typeof value === 'string' && exact.test(value) ? Number(value) : String(value)
    case 'money':
      return typeof value === 'string' && exact.test(value) ? Number(yuanOf(value)) : String(value)
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? new Date(`${value}T00:00:00Z`) : String(value)
    case 'yesNo':
      return typeof value === 'boolean' ? sayer(locale)(value ? '是' : '否', value ? 'Yes' : 'No') : String(value)
    case 'choice': {
      const choice = kind.choices?.find((one) => one.value === value)
      return choice ? inWords(choice.name, locale) : String(value)
    }
    default:
      return String(value)
  }
}

// ---- parts that every sheet has

/** Lists for the drop-downs, kept in a hidden sheet: a list in the cell itself may have 255 signs only. */
class Lists {
  private readonly columns: { head: string; words: string[] }[] = []
  private readonly locale: Locale
  constructor(locale: Locale) {
    this.locale = locale
  }
  get sheetName(): string {
    return sayer(this.locale)('选项', 'Choices')
  }
  /** @returns the range that a drop-down points to */
  rangeOf(kind: Kind, head: string): string | undefined {
    const words = kind.type === 'yesNo' ? (this.locale === 'en' ? ['Yes', 'No'] : ['是', '否']) : kind.type === 'choice' ? (kind.choices ?? []).map((choice) => inWords(choice.name, this.locale)) : []
    if (words.length === 0) return undefined
    const same = this.columns.findIndex((column) => column.words.join('\n') === words.join('\n'))
    const at = same >= 0 ? same : this.columns.push({ head, words }) - 1
    const letter = lettersOf(at + 1)
    return `'${this.sheetName}'!$${letter}$2:$${letter}$${words.length + 1}`
  }
  write(book: Book): void {
    if (this.columns.length === 0) return
    const sheet = book.addWorksheet(this.sheetName, { state: 'hidden' })
    sheet.addRow(this.columns.map(({ head }) => head)).commit()
    const longest = Math.max(...this.columns.map(({ words }) => words.length))
    for (let at = 0; at < longest; at++) sheet.addRow(this.columns.map(({ words }) => words[at] ?? null)).commit()
    sheet.commit()
  }
}

/** Says beside the cell what belongs there, and offers the choices. Nobody is stopped: the platform reads 12.5万 too. */
function guide(sheet: Sheet, range: string, kind: Kind & { name: Words; definition?: Words | null; help?: Words | null; required: boolean }, lists: Lists, locale: Locale): void {
  const list = lists.rangeOf(kind, inWords(kind.name, locale))
  const unit = unitOf(kind, locale)
  const words = [kind.help ?? kind.definition, unit ? { zh: `单位：${unit}`, en: `Unit: ${unit}` } : null].filter((part) => part !== null && part !== undefined)
  const prompt = words.map((part) => inWords(part, locale)).join('\n').slice(0, 250)
  const shown = { showInputMessage: true, promptTitle: inWords(kind.name, locale).slice(0, 30), prompt: prompt || ' ', allowBlank: true }
  const say = sayer(locale)
  const rule = list
    ? { type: 'list', formulae: [list], showErrorMessage: true, errorStyle: 'warning', errorTitle: say('请从选项里选', 'Choose one'), error: say('这一格请从下拉选项里选。', 'Choose from the list in this cell.') }
    : { type: 'any', formulae: [] }
  // The library keeps ranges under their address; its types know single cells only.
  ;(sheet as unknown as { dataValidations: { add: (range: string, rule: unknown) => void } }).dataValidations.add(range, { ...rule, ...shown })
}

function headOf(field: Kind & { name: Words; required: boolean }, locale: Locale): string {
  const unit = unitOf(field, locale)
  return `${inWords(field.name, locale)}${unit ? `（${unit}）` : ''}${field.required ? ' *' : ''}`
}

function mark(cell: ExcelJS.Cell, { text, bad, raw }: Mark): void {
  if (raw !== undefined) cell.value = raw
  markCell(cell, text, bad)
}

function about(book: Book, form: ResolvedForm, locale: Locale): void {
  const say = sayer(locale)
  const sheet = book.addWorksheet(say('填写说明', 'How to fill in'))
  sheet.columns = [{ width: 22 }, { width: 12 }, { width: 10 }, { width: 10 }, { width: 60 }]
  const lines = [
    say('黄色的格由您填写；灰色的格是已知的，不用填。', 'Fill in the yellow cells; the grey ones are known already.'),
    say('行可以排序、隐藏、筛选，列可以增加、移动；请不要删掉隐藏的第 3 行和 A 列，没有它们平台认不出这份表。', 'Sort, hide and filter rows, add and move columns as you like; keep the hidden row 3 and column A, by which the platform knows the workbook again.'),
    say('不知道的数留空，不要填 0。附件和自动计算的项目在网页上。', 'Leave what you do not know empty, do not write 0. Files and computed figures are on the page.'),
    say('写 12.5万、全角数字、千分位、2018.6.29 都认得，平台会告诉您读成了什么。', '12.5万, full-width digits, separators and 2018.6.29 are understood; the platform tells you what it read.'),
  ]
  for (const words of lines) sheet.addRow([words]).commit()
  sheet.addRow([]).commit()
  const head = sheet.addRow([say('项目', 'Item'), say('类型', 'Type'), say('单位', 'Unit'), say('必填', 'Required'), say('口径', 'Definition')])
  for (let at = 1; at <= 5; at++) head.getCell(at).style = heading
  head.commit()
  const types: Record<ResolvedField['type'], Words> = {
    text: { zh: '文字', en: 'text' }, number: { zh: '数字', en: 'number' }, money: { zh: '金额', en: 'money' }, date: { zh: '日期', en: 'date' }, choice: { zh: '选择', en: 'choice' },
    yesNo: { zh: '是否', en: 'yes or no' }, table: { zh: '表格', en: 'table' }, file: { zh: '附件', en: 'file' },
  }
  for (const field of form.fields) {
    const words = [field.definition, field.help].filter((part) => part !== null).map((part) => inWords(part, locale))
    sheet.addRow([inWords(field.name, locale), inWords(types[field.type], locale), unitOf(field, locale), field.required ? say('是', 'yes') : '', words.join(' ')]).commit()
  }
  for (const check of form.checks) sheet.addRow([say('校验', 'Check'), '', '', '', inWords(check.message, locale)]).commit()
  sheet.commit()
}

const protection: Partial<ExcelJS.WorksheetProtection> = {
  selectLockedCells: true, selectUnlockedCells: true, formatCells: true, formatColumns: true, formatRows: true, insertColumns: true, insertRows: true, deleteRows: true, sort: true, autoFilter: true,
}

// ---- many units: a row a unit

/** Writes the returns of many units, a row each. @param rows in batches; the next is asked for when the reader has taken the former */
export async function writeMany(stream: Writable, out: OutBook, rows: AsyncIterable<readonly OutRow[]>): Promise<void> {
  const { form, locale } = out
  const say = sayer(locale)
  const book = bookInto(stream)
  const lists = new Lists(locale)
  const fields = columnFields(form)
  const sheet = book.addWorksheet(say('填报', 'Returns'), { views: [{ state: 'frozen', xSplit: before, ySplit: firstDataRow - 1 }] })
  sheet.columns = [{ width: 2, hidden: true }, { width: 16 }, { width: 18 }, { width: 14 }, ...fields.map((field) => ({ width: Math.min(28, Math.max(10, headOf(field, 'zh-CN').length * 2)) }))]
  const stamp = { form: form.code, version: form.version, period: out.periodText }
  top(sheet, out)
  const codes = sheet.addRow([writeStamp({ ...stamp, layout: 'many' }), ...codesRow, ...fields.map((field) => field.code)])
  codes.hidden = true
  codes.commit()
  headRow(sheet, ['', say('单位代码', 'Unit code'), say('单位', 'Unit'), say('所属', 'Belongs to'), ...fields.map((field) => headOf(field, locale))])
  const styles = fields.map((field) => styleOf(field, field.kind !== 'asks'))
  const tables = tableFields(form)
  const tableRows = new Map<string, TableRow[]>(tables.map((field) => [field.code, []]))
  let number = firstDataRow - 1
  for await (const batch of rows) {
    for (const row of batch) {
      number++
      const values = row.values ?? row.held
      const written = sheet.addRow([])
      put(written.getCell(1), writeRowStamp({ u: row.code, v: row.v, d: row.d, b: basesOf(form, row.held) }), plainMark)
      put(written.getCell(2), row.code, asText)
      put(written.getCell(3), row.name, locked)
      put(written.getCell(4), row.parentName, locked)
      for (const [at, field] of fields.entries()) {
        const cell = written.getCell(before + 2 + at)
        put(cell, cellValue(field, values[field.code], locale), styles[at]!)
        const marked = row.marks?.[field.code]
        if (marked) mark(cell, marked)
      }
      const whole = row.marks?.['']
      if (whole) mark(written.getCell(3), whole)
      for (const field of tables) gather(tableRows.get(field.code)!, row, field, values)
      written.commit()
    }
    await taken(sheet, stream)
    if (stream.destroyed) return
  }
  for (const [at, field] of fields.entries()) {
    const letter = lettersOf(before + 2 + at)
    if (field.kind === 'asks' && number >= firstDataRow) guide(sheet, `${letter}${firstDataRow}:${letter}${number}`, field, lists, locale)
  }
  sheet.autoFilter = { from: { row: firstDataRow - 1, column: 1 }, to: { row: Math.max(number, firstDataRow), column: before + 1 + fields.length } }
  await sheet.protect('', protection)
  sheet.commit()
  for (const field of tables) writeTable(book, out, field, tableRows.get(field.code)!, lists, undefined)
  about(book, form, locale)
  lists.write(book)
  await book.commit()
}

function top(sheet: Sheet, { title, period, form, locale, coverage }: OutBook): void {
  const say = sayer(locale)
  const first = sheet.addRow([null, `${inWords(form.name, locale)} · ${formatPeriod(period, locale)} · ${title}${coverage === undefined ? '' : ` · ${coverage}`}`])
  first.getCell(2).font = { bold: true, size: 14 }
  first.commit()
  sheet.addRow([null, say('黄色的格填写，灰色的格已知。填好后把这份文件传回“工作簿”页。带 * 的必填。', 'Fill in the yellow cells; grey ones are known. Bring the file back on the page “Workbooks”. * is required.')]).commit()
}

function headRow(sheet: Sheet, heads: readonly string[]): void {
  const row = sheet.addRow([...heads])
  for (let at = 2; at <= heads.length; at++) row.getCell(at).style = heading
  row.height = 32
  row.commit()
}

function put(cell: ExcelJS.Cell, value: string | number | Date | null, style: Partial<ExcelJS.Style>): void {
  if (value !== null) cell.value = value
  // One style object for all cells of a kind: exceljs knows it again.
  cell.style = style
}

// ---- tables: a row a line, with the unit's code

type TableRow = { code: string; name: string; cells: Record<string, unknown>; mark?: Mark | undefined }

function gather(into: TableRow[], row: OutRow, field: ResolvedField, values: Values): void {
  const lines = Array.isArray(values[field.code]) ? (values[field.code] as Record<string, unknown>[]) : []
  const marked = row.marks?.[field.code]
  for (const [at, cells] of lines.entries()) into.push({ code: row.code, name: row.name, cells, mark: at === 0 ? marked : undefined })
  if (lines.length === 0 && marked) into.push({ code: row.code, name: row.name, cells: {}, mark: marked })
}

/** Empty lines at the end of a table of one unit. */
const spareLines = 20

function writeTable(book: Book, out: OutBook, field: ResolvedField, rows: readonly TableRow[], lists: Lists, one: OutRow | undefined): void {
  const { form, locale } = out
  const say = sayer(locale)
  const columns = field.columns ?? []
  const sheet = book.addWorksheet(inWords(field.name, locale).replace(/[\\/?*[\]:]/g, ' ').slice(0, 28), { views: [{ state: 'frozen', ySplit: firstDataRow - 1 }] })
  sheet.columns = [{ width: 2, hidden: true }, { width: 16 }, { width: 18 }, ...columns.map(() => ({ width: 16 }))]
  const first = sheet.addRow([null, `${inWords(field.name, locale)} · ${out.title}`])
  first.getCell(2).font = { bold: true, size: 14 }
  first.commit()
  sheet.addRow([null, [field.help, field.definition].filter((part) => part !== null).map((part) => inWords(part, locale)).join(' ') || say('一行一条，写明单位代码。', 'One line each, with the unit’s code.')]).commit()
  const codes = sheet.addRow([writeStamp({ form: form.code, version: form.version, period: out.periodText, layout: 'table', table: field.code }), 'unit.code', 'unit.name', ...columns.map((column) => column.code)])
  codes.hidden = true
  codes.commit()
  headRow(sheet, ['', say('单位代码', 'Unit code'), say('单位', 'Unit'), ...columns.map((column) => headOf(column, locale))])
  const styles = columns.map((column) => styleOf(column, false))
  const spare = one ? Array.from({ length: spareLines }, (): TableRow => ({ code: one.code, name: one.name, cells: {} })) : []
  for (const { code, name, cells, mark: marked } of [...rows, ...spare]) {
    const row = sheet.addRow([])
    put(row.getCell(2), code, asText)
    put(row.getCell(3), name, locked)
    for (const [at, column] of columns.entries()) put(row.getCell(at + 4), cellValue(column, cells[column.code], locale), styles[at]!)
    if (marked) mark(row.getCell(4), marked)
    row.commit()
  }
  const last = firstDataRow + rows.length + Math.max(spare.length, 200)
  for (const [at, column] of columns.entries()) guide(sheet, `${lettersOf(at + 4)}${firstDataRow}:${lettersOf(at + 4)}${last}`, column as Column & { definition: null }, lists, locale)
  sheet.commit()
}

// ---- one unit: a row a field

/** Writes the return of one unit, a row a field, as a clerk fills it in. @param last the former period, for the eye; @param sources where a known value comes from, by field */
export async function writeOne(stream: Writable, out: OutBook, row: OutRow, { last, sources }: { last: Values | null; sources: Readonly<Record<string, string>> }): Promise<void> {
  const { form, locale } = out
  const say = sayer(locale)
  const book = bookInto(stream)
  const lists = new Lists(locale)
  const sheet = book.addWorksheet(say('填报', 'Return'), { views: [{ state: 'frozen', ySplit: firstDataRow - 1 }] })
  sheet.columns = [{ width: 2, hidden: true }, { width: 24 }, { width: 22 }, { width: 8 }, { width: 18 }, { width: 60 }]
  top(sheet, out)
  const bases = basesOf(form, row.held)
  const codes = sheet.addRow([writeStamp({ form: form.code, version: form.version, period: out.periodText, layout: 'one', unit: row.code, v: row.v, d: row.d, b: Object.fromEntries(tableFields(form).map(({ code }) => [code, bases[code]])) }), 'field.name', 'value', 'field.unit', 'field.last', 'field.about'])
  codes.hidden = true
  codes.commit()
  headRow(sheet, ['', say('项目', 'Item'), say('填写', 'Fill in'), say('单位', 'Unit'), say('上期', 'Last time'), say('说明', 'About')])
  const values = row.values ?? row.held
  const guided: [number, ResolvedField][] = []
  let number = firstDataRow - 1
  for (const [at, section] of form.sections.entries()) {
    const fields = columnFields(form).filter((field) => field.section === at)
    if (fields.length === 0) continue
    number++
    const title = sheet.addRow([null, inWords(section, locale)])
    title.getCell(2).font = { bold: true }
    title.commit()
    for (const field of fields) {
      number++
      const written = sheet.addRow([])
      put(written.getCell(1), writeRowStamp({ f: field.code, b: { [field.code]: bases[field.code] } }), plainMark)
      put(written.getCell(2), `${inWords(field.name, locale)}${field.required ? ' *' : ''}`, locked)
      put(written.getCell(3), cellValue(field, values[field.code], locale), styleOf(field, field.kind !== 'asks'))
      put(written.getCell(4), unitOf(field, locale), locked)
      put(written.getCell(5), cellValue(field, last?.[field.code], locale), styleOf(field, true))
      const words = [field.help, field.definition].filter((part) => part !== null).map((part) => inWords(part, locale))
      put(written.getCell(6), [...words, sources[field.code]].filter((part) => part !== undefined).join(' '), { ...locked, alignment: { wrapText: true, vertical: 'middle' } })
      const marked = row.marks?.[field.code]
      if (marked) mark(written.getCell(3), marked)
      written.commit()
      if (field.kind === 'asks') guided.push([number, field])
    }
  }
  for (const [at, field] of guided) guide(sheet, `C${at}`, field, lists, locale)
  await sheet.protect('', protection)
  sheet.commit()
  for (const field of tableFields(form)) {
    const lines: TableRow[] = []
    gather(lines, row, field, values)
    writeTable(book, out, field, lines, lists, row)
  }
  about(book, form, locale)
  lists.write(book)
  await book.commit()
}
