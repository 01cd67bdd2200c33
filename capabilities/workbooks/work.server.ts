import { randomUUID } from 'node:crypto'
import { todayIn } from '../../rules/civil-date.ts'
import { isProblem, Problem } from '../../rules/problem.ts'
import type { Database, Tx } from '../../server/db.ts'
import { later, type JobCall, type Jobs } from '../../server/queue.ts'
import type { ResolvedForm } from '../ledgers/form-definition.ts'
import { formOf } from '../ledgers/ledgers.reads.ts'
import { findByIndex, formInVersion, mustBeAsked, returnsNow, saveDrafts, submitReturns, wholeFiles, type ReturnNow } from '../ledgers/many.reads.ts'
import { unitIdsByCode } from '../units/units.reads.ts'
import { firstCellOf, type CellFinding, type FileRow } from './file-row.ts'
import { draftValues, judgeRow, wantedOf, type Judged, type Wanted } from './judge-row.ts'
import { clearLeftOver, fetchFor, removeFor } from './kept-file.server.ts'
import { mapVersion, type VersionMap } from './map-version.ts'
import { openBook, type Book } from './open-book.server.ts'
import { refused } from './open-zip.server.ts'
import { findPlaces, readMany, readOne, readTable, strangeColumns, type Places, type TableOf } from './read-book.server.ts'
import * as queries from './workbooks.sql.ts'
import type { FillGrant, ImportFull, NewRow, StagedRow } from './workbooks.sql.ts'

/** Rows are judged and staged in batches of this many; each is one transaction and one step of the progress. */
const batch = 500
/** Batches that may be on their way into the database while the file is read on. */
const ahead = 2
/** More units than a country has villages in a county a hundred times over. */
const mostRows = 60_000
/** A run that has not moved for so long was killed; another takes over. */
const stalledSeconds = 60

/** The run was taken over by another one; whatever it was about to do, the other does. */
class TakenOver extends Error {}

const mayFill = (grants: readonly FillGrant[], path: readonly number[]) => grants.find(({ unit }) => path.includes(unit))

// ---- reading

async function readImport(id: number, call: JobCall): Promise<void> {
  const { database, dataDir, files, now } = call
  const run = randomUUID()
  const found = await database.transaction(async (tx) => {
    const one = await queries.importForUpdate(tx, id)
    if (!one || (one.state !== 'waiting' && one.state !== 'reading')) return undefined
    await queries.takeOver(tx, id, run, 'reading')
    await queries.startOver(tx, id)
    return one
  })
  if (!found) return
  try {
    const copy = await fetchFor(files, dataDir, id)
    if (!copy) throw refused('file-gone')
    try {
      const book = await openBook(copy.path)
      try {
        const about = await stage(book, found, run, call)
        await database.transaction((tx) => queries.endReading(tx, id, run, about, now))
      } finally {
        book.close()
      }
    } finally {
      await copy.drop()
    }
    await removeFor(files, id)
  } catch (error) {
    if (error instanceof TakenOver) return
    if (!isProblem(error)) throw error
    await database.transaction((tx) => queries.refuseImport(tx, id, { code: error.code, facts: error.facts, findings: error.findings.map(({ code, path, facts = {} }) => ({ code, path, facts })) }))
    await removeFor(files, id)
  }
}

async function stage(book: Book, found: ImportFull, run: string, { database }: JobCall): Promise<queries.About> {
  const { db } = database
  await mustBeAsked(db, found.form)
  const places = await findPlaces(book)
  const form = await formOf(db, found.form)
  const before = form.version === found.formVersion ? form : await formInVersion(db, found.form, found.formVersion)
  const map = versionMap(before, form)
  const readable = new Set(map.fields)
  const surveyed = await places.main.sheet.survey()
  const tables = await readTables(places, before!, readable, found.layout === 'one' ? places.stamp.unit : undefined)
  const staging = new Staging(found, run, form, { before: before!, readable, tables })
  if (!(await queries.stepOn(db, found.id, run, { rowsTotal: Math.max(1, surveyed.rows - places.main.codesRow - 1) }))) throw new TakenOver()
  let hidden = 0
  // Whatever breaks, a batch that is on its way has ended before the file is closed.
  await using _ = { [Symbol.asyncDispose]: () => staging.settled() }
  if (found.layout === 'one') {
    const one = await readOne(places.main, before!, surveyed.merges)
    hidden = one.hidden
    staging.add(one.row, one.read)
  } else {
    let read = 0
    for await (const part of readMany(places.main, before!, surveyed.merges)) {
      ;({ hidden, read } = part)
      for (const row of part.rows) staging.add(row, read)
      if (staging.count > mostRows) throw refused('too-many-rows', { limit: mostRows })
      await staging.full(database)
    }
  }
  await staging.rest(database)
  await database.transaction((tx) => queries.flagTwice(tx, found.id, staging.twice))
  return { versionNow: form.version, added: map.added, removed: map.removed, strangeColumns: await strangeColumns(places.main), hiddenRows: hidden }
}

