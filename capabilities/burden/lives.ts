import { moveTable, type Move } from '../../rules/moves.ts'

export type AskingState = 'none' | 'review' | 'registered' | 'refused' | 'withdrawn'
/** The life of a list, a meeting, a visit or a document in the register (C2): nobody approves what he registered himself. */
export const askingLife = moveTable('asking', {
  register: { from: ['none', 'refused'], to: 'review', verb: 'list.issue' },
  approve: { from: ['review'], to: 'registered', verb: 'burden.approve' },
  refuse: { from: ['review'], to: 'refused', verb: 'burden.approve', reason: 'required' },
  withdraw: { from: ['review', 'registered'], to: 'withdrawn', verb: 'list.issue', reason: 'required' },
} as const satisfies Record<string, Move<AskingState>>)

export type ObjectionState = 'none' | 'open' | 'upheld' | 'rejected' | 'withdrawn'
/** The life of an objection (C2, F-14): raised below, decided by the burden officer with a reason that everybody below reads. */
export const objectionLife = moveTable('objection', {
  raise: { from: ['none'], to: 'open', verb: 'record.fill' },
  takeBack: { from: ['open'], to: 'withdrawn', verb: 'record.fill' },
  uphold: { from: ['open'], to: 'upheld', verb: 'burden.approve', reason: 'required' },
  reject: { from: ['open'], to: 'rejected', verb: 'burden.approve', reason: 'required' },
} as const satisfies Record<string, Move<ObjectionState>>)

export type ExceptionState = 'none' | 'asked' | 'granted' | 'refused'
/** The way out of a cap: asked for with a reason, decided with a reason, kept. */
export const exceptionLife = moveTable('exception', {
  ask: { from: ['none', 'granted', 'refused'], to: 'asked', verb: 'list.issue', reason: 'required' },
  grant: { from: ['asked'], to: 'granted', verb: 'burden.approve', reason: 'required' },
  refuse: { from: ['asked'], to: 'refused', verb: 'burden.approve', reason: 'required' },
} as const satisfies Record<string, Move<ExceptionState>>)

export type SuggestionState = 'none' | 'open' | 'answered'
/** The life of a suggestion or complaint (F-14b). */
export const suggestionLife = moveTable('suggestion', {
  raise: { from: ['none'], to: 'open' },
  answer: { from: ['open'], to: 'answered', verb: 'burden.approve', reason: 'required' },
} as const satisfies Record<string, Move<SuggestionState>>)
