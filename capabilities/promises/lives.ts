import { forbiddenIn } from '../../rules/forbidden-words.ts'
import { moveTable, type Move } from '../../rules/moves.ts'
import type { Finding } from '../../rules/problem.ts'

export type CommitmentState = 'none' | 'made' | 'kept' | 'withdrawn'
/** The life of a commitment (C11): made→kept|late|withdrawn. Late is no state: it is read off the day (`standingOf`). */
export const commitmentLife = moveTable('commitment', {
  make: { from: ['none'], to: 'made', verb: 'task.work' },
  keep: { from: ['made'], to: 'kept', verb: 'task.work', reason: 'required' },
  withdraw: { from: ['made'], to: 'withdrawn', verb: 'task.work', reason: 'required' },
} as const satisfies Record<string, Move<CommitmentState>>)

export const standings = ['running', 'late', 'kept', 'keptLate', 'withdrawn'] as const
export type Standing = (typeof standings)[number]

/**
 * How a commitment stands today (C11): late by itself once its day has passed; kept late when it was kept after its day.
 * The same rule stands in SQL (`standing` of commitments.sql.ts), where lists are filtered by it.
 */
export function standingOf(of: { state: Exclude<CommitmentState, 'none'>; by: string; keptOn: string | null }, today: string): Standing {
  if (of.state === 'withdrawn') return 'withdrawn'
  if (of.state === 'kept') return of.keptOn !== null && of.keptOn > of.by ? 'keptLate' : 'kept'
  return of.by < today ? 'late' : 'running'
}

export type MeetingState = 'none' | 'planned' | 'held' | 'cancelled'
/** The life of a joint meeting (D27): it is held once the burden officer has said yes; what it resolved becomes items of a list. */
export const meetingLife = moveTable('meeting', {
  convene: { from: ['none'], to: 'planned', verb: 'list.issue' },
  hold: { from: ['planned'], to: 'held', verb: 'list.issue' },
  resolve: { from: ['held'], to: 'held', verb: 'list.issue' },
  cancel: { from: ['planned'], to: 'cancelled', verb: 'list.issue', reason: 'required' },
} as const satisfies Record<string, Move<MeetingState>>)

export type MatterState = 'none' | 'reported' | 'acknowledged' | 'instructed' | 'closed' | 'withdrawn'
/** The life of a major matter (C13): reported by the unit, acknowledged and answered by a level above, never by its own unit. */
export const matterLife = moveTable('matter', {
  report: { from: ['none'], to: 'reported', verb: 'task.work' },
  withdraw: { from: ['reported'], to: 'withdrawn', verb: 'task.work', reason: 'required' },
  acknowledge: { from: ['reported'], to: 'acknowledged', verb: 'task.check' },
  instruct: { from: ['acknowledged', 'instructed'], to: 'instructed', verb: 'task.check', reason: 'required' },
  close: { from: ['acknowledged', 'instructed'], to: 'closed', verb: 'task.check', reason: 'required' },
} as const satisfies Record<string, Move<MatterState>>)

export type PairingState = 'none' | 'running' | 'ended'
/** The life of a pairing (D32, D78). Past its last day nothing is added or done until it is prolonged. */
export const pairingLife = moveTable('pairing', {
  pair: { from: ['none'], to: 'running', verb: 'list.issue' },
  addResource: { from: ['running'], to: 'running', verb: 'task.work' },
  addNeed: { from: ['running'], to: 'running', verb: 'task.work' },
  match: { from: ['running'], to: 'running', verb: 'task.work', reason: 'required' },
  prolong: { from: ['running'], to: 'running', verb: 'list.issue' },
  end: { from: ['running'], to: 'ended', verb: 'list.issue', reason: 'required' },
} as const satisfies Record<string, Move<PairingState>>)

export type EntryState = 'none' | 'open' | 'met' | 'withdrawn'
/** The life of an entry of a pairing: a need is met once; a resource may serve many needs and stays. */
export const entryLife = moveTable('pairingEntry', {
  add: { from: ['none'], to: 'open' },
  meet: { from: ['open'], to: 'met' },
  withdraw: { from: ['open'], to: 'withdrawn', reason: 'required' },
} as const satisfies Record<string, Move<EntryState>>)

/** Numbers that belong to a person: an identity card (18 places) or a mobile telephone (11). */
const personal = /(?<!\d)(\d{17}[\dXx]|1[3-9]\d{9})(?!\d)/

/**
 * What must not stand in a text of this room: words of the red lines and numbers of persons. A matter is the unit's, not a
 * person's (C13).
 */
export function findingsIn(texts: Readonly<Record<string, string>>): Finding[] {
  return Object.entries(texts).flatMap(([path, text]): Finding[] => {
    const [found] = forbiddenIn(text)
    if (found) return [{ code: 'red-line', path, facts: { word: found.word, text } }]
    return personal.test(text.replaceAll(/[\s-]/g, '')) ? [{ code: 'personal-number', path }] : []
  })
}
