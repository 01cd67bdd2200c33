import { z } from 'zod'
import { CivilDate, endpoint, MoveNow, pageOf, paging, PeriodText, type RoomContract } from '../endpoint.ts'
import { Words } from '../ledgers/form-definition.ts'
import { Audience } from '../units/audience.ts'
import { BurdenRules } from './burden-definition.ts'

const id = z.number().int()
const unit = z.number().int()
const formCode = z.string().max(80)
const Month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/)
const reason = z.string().trim().max(500)

// ---- the register

export const AskingKind = z.enum(['form', 'list', 'meeting', 'visit', 'document'])
/** How many documents an issuer has sent in a year with this one, against the year before; null: nothing is known of it. */
export const DocumentCap = z.object({ now: z.number().int(), most: z.number().int().nullable(), state: z.enum(['free', 'near', 'passed', 'none']) })
export type DocumentCap = z.infer<typeof DocumentCap>
/** One asking as it stands in the register, whatever it is. */
export const Asking = z.object({
  kind: AskingKind,
  /** A form's code, or the number of the entry. */
  id: z.string(),
  title: Words,
  issuer: unit.nullable(),
  /** Who asks; null: a form that a pack brought. */
  issuerName: z.string().nullable(),
  classes: z.array(z.string()),
  cycle: z.string(),
  expires: CivilDate.nullable(),
  expired: z.boolean(),
  state: z.string(),
  minutes: z.number().nullable(),
  /** Of a document: its length, and whether that is more than the rules allow. */
  characters: z.number().int().nullable(),
  special: z.boolean(),
  tooLong: z.boolean(),
  /** Of a document that waits for a yes. */
  documents: DocumentCap.nullable(),
  approvedBy: z.string().nullable(),
  approvedOn: CivilDate.nullable(),
  approvalNumber: z.string().nullable(),
  on: CivilDate.nullable(),
  pack: z.string().nullable(),
  version: id.nullable(),
  reason: z.string().nullable(),
  moves: z.array(MoveNow),
})
export type Asking = z.infer<typeof Asking>

/** Visits that should be one: units with another registered visit within the days that the rules say (C6). */
export const VisitHint = z.object({ days: z.number().int(), units: z.number().int(), first: z.array(z.object({ unit, name: z.string(), other: z.string(), issuerName: z.string(), on: CivilDate })) })
export type VisitHint = z.infer<typeof VisitHint>

/** How a cap stands with the new asking counted in. `last`: last year's figure; null: nothing is known of last year, so there is no cap. */
export const Cap = z.object({
  cap: z.enum(['formsYear', 'fieldsMonth']),
  state: z.enum(['free', 'near', 'passed', 'none']),
  now: z.number().int(),
  most: z.number().int().nullable(),
  /** fieldsMonth: how many units would be above it, and one of them. */
  units: z.number().int(),
  first: z.string().nullable(),
  /** An exception that the burden officer granted and that still holds. */
  exception: z.object({ id, until: CivilDate, reason: z.string() }).nullable(),
})
export type Cap = z.infer<typeof Cap>

/** How a cap would stand with a form that is only designed. `alone`: the form by itself is above it. */
export const DesignCap = Cap.omit({ exception: true }).extend({ class: z.string().nullable(), alone: z.boolean() })
export type DesignCap = z.infer<typeof DesignCap>

export const Exception = z.object({
  id, issuer: unit, issuerName: z.string(), form: formCode, formName: Words, cap: z.enum(['formsYear', 'fieldsMonth']), until: CivilDate, reason: z.string(),
  state: z.enum(['asked', 'granted', 'refused']), version: id, askedAt: z.string(), decidedAt: z.string().nullable(), decisionReason: z.string().nullable(), moves: z.array(MoveNow),
})
export type Exception = z.infer<typeof Exception>

// ---- the meter

