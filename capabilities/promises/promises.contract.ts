import { z } from 'zod'
import { CivilDate, endpoint, MoveNow, pageOf, paging, type RoomContract } from '../endpoint.ts'
import { Words } from '../ledgers/form-definition.ts'

const id = z.number().int()
const unit = z.number().int()
const version = z.number().int().min(1)
const Text = z.string().trim().min(1).max(200)
const LongText = z.string().trim().max(1000)
const Reason = z.string().trim().max(500)
const q = z.string().max(60).optional()
const Done = z.object({ id, state: z.string(), version: id })

/** One line of the history of a commitment or a matter. */
export const Step = z.object({
  move: z.string(),
  /** Who did it; null for those who only read what is public. */
  by: z.string().nullable(),
  unitName: z.string().nullable(), at: z.string(), text: z.string().nullable(),
})
export type Step = z.infer<typeof Step>

// ---- commitments

export const Standing = z.enum(['running', 'late', 'kept', 'keptLate', 'withdrawn'])
/** A promise that a unit makes in public (C11). `standing` is read off the day; nobody types “late”. */
export const Commitment = z.object({
  id, unit, unitName: z.string(), text: z.string(), measure: z.string(), by: CivilDate, madeOn: CivilDate, keptOn: CivilDate.nullable(), result: z.string().nullable(), reason: z.string().nullable(),
  standing: Standing, daysLate: z.number().int(), version: id, moves: z.array(MoveNow),
})
export type Commitment = z.infer<typeof Commitment>
/** How the commitments of a unit and all below it stand; never of a person. */
export const Counts = z.object({ running: id, late: id, kept: id, keptLate: id, withdrawn: id })
export type Counts = z.infer<typeof Counts>

// ---- joint meetings

export const ResolutionState = z.enum(['draft', 'open', 'overdue', 'closed', 'cancelled'])
/** A resolution is an item of the meeting's list; this is how it stands. */
export const Resolution = z.object({ item: id, title: z.string(), leadName: z.string().nullable(), coUnitNames: z.array(z.string()), due: CivilDate.nullable(), dueWorkingDays: z.number().int().nullable(), state: ResolutionState, task: id.nullable() })
export type Resolution = z.infer<typeof Resolution>
export const Meeting = z.object({
  id, body: id.nullable(), bodyName: z.string(), unit, unitName: z.string(), subject: z.string(), on: CivilDate, minutes: z.number().int(), state: z.enum(['planned', 'held', 'cancelled']), version: id,
  /** How it stands in the register of askings: review, registered, refused, withdrawn. */
  asking: z.string(), members: z.number().int(), list: id.nullable(), listState: z.string().nullable(), reason: z.string().nullable(),
  resolutions: z.number().int(), closed: z.number().int(), overdue: z.number().int(),
})
export type Meeting = z.infer<typeof Meeting>
export const MeetingPage = Meeting.extend({
  agenda: z.string(), memberUnits: z.array(z.object({ id: unit, name: z.string() })), resolved: z.array(Resolution), moves: z.array(MoveNow),
})
export type MeetingPage = z.infer<typeof MeetingPage>

// ---- major matters

export const MatterKindRow = z.object({ code: z.string(), name: Words, acknowledgeWorkingDays: z.number().int() })
export const Matter = z.object({
  id, unit, unitName: z.string(), kind: z.string(), kindName: Words, title: z.string(), happenedOn: CivilDate, what: z.string(), asked: z.string(), reportedOn: CivilDate,
  /** Until when a level above acknowledges; null: the notice of working days of that year is missing. */
  due: CivilDate.nullable(), overdue: z.boolean(), acknowledgedOn: CivilDate.nullable(), acknowledgedLate: z.boolean(), instruction: z.string().nullable(), outcome: z.string().nullable(),
  state: z.enum(['reported', 'acknowledged', 'instructed', 'closed', 'withdrawn']), version: id, moves: z.array(MoveNow),
})
export type Matter = z.infer<typeof Matter>

// ---- pairings

