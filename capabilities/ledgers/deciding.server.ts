import { parsePeriod } from '../../rules/period.ts'
import { Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record, recordMany } from '../../server/events.ts'
import { grantFor, mustBeAble, type Actor, type Grant } from '../access/permission.ts'
import { notify } from '../inbox/inbox.reads.ts'
import { countyIdOf, pathOfUnit, unitsOf, type Unit } from '../units/units.reads.ts'
import { contributionsOf } from './contributions.ts'
import * as queries from './deciding.sql.ts'
import type { Batch, ToDecide } from './deciding.sql.ts'
import type { ledgersContract } from './ledgers.contract.ts'
import { measuresOf, recordOf } from './ledgers.sql.ts'
import { bearer, subjectOf } from './place.ts'
import { recordLife } from './record.ts'

type Names = 'accept' | 'acceptMany' | 'sendBack'
type Move = 'accept' | 'sendBack'
type Asked = { unit: number; form: string; period: string; version: number }

/** Checking is the level above's: a post on the unit itself does not give it. */
export const abovePath = (unit: Pick<Unit, 'id' | 'l1' | 'l2' | 'l3' | 'l4' | 'l5' | 'linePath' | 'heirPath'>) => pathOfUnit(unit).filter((id) => id !== unit.id)

/** The record that is to be decided, locked in the county's turn. Throws Problem `unit-unknown`. */
async function toDecide(tx: Tx, { unit, form, period }: Asked): Promise<{ batch: Batch; found: ToDecide }> {
  const at = parsePeriod(period)
  const [found] = await queries.recordsToDecide(tx, form, at, [unit])
  if (!found) throw new Problem('unit-unknown', { facts: { unit } })
  return { batch: { form, period: at, county: found.county }, found }
}

/** Why this record cannot be decided by this person now; undefined when it can. */
async function refusal(tx: Tx, actor: Actor, found: ToDecide, batch: Batch, move: Move, version: number): Promise<Problem | undefined> {
  const { state, id: unit } = found
  if (state === null) return new Problem('not-found', { facts: { what: 'record', unit } })
  if (found.version !== version) {
    const theirs = await recordOf(tx, { ...batch, unit })
    return new Problem('stale-version', { facts: { mine: version, theirs: found.version, state, values: theirs?.values ?? {} } })
  }
  if (!recordLife.table[move].from.includes(state as never)) {
    return new Problem('move-not-possible', { facts: { life: 'record', move, state, from: [...recordLife.table[move].from] } })
  }
  return found.submittedBy === actor.account ? new Problem('same-person', { facts: { unit } }) : undefined
}

/** Makes sure that the records offer a figure for each slot of the form; one that came with fewer is computed anew. */
async function mustFit(tx: Tx, batch: Batch, found: readonly ToDecide[]): Promise<void> {
  const short = found.filter((one) => !one.fits).map((one) => one.id)
  if (short.length === 0) return
  const measures = await measuresOf(tx, batch.form)
  const values = await queries.valuesOf(tx, batch, short)
  await queries.saveOffered(tx, batch, values.map((one) => ({ unit: one.unit, offered: contributionsOf(measures, one.values, one.unitClass) })))
}

const accepted = (actor: Actor, grant: Grant, { form, period }: Batch, found: ToDecide) => ({
  by: bearer(actor, grant),
  unit: found.id,
  subject: subjectOf({ unit: found.id, form, period }),
  facts: { from: found.state, to: 'accepted', submission: found.submission },
})

/** What the level above does with a return. */
export const decidingAnswers: Pick<Answers<typeof ledgersContract>, Names> = {
  async accept({ tx, input, actor, now }) {
    const { batch, found } = await toDecide(tx, input)
    const grant = mustBeAble(actor, 'record.check', abovePath(found))
    const refused = await refusal(tx, actor, found, batch, 'accept', input.version)
    if (refused) throw refused
    await mustFit(tx, batch, [found])
    await queries.acceptRecords(tx, batch, [found], { by: actor.account, at: now })
    await record(tx, 'record.accepted', accepted(actor, grant, batch, found))
    return { unit: found.id, state: 'accepted', version: found.version + 1 }
  },

  async acceptMany({ tx, input, actor, now }) {
    const period = parsePeriod(input.period)
    const units = await unitsOf(tx, input.rows.map((row) => row.unit))
    const outcome = new Map<number, Problem | null>()
    const allowed = input.rows.filter(({ unit: id }) => {
      const unit = units.get(id)
      const may = unit && grantFor(actor, 'record.check', abovePath(unit))
      if (!may) outcome.set(id, unit ? new Problem('not-allowed', { facts: { verb: 'record.check', unit: id } }) : new Problem('unit-unknown', { facts: { unit: id } }))
      return may
    })
    const versions = new Map(allowed.map(({ unit, version }) => [unit, version]))
    const perCounty = Map.groupBy(versions.keys(), (id) => countyIdOf(units.get(id)!))
    for (const [county, wanted] of [...perCounty].sort(([a], [b]) => a - b)) {
      const batch = { form: input.form, period, county }
      const found = await queries.recordsToDecide(tx, input.form, period, wanted)
      for (const one of found) outcome.set(one.id, (await refusal(tx, actor, one, batch, 'accept', versions.get(one.id)!)) ?? null)
      const good = found.filter((one) => outcome.get(one.id) === null)
      if (good.length === 0) continue
      await mustFit(tx, batch, good)
      await queries.acceptRecords(tx, batch, good, { by: actor.account, at: now })
      await recordMany(tx, 'record.accepted', good.map((one) => {
        const event = accepted(actor, grantFor(actor, 'record.check', abovePath(one))!, batch, one)
        return { ...event, facts: { ...event.facts, many: true } }
      }))
    }
    const rows = input.rows.map(({ unit }) => ({ unit, code: outcome.get(unit)?.code ?? null, facts: outcome.get(unit)?.facts ?? {} }))
    return { done: rows.filter((row) => row.code === null).length, rows }
  },

  async sendBack({ tx, input, actor, now }) {
    const { batch, found } = await toDecide(tx, input)
    const grant = mustBeAble(actor, 'record.check', abovePath(found))
    if (Object.keys(input.reasons).length === 0) throw new Problem('reason-needed', { field: 'reasons' })
    const refused = await refusal(tx, actor, found, batch, 'sendBack', input.version)
    if (refused) throw refused
    const subject = subjectOf({ unit: found.id, form: input.form, period: batch.period })
    await queries.sendBackRecords(tx, batch, [found.id], { by: actor.account, at: now }, input.reasons)
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