/** Throws Problem `workbook-refused` with every field that has another meaning now. */
function versionMap(before: ResolvedForm | undefined, form: ResolvedForm): VersionMap {
  if (!before) throw refused('form-changed', { version: form.version })
  const map = mapVersion(before, form)
  if (map.changed.length > 0 || map.fields.length === 0) {
    throw new Problem('workbook-refused', {
      facts: { reason: 'form-changed' },
      findings: [
        { code: 'workbook-form-changed', path: '', facts: { version: before.version, now: form.version } },
        ...map.changed.map(({ name, why, field }) => ({ code: `workbook-field-${why}`, path: field, facts: { name } })),
      ],
    })
  }
  return map
}

type Tables = { sheets: Record<string, string>; byField: Map<string, Map<string, TableOf>>; lost: CellFinding[] }

async function readTables(places: Places, form: ResolvedForm, readable: ReadonlySet<string>, one: string | undefined): Promise<Tables> {
  const tables: Tables = { sheets: {}, byField: new Map(), lost: [] }
  for (const [code, place] of places.tables) {
    const field = form.fields.find((other) => other.code === code && other.kind === 'asks' && other.type === 'table')
    if (!field || !readable.has(code)) continue
    const { byUnit, lost } = await readTable(place, field, one)
    tables.sheets[code] = place.sheet.name
    tables.byField.set(code, byUnit)
    tables.lost.push(...lost)
  }
  return tables
}

/**
 * Rows on their way from the file into the database: judged against what is there, a batch at a time. While the database
 * works on a batch, the next two are read: neither waits for the other, and no more than that is held.
 */
class Staging {
  /** Codes that stand in several rows: nobody can say which of them is meant. */
  readonly twice: string[] = []
  count = 0
  private same = 0
  private n = 0
  private read = 0
  private waiting: FileRow[] = []
  private ready: NewRow[] = []
  private readonly going: Promise<void>[] = []
  private readonly seen = new Map<string, number>()
  private readonly found: ImportFull
  private readonly run: string
  private readonly form: ResolvedForm
  private readonly from: { before: ResolvedForm; readable: ReadonlySet<string>; tables: Tables }
  constructor(found: ImportFull, run: string, form: ResolvedForm, from: { before: ResolvedForm; readable: ReadonlySet<string>; tables: Tables }) {
    this.found = found
    this.run = run
    this.form = form
    this.from = from
  }

  /** @param read how many rows of the file were read with it */
  add(row: FileRow, read: number): void {
    this.count++
    this.read = read
    if (row.code !== undefined) {
      const first = this.seen.get(row.code)
      if (first !== undefined) {
        this.twice.push(row.code)
        row.findings.push({ level: 'error', code: 'row-twice', facts: { code: row.code, other: first }, sheet: row.sheet, cell: `A${row.row}` })
      } else this.seen.set(row.code, row.row)
      for (const [field, byUnit] of this.from.tables.byField) {
        takeTable(row, field, byUnit.get(row.code))
        byUnit.delete(row.code)
      }
    }
    this.waiting.push(row)
  }

  /** Table lines whose unit has no row in the main sheet, and lines without a unit. */
  private lostTables(): void {
    const { sheets, byField, lost } = this.from.tables
    const staged = (code: string | null, findings: CellFinding[]) => this.stageRow({ code, unit: null, county: null, name: null }, { changes: {}, findings, columns: {}, cells: {}, sheet: findings[0]!.sheet, row: 0 }, refusedAs(findings))
    for (const finding of lost) staged(null, [finding])
    for (const [field, byUnit] of byField) {
      for (const [code, table] of byUnit) staged(code, [{ level: 'error', code: 'unit-not-in-main', facts: { code }, sheet: sheets[field]!, ...(table.cells[0] ? { cell: table.cells[0] } : {}), field }])
    }
  }

  /** Judges and keeps the batches that are full. */
  async full(database: Database): Promise<void> {
    while (this.waiting.length >= batch) await this.next(database, this.waiting.splice(0, batch))
  }

