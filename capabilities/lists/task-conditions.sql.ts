import { sql } from '../../server/db.ts'

/** The unit itself and everything above it in both trees, as an array. */
export const lineage = (alias: string) =>
  sql`(array[${sql.ref(`${alias}.l1`)}, ${sql.ref(`${alias}.l2`)}, ${sql.ref(`${alias}.l3`)}, ${sql.ref(`${alias}.l4`)}, ${sql.ref(`${alias}.l5`)}, ${sql.ref(`${alias}.id`)}] || ${sql.ref(`${alias}.line_path`)})`
/** Where a unit hangs in the roll-up tree. */
export const parentOf = (alias: string) =>
  sql`case when ${sql.ref(`${alias}.management`)} = 'line' then ${sql.ref(`${alias}.line_parent`)} else ${sql.ref(`${alias}.area_parent`)} end`
/** The language in which a name is marked. */
export type Locale = 'zh-CN' | 'en'
export const notReported = sql`s.live_state in ('issued', 'accepted', 'running', 'returned')`
export const isOpen = sql`s.live_state not in ('closed', 'cancelled')`

/** The condition “no task hung below task `s` is open”. */
export const nothingOpenBelow = sql`not exists (
  select from item c join task_state k on k.item_id = c.id join unit ku on ku.id = k.unit_id
  where c.parent_item = s.item_id and s.unit_id = any(${lineage('ku')}) and k.live_state not in ('closed', 'cancelled'))`

/** An open task, for the reason why something stays open. */
export type Open = { unit: number; name: string; title: string }
