import { daysBetween } from '../../rules/civil-date.ts'
import { Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { notify } from '../inbox/inbox.reads.ts'
import { activeUnitOf, inScope, pathOf, pathOfUnit, pathsOf, unitOf } from '../units/units.reads.ts'
import * as queries from './commitments.sql.ts'
import { bearer, grantFrom, movesNow, mustBeClean, mustBeFresh, mustStand } from './deciding.ts'
import { commitmentLife, standingOf } from './lives.ts'
import type { Commitment, promisesContract } from './promises.contract.ts'
import { addStep, stepsOf } from './promises.sql.ts'

type Names = 'commitments' | 'commitmentCounts' | 'commitmentSteps' | 'commit' | 'keep' | 'withdrawCommitment'

async function commitmentToChange(tx: Tx, id: number): Promise<queries.CommitmentRow> {
  const found = await queries.commitmentForUpdate(tx, id)
  if (!found) throw new Problem('not-found', { facts: { what: 'commitment', id } })
  return found
}

export const commitmentAnswers: Pick<Answers<typeof promisesContract>, Names> = {
  async commitments({ tx, input, actor, today }) {
    const where = input.unit === undefined ? undefined : await inScope(tx, 'u', [input.unit])
    const { rows, total } = await queries.commitmentsWhere(tx, where, today, input)
    const paths = await pathsOf(tx, [...new Set(rows.map((row) => row.unit))])
    return {
      total,
      rows: rows.map(({ state, madeBy, ...row }): Commitment => {
        const path = paths.get(row.unit)!
        const standing = standingOf({ state, by: row.by, keptOn: row.keptOn }, today)
        const until = standing === 'late' ? today : standing === 'keptLate' ? row.keptOn! : row.by
        return {
          ...row, standing, daysLate: Math.max(0, daysBetween(row.by, until)),
          moves: movesNow(commitmentLife, state, (move) => {
            if (!grantFrom(actor, 'task.work', path, move === 'keep' ? 'atOrAbove' : 'own')) return 'not-allowed'
            return move === 'keep' && madeBy === actor.account ? 'same-person' : undefined
          }),
        }
      }),
    }
  },

  async commitmentCounts({ tx, input, today }) {
    const unit = await unitOf(tx, input.unit)
    const below = await queries.countsBelow(tx, unit.id, today)
    return { unit: unit.id, unitName: unit.name, all: await queries.countsOf(tx, unit, today), below: below.map(({ unit: child, name, ...counts }) => ({ unit: child, name, counts })) }
  },

  async commitmentSteps({ tx, input, actor }) {
    const found = await queries.unitOfCommitment(tx, input.id)
    if (!found) throw new Problem('not-found', { facts: { what: 'commitment', id: input.id } })
    // The promise is the unit's: its people are named to the unit itself and to those above it only.
    const path = await pathOf(tx, found.unit)
    const named = actor.grants.some((grant) => path.includes(grant.unit))
    return (await stepsOf(tx, 'commitment', input.id, actor.locale)).map((step) => (named ? step : { ...step, by: null }))
  },

  async commit({ tx, input, actor, today, now }) {
    const unit = await activeUnitOf(tx, input.unit)
    const grant = mustStand(actor, 'task.work', pathOfUnit(unit), 'own')
    mustBeClean({ text: input.text, measure: input.measure })
    if (input.by < today) throw new Problem('date-invalid', { field: 'by', facts: { given: input.by, from: today } })
    const state = commitmentLife.next('none', 'make')
    const { id, version } = await queries.addCommitment(tx, { ...input, madeBy: actor.account, madeOn: today })
    await addStep(tx, { kind: 'commitment', id, move: 'make', by: actor.account, unit: grant.unit, at: now, text: null })
    await record(tx, 'commitment.made', { by: bearer(actor, grant), unit: unit.id, subject: `commitment:${id}`, facts: { title: input.text, by: input.by } })
    return { id, state, version }
  },

  async keep({ tx, input, actor, today, now }) {
    const row = await commitmentToChange(tx, input.id)
    const grant = mustStand(actor, 'task.work', await pathOf(tx, row.unit), 'atOrAbove')
    mustBeFresh(input.version, row)
    const to = commitmentLife.next(row.state, 'keep', input.result)
    if (row.madeBy === actor.account) throw new Problem('same-person')
    if (input.on < row.madeOn || input.on > today) throw new Problem('date-invalid', { field: 'on', facts: { given: input.on, from: row.madeOn, to: today } })
    mustBeClean({ result: input.result })
    await queries.keepCommitment(tx, row.id, { on: input.on, result: input.result, by: actor.account })
    await addStep(tx, { kind: 'commitment', id: row.id, move: 'keep', by: actor.account, unit: grant.unit, at: now, text: input.result })
    await notify(tx, { units: [row.unit], verb: 'task.work', kind: 'commitmentKept', subject: `commitment:${row.id}`, facts: { title: row.text, text: input.result }, by: actor.account })
    await record(tx, 'commitment.kept', { by: bearer(actor, grant), unit: row.unit, subject: `commitment:${row.id}`, facts: { from: row.state, to, on: input.on, by: row.by } })
    return { id: row.id, state: to, version: row.version + 1 }
  },

  async withdrawCommitment({ tx, input, actor, now }) {
    const row = await commitmentToChange(tx, input.id)
    const grant = mustStand(actor, 'task.work', await pathOf(tx, row.unit), 'own')
    mustBeFresh(input.version, row)
    const to = commitmentLife.next(row.state, 'withdraw', input.reason)
    mustBeClean({ reason: input.reason })
    await queries.withdrawCommitment(tx, row.id, { reason: input.reason, by: actor.account })
    await addStep(tx, { kind: 'commitment', id: row.id, move: 'withdraw', by: actor.account, unit: grant.unit, at: now, text: input.reason })
    await record(tx, 'commitment.withdrawn', { by: bearer(actor, grant), unit: row.unit, subject: `commitment:${row.id}`, reason: input.reason, facts: { from: row.state, to } })
    return { id: row.id, state: to, version: row.version + 1 }
  },
}
