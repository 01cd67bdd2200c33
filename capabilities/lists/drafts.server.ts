import { parsePeriod } from '../../rules/period.ts'
import { Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { mustBeAble, type Actor, type Grant } from '../access/permission.ts'
import { activeUnitOf, pathOf, pathOfUnit, unitIdsByCode, unitsOf } from '../units/units.reads.ts'
import { ListTemplateDefinition } from './list-definition.ts'
import type { ItemInput, listsContract } from './lists.contract.ts'
import * as itemRows from './items.sql.ts'
import * as queries from './lists.sql.ts'
import type { ItemLine, ItemParts } from './items.sql.ts'
import type { ListLine } from './lists.sql.ts'
import { clockOf, itemShown, listRowOf } from './shown.server.ts'
import { itemLife, listLife } from './task.ts'

export const bearer = (actor: Actor, grant: Grant) => ({ account: actor.account, post: grant.post || undefined })

/** Throws Problem `stale-version` unless the page showed the thing as it is. */
export function mustBeFresh(mine: number, { version, state }: { version: number; state: string }): void {
  if (mine !== version) throw new Problem('stale-version', { facts: { mine, theirs: version, state } })
}

/** Locks the list. Throws Problem `not-found`, or `not-allowed` unless the actor issues lists for its issuer. */
export async function listToChange(tx: Tx, actor: Actor, id: number): Promise<{ list: ListLine; grant: Grant }> {
  const list = await queries.listToChange(tx, id)
  if (!list) throw new Problem('not-found', { facts: { what: 'list', id } })
  return { list, grant: mustBeAble(actor, 'list.issue', await pathOf(tx, list.issuer)) }
}

/** Locks the item's list and gives the item as it is then. */
export async function itemToChange(tx: Tx, actor: Actor, id: number): Promise<{ item: ItemLine; list: ListLine; grant: Grant }> {
  const seen = await itemRows.itemOf(tx, id)
  if (!seen) throw new Problem('not-found', { facts: { what: 'item', id } })
  const { list, grant } = await listToChange(tx, actor, seen.list)
  const item = await itemRows.itemToChange(tx, id)
  if (!item) throw new Problem('not-found', { facts: { what: 'item', id } })
  return { item, list, grant }
}

/** What an officer wrote, as it is kept. Throws Problem `unit-unknown`, `invalid-input`, `period-invalid`. */
async function partsOf(tx: Tx, input: ItemInput): Promise<ItemParts> {
  if (input.due !== null && input.dueWorkingDays !== null) {
    throw new Problem('invalid-input', { field: 'item.dueWorkingDays', findings: [{ code: 'deadline-twice', path: 'item.dueWorkingDays' }] })
  }
  const named = [...(input.lead === null ? [] : [input.lead]), ...input.coUnits, ...(input.audience ? [...input.audience.within, ...(input.audience.line ?? []), ...(input.audience.except ?? [])] : [])]
  const known = await unitsOf(tx, named)
  const missing = named.find((id) => !known.has(id))
  if (missing !== undefined) throw new Problem('unit-unknown', { facts: { unit: missing } })
  return { ...input, period: input.period === null ? null : parsePeriod(input.period) }
}

/** The items of a pack's list as a first draft: whom they address and who leads is taken over where the pack knows it. */
async function fromTemplate(tx: Tx, { items }: ListTemplateDefinition, issuer: number): Promise<ItemParts[]> {
  const codes = await unitIdsByCode(tx, items.flatMap((item) => [...item.coUnits, ...(item.lead ? [item.lead] : [])]))
  return items.map((item) => ({
    head: item.head?.zh ?? null,
    title: item.title.zh,
    detail: item.detail?.zh ?? '',
    deliverable: item.deliverable.zh,
    measure: item.measure.zh,
    pillar: item.pillar ?? null,
    weight: item.weight,
    lead: (item.lead && codes.get(item.lead)) || null,
    coUnits: item.coUnits.flatMap((code) => codes.get(code) ?? []),
    audience: item.classes.length > 0 ? { classes: item.classes, within: [issuer] } : null,
    due: item.dueWorkingDays ? null : (item.due ?? null),
    dueFrom: null,
    dueWorkingDays: item.dueWorkingDays ?? null,
    form: item.form ?? null,
    period: item.period ? parsePeriod(item.period) : null,
  }))
}

async function templateMust(tx: Tx, code: string): Promise<ListTemplateDefinition> {
  const found = await queries.templateOf(tx, code)
  if (!found) throw new Problem('not-found', { facts: { what: 'template', code } })
  return ListTemplateDefinition.parse(found.definition)
}

type Names = 'create' | 'update' | 'remove' | 'addItem' | 'addBelow' | 'updateItem' | 'removeItem' | 'moveItem'

/** Writing a list while it is a draft. */
export const draftAnswers: Pick<Answers<typeof listsContract>, Names> = {
  async create({ tx, input, actor, now }) {
    const issuer = await activeUnitOf(tx, input.issuer)
    const grant = mustBeAble(actor, 'list.issue', pathOfUnit(issuer))
    if (!(await queries.programmeExists(tx, input.programme))) throw new Problem('not-found', { facts: { what: 'programme', code: input.programme } })
    const template = input.template === null ? undefined : await templateMust(tx, input.template)
    const id = await queries.addList(tx, { ...input, by: actor.account, at: now })
    if (template) await itemRows.addItems(tx, id, await fromTemplate(tx, template, issuer.id), {})
    await record(tx, 'list.created', { by: bearer(actor, grant), unit: issuer.id, subject: `list:${id}`, facts: { title: input.title, template: input.template } })
    return { id }
  },

  async update({ tx, input, actor, today }) {
    const { list, grant } = await listToChange(tx, actor, input.list)
    mustBeFresh(input.version, list)
    listLife.next(list.state, 'update')
    await queries.updateList(tx, list.id, input.title, input.clause)
    await record(tx, 'list.updated', { by: bearer(actor, grant), unit: list.issuer, subject: `list:${list.id}`, facts: { from: list.title, to: input.title } })
    return listRowOf(tx, actor, (await queries.listOf(tx, list.id))!, await clockOf(tx, today))
  },

  async remove({ tx, input, actor }) {
    const { list, grant } = await listToChange(tx, actor, input.list)
    mustBeFresh(input.version, list)
    listLife.next(list.state, 'remove')
    await queries.removeList(tx, list.id)
    await record(tx, 'list.removed', { by: bearer(actor, grant), unit: list.issuer, subject: `list:${list.id}`, facts: { title: list.title, items: list.items } })
    return { removed: true }
  },

  async addItem({ tx, input, actor, today }) {
    const { list, grant } = await listToChange(tx, actor, input.list)
    listLife.next(list.state, 'addItem')
    const [id] = await itemRows.addItems(tx, list.id, [await partsOf(tx, input.item)], { after: input.after })
    await queries.touchList(tx, list.id)
    await record(tx, 'item.added', { by: bearer(actor, grant), unit: list.issuer, subject: `item:${id}`, facts: { list: list.id, title: input.item.title } })
    return itemShown(tx, actor, id!, await clockOf(tx, today))
  },

  async addBelow({ tx, input, actor, now }) {
    const issuer = await activeUnitOf(tx, input.issuer)
    const path = pathOfUnit(issuer)
    const grant = mustBeAble(actor, 'list.issue', path)
    const parent = await itemRows.itemOf(tx, input.parentItem)
    const from = parent && (await queries.listOf(tx, parent.list))
    if (!parent || !from) throw new Problem('not-found', { facts: { what: 'item', id: input.parentItem } })
    itemLife.next(parent.state, 'addBelow')
    // What follows a return is closed by the return; nothing by hand could hold it open.
    if (parent.form !== null) throw new Problem('move-not-possible', { facts: { life: 'item', move: 'addBelow', state: parent.state, why: 'follows-form', form: parent.form } })
    const between = from.issuer !== issuer.id && path.includes(from.issuer)
    if (!between || !(await itemRows.itemReaches(tx, parent.id, issuer.id, path))) {
      throw new Problem('not-allowed', { facts: { verb: 'list.issue', unit: issuer.id, why: 'item-does-not-reach', item: parent.id } })
    }
    const draft = await queries.draftBelow(tx, issuer.id, parent.id)
    const list = draft?.id ?? (await queries.addList(tx, { issuer: issuer.id, programme: from.programme, year: from.year, title: parent.title, clause: from.clause, template: null, by: actor.account, at: now }))
    const [item] = await itemRows.addItems(tx, list, [await partsOf(tx, input.item)], { parentItem: parent.id })
    await queries.touchList(tx, list)
    await record(tx, 'item.added', { by: bearer(actor, grant), unit: issuer.id, subject: `item:${item}`, facts: { list, title: input.item.title, below: parent.id } })
    return { list, item: item! }
  },

  async updateItem({ tx, input, actor, today }) {
    const { item, list, grant } = await itemToChange(tx, actor, input.item)
    mustBeFresh(input.version, item)
    itemLife.next(item.state, 'updateItem')
    await itemRows.updateItem(tx, item.id, await partsOf(tx, input.to))
    await queries.touchList(tx, list.id)
    await record(tx, 'item.updated', { by: bearer(actor, grant), unit: list.issuer, subject: `item:${item.id}`, facts: { list: list.id, from: item.title, to: input.to.title } })
    return itemShown(tx, actor, item.id, await clockOf(tx, today))
  },

  async removeItem({ tx, input, actor }) {
    const { item, list, grant } = await itemToChange(tx, actor, input.item)
    mustBeFresh(input.version, item)
    itemLife.next(item.state, 'removeItem')
    await itemRows.removeItem(tx, item)
    await queries.touchList(tx, list.id)
    await record(tx, 'item.removed', { by: bearer(actor, grant), unit: list.issuer, subject: `item:${item.id}`, facts: { list: list.id, title: item.title } })
    return { removed: true }
  },

  async moveItem({ tx, input, actor }) {
    const { item, list, grant } = await itemToChange(tx, actor, input.item)
    mustBeFresh(input.version, item)
    itemLife.next(item.state, 'moveItem')
    await itemRows.moveItem(tx, item, input.to)
    await queries.touchList(tx, list.id)
    await record(tx, 'item.moved', { by: bearer(actor, grant), unit: list.issuer, subject: `item:${item.id}`, facts: { list: list.id, from: item.ordinal, to: input.to } })
    return { moved: true }
  },
}
