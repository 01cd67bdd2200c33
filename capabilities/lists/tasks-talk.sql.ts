import { many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import { lineage, notReported, type Locale } from './task-conditions.sql.ts'

// ---- deferrals

export type DeferralLine = {
  id: number
  askedBy: string
  askedByName: string
  askedAt: string
  from: string
  to: string
  reason: string
  granted: boolean | null
  decidedBy: string | null
  decidedAt: string | null
  decisionReason: string | null
}

export function deferralsOf(tx: Tx, task: number, locale: Locale = 'zh-CN'): Promise<DeferralLine[]> {
  return many(
    tx,
    sql`select d.id, d.asked_by as "askedBy", signed_name(d.asked_by, 'task:' || d.task_id, ${locale}) as "askedByName", d.asked_at as "askedAt", d.from_date as from, d.to_date as to,
          d.reason, d.granted, signed_name(d.decided_by, 'task:' || d.task_id, ${locale}) as "decidedBy", d.decided_at as "decidedAt", d.decision_reason as "decisionReason"
        from deferral d where d.task_id = ${task} order by d.id desc`,
  )
}

export async function addDeferral(tx: Tx, of: { task: number; by: string; at: Date; from: string; to: string; reason: string }): Promise<void> {
  await run(
    tx,
    sql`insert into deferral (task_id, asked_by, asked_at, from_date, to_date, reason) values (${of.task}, ${of.by}, ${of.at}, ${of.from}, ${of.to}, ${of.reason})`,
  )
  await run(tx, sql`update task set version = version + 1 where id = ${of.task}`)
}

export async function decideDeferral(tx: Tx, of: { deferral: number; task: number; grant: boolean; to: string; by: string; at: Date; reason: string | null }): Promise<void> {
  await run(
    tx,
    sql`update deferral set decided_by = ${of.by}, decided_at = ${of.at}, granted = ${of.grant}, decision_reason = ${of.reason} where id = ${of.deferral}`,
  )
  await run(
    tx,
    sql`update task set version = version + 1, due = case when ${of.grant}::boolean then ${of.to}::date else due end,
          deferrals = deferrals + ${of.grant}::boolean::int where id = ${of.task}`,
  )
}

// ---- comments and the trail

export type CommentLine = { id: number; by: string; at: string; text: string; needsReply: boolean; replyBy: string | null; replyTo: number | null; unit: number; files: { id: string; name: string }[] }

export function commentsOf(tx: Tx, task: number, locale: Locale = 'zh-CN'): Promise<CommentLine[]> {
  return many(
    tx,
    sql`select c.id, signed_name(c.by, 'task:' || c.task_id, ${locale}) as by, c.at, c.text, c.needs_reply as "needsReply", c.reply_by as "replyBy", c.reply_to as "replyTo", c.unit_id as unit,
          (select coalesce(jsonb_agg(jsonb_build_object('id', f.id, 'name', f.name) order by f.created_at, f.id), '[]') from task_file tf join file f on f.id = tf.file where tf.comment_id = c.id) as files
        from task_comment c where c.task_id = ${task} order by c.id`,
  )
}

export async function addComment(
  tx: Tx,
  of: { task: number; by: string; post: number | null; unit: number; at: Date; text: string; needsReply: boolean; replyBy: string | null; replyTo: number | null },
): Promise<number> {
  const { id } = await one<{ id: number }>(
    tx,
    sql`insert into task_comment (task_id, by, post_id, unit_id, at, text, needs_reply, reply_by, reply_to)
        values (${of.task}, ${of.by}, ${of.post}::int, ${of.unit}, ${of.at}, ${of.text}, ${of.needsReply}, ${of.replyBy}::date, ${of.replyTo}::bigint) returning id`,
  )
  return id
}

/** Files hang on a task once: with a comment, or with its check. */
export async function addTaskFiles(tx: Tx, task: number, comment: number | null, files: readonly string[]): Promise<void> {
  if (files.length === 0) return
  await run(tx, sql`insert into task_file (file, task_id, comment_id) select id, ${task}, ${comment}::bigint from unnest(${files}::uuid[]) id on conflict do nothing`)
}

/** @returns the task on which a file hangs, with its unit */
export function taskOfFile(tx: Tx, file: string): Promise<{ task: number; unit: number } | undefined> {
  return maybe(tx, sql`select t.id as task, t.unit_id as unit from task_file f join task t on t.id = f.task_id where f.file = ${file}::uuid`)
}

export type TrailRow = { at: string; kind: string; by: string | null; /** Stood in (代). */ acting: boolean; reason: string | null; facts: Record<string, unknown> }

/** What happened to a task, newest first, with how its list was issued and what became of its item. */
export function trailOf(tx: Tx, { task, item, list }: { task: number; item: number; list: number }): Promise<TrailRow[]> {
  return many(
    tx,
    sql`select e.at, e.kind, coalesce(a.name, e.actor) as by, e.facts ? 'acting' as acting, e.reason, e.facts from event e left join account_name a on a.id = e.actor
        where e.subject = ${`task:${task}`}
          or e.subject = ${`item:${item}`} and e.kind in ('item.cancelled', 'item.closed')
          or e.subject = ${`list:${list}`} and e.kind = 'list.issued'
        order by e.tx desc, e.id desc limit 200`,
  )
}

// ---- reminders

export type ToRemind = { id: number; unit: number; lineage: number[]; open: boolean }

export function tasksToRemind(tx: Tx, ids: readonly number[]): Promise<ToRemind[]> {
  return many(
    tx,
    sql`select s.id, s.unit_id as unit, array_remove(${lineage('u')}, null) as lineage, ${notReported} as open
        from task_state s join unit u on u.id = s.unit_id where s.id = any(${ids}::bigint[])`,
  )
}

/** Reminds once per task and day (Asia/Shanghai). @returns the tasks that were reminded now */
export async function remind(tx: Tx, ids: readonly number[], { text, by, at }: { text: string; by: string; at: Date }): Promise<{ task: number; unit: number }[]> {
  const told = await many<{ task: number; unit: number }>(
    tx,
    sql`with told as (
          insert into notice (unit_id, verb, kind, subject, facts, by, at)
          select s.unit_id, 'task.work', 'reminder', 'task:' || s.id, jsonb_build_object('title', s.title, 'due', s.due, 'text', ${text}::text), ${by}, ${at}::timestamptz
          from task_state s where s.id = any(${ids}::bigint[])
          on conflict (subject, ((at at time zone 'Asia/Shanghai')::date)) where kind = 'reminder' do nothing returning subject, unit_id)
        select substr(subject, 6)::bigint as task, unit_id as unit from told order by 1`,
  )
  if (told.length > 0) await run(tx, sql`select pg_notify('notice', ${told.length > 50 ? '*' : told.map(({ unit }) => unit).join(',')}::text)`)
  return told
}
