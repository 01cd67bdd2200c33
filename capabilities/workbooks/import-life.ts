import { moveTable, type Move } from '../../rules/moves.ts'

export type ImportState = 'waiting' | 'reading' | 'read' | 'puttingIn' | 'refused' | 'dropped'

/**
 * The life of a workbook that was brought back (C2). What was put in leaves it; what waits can be put in later, mended
 * in a workbook that is brought again, or dropped.
 */
export const importLife = moveTable('workbook', {
  read: { from: ['waiting', 'reading'], to: 'reading' },
  choose: { from: ['read'], to: 'read', verb: 'record.fill' },
  putIn: { from: ['read'], to: 'puttingIn', verb: 'record.fill' },
  drop: { from: ['read', 'refused'], to: 'dropped', verb: 'record.fill' },
} as const satisfies Record<string, Move<ImportState>>)
