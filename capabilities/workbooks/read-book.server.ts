import type { ResolvedField, ResolvedForm } from '../ledgers/form-definition.ts'
import type { CellFinding, FileRow } from './file-row.ts'
import { lettersOf, type Book, type Merge, type Sheet, type SheetRow } from './open-book.server.ts'
import { refused } from './open-zip.server.ts'
import { plainWords, readCell, readCode, type CellWords, type RawCell } from './read-cell.ts'
import { readRowStamp, readStamp, type RowStamp, type Stamp } from './stamp.ts'

/** A sheet of ours in the file, whatever else the file holds. */
export type Place = { sheet: Sheet; stamp: Stamp; codesRow: number; markColumn: number; columns: Map<string, number> }
export type Places = { main: Place; tables: Map<string, Place>; stamp: Stamp }

/** The heading may have been pushed down by rows that somebody put above it. */
const searched = 200

/** Finds our sheets by their hidden row of codes. Throws Problem `workbook-refused` (no-stamp, two-headings). */
export async function findPlaces(book: Book): Promise<Places> {
  const places: Place[] = []
  for (const sheet of book.sheets) {
    const place = await placeIn(sheet)
    if (place) places.push(place)
  }
  const mains = places.filter(({ stamp }) => stamp.layout !== 'table')
  const [main, second] = mains
  if (!main) throw refused('no-stamp')
  if (second) throw refused('two-headings', { sheet: main.sheet.name, other: second.sheet.name })
  const tables = new Map<string, Place>()
  for (const place of places) {
    const { stamp } = place
    if (stamp.layout !== 'table' || stamp.table === undefined) continue
    if (stamp.form !== main.stamp.form || stamp.period !== main.stamp.period) continue
    if (tables.has(stamp.table)) throw refused('two-headings', { sheet: tables.get(stamp.table)!.sheet.name, other: place.sheet.name })
    tables.set(stamp.table, place)
  }
  return { main, tables, stamp: main.stamp }
}

async function placeIn(sheet: Sheet): Promise<Place | undefined> {
  let seen = 0
  for await (const rows of sheet.rows()) {
    for (const row of rows) {
      const place = placeAt(sheet, row)
      if (place) return place
      if (++seen >= searched) return undefined
    }
  }
  return undefined
}

function placeAt(sheet: Sheet, row: SheetRow): Place | undefined {
  for (const [column, cell] of row.cells.entries()) {
    const stamp = cell?.kind === 'text' ? readStamp(cell.text) : undefined
    if (!stamp) continue
    const columns = new Map<string, number>()
    for (const [at, other] of row.cells.entries()) {
      if (at === column || other?.kind !== 'text' || other.text.trim() === '') continue
      const code = other.text.trim()
      if (columns.has(code)) throw refused('two-headings', { sheet: `${sheet.name} ${lettersOf(columns.get(code)!)}`, other: `${sheet.name} ${lettersOf(at)}` })
      columns.set(code, at)
    }
    return { sheet, stamp, codesRow: row.number, markColumn: column, columns }
  }
  return undefined
}

/** Merged cells by row; one that spans very many rows is kept by itself. */
class Merged {
  private readonly byRow = new Map<number, Merge[]>()
  private readonly long: Merge[] = []
  constructor(merges: readonly Merge[]) {
    for (const merge of merges) {
      if (merge.bottom - merge.top > 500) this.long.push(merge)
      else for (let row = merge.top; row <= merge.bottom; row++) this.byRow.set(row, [...(this.byRow.get(row) ?? []), merge])
    }
  }
  at(row: number, column: number): Merge | undefined {
    const here = (merge: Merge) => merge.left <= column && column <= merge.right
    return this.byRow.get(row)?.find(here) ?? this.long.find((merge) => merge.top <= row && row <= merge.bottom && here(merge))
  }
  get none(): boolean {
    return this.byRow.size === 0 && this.long.length === 0
  }
}

type Kind = Parameters<typeof readCell>[0]
type Reading = { place: Place; merged: Merged; taken: ReadonlySet<number> }

/** @returns the value of one cell; what cannot be read, or stands in cells that somebody merged over others of ours, becomes a finding. */
function take(reading: Reading, row: SheetRow, column: number, kind: Kind, findings: CellFinding[], field: string, columnCode?: string): unknown {
  const cell = row.cells[column]
  const told = (level: 'error' | 'note', { code, facts }: CellWords) => {
    const raw = rawText(cell)
    const where = { sheet: reading.place.sheet.name, cell: `${lettersOf(column)}${row.number}`, field, ...(columnCode === undefined ? {} : { column: columnCode }) }
    findings.push({ level, code, facts, ...where, ...(raw === undefined ? {} : { raw }) })
  }
  if (!reading.merged.none) {
    const merge = reading.merged.at(row.number, column)
    if (merge && overOthers(merge, column, reading)) {
      told('error', { code: 'merged', facts: { range: `${lettersOf(merge.left)}${merge.top}:${lettersOf(merge.right)}${merge.bottom}` } })
      return undefined
    }
  }
  const read = readCell(kind, cell)
  if ('bad' in read) {
    told('error', read.bad)
    return undefined
  }
  if (read.notes.length > 0) for (const note of read.notes) told('note', note)
  return read.value
}

