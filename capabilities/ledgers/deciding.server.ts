import type { z } from 'zod'
import { parsePeriod } from '../../rules/period.ts'
import { isProblem, Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record, recordMany } from '../../server/events.ts'
import { grantFor, mustBeAble, type Actor, type Grant } from '../access/permission.ts'
import { notify } from '../inbox/inbox.reads.ts'
import { pathOfUnit, type Unit } from '../units/units.reads.ts'
import { contributionsOf } from './contributions.ts'
import * as queries from './deciding.sql.ts'
import type { Batch, ToDecide } from './deciding.sql.ts'
import type { Decided, ledgersContract } from './ledgers.contract.ts'
import { measuresOf, recordOf } from './ledgers.sql.ts'
import { bearer, subjectOf } from './place.ts'
import { recordLife } from './record.ts'

type Names = 'accept' | 'acceptMany' | 'sendBack'
type Move = 'accept' | 'sendBack'

const batchOf = ({ form, period }: { form: string; period: string }): Batch => ({ form, period: parsePeriod(period) })

/** Checking is the level above's: a post on the unit itself does not give it. */
export const abovePath = (unit: Pick<Unit, 'id' | 'l1' | 'l2' | 'l3' | 'l4' | 'l5' | 'linePath' | 'heirPath'>) => pathOfUnit(unit).filter((id) => id !== unit.id)

/** Why this record cannot be decided by this person now; undefined when it can. */
async function refusal(tx: Tx, actor: Actor, found: ToDecide, batch: Batch, move: Move, version: number): Promise<Problem | undefined> {
  const { state, id: unit, county } = found
  if (state === null) return new Problem('not-found', { facts: { what: 'record', unit } })
  if (found.version !== version) {
    const theirs = await recordOf(tx, { ...batch, county, unit })
    return new Problem('stale-version', { facts: { mine: version, theirs: found.version, state, values: theirs?.values ?? {} } })
  }
  if (!recordLife.table[move].from.includes(state as never)) {
    return new Problem('move-not-possible', { facts: { life: 'record', move, state, from: [...recordLife.table[move].from] } })
  }
  return found.submittedBy === actor.account ? new Problem('same-person', { facts: { unit } }) : undefined
}

/** Makes sure that the records offer a figure for each slot of the form; one that came with fewer is computed anew. */
async function mustFit(tx: Tx, batch: Batch, found: readonly ToDecide[]): Promise<void> {
  const short = found.filter((one) => !one.fits)
  if (short.length === 0) return
  const measures = await measuresOf(tx, batch.form)
  const values = await queries.valuesOf(tx, batch, short)
  await queries.saveOffered(tx, batch, values.map((one) => ({ ...one, offered: contributionsOf(measures, one.values, one.unitClass) })))
}

type ToAccept = { actor: Actor; now: Date; unit: number; version: number }

/**
 * Accepts records of one form and period, each for whoever asks for it; all in the caller's transaction.
 * @returns for each, in order, what became of it, or the Problem that refuses it; a refused one is as it was
 */
async function acceptAll(tx: Tx, batch: Batch, asked: readonly ToAccept[], facts: Record<string, unknown> = {}): Promise<(z.output<typeof Decided> | Problem)[]> {
  const found = new Map((await queries.recordsToDecide(tx, batch, asked.map(({ unit }) => unit))).map((one) => [one.id, one]))
  const good: { actor: Actor; now: Date; grant: Grant; record: ToDecide }[] = []
  const outcome: (z.output<typeof Decided> | Problem)[] = []
  for (const { actor, now, unit, version } of asked) {
    const record = found.get(unit)
    const grant = record && grantFor(actor, 'record.check', abovePath(record))
    const refused = !record
      ? new Problem('unit-unknown', { facts: { unit } })
      : !grant
        ? new Problem('not-allowed', { facts: { verb: 'record.check', unit } })
        : await refusal(tx, actor, record, batch, 'accept', version)
    if (!refused) good.push({ actor, now, grant: grant!, record: record! })
    outcome.push(refused ?? { unit, state: 'accepted', version: version + 1 })
  }
  if (good.length === 0) return outcome
  const records = good.map(({ record }) => record)
  await mustFit(tx, batch, records)
  await recordMany(tx, 'record.accepted', good.map(({ actor, grant, record }) => ({
    by: bearer(actor, grant),
    unit: record.id,
    subject: subjectOf({ unit: record.id, form: batch.form, period: batch.period }),
    facts: { from: record.state, to: 'accepted', submission: record.submission, ...facts },
  })))
  // Last, because it locks the figures that others wait for.
  await queries.acceptRecords(tx, batch, records, good.map(({ actor, now }) => ({ by: actor.account, at: now })))
  return outcome
}

/** What the level above does with a return. */
export const decidingAnswers: Pick<Answers<typeof ledgersContract>, Names> = {
  accept: {
    alike: ({ input }) => `${input.form} ${input.period}`,
    about: ({ input }) => input.unit,
    answerAll(tx, calls) {
      return acceptAll(tx, batchOf(calls[0]!.input), calls.map(({ input, actor, now }) => ({ ...input, actor, now })))
    },
  },

  async acceptMany({ tx, input, actor, now }) {
    const asked = [...new Map(input.rows.map((row) => [row.unit, row])).values()]
    const outcome = new Map((await acceptAll(tx, batchOf(input), asked.map((row) => ({ ...row, actor, now })), { many: true })).map((one, at) => [asked[at]!.unit, one]))
    const rows = input.rows.map(({ unit }) => {
      const refused = outcome.get(unit)
      return isProblem(refused) ? { unit, code: refused.code, facts: refused.facts } : { unit, code: null, facts: {} }
    })
    return { done: rows.filter((row) => row.code === null).length, rows }
  },

  async sendBack({ tx, input, actor, now }) {
    const batch = batchOf(input)
    const [found] = await queries.recordsToDecide(tx, batch, [input.unit])
    if (!found) throw new Problem('unit-unknown', { facts: { unit: input.unit } })
    const grant = mustBeAble(actor, 'record.check', abovePath(found))
    if (Object.keys(input.reasons).length === 0) throw new Problem('reason-needed', { field: 'reasons' })
    const refused = await refusal(tx, actor, found, batch, 'sendBack', input.version)
    if (refused) throw refused
    const subject = subjectOf({ unit: found.id, form: input.form, period: batch.period })
    await queries.sendBackRecords(tx, batch, [found], { by: actor.account, at: now }, input.reasons)
    await notify(tx, { units: [found.id], verb: 'record.fill', kind: 'sentBack', subject, facts: { form: input.form, period: input.period }, by: actor.name })
    await record(tx, 'record.sentBack', {
      by: bearer(actor, grant),
      unit: found.id,
      subject,
      reason: Object.values(input.reasons).join('；'),
      facts: { from: found.state, to: 'sentBack', submission: found.submission, fields: Object.keys(input.reasons) },
    })
    return { unit: found.id, state: 'sentBack', version: found.version + 1 }
  },
}
