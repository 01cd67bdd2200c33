import { moveTable, type Move } from '../../rules/moves.ts'

export type RecordState = 'none' | 'submitted' | 'accepted' | 'sentBack'

/**
 * The life of a record (C2). `correct` is submitting again after acceptance: the accepted values stay in the figures
 * until the new ones are accepted.
 */
export const recordLife = moveTable('record', {
  submit: { from: ['none', 'sentBack'], to: 'submitted', verb: 'record.fill' },
  correct: { from: ['accepted'], to: 'submitted', verb: 'record.fill', reason: 'required' },
  accept: { from: ['submitted'], to: 'accepted', verb: 'record.check' },
  sendBack: { from: ['submitted', 'accepted'], to: 'sentBack', verb: 'record.check', reason: 'required' },
} as const satisfies Record<string, Move<RecordState>>)
