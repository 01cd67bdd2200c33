import { Problem, type Finding } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { mustBeAble } from '../access/permission.ts'
import { mustBeWithinCaps, registerIssuedList } from '../burden/burden.reads.ts'
import { askForm, burdenFor, formOf, mustBeIssuable } from '../ledgers/ledgers.reads.ts'
import { inScope, pathOf, unitsByAudience, unitsOf, type Condition } from '../units/units.reads.ts'
import { bearer, itemToChange, listToChange, mustBeFresh } from './drafts.server.ts'
import { missingOf, periodFits } from './list-item.ts'
import type { Cost, listsContract } from './lists.contract.ts'
import * as issuing from './issuing.sql.ts'
import * as itemRows from './items.sql.ts'
import * as queries from './lists.sql.ts'
import { cancelFor } from './objected.reads.ts'
import type { ItemLine } from './items.sql.ts'
import { clockOf, itemShown, limitShown, type Clock } from './shown.server.ts'
import { itemLife, listLife } from './task.ts'

type Names = 'cost' | 'issue' | 'cancelItem' | 'closeItem'
/** An item with everything that issuing needs. */
type Ready = { line: ItemLine; audience: Condition; due: string; from: string | null }

/** Everything that keeps a list from being issued, at its places: `items.<id>.<part>`. */
async function findingsOf(tx: Tx, items: readonly ItemLine[], audiences: ReadonlyMap<number, Condition>, issuer: number, clock: Clock): Promise<Finding[]> {
  const scope = await inScope(tx, 'u', [issuer])
  const leads = await unitsOf(tx, items.flatMap((item) => (item.lead === null ? [] : [item.lead])))
  const findings: Finding[] = []
  if (items.length === 0) findings.push({ code: 'no-items', path: 'items' })
  for (const item of items) {
    const wrong = (part: string, code: string, facts: Record<string, unknown> = {}) => findings.push({ code, path: `items.${item.id}.${part}`, facts: { title: item.title, ...facts } })
    for (const part of missingOf(item)) wrong(part, 'missing')
    const lead = item.lead === null ? undefined : leads.get(item.lead)
    if (lead && lead.state !== 'active') wrong('lead', 'unit-closed', { name: lead.name, since: lead.validTo })
    const audience = audiences.get(item.id)
    if (audience && !missingOf(item).includes('audience')) {
      const { units, outside, first } = await issuing.audienceIn(tx, audience, scope)
      if (units === 0) wrong('audience', 'nobody-addressed')
      if (outside > 0) wrong('audience', 'outside-issuer', { units: outside, first })
    }
    const due = item.due === null ? null : item.due < clock.today
    if (due && item.dueWorkingDays === null) wrong('deadline', 'deadline-past', { due: item.due })
    if (item.form !== null && item.period !== null) {
      const { cycle } = await formOf(tx, item.form)
      if (!periodFits(item.period, cycle)) wrong('period', 'period-of-other-cycle', { cycle })
    }
  }
  return findings
}

/** The condition of each item's rule; items with the same rule share one. */
async function audiencesOf(tx: Tx, items: readonly ItemLine[]): Promise<Map<number, Condition>> {
  const byRule = new Map<string, Condition>()
  const byItem = new Map<number, Condition>()
  for (const { id, audience } of items) {
    if (!audience) continue
    const key = JSON.stringify(audience)
    const condition = byRule.get(key) ?? (await unitsByAudience(tx, 'u', audience))
    byRule.set(key, condition)
    byItem.set(id, condition)
  }
  return byItem
}

/** The day an item is due: the one written, or counted from the day written, or from today (F-09). */
function deadlineOf({ due, dueFrom, dueWorkingDays }: ItemLine, { calendar, today }: Clock): { due: string; from: string | null } {
  if (dueWorkingDays === null) return { due: due!, from: null }
  const from = dueFrom ?? today
  return { due: limitShown(calendar, from, dueWorkingDays).due, from }
}

