import { moveTable, type Move } from '../../rules/moves.ts'
import type { MoveNow } from '../endpoint.ts'

export type TaskState = 'issued' | 'accepted' | 'running' | 'submitted' | 'verified' | 'closed' | 'returned' | 'cancelled'
export type ListState = 'draft' | 'issued' | 'closed' | 'cancelled'

/** The states in which something is still to be done about a task. */
export const openStates = ['issued', 'accepted', 'running', 'returned', 'submitted', 'verified'] as const satisfies TaskState[]
/** The states in which the unit has not reported. */
export const unreportedStates = ['issued', 'accepted', 'running', 'returned'] as const satisfies TaskState[]

/**
 * The life of a task (C4). Whoever verifies stands above the unit and is not the one who reported; a verified task is
 * closed at once, or by `close` as soon as the tasks that levels between have hung below it are closed.
 */
export const taskLife = moveTable('task', {
  sign: { from: ['issued'], to: 'accepted', verb: 'task.work' },
  work: { from: ['accepted', 'running', 'returned'], to: 'running', verb: 'task.work' },
  report: { from: ['accepted', 'running', 'returned'], to: 'submitted', verb: 'task.work' },
  verify: { from: ['submitted'], to: 'verified', verb: 'task.check' },
  close: { from: ['verified'], to: 'closed', verb: 'task.check' },
  sendBack: { from: ['submitted'], to: 'returned', verb: 'task.check', reason: 'required' },
  cancel: { from: openStates, to: 'cancelled', verb: 'task.check', reason: 'required' },
} as const satisfies Record<string, Move<TaskState>>)
export type TaskMove = keyof typeof taskLife.table

/** A task that asks for a form takes its state from the return of the form: by hand it can only be cancelled. */
export const byHandOnly: readonly TaskMove[] = ['sign', 'work', 'report', 'verify', 'close', 'sendBack']

/** The life of a wish for a later deadline: one at a time, decided by the issuer's side (C4). */
export const deferralLife = moveTable('deferral', {
  ask: { from: ['none'], to: 'asked', verb: 'task.work', reason: 'required' },
  grant: { from: ['asked'], to: 'granted', verb: 'task.check' },
  refuse: { from: ['asked'], to: 'refused', verb: 'task.check', reason: 'required' },
} as const satisfies Record<string, Move<'none' | 'asked' | 'granted' | 'refused'>>)

export const listLife = moveTable<ListState, 'update' | 'addItem' | 'remove' | 'issue'>('list', {
  update: { from: ['draft'], to: 'draft', verb: 'list.issue' },
  addItem: { from: ['draft'], to: 'draft', verb: 'list.issue' },
  remove: { from: ['draft'], to: 'draft', verb: 'list.issue' },
  issue: { from: ['draft'], to: 'issued', verb: 'list.issue' },
})

export const itemLife = moveTable('item', {
  updateItem: { from: ['draft'], to: 'draft', verb: 'list.issue' },
  moveItem: { from: ['draft'], to: 'draft', verb: 'list.issue' },
  removeItem: { from: ['draft'], to: 'draft', verb: 'list.issue' },
  cancelItem: { from: ['issued'], to: 'cancelled', verb: 'list.issue', reason: 'required' },
  closeItem: { from: ['issued'], to: 'closed', verb: 'list.issue' },
  addBelow: { from: ['issued'], to: 'issued', verb: 'list.issue' },
} as const satisfies Record<string, Move<ListState>>)

/** What one person may do about a task, as far as it decides which moves are possible. */
export type TaskFacts = {
  state: TaskState
  /** The form that the task's state follows, if it has one. */
  form: string | null
  /** A deferral waits for a decision. */
  deferralAsked: boolean
  /** Tasks below it that are still open. */
  openBelow: number
  /** The person holds task.work on the unit, task.check above it, task.check on the issuer's side. */
  mayWork: boolean
  mayCheck: boolean
  mayDecide: boolean
  /** The person reported it, or asked for the deferral. */
  reported: boolean
  asked: boolean
}

/** @returns every move of a task, possible now or why not: the states it starts from, or a reason's code */
export function taskMoves(facts: TaskFacts): MoveNow[] {
  const { state, form, openBelow } = facts
  const moves = taskLife.may(state).map(({ move, possible, from }): MoveNow => {
    const no = (why: string) => ({ move, possible: false, from, why })
    if (form !== null && byHandOnly.includes(move)) return no('follows-form')
    if (!possible) return no('move-not-possible')
    if (!(taskLife.table[move].verb === 'task.check' ? facts.mayCheck : facts.mayWork)) return no('not-allowed')
    if (move === 'verify' && facts.reported) return no('same-person')
    if (move === 'close' && openBelow > 0) return no('children-open')
    return { move, possible, from }
  })
  return [...moves, askMove(facts), decideMove(facts)]
}

function askMove({ state, deferralAsked, mayWork }: TaskFacts): MoveNow {
  const move = { move: 'askDeferral', from: [...unreportedStates] }
  if (deferralAsked || !isUnreported(state)) return { ...move, possible: false, why: 'move-not-possible' }
  return mayWork ? { ...move, possible: true } : { ...move, possible: false, why: 'not-allowed' }
}

function decideMove({ deferralAsked, mayDecide, asked }: TaskFacts): MoveNow {
  const move = { move: 'decideDeferral', from: [...openStates] }
  if (!deferralAsked) return { ...move, possible: false, why: 'deferral-not-asked' }
  if (!mayDecide) return { ...move, possible: false, why: 'not-allowed' }
  return asked ? { ...move, possible: false, why: 'same-person' } : { ...move, possible: true }
}

/** @returns whether the unit has still to report */
export function isUnreported(state: TaskState): boolean {
  return (unreportedStates as readonly TaskState[]).includes(state)
}

/** @returns whether anything is still to be done */
export function isOpen(state: TaskState): boolean {
  return (openStates as readonly TaskState[]).includes(state)
}
