import { json, many, one, run, sql, type Tx } from '../../server/db.ts'

// What becomes of lists, items and tasks when units change (C1): what is open finds who comes after, what is done stays.

export type OpenTask = { id: number; unit: number; title: string; due: string; state: string; form: string | null; period: number | null; formerUnit: number | null; returnUnit: number | null; version: number }

/** @returns what is still to be done about tasks of these units, locked */
export async function openTasksOf(tx: Tx, units: readonly number[]): Promise<OpenTask[]> {
  await run(tx, sql`select id from task where unit_id = any(${units}::int[]) order by id for update`)
  return many(
    tx,
    sql`select s.id, s.unit_id as unit, s.title, s.due, s.live_state as state, s.form, s.period, s.former_unit as "formerUnit", s.return_unit as "returnUnit", s.version
        from task_state s where s.unit_id = any(${units}::int[]) and s.live_state not in ('closed', 'cancelled') order by s.due, s.id`,
  )
}

/**
 * Gives tasks to another unit. Each keeps its state, its trail and the unit it was issued to; the same item of several
 * predecessors stands side by side. The lead post is the successor's of the kind the item asks for.
 * @param to where each goes; `returnUnit` is whose return a task with a form follows when it is not the new unit's
 */
export function handTasks(tx: Tx, to: readonly { id: number; unit: number; returnUnit: number | null }[]): Promise<number> {
  return run(
    tx,
    sql`update task t set unit_id = u.id, county_id = coalesce(u.l3, u.l2, u.l1, u.id), former_unit = coalesce(t.former_unit, t.unit_id), return_unit = x."returnUnit",
          version = t.version + 1,
          lead_post = (select min(p.id) from post p where p.unit_id = u.id and p.kind = i.lead_post_kind and p.valid_to is null)
        from jsonb_to_recordset(${json(to)}) x(id bigint, unit int, "returnUnit" int), unit u, item i where t.id = x.id and u.id = x.unit and i.id = t.item_id`,
  )
}

export type TaskBefore = { id: number; unit: number; formerUnit: number | null; returnUnit: number | null; leadPost: number | null; after: number }

/** @returns how these tasks stand, for undoing; `after` is the version they get when they are handed over */
export function tasksBefore(tx: Tx, ids: readonly number[]): Promise<TaskBefore[]> {
  return many(tx, sql`select id, unit_id as unit, former_unit as "formerUnit", return_unit as "returnUnit", lead_post as "leadPost", version + 1 as after from task where id = any(${ids}::bigint[])`)
}

/** @returns how many of these tasks have changed since they were handed over */
export async function tasksChangedSince(tx: Tx, before: readonly TaskBefore[]): Promise<number> {
  const { n } = await one<{ n: number }>(
    tx,
    sql`select count(*)::int as n from jsonb_to_recordset(${json(before)}) x(id bigint, after int) left join task t on t.id = x.id where t.version is distinct from x.after`,
  )
  return n
}

/** @returns how many tasks of these units are not among `known` */
export async function otherTasksOf(tx: Tx, units: readonly number[], known: readonly number[]): Promise<number> {
  return (await one<{ n: number }>(tx, sql`select count(*)::int as n from task where unit_id = any(${units}::int[]) and id <> all(${known}::bigint[])`)).n
}

/** Gives tasks back as they stood. */
export function returnTasks(tx: Tx, before: readonly TaskBefore[]): Promise<number> {
  return run(
    tx,
    sql`update task t set unit_id = x.unit, county_id = coalesce(u.l3, u.l2, u.l1, u.id), former_unit = x."formerUnit", return_unit = x."returnUnit", lead_post = x."leadPost", version = t.version + 1
        from jsonb_to_recordset(${json(before)}) x(id bigint, unit int, "formerUnit" int, "returnUnit" int, "leadPost" int), unit u where t.id = x.id and u.id = x.unit`,
  )
}

/** Tasks of these units move to the county in which they stand now. */
export function moveTasksToCounties(tx: Tx, units: readonly number[]): Promise<number> {
  return run(
    tx,
    sql`update task t set county_id = coalesce(u.l3, u.l2, u.l1, u.id) from unit u
        where u.id = t.unit_id and u.id = any(${units}::int[]) and t.county_id <> coalesce(u.l3, u.l2, u.l1, u.id)`,
  )
}

export type Handed = { lists: number[]; leads: number[]; coUnits: { id: number; before: number[] }[]; audiences: { id: number; before: unknown }[] }

/**
 * Open lists that the unit issued, open items it leads or helps with, and drafts that address it go to who comes after.
 * @returns what was changed, for undoing
 */
export async function handLists(tx: Tx, from: number, to: number): Promise<Handed> {
  const ids = async (rows: Promise<{ id: number }[]>) => (await rows).map((row) => row.id)
  const lists = await ids(many(tx, sql`update list set issuer_unit = ${to}, version = version + 1 where issuer_unit = ${from} and state in ('draft', 'issued') returning id`))
  const leads = await ids(many(tx, sql`update item set lead_unit = ${to}, version = version + 1 where lead_unit = ${from} and state in ('draft', 'issued') returning id`))
  const coUnits = await many<{ id: number; before: number[] }>(
    tx,
    sql`update item i set co_units = array(select distinct case when c = ${from} then ${to} else c end from unnest(i.co_units) c), version = i.version + 1
        from item o where o.id = i.id and ${from} = any(i.co_units) and i.state in ('draft', 'issued') returning i.id, o.co_units as before`,
  )
  const rewritten = (key: 'within' | 'except' | 'line') =>
    sql`case when i.audience ? ${key} then jsonb_build_object(${key}::text, (select coalesce(jsonb_agg(distinct case when v = to_jsonb(${from}::int) then to_jsonb(${to}::int) else v end), '[]') from jsonb_array_elements(i.audience->${key}::text) v)) else '{}' end`
  const audiences = await many<{ id: number; before: unknown }>(
    tx,
    sql`update item i set audience = i.audience || ${rewritten('within')} || ${rewritten('except')} || ${rewritten('line')}, version = i.version + 1
        from item o where o.id = i.id and i.state = 'draft' and i.audience is not null
          and (coalesce(i.audience->'within', '[]') @> to_jsonb(${from}::int) or coalesce(i.audience->'except', '[]') @> to_jsonb(${from}::int) or coalesce(i.audience->'line', '[]') @> to_jsonb(${from}::int))
        returning i.id, o.audience as before`,
  )
  return { lists, leads, coUnits, audiences }
}

/** Gives lists and items back to the unit that had them. */
export async function returnLists(tx: Tx, to: number, { lists, leads, coUnits, audiences }: Handed): Promise<void> {
  await run(tx, sql`update list set issuer_unit = ${to}, version = version + 1 where id = any(${lists}::int[])`)
  await run(tx, sql`update item set lead_unit = ${to}, version = version + 1 where id = any(${leads}::int[])`)
  for (const { id, before } of coUnits) await run(tx, sql`update item set co_units = ${before}::int[], version = version + 1 where id = ${id}`)
  for (const { id, before } of audiences) await run(tx, sql`update item set audience = ${json(before)}, version = version + 1 where id = ${id}`)
}