/** Issuing a list, and what its issuer does with items that are under way. */
export const issueAnswers: Pick<Answers<typeof listsContract>, Names> = {
  async cost({ tx, input, actor }) {
    const list = await queries.listOf(tx, input.id)
    if (!list) throw new Problem('not-found', { facts: { what: 'list', id: input.id } })
    mustBeAble(actor, 'list.issue', await pathOf(tx, list.issuer))
    const items = await itemRows.itemsOf(tx, list.id)
    const audiences = await audiencesOf(tx, items)
    const everywhere = await inScope(tx, 'u', [list.issuer])
    const cost: Cost = { items: [], units: await issuing.unitsOfAll(tx, [...new Set(audiences.values())]), tasks: 0, entries: 0, fieldsHeld: 0, minutesMonth: 0 }
    for (const item of items) {
      const audience = audiences.get(item.id)
      const units = audience ? (await issuing.audienceIn(tx, audience, everywhere)).units : 0
      const burden = item.form !== null && item.audience ? await burdenFor(tx, item.form, item.audience) : null
      cost.items.push({ item: item.id, title: item.title, units, tasks: units, burden })
      cost.tasks += units
      cost.entries += burden?.entries ?? 0
      cost.fieldsHeld += (burden?.fieldsHeld ?? 0) * units
      cost.minutesMonth += burden?.minutesMonth ?? 0
    }
    return cost
  },

  async issue({ tx, input, actor, today, now }) {
    const { list, grant } = await listToChange(tx, actor, input.list)
    mustBeFresh(input.version, list)
    listLife.next(list.state, 'issue')
    const clock = await clockOf(tx, today)
    const items = await itemRows.itemsOf(tx, list.id)
    for (const form of new Set(items.flatMap((item) => item.form ?? []))) await mustBeIssuable(tx, form, today)
    const audiences = await audiencesOf(tx, items)
    const findings = await findingsOf(tx, items, audiences, list.issuer, clock)
    if (findings.length > 0) throw new Problem('list-incomplete', { field: findings[0]!.path, facts: { findings: findings.length }, findings })
    const ready = items.map((line): Ready => ({ line, audience: audiences.get(line.id)!, ...deadlineOf(line, clock) }))
    await registerIssuedList(tx, { list: list.id, title: list.title, issuer: list.issuer, items: ready.map(({ line, due }) => ({ audience: line.audience!, due })), year: list.year, by: actor.account, today, now })
    const tasks = await lay(tx, ready, today, { issuer: list.issuer, by: actor.account, list: list.id })
    const units = await issuing.noteIssued(tx, list.id, { title: list.title, by: actor.account, at: now })
    await issuing.issueList(tx, list.id, now)
    await record(tx, 'list.issued', { by: bearer(actor, grant), unit: list.issuer, subject: `list:${list.id}`, facts: { title: list.title, items: items.length, tasks, units } })
    return { list: list.id, state: 'issued', tasks, units }
  },

  async cancelItem({ tx, input, actor, today }) {
    const { item, grant } = await itemToChange(tx, actor, input.item)
    mustBeFresh(input.version, item)
    itemLife.next(item.state, 'cancelItem', input.reason)
    await cancelFor(tx, item.id, { unit: null, by: bearer(actor, grant), name: actor.account, reason: input.reason })
    return itemShown(tx, actor, item.id, await clockOf(tx, today))
  },

  async closeItem({ tx, input, actor, today }) {
    const { item, list, grant } = await itemToChange(tx, actor, input.item)
    mustBeFresh(input.version, item)
    itemLife.next(item.state, 'closeItem')
    const { open, first } = await itemRows.openOfItem(tx, item.id)
    if (open > 0) throw new Problem('children-open', { facts: { open, first } })
    await itemRows.settleItem(tx, item.id, 'closed', null)
    await queries.settleList(tx, list.id)
    await record(tx, 'item.closed', { by: bearer(actor, grant), unit: list.issuer, subject: `item:${item.id}`, facts: { from: item.state, to: 'closed' } })
    return itemShown(tx, actor, item.id, await clockOf(tx, today))
  },
}

/** Gives every addressed unit its tasks: one insert per rule, however many units it addresses. @returns how many tasks */
async function lay(tx: Tx, ready: readonly Ready[], today: string, asker: { issuer: number; by: string; list: number }): Promise<number> {
  let tasks = 0
  for (const [audience, items] of Map.groupBy(ready, (item) => item.audience)) {
    tasks += await issuing.addTasks(tx, audience, items.map(({ line, due }) => ({ id: line.id, due, kind: line.postKind })), today)
  }
  for (const { line, due, from } of ready) {
    await issuing.issueItem(tx, line.id, { due, from })
    if (line.form !== null) {
      await mustBeWithinCaps(tx, { form: line.form, audience: line.audience!, issuer: asker.issuer, due, today })
      await askForm(tx, line.form, line.period!, line.audience!, { today, due, ...asker })
    }
    if (line.parentItem !== null) await mustHangBelowOpen(tx, line, line.parentItem)
  }
  return tasks
}

/** Throws Problem `move-not-possible` when the item above is no longer under way, or closed where this one would hang below it. */
async function mustHangBelowOpen(tx: Tx, item: ItemLine, parentItem: number): Promise<void> {
  const parent = await itemRows.itemToChange(tx, parentItem)
  itemLife.next(parent!.state, 'addBelow')
  await issuing.lockAbove(tx, item.id, parentItem)
  const closed = await issuing.closedAbove(tx, item.id, parentItem)
  if (closed.length > 0) throw new Problem('move-not-possible', { facts: { life: 'task', move: 'addBelow', state: 'closed', item: item.id, first: closed } })
}
