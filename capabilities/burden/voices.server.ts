import { Problem } from '../../rules/problem.ts'
import { workingDaysBetween, type WorkCalendar } from '../../rules/working-days.ts'
import type { Answers } from '../../server/answer.ts'
import { record } from '../../server/events.ts'
import type { Tx } from '../../server/db.ts'
import { mustBeAble, mustHold, scopeOf, type Actor } from '../access/permission.ts'
import { notify } from '../inbox/inbox.reads.ts'
import { formAskers, formOf, withdrawForm } from '../ledgers/ledgers.reads.ts'
import { workCalendarOf } from '../lists/calendar.reads.ts'
import { pathOf, pathsOf } from '../units/units.reads.ts'
import type { burdenContract, Objection, Suggestion } from './burden.contract.ts'
import { burdenRulesOf, limitFrom } from './burden.reads.ts'
import { objectionLife, suggestionLife } from './lives.ts'
import { bearer, movesOf, mustBeClean, mustBeFresh } from './register.server.ts'
import { officerUnitOf } from './register.sql.ts'
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
  const { zh, en, fieldZh, fieldEn, officer: _officer, issuer: _issuer, raisedBy, ...rest } = row
  const own = scopeOf(actor, 'record.fill').includes(row.unit)
  const path = await pathOf(tx, placeOfDecision(row))
  const decides = movesOf(objectionLife, row.state, actor, path, raisedBy).filter(({ move }) => move === 'uphold' || move === 'reject')
  const takes = movesOf(objectionLife, row.state, actor, await pathOf(tx, row.unit), null).filter(({ move }) => move === 'takeBack')
  const isOfficer = actor.grants.some((grant) => grant.verbs.includes('burden.approve') && path.includes(grant.unit))
  return {
    ...rest,
    unit: own || isOfficer ? row.unit : null,
    unitName: own || isOfficer ? row.unitName : null,
    text: own || isOfficer ? row.text : null,
    formName: { zh, en },
    fieldName: fieldZh === null ? null : { zh: fieldZh, en: fieldEn ?? fieldZh },
    overdue: row.state === 'open' && row.due !== null && row.due < today,
    workingDaysLeft: row.state === 'open' ? daysLeft(calendar, today, row.due) : null,
    own,
    moves: [...decides, ...takes],
  }
}

export const voicesAnswers: Pick<Answers<typeof burdenContract>, Names> = {
  async object({ tx, input, actor, today, now }) {
    const path = await pathOf(tx, input.unit)
    const grant = mustBeAble(actor, 'record.fill', path)
    const form = await formOf(tx, input.form)
    const { asked, issuer } = await queries.issuerFor(tx, input.unit, form.code)
    if (!asked) throw new Problem('form-not-asked', { facts: { form: form.code, name: form.name.zh } })
    if (input.field !== undefined && !form.fields.some((field) => field.code === input.field)) throw new Problem('not-found', { field: 'field', facts: { what: 'field', code: input.field } })
    if (input.ground === 'other' && input.text === '') throw new Problem('reason-needed', { field: 'text' })
    const state = objectionLife.next('none', 'raise')
    const officer = await officerUnitOf(tx, issuer === null ? path : await pathOf(tx, issuer), today)
    const due = await limitFrom(tx, today, (await burdenRulesOf(tx)).objectionWorkingDays)
    const added = await queries.addObjection(tx, { unit: input.unit, form: form.code, field: input.field ?? null, formVersion: form.version, issuer, officer, ground: input.ground, text: input.text, by: actor.account, on: today, at: now, due })
    if (!added) throw new Problem('objection-open', { facts: { form: form.code, name: form.name.zh } })
    const facts = { title: form.name.zh, ground: input.ground }
    if (officer !== null) await notify(tx, { units: [officer], verb: 'burden.approve', kind: 'objectionRaised', subject: `objection:${added.id}`, facts, by: actor.account })
    if (issuer !== null) await notify(tx, { units: [issuer], verb: 'list.issue', kind: 'objectionRaised', subject: `objection:${added.id}`, facts })
    await record(tx, 'objection.raised', { by: bearer(actor, grant), unit: input.unit, subject: `objection:${added.id}`, facts: { form: form.code, field: input.field ?? null, ground: input.ground, due } })
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
    if ((outcome === 'fieldDropped' || outcome === 'prefilled') && row.field === null) throw new Problem('invalid-input', { field: 'outcome', findings: [{ code: 'outcome-needs-field', path: 'outcome' }] })
    if (outcome === 'formWithdrawn') {
      // A form is withdrawn for everybody, so the officer must stand at or above everybody who asks it.
      for (const asker of await formAskers(tx, row.form)) mustBeAble(actor, 'burden.approve', await pathOf(tx, asker))
      await withdrawForm(tx, row.form)
    }
    await queries.settleObjection(tx, row.id, { state: to, by: actor.account, at: now, answer: input.answer, outcome: outcome ?? null })
    const facts = { title: row.zh, reason: input.answer }
    const kind = to === 'upheld' ? 'objectionUpheld' : 'objectionRejected'
    await notify(tx, { units: [row.unit], verb: 'record.fill', kind, subject: `objection:${row.id}`, facts })
    if (row.issuer !== null) await notify(tx, { units: [row.issuer], verb: 'list.issue', kind, subject: `objection:${row.id}`, facts })
    await record(tx, `objection.${to}`, { by: bearer(actor, grant), unit: row.unit, subject: `objection:${row.id}`, reason: input.answer, facts: { from: row.state, to, form: row.form, field: row.field, outcome: outcome ?? null } })
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