export const Pairing = z.object({
  id, helper: unit, helperName: z.string(), helped: unit, helpedName: z.string(), purpose: z.string(), from: CivilDate, until: CivilDate, state: z.enum(['running', 'ended']), expired: z.boolean(), version: id,
  reason: z.string().nullable(), resources: z.number().int(), needs: z.number().int(), done: z.number().int(),
})
export type Pairing = z.infer<typeof Pairing>
export const PairingEntry = z.object({ id, kind: z.enum(['resource', 'need']), text: z.string(), state: z.enum(['open', 'met', 'withdrawn']), addedOn: CivilDate, reason: z.string().nullable(), used: z.number().int(), mayWithdraw: z.boolean() })
export type PairingEntry = z.infer<typeof PairingEntry>
export const PairingDone = z.object({ id, resource: z.string(), need: z.string(), on: CivilDate, result: z.string() })
export type PairingDone = z.infer<typeof PairingDone>
export const PairingPage = Pairing.extend({ entries: z.array(PairingEntry), doneEntries: z.array(PairingDone), moves: z.array(MoveNow) })
export type PairingPage = z.infer<typeof PairingPage>

export const promisesContract = {
  commitments: endpoint('signedIn', { method: 'GET', path: '/promises/commitments', summary: 'Commitments of all units; they are public' })
    .input(z.object({ standing: Standing.optional(), unit: unit.optional(), q, ...paging })).output(pageOf(Commitment)),
  commitmentCounts: endpoint('signedIn', { method: 'GET', path: '/promises/commitments/counts', summary: 'How the commitments of a unit and of each unit directly below it stand' })
    .input(z.object({ unit })).output(z.object({ unit, unitName: z.string(), all: Counts, below: z.array(z.object({ unit, name: z.string(), counts: Counts })) })),
  commitmentSteps: endpoint('signedIn', { method: 'GET', path: '/promises/commitments/{id}/steps', summary: 'The history of a commitment' }).input(z.object({ id })).output(z.array(Step)),
  commit: endpoint('task.work', { method: 'POST', path: '/promises/commitments', summary: 'Make a commitment for the unit of my own post' })
    .input(z.object({ unit, text: Text, measure: Text, by: CivilDate })).output(Done),
  keep: endpoint('task.work', { method: 'POST', path: '/promises/commitments/keep', summary: 'Mark a commitment as kept, with the result; never by whoever made it' })
    .input(z.object({ id, version, on: CivilDate, result: Reason })).output(Done),
  withdrawCommitment: endpoint('task.work', { method: 'POST', path: '/promises/commitments/withdraw', summary: 'Withdraw a commitment of my own unit, with the reason' })
    .input(z.object({ id, version, reason: Reason })).output(Done),

  bodies: endpoint('list.issue', { method: 'GET', path: '/promises/bodies', summary: 'Coordinating bodies that I can convene, with their members' })
    .input(z.object({})).output(z.array(z.object({ id, name: z.string(), unit, unitName: z.string(), members: z.array(z.object({ id: unit, name: z.string() })) }))),
  meetings: endpoint('list.read', { method: 'GET', path: '/promises/meetings', summary: 'Joint meetings that my units convene or take part in' })
    .input(z.object({ state: Meeting.shape.state.optional(), q, ...paging })).output(pageOf(Meeting)),
  meeting: endpoint('list.read', { method: 'GET', path: '/promises/meetings/{id}', summary: 'One joint meeting and how each resolution stands' }).input(z.object({ id })).output(MeetingPage),
  convene: endpoint('list.issue', { method: 'POST', path: '/promises/meetings', summary: 'Convene a joint meeting; it is registered in the register of askings' })
    .input(z.object({ body: id, subject: Text.max(100), agenda: LongText.default(''), on: CivilDate, minutes: z.number().int().min(1).max(600), members: z.array(unit).min(1).max(60) })).output(Done),
  hold: endpoint('list.issue', { method: 'POST', path: '/promises/meetings/hold', summary: 'A meeting was held; from now on it can resolve' }).input(z.object({ id, version })).output(Done),
  cancelMeeting: endpoint('list.issue', { method: 'POST', path: '/promises/meetings/cancel', summary: 'Cancel a meeting; it leaves the register' }).input(z.object({ id, version, reason: Reason })).output(Done),
  resolve: endpoint('list.issue', { method: 'POST', path: '/promises/meetings/resolve', summary: 'Write a resolution: it becomes an item of the meeting’s draft list' })
    .input(z.object({
      id, version, title: Text, lead: unit, coUnits: z.array(unit).max(20).default([]), deliverable: Text, measure: Text,
      /** Either a date, or working days from the issue on. */
      due: CivilDate.nullable().default(null), dueWorkingDays: z.number().int().min(1).max(500).nullable().default(null), programme: z.string().max(80).optional(),
    }))
    .output(Done.extend({ list: id, item: id })),

  matterKinds: endpoint('signedIn', { method: 'GET', path: '/promises/matter-kinds', summary: 'Kinds of major matters, from the packs' }).input(z.object({})).output(z.array(MatterKindRow)),
  matters: endpoint('list.read', { method: 'GET', path: '/promises/matters', summary: 'Major matters of my units and of those below' })
    .input(z.object({ state: Matter.shape.state.optional(), kind: z.string().max(60).optional(), q, ...paging })).output(pageOf(Matter)),
  matterSteps: endpoint('list.read', { method: 'GET', path: '/promises/matters/{id}/steps', summary: 'Who received a major matter and what was said' }).input(z.object({ id })).output(z.array(Step)),
  reportMatter: endpoint('task.work', { method: 'POST', path: '/promises/matters', summary: 'Report a major matter of my own unit upwards' })
    .input(z.object({ unit, kind: z.string().max(60), title: Text.max(80), happenedOn: CivilDate, what: LongText.min(1), asked: LongText.default('') })).output(Done.extend({ due: CivilDate.nullable() })),
  withdrawMatter: endpoint('task.work', { method: 'POST', path: '/promises/matters/withdraw', summary: 'Take a report back that nobody has acknowledged yet' }).input(z.object({ id, version, reason: Reason })).output(Done),
  acknowledgeMatter: endpoint('task.check', { method: 'POST', path: '/promises/matters/acknowledge', summary: 'A level above has received the report' }).input(z.object({ id, version })).output(Done),
  instructMatter: endpoint('task.check', { method: 'POST', path: '/promises/matters/instruct', summary: 'Give an instruction on a major matter' }).input(z.object({ id, version, text: Reason })).output(Done),
  closeMatter: endpoint('task.check', { method: 'POST', path: '/promises/matters/close', summary: 'Close a major matter with its outcome' }).input(z.object({ id, version, outcome: Reason })).output(Done),

  pairings: endpoint('list.read', { method: 'GET', path: '/promises/pairings', summary: 'Pairings in which my units or those below take part' })
    .input(z.object({ state: z.enum(['running', 'expired', 'ended']).optional(), q, ...paging })).output(pageOf(Pairing)),
  pairing: endpoint('list.read', { method: 'GET', path: '/promises/pairings/{id}', summary: 'One pairing with its three lists' }).input(z.object({ id })).output(PairingPage),
  pair: endpoint('list.issue', { method: 'POST', path: '/promises/pairings', summary: 'Pair two units; I stand above both' })
    .input(z.object({ helper: unit, helped: unit, purpose: Text, from: CivilDate, until: CivilDate })).output(Done),
  addEntry: endpoint('task.work', { method: 'POST', path: '/promises/pairings/entries', summary: 'Write what the helper has (resource) or what the helped unit needs (need)' })
    .input(z.object({ id, kind: z.enum(['resource', 'need']), text: Text })).output(z.object({ entry: id })),
  withdrawEntry: endpoint('task.work', { method: 'POST', path: '/promises/pairings/entries/withdraw', summary: 'Take an open entry back' }).input(z.object({ id, entry: id, reason: Reason })).output(z.object({ entry: id })),
  match: endpoint('task.work', { method: 'POST', path: '/promises/pairings/match', summary: 'A resource has met a need: a done entry, with day and result' })
    .input(z.object({ id, resource: id, need: id, on: CivilDate, result: Reason })).output(z.object({ done: id })),
  prolong: endpoint('list.issue', { method: 'POST', path: '/promises/pairings/prolong', summary: 'Prolong a pairing' }).input(z.object({ id, version, until: CivilDate })).output(Done),
  endPairing: endpoint('list.issue', { method: 'POST', path: '/promises/pairings/end', summary: 'End a pairing, with the reason' }).input(z.object({ id, version, reason: Reason })).output(Done),
} satisfies RoomContract
