import { maybe, one, sql, type Tx } from '../../server/db.ts'
import { record, type Doer } from '../../server/events.ts'
import { notify } from '../inbox/inbox.reads.ts'
import * as itemRows from './items.sql.ts'
import * as queries from './lists.sql.ts'
import { isOpen } from './task-conditions.sql.ts'
import { itemLife } from './task.ts'

// For objections (room burden): what an item asks of a unit, and taking it back when the objection is upheld.

/** @returns the open task of a unit under an item, with who issued it; undefined when there is none */
export function openTaskOf(tx: Tx, item: number, unit: number): Promise<{ title: string; form: string | null; issuer: number } | undefined> {
  return maybe(
    tx,
    sql`select s.title, s.form, l.issuer_unit as issuer from task_state s join list l on l.id = s.list_id
        where s.item_id = ${item} and s.unit_id = ${unit} and ${isOpen}`,
  )
}

/**
 * Cancels an item on an upheld objection: for one unit, or (unit null) for everybody whose task is still open. What is
 * closed or cancelled already stays as it is.
 */
export async function cancelFor(tx: Tx, id: number, { unit, by, name, reason }: { unit: number | null; by: Doer; name: string; reason: string }): Promise<void> {
  const item = (await itemRows.itemToChange(tx, id))!
  if (unit === null && item.state !== 'issued') return
  const to = unit === null ? itemLife.next(item.state, 'cancelItem', reason) : item.state
  const units = await itemRows.cancelOpenTasks(tx, id, reason, unit)
  if (to !== item.state) {
    await itemRows.settleItem(tx, id, 'cancelled', reason)
    await queries.settleList(tx, item.list)
  }
  const { issuer } = await one<{ issuer: number }>(tx, sql`select issuer_unit as issuer from list where id = ${item.list}`)
  await notify(tx, { units, verb: 'task.work', kind: 'cancelled', subject: `item:${id}`, facts: { title: item.title, reason }, by: name })
  await record(tx, 'item.cancelled', { by, unit: issuer, subject: `item:${id}`, reason, facts: { from: item.state, to, tasks: units.length, ...(unit === null ? {} : { unit }) } })
}