/** A merge is harmless unless it lies over rows, or over other columns, of ours. */
function overOthers(merge: Merge, column: number, { taken }: Reading): boolean {
  if (merge.bottom > merge.top) return true
  for (let other = merge.left; other <= merge.right; other++) if (other !== column && taken.has(other)) return true
  return false
}

function rawText(cell: RawCell | undefined): string | undefined {
  if (!cell || cell.kind === 'none') return undefined
  return (cell.kind === 'boolean' ? String(cell.value).toUpperCase() : cell.text).slice(0, 500)
}

const isEmpty = (cell: RawCell | undefined) => cell === undefined || (cell.kind === 'text' && cell.text.trim() === '')

// ---- tables

export type TableOf = { lines: Record<string, unknown>[]; cells: string[]; findings: CellFinding[] }

/** Reads a table's sheet: the lines by unit code. Lines without a code belong to `one`, else they are findings. */
export async function readTable(place: Place, field: ResolvedField, one: string | undefined): Promise<{ byUnit: Map<string, TableOf>; lost: CellFinding[] }> {
  const columns = (field.columns ?? []).flatMap((column) => (place.columns.has(column.code) ? [{ column, at: place.columns.get(column.code)! }] : []))
  const codeAt = place.columns.get('unit.code')
  const { merges } = await place.sheet.survey()
  const reading: Reading = { place, merged: new Merged(merges), taken: new Set([...columns.map(({ at }) => at), ...(codeAt === undefined ? [] : [codeAt])]) }
  const byUnit = new Map<string, TableOf>()
  const lost: CellFinding[] = []
  for await (const rows of place.sheet.rows()) {
    for (const row of rows) {
      if (row.number <= place.codesRow || columns.every(({ at }) => isEmpty(row.cells[at]))) continue
      const code = codeAt === undefined ? undefined : readCode(row.cells[codeAt])
      if (typeof code === 'string' && headings.has(plainWords(code))) continue
      const unit = typeof code === 'string' ? code : one
      if (unit === undefined) {
        lost.push({ level: 'error', ...(typeof code === 'object' ? code.bad : { code: 'no-unit', facts: {} }), sheet: place.sheet.name, cell: `${lettersOf(codeAt ?? 1)}${row.number}`, field: field.code })
        continue
      }
      const of = byUnit.get(unit) ?? { lines: [], cells: [], findings: [] }
      byUnit.set(unit, of)
      const line: Record<string, unknown> = {}
      for (const { column, at } of columns) {
        const value = take(reading, row, at, { type: column.type, unit: column.unit ?? null, hedged: false, choices: column.choices ?? null }, of.findings, field.code, column.code)
        if (value !== undefined && value !== null) line[column.code] = value
      }
      of.lines.push(line)
      of.cells.push(`${lettersOf(columns[0]?.at ?? 1)}${row.number}`)
    }
  }
  return { byUnit, lost }
}

const headings = new Set(['单位代码', 'unitcode'].map(plainWords))

// ---- rows

/** Fields of the form that the file asks or shows, with the column each stands in. */
function columnsOf(place: Place, form: Pick<ResolvedForm, 'fields'>) {
  return form.fields.flatMap((field) => {
    const at = place.columns.get(field.code)
    return at === undefined || field.type === 'table' || field.type === 'file' || field.kind === 'computed' ? [] : [{ field, at }]
  })
}

/** @returns headings of columns that the file has beside ours, by column; they are not read */
export async function strangeColumns(place: Place): Promise<string[]> {
  const ours = new Set([place.markColumn, ...place.columns.values()])
  for await (const rows of place.sheet.rows()) {
    for (const row of rows) {
      if (row.number <= place.codesRow) continue
      return [...row.cells.entries()].flatMap(([column, cell]) => (ours.has(column) || cell?.kind !== 'text' || cell.text.trim() === '' ? [] : [cell.text.trim().slice(0, 40)])).slice(0, 20)
    }
  }
  return []
}

/**
 * Reads the rows of a workbook with a row a unit. A mark that sorting has torn from its row is brought back to it: such
 * rows come last.
 * @param form the fields that are read: of the version that the workbook was made for
 */
