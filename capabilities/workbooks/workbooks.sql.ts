import { json, many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import { inScope } from '../units/units.reads.ts'
import type { ImportState } from './import-life.ts'
import type { Judged, RowState, Wanted } from './judge-row.ts'
import type { Conflict } from './merge-row.ts'
import type { CellFinding } from './file-row.ts'

/** A post that lets its holder fill in for a unit and all below it, as it was when he asked. */
export type FillGrant = { post: number; unit: number }
export type About = { versionNow: number; added: { field: string; name: { zh: string; en: string } }[]; removed: { field: string; name: { zh: string; en: string } }[]; strangeColumns: string[]; hiddenRows: number }
export type Put = { as: 'draft' | 'submit'; confirmed: boolean; note: string | null; by: string; grants: FillGrant[] }

export type ImportFull = {
  id: number
  unit: number
  unitName: string
  form: string
  zh: string
  en: string
  formVersion: number
  period: number
  layout: 'many' | 'one'
  name: string
  sha256: string
  bytes: number
  state: ImportState
  run: string | null
  rowsTotal: number
  rowsRead: number
  rowsSame: number
  about: Partial<About>
  problem: { code: string; facts: Record<string, unknown>; findings: { code: string; path: string; facts: Record<string, unknown> }[] } | null
  put: Put | null
  grants: FillGrant[]
  broughtBy: string
  broughtAt: string
}

const columns = sql`i.id, i.unit_id as unit, u.name as "unitName", i.form, f.name_zh as zh, f.name_en as en, i.form_version as "formVersion", i.period, i.layout, i.name, i.sha256, i.bytes,
  i.state, i.run, i.rows_total as "rowsTotal", i.rows_read as "rowsRead", i.rows_same as "rowsSame", i.about, i.problem, i.put, i.grants, i.brought_by as "broughtBy", i.brought_at as "broughtAt"`
const withNames = sql`workbook_import i join unit u on u.id = i.unit_id join form f on f.code = i.form`

export function findImport(tx: Tx, id: number): Promise<ImportFull | undefined> {
  return maybe<ImportFull>(tx, sql`select ${columns} from ${withNames} where i.id = ${id}`)
}

/** Locks the import: what it does is decided by one at a time. */
export function importForUpdate(tx: Tx, id: number): Promise<ImportFull | undefined> {
  return maybe<ImportFull>(tx, sql`select ${columns} from ${withNames} where i.id = ${id} for update of i`)
}

export async function importsIn(tx: Tx, scope: readonly number[], { unit, limit, offset }: { unit: number | undefined; limit: number; offset: number }) {
  const where = sql`${await inScope(tx, 'u', scope)} and (${unit ?? null}::int is null or i.unit_id = ${unit ?? 0}) and i.state <> 'dropped'`
  const rows = await many<ImportFull>(tx, sql`select ${columns} from ${withNames} where ${where} order by i.id desc limit ${limit} offset ${offset}`)
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total from ${withNames} where ${where}`)
  return { rows, total }
}

export type Counts = Record<Exclude<RowState, 'same'> | 'in', number> & { noted: number; corrections: number }

/** @returns how many rows of each import are what */
export async function countsOf(tx: Tx, ids: readonly number[]): Promise<Map<number, Counts>> {
  const rows = await many<Counts & { id: number }>(
    tx,
    sql`select import_id as id, count(*) filter (where state = 'good')::int as good, count(*) filter (where state = 'bad')::int as bad, count(*) filter (where state = 'conflict')::int as conflict,
          count(*) filter (where state = 'refused')::int as refused, count(*) filter (where state = 'in')::int as in,
          count(*) filter (where state = 'good' and noted)::int as noted, count(*) filter (where state = 'good' and correction)::int as corrections
        from workbook_row where import_id = any(${ids}::int[]) group by 1`,
  )
  return new Map(rows.map(({ id, ...counts }) => [id, counts]))
}
export const noRows: Counts = { good: 0, bad: 0, conflict: 0, refused: 0, in: 0, noted: 0, corrections: 0 }

/** @returns the same file as this person brought it before, unless that was refused or dropped */
export function sameBrought(tx: Tx, { by, sha256, unit }: { by: string; sha256: string; unit: number }): Promise<{ id: number } | undefined> {
  return maybe(tx, sql`select id from workbook_import where brought_by = ${by} and sha256 = ${sha256} and unit_id = ${unit} and state not in ('refused', 'dropped') order by id desc limit 1`)
}

export async function addImport(
  tx: Tx,
  one_: { unit: number; form: string; formVersion: number; period: number; layout: 'many' | 'one'; name: string; sha256: string; bytes: number; grants: readonly FillGrant[]; by: string; at: Date },
): Promise<number> {
  const { id } = await one<{ id: number }>(
    tx,
    sql`insert into workbook_import (unit_id, form, form_version, period, layout, name, sha256, bytes, grants, brought_by, brought_at)
        values (${one_.unit}, ${one_.form}, ${one_.formVersion}, ${one_.period}, ${one_.layout}, ${one_.name}, ${one_.sha256}, ${one_.bytes}, ${json(one_.grants)}, ${one_.by}, ${one_.at}) returning id`,
  )
  return id
}

// ---- a run

/** A run takes the import over: whoever worked on it before stops at its next step. */
export function takeOver(tx: Tx, id: number, run_: string, state: 'reading' | 'puttingIn'): Promise<number> {
  return run(tx, sql`update workbook_import set run = ${run_}, state = ${state}, alive_at = clock_timestamp() where id = ${id}`)
}

/** One step forward. @returns whether the run still has the import */
export async function stepOn(tx: Tx, id: number, run_: string, { rowsRead, rowsTotal, rowsSame }: { rowsRead?: number; rowsTotal?: number; rowsSame?: number } = {}): Promise<boolean> {
  const changed = await run(
    tx,
    sql`update workbook_import set alive_at = clock_timestamp(), rows_read = coalesce(${rowsRead ?? null}::int, rows_read), rows_total = coalesce(${rowsTotal ?? null}::int, rows_total),
          rows_same = coalesce(${rowsSame ?? null}::int, rows_same) where id = ${id} and run = ${run_}`,
  )
  return changed > 0
}

export function startOver(tx: Tx, id: number): Promise<number> {
  return run(tx, sql`delete from workbook_row where import_id = ${id}`)
}

/** In the transaction: the commit does not wait for the disk. What a crash takes is read again; the commit that ends a run waits, for all before it. */
export const notWaitForDisk = (tx: Tx): Promise<number> => run(tx, sql`set local synchronous_commit = off`)

export function endReading(tx: Tx, id: number, run_: string, about: About, at: Date): Promise<number> {
  return run(tx, sql`update workbook_import set state = 'read', run = null, about = ${json(about)}, read_at = ${at} where id = ${id} and run = ${run_}`)
}

export function refuseImport(tx: Tx, id: number, problem: NonNullable<ImportFull['problem']>): Promise<number> {
  return run(tx, sql`update workbook_import set state = 'refused', run = null, problem = ${json(problem)} where id = ${id}`)
}

export function setState(tx: Tx, id: number, state: ImportState, put: Put | null = null): Promise<number> {
  return run(tx, sql`update workbook_import set state = ${state}, put = coalesce(${put === null ? null : json(put)}, put), run = null, alive_at = clock_timestamp() where id = ${id}`)
}

/** @returns imports that are being worked on and have not moved for so many seconds: their run was killed */
export function stalled(tx: Tx, seconds: number): Promise<{ id: number; state: ImportState }[]> {
  return many(tx, sql`select id, state from workbook_import where state in ('waiting', 'reading', 'puttingIn') and alive_at < clock_timestamp() - make_interval(secs => ${seconds}::int) order by id`)
}

// ---- rows

export type NewRow = { n: number; county: number | null; unit: number | null; code: string | null; name: string | null; judged: Pick<Judged, 'state' | 'findings' | 'conflicts' | 'correction'>; wanted: Wanted }

const isNoted = (findings: readonly CellFinding[]) => findings.some(({ level }) => level === 'note')

/**
 * A row's wish as it is kept: values and bases in two flat objects and places in one text. PostgreSQL stores and reads
 * that in a third of the time, because it stays below the size from which values are packed away.
 */
type Kept = { m: Record<string, unknown>; b: Record<string, unknown>; c: string } & Omit<Wanted, 'changes' | 'columns' | 'cells'>

function kept({ changes, columns, cells, ...rest }: Wanted): Kept {
  const m: Kept['m'] = {}
  const b: Kept['b'] = {}
  for (const [field, change] of Object.entries(changes)) {
    m[field] = change.mine
    if ('base' in change) b[field] = change.base
  }
  return { ...rest, m, b, c: joined(columns, cells) }
}

/** `people=D rooms.0=B9`: letters alone are a column of the row itself. */
const inText = new WeakMap<Wanted['columns'], string>()
function joined(columns: Wanted['columns'], cells: Wanted['cells']): string {
  const text = (places: Readonly<Record<string, string>>) => Object.entries(places).map(([field, place]) => `${field}=${place}`).join(' ')
  const shared = inText.get(columns) ?? text(columns)
  inText.set(columns, shared)
  const own = text(cells)
  return own === '' ? shared : `${shared} ${own}`
}

function split(text: string): Pick<Wanted, 'columns' | 'cells'> {
  const columns: Record<string, string> = {}
  const cells: Record<string, string> = {}
  for (const place of text.split(' ')) {
    const [field, at] = place.split('=')
    if (!field || !at) continue
    if (/\d/.test(at)) cells[field] = at
    else columns[field] = at
  }
  return { columns, cells }
}

function unpacked<Row extends { wanted: unknown }>(rows: Row[]): (Row & { wanted: Wanted })[] {
  // The rows of one sheet have their fields in the same columns.
  const known = new Map<string, Pick<Wanted, 'columns' | 'cells'>>()
  return rows.map((row) => {
    const { m, b, c, ...rest } = row.wanted as Kept
    const places = known.get(c) ?? split(c)
    known.set(c, places)
    const changes: Wanted['changes'] = {}
    for (const field in m) changes[field] = field in b ? { mine: m[field], base: b[field] } : { mine: m[field] }
    return { ...row, wanted: { ...rest, changes, ...places } }
  })
}

export function addRows(tx: Tx, id: number, rows: readonly NewRow[]): Promise<number> {
  const given = rows.map(({ judged, wanted, ...row }) => ({ ...row, wanted: kept(wanted), state: judged.state, findings: judged.findings, conflicts: judged.conflicts, correction: judged.correction, noted: isNoted(judged.findings) }))
  return run(
    tx,
    sql`insert into workbook_row (import_id, n, county_id, unit_id, code, name, state, wanted, findings, conflicts, noted, correction)
        select ${id}::int, (x->>'n')::int, (x->>'county')::int, (x->>'unit')::int, x->>'code', x->>'name', x->>'state', x->'wanted', x->'findings', x->'conflicts', (x->>'noted')::boolean, (x->>'correction')::boolean
        from jsonb_array_elements(${json(given)}) x`,
  )
}

export type StagedRow = {
  n: number
  unit: number | null
  code: string | null
  name: string | null
  state: 'good' | 'bad' | 'conflict' | 'refused' | 'in'
  wanted: Wanted
  findings: CellFinding[]
  conflicts: Conflict[]
  choices: Record<string, 'mine' | 'theirs'>
  correction: boolean
  doneAs: 'draft' | 'submit' | null
}
const rowColumns = sql`r.n, r.unit_id as unit, r.code, r.name, r.state, r.wanted, r.findings, r.conflicts, r.choices, r.correction, r.done_as as "doneAs"`

export async function rowsPage(tx: Tx, id: number, { state, noted, limit, offset }: { state: string | undefined; noted: boolean | undefined; limit: number; offset: number }) {
  const where = sql`r.import_id = ${id} and (${state ?? null}::text is null or r.state = ${state ?? ''}) and (${noted ?? null}::boolean is null or r.noted = ${noted ?? false})`
  const rows = unpacked(await many<StagedRow>(tx, sql`select ${rowColumns} from workbook_row r where ${where} order by r.n limit ${limit} offset ${offset}`))
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total from workbook_row r where ${where}`)
  return { rows, total }
}

