import { Problem } from '../../rules/problem.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { notify } from '../inbox/inbox.reads.ts'
import { inScope, pathOf, unitsByAudience, unitsOf } from '../units/units.reads.ts'
import { askingLife } from './lives.ts'
import * as queries from './register.sql.ts'

type Bearer = { account: string; post?: number | undefined }

/**
 * Enters a meeting of named units in the register of askings (C2): it counts once the burden officer has said yes. The
 * caller has asked whether the actor may issue for `issuer`. Throws Problem `unit-unknown`, or `invalid-input` when a unit
 * stands outside the issuer.
 * @param minutes of one unit
 */
export async function registerMeeting(tx: Tx, of: { title: string; issuer: number; units: readonly number[]; on: string; minutes: number; by: Bearer; today: string; now: Date }): Promise<{ id: number }> {
  const known = await unitsOf(tx, of.units)
  const missing = of.units.find((id) => !known.has(id))
  if (missing !== undefined) throw new Problem('unit-unknown', { field: 'members', facts: { unit: missing } })
  const audience = { classes: [...new Set([...known.values()].map((unit) => unit.class))], within: [...of.units] }
  const { units, outside } = await queries.countUnits(tx, await unitsByAudience(tx, 'u', audience), await inScope(tx, 'u', [of.issuer]))
  const wrong = units === 0 ? { code: 'nobody-addressed', path: 'members', facts: { title: of.title } } : outside > 0 ? { code: 'outside-issuer', path: 'members', facts: { title: of.title, units: outside } } : undefined
  if (wrong) throw new Problem('invalid-input', { field: 'members', findings: [wrong] })
  const state = askingLife.next('none', 'register') as 'review'
  const { id } = await queries.addAsking(tx, { kind: 'meeting', title: of.title, issuer: of.issuer, audience, on: of.on, minutes: of.minutes, expires: of.on, units, state, by: of.by.account, at: of.now })
  const officer = await queries.officerUnitOf(tx, await pathOf(tx, of.issuer), of.today)
  if (officer !== null) await notify(tx, { units: [officer], verb: 'burden.approve', kind: 'askingRegistered', subject: `asking:${id}`, facts: { title: of.title }, by: of.by.account })
  await record(tx, 'asking.registered', { by: of.by, unit: of.issuer, subject: `asking:${id}`, facts: { kind: 'meeting', title: of.title, on: of.on, units, minutes: of.minutes } })
  return { id }
}

/** @returns how a meeting stands in the register: review, registered, refused, withdrawn */
export async function meetingInRegister(tx: Tx, id: number): Promise<string> {
  const found = await queries.askingForUpdate(tx, id)
  if (!found) throw new Problem('not-found', { facts: { what: 'asking', id } })
  return found.state
}

/** Takes a meeting out of the register, where it still stands; the units' meters no longer count it. */
export async function withdrawMeeting(tx: Tx, id: number, of: { by: Bearer; reason: string; now: Date }): Promise<void> {
  const found = await queries.askingForUpdate(tx, id)
  if (!found || !(askingLife.table.withdraw.from as readonly string[]).includes(found.state)) return
  const to = askingLife.next(found.state, 'withdraw', of.reason)
  await queries.settleAsking(tx, id, { state: to, by: of.by.account, at: of.now, reason: of.reason })
  await queries.takeFromUnits(tx, id)
  await record(tx, 'asking.withdrawn', { by: of.by, unit: found.issuer, subject: `asking:${id}`, reason: of.reason, facts: { from: found.state, to, title: found.title } })
}