/** One form as it was put before one unit in a month (the month of its deadline). */
export const AskedForm = z.object({
  form: formCode, formName: Words, period: PeriodText, due: CivilDate, issuer: unit.nullable(), issuerName: z.string().nullable(),
  asked: z.number().int(), shown: z.number().int(), minutes: z.number(),
  /** Cells typed anew in all submissions, and fields that stayed as they came; null: not submitted yet. */
  typed: z.number().int().nullable(), carried: z.number().int().nullable(), submissions: z.number().int(), state: z.string(),
  /** The unit's open objections to it. */
  objections: z.number().int(),
})
export type AskedForm = z.infer<typeof AskedForm>
export const AskedEvent = z.object({ id, kind: z.enum(['meeting', 'visit', 'document']), title: z.string(), on: CivilDate, minutes: z.number().int(), issuer: unit, issuerName: z.string(), objections: z.number().int() })
export type AskedEvent = z.infer<typeof AskedEvent>
/** An item of a list that has no form: something is to be done, which nobody counts in fields. */
export const AskedItem = z.object({ item: id, task: id, title: z.string(), listTitle: z.string(), issuer: unit, issuerName: z.string(), due: CivilDate, state: z.string(), objections: z.number().int() })
export type AskedItem = z.infer<typeof AskedItem>

const Sums = z.object({
  forms: z.number().int(), answered: z.number().int(), asked: z.number().int(), shown: z.number().int(), typed: z.number().int(), carried: z.number().int(),
  /** Fields of returns that are still open. */
  ahead: z.number().int(), minutes: z.number(), meetings: z.number().int(), visits: z.number().int(), documents: z.number().int(),
  /** Σ typed + meetings·wm + visits·wi + documents·wd. */
  burden: z.number(),
})
export type Sums = z.infer<typeof Sums>

export const UnitBurden = z.object({
  unit, unitName: z.string(), month: Month, rules: BurdenRules,
  sums: Sums,
  /** Tasks of lists without a form that are due in the month. */
  tasks: z.number().int(),
  /** Fields held already / fields put before the unit (C2: duplicate share). */
  duplicate: z.object({ num: z.number().int(), den: z.number().int() }),
  cap: z.object({ most: z.number().int().nullable(), asked: z.number().int(), state: z.enum(['free', 'near', 'passed', 'none']) }),
  forms: z.array(AskedForm), events: z.array(AskedEvent), items: z.array(AskedItem),
  byIssuer: z.array(z.object({ issuer: unit.nullable(), issuerName: z.string().nullable(), forms: z.number().int(), asked: z.number().int(), typed: z.number().int(), meetings: z.number().int(), visits: z.number().int(), documents: z.number().int(), minutes: z.number() })),
  /** The twelve months that end with this one, oldest first. */
  months: z.array(z.object({ month: Month, forms: z.number().int(), asked: z.number().int(), typed: z.number().int(), meetings: z.number().int(), visits: z.number().int(), documents: z.number().int(), minutes: z.number(), burden: z.number() })),
  visits: VisitHint,
})
export type UnitBurden = z.infer<typeof UnitBurden>

/** How the burden lies over the units below: bands and quantiles, never a ranking. Fewer than 3 units are not shown. */
export const Below = z.object({
  unit, unitName: z.string(), month: Month, class: z.string(), units: z.number().int(), suppressed: z.boolean(),
  edges: z.array(z.number()), bands: z.array(z.number().int()),
  least: z.number().nullable(), median: z.number().nullable(), ninety: z.number().nullable(), most: z.number().nullable(),
  sums: Sums, aboveCap: z.number().int(), capMost: z.number().int().nullable(),
  classes: z.array(z.object({ code: z.string(), zh: z.string(), en: z.string(), units: z.number().int() })),
  children: z.array(z.object({ unit, name: z.string(), units: z.number().int(), suppressed: z.boolean(), sums: Sums.nullable() })),
})
export type Below = z.infer<typeof Below>

/** What one issue of a form caused: units × fields × minutes as planned, and what was typed so far. */
export const Caused = z.object({
  kind: AskingKind, id: z.string(), title: Words, period: PeriodText.nullable(), on: CivilDate, due: CivilDate.nullable(), units: z.number().int(), answered: z.number().int(), fields: z.number().int(), held: z.number().int(),
  entries: z.number().int(), typed: z.number().int(), minutes: z.number(), objections: z.number().int(),
})
export type Caused = z.infer<typeof Caused>

// ---- objections and suggestions