export async function* readMany(place: Place, form: Pick<ResolvedForm, 'fields'>, merges: readonly Merge[]): AsyncGenerator<{ rows: FileRow[]; read: number; hidden: number }> {
  const columns = columnsOf(place, form)
  const letters = Object.fromEntries(columns.map(({ field, at }) => [field.code, lettersOf(at)]))
  const codeAt = place.columns.get('unit.code')
  const reading: Reading = { place, merged: new Merged(merges), taken: new Set(columns.map(({ at }) => at)) }
  const torn: FileRow[] = []
  const marks = new Map<string, RowStamp>()
  let read = 0
  let hidden = 0
  for await (const batch of place.sheet.rows()) {
    const out: FileRow[] = []
    for (const row of batch) {
      if (row.number <= place.codesRow) continue
      const markCell = row.cells[place.markColumn]
      const mark = markCell?.kind === 'text' ? readRowStamp(markCell.text) : undefined
      const given = codeAt === undefined ? undefined : readCode(row.cells[codeAt])
      if (typeof given === 'string' && headings.has(plainWords(given))) continue
      read++
      const empty = columns.every(({ at }) => isEmpty(row.cells[at]))
      if (given === undefined && empty && !mark) continue
      if (row.hidden) hidden++
      const file: FileRow = { sheet: place.sheet.name, row: row.number, code: undefined, mark: undefined, mine: {}, findings: [], columns: letters, cells: {} }
      const where = { sheet: file.sheet, cell: `${lettersOf(codeAt ?? place.markColumn)}${row.number}` }
      if (typeof given === 'object') file.findings.push({ level: 'error', ...given.bad, ...where })
      else if (given === undefined && mark?.u === undefined) file.findings.push({ level: 'error', code: 'no-unit', facts: {}, ...where })
      else file.code = given ?? mark!.u
      for (const { field, at } of columns) {
        const value = take(reading, row, at, field, file.findings, field.code)
        if (value !== undefined) file.mine[field.code] = value
      }
      if (mark && mark.u === file.code) file.mark = mark
      else if (mark?.u !== undefined) marks.set(mark.u, mark)
      if (file.code !== undefined && !file.mark) torn.push(file)
      else out.push(file)
    }
    yield { rows: out, read, hidden }
  }
  for (const file of torn) file.mark = marks.get(file.code!)
  yield { rows: torn, read, hidden }
}

/** Reads a workbook of one unit, a row a field. */
export async function readOne(place: Place, form: Pick<ResolvedForm, 'fields'>, merges: readonly Merge[]): Promise<{ row: FileRow; hidden: number; read: number }> {
  const { stamp } = place
  const valueAt = place.columns.get('value')
  const nameAt = place.columns.get('field.name')
  if (valueAt === undefined) throw refused('no-stamp')
  const byCode = new Map(form.fields.map((field) => [field.code, field]))
  const byName = new Map(form.fields.flatMap((field) => [field.name.zh, field.name.en].map((name) => [plainWords(name), field] as const)))
  const reading: Reading = { place, merged: new Merged(merges), taken: new Set([valueAt]) }
  const row: FileRow = { sheet: place.sheet.name, row: place.codesRow, code: stamp.unit, mark: { b: { ...stamp.b }, ...(stamp.v === undefined ? {} : { v: stamp.v }), ...(stamp.d === undefined ? {} : { d: stamp.d }) }, mine: {}, findings: [], columns: {}, cells: {} }
  let hidden = 0
  let read = 0
  for await (const batch of place.sheet.rows()) {
    for (const line of batch) {
      if (line.number <= place.codesRow) continue
      read++
      const markCell = line.cells[place.markColumn]
      const mark = markCell?.kind === 'text' ? readRowStamp(markCell.text) : undefined
      const name = nameAt === undefined ? undefined : line.cells[nameAt]
      const field = (mark?.f === undefined ? undefined : byCode.get(mark.f)) ?? (name?.kind === 'text' ? byName.get(plainWords(name.text).replace(/\*$/, '')) : undefined)
      if (!field || field.kind === 'computed' || field.type === 'table' || field.type === 'file') continue
      if (line.hidden) hidden++
      if (row.cells[field.code]) {
        row.findings.push({ level: 'error', code: 'field-twice', facts: { other: row.cells[field.code] }, sheet: row.sheet, cell: `${lettersOf(valueAt)}${line.number}`, field: field.code })
        continue
      }
      row.cells[field.code] = `${lettersOf(valueAt)}${line.number}`
      const value = take(reading, line, valueAt, field, row.findings, field.code)
      if (value !== undefined) row.mine[field.code] = value
      Object.assign(row.mark!.b, mark?.b)
    }
  }
  return { row, hidden, read }
}
