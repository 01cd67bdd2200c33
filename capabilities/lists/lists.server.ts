import { Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { grantFor, mustBeAble, mustHold, scopeOf, type Actor } from '../access/permission.ts'
import { childrenOf, inScope, inSubtree, pathOf, pathOfUnit, unitOf } from '../units/units.reads.ts'
import { draftAnswers } from './drafts.server.ts'
import { issueAnswers } from './issue.server.ts'
import { ListTemplateDefinition, ProgrammeDefinition } from './list-definition.ts'
import type { listsContract } from './lists.contract.ts'
import * as itemRows from './items.sql.ts'
import * as queries from './lists.sql.ts'
import * as counted from './progress.sql.ts'
import type { ListLine } from './lists.sql.ts'
import { progressOf } from './progress.ts'
import { clockOf, itemsShown, limitShown, listMoves, listRow, listRowOf } from './shown.server.ts'
import { taskAnswers } from './tasks.server.ts'

/** @returns the list, if the actor issues or oversees it, or it reaches one of the actor's units. Throws `not-found`, `not-allowed` */
export async function readableList(tx: Tx, actor: Actor, id: number): Promise<ListLine> {
  const list = await queries.listOf(tx, id, actor.locale)
  if (!list) throw new Problem('not-found', { facts: { what: 'list', id } })
  if (grantFor(actor, 'list.read', await pathOf(tx, list.issuer))) return list
  const reaches = await queries.listIsVisible(tx, id, await inScope(tx, 'u', scopeOf(actor, 'list.read')))
  if (!reaches) throw new Problem('not-allowed', { facts: { verb: 'list.read', unit: list.issuer } })
  return list
}

export const listsAnswers: Answers<typeof listsContract> = {
  ...draftAnswers,
  ...issueAnswers,
  ...taskAnswers,

  async programmes({ tx }) {
    return (await queries.programmes(tx)).map((row) => ProgrammeDefinition.parse(row.definition))
  },

  async templates({ tx, input }) {
    const found = (await queries.templates(tx, input.programme)).map((row) => ListTemplateDefinition.parse(row.definition))
    return found.map(({ code, programme, year, name, items }) => ({ code, programme, year, name, heads: new Set(items.map((item) => item.head?.zh ?? '')).size, items: items.length }))
  },

  async template({ tx, input }) {
    const found = await queries.templateOf(tx, input.code)
    if (!found) throw new Problem('not-found', { facts: { what: 'template', code: input.code } })
    return ListTemplateDefinition.parse(found.definition)
  },

  async lists({ tx, input, actor, today }) {
    const scope = await inScope(tx, 'u', mustHold(actor, 'list.read'))
    const { rows, total } = await queries.findLists(tx, scope, input, actor.locale)
    const { daysLeft } = await clockOf(tx, today)
    const sums = await counted.sumsByList(tx, rows.map((row) => row.id), scope, today)
    return { rows: rows.map((line) => listRow(line, progressOf(sums.get(line.id), today, daysLeft))), total }
  },

  async list({ tx, input, actor, today }) {
    const list = await readableList(tx, actor, input.id)
    const clock = await clockOf(tx, today)
    return {
      ...(await listRowOf(tx, actor, list, clock)),
      clause: list.clause,
      template: list.template,
      createdBy: list.createdByName,
      entries: await itemsShown(tx, actor, list, await itemRows.itemsOf(tx, list.id), clock),
      moves: listMoves(actor, list, await pathOf(tx, list.issuer)),
    }
  },

  async deadline({ tx, input, today }) {
    const { calendar } = await clockOf(tx, today)
    return limitShown(calendar, input.from, input.days)
  },

  async matrix({ tx, input, actor, today }) {
    const unit = await unitOf(tx, input.unit)
    mustBeAble(actor, 'list.read', pathOfUnit(unit))
    const list = await readableList(tx, actor, input.id)
    const { daysLeft } = await clockOf(tx, today)
    const items = (await itemRows.itemsOf(tx, list.id)).filter((item) => item.state !== 'cancelled')
    const children = await childrenOf(tx, unit.id)
    const sums = await counted.sumsByCell(tx, list.id, { ...unit, condition: inSubtree('u', unit) }, today)
    const cellOf = new Map(sums.map(({ child, item, ...rest }) => [`${child} ${item}`, progressOf(rest, today, daysLeft)]))
    const rowOf = (child: number) => items.map((item) => cellOf.get(`${child} ${item.id}`) ?? null)
    return {
      items: items.map(({ id, ordinal, title }) => ({ item: id, ordinal, title })),
      rows: children.slice(input.offset, input.offset + input.limit).map((child) => ({ unit: child.id, name: child.name, cells: rowOf(child.id) })),
      total: children.length,
      owned: children.reduce((sum, child) => sum + rowOf(child.id).filter((cell) => cell !== null).length, 0),
      cells: children.length * items.length,
    }
  },
}
