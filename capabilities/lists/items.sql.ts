import { json, many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import type { Audience } from '../units/audience.ts'
import { isOpen, lineage, type Open } from './task-conditions.sql.ts'
import type { ListState } from './task.ts'

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
