import { many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import type { Condition } from '../units/units.reads.ts'
import { isOpen, lineage, notReported, parentOf, type Locale, type Open } from './task-conditions.sql.ts'
import type { TaskState } from './task.ts'

export type TaskLine = {
  id: number
  item: number
  list: number
  listTitle: string
  title: string
  unit: number
  unitName: string
  unitCode: string
  parentName: string
  issuer: number
  issuerName: string
  state: TaskState
  progress: number
  due: string
  deferrals: number
  form: string | null
  period: number | null
  signedAt: string | null
  reportedAt: string | null
  doneAt: string | null
  formerName: string | null
  returnUnit: number
  version: number
}

const taskColumns = sql`s.id, s.item_id as item, s.list_id as list, l.title as "listTitle", s.title, s.unit_id as unit, u.name as "unitName", u.code as "unitCode",
  coalesce(pu.name, '') as "parentName", l.issuer_unit as issuer, iu.name as "issuerName", s.live_state as state, s.progress, s.due, s.deferrals,
  s.form, s.period, s.signed_at as "signedAt", s.reported_at as "reportedAt", s.done_at as "doneAt", s.version,
  (select fu.name from unit fu where fu.id = s.former_unit) as "formerName", coalesce(s.return_unit, s.unit_id) as "returnUnit"`
const taskTables = sql`task_state s join unit u on u.id = s.unit_id join list l on l.id = s.list_id join unit iu on iu.id = l.issuer_unit
  left join unit pu on pu.id = ${parentOf('u')}`

export type Only = 'all' | 'open' | 'unsigned' | 'unreported' | 'overdue' | 'dueSoon' | 'toCheck' | 'deferralAsked' | 'done'
export type TaskFilter = {
  list?: number | undefined
  item?: number | undefined
  state?: TaskState | undefined
  only: Only
  q?: string | undefined
  sort: 'due' | 'unit' | 'state'
  limit: number
  offset: number
}

/** @param far the first day that is not near; null where the calendar is missing */
export async function findTasks(tx: Tx, scope: Condition, filter: TaskFilter, { today, far }: { today: string; far: string | null }) {
  const { list, item, state, only, q } = filter
  const where = sql`${scope} and (${list ?? null}::int is null or s.list_id = ${list ?? null}::int)
    and (${item ?? null}::int is null or s.item_id = ${item ?? null}::int)
    and (${state ?? null}::text is null or s.live_state = ${state ?? null}::text)
    and (${q ?? null}::text is null or s.title ilike '%' || ${q ?? ''}::text || '%' or u.name ilike '%' || ${q ?? ''}::text || '%')
    and case ${only}::text
      when 'open' then ${isOpen}
      when 'unsigned' then s.live_state = 'issued' and s.form is null
      when 'unreported' then ${notReported}
      when 'overdue' then ${notReported} and s.due < ${today}::date
      when 'dueSoon' then ${notReported} and s.due >= ${today}::date and s.due < ${far}::date
      when 'toCheck' then s.live_state in ('submitted', 'verified')
      when 'deferralAsked' then exists (select from deferral d where d.task_id = s.id and d.decided_at is null)
      when 'done' then s.live_state = 'closed'
      else true end`
  const order = { due: sql`s.due, u.code`, unit: sql`u.code, s.due`, state: sql`s.live_state, s.due, u.code` }[filter.sort]
  const rows = await many<TaskLine>(tx, sql`select ${taskColumns} from ${taskTables} where ${where} order by ${order}, s.id limit ${filter.limit} offset ${filter.offset}`)
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total from task_state s join unit u on u.id = s.unit_id where ${where}`)
  return { rows, total }
}

export type WorkbookLine = TaskLine & { ordinal: number; result: string | null; submittedBy: string | null; verifiedBy: string | null }

/** One slice of a list's tasks in the order of items and unit codes; `after` is the last row of the slice before. */
export function taskSlice(tx: Tx, list: number, scope: Condition, after: { ordinal: number; unitCode: string; id: number }, limit: number, locale: Locale): Promise<WorkbookLine[]> {
  return many(
    tx,
    sql`select ${taskColumns}, i.ordinal, s.result, signed_name(s.submitted_by, 'task:' || s.id, ${locale}) as "submittedBy", signed_name(s.verified_by, 'task:' || s.id, ${locale}) as "verifiedBy"
        from ${taskTables} join item i on i.id = s.item_id
        where s.list_id = ${list} and ${scope} and (i.ordinal, u.code, s.id) > (${after.ordinal}::int, ${after.unitCode}::text, ${after.id}::bigint)
        order by i.ordinal, u.code, s.id limit ${limit}`,
  )
}

/**
 * How far a list is, of what the reader may see; cancelled tasks are asked of nobody.
 * @returns how many are reported (checked or not), whose are not (the first of them), and whether the list reaches beyond the scope
 */
export async function listCoverage(tx: Tx, list: number, scope: Condition): Promise<{ expected: number; reported: number; closed: number; missing: string[]; beyond: boolean }> {
  const counts = await one<{ expected: number; reported: number; closed: number; beyond: boolean }>(
    tx,
    sql`select count(*) filter (where seen)::int as expected, count(*) filter (where seen and state in ('submitted', 'verified', 'closed'))::int as reported,
          count(*) filter (where seen and state = 'closed')::int as closed, coalesce(bool_or(not seen), false) as beyond
        from (select s.live_state as state, (${scope}) as seen from task_state s join unit u on u.id = s.unit_id where s.list_id = ${list} and s.live_state <> 'cancelled') x`,
  )
  const missing = counts.reported === counts.expected ? [] : await many<{ name: string }>(
    tx,
    sql`select u.name from task_state s join unit u on u.id = s.unit_id join item i on i.id = s.item_id
        where s.list_id = ${list} and ${scope} and s.live_state not in ('submitted', 'verified', 'closed', 'cancelled') order by i.ordinal, u.code, s.id limit 20`,
  )
  return { ...counts, missing: missing.map(({ name }) => name) }
}

export type TaskFull = TaskLine & {
  detail: string
  deliverable: string
  measure: string
  lead: number | null
  coUnits: number[]
  dueFrom: string | null
  dueWorkingDays: number | null
  result: string | null
  reason: string | null
  signedBy: string | null
  submittedBy: string | null
  verifiedBy: string | null
}

export function taskOf(tx: Tx, id: number): Promise<TaskFull | undefined> {
  return maybe(
    tx,
    sql`select ${taskColumns}, i.detail, i.deliverable, i.measure, i.lead_unit as lead, i.co_units as "coUnits", i.due_from as "dueFrom",
          i.due_working_days as "dueWorkingDays", s.result, s.reason, s.signed_by as "signedBy", s.submitted_by as "submittedBy", s.verified_by as "verifiedBy"
        from ${taskTables} join item i on i.id = s.item_id where s.id = ${id}`,
  )
}

/** Locks a task until the transaction ends. */
export function lockTask(tx: Tx, id: number): Promise<{ id: number } | undefined> {
  return maybe(tx, sql`select id from task where id = ${id} for update`)
}

export type TaskChange = {
  to: TaskState
  at: Date
  progress?: number
  result?: string
  reason?: string
  signedBy?: string
  submittedBy?: string
  verifiedBy?: string
}

export function changeTask(tx: Tx, id: number, { to, at, progress, result, reason, signedBy, submittedBy, verifiedBy }: TaskChange): Promise<number> {
  return run(
    tx,
    sql`update task set state = ${to}, version = version + 1,
          progress = coalesce(${progress ?? null}::smallint, progress), result = coalesce(${result ?? null}::text, result),
          reason = coalesce(${reason ?? null}::text, case when ${to} = 'submitted' then null else reason end),
          signed_by = coalesce(${signedBy ?? null}::text, signed_by),
          signed_at = case when ${signedBy ?? null}::text is null then signed_at else ${at}::timestamptz end,
          submitted_by = coalesce(${submittedBy ?? null}::text, submitted_by),
          submitted_at = case when ${submittedBy ?? null}::text is null then submitted_at else ${at}::timestamptz end,
          verified_by = coalesce(${verifiedBy ?? null}::text, verified_by),
          verified_at = case when ${verifiedBy ?? null}::text is null then verified_at else ${at}::timestamptz end,
          closed_at = case when ${to} = 'closed' then ${at}::timestamptz else closed_at end
        where id = ${id}`,
  )
}

export type Below = { item: number; title: string; open: number; tasks: number }

/** @returns per item that was hung below the task's item: its tasks at or below the task's unit, and how many are open */
export function belowTask(tx: Tx, item: number, unit: number): Promise<Below[]> {
  return many(
    tx,
    sql`select c.id as item, c.title, count(*) filter (where ${isOpen})::int as open, count(*) filter (where s.live_state <> 'cancelled')::int as tasks
        from item c join task_state s on s.item_id = c.id join unit u on u.id = s.unit_id
        where c.parent_item = ${item} and ${unit} = any(${lineage('u')}) group by c.id, c.title order by c.id`,
  )
}

/** @returns the first open tasks below a task, for the reason why it stays open */
export function openBelowTask(tx: Tx, item: number, unit: number): Promise<Open[]> {
  return many(
    tx,
    sql`select s.unit_id as unit, u.name, s.title from item c join task_state s on s.item_id = c.id join unit u on u.id = s.unit_id
        where c.parent_item = ${item} and ${unit} = any(${lineage('u')}) and ${isOpen} order by u.code, s.id limit 10`,
  )
}
