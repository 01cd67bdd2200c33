import { json, many, one, run, sql, type Tx } from '../../server/db.ts'
import type { Condition } from '../units/units.reads.ts'
import { lineage, type Open } from './task-conditions.sql.ts'

/** @returns how many units the rule addresses, and of those outside the scope how many and one's name */
export function audienceIn(tx: Tx, audience: Condition, scope: Condition): Promise<{ units: number; outside: number; first: string | null }> {
  return one(
    tx,
    sql`select count(*)::int as units, count(*) filter (where not coalesce(${scope}, false))::int as outside,
          min(u.name) filter (where not coalesce(${scope}, false)) as first
        from unit u where ${audience}`,
  )
}

/** @returns how many units at least one of the rules addresses */
export async function unitsOfAll(tx: Tx, audiences: readonly Condition[]): Promise<number> {
  if (audiences.length === 0) return 0
  return (await one<{ n: number }>(tx, sql`select count(*)::int as n from unit u where ${sql.join(audiences, sql` or `)}`)).n
}

/** Every addressed unit gets its task of each of these items, with the post that has to see to it. @returns how many tasks */
export function addTasks(tx: Tx, audience: Condition, items: readonly { id: number; due: string; kind: string }[], today: string): Promise<number> {
  return run(
    tx,
    sql`insert into task (item_id, county_id, unit_id, due, lead_post)
        select i.id, coalesce(u.l3, u.l2, u.l1, u.id), u.id, i.due, p.post
        from jsonb_to_recordset(${json(items)}) i(id int, due date, kind text) cross join unit u
        left join (
          select p.unit_id, p.kind, min(p.id) as post from post_now p
          where p.valid_from <= ${today}::date and (p.valid_to is null or p.valid_to > ${today}::date) group by p.unit_id, p.kind
        ) p on p.unit_id = u.id and p.kind = i.kind
        where ${audience}`,
  )
}

/** Locks the tasks that a hung item's tasks stand below: none of them closes before this transaction ends. */
export function lockAbove(tx: Tx, item: number, parentItem: number): Promise<number> {
  return run(
    tx,
    sql`select p.id from task p where p.item_id = ${parentItem}
        and exists (select from task c join unit cu on cu.id = c.unit_id where c.item_id = ${item} and p.unit_id = any(${lineage('cu')}))
        order by p.id for share of p`,
  )
}

/** @returns the closed tasks among those: nothing may be hung below them any more */
export function closedAbove(tx: Tx, item: number, parentItem: number): Promise<Open[]> {
  return many(
    tx,
    sql`select s.unit_id as unit, pu.name, s.title from task_state s join unit pu on pu.id = s.unit_id
        where s.item_id = ${parentItem} and s.live_state = 'closed'
          and exists (select from task c join unit cu on cu.id = c.unit_id where c.item_id = ${item} and s.unit_id = any(${lineage('cu')}))
        order by pu.code limit 10`,
  )
}

export function issueItem(tx: Tx, id: number, { due, from }: { due: string; from: string | null }): Promise<number> {
  return run(tx, sql`update item set state = 'issued', due = ${due}, due_from = ${from}::date, version = version + 1 where id = ${id}`)
}

export function issueList(tx: Tx, id: number, at: Date): Promise<number> {
  return run(tx, sql`update list set state = 'issued', issued_at = ${at}, version = version + 1 where id = ${id}`)
}

/** Tells every addressed unit once, however many items it got. @returns how many units */
export async function noteIssued(tx: Tx, list: number, { title, by, at }: { title: string; by: string; at: Date }): Promise<number> {
  const units = await run(
    tx,
    sql`insert into notice (unit_id, verb, kind, subject, facts, by, at)
        select t.unit_id, 'task.work', 'issued', 'list:' || ${list}::text,
          jsonb_build_object('title', ${title}::text, 'tasks', count(*), 'due', min(t.due)), ${by}, ${at}::timestamptz
        from task t join item i on i.id = t.item_id where i.list_id = ${list}::int group by t.unit_id order by t.unit_id`,
  )
  await run(tx, sql`select pg_notify('notice', ${'*'}::text)`)
  return units
}
