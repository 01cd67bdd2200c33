import type { RawBuilder } from 'kysely'
import { many, sql, type Tx } from '../../server/db.ts'
import type { Condition } from '../units/units.reads.ts'
import type { TaskSums } from './progress.ts'
import { notReported } from './task-conditions.sql.ts'

type Sums<Key> = TaskSums & Key

const sums = (today: string) => sql`
  count(*) filter (where s.live_state <> 'cancelled')::int as tasks,
  count(*) filter (where s.live_state = 'closed')::int as closed,
  count(*) filter (where s.live_state in ('submitted', 'verified'))::int as submitted,
  count(*) filter (where s.live_state = 'issued' and s.form is null)::int as unsigned,
  count(*) filter (where ${notReported} and s.due < ${today}::date)::int as overdue,
  count(*) filter (where s.deferrals > 0 and s.live_state <> 'cancelled')::int as deferred,
  coalesce(sum(s.weight) filter (where s.live_state <> 'cancelled'), 0)::text as weight,
  coalesce(sum(s.weight) filter (where s.live_state = 'closed'), 0)::text as "weightClosed",
  min(s.due) filter (where ${notReported}) as "nextDue"`

/** Sums per list over the tasks in the scope, in one query. */
export async function sumsByList(tx: Tx, lists: readonly number[], scope: Condition, today: string): Promise<Map<number, TaskSums>> {
  const rows = await many<Sums<{ list: number }>>(
    tx,
    sql`select s.list_id as list, ${sums(today)} from task_state s join unit u on u.id = s.unit_id
        where s.list_id = any(${lists}::int[]) and ${scope} group by s.list_id`,
  )
  return new Map(rows.map(({ list, ...rest }) => [list, rest]))
}

/** Sums per item of one list over the tasks in the scope. */
export async function sumsByItem(tx: Tx, list: number, scope: Condition, today: string): Promise<Map<number, TaskSums>> {
  const rows = await many<Sums<{ item: number }>>(
    tx,
    sql`select s.item_id as item, ${sums(today)} from task_state s join unit u on u.id = s.unit_id
        where s.list_id = ${list} and ${scope} group by s.item_id`,
  )
  return new Map(rows.map(({ item, ...rest }) => [item, rest]))
}

const below: Record<number, RawBuilder<unknown>> = {
  1: sql`coalesce(u.l2, u.l3, u.l4, u.l5, u.id)`,
  2: sql`coalesce(u.l3, u.l4, u.l5, u.id)`,
  3: sql`coalesce(u.l4, u.l5, u.id)`,
  4: sql`coalesce(u.l5, u.id)`,
  5: sql`u.id`,
}

/** Sums per child unit and item of one list: every task at or below `unit` belongs to the child it rolls up to. */
export function sumsByCell(tx: Tx, list: number, within: { id: number; level: number; condition: Condition }, today: string) {
  return many<Sums<{ child: number; item: number }>>(
    tx,
    sql`select ${below[within.level]!} as child, s.item_id as item, ${sums(today)} from task_state s join unit u on u.id = s.unit_id
        where s.list_id = ${list} and ${within.condition} and u.id <> ${within.id} group by 1, 2`,
  )
}
