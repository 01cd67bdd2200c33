import { randomUUID } from 'node:crypto'
import { todayIn } from '../../rules/civil-date.ts'
import { periodText } from '../../rules/period.ts'
import { Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { grantFor, mustBeAble, mustHold, type Actor } from '../access/permission.ts'
import type { MoveNow } from '../endpoint.ts'
import { recordsGiven, recordsOfUnit } from '../ledgers/succession.reads.ts'
import { inScope, pathOf, pathOfUnit, unitOf, unitsOf } from '../units/units.reads.ts'
import { aheadAnswers, previewChanges } from './ahead.server.ts'
import { plansOfUnits } from './ahead.sql.ts'
import { carryOut } from './carry-out.server.ts'
import type { changesContract } from './changes.contract.ts'
import * as queries from './changes.sql.ts'
import type { ChangeFull } from './changes.sql.ts'
import { undoChange, whyNotUndo } from './undo.server.ts'

/** The change, when the reader may see one of its units. Throws Problem `not-found` or `not-allowed`. */
async function readable(tx: Tx, actor: Actor, id: number): Promise<ChangeFull> {
  const change = await queries.changeOf(tx, id, actor.locale)
  if (!change) throw new Problem('not-found', { facts: { what: 'change', id } })
  const units = await unitsOf(tx, change.units)
  if (![...units.values()].some((unit) => grantFor(actor, 'unit.read', pathOfUnit(unit)))) throw new Problem('not-allowed', { facts: { verb: 'unit.read' } })
  return change
}

export const changesAnswers: Answers<typeof changesContract> = {
  ...aheadAnswers,

  preview: ({ tx, input, actor, today, now }) => previewChanges({ tx, actor, today, now }, input.changes, input.plan),

  async make({ tx, input, actor, today, now }) {
    const { reason, document } = input
    const { ids, reports, fingerprint } = await carryOut({ tx, actor, today, now, reason, document, batch: randomUUID() }, input.changes)
    if (fingerprint !== input.fingerprint) {
      throw new Problem('change-preview-old', { facts: { tasks: reports.reduce((all, one) => all + one.tasks.count, 0), returns: reports.reduce((all, one) => all + one.returns.stay.count + one.returns.go.count, 0) } })
    }
    return { ids, reports }
  },

  async undo({ tx, input, actor, now, today }) {
    await undoChange({ tx, actor, now, today }, input)
    return { id: input.id }
  },

  async list({ tx, input, actor }) {
    const scope = mustHold(actor, 'unit.read')
    if (input.unit !== undefined) mustBeAble(actor, 'unit.read', await pathOf(tx, input.unit))
    return queries.findChanges(tx, await inScope(tx, 'u', scope), input, actor.locale)
  },

  async one({ tx, input, actor, today }) {
    const { report, undoneBy, undoneAt, undoReason, moved: _moved, asked: _asked, made: _made, units, ...row } = await readable(tx, actor, input.id)
    const may = (await unitsMayBeManaged(tx, actor, units)) ? undefined : 'not-allowed'
    const why = may ?? (row.state === 'undone' ? 'move-not-possible' : todayIn(Date.parse(row.at)) !== today ? 'change-undo-late' : await whyNotUndo(tx, input.id))
    const moves: MoveNow[] = [{ move: 'undo', from: ['done'], possible: why === undefined, ...(why === undefined ? {} : { why }) }]
    return { ...row, report, undone: undoneBy === null || undoneAt === null ? null : { by: undoneBy, at: undoneAt, reason: undoReason ?? '' }, moves }
  },

  async records({ tx, input, actor }) {
    mustBeAble(actor, 'record.read', await pathOf(tx, input.unit))
    const { rows, total } = await recordsOfUnit(tx, input.unit, input)
    return { total, rows: rows.map(({ zh, en, period, ...row }) => ({ ...row, formName: { zh, en }, period: periodText(period) })) }
  },

  async history({ tx, input, actor }) {
    const unit = await unitOf(tx, input.unit)
    mustBeAble(actor, 'unit.read', pathOfUnit(unit))
    const before = await queries.predecessorsOf(tx, unit.id)
    const given = await recordsGiven(tx, before.map((one) => one.id))
    return {
      predecessors: before.map(({ main: _main, ...one }) => ({ ...one, records: given.get(one.id) ?? 0 })),
      successors: await queries.successorsOf(tx, unit.id),
      changes: (await queries.findChanges(tx, await inScope(tx, 'u', [unit.id, ...mustHold(actor, 'unit.read')]), { unit: unit.id, limit: 200, offset: 0 }, actor.locale)).rows,
      coming: await plansOfUnits(tx, [unit.id], undefined, actor.locale),
    }
  },
}

async function unitsMayBeManaged(tx: Tx, actor: Actor, ids: readonly number[]): Promise<boolean> {
  const units = [...(await unitsOf(tx, ids)).values()]
  return units.length > 0 && units.every((unit) => grantFor(actor, 'unit.manage', pathOfUnit(unit).filter((above) => above !== unit.id)))
}
