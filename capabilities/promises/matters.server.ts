import { Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { mustBeAble, mustHold, type Actor } from '../access/permission.ts'
import { limitFrom } from '../burden/burden.reads.ts'
import { notify } from '../inbox/inbox.reads.ts'
import { activeUnitOf, inScope, pathOf, pathOfUnit, pathsOf } from '../units/units.reads.ts'
import { bearer, grantFrom, movesNow, mustBeClean, mustBeFresh, mustStand } from './deciding.ts'
import { matterLife } from './lives.ts'
import * as queries from './matters.sql.ts'
import type { Matter, promisesContract } from './promises.contract.ts'
import { addStep, stepsOf } from './promises.sql.ts'
import { parentNow } from './promises.reads.ts'

type Names = 'matterKinds' | 'matters' | 'matterSteps' | 'reportMatter' | 'withdrawMatter' | 'acknowledgeMatter' | 'instructMatter' | 'closeMatter'

async function matterToChange(tx: Tx, id: number): Promise<queries.MatterRow> {
  const found = await queries.matterForUpdate(tx, id)
  if (!found) throw new Problem('not-found', { facts: { what: 'matter', id } })
  return found
}

function shown(row: queries.MatterRow, actor: Actor, path: readonly number[], today: string): Matter {
  const { zh, en, reportedBy, ...rest } = row
  return {
    ...rest, kindName: { zh, en },
    overdue: row.state === 'reported' && row.due !== null && row.due < today,
    acknowledgedLate: row.acknowledgedOn !== null && row.due !== null && row.acknowledgedOn > row.due,
    moves: movesNow(matterLife, row.state, (move) => {
      const own = move === 'withdraw' || move === 'report'
      if (!grantFrom(actor, own ? 'task.work' : 'task.check', path, own ? 'own' : 'above')) return 'not-allowed'
      return !own && reportedBy === actor.account ? 'same-person' : undefined
    }),
  }
}

type Answering = { move: 'acknowledge' | 'instruct' | 'close'; text?: string; notice: string; event: string }
/** What a level above does with a report: one shape for acknowledging, instructing and closing. */
async function fromAbove({ tx, input, actor, today, now }: { tx: Tx; input: { id: number; version: number }; actor: Actor; today: string; now: Date }, { move, text, notice, event }: Answering) {
  const row = await matterToChange(tx, input.id)
  const grant = mustStand(actor, 'task.check', await pathOf(tx, row.unit), 'above')
  mustBeFresh(input.version, row)
  const to = matterLife.next(row.state, move, text)
  if (row.reportedBy === actor.account) throw new Problem('same-person')
  if (text !== undefined) mustBeClean({ [move === 'close' ? 'outcome' : 'text']: text })
  await queries.moveMatter(tx, row.id, { state: to, ...(move === 'acknowledge' ? { acknowledgedOn: today } : move === 'instruct' ? { instruction: text! } : { outcome: text! }) })
  await addStep(tx, { kind: 'matter', id: row.id, move, by: actor.account, unit: grant.unit, at: now, text: text ?? null })
  await notify(tx, { units: [row.unit], verb: 'task.work', kind: notice, subject: `matter:${row.id}`, facts: { title: row.title, text: text ?? '' }, by: actor.account })
  await record(tx, event, { by: bearer(actor, grant), unit: row.unit, subject: `matter:${row.id}`, facts: { from: row.state, to, kind: row.kind } })
  return { id: row.id, state: to, version: row.version + 1 }
}

export const matterAnswers: Pick<Answers<typeof promisesContract>, Names> = {
  async matterKinds({ tx }) {
    return (await queries.matterKinds(tx)).map(({ code, zh, en, days }) => ({ code, name: { zh, en }, acknowledgeWorkingDays: days }))
  },

  async matters({ tx, input, actor, today }) {
    const { rows, total } = await queries.mattersWhere(tx, await inScope(tx, 'u', mustHold(actor, 'list.read')), input)
    const paths = await pathsOf(tx, [...new Set(rows.map((row) => row.unit))])
    return { total, rows: rows.map((row) => shown(row, actor, paths.get(row.unit)!, today)) }
  },

  async matterSteps({ tx, input, actor }) {
    const row = await queries.matterOf(tx, input.id)
    if (!row) throw new Problem('not-found', { facts: { what: 'matter', id: input.id } })
    mustBeAble(actor, 'list.read', await pathOf(tx, row.unit))
    return stepsOf(tx, 'matter', row.id, actor.locale)
  },

  async reportMatter({ tx, input, actor, today, now }) {
    const unit = await activeUnitOf(tx, input.unit)
    const grant = mustStand(actor, 'task.work', pathOfUnit(unit), 'own')
    const kind = await queries.matterKindOf(tx, input.kind)
    if (!kind) throw new Problem('not-found', { field: 'kind', facts: { what: 'matterKind', code: input.kind } })
    mustBeClean({ title: input.title, what: input.what, asked: input.asked })
    if (input.happenedOn > today) throw new Problem('date-invalid', { field: 'happenedOn', facts: { given: input.happenedOn, to: today } })
    const state = matterLife.next('none', 'report')
    const due = await limitFrom(tx, today, kind.days)
    const { id, version } = await queries.addMatter(tx, { ...input, by: actor.account, on: today, due })
    await addStep(tx, { kind: 'matter', id, move: 'report', by: actor.account, unit: grant.unit, at: now, text: null })
    const parent = await parentNow(tx, unit.id)
    if (parent !== null) await notify(tx, { units: [parent], verb: 'task.check', kind: 'matterReported', subject: `matter:${id}`, facts: { title: input.title }, by: actor.account })
    await record(tx, 'matter.reported', { by: bearer(actor, grant), unit: unit.id, subject: `matter:${id}`, facts: { kind: kind.code, due } })
    return { id, state, version, due }
  },

  async withdrawMatter({ tx, input, actor, now }) {
    const row = await matterToChange(tx, input.id)
    const grant = mustStand(actor, 'task.work', await pathOf(tx, row.unit), 'own')
    mustBeFresh(input.version, row)
    const to = matterLife.next(row.state, 'withdraw', input.reason)
    mustBeClean({ reason: input.reason })
    await queries.moveMatter(tx, row.id, { state: to })
    await addStep(tx, { kind: 'matter', id: row.id, move: 'withdraw', by: actor.account, unit: grant.unit, at: now, text: input.reason })
    await record(tx, 'matter.withdrawn', { by: bearer(actor, grant), unit: row.unit, subject: `matter:${row.id}`, reason: input.reason, facts: { from: row.state, to } })
    return { id: row.id, state: to, version: row.version + 1 }
  },

  acknowledgeMatter: (call) => fromAbove(call, { move: 'acknowledge', notice: 'matterAcknowledged', event: 'matter.acknowledged' }),
  instructMatter: (call) => fromAbove(call, { move: 'instruct', text: call.input.text, notice: 'matterInstructed', event: 'matter.instructed' }),
  closeMatter: (call) => fromAbove(call, { move: 'close', text: call.input.outcome, notice: 'matterClosed', event: 'matter.closed' }),
}
