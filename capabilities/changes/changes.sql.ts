import { json, many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import { inSubtree, type Condition, type Unit } from '../units/units.reads.ts'
import type { Change, ChangeKind } from './change.ts'
import type { ChangeRow, Report } from './changes.contract.ts'
import type { Moved } from './moved.ts'

export async function savepoint(tx: Tx): Promise<void> {
  await run(tx, sql`savepoint structure_change`)
}
/** Takes back everything since the savepoint, which stays. */
export async function rollBack(tx: Tx): Promise<void> {
  await run(tx, sql`rollback to savepoint structure_change`)
}
export async function release(tx: Tx): Promise<void> {
  await run(tx, sql`release savepoint structure_change`)
}

export async function insertChange(tx: Tx, of: { change: Change; reason: string; document: string; batch: string; by: string; at: Date }): Promise<number> {
  const { id } = await one<{ id: number }>(
    tx,
    sql`insert into unit_change (kind, on_date, reason, document, batch, asked, report, moved, by, at)
        values (${of.change.kind}, ${of.change.on}, ${of.reason}, ${of.document}, ${of.batch}, ${json(of.change)}, '{}', '{}', ${of.by}, ${of.at}) returning id`,
  )
  return id
}

export function saveReport(tx: Tx, id: number, report: Report, moved: Moved): Promise<number> {
  return run(tx, sql`update unit_change set report = ${json(report)}, moved = ${json(moved)} where id = ${id}`)
}

export type Role = 'predecessor' | 'successor' | 'moved' | 'below'
export function saveRoles(tx: Tx, change: number, roles: readonly { unit: number; role: Role }[]): Promise<number> {
  return run(
    tx,
    sql`insert into unit_change_unit (change_id, unit_id, role)
        select ${change}::int, x.unit, x.role from jsonb_to_recordset(${json(roles)}) x(unit int, role text) on conflict do nothing`,
  )
}

export function addSuccessor(tx: Tx, of: { unit: number; successor: number; change: number; share: string | null; main: boolean }): Promise<number> {
  return run(
    tx,
    sql`insert into unit_successor (unit_id, successor_id, change_id, share, main) values (${of.unit}, ${of.successor}, ${of.change}, ${of.share}::numeric, ${of.main})
        on conflict (unit_id, successor_id) do nothing`,
  )
}

export function removeSuccessors(tx: Tx, change: number): Promise<number> {
  return run(tx, sql`delete from unit_successor where change_id = ${change}`)
}

// ---- reading

type Locale = 'zh-CN' | 'en'

const named = (roles: string) => sql`array(select u.name from unit_change_unit cu join unit u on u.id = cu.unit_id where cu.change_id = c.id and cu.role = any(string_to_array(${roles}, ',')) order by u.code)`
const rowColumns = (locale: Locale) => sql`c.id, c.kind, c.on_date as on, c.state, c.reason, c.document, signed_name(c.by, 'change:' || c.id, ${locale}) as by, c.at,
  ${named('predecessor,moved')} as from, ${named('successor')} as to`

export async function findChanges(
  tx: Tx,
  scope: Condition,
  { unit, kind, q, limit, offset }: { unit?: number | undefined; kind?: ChangeKind | undefined; q?: string | undefined; limit: number; offset: number },
  locale: Locale,
): Promise<{ rows: ChangeRow[]; total: number }> {
  const where = sql`exists (select from unit_change_unit cu join unit u on u.id = cu.unit_id where cu.change_id = c.id and ${scope})
    and (${unit ?? null}::int is null or exists (select from unit_change_unit cu where cu.change_id = c.id and cu.unit_id = ${unit ?? null}::int))
    and (${kind ?? null}::text is null or c.kind = ${kind ?? null}::text)
    and (${q ?? null}::text is null or c.document ilike '%' || ${q ?? ''}::text || '%' or c.reason ilike '%' || ${q ?? ''}::text || '%'
      or exists (select from unit_change_unit cu join unit u on u.id = cu.unit_id where cu.change_id = c.id and cu.role <> 'below' and u.name ilike '%' || ${q ?? ''}::text || '%'))`
  const rows = await many<ChangeRow>(
    tx,
    sql`select ${rowColumns(locale)} from unit_change c where ${where} order by c.on_date desc, c.id desc limit ${limit} offset ${offset}`,
  )
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total from unit_change c where ${where}`)
  return { rows, total }
}

export type ChangeFull = ChangeRow & { report: Report; moved: Moved; asked: Change; made: string; undoneBy: string | null; undoneAt: string | null; undoReason: string | null; units: number[] }
export function changeOf(tx: Tx, id: number, locale: Locale = 'zh-CN'): Promise<ChangeFull | undefined> {
  return maybe(
    tx,
    sql`select ${rowColumns(locale)}, c.report, c.moved, c.asked, c.by as made, signed_name(c.undone_by, 'change:' || c.id, ${locale}) as "undoneBy", c.undone_at as "undoneAt", c.undo_reason as "undoReason",
          array(select cu.unit_id from unit_change_unit cu where cu.change_id = c.id and cu.role <> 'below') as units
        from unit_change c where c.id = ${id}`,
  )
}

export function lockChange(tx: Tx, id: number): Promise<number> {
  return run(tx, sql`select 1 from unit_change where id = ${id} for update`)
}

/** @returns changes after this one that touch one of its units and stand */
export function laterChanges(tx: Tx, id: number): Promise<{ id: number }[]> {
  return many(
    tx,
    sql`select distinct c.id from unit_change c join unit_change_unit cu on cu.change_id = c.id
        where c.id > ${id} and c.state = 'done' and cu.unit_id in (select unit_id from unit_change_unit where change_id = ${id})`,
  )
}

export function saveUndone(tx: Tx, id: number, { by, at, reason }: { by: string; at: Date; reason: string }): Promise<number> {
  return run(tx, sql`update unit_change set state = 'undone', undone_by = ${by}, undone_at = ${at}, undo_reason = ${reason} where id = ${id}`)
}

type Kin = { id: number; name: string; code: string; state: string; on: string; change: number; kind: ChangeKind; share: string | null; main: boolean }
const kinColumns = sql`u.id, u.name, u.code, u.state, c.on_date as on, c.id as change, c.kind, trim_scale(s.share)::text as share, s.main`
export function successorsOf(tx: Tx, unit: number): Promise<Kin[]> {
  return many(tx, sql`select ${kinColumns} from unit_successor s join unit u on u.id = s.successor_id join unit_change c on c.id = s.change_id where s.unit_id = ${unit} order by s.main desc, u.code`)
}
export function predecessorsOf(tx: Tx, unit: number): Promise<Kin[]> {
  return many(tx, sql`select ${kinColumns} from unit_successor s join unit u on u.id = s.unit_id join unit_change c on c.id = s.change_id where s.successor_id = ${unit} order by c.on_date desc, u.code`)
}

// ---- workbooks

/** @returns the units that stand below one, in the order of codes */
export function unitsForBook(tx: Tx, within: Unit): Promise<{ code: string; name: string; zh: string; en: string; parentName: string | null }[]> {
  return many(
    tx,
    sql`select u.code, u.name, c.name_zh as zh, c.name_en as en, p.name as "parentName" from unit u join unit_class c on c.code = u.class
        left join unit p on p.id = case when u.management = 'line' then u.line_parent else u.area_parent end
        where ${inSubtree('u', within)} and u.state = 'active' order by u.code limit 20000`,
  )
}

export function standingByCode(tx: Tx, codes: readonly string[]): Promise<{ id: number; code: string; name: string; areaParent: number | null; lineParent: number | null; management: 'area' | 'line' | 'dual' }[]> {
  return many(
    tx,
    sql`select id, code, name, area_parent as "areaParent", line_parent as "lineParent", management from unit where code = any(${codes}::text[]) and state = 'active'`,
  )
}