/** @returns rows after `n` that are in one of these states, in the order of the file */
export async function rowsAfter(tx: Tx, id: number, states: readonly string[], after: number, limit: number): Promise<StagedRow[]> {
  return unpacked(await many<StagedRow>(tx, sql`select ${rowColumns} from workbook_row r where r.import_id = ${id} and r.state = any(${states}::text[]) and r.n > ${after} order by r.n limit ${limit}`))
}

/** @returns the next good rows that may go in by what was said */
export async function rowsToPutIn(tx: Tx, id: number, { as, confirmed, note }: Put, after: number, limit: number): Promise<StagedRow[]> {
  const rows = await many<StagedRow>(
    tx,
    sql`select ${rowColumns} from workbook_row r where r.import_id = ${id} and r.state = 'good' and r.n > ${after}
          and (${confirmed}::boolean or not r.noted) and (${as === 'draft' || note !== null}::boolean or not r.correction)
        order by r.n limit ${limit} for update`,
  )
  return unpacked(rows)
}

/** Writes anew how rows stand after they were judged again. */
export function judgeAgain(tx: Tx, id: number, rows: readonly { n: number; judged: Pick<Judged, 'findings' | 'conflicts' | 'correction'> & { state: string }; choices: Record<string, string> }[]): Promise<number> {
  const given = rows.map(({ n, judged, choices }) => ({ n, state: judged.state, findings: judged.findings, conflicts: judged.conflicts, correction: judged.correction, choices, noted: isNoted(judged.findings) }))
  return run(
    tx,
    sql`update workbook_row r set state = x->>'state', findings = x->'findings', conflicts = x->'conflicts', correction = (x->>'correction')::boolean, choices = x->'choices', noted = (x->>'noted')::boolean
        from jsonb_array_elements(${json(given)}) x where r.import_id = ${id} and r.n = (x->>'n')::int`,
  )
}

export function markIn(tx: Tx, id: number, ns: readonly number[], as: 'draft' | 'submit', at: Date): Promise<number> {
  return run(tx, sql`update workbook_row set state = 'in', done_as = ${as}, done_at = ${at} where import_id = ${id} and n = any(${ns}::int[])`)
}

/** A unit that stands in several rows: none of them goes in until the file says which is meant. */
export function flagTwice(tx: Tx, id: number, codes: readonly string[]): Promise<number> {
  const finding = sql`jsonb_build_object('level', 'error', 'code', 'row-twice', 'facts', jsonb_build_object('code', r.code), 'sheet', r.wanted->'sheet', 'cell', 'A' || (r.wanted->>'row'))`
  return run(
    tx,
    sql`update workbook_row r set state = 'bad', findings = r.findings || ${finding}, wanted = jsonb_set(r.wanted, '{findings}', (r.wanted->'findings') || ${finding})
        where r.import_id = ${id} and r.code = any(${codes}::text[]) and r.state in ('good', 'conflict')`,
  )
}
