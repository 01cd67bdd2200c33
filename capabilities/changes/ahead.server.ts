import { createHash, randomUUID } from 'node:crypto'
import { todayIn, type CivilDate } from '../../rules/civil-date.ts'
import { isProblem, Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Database, Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { actorOfAccount } from '../access/access.reads.ts'
import { grantFor, mustBeAble, mustHold, type Actor } from '../access/permission.ts'
import type { MoveNow } from '../endpoint.ts'
import { notify } from '../inbox/inbox.reads.ts'
import { inScope, pathOf, pathOfUnit, unitsOf } from '../units/units.reads.ts'
import * as plans from './ahead.sql.ts'
import type { PlanFull } from './ahead.sql.ts'
import { carryOut, tryOut, type CarriedOut } from './carry-out.server.ts'
import { unitsNamed, wrongIn, type Change } from './change.ts'
import { ChangeInput, type changesContract, type PlanRow, type Report } from './changes.contract.ts'
import { aheadOf, misfitsOf, planMoves, type Basis, type Misfit, type PlanMove } from './plan.ts'

type Asking = { tx: Tx; actor: Actor; today: CivilDate; now: Date }
export type Previewed = { fingerprint: string; reports: Report[]; ahead: CivilDate | null; coming: PlanRow[] }

/**
 * What changes would move, now or, when their day lies ahead, as if it were their day; changes nothing. The fingerprint
 * of what is prepared ahead rests on the structure alone, for work goes on until the day. Throws what `carryOut` throws.
 * @param besides a plan that is looked at again
 */
export async function previewChanges(asking: Asking, changes: readonly Change[], besides?: number): Promise<Previewed> {
  const { found, on } = await tried(asking, changes)
  const coming = await plans.plansOfUnits(asking.tx, changes.flatMap(unitsNamed), besides, asking.actor.locale)
  return { fingerprint: on === undefined ? found.fingerprint : planFingerprint(changes, found.basis), reports: found.reports, ahead: on ?? null, coming }
}

async function tried(asking: Asking, changes: readonly Change[]): Promise<{ found: CarriedOut; on: CivilDate | undefined }> {
  const { on, wrong } = aheadOf(changes, asking.today)
  if (wrong.length > 0) {
    const all = [...wrong, ...changes.flatMap((change, at) => wrongIn(change, change.on).map((one) => ({ ...one, path: `changes.${at}.${one.path}` })))]
    throw new Problem('change-invalid', { field: wrong[0]!.path, facts: { total: all.length }, findings: all.map((one) => ({ ...one, facts: one.facts ?? {} })) })
  }
  return { found: await tryOut({ ...asking, today: on ?? asking.today }, changes), on }
}

const planFingerprint = (changes: readonly Change[], basis: Basis) => createHash('sha256').update(JSON.stringify([changes, basis])).digest('hex').slice(0, 32)

/** The plan, when the reader may see one of its units. Throws Problem `not-found` or `not-allowed`. */
async function readable(tx: Tx, actor: Actor, id: number): Promise<PlanFull> {
  const plan = await plans.planOf(tx, id, { locale: actor.locale })
  if (!plan) throw new Problem('not-found', { facts: { what: 'plan', id } })
  const units = [...(await unitsOf(tx, [...plan.unitIds, plan.unit])).values()]
  if (!units.some((unit) => grantFor(actor, 'unit.read', pathOfUnit(unit)))) throw new Problem('not-allowed', { facts: { verb: 'unit.read' } })
  return plan
}

/** The plan for a move, in its turn. Throws Problem `not-found`, `not-allowed`, `stale-version` or `move-not-possible`. */
async function forMove({ tx, actor }: Asking, { id, version }: { id: number; version: number }, move: PlanMove): Promise<PlanFull> {
  const plan = await plans.planOf(tx, id, { lock: true })
  if (!plan) throw new Problem('not-found', { facts: { what: 'plan', id } })
  mustBeAble(actor, 'unit.manage', await pathOf(tx, plan.unit))
  if (plan.version !== version) throw new Problem('stale-version', { facts: { mine: { version }, theirs: { version: plan.version, state: plan.state, by: plan.endedBy ?? plan.by, at: plan.endedAt ?? plan.at } } })
  if (!planMoves[move].includes(plan.state)) throw new Problem('move-not-possible', { facts: { life: 'plan', move, state: plan.state, from: planMoves[move] } })
  return plan
}

type Names = 'prepare' | 'plans' | 'plan' | 'renew' | 'withdraw'
export const aheadAnswers: Pick<Answers<typeof changesContract>, Names> = {
  async prepare({ tx, input, actor, today, now }) {
    const { changes, reason, document } = input
    const { found, on } = await tried({ tx, actor, today, now }, changes)
    if (on === undefined) throw new Problem('change-not-ahead', { field: 'changes.0.on', facts: { on: changes[0]!.on, today } })
    if (planFingerprint(changes, found.basis) !== input.fingerprint) throw new Problem('change-preview-old')
    const units = [...new Set(changes.flatMap(unitsNamed))]
    const [other] = await plans.plansOfUnits(tx, units, undefined, actor.locale)
    if (other) throw new Problem('change-planned-already', { facts: { on: other.on, names: other.units.join('、'), document: other.document } })
    const first = (await unitsOf(tx, units)).get(units[0]!)!
    const grant = mustBeAble(actor, 'unit.manage', pathOfUnit(first))
    const id = await plans.insertPlan(tx, { unit: grant.unit, on, changes, reports: found.reports, basis: found.basis, reason, document, by: actor.account, at: now, units })
    await record(tx, 'unit.changePlanned', { by: { account: actor.account, post: grant.post || undefined }, unit: first.id, subject: `plan:${id}`, reason, facts: { document, on, changes: changes.length } })
    return { id, version: 1 }
  },

  async plans({ tx, input, actor }) {
    const scope = mustHold(actor, 'unit.read')
    if (input.unit !== undefined) mustBeAble(actor, 'unit.read', await pathOf(tx, input.unit))
    return plans.findPlans(tx, await inScope(tx, 'u', scope), input, actor.locale)
  },

  async plan({ tx, input, actor }) {
    const { basis: _basis, made: _made, batch, endedBy, endedAt, endReason, unitIds: _ids, ...plan } = await readable(tx, actor, input.id)
    const may = grantFor(actor, 'unit.manage', await pathOf(tx, plan.unit)) !== undefined
    const moves = (Object.keys(planMoves) as PlanMove[]).map((move): MoveNow => {
      const possible = planMoves[move].includes(plan.state)
      return { move, from: [...planMoves[move]], possible: may && possible, ...(may ? {} : { why: 'not-allowed' }) }
    })
    return {
      ...plan, asked: plan.changes as never, changes: plan.changes.length, misfit: plan.misfit ?? [], moves,
      became: batch === null ? [] : await plans.changesOfBatch(tx, batch), ended: endedAt === null ? null : { by: endedBy, at: endedAt, reason: endReason ?? '' },
    }
  },

  async renew({ tx, input, actor, today, now }) {
    const asking = { tx, actor, today, now }
    const plan = await forMove(asking, input, 'renew')
    const grant = mustBeAble(actor, 'unit.manage', await pathOf(tx, plan.unit))
    // The database keeps the fields of a change in an order of its own; a fingerprint wants that of the contract.
    const changes = plan.changes.map((change): Change => ChangeInput.parse(change))
    const by = { account: actor.account, post: grant.post || undefined }
    if (plan.on > today) {
      const { found } = await tried(asking, changes)
      if (planFingerprint(changes, found.basis) !== input.fingerprint) throw new Problem('change-preview-old')
      await plans.saveRenewed(tx, plan.id, { reports: found.reports, basis: found.basis, by: actor.account, at: now })
      await record(tx, 'unit.changePlanRenewed', { by, unit: plan.unitIds[0], subject: `plan:${plan.id}`, facts: { document: plan.document, on: plan.on } })
      return { id: plan.id, version: plan.version + 1, became: [] }
    }
    // Its day has come: confirmed anew, it is carried out.
    const batch = randomUUID()
    const { ids, fingerprint } = await carryOut({ ...asking, reason: plan.reason, document: plan.document, batch }, changes)
    if (fingerprint !== input.fingerprint) throw new Problem('change-preview-old')
    await plans.saveDone(tx, plan.id, { by: actor.account, at: now, batch })
    return { id: plan.id, version: plan.version + 1, became: ids }
  },

  async withdraw({ tx, input, actor, today, now }) {
    const plan = await forMove({ tx, actor, today, now }, input, 'withdraw')
    const grant = mustBeAble(actor, 'unit.manage', await pathOf(tx, plan.unit))
    await plans.saveWithdrawn(tx, plan.id, { by: actor.account, at: now, reason: input.reason })
    await record(tx, 'unit.changePlanWithdrawn', { by: { account: actor.account, post: grant.post || undefined }, unit: plan.unitIds[0], subject: `plan:${plan.id}`, reason: input.reason, facts: { document: plan.document, on: plan.on } })
    return { id: plan.id, version: plan.version + 1 }
  },
}

// ---- the timetable

/** What stands in a plan's way is told, not thrown. */
class DoesNotFit extends Error {
  readonly misfits: Misfit[]
  constructor(misfits: Misfit[]) {
    super('the plan does not fit')
    this.misfits = misfits
  }
}

/**
 * Carries out the changes whose day has come, each in a transaction of its own and exactly once, whoever else runs this:
 * the plan's row is its turn. It is done with the rights its preparer has on the day. A plan that does not fit the
 * structure any more, or that the structure refuses, is not done; the office that prepared it is told.
 * @returns the plans that were carried out and those that do not fit
 */
export async function carryOutDue(database: Database, now: Date): Promise<{ done: number[]; misfit: number[] }> {
  const today = todayIn(now.getTime())
  return eachPlan(database, now, await plans.waitingPlans(database.db, today), async (tx, plan, actor) => {
    const batch = randomUUID()
    const { basis } = await carryOut({ tx, actor, today, now, reason: plan.reason, document: plan.document, batch }, plan.changes)
    mustFit(plan, basis)
    await plans.saveDone(tx, plan.id, { by: null, at: now, batch })
    await notify(tx, { units: [plan.unit], verb: 'unit.manage', kind: 'changePlanDone', subject: `plan:${plan.id}`, facts: factsOf(plan) })
  })
}

/** Looks every night whether what waits still fits, so that the office hears of it before the day and not on it. */
export async function lookAhead(database: Database, now: Date): Promise<{ done: number[]; misfit: number[] }> {
  return eachPlan(database, now, await plans.waitingPlans(database.db, null), async (tx, plan, actor) => {
    const today = todayIn(now.getTime())
    mustFit(plan, (await tryOut({ tx, actor, now, today: plan.on > today ? plan.on : today }, plan.changes)).basis)
    await plans.saveLooked(tx, plan.id, now)
  })
}

function mustFit(plan: PlanFull, now: Basis): void {
  const misfits = misfitsOf(plan.basis, now)
  if (misfits.length > 0) throw new DoesNotFit(misfits)
}

/** Throws the first error that is a bug, after every other plan has had its turn. */
async function eachPlan(database: Database, now: Date, ids: readonly number[], work: (tx: Tx, plan: PlanFull, actor: Actor) => Promise<void>): Promise<{ done: number[]; misfit: number[] }> {
  const done: number[] = []
  const misfit: number[] = []
  const bugs: unknown[] = []
  for (const id of ids) {
    try {
      const taken = await database.transaction(async (tx) => {
        if (!(await plans.takePlan(tx, id))) return false
        const plan = (await plans.planOf(tx, id))!
        const actor = await actorOfAccount(tx, plan.made, todayIn(now.getTime()))
        await work(tx, plan, actor)
        return true
      })
      if (taken) done.push(id)
    } catch (error) {
      const misfits = misfitsIn(error)
      if (!misfits) bugs.push(error)
      else if (await tellMisfit(database, id, misfits, now)) misfit.push(id)
    }
  }
  if (bugs.length > 0) throw bugs[0]
  return { done, misfit }
}

function misfitsIn(error: unknown): Misfit[] | undefined {
  if (error instanceof DoesNotFit) return error.misfits
  if (!isProblem(error)) return undefined
  const findings = error.findings.length > 0 ? error.findings : [{ code: error.code, facts: error.facts }]
  return findings.map((one): Misfit => ({ what: 'problem', code: one.code, facts: one.facts ?? {} }))
}

/** @returns false when somebody else has decided on it meanwhile */
function tellMisfit(database: Database, id: number, misfits: Misfit[], now: Date): Promise<boolean> {
  return database.transaction(async (tx) => {
    if (!(await plans.takePlan(tx, id))) return false
    const plan = (await plans.planOf(tx, id))!
    await plans.saveMisfit(tx, id, misfits, now)
    await notify(tx, { units: [plan.unit], verb: 'unit.manage', kind: 'changePlanMisfit', subject: `plan:${id}`, facts: factsOf(plan) })
    await record(tx, 'unit.changePlanMisfit', { by: null, unit: plan.unitIds[0], subject: `plan:${id}`, facts: { document: plan.document, on: plan.on, misfits: misfits.length } })
    return true
  })
}

const factsOf = (plan: PlanFull) => ({ title: `${plan.units.slice(0, 4).join('、')}（${plan.document}）`, on: plan.on })
