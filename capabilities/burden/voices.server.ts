import { Problem } from '../../rules/problem.ts'
import { workingDaysBetween, type WorkCalendar } from '../../rules/working-days.ts'
import type { Answers } from '../../server/answer.ts'
import { record } from '../../server/events.ts'
import type { Tx } from '../../server/db.ts'
import { mustBeAble, mustHold, scopeOf, type Actor, type Grant } from '../access/permission.ts'
import { notify } from '../inbox/inbox.reads.ts'
import { formAskers, formOf, withdrawForm } from '../ledgers/ledgers.reads.ts'
import { workCalendarOf } from '../lists/calendar.reads.ts'
import { cancelFor, openTaskOf } from '../lists/objected.reads.ts'
import { pathOf, pathsOf } from '../units/units.reads.ts'
import type { burdenContract, Objection, Outcome, Suggestion } from './burden.contract.ts'
import { burdenRulesOf, limitFrom } from './burden.reads.ts'
import { objectionLife, suggestionLife } from './lives.ts'
import { bearer, movesOf, mustBeClean, mustBeFresh } from './register.server.ts'
import { officerUnitOf, takeFromUnit } from './register.sql.ts'
import { withdrawAsking } from './taking-back.server.ts'
import * as queries from './voices.sql.ts'

type Names = 'object' | 'objections' | 'takeBack' | 'decideObjection' | 'suggest' | 'suggestions' | 'answerSuggestion'

/** Working days until the last day; null when it has passed, or when a year's notice is missing. */
function daysLeft(calendar: WorkCalendar, today: string, due: string | null): number | null {
  if (due === null || due < today || !calendar.has(Number(today.slice(0, 4))) || !calendar.has(Number(due.slice(0, 4)))) return null
  return workingDaysBetween(calendar, today, due)
}

/** All units at or above the posts of a person: whoever asks from there asks him too. */
async function unitsAbove(tx: Tx, actor: Actor): Promise<number[]> {
  return [...new Set([...(await pathsOf(tx, [...new Set(actor.grants.map((grant) => grant.unit))])).values()].flat())]
}

async function objectionToChange(tx: Tx, id: number): Promise<queries.ObjectionRow> {
  const found = await queries.objectionForUpdate(tx, id)
  if (!found) throw new Problem('not-found', { facts: { what: 'objection', id } })
  return found
}

/** Where the burden officer must stand to decide: at his unit or above; without one, at or above who asked. */
const placeOfDecision = (row: { officer: number | null; issuer?: number | null; unit: number }) => row.officer ?? row.issuer ?? row.unit

async function objectionShown(tx: Tx, actor: Actor, row: queries.ObjectionRow, today: string, calendar: WorkCalendar): Promise<Objection> {
  const { zh, en, fieldZh, fieldEn, officer: _officer, issuer: _issuer, formVersion: _version, raisedBy, ...rest } = row
  const own = scopeOf(actor, 'record.fill').includes(row.unit)
  const path = await pathOf(tx, placeOfDecision(row))
  const decides = movesOf(objectionLife, row.state, actor, path, raisedBy).filter(({ move }) => move === 'uphold' || move === 'reject')
  const takes = movesOf(objectionLife, row.state, actor, await pathOf(tx, row.unit), null).filter(({ move }) => move === 'takeBack')
  const isOfficer = actor.grants.some((grant) => grant.verbs.includes('burden.approve') && path.includes(grant.unit))
  // Whether he stands high enough for this form is told with the preview of its next version.
  const toCarryOut = isOfficer && row.state === 'upheld' && !row.carriedOut && (row.outcome === 'fieldDropped' || row.outcome === 'prefilled')
  return {
    ...rest,
    unit: own || isOfficer ? row.unit : null,
    unitName: own || isOfficer ? row.unitName : null,
    text: own || isOfficer ? row.text : null,
    title: { zh, en },
    fieldName: fieldZh === null ? null : { zh: fieldZh, en: fieldEn ?? fieldZh },
    overdue: row.state === 'open' && row.due !== null && row.due < today,
    workingDaysLeft: row.state === 'open' ? daysLeft(calendar, today, row.due) : null,
    own,
    moves: [...decides, ...takes, ...(toCarryOut ? [{ move: 'carryOut', possible: true, from: ['upheld'] }] : [])],
  }
}

