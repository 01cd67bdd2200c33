import { forbiddenIn } from '../../rules/forbidden-words.ts'
import { Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { grantFor, mustBeAble, scopeOf, type Actor, type Grant } from '../access/permission.ts'
import type { Verb } from '../access/verbs.ts'
import type { MoveNow } from '../endpoint.ts'
import { notify } from '../inbox/inbox.reads.ts'
import { formOf } from '../ledgers/ledgers.reads.ts'
import { listToRegister } from '../lists/lists.reads.ts'
import { inScope, pathOf, pathsOf, unitsByAudience, type Condition } from '../units/units.reads.ts'
import type { Asking, burdenContract, DocumentCap, Exception, VisitHint } from './burden.contract.ts'
import type { BurdenRules } from './burden-definition.ts'
import { burdenRulesOf, documentCapOf, extentOf } from './burden.reads.ts'
import { askingLife, exceptionLife } from './lives.ts'
import { readingMinutes } from './meter.ts'
import * as queries from './register.sql.ts'

type Names = 'register' | 'registerEvent' | 'registerList' | 'decide' | 'withdraw' | 'exceptions' | 'askException' | 'decideException'

const comingOf = { visit: 'visitComing', meeting: 'meetingComing', document: 'documentComing' } as const

/** Whether a document is longer than the rules allow: told to its registrar and to the officer (F-14). */
const isTooLong = (rules: BurdenRules, { characters, special }: { characters: number | null; special: boolean }) => characters !== null && characters > (special ? rules.specialDocumentCharacters : rules.documentCharacters)

export const bearer = (actor: Actor, grant: Grant) => ({ account: actor.account, post: grant.post || undefined })

/** Throws Problem `stale-version` when somebody was quicker. */
export function mustBeFresh(mine: number, row: { version: number; state: string }): void {
  if (row.version !== mine) throw new Problem('stale-version', { facts: { mine, theirs: row.version, state: row.state } })
}

/** Throws Problem `invalid-input` when a text that everybody reads has a word of the red lines. */
export function mustBeClean(field: string, text: string): void {
  const [found] = forbiddenIn(text)
  if (found) throw new Problem('invalid-input', { field, findings: [{ code: 'red-line', path: field, facts: { word: found.word, text } }] })
}

type Path = readonly number[]
/** @returns the moves of one thing for one person: those of `life` with its verb held at `path`; nobody decides on his own */
export function movesOf(life: { may: (state: never) => { move: string; possible: boolean; from: string[] }[]; table: Record<string, { verb?: string }> }, state: string, actor: Actor, path: Path, by: string | null): MoveNow[] {
  return life.may(state as never).map(({ move, possible, from }) => {
    const verb = life.table[move]!.verb as Verb | undefined
    if (!possible) return { move, possible, from, why: 'move-not-possible' }
    if (verb && !grantFor(actor, verb, path)) return { move, possible: false, from, why: 'not-allowed' }
    if (verb === 'burden.approve' && by === actor.account) return { move, possible: false, from, why: 'same-person' }
    return { move, possible: true, from }
  })
}

/** The moves of a form in the register: only the yes to one that waits, which is given on the form's own terms. */
function formMoves(row: queries.RegisterRow, actor: Actor, path: Path): MoveNow[] {
  return (['approve', 'refuse'] as const).map((move) => {
    if (row.state !== 'review') return { move, possible: false, from: ['review'], why: 'move-not-possible' }
    const may = row.issuer === null ? scopeOf(actor, 'burden.approve').length > 0 : grantFor(actor, 'burden.approve', path) !== undefined
    if (!may) return { move, possible: false, from: ['review'], why: 'not-allowed' }
    return row.registeredBy === actor.account ? { move, possible: false, from: ['review'], why: 'same-person' } : { move, possible: true, from: ['review'] }
  })
}

async function askingToChange(tx: Tx, id: number): Promise<queries.AskingRow> {
  const found = await queries.askingForUpdate(tx, id)
  if (!found) throw new Problem('not-found', { facts: { what: 'asking', id } })
  return found
}

async function visitHint(tx: Tx, kind: string, audience: Condition, on: string | null, except: number): Promise<VisitHint> {
  const { visitsWithinDays: days } = await burdenRulesOf(tx)
  if (kind !== 'visit' || on === null) return { days, units: 0, first: [] }
  return { days, ...(await queries.visitsNear(tx, audience, on, days, except)) }
}

export const registerAnswers: Pick<Answers<typeof burdenContract>, Names> = {
  async register({ tx, input, actor, today }) {
    const { rows, total } = await queries.registerRows(tx, input, actor.locale)
    const paths = await pathsOf(tx, [...new Set(rows.flatMap((row) => row.issuer ?? []))])
    const rules = await burdenRulesOf(tx)
    const documents = new Map<string, DocumentCap>()
    for (const row of rows) if (row.kind === 'document' && row.state === 'review') documents.set(row.id, await documentCapOf(tx, row.issuer!, Number(row.on!.slice(0, 4))))
    return {
      total,
      rows: rows.map(({ zh, en, registeredBy, ...row }): Asking => {
        const path = row.issuer === null ? [] : (paths.get(row.issuer) ?? [])
        return {
          ...row,
          title: { zh, en },
          expired: row.expires !== null && row.expires < today,
          tooLong: isTooLong(rules, row),
          documents: documents.get(row.id) ?? null,
          moves: row.kind === 'form' ? formMoves({ zh, en, registeredBy, ...row }, actor, path) : movesOf(askingLife, row.state, actor, path, registeredBy),
        }
      }),
    }
  },

  async registerEvent({ tx, input, actor, now, today }) {
    const grant = mustBeAble(actor, 'list.issue', await pathOf(tx, input.issuer))
    mustBeClean('title', input.title)
    if (input.on < today) throw new Problem('date-invalid', { field: 'on', facts: { given: input.on, from: today } })
    const audience = await unitsByAudience(tx, 'u', input.audience)
    const { units, outside } = await queries.countUnits(tx, audience, await inScope(tx, 'u', [input.issuer]))
    if (units === 0) throw new Problem('invalid-input', { field: 'audience', findings: [{ code: 'nobody-addressed', path: 'audience', facts: { title: input.title } }] })
    if (outside > 0) throw new Problem('invalid-input', { field: 'audience', findings: [{ code: 'outside-issuer', path: 'audience', facts: { title: input.title, units: outside } }] })
    const state = askingLife.next('none', 'register') as 'review'
    const rules = await burdenRulesOf(tx)
    const paper = input.kind === 'document' ? input : undefined
    if (paper && paper.expires < paper.on) throw new Problem('date-invalid', { field: 'expires', facts: { given: paper.expires, from: paper.on } })
    const minutes = input.kind === 'document' ? readingMinutes(input.characters, rules.charactersPerMinute) : input.minutes
    const { id, version } = await queries.addAsking(tx, { kind: input.kind, title: input.title, issuer: input.issuer, audience: input.audience, on: input.on, minutes, characters: paper?.characters, special: paper?.special, expires: paper?.expires ?? input.on, units, state, by: actor.account, at: now })
    const officer = await queries.officerUnitOf(tx, await pathOf(tx, input.issuer), today)
    if (officer !== null) await notify(tx, { units: [officer], verb: 'burden.approve', kind: 'askingRegistered', subject: `asking:${id}`, facts: { title: input.title }, by: actor.account })
    await record(tx, 'asking.registered', { by: bearer(actor, grant), unit: input.issuer, subject: `asking:${id}`, facts: { kind: input.kind, title: input.title, on: input.on, units, minutes, ...(paper ? { characters: paper.characters } : {}) } })
    const documents = paper ? await documentCapOf(tx, input.issuer, Number(input.on.slice(0, 4))) : null
    return { id, state, version, units, visits: await visitHint(tx, input.kind, audience, input.on, id), documents, tooLong: isTooLong(rules, paper ?? { characters: null, special: false }) }
  },

  async registerList({ tx, input, actor, now }) {
    const list = await listToRegister(tx, input.list)
    if (!list) throw new Problem('not-found', { facts: { what: 'list', id: input.list } })
    const grant = mustBeAble(actor, 'list.issue', await pathOf(tx, list.issuer))
    if (list.state !== 'draft') throw new Problem('move-not-possible', { facts: { life: 'list', move: 'register', state: list.state, from: ['draft'] } })
    const before = await queries.askingOfList(tx, list.id)
    const state = askingLife.next(before?.state ?? 'none', 'register') as 'review'
    const extent = await extentOf(tx, list.items, list.year)
    const { id, version } = await queries.addAsking(tx, { kind: 'list', list: list.id, title: list.title, issuer: list.issuer, on: null, minutes: null, state, by: actor.account, at: now, ...extent })
    await record(tx, 'asking.registered', { by: bearer(actor, grant), unit: list.issuer, subject: `asking:${id}`, facts: { kind: 'list', title: list.title, list: list.id, units: extent.units } })
    return { id, state, version }
  },

  async decide({ tx, input, actor, now }) {
    const asking = await askingToChange(tx, input.id)
    const grant = mustBeAble(actor, 'burden.approve', await pathOf(tx, asking.issuer))
    mustBeFresh(input.version, asking)
    if (asking.registeredBy === actor.account) throw new Problem('same-person')
    const to = askingLife.next(asking.state, input.approve ? 'approve' : 'refuse', input.reason)
    // More documents than last year go out only with a reason that stays (F-14).
    const above = to === 'registered' && asking.kind === 'document' && (await documentCapOf(tx, asking.issuer, Number(asking.on!.slice(0, 4)))).state === 'passed'
    if (above && !input.reason.trim()) throw new Problem('reason-needed', { field: 'reason' })
    await queries.settleAsking(tx, asking.id, { state: to, by: actor.account, at: now, reason: input.reason || null })
    if (to === 'registered' && asking.kind !== 'list') {
      const units = await queries.layOnUnits(tx, asking.id, asking.on!, await unitsByAudience(tx, 'u', asking.audience))
      await notify(tx, { units, verb: 'task.work', kind: comingOf[asking.kind as keyof typeof comingOf], subject: `asking:${asking.id}`, facts: { title: asking.title, on: asking.on }, by: actor.account })
    }
    await notify(tx, { units: [asking.issuer], verb: 'list.issue', kind: to === 'registered' ? 'askingApproved' : 'askingRefused', subject: `asking:${asking.id}`, facts: { title: asking.title, reason: input.reason }, by: actor.account })
    await record(tx, to === 'registered' ? 'asking.approved' : 'asking.refused', { by: bearer(actor, grant), unit: asking.issuer, subject: `asking:${asking.id}`, reason: input.reason || undefined, facts: { from: asking.state, to, title: asking.title } })
    return { id: asking.id, state: to, version: asking.version + 1 }
  },

  async withdraw({ tx, input, actor, now }) {
    const asking = await askingToChange(tx, input.id)
    const grant = mustBeAble(actor, 'list.issue', await pathOf(tx, asking.issuer))
    mustBeFresh(input.version, asking)
    const to = askingLife.next(asking.state, 'withdraw', input.reason)
    await queries.settleAsking(tx, asking.id, { state: to, by: actor.account, at: now, reason: input.reason })
    await queries.takeFromUnits(tx, asking.id)
    await record(tx, 'asking.withdrawn', { by: bearer(actor, grant), unit: asking.issuer, subject: `asking:${asking.id}`, reason: input.reason, facts: { from: asking.state, to, title: asking.title } })
    return { id: asking.id, state: to, version: asking.version + 1 }
  },

  async exceptions({ tx, input, actor }) {
    const scope = await inScope(tx, 'u', [...scopeOf(actor, 'list.issue'), ...scopeOf(actor, 'burden.approve')])
    const { rows, total } = await queries.exceptionsIn(tx, scope, input)
    const paths = await pathsOf(tx, [...new Set(rows.map((row) => row.issuer))])
    return { total, rows: rows.map(({ zh, en, askedBy, ...row }): Exception => ({ ...row, formName: { zh, en }, moves: movesOf(exceptionLife, row.state, actor, paths.get(row.issuer) ?? [], askedBy) })) }
  },

  async askException({ tx, input, actor, now, today }) {
    const path = await pathOf(tx, input.issuer)
    const grant = mustBeAble(actor, 'list.issue', path)
    const form = await formOf(tx, input.form)
    if (input.until < today) throw new Problem('date-invalid', { field: 'until', facts: { given: input.until, from: today } })
    const state = exceptionLife.next('none', 'ask', input.reason)
    const officer = await queries.officerUnitOf(tx, path, today)
    const asked = await queries.addException(tx, { issuer: input.issuer, form: form.code, cap: input.cap, until: input.until, reason: input.reason, by: actor.account, at: now, officer })
    if (!asked) throw new Problem('move-not-possible', { facts: { life: 'exception', move: 'ask', state: 'asked', from: exceptionLife.table.ask.from } })
    if (officer !== null) await notify(tx, { units: [officer], verb: 'burden.approve', kind: 'exceptionAsked', subject: `exception:${asked.id}`, facts: { title: form.name.zh, reason: input.reason }, by: actor.account })
    await record(tx, 'exception.asked', { by: bearer(actor, grant), unit: input.issuer, subject: `exception:${asked.id}`, reason: input.reason, facts: { form: form.code, cap: input.cap, until: input.until } })
    return { ...asked, state }
  },

  async decideException({ tx, input, actor, now }) {
    const exception = await queries.exceptionForUpdate(tx, input.id)
    if (!exception) throw new Problem('not-found', { facts: { what: 'exception', id: input.id } })
    const grant = mustBeAble(actor, 'burden.approve', await pathOf(tx, exception.issuer))
    mustBeFresh(input.version, exception)
    if (exception.askedBy === actor.account) throw new Problem('same-person')
    const to = exceptionLife.next(exception.state, input.grant ? 'grant' : 'refuse', input.reason)
    await queries.settleException(tx, exception.id, { state: to, by: actor.account, at: now, reason: input.reason })
    await notify(tx, { units: [exception.issuer], verb: 'list.issue', kind: to === 'granted' ? 'exceptionGranted' : 'exceptionRefused', subject: `exception:${exception.id}`, facts: { title: exception.zh, reason: input.reason }, by: actor.account })
    await record(tx, to === 'granted' ? 'exception.granted' : 'exception.refused', { by: bearer(actor, grant), unit: exception.issuer, subject: `exception:${exception.id}`, reason: input.reason, facts: { form: exception.form, cap: exception.cap, from: exception.state, to } })
    return { id: exception.id, state: to, version: exception.version + 1 }
  },
}