export const Ground = z.enum(['alreadyReported', 'cannotKnow', 'notOurDuty', 'other'])
export const Outcome = z.enum(['formWithdrawn', 'formChanged', 'fieldDropped', 'prefilled', 'askingWithdrawn', 'unitSpared'])
export type Outcome = z.infer<typeof Outcome>
export const Objection = z.object({
  id,
  /** Only the unit itself and those who decide see who objected and in which words. */
  unit: unit.nullable(), unitName: z.string().nullable(), text: z.string().nullable(),
  /** What it is against: a form (or one field), an item of a list, a meeting, a visit or a document of the register. */
  kind: z.enum(['form', 'item', 'meeting', 'visit', 'document']),
  form: formCode.nullable(), asking: id.nullable(), item: id.nullable(),
  title: Words, field: z.string().nullable(), fieldName: Words.nullable(), issuerName: z.string().nullable(),
  ground: Ground, state: z.enum(['open', 'upheld', 'rejected', 'withdrawn']), outcome: Outcome.nullable(),
  /** Upheld, and it is so: the form as it is asked now shows it, the meeting is off, the unit is spared. */
  carriedOut: z.boolean(),
  /** The version of the form that carries it out, where one was made on its account, and since when. */
  carriedVersion: z.number().int().nullable(), carriedOn: CivilDate.nullable(),
  version: id, raisedOn: CivilDate, due: CivilDate.nullable(), overdue: z.boolean(), workingDaysLeft: z.number().int().nullable(),
  decidedAt: z.string().nullable(), answer: z.string().nullable(), own: z.boolean(), moves: z.array(MoveNow),
})
export type Objection = z.infer<typeof Objection>

export const SuggestionKind = z.enum(['suggestion', 'complaint', 'fault'])
export const Suggestion = z.object({
  id, kind: SuggestionKind, title: z.string(),
  /** Seen by its author and by those who answer; the title and the answer are public. */
  text: z.string().nullable(), unitName: z.string().nullable(),
  state: z.enum(['open', 'answered']), version: id, raisedOn: CivilDate, due: CivilDate.nullable(), overdue: z.boolean(), answer: z.string().nullable(), answeredAt: z.string().nullable(),
  own: z.boolean(), moves: z.array(MoveNow),
})
export type Suggestion = z.infer<typeof Suggestion>

const version = z.number().int().min(1)
const event = { issuer: unit, title: z.string().trim().min(1).max(120), audience: Audience, on: CivilDate }
const Done = z.object({ id, state: z.string(), version: id })