  /** Judges and keeps what is left, with the lines of tables whose unit has no row. */
  async rest(database: Database): Promise<void> {
    await this.full(database)
    await this.next(database, this.waiting.splice(0))
    while (this.going.length > 0) await this.going.shift()
    this.lostTables()
    await this.next(database, [])
    await this.going.shift()
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.going)
  }

  /** Puts a batch behind those that are on their way, and waits while there are too many of them. */
  private async next(database: Database, rows: readonly FileRow[]): Promise<void> {
    const { read } = this
    const before = this.going.at(-1)
    const step = this.step(database, rows, read, before)
    // Whoever waits for it hears of it; nobody may be waiting yet.
    step.catch(() => undefined)
    this.going.push(step)
    while (this.going.length > ahead) await this.going.shift()
  }

  private async step(database: Database, rows: readonly FileRow[], read: number, before: Promise<void> | undefined): Promise<void> {
    await before
    await database.transaction(async (tx) => {
      await queries.notWaitForDisk(tx)
      if (rows.length > 0) await this.judge(tx, rows)
      const ready = this.ready.splice(0)
      if (!(await queries.stepOn(tx, this.found.id, this.run, { rowsSame: this.same, rowsRead: read }))) throw new TakenOver()
      if (ready.length > 0) await queries.addRows(tx, this.found.id, ready)
    })
  }

  private async judge(tx: Tx, rows: readonly FileRow[]): Promise<void> {
    const codes = rows.flatMap(({ code }) => (code === undefined ? [] : [code]))
    await findByIndex(tx)
    const known = new Map((await returnsNow(tx, this.form, this.found.period, { codes })).map((now) => [now.code, now]))
    const strangers = codes.filter((code) => !known.has(code))
    const others = strangers.length > 0 ? await unitIdsByCode(tx, strangers) : new Map<string, number>()
    for (const row of rows) {
      const { before, readable, tables } = this.from
      const wanted: Wanted = { ...wantedOf(row, before, readable), ...(tables.byField.size > 0 ? { tables: tables.sheets } : {}) }
      const now = row.code === undefined ? undefined : known.get(row.code)
      const whole = (code: string) => wanted.findings.push({ level: 'error', code, facts: { code: row.code }, sheet: row.sheet, cell: firstCellOf(row) })
      if (now && !mayFill(this.found.grants, now.path)) {
        if (Object.keys(wanted.changes).length > 0 || wanted.findings.length > 0) {
          whole('not-yours')
          this.stageRow({ code: row.code!, unit: null, county: null, name: null }, wanted, refusedAs(wanted.findings))
        } else this.same++
        continue
      }
      if (!now) {
        if (row.code !== undefined) whole(others.has(row.code) ? 'not-asked' : 'unit-unknown')
        this.stageRow({ code: row.code ?? null, unit: null, county: null, name: null }, wanted, refusedAs(wanted.findings))
        continue
      }
      const judged = judgeRow(this.form, wanted, now)
      if (judged.state === 'same') this.same++
      else this.stageRow({ code: now.code, unit: now.unit, county: now.county, name: now.name }, wanted, judged)
    }
  }

  private stageRow(of: Pick<NewRow, 'code' | 'unit' | 'county' | 'name'>, wanted: Wanted, judged: NewRow['judged']): void {
    this.ready.push({ n: this.n++, ...of, judged, wanted })
  }
}

/** The lines of a unit's table become a value of its row; without a line the table is empty. */
function takeTable(row: FileRow, field: string, table: TableOf | undefined): void {
  if (!table) {
    row.mine[field] = null
    return
  }
  row.findings.push(...table.findings)
  for (const [at, cell] of table.cells.entries()) row.cells[`${field}.${at}`] = cell
  if (table.cells[0]) row.cells[field] = table.cells[0]
  if (table.findings.every(({ level }) => level !== 'error')) row.mine[field] = table.lines
}

const refusedAs = (findings: CellFinding[]): NewRow['judged'] => ({ state: 'refused', findings, conflicts: [], correction: false })

// ---- putting in

async function putIn(id: number, { database, now }: JobCall): Promise<void> {
  const run = randomUUID()
  const found = await database.transaction(async (tx) => {
    const one = await queries.importForUpdate(tx, id)
    if (!one || one.state !== 'puttingIn' || !one.put) return undefined
    await queries.takeOver(tx, id, run, 'puttingIn')
    return one
  })
  if (!found) return
  const form = await formOf(database.db, found.form)
  // A second pass takes up what somebody else moved while the first was at it.
  for (let pass = 0; pass < 2; pass++) {
    for (let after = -1; ; ) {
      const last = await database.transaction((tx) => putInBatch(tx, found, form, { run, after, now }))
      if (last === 'takenOver') return
      if (last === undefined) break
      after = last
    }
  }
  await database.transaction((tx) => queries.setState(tx, id, 'read'))
}

