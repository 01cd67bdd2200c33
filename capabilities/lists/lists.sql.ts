import type { RawBuilder } from 'kysely'
import { json, many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import type { Audience } from '../units/audience.ts'
import type { Condition } from '../units/units.reads.ts'
import type { TaskSums } from './progress.ts'
import type { ListState, TaskState } from './task.ts'

/** The unit itself and everything above it in both trees, as an array. */
const lineage = (alias: string) =>
  sql`(array[${sql.ref(`${alias}.l1`)}, ${sql.ref(`${alias}.l2`)}, ${sql.ref(`${alias}.l3`)}, ${sql.ref(`${alias}.l4`)}, ${sql.ref(`${alias}.l5`)}, ${sql.ref(`${alias}.id`)}] || ${sql.ref(`${alias}.line_path`)})`
/** Where a unit hangs in the roll-up tree. */
export const parentOf = (alias: string) =>
  sql`case when ${sql.ref(`${alias}.management`)} = 'line' then ${sql.ref(`${alias}.line_parent`)} else ${sql.ref(`${alias}.area_parent`)} end`
type Locale = 'zh-CN' | 'en'
const notReported = sql`s.live_state in ('issued', 'accepted', 'running', 'returned')`
const isOpen = sql`s.live_state not in ('closed', 'cancelled')`

// ---- programmes and templates

export function programmes(tx: Tx): Promise<{ definition: unknown }[]> {
  return many(tx, sql`select definition from programme order by from_year desc, code`)
}

export async function programmeExists(tx: Tx, code: string): Promise<boolean> {
  return (await maybe(tx, sql`select 1 as yes from programme where code = ${code}`)) !== undefined
}

export function templates(tx: Tx, programme: string | undefined): Promise<{ definition: unknown }[]> {
  return many(tx, sql`select definition from list_template where ${programme ?? null}::text is null or programme = ${programme ?? ''} order by code`)
}

export function templateOf(tx: Tx, code: string): Promise<{ definition: unknown } | undefined> {
  return maybe(tx, sql`select definition from list_template where code = ${code}`)
}

// ---- lists

export type ListLine = {
  id: number
  programme: string
  year: number
  title: string
  issuer: number
  issuerName: string
  state: ListState
  version: number
  items: number
  issuedAt: string | null
  clause: string | null
  template: string | null
  createdBy: string
  createdByName: string
}

const listColumns = (locale: Locale) => sql`l.id, l.programme, l.year, l.title, l.issuer_unit as issuer, iu.name as "issuerName", l.state, l.version,
  (select count(*) from item i where i.list_id = l.id)::int as items, l.issued_at as "issuedAt", l.clause, l.template, l.created_by as "createdBy",
  signed_name(l.created_by, 'list:' || l.id, ${locale}) as "createdByName"`

/** A list is seen from its issuer's unit and above; once issued also where it is led, helped with or worked on. */
const visible = (scope: Condition) => sql`(exists (select from unit u where u.id = l.issuer_unit and ${scope})
  or l.state <> 'draft' and (
    exists (select from item i join unit u on u.id = any(array_append(i.co_units, i.lead_unit)) where i.list_id = l.id and ${scope})
    or exists (select from item i join task t on t.item_id = i.id join unit u on u.id = t.unit_id where i.list_id = l.id and ${scope})))`

export type ListFilter = { q?: string | undefined; state?: ListState | undefined; year?: number | undefined; issuer?: number | undefined; limit: number; offset: number }

export async function findLists(tx: Tx, scope: Condition, { q, state, year, issuer, limit, offset }: ListFilter, locale: Locale) {
  const where = sql`(${q ?? null}::text is null or l.title ilike '%' || ${q ?? ''}::text || '%')
    and (${state ?? null}::text is null or l.state = ${state ?? null}::text)
    and (${year ?? null}::int is null or l.year = ${year ?? null}::int)
    and (${issuer ?? null}::int is null or l.issuer_unit = ${issuer ?? null}::int) and ${visible(scope)}`
  const rows = await many<ListLine>(
    tx,
    sql`select ${listColumns(locale)} from list l join unit iu on iu.id = l.issuer_unit where ${where}
        order by coalesce(l.issued_at, l.created_at) desc, l.id desc limit ${limit} offset ${offset}`,
  )
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total from list l where ${where}`)
  return { rows, total }
}

export function listOf(tx: Tx, id: number, locale: Locale = 'zh-CN'): Promise<ListLine | undefined> {
  return maybe(tx, sql`select ${listColumns(locale)} from list l join unit iu on iu.id = l.issuer_unit where l.id = ${id}`)
}

/** Locks the list: whoever changes it or its items waits here. */
export function listToChange(tx: Tx, id: number): Promise<ListLine | undefined> {
  return maybe(tx, sql`select ${listColumns('zh-CN')} from list l join unit iu on iu.id = l.issuer_unit where l.id = ${id} for update of l`)
}

export async function listIsVisible(tx: Tx, id: number, scope: Condition): Promise<boolean> {
  return (await maybe(tx, sql`select 1 as yes from list l where l.id = ${id} and ${visible(scope)}`)) !== undefined
}

export async function addList(
  tx: Tx,
  of: { issuer: number; programme: string; year: number; title: string; clause: string | null; template: string | null; by: string; at: Date },
): Promise<number> {
  const { id } = await one<{ id: number }>(
    tx,
    sql`insert into list (programme, year, title, issuer_unit, clause, template, created_by, created_at)
        values (${of.programme}, ${of.year}, ${of.title}, ${of.issuer}, ${of.clause}, ${of.template}, ${of.by}, ${of.at}) returning id`,
  )
  return id
}

/** @returns the draft in which this issuer already collects items below `parentItem`, if there is one */
export function draftBelow(tx: Tx, issuer: number, parentItem: number): Promise<{ id: number } | undefined> {
  return maybe(
    tx,
    sql`select l.id from list l where l.issuer_unit = ${issuer} and l.state = 'draft'
        and exists (select from item i where i.list_id = l.id and i.parent_item = ${parentItem}) order by l.id limit 1`,
  )
}

export function updateList(tx: Tx, id: number, title: string, clause: string | null): Promise<number> {
  return run(tx, sql`update list set title = ${title}, clause = ${clause}, version = version + 1 where id = ${id}`)
}

/** The page that wants to issue must have shown every item as it is now. */
export function touchList(tx: Tx, id: number): Promise<number> {
  return run(tx, sql`update list set version = version + 1 where id = ${id}`)
}

export async function removeList(tx: Tx, id: number): Promise<void> {
  await run(tx, sql`delete from item where list_id = ${id}`)
  await run(tx, sql`delete from list where id = ${id}`)
}

/** Closes a list when nothing of it is under way any more. @returns its state now */
export async function settleList(tx: Tx, id: number): Promise<void> {
  await run(
    tx,
    sql`update list l set version = version + 1,
          state = case when exists (select from item i where i.list_id = l.id and i.state = 'closed') then 'closed' else 'cancelled' end
        where l.id = ${id} and l.state = 'issued' and not exists (select from item i where i.list_id = l.id and i.state not in ('closed', 'cancelled'))`,
  )
}

// ---- items

export type ItemLine = {
  id: number
  list: number
  parentItem: number | null
  ordinal: number
  head: string | null
  title: string
  detail: string
  deliverable: string
  measure: string
  pillar: 'organisation' | 'foundation' | 'ability' | null
  weight: number
  lead: number | null
  coUnits: number[]
  postKind: string
  audience: Audience | null
  due: string | null
  dueFrom: string | null
  dueWorkingDays: number | null
  form: string | null
  period: number | null
  state: ListState
  reason: string | null
  version: number
}

const itemColumns = sql`i.id, i.list_id as list, i.parent_item as "parentItem", i.ordinal, i.head, i.title, i.detail, i.deliverable, i.measure,
  i.pillar, i.weight::float8 as weight, i.lead_unit as lead, i.co_units as "coUnits", i.lead_post_kind as "postKind", i.audience,
  i.due, i.due_from as "dueFrom", i.due_working_days as "dueWorkingDays", i.form, i.period, i.state, i.reason, i.version`

export function itemsOf(tx: Tx, list: number): Promise<ItemLine[]> {
  return many(tx, sql`select ${itemColumns} from item i where i.list_id = ${list} order by i.ordinal`)
}

export function itemOf(tx: Tx, id: number): Promise<ItemLine | undefined> {
  return maybe(tx, sql`select ${itemColumns} from item i where i.id = ${id}`)
}

/** Locks the item: it neither closes nor is cancelled while something is hung below it. */
export function itemToChange(tx: Tx, id: number): Promise<ItemLine | undefined> {
  return maybe(tx, sql`select ${itemColumns} from item i where i.id = ${id} for update`)
}

export type ItemParts = Pick<
  ItemLine,
  'head' | 'title' | 'detail' | 'deliverable' | 'measure' | 'pillar' | 'weight' | 'lead' | 'coUnits' | 'audience' | 'due' | 'dueFrom' | 'dueWorkingDays' | 'form' | 'period'
>

const itemRecord = sql`(head text, title text, detail text, deliverable text, measure text, pillar text, weight numeric, lead int, "coUnits" jsonb,
  audience jsonb, due date, "dueFrom" date, "dueWorkingDays" int, form text, period int)`
const coUnitsOf = (alias: string) => sql`array(select jsonb_array_elements_text(${sql.ref(`${alias}.coUnits`)})::int)`
/** A JSON null is kept as no value. */
const audienceOf = (alias: string) => sql`nullif(${sql.ref(`${alias}.audience`)}, 'null'::jsonb)`

/** Puts items after place `after` (0: first; undefined: last) in their order. @returns their ids */
export async function addItems(tx: Tx, list: number, items: readonly ItemParts[], { after, parentItem = null }: { after?: number | undefined; parentItem?: number | null }): Promise<number[]> {
  const { last } = await one<{ last: number }>(tx, sql`select coalesce(max(ordinal), 0)::int as last from item where list_id = ${list}`)
  const start = Math.min(after ?? last, last)
  await run(tx, sql`update item set ordinal = ordinal + ${items.length}::int where list_id = ${list} and ordinal > ${start}`)
  const rows = await many<{ id: number }>(
    tx,
    sql`insert into item (list_id, parent_item, ordinal, head, title, detail, deliverable, measure, pillar, weight, lead_unit, co_units, audience,
          due, due_from, due_working_days, form, period)
        select ${list}::int, ${parentItem}::int, ${start}::int + n, n.head, n.title, n.detail, n.deliverable, n.measure, n.pillar, n.weight, n.lead, ${coUnitsOf('n')},
          ${audienceOf('n')}, n.due, n."dueFrom", n."dueWorkingDays", n.form, n.period
        from (select x.*, row_number() over () as n from jsonb_to_recordset(${json(items)}) x${itemRecord}) n returning id`,
  )
  return rows.map((row) => row.id)
}

export function updateItem(tx: Tx, id: number, to: ItemParts): Promise<number> {
  return run(
    tx,
    sql`update item set head = n.head, title = n.title, detail = n.detail, deliverable = n.deliverable, measure = n.measure, pillar = n.pillar,
          weight = n.weight, lead_unit = n.lead, co_units = ${coUnitsOf('n')}, audience = ${audienceOf('n')}, due = n.due, due_from = n."dueFrom",
          due_working_days = n."dueWorkingDays", form = n.form, period = n.period, version = version + 1
        from jsonb_to_record(${json(to)}) n${itemRecord} where item.id = ${id}`,
  )
}

export async function removeItem(tx: Tx, { id, list, ordinal }: Pick<ItemLine, 'id' | 'list' | 'ordinal'>): Promise<void> {
  await run(tx, sql`delete from item where id = ${id}`)
  await run(tx, sql`update item set ordinal = ordinal - 1 where list_id = ${list} and ordinal > ${ordinal}`)
}

/** Puts an item at another place; those between move up or down by one. */
export function moveItem(tx: Tx, { id, list, ordinal }: Pick<ItemLine, 'id' | 'list' | 'ordinal'>, to: number): Promise<number> {
  return run(
    tx,
    sql`update item set version = version + (id = ${id})::int, ordinal = case
          when id = ${id} then least(${to}::int, (select count(*)::int from item where list_id = ${list}))
          when ordinal > ${ordinal} and ordinal <= ${to} then ordinal - 1
          when ordinal < ${ordinal} and ordinal >= ${to} then ordinal + 1
          else ordinal end
        where list_id = ${list}`,
  )
}

export function settleItem(tx: Tx, id: number, state: 'closed' | 'cancelled', reason: string | null): Promise<number> {
  return run(tx, sql`update item set state = ${state}, reason = ${reason}, version = version + 1 where id = ${id}`)
}

/** Cancels what is still open of an item. @param unit only its task; null: everybody's @returns the units whose task it was */
export async function cancelOpenTasks(tx: Tx, item: number, reason: string, unit: number | null = null): Promise<number[]> {
  const rows = await many<{ unit: number }>(
    tx,
    sql`update task t set state = 'cancelled', reason = ${reason}, version = t.version + 1
        from task_state s where s.id = t.id and t.item_id = ${item} and (${unit}::int is null or t.unit_id = ${unit}) and ${isOpen} returning t.unit_id as unit`,
  )
  return rows.map((row) => row.unit)
}

export type Open = { unit: number; name: string; title: string }

/** @returns open tasks of an item and of everything hung below it: the first of them, and how many in all */
export async function openOfItem(tx: Tx, item: number): Promise<{ open: number; first: Open[] }> {
  const tree = sql`with recursive tree as (
      select ${item}::int as id union all select c.id from item c join tree on c.parent_item = tree.id where c.state <> 'cancelled')`
  const { open } = await one<{ open: number }>(tx, sql`${tree} select count(*)::int as open from task_state s join tree on tree.id = s.item_id where ${isOpen}`)
  const first = await many<Open>(
    tx,
    sql`${tree} select s.unit_id as unit, u.name, s.title from task_state s join tree on tree.id = s.item_id join unit u on u.id = s.unit_id
        where ${isOpen} order by u.code, s.id limit 10`,
  )
  return { open, first }
}

/** @returns whether a task of the item is at `unit`, below it, or above it */
export async function itemReaches(tx: Tx, item: number, unit: number, path: readonly number[]): Promise<boolean> {
  const found = await maybe(
    tx,
    sql`select 1 as yes from task t join unit u on u.id = t.unit_id
        where t.item_id = ${item} and (t.unit_id = any(${path}::int[]) or ${unit} = any(${lineage('u')})) limit 1`,
  )
  return found !== undefined
}

// ---- issuing

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

// ---- progress

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

// ---- tasks

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

/** The condition “no task hung below task `s` is open”. */
export const nothingOpenBelow = sql`not exists (
  select from item c join task_state k on k.item_id = c.id join unit ku on ku.id = k.unit_id
  where c.parent_item = s.item_id and s.unit_id = any(${lineage('ku')}) and k.live_state not in ('closed', 'cancelled'))`

/** @returns the first open tasks below a task, for the reason why it stays open */
export function openBelowTask(tx: Tx, item: number, unit: number): Promise<Open[]> {
  return many(
    tx,
    sql`select s.unit_id as unit, u.name, s.title from item c join task_state s on s.item_id = c.id join unit u on u.id = s.unit_id
        where c.parent_item = ${item} and ${unit} = any(${lineage('u')}) and ${isOpen} order by u.code, s.id limit 10`,
  )
}

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

export type CommentLine = { id: number; by: string; at: string; text: string; needsReply: boolean; replyBy: string | null; replyTo: number | null; unit: number }

export function commentsOf(tx: Tx, task: number, locale: Locale = 'zh-CN'): Promise<CommentLine[]> {
  return many(
    tx,
    sql`select c.id, signed_name(c.by, 'task:' || c.task_id, ${locale}) as by, c.at, c.text, c.needs_reply as "needsReply", c.reply_by as "replyBy", c.reply_to as "replyTo", c.unit_id as unit
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
