import { json, many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import type { Condition } from '../units/units.reads.ts'
import type { Change, ChangeKind } from './change.ts'
import type { PlanRow, Report } from './changes.contract.ts'
import type { Basis, Misfit, PlanState } from './plan.ts'

export async function insertPlan(
  tx: Tx,
  of: { unit: number; on: string; changes: readonly Change[]; reports: readonly Report[]; basis: Basis; reason: string; document: string; by: string; at: Date; units: readonly number[] },
): Promise<number> {
  const { id } = await one<{ id: number }>(
    tx,
    sql`insert into planned_change (unit_id, on_date, changes, reports, basis, reason, document, by, at)
        values (${of.unit}, ${of.on}::date, ${json(of.changes)}, ${json(of.reports)}, ${json(of.basis)}, ${of.reason}, ${of.document}, ${of.by}, ${of.at}) returning id`,
  )
  await run(tx, sql`insert into planned_change_unit (plan_id, unit_id) select ${id}::int, u from unnest(${of.units}::int[]) u`)
  return id
}

/** Confirmed anew: it rests on what is found now. */
export function saveRenewed(tx: Tx, id: number, of: { reports: readonly Report[]; basis: Basis; by: string; at: Date }): Promise<number> {
  return run(tx, sql`update planned_change set state = 'waiting', misfit = null, reports = ${json(of.reports)}, basis = ${json(of.basis)}, by = ${of.by}, at = ${of.at}, looked_at = ${of.at}, version = version + 1 where id = ${id}`)
}

export function saveWithdrawn(tx: Tx, id: number, { by, at, reason }: { by: string; at: Date; reason: string }): Promise<number> {
  return run(tx, sql`update planned_change set state = 'withdrawn', misfit = null, ended_by = ${by}, ended_at = ${at}, end_reason = ${reason}, version = version + 1 where id = ${id}`)
}

/** @param by who confirmed it on its day; null: the timetable */
export function saveDone(tx: Tx, id: number, { by, at, batch }: { by: string | null; at: Date; batch: string }): Promise<number> {
  return run(tx, sql`update planned_change set state = 'done', misfit = null, ended_by = ${by}, ended_at = ${at}, batch = ${batch}, version = version + 1 where id = ${id}`)
}

export function saveMisfit(tx: Tx, id: number, misfit: readonly Misfit[], at: Date): Promise<number> {
  return run(tx, sql`update planned_change set state = 'misfit', misfit = ${json(misfit)}, looked_at = ${at}, version = version + 1 where id = ${id}`)
}

export function saveLooked(tx: Tx, id: number, at: Date): Promise<number> {
  return run(tx, sql`update planned_change set looked_at = ${at} where id = ${id}`)
}

// ---- reading

const named = sql`array(select u.name from planned_change_unit pu join unit u on u.id = pu.unit_id where pu.plan_id = p.id order by u.code)`
type Locale = 'zh-CN' | 'en'
const columns = (locale: Locale) => sql`p.id, p.on_date as on, p.state, p.reason, p.document, signed_name(p.by, 'plan:' || p.id, ${locale}) as by, p.at, p.version, p.unit_id as unit, o.name as "unitName",
  array(select distinct c->>'kind' from jsonb_array_elements(p.changes) c order by 1) as kinds, jsonb_array_length(p.changes) as changes, ${named} as units`
const joined = sql`planned_change p join unit o on o.id = p.unit_id`

export async function findPlans(
  tx: Tx,
  scope: Condition,
  { unit, state, limit, offset }: { unit?: number | undefined; state: 'coming' | 'all'; limit: number; offset: number },
  locale: Locale,
): Promise<{ rows: PlanRow[]; total: number }> {
  const where = sql`(${state} = 'all' or p.state in ('waiting', 'misfit'))
    and exists (select from planned_change_unit pu join unit u on u.id = pu.unit_id where pu.plan_id = p.id and ${scope})
    and (${unit ?? null}::int is null or exists (select from planned_change_unit pu where pu.plan_id = p.id and pu.unit_id = ${unit ?? null}::int))`
  const rows = await many<PlanRow>(tx, sql`select ${columns(locale)} from ${joined} where ${where} order by p.state in ('waiting', 'misfit') desc, p.on_date, p.id limit ${limit} offset ${offset}`)
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total from planned_change p where ${where}`)
  return { rows, total }
}

/** @returns what is prepared for one of these units and has not ended, besides one */
export function plansOfUnits(tx: Tx, units: readonly number[], besides: number | undefined, locale: Locale): Promise<PlanRow[]> {
  return many(
    tx,
    sql`select ${columns(locale)} from ${joined} where p.state in ('waiting', 'misfit') and p.id is distinct from ${besides ?? null}::int
          and exists (select from planned_change_unit pu where pu.plan_id = p.id and pu.unit_id = any(${units}::int[])) order by p.on_date, p.id`,
  )
}

export type PlanFull = Omit<PlanRow, 'changes' | 'state'> & {
  state: PlanState; changes: Change[]; reports: Report[]; basis: Basis; misfit: Misfit[] | null; lookedAt: string | null; made: string
  batch: string | null; endedBy: string | null; endedAt: string | null; endReason: string | null; unitIds: number[]
}
/** @param lock waits for whoever is deciding on it */
export async function planOf(tx: Tx, id: number, { lock = false, locale = 'zh-CN' as Locale } = {}): Promise<PlanFull | undefined> {
  if (lock) await run(tx, sql`select 1 from planned_change where id = ${id} for update`)
  return maybe<PlanFull>(
    tx,
    sql`select ${columns(locale)}, p.changes, p.reports, p.basis, p.misfit, p.looked_at as "lookedAt", p.by as made, p.batch, signed_name(p.ended_by, 'plan:' || p.id, ${locale}) as "endedBy", p.ended_at as "endedAt", p.end_reason as "endReason",
          array(select pu.unit_id from planned_change_unit pu where pu.plan_id = p.id order by 1) as "unitIds"
        from ${joined} where p.id = ${id}`,
  )
}

/** @returns changes that a plan became, in their order */
export function changesOfBatch(tx: Tx, batch: string): Promise<{ id: number; kind: ChangeKind }[]> {
  return many(tx, sql`select id, kind from unit_change where batch = ${batch} order by id`)
}

/** @returns plans that wait, by day: those whose day has come, or all */
export async function waitingPlans(tx: Tx, until: string | null): Promise<number[]> {
  const rows = await many<{ id: number }>(tx, sql`select id from planned_change where state = 'waiting' and (${until}::date is null or on_date <= ${until}::date) order by on_date, id`)
  return rows.map((row) => row.id)
}

/** Takes the turn of a plan that still waits. @returns false: somebody else has it, or it does not wait any more */
export async function takePlan(tx: Tx, id: number): Promise<boolean> {
  return (await many(tx, sql`select 1 from planned_change where id = ${id} and state = 'waiting' for update skip locked`)).length > 0
}

// ---- when an office ends

/** What an office has prepared goes on with who comes after it. @returns the plans that moved */
export async function handPlans(tx: Tx, from: number, to: number): Promise<number[]> {
  return (await many<{ id: number }>(tx, sql`update planned_change set unit_id = ${to} where unit_id = ${from} returning id`)).map((row) => row.id)
}

export function returnPlans(tx: Tx, to: number, plans: readonly number[]): Promise<number> {
  return run(tx, sql`update planned_change set unit_id = ${to} where id = any(${plans}::int[])`)
}
