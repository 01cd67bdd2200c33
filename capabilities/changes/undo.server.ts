import { todayIn } from '../../rules/civil-date.ts'
import { Problem } from '../../rules/problem.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { anyHolding, returnAccounts, returnHoldings } from '../access/access.reads.ts'
import { mustBeAble, type Actor, type Grant } from '../access/permission.ts'
import { returnPromises } from '../promises/succession.reads.ts'
import { returnBurden } from '../burden/succession.reads.ts'
import { returnTargets } from '../indicators/succession.reads.ts'
import { askReturns, handForms, lockCounties, moveToCounties, rebuildCounties, reportsStamp, withdrawReturns } from '../ledgers/succession.reads.ts'
import { moveTasksToCounties, otherTasksOf, returnLists, returnTasks, tasksChangedSince } from '../lists/succession.reads.ts'
import * as structure from '../units/structure.reads.ts'
import { countyIdOf, pathOfUnit, unitsOf } from '../units/units.reads.ts'
import { returnPlans } from './ahead.sql.ts'
import * as queries from './changes.sql.ts'

const foreignKeyViolation = '23503'

/**
 * Why a change cannot be taken back any more, as the code of a problem; undefined when it can (C1): a later change
 * touches its units, one of its units or tasks was changed, somebody reported, or something new hangs on a new unit.
 */
export async function whyNotUndo(tx: Tx, id: number): Promise<'change-undo-later' | 'change-undo-hangs' | undefined> {
  const change = await queries.changeOf(tx, id)
  if (!change) return undefined
  const { moved } = change
  if ((await queries.laterChanges(tx, id)).length > 0) return 'change-undo-later'
  const now = new Map((await structure.unitsBefore(tx, moved.units.map((one) => one.id))).map((one) => [one.id, one.version]))
  if (moved.units.some((one) => now.get(one.id) !== one.after)) return 'change-undo-later'
  const hangs =
    (await tasksChangedSince(tx, moved.tasks)) > 0 ||
    (await reportsStamp(tx, moved.reporting.units)) !== moved.reporting.stamp ||
    (await anyHolding(tx, moved.postsMade)) ||
    (await structure.hangsAnything(tx, moved.created, [...moved.created, ...moved.units.map((one) => one.id)])) ||
    (await otherTasksOf(tx, moved.created, moved.tasks.map((one) => one.id))) > 0
  return hangs ? 'change-undo-hangs' : undefined
}

/** A room that `whyNotUndo` does not ask has something of its own on a new unit: the database says so, and all stays as it is. */
function hangs(error: { code?: string }): never {
  throw error.code === foreignKeyViolation ? new Problem('change-undo-hangs') : error
}

/**
 * Takes a change back: on the day it was made, while nothing new hangs on what came of it. Every row that moved goes
 * back to how it stood, units it made are gone, and the kept figures of the counties are worked out anew.
 * Throws Problem `change-undo-late`, `change-undo-later` or `change-undo-hangs`.
 */
export async function undoChange({ tx, actor, now, today }: { tx: Tx; actor: Actor; now: Date; today: string }, { id, reason }: { id: number; reason: string }): Promise<void> {
  await structure.lockStructure(tx)
  await queries.lockChange(tx, id)
  const change = await queries.changeOf(tx, id)
  if (!change) throw new Problem('not-found', { facts: { what: 'change', id } })
  const units = await unitsOf(tx, change.units)
  let grant: Grant | undefined
  for (const unit of units.values()) grant = mustBeAble(actor, 'unit.manage', change.kind === 'rename' ? pathOfUnit(unit) : pathOfUnit(unit).filter((above) => above !== unit.id))
  if (change.state !== 'done') throw new Problem('move-not-possible', { facts: { life: 'change', move: 'undo', state: change.state, from: ['done'] } })
  if (todayIn(Date.parse(change.at)) !== today) throw new Problem('change-undo-late', { facts: { on: todayIn(Date.parse(change.at)) } })
  const { moved } = change
  await lockCounties(tx, moved.counties)
  for (const one of [...moved.units].sort((a, b) => a.id - b.id)) await structure.unitForUpdate(tx, one.id)
  const why = await whyNotUndo(tx, id)
  if (why) throw new Problem(why)

  const before = await unitsOf(tx, [...moved.created, ...moved.units.map((one) => one.id)])
  await queries.removeSuccessors(tx, id)
  await structure.restoreUnits(tx, moved.units, moved.formers)
  for (const one of moved.units) await structure.writePaths(tx, one.id)
  await withdrawReturns(tx, moved.asked)
  await returnTasks(tx, moved.tasks)
  for (const { from, to, lists, bodies, accounts, forms, burden, promises = [], plans = [] } of moved.estates) {
    await returnLists(tx, from, lists)
    await structure.returnBodies(tx, to, from, bodies)
    await returnAccounts(tx, accounts, from)
    await returnBurden(tx, from, burden)
    await returnPromises(tx, from, promises)
    await returnPlans(tx, from, plans)
    if (forms.length > 0) await handForms(tx, to, from)
  }
  for (const { unit, rows } of moved.targets) await returnTargets(tx, unit, rows)
  await structure.reopenPosts(tx, moved.postsEnded)
  await returnHoldings(tx, moved.holdings)
  await structure.removePosts(tx, moved.postsMade)
  for (const unit of moved.created) await structure.removeUnit(tx, unit).catch(hangs)
  await structure.writeHeirPaths(tx)
  const all = await structure.withAllBelow(tx, moved.units.map((one) => one.id))
  const left = await moveToCounties(tx, all)
  await moveTasksToCounties(tx, all)
  await askReturns(tx, moved.withdrawn)
  const after = await unitsOf(tx, all)
  const above = [...before.values(), ...after.values()].flatMap((unit) => [unit.l1, unit.l2, unit.l3, unit.l4, unit.l5].filter((one) => one !== null))
  await structure.writeTallies(tx, [...new Set(above)].filter((one) => !moved.created.includes(one)))
  await rebuildCounties(tx, [...new Set([...moved.counties, ...left, ...[...after.values()].map(countyIdOf)])])
  await queries.saveUndone(tx, id, { by: actor.account, at: now, reason })
  await record(tx, 'unit.changeUndone', { by: { account: actor.account, post: grant?.post || undefined }, unit: moved.units[0]?.id, subject: `change:${id}`, reason, facts: { kind: change.kind, document: change.document } })
}