/** @returns the last row that was looked at; undefined when there is none left */
async function putInBatch(tx: Tx, found: ImportFull, form: ResolvedForm, { run, after, now }: { run: string; after: number; now: Date }): Promise<number | undefined | 'takenOver'> {
  if (!(await queries.stepOn(tx, found.id, run))) return 'takenOver'
  await findByIndex(tx)
  const put = found.put!
  const rows = await queries.rowsToPutIn(tx, found.id, put, after, batch)
  if (rows.length === 0) return undefined
  const judged = await judgeStaged(tx, found, form, rows, put.grants, { hold: true })
  if (put.as === 'submit') for (const one of judged) await filesMustBeWhole(tx, form, one)
  const good = judged.flatMap(({ row, now: stands, judged: one }) => (stands && one.state === 'good' ? [{ row, stands, values: one.values, clean: one.clean }] : []))
  const done = put.as === 'draft'
    ? await saveDrafts(tx, form, found.period, good.map(({ stands, values }) => ({ unit: stands.unit, version: stands.draftVersion, values: draftValues(form, values) })), { by: put.by, at: now })
    : await submitReturns(
        tx, form, found.period,
        good.map(({ stands, clean }) => ({ unit: stands.unit, unitClass: stands.unitClass, county: stands.county, version: stands.version, draftVersion: stands.draftVersion, state: stands.state, due: stands.due, values: clean, post: mayFill(put.grants, stands.path)?.post || undefined })),
        { by: put.by, at: now, today: todayIn(now.getTime()), note: put.note },
      )
  const isIn = ({ now: stands, judged: one }: (typeof judged)[number]) => stands !== undefined && (one.state === 'same' || (one.state === 'good' && done.has(stands.unit)))
  await queries.markIn(tx, found.id, judged.filter(isIn).map(({ row }) => row.n), put.as, now)
  const changed = judged.filter((one) => !isIn(one) && one.judged.state !== 'good')
  await queries.judgeAgain(tx, found.id, changed.map(({ row, judged: one }) => ({ n: row.n, judged: one, choices: row.choices })))
  return rows.at(-1)!.n
}

/** A draft that went along may name a file that never came whole: such a return waits, as it would on its page. */
async function filesMustBeWhole(tx: Tx, form: ResolvedForm, { row, now, judged }: JudgedRow): Promise<void> {
  if (judged.state !== 'good' || !now) return
  for (const field of form.fields) {
    const files = judged.values[field.code]
    if (field.type !== 'file' || !Array.isArray(files) || files.length === 0) continue
    const whole = await wholeFiles(tx, now.unit, (files as { id: string }[]).map(({ id }) => id))
    const missing = (files as { id: string; name: string }[]).filter(({ id }) => !whole.has(id))
    if (missing.length === 0) continue
    judged.state = 'bad'
    judged.findings.push({ level: 'error', code: 'file-unknown', facts: { names: missing.map(({ name }) => name) }, sheet: row.wanted.sheet, field: field.code })
  }
}

export type JudgedRow = { row: StagedRow; now: ReturnNow | undefined; judged: Judged }

/** Judges staged rows against what is there now; a unit that is not asked or not reached any more is refused. */
export async function judgeStaged(tx: Tx, found: ImportFull, form: ResolvedForm, rows: readonly StagedRow[], grants: readonly FillGrant[], { hold = false } = {}): Promise<JudgedRow[]> {
  const codes = rows.flatMap(({ code }) => (code === null ? [] : [code]))
  const known = new Map((await returnsNow(tx, form, found.period, { codes }, { hold })).map((now) => [now.code, now]))
  return rows.map((row) => {
    const now = row.code === null ? undefined : known.get(row.code)
    const may = now && mayFill(grants, now.path)
    if (now && may && row.unit !== null) return { row, now, judged: judgeRow(form, row.wanted, now, row.choices) }
    const findings = [...row.wanted.findings]
    const code = now ? 'not-yours' : 'not-asked'
    if (!findings.some((finding) => ['not-yours', 'not-asked', 'unit-unknown', 'no-unit', 'unit-not-in-main'].includes(finding.code))) findings.push({ level: 'error', code, facts: { code: row.code }, sheet: row.wanted.sheet, cell: firstCellOf(row.wanted) })
    return { row, now: may ? now : undefined, judged: { state: 'refused', findings, conflicts: [], values: {}, clean: {}, correction: false } }
  })
}

// ---- jobs

const idIn = (payload: unknown): number => Number((payload as { id: number }).id)

export const workbookJobs: Jobs = {
  'workbooks:read': (payload, call) => readImport(idIn(payload), call),
  'workbooks:putIn': (payload, call) => putIn(idIn(payload), call),
  /** Looks for runs that were killed and starts them again. */
  'workbooks:wake': async (_payload, { database, dataDir, now }) => {
    await clearLeftOver(dataDir, now)
    await database.transaction(async (tx) => {
      for (const { id, state } of await queries.stalled(tx, stalledSeconds)) {
        await later(tx, state === 'puttingIn' ? 'workbooks:putIn' : 'workbooks:read', { id }, { key: `workbook:${id}` })
      }
    })
  },
}
