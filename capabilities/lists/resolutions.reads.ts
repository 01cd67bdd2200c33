import { Problem } from '../../rules/problem.ts'
import { many, sql, type Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { ProgrammeDefinition } from './list-definition.ts'
import * as itemRows from './items.sql.ts'
import * as queries from './lists.sql.ts'
import type { ItemParts } from './items.sql.ts'
import { listLife } from './task.ts'

type Bearer = { account: string; post?: number | undefined }

/**
 * Puts a resolution of a meeting into the meeting's draft list, which the first one begins; the list is issued like any
 * other (D27). The caller has asked whether the actor may issue for `issuer`. Throws Problem `move-not-possible` once the
 * list is issued, `not-found` for a programme.
 */
export async function resolveIntoDraft(
  tx: Tx,
  of: { list: number | null; issuer: number; programme: string | undefined; year: number; title: string; item: Pick<ItemParts, 'title' | 'lead' | 'coUnits' | 'audience' | 'deliverable' | 'measure' | 'due' | 'dueWorkingDays'>; by: Bearer; now: Date },
): Promise<{ list: number; item: number }> {
  const before = of.list === null ? undefined : await queries.listToChange(tx, of.list)
  if (before) listLife.next(before.state, 'addItem')
  const list = before?.id ?? (await queries.addList(tx, { issuer: of.issuer, programme: await programmeFor(tx, of.programme), year: of.year, title: of.title, clause: null, template: null, by: of.by.account, at: of.now }))
  if (!before) await record(tx, 'list.created', { by: of.by, unit: of.issuer, subject: `list:${list}`, facts: { title: of.title, template: null } })
  const [item] = await itemRows.addItems(tx, list, [{ head: null, detail: '', pillar: null, weight: 1, dueFrom: null, form: null, period: null, ...of.item }], {})
  await queries.touchList(tx, list)
  await record(tx, 'item.added', { by: of.by, unit: of.issuer, subject: `item:${item}`, facts: { list, title: of.item.title } })
  return { list, item: item! }
}

/** The programme that was named; by default the newest one. */
async function programmeFor(tx: Tx, code: string | undefined): Promise<string> {
  const [newest] = code === undefined ? await queries.programmes(tx) : []
  const chosen = code ?? (newest && ProgrammeDefinition.parse(newest.definition).code)
  if (chosen === undefined || !(await queries.programmeExists(tx, chosen))) throw new Problem('not-found', { field: 'programme', facts: { what: 'programme', code: chosen ?? null } })
  return chosen
}

export type ItemStanding = { list: number; item: number; title: string; leadName: string | null; coUnitNames: string[]; due: string | null; dueWorkingDays: number | null; state: 'draft' | 'open' | 'overdue' | 'closed' | 'cancelled'; task: number | null }

/** @returns how every item of these lists stands as a whole, in their order: one open task past its day makes it overdue */
export function standingOfItems(tx: Tx, lists: readonly number[], today: string): Promise<ItemStanding[]> {
  return many(
    tx,
    sql`select i.list_id as list, i.id as item, i.title, u.name as "leadName", array(select c.name from unit c where c.id = any(i.co_units) order by array_position(i.co_units, c.id)) as "coUnitNames", coalesce(t.due, i.due) as due, i.due_working_days as "dueWorkingDays", t.task,
          case when i.state in ('draft', 'cancelled', 'closed') then i.state when coalesce(t.open, 0) = 0 then case when t.closed > 0 then 'closed' else 'cancelled' end
            when t.overdue > 0 then 'overdue' else 'open' end as state
        from item i left join unit u on u.id = i.lead_unit
        left join lateral (
          select max(s.due) as due, case when count(*) = 1 then min(s.id) end as task, count(*) filter (where s.live_state = 'closed') as closed,
            count(*) filter (where s.live_state not in ('closed', 'cancelled')) as open, count(*) filter (where s.live_state not in ('closed', 'cancelled') and s.due < ${today}::date) as overdue
          from task_state s where s.item_id = i.id
        ) t on true
        where i.list_id = any(${lists}::int[]) order by i.list_id, i.ordinal`,
  )
}