type Target = { title: string; form: string | null; field: string | null; formVersion: number | null; asking: number | null; item: number | null; issuer: number | null }

/**
 * What an objection is against, as it was asked of the unit. Throws Problem `invalid-input` unless exactly one thing is
 * named, `form-not-asked` when it was never asked of the unit.
 */
async function targetOf(tx: Tx, { unit, form, field, item, asking }: { unit: number; form?: string | undefined; field?: string | undefined; item?: number | undefined; asking?: number | undefined }): Promise<Target> {
  const bare = { form: null, field: null, formVersion: null, asking: null, item: null }
  if ([form, item, asking].filter((one) => one !== undefined).length !== 1) throw new Problem('invalid-input', { field: 'form', findings: [{ code: 'one-target', path: 'form' }] })
  if (form !== undefined) {
    const asked = await formOf(tx, form)
    const by = await queries.issuerFor(tx, unit, asked.code)
    if (!by.asked) throw new Problem('form-not-asked', { facts: { form: asked.code, name: asked.name.zh } })
    if (field !== undefined && !asked.fields.some((one) => one.code === field)) throw new Problem('not-found', { field: 'field', facts: { what: 'field', code: field } })
    return { ...bare, title: asked.name.zh, form: asked.code, field: field ?? null, formVersion: asked.version, issuer: by.issuer }
  }
  if (item !== undefined) {
    const task = await openTaskOf(tx, item, unit)
    if (!task) throw new Problem('form-not-asked', { field: 'item', facts: { name: String(item) } })
    // What is asked by a form is objected to at the form, so that its returns wait no longer either.
    if (task.form !== null) throw new Problem('invalid-input', { field: 'item', findings: [{ code: 'object-to-form', path: 'item', facts: { title: task.title } }] })
    return { ...bare, title: task.title, item, issuer: task.issuer }
  }
  const found = await queries.askingOfUnit(tx, unit, asking!)
  if (!found) throw new Problem('form-not-asked', { field: 'asking', facts: { name: String(asking) } })
  return { ...bare, title: found.title, asking: asking!, issuer: found.issuer }
}

const ofForms: readonly Outcome[] = ['formWithdrawn', 'formChanged', 'fieldDropped', 'prefilled']

/** What is no form is put right by the decision itself: taken back for everybody, or the one unit spared. */
async function carryOutNow(tx: Tx, row: queries.ObjectionRow, outcome: Outcome, { actor, grant, answer, now }: { actor: Actor; grant: Grant; answer: string; now: Date }): Promise<void> {
  const of = { by: bearer(actor, grant), name: actor.name, reason: answer }
  if (row.item !== null) return cancelFor(tx, row.item, { ...of, unit: outcome === 'unitSpared' ? row.unit : null })
  if (outcome === 'unitSpared') await takeFromUnit(tx, row.asking!, row.unit)
  else await withdrawAsking(tx, row.asking!, { ...of, now })
}

