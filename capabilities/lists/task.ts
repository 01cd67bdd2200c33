import { moveTable, type Move } from '../../rules/moves.ts'

export type TaskState = 'issued' | 'accepted' | 'running' | 'submitted' | 'verified' | 'closed' | 'returned' | 'cancelled'

/**
 * The life of a task (C4). It closes only after a check by somebody other than the one who reported it; a task with a
 * form follows its record instead, apart from signing, deferring and cancelling.
 */
export const taskLife = moveTable('task', {
  sign: { from: ['issued'], to: 'accepted', verb: 'task.work' },
  work: { from: ['accepted', 'running', 'returned'], to: 'running', verb: 'task.work' },
  report: { from: ['accepted', 'running', 'returned'], to: 'submitted', verb: 'task.work' },
  verify: { from: ['submitted'], to: 'verified', verb: 'task.check' },
  close: { from: ['verified'], to: 'closed', verb: 'task.check' },
  sendBack: { from: ['submitted'], to: 'returned', verb: 'task.check', reason: 'required' },
  askDeferral: { from: ['issued', 'accepted', 'running', 'returned'], to: 'running', verb: 'task.work', reason: 'required' },
  cancel: { from: ['issued', 'accepted', 'running', 'submitted', 'returned'], to: 'cancelled', verb: 'task.check', reason: 'required' },
} as const satisfies Record<string, Move<TaskState>>)

/** Moves that a task with a form leaves to its record. */
export const followsForm: ReadonlySet<string> = new Set(['work', 'report', 'verify', 'close', 'sendBack'])

export const isOpen = (state: TaskState) => state !== 'closed' && state !== 'cancelled'
