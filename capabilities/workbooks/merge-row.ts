import type { ResolvedField } from '../ledgers/form-definition.ts'
import type { Values } from '../ledgers/ledgers.contract.ts'
import { canonical, isBase, same } from './stamp.ts'

/** What the file changes in one field. `base` is what the workbook went out with; missing: nobody knows. */
export type CellChange = { mine: unknown; base?: unknown }
/** A cell that both sides changed; the person chooses. */
export type Conflict = { field: string; mine: unknown; theirs: unknown }

/** @returns what the file changed against what the workbook went out with; fields that are not in the file are left out */
export function changesOf(fields: readonly ResolvedField[], mine: Values, base: Record<string, unknown> | undefined): Record<string, CellChange> {
  const changes: Record<string, CellChange> = {}
  for (const field of fields) {
    if (!(field.code in mine)) continue
    const value = canonical(field, mine[field.code])
    if (base && field.code in base) {
      if (value === null ? base[field.code] !== null : !isBase(field, base[field.code], value)) changes[field.code] = { mine: value, base: base[field.code] }
    } else if (value !== null) changes[field.code] = { mine: value }
  }
  return changes
}

/**
 * Merges the file’s changes into what is there now, field by field (three ways: base, mine, theirs). What only one side
 * changed is taken; what both changed alike is no conflict.
 * @param theirs the values as they are now; @param untouched nobody has typed anything yet: what is there is prefilled
 * @returns the merged values (of a conflict: mine, so that checks can run), the conflicts, and which fields really move
 */
export function mergeRow(
  fields: readonly ResolvedField[],
  changes: Readonly<Record<string, CellChange>>,
  theirs: Values,
  { untouched, choices = {} }: { untouched: boolean; choices?: Readonly<Record<string, 'mine' | 'theirs'>> },
): { values: Values; conflicts: Conflict[]; moved: string[] } {
  const values: Values = { ...theirs }
  const conflicts: Conflict[] = []
  const moved: string[] = []
  for (const field of fields) {
    const change = changes[field.code]
    if (!change) continue
    const now = canonical(field, theirs[field.code])
    if (same(now, change.mine)) continue
    const mineOnly = 'base' in change ? isBase(field, change.base, now) : now === null || untouched
    const choice = choices[field.code]
    if (!mineOnly && choice === 'theirs') continue
    if (!mineOnly && choice === undefined) conflicts.push({ field: field.code, mine: change.mine, theirs: now })
    values[field.code] = change.mine
    moved.push(field.code)
  }
  return { values, conflicts, moved }
}
