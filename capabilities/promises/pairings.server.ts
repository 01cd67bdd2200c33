import { Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { grantFor, mustBeAble, mustHold, type Actor, type Grant, type UnitPath } from '../access/permission.ts'
import { notify } from '../inbox/inbox.reads.ts'
import { activeUnitOf, inScope, pathOf, pathOfUnit } from '../units/units.reads.ts'
import { bearer, movesNow, mustBeClean, mustBeFresh } from './deciding.ts'
import { entryLife, pairingLife } from './lives.ts'
import * as queries from './pairings.sql.ts'
import type { Pairing, promisesContract } from './promises.contract.ts'

type Names = 'pairings' | 'pairing' | 'pair' | 'addEntry' | 'withdrawEntry' | 'match' | 'prolong' | 'endPairing'
type Row = queries.PairingRow

const shown = (row: Row, today: string): Pairing => ({ ...row, expired: row.state === 'running' && row.until < today })

async function pairingMust(found: Row | undefined, id: number): Promise<Row> {
  if (!found) throw new Problem('not-found', { facts: { what: 'pairing', id } })
  return found
}

const sidesOf = async (tx: Tx, row: { helper: number; helped: number }) => ({ helper: await pathOf(tx, row.helper), helped: await pathOf(tx, row.helped) })

/** Whoever pairs stands at or above both: one grant whose unit is on both paths. */
function mustStandAbove(actor: Actor, { helper, helped }: { helper: UnitPath; helped: UnitPath }): Grant {
  return mustBeAble(actor, 'list.issue', bothOf(helper, helped))
}
/** What is on both paths; the helped unit's own id stays first, so that a refusal names a unit. */
const bothOf = (helper: UnitPath, helped: UnitPath): UnitPath => helped.filter((id) => helper.includes(id))

/** Throws Problem `pairing-expired` past the last day: it is prolonged first. */
function mustRun(row: Row, today: string, move: 'addResource' | 'addNeed' | 'match', reason?: string): void {
  pairingLife.next(row.state, move, reason)
  if (row.until < today) throw new Problem('pairing-expired', { facts: { until: row.until } })
}

export const pairingAnswers: Pick<Answers<typeof promisesContract>, Names> = {
  async pairings({ tx, input, actor, today }) {
    const { rows, total } = await queries.pairingsIn(tx, await inScope(tx, 's', mustHold(actor, 'list.read')), today, input)
    return { total, rows: rows.map((row) => shown(row, today)) }
  },

  async pairing({ tx, input, actor, today }) {
    const row = await pairingMust(await queries.pairingOf(tx, input.id), input.id)
    const { helper, helped } = await sidesOf(tx, row)
    mustBeAble(actor, 'list.read', [...helped, ...helper])
    const expired = row.until < today
    const works = { resource: grantFor(actor, 'task.work', helper) !== undefined, need: grantFor(actor, 'task.work', helped) !== undefined }
    const above = grantFor(actor, 'list.issue', bothOf(helper, helped)) !== undefined
    const entries = await queries.entriesOf(tx, row.id)
    return {
      ...shown(row, today),
      entries: entries.map(({ pairing: _pairing, ...entry }) => ({ ...entry, mayWithdraw: row.state === 'running' && entry.state === 'open' && works[entry.kind] })),
      doneEntries: await queries.doneOf(tx, row.id),
      moves: movesNow(pairingLife, row.state, (move) => {
        if (move === 'prolong' || move === 'end') return above ? undefined : 'not-allowed'
        const mine = move === 'addResource' ? works.resource : move === 'addNeed' ? works.need : works.resource || works.need
        return !mine ? 'not-allowed' : expired ? 'pairing-expired' : undefined
      }),
    }
  },

  async pair({ tx, input, actor, today, now }) {
    const [helper, helped] = [await activeUnitOf(tx, input.helper), await activeUnitOf(tx, input.helped)]
    const grant = mustStandAbove(actor, { helper: pathOfUnit(helper), helped: pathOfUnit(helped) })
    if (helper.id === helped.id) throw new Problem('invalid-input', { field: 'helped', findings: [{ code: 'pairing-itself', path: 'helped' }] })
    mustBeClean({ purpose: input.purpose })
    if (input.until < today || input.until < input.from) throw new Problem('date-invalid', { field: 'until', facts: { given: input.until, from: input.from > today ? input.from : today } })
    const state = pairingLife.next('none', 'pair')
    const added = await queries.addPairing(tx, { ...input, by: actor.account, at: now })
    if (!added) throw new Problem('pairing-twice', { facts: { helper: helper.name, helped: helped.name } })
    await notify(tx, { units: [helper.id, helped.id], verb: 'task.work', kind: 'paired', subject: `pairing:${added.id}`, facts: { title: `${helper.name} — ${helped.name}`, text: input.purpose }, by: actor.account })
    await record(tx, 'pairing.made', { by: bearer(actor, grant), unit: helped.id, subject: `pairing:${added.id}`, facts: { helper: helper.id, helped: helped.id, until: input.until } })
    return { ...added, state }
  },

  async addEntry({ tx, input, actor, today }) {
    const row = await pairingMust(await queries.pairingForUpdate(tx, input.id), input.id)
    const unit = input.kind === 'resource' ? row.helper : row.helped
    const grant = mustBeAble(actor, 'task.work', await pathOf(tx, unit))
    mustRun(row, today, input.kind === 'resource' ? 'addResource' : 'addNeed')
    entryLife.next('none', 'add')
    mustBeClean({ text: input.text })
    const entry = await queries.addEntry(tx, { pairing: row.id, kind: input.kind, text: input.text, by: actor.account, on: today })
    const other = input.kind === 'resource' ? row.helped : row.helper
    await notify(tx, { units: [other], verb: 'task.work', kind: input.kind === 'resource' ? 'pairingResource' : 'pairingNeed', subject: `pairing:${row.id}`, facts: { title: input.text }, by: actor.account })
    await record(tx, 'pairing.entryAdded', { by: bearer(actor, grant), unit, subject: `pairing:${row.id}`, facts: { entry, kind: input.kind, title: input.text } })
    return { entry }
  },

  async withdrawEntry({ tx, input, actor }) {
    const row = await pairingMust(await queries.pairingForUpdate(tx, input.id), input.id)
    const entry = await queries.entryForUpdate(tx, row.id, input.entry)
    if (!entry) throw new Problem('not-found', { facts: { what: 'pairingEntry', id: input.entry } })
    const unit = entry.kind === 'resource' ? row.helper : row.helped
    const grant = mustBeAble(actor, 'task.work', await pathOf(tx, unit))
    pairingLife.next(row.state, entry.kind === 'resource' ? 'addResource' : 'addNeed')
    const to = entryLife.next(entry.state, 'withdraw', input.reason)
    mustBeClean({ reason: input.reason })
    await queries.moveEntry(tx, entry.id, to, input.reason)
    await record(tx, 'pairing.entryWithdrawn', { by: bearer(actor, grant), unit, subject: `pairing:${row.id}`, reason: input.reason, facts: { entry: entry.id, from: entry.state, to } })
    return { entry: entry.id }
  },

  async match({ tx, input, actor, today, now }) {
    const row = await pairingMust(await queries.pairingForUpdate(tx, input.id), input.id)
    const { helper, helped } = await sidesOf(tx, row)
    const grant = mustBeAble(actor, 'task.work', [...helped, ...helper])
    mustRun(row, today, 'match', input.result)
    const resource = await queries.entryForUpdate(tx, row.id, input.resource)
    const need = await queries.entryForUpdate(tx, row.id, input.need)
    if (resource?.kind !== 'resource') throw new Problem('not-found', { field: 'resource', facts: { what: 'pairingEntry', id: input.resource } })
    if (need?.kind !== 'need') throw new Problem('not-found', { field: 'need', facts: { what: 'pairingEntry', id: input.need } })
    entryLife.next(resource.state, 'meet')
    const met = entryLife.next(need.state, 'meet')
    if (input.on < row.from || input.on > today) throw new Problem('date-invalid', { field: 'on', facts: { given: input.on, from: row.from, to: today } })
    mustBeClean({ result: input.result })
    await queries.moveEntry(tx, need.id, met, null)
    const done = await queries.addDone(tx, { pairing: row.id, resource: resource.id, need: need.id, on: input.on, result: input.result, by: actor.account, at: now })
    await notify(tx, { units: [row.helper, row.helped], verb: 'task.work', kind: 'pairingDone', subject: `pairing:${row.id}`, facts: { title: need.text, text: input.result }, by: actor.account })
    await record(tx, 'pairing.matched', { by: bearer(actor, grant), unit: row.helped, subject: `pairing:${row.id}`, facts: { done, resource: resource.id, need: need.id, on: input.on } })
    return { done }
  },

  async prolong({ tx, input, actor, today }) {
    const row = await pairingMust(await queries.pairingForUpdate(tx, input.id), input.id)
    const grant = mustStandAbove(actor, await sidesOf(tx, row))
    mustBeFresh(input.version, row)
    const to = pairingLife.next(row.state, 'prolong')
    if (input.until <= row.until || input.until < today) throw new Problem('date-invalid', { field: 'until', facts: { given: input.until, from: row.until } })
    await queries.movePairing(tx, row.id, { state: to, until: input.until })
    await record(tx, 'pairing.prolonged', { by: bearer(actor, grant), unit: row.helped, subject: `pairing:${row.id}`, facts: { from: row.until, to: input.until } })
    return { id: row.id, state: to, version: row.version + 1 }
  },

  async endPairing({ tx, input, actor }) {
    const row = await pairingMust(await queries.pairingForUpdate(tx, input.id), input.id)
    const grant = mustStandAbove(actor, await sidesOf(tx, row))
    mustBeFresh(input.version, row)
    const to = pairingLife.next(row.state, 'end', input.reason)
    mustBeClean({ reason: input.reason })
    await queries.movePairing(tx, row.id, { state: to, reason: input.reason })
    await record(tx, 'pairing.ended', { by: bearer(actor, grant), unit: row.helped, subject: `pairing:${row.id}`, reason: input.reason, facts: { from: row.state, to } })
    return { id: row.id, state: to, version: row.version + 1 }
  },
}
