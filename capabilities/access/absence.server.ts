import { Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { inScope } from '../units/units.reads.ts'
import { absenceState, firstDayBack, spanFault, type Span } from './absence.ts'
import type { Absence, absenceContract } from './absence.contract.ts'
import * as queries from './absence.sql.ts'
import type { AbsenceRow, HeldRow } from './absence.sql.ts'
import { accountForUpdate, holdingsOf, insertHolding, tellAccessChanged } from './access.sql.ts'
import { mayAlsoHold } from './admin-roles.ts'
import { mustHold, type Actor } from './permission.ts'

function shown({ account: _account, deputyAccount: _deputy, acting: _acting, ended, ...row }: AbsenceRow, today: string): Absence {
  return { ...row, state: absenceState(row, ended, today), endedEarly: ended }
}

/** The holding, if it is the asker's own and not one in which he stands in himself: what is lent is not lent on. */
async function ownHolding(tx: Tx, actor: Actor, id: number, today: string): Promise<HeldRow> {
  const held = await queries.heldForUpdate(tx, id)
  if (!held || held.account !== actor.account || (held.validTo !== null && held.validTo <= today)) {
    throw new Problem('not-found', { facts: { what: 'holding', holding: id } })
  }
  if (held.acting) throw new Problem('absence-acting', { facts: { post: held.title } })
  return held
}

/** Throws unless this account may stand in: of the unit, there, not away itself, and of no other administrator's kind. */
async function mustFit(tx: Tx, held: HeldRow, deputy: string, span: Span, today: string): Promise<void> {
  if (deputy === held.account) throw new Problem('deputy-unfit', { field: 'deputy', facts: { self: true } })
  const found = await queries.findDeputy(tx, deputy, held, today)
  if (!found || found.disabled || !found.fits) throw new Problem('deputy-unfit', { field: 'deputy', facts: { unit: held.unitName } })
  const away = await queries.findOverlapping(tx, { account: deputy }, span)
  if (away) throw new Problem('deputy-unfit', { field: 'deputy', facts: { away: true, ...away } })
  const also = await holdingsOf(tx, deputy, today)
  if (!mayAlsoHold(also, held)) throw new Problem('admin-roles-separate', { field: 'deputy', facts: { post: held.title, held: also.map((one) => one.title) } })
}

export const absenceAnswers: Answers<typeof absenceContract> = {
  async absences({ tx, actor, today }) {
    const held = await queries.regularlyHeld(tx, actor.account, today)
    const [mine, standingIn] = [await queries.absencesOf(tx, { account: actor.account, as: 'holder' }, today), await queries.absencesOf(tx, { account: actor.account, as: 'deputy' }, today)]
    return {
      posts: held.map(({ id, title, unitName, validTo }) => ({ holding: id, title, unitName, until: validTo })),
      mine: mine.map((row) => shown(row, today)),
      standingIn: standingIn.map((row) => shown(row, today)).filter((row) => row.state !== 'over'),
    }
  },

  async deputies({ tx, actor, input, today }) {
    const held = await ownHolding(tx, actor, input.holding, today)
    const found = await queries.deputiesFor(tx, held, today)
    const fit = []
    // Administrators stand in for their own kind only, so who cannot is not offered.
    for (const { disabled: _disabled, fits: _fits, ...one } of found) if (mayAlsoHold(await holdingsOf(tx, one.account, today), held)) fit.push(one)
    return fit
  },

  async setAbsence({ tx, actor, input, today }) {
    // Both accounts are locked, in one order: what they hold must not change meanwhile.
    for (const account of [actor.account, ...(input.deputy ? [input.deputy] : [])].sort()) await accountForUpdate(tx, account)
    const held = await ownHolding(tx, actor, input.holding, today)
    const span = { from: input.from, to: input.to }
    const fault = spanFault(span, today)
    if (fault) throw new Problem('absence-dates', { field: fault === 'past' ? 'from' : 'to', facts: { [fault]: true } })
    const until = firstDayBack(span)
    if (input.from < held.validFrom || (held.validTo !== null && until > held.validTo)) {
      throw new Problem('absence-dates', { field: 'to', facts: { held: held.title, since: held.validFrom, until: held.validTo } })
    }
    const before = await queries.findOverlapping(tx, { holding: held.id }, span)
    if (before) throw new Problem('absence-overlaps', { field: 'from', facts: before })
    if (input.deputy !== null) await mustFit(tx, held, input.deputy, span, today)
    const acting = input.deputy === null ? null : await insertHolding(tx, { post: held.post, account: input.deputy, acting: true, from: input.from, to: until })
    const id = await queries.insertAbsence(tx, { holding: held.id, deputy: input.deputy, acting, from: input.from, until })
    if (input.deputy !== null) await tellAccessChanged(tx, input.deputy)
    await record(tx, 'access.absenceSet', {
      by: { account: actor.account, post: held.post },
      unit: held.unit,
      subject: `post:${held.post}`,
      facts: { absence: id, title: held.title, deputy: input.deputy, from: input.from, to: input.to },
    })
    return shown((await queries.absenceForUpdate(tx, id))!, today)
  },

  async endAbsence({ tx, actor, input, today }) {
    const row = await queries.absenceForUpdate(tx, input.absence)
    if (!row || row.account !== actor.account) throw new Problem('not-found', { facts: { what: 'absence', absence: input.absence } })
    const state = absenceState(row, row.ended, today)
    if (state === 'over') throw new Problem('move-not-possible', { facts: { life: 'absence', move: 'end', state, from: ['planned', 'running'] } })
    await queries.saveAbsenceEnd(tx, row.id, today)
    if (row.deputyAccount !== null) await tellAccessChanged(tx, row.deputyAccount)
    await record(tx, 'access.absenceEnded', {
      by: { account: actor.account, post: row.post },
      unit: row.unit,
      subject: `post:${row.post}`,
      facts: { absence: row.id, title: row.title, deputy: row.deputyAccount, on: today },
    })
    return shown((await queries.absenceForUpdate(tx, row.id))!, today)
  },

  async uncovered({ tx, actor, input, today }) {
    const own = mustHold(actor, 'task.check')
    return queries.uncoveredPosts(tx, { scope: await inScope(tx, 'u', own), own, today, ...input })
  },
}