export const burdenContract = {
  rules: endpoint('signedIn', { method: 'GET', path: '/burden/rules', summary: 'Weights, caps and time limits of the burden meter' }).input(z.object({})).output(BurdenRules),
  unit: endpoint('list.read', { method: 'GET', path: '/burden/unit', summary: 'What a unit was asked in a month, and what it really typed' })
    .input(z.object({ unit, month: Month })).output(UnitBurden),
  below: endpoint('list.read', { method: 'GET', path: '/burden/below', summary: 'How the burden lies over the units below: bands, never a ranking' })
    .input(z.object({ unit, month: Month, class: z.string().max(40).optional() })).output(Below),
  caused: endpoint('list.read', { method: 'GET', path: '/burden/caused', summary: 'What a unit causes below: units × fields × minutes, and its caps' })
    .input(z.object({ unit, year: z.number().int().min(2000).max(2200), ...paging }))
    .output(pageOf(Caused).extend({ unitName: z.string(), forms: z.number().int(), formsLastYear: z.number().int().nullable(), cap: Cap.shape.state, documents: DocumentCap, entries: z.number().int(), typed: z.number().int(), minutes: z.number() })),
  before: endpoint('list.issue', { method: 'GET', path: '/burden/before', summary: 'How the caps would stand if a draft list were issued now' })
    .input(z.object({ list: id })).output(z.object({ caps: z.array(Cap.extend({ form: formCode, formName: Words, item: z.string() })) })),

  register: endpoint('signedIn', { method: 'GET', path: '/burden/register', summary: 'The register of askings: forms, lists, meetings, visits, documents' })
    .input(z.object({ kind: AskingKind.optional(), state: z.string().max(20).optional(), q: z.string().max(60).optional(), ...paging })).output(pageOf(Asking)),
  registerEvent: endpoint('list.issue', { method: 'POST', path: '/burden/events', summary: 'Register a meeting, a visit or a document; it counts once the burden officer has said yes' })
    .input(z.discriminatedUnion('kind', [
      z.object({ kind: z.enum(['meeting', 'visit']), ...event, minutes: z.number().int().min(1).max(6000) }),
      /** The minutes follow from its length; `expires`: until when it holds. */
      z.object({ kind: z.literal('document'), ...event, characters: z.number().int().min(1).max(200_000), special: z.boolean().default(false), expires: CivilDate }),
    ]))
    .output(z.object({ id, state: z.string(), version: id, units: z.number().int(), visits: VisitHint, documents: DocumentCap.nullable(), tooLong: z.boolean() })),
  registerList: endpoint('list.issue', { method: 'POST', path: '/burden/lists', summary: 'Register a draft list, where lists need the burden officer’s yes' })
    .input(z.object({ list: id })).output(Done),
  decide: endpoint('burden.approve', { method: 'POST', path: '/burden/register/decide', summary: 'Say yes or no to a list, a meeting, a visit or a document; a document above last year’s number wants a reason' })
    .input(z.object({ id, version, approve: z.boolean(), reason: reason.default('') })).output(Done),
  withdraw: endpoint('list.issue', { method: 'POST', path: '/burden/register/withdraw', summary: 'Take a meeting, a visit, a document or a list out of the register' })
    .input(z.object({ id, version, reason })).output(Done),

  exceptions: endpoint('list.read', { method: 'GET', path: '/burden/exceptions', summary: 'Exceptions from caps, with their reasons' })
    .input(z.object({ state: z.enum(['asked', 'granted', 'refused']).optional(), ...paging })).output(pageOf(Exception)),
  askException: endpoint('list.issue', { method: 'POST', path: '/burden/exceptions', summary: 'Ask the burden officer for an exception from a cap' })
    .input(z.object({ issuer: unit, form: formCode, cap: z.enum(['formsYear', 'fieldsMonth']), until: CivilDate, reason })).output(Done),
  decideException: endpoint('burden.approve', { method: 'POST', path: '/burden/exceptions/decide', summary: 'Grant or refuse an exception' })
    .input(z.object({ id, version, grant: z.boolean(), reason })).output(Done),

  object: endpoint('record.fill', { method: 'POST', path: '/burden/objections', summary: 'Object to a form or one field of it, to an item of a list, to a meeting, a visit or a document: one of form, item, asking' })
    .input(z.object({ unit, form: formCode.optional(), item: id.optional(), asking: id.optional(), field: z.string().max(60).optional(), ground: Ground, text: z.string().trim().max(500).default('') })).output(Done.extend({ due: CivilDate.nullable() })),
  objections: endpoint('signedIn', { method: 'GET', path: '/burden/objections', summary: 'Objections: mine, those I decide, and the outcomes of all above me' })
    .input(z.object({ view: z.enum(['open', 'decided', 'mine']).default('decided'), form: formCode.optional(), ...paging })).output(pageOf(Objection)),
  takeBack: endpoint('record.fill', { method: 'POST', path: '/burden/objections/take-back', summary: 'Take an open objection back' })
    .input(z.object({ id, version })).output(Done),
  decideObjection: endpoint('burden.approve', { method: 'POST', path: '/burden/objections/decide', summary: 'Uphold or reject an objection; the outcome is public below' })
    .input(z.object({ id, version, uphold: z.boolean(), outcome: Outcome.optional(), answer: reason })).output(Done),

  suggest: endpoint('signedIn', { method: 'POST', path: '/burden/suggestions', summary: 'Suggest, complain, report a fault' })
    .input(z.object({ unit, kind: SuggestionKind, title: z.string().trim().min(1).max(80), text: z.string().trim().max(1000).default('') })).output(Done.extend({ due: CivilDate.nullable() })),
  suggestions: endpoint('signedIn', { method: 'GET', path: '/burden/suggestions', summary: 'Suggestions with their answers' })
    .input(z.object({ view: z.enum(['answered', 'mine', 'open']).default('answered'), q: z.string().max(60).optional(), ...paging })).output(pageOf(Suggestion)),
  answerSuggestion: endpoint('burden.approve', { method: 'POST', path: '/burden/suggestions/answer', summary: 'Answer a suggestion; the answer is public' })
    .input(z.object({ id, version, answer: reason })).output(Done),
} satisfies RoomContract
