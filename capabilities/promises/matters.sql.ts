import { many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import type { Condition } from '../units/units.reads.ts'
import type { MatterKindDefinition } from './matter-kind-definition.ts'

export type MatterRow = {
  id: number; unit: number; unitName: string; kind: string; zh: string; en: string; title: string; happenedOn: string; what: string; asked: string; reportedOn: string; due: string | null
  acknowledgedOn: string | null; instruction: string | null; outcome: string | null; state: 'reported' | 'acknowledged' | 'instructed' | 'closed' | 'withdrawn'; version: number; reportedBy: string
}
const columns = sql`m.id, m.unit_id as unit, u.name as "unitName", m.kind, k.name_zh as zh, k.name_en as en, m.title, m.happened_on as "happenedOn", m.what, m.asked, m.reported_on as "reportedOn", m.due,
  m.acknowledged_on as "acknowledgedOn", m.instruction, m.outcome, m.state, m.version, m.reported_by as "reportedBy"`
const from = sql`from major_matter m join unit u on u.id = m.unit_id join matter_kind k on k.code = m.kind`

export type MatterFilter = { state?: string | undefined; kind?: string | undefined; q?: string | undefined; limit: number; offset: number }
/** @returns matters, those nobody has acknowledged first, by their limit */
export async function mattersWhere(tx: Tx, scope: Condition, { state, kind, q, limit, offset }: MatterFilter) {
  const where = sql`${scope} and (${state ?? null}::text is null or m.state = ${state ?? ''}) and (${kind ?? null}::text is null or m.kind = ${kind ?? ''})
    and (${q ?? null}::text is null or m.title ilike '%' || ${q ?? ''}::text || '%' or u.name ilike '%' || ${q ?? ''}::text || '%')`
  const rows = await many<MatterRow>(tx, sql`select ${columns} ${from} where ${where} order by (m.state = 'reported') desc, case when m.state = 'reported' then m.due end nulls last, m.id desc limit ${limit} offset ${offset}`)
  return { rows, ...(await one<{ total: number }>(tx, sql`select count(*)::int as total ${from} where ${where}`)) }
}

export function matterOf(tx: Tx, id: number): Promise<MatterRow | undefined> {
  return maybe(tx, sql`select ${columns} ${from} where m.id = ${id}`)
}
export function matterForUpdate(tx: Tx, id: number): Promise<MatterRow | undefined> {
  return maybe(tx, sql`select ${columns} ${from} where m.id = ${id} for update of m`)
}

export function addMatter(tx: Tx, of: { unit: number; kind: string; title: string; happenedOn: string; what: string; asked: string; by: string; on: string; due: string | null }): Promise<{ id: number; version: number }> {
  return one(
    tx,
    sql`insert into major_matter (unit_id, kind, title, happened_on, what, asked, reported_by, reported_on, due)
        values (${of.unit}, ${of.kind}, ${of.title}, ${of.happenedOn}, ${of.what}, ${of.asked}, ${of.by}, ${of.on}, ${of.due}) returning id, version`,
  )
}

export function moveMatter(tx: Tx, id: number, to: { state: string; acknowledgedOn?: string; instruction?: string; outcome?: string }): Promise<number> {
  return run(
    tx,
    sql`update major_matter set state = ${to.state}, acknowledged_on = coalesce(${to.acknowledgedOn ?? null}::date, acknowledged_on), instruction = coalesce(${to.instruction ?? null}::text, instruction),
          outcome = coalesce(${to.outcome ?? null}::text, outcome), version = version + 1 where id = ${id}`,
  )
}

/** Marks what nobody has acknowledged within its limit as told, once. */
export function tellMattersLate(tx: Tx, today: string): Promise<{ id: number; unit: number; title: string }[]> {
  return many(tx, sql`update major_matter set told_late = ${today} where state = 'reported' and told_late is null and due < ${today}::date returning id, unit_id as unit, title`)
}

// ---- kinds

export type KindRow = { code: string; zh: string; en: string; days: number }
export function matterKinds(tx: Tx): Promise<KindRow[]> {
  return many(tx, sql`select code, name_zh as zh, name_en as en, acknowledge_working_days as days from matter_kind order by ordinal, code`)
}
export function matterKindOf(tx: Tx, code: string): Promise<KindRow | undefined> {
  return maybe(tx, sql`select code, name_zh as zh, name_en as en, acknowledge_working_days as days from matter_kind where code = ${code}`)
}

export async function saveKind(tx: Tx, of: MatterKindDefinition, ordinal: number, pack: string | null): Promise<'added' | 'changed' | 'same'> {
  const before = await maybe<{ same: boolean }>(tx, sql`select name_zh = ${of.name.zh} and name_en = ${of.name.en} and acknowledge_working_days = ${of.acknowledgeWorkingDays} and ordinal = ${ordinal} as same from matter_kind where code = ${of.code}`)
  if (before?.same) return 'same'
  await run(
    tx,
    sql`insert into matter_kind (code, name_zh, name_en, acknowledge_working_days, ordinal, pack) values (${of.code}, ${of.name.zh}, ${of.name.en}, ${of.acknowledgeWorkingDays}, ${ordinal}, ${pack})
        on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, acknowledge_working_days = excluded.acknowledge_working_days, ordinal = excluded.ordinal, pack = excluded.pack`,
  )
  return before ? 'changed' : 'added'
}

/** Kinds that the pack no longer names go, unless a matter is of that kind. @returns their codes */
export async function removeKinds(tx: Tx, pack: string | null, keep: readonly string[]): Promise<string[]> {
  const rows = await many<{ code: string }>(tx, sql`delete from matter_kind k where k.pack = ${pack} and not k.code = any(${keep}::text[]) and not exists (select from major_matter m where m.kind = k.code) returning code`)
  return rows.map((row) => row.code)
}