export const voicesAnswers: Pick<Answers<typeof burdenContract>, Names> = {
  async object({ tx, input, actor, today, now }) {
    const path = await pathOf(tx, input.unit)
    const grant = mustBeAble(actor, 'record.fill', path)
    const against = await targetOf(tx, input)
    if (input.ground === 'other' && input.text === '') throw new Problem('reason-needed', { field: 'text' })
    const state = objectionLife.next('none', 'raise')
    const officer = await officerUnitOf(tx, against.issuer === null ? path : await pathOf(tx, against.issuer), today)
    const due = await limitFrom(tx, today, (await burdenRulesOf(tx)).objectionWorkingDays)
    const { title, ...target } = against
    const added = await queries.addObjection(tx, { unit: input.unit, ...target, officer, ground: input.ground, text: input.text, by: actor.account, on: today, at: now, due })
    if (!added) throw new Problem('objection-open', { facts: { form: target.form, name: title } })
    const facts = { title, ground: input.ground }
    if (officer !== null) await notify(tx, { units: [officer], verb: 'burden.approve', kind: 'objectionRaised', subject: `objection:${added.id}`, facts, by: actor.account })
    if (target.issuer !== null) await notify(tx, { units: [target.issuer], verb: 'list.issue', kind: 'objectionRaised', subject: `objection:${added.id}`, facts })
    await record(tx, 'objection.raised', { by: bearer(actor, grant), unit: input.unit, subject: `objection:${added.id}`, facts: { form: target.form, field: target.field, asking: target.asking, item: target.item, ground: input.ground, due } })
    return { ...added, state, due }
  },

  async objections({ tx, input, actor, today }) {
    const officers = scopeOf(actor, 'burden.approve')
    const where =
      input.view === 'mine' ? queries.raisedAt(scopeOf(actor, 'record.fill'))
      : input.view === 'open' ? queries.openFor(officers, scopeOf(actor, 'list.issue'))
      : queries.decidedBy(await unitsAbove(tx, actor), officers)
    const { rows, total } = await queries.objectionsWhere(tx, where, input)
    const calendar = await workCalendarOf(tx)
    const shown: Objection[] = []
    for (const row of rows) shown.push(await objectionShown(tx, actor, row, today, calendar))
    return { rows: shown, total }
  },

  async takeBack({ tx, input, actor }) {
    const row = await objectionToChange(tx, input.id)
    const grant = mustBeAble(actor, 'record.fill', await pathOf(tx, row.unit))
    mustBeFresh(input.version, row)
    const to = objectionLife.next(row.state, 'takeBack')
    await queries.settleObjection(tx, row.id, { state: to, by: null, at: null, answer: null, outcome: null })
    await record(tx, 'objection.takenBack', { by: bearer(actor, grant), unit: row.unit, subject: `objection:${row.id}`, facts: { from: row.state, to } })
    return { id: row.id, state: to, version: row.version + 1 }
  },

  async decideObjection({ tx, input, actor, now }) {
    const row = await objectionToChange(tx, input.id)
    const grant = mustBeAble(actor, 'burden.approve', await pathOf(tx, placeOfDecision(row)))
    mustBeFresh(input.version, row)
    if (row.raisedBy === actor.account) throw new Problem('same-person')
    const to = objectionLife.next(row.state, input.uphold ? 'uphold' : 'reject', input.answer)
    mustBeClean('answer', input.answer)
    const outcome = input.uphold ? input.outcome : undefined
    if (input.uphold && outcome === undefined) throw new Problem('invalid-input', { field: 'outcome', findings: [{ code: 'outcome-missing', path: 'outcome' }] })
    if (outcome !== undefined && ofForms.includes(outcome) !== (row.form !== null)) throw new Problem('invalid-input', { field: 'outcome', findings: [{ code: 'outcome-not-fitting', path: 'outcome' }] })
    if ((outcome === 'fieldDropped' || outcome === 'prefilled') && row.field === null) throw new Problem('invalid-input', { field: 'outcome', findings: [{ code: 'outcome-needs-field', path: 'outcome' }] })
    if (outcome === 'formWithdrawn') {
      // A form is withdrawn for everybody, so the officer must stand at or above everybody who asks it.
      for (const asker of await formAskers(tx, row.form!)) mustBeAble(actor, 'burden.approve', await pathOf(tx, asker))
      await withdrawForm(tx, row.form!)
    }
    if (outcome !== undefined && row.form === null) await carryOutNow(tx, row, outcome, { actor, grant, answer: input.answer, now })
    await queries.settleObjection(tx, row.id, { state: to, by: actor.account, at: now, answer: input.answer, outcome: outcome ?? null })
    const facts = { title: row.zh, reason: input.answer }
    const kind = to === 'upheld' ? 'objectionUpheld' : 'objectionRejected'
    await notify(tx, { units: [row.unit], verb: 'record.fill', kind, subject: `objection:${row.id}`, facts })
    if (row.issuer !== null) await notify(tx, { units: [row.issuer], verb: 'list.issue', kind, subject: `objection:${row.id}`, facts })
    await record(tx, `objection.${to}`, { by: bearer(actor, grant), unit: row.unit, subject: `objection:${row.id}`, reason: input.answer, facts: { from: row.state, to, form: row.form, field: row.field, asking: row.asking, item: row.item, outcome: outcome ?? null } })
    return { id: row.id, state: to, version: row.version + 1 }
  },

  async suggest({ tx, input, actor, today, now }) {
    const grant = actor.grants.find((one) => one.unit === input.unit)
    if (!grant) throw new Problem('not-allowed', { field: 'unit', facts: { unit: input.unit } })
    mustBeClean('title', input.title)
    const state = suggestionLife.next('none', 'raise')
    const officer = await officerUnitOf(tx, await pathOf(tx, input.unit), today)
    const due = await limitFrom(tx, today, (await burdenRulesOf(tx)).suggestionWorkingDays)
    const added = await queries.addSuggestion(tx, { unit: input.unit, officer, kind: input.kind, title: input.title, text: input.text, by: actor.account, on: today, at: now, due })
    if (officer !== null) await notify(tx, { units: [officer], verb: 'burden.approve', kind: 'suggestionRaised', subject: `suggestion:${added.id}`, facts: { title: input.title } })
    await record(tx, 'suggestion.raised', { by: bearer(actor, grant), unit: input.unit, subject: `suggestion:${added.id}`, facts: { kind: input.kind, due } })
    return { ...added, state, due }
  },

  async suggestions({ tx, input, actor, today }) {
    const officers = scopeOf(actor, 'burden.approve')
    const where = input.view === 'mine' ? queries.suggestedBy(actor.account) : input.view === 'open' ? queries.suggestedTo(officers) : queries.answered
    const { rows, total } = await queries.suggestionsWhere(tx, where, input)
    const paths = await pathsOf(tx, [...new Set(rows.map(placeOfDecision))])
    return {
      total,
      rows: rows.map(({ unit, officer, raisedBy, ...row }): Suggestion => {
        const own = raisedBy === actor.account
        const path = paths.get(placeOfDecision({ unit, officer }))!
        const mayRead = own || actor.grants.some((grant) => grant.verbs.includes('burden.approve') && path.includes(grant.unit))
        return {
          ...row, own, text: mayRead ? row.text : null, unitName: mayRead ? row.unitName : null,
          overdue: row.state === 'open' && row.due !== null && row.due < today,
          moves: movesOf(suggestionLife, row.state, actor, path, raisedBy).filter(({ move }) => move === 'answer'),
        }
      }),
    }
  },

  async answerSuggestion({ tx, input, actor, now }) {
    mustHold(actor, 'burden.approve')
    const row = await queries.suggestionForUpdate(tx, input.id)
    if (!row) throw new Problem('not-found', { facts: { what: 'suggestion', id: input.id } })
    const grant = mustBeAble(actor, 'burden.approve', await pathOf(tx, placeOfDecision(row)))
    mustBeFresh(input.version, row)
    if (row.raisedBy === actor.account) throw new Problem('same-person')
    const to = suggestionLife.next(row.state, 'answer', input.answer)
    mustBeClean('answer', input.answer)
    await queries.settleSuggestion(tx, row.id, { by: actor.account, at: now, answer: input.answer })
    await notify(tx, { units: [row.unit], verb: 'unit.read', kind: 'suggestionAnswered', subject: `suggestion:${row.id}`, facts: { title: row.title, reason: input.answer } })
    await record(tx, 'suggestion.answered', { by: bearer(actor, grant), unit: row.unit, subject: `suggestion:${row.id}`, reason: input.answer, facts: { from: row.state, to } })
    return { id: row.id, state: to, version: row.version + 1 }
  },
}
