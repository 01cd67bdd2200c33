import { many, maybe, sql, type Tx } from '../../server/db.ts'
import type { Audience } from '../units/audience.ts'
import { nothingOpenBelow, parentOf } from './task-conditions.sql.ts'
import type { TaskState } from './task.ts'

// ---- for the register of askings

export type ListToRegister = { id: number; title: string; year: number; issuer: number; state: string; items: ItemToRegister[] }
export type ItemToRegister = { title: string; audience: Audience; form: string | null; due: string | null; dueFrom: string | null; dueWorkingDays: number | null }
/** @returns a list with whom its items address */
export async function listToRegister(tx: Tx, id: number): Promise<ListToRegister | undefined> {
  return maybe<ListToRegister>(
    tx,
    sql`select l.id, l.title, l.year, l.issuer_unit as issuer, l.state,
          coalesce((select jsonb_agg(jsonb_build_object('title', i.title, 'audience', i.audience, 'form', i.form, 'due', i.due, 'dueFrom', i.due_from, 'dueWorkingDays', i.due_working_days) order by i.ordinal) from item i where i.list_id = l.id and i.audience is not null), '[]') as items
        from list l where l.id = ${id} for update of l`,
  )
}

// ---- what waits (for the inbox); every function is asked with units on which a post is held, never with all below them

export type WaitingTask = { task: number; title: string; unit: number; unitName: string; due: string; kind: 'sign' | 'report'; state: TaskState; progress: number }

/** @returns tasks of these units to sign for or to report; those that ask for a form wait as returns instead */
export function waitingTasks(tx: Tx, units: readonly number[]): Promise<WaitingTask[]> {
  return many(
    tx,
    sql`select s.id as task, s.title, s.unit_id as unit, u.name as "unitName", s.due, case when s.live_state = 'issued' then 'sign' else 'report' end as kind,
          s.live_state as state, s.progress
        from task_state s join unit u on u.id = s.unit_id
        where s.unit_id = any(${units}::int[]) and s.form is null and s.state not in ('closed', 'cancelled')
          and s.live_state in ('issued', 'accepted', 'running', 'returned')
        order by s.due, s.id limit 500`,
  )
}

export type WaitingVerify = { item: number; title: string; unit: number; unitName: string; due: string; oldest: string; count: number; task: number | null }

/**
 * @returns reported tasks, and verified ones whose children have closed, one line per item and per unit directly above:
 * each holder of `task.check` sees those that wait directly below the unit of his post. `task` is set when there is one.
 */
export function waitingVerify(tx: Tx, units: readonly number[]): Promise<WaitingVerify[]> {
  return many(
    tx,
    sql`select s.item_id as item, s.title, a.id as unit, a.name as "unitName", min(s.due) as due, min(s.reported_at) as oldest, count(*)::int as count,
          case when count(*) = 1 then min(s.id) end as task
        from task_state s join unit u on u.id = s.unit_id join unit a on a.id = ${parentOf('u')}
        where a.id = any(${units}::int[]) and s.form is null and s.state in ('submitted', 'verified')
          -- said once more in the words of the indexes, so that only the tasks right below are looked at
          and (u.area_parent = any(${units}::int[]) or u.line_parent = any(${units}::int[])) and s.state not in ('closed', 'cancelled')
          and (s.state = 'submitted' or ${nothingOpenBelow})
        group by s.item_id, s.title, a.id, a.name order by min(s.due), s.item_id limit 500`,
  )
}

export type WaitingDeferral = { deferral: number; task: number; title: string; unit: number; unitName: string; due: string; to: string; askedAt: string }

/** @returns deferrals to decide, of lists that these units have issued */
export function waitingDeferrals(tx: Tx, issuers: readonly number[]): Promise<WaitingDeferral[]> {
  return many(
    tx,
    sql`select d.id as deferral, s.id as task, s.title, s.unit_id as unit, u.name as "unitName", s.due, d.to_date as to, d.asked_at as "askedAt"
        from deferral d join task_state s on s.id = d.task_id join list l on l.id = s.list_id join unit u on u.id = s.unit_id
        where d.decided_at is null and l.issuer_unit = any(${issuers}::int[]) and s.live_state not in ('closed', 'cancelled')
        order by s.due, d.id limit 500`,
  )
}

export type WaitingReply = { comment: number; task: number; title: string; unit: number; unitName: string; text: string; replyBy: string | null; at: string }

/**
 * @returns comments that want an answer from these units: what was said to the unit by a level above, and what the unit
 * said, for the unit directly above it
 */
export function waitingReplies(tx: Tx, units: readonly number[]): Promise<WaitingReply[]> {
  return many(
    tx,
    sql`select c.id as comment, s.id as task, s.title, s.unit_id as unit, u.name as "unitName", c.text, c.reply_by as "replyBy", c.at
        from task_comment c join task_state s on s.id = c.task_id join unit u on u.id = s.unit_id
        where c.needs_reply and not exists (select from task_comment r where r.reply_to = c.id and r.unit_id <> c.unit_id)
          and case when c.unit_id not in (s.unit_id, coalesce(s.former_unit, s.unit_id)) then s.unit_id else ${parentOf('u')} end = any(${units}::int[])
        order by c.reply_by nulls last, c.id limit 500`,
  )
}
