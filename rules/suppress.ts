import { add, compare } from './decimal.ts'

/** Aggregates of fewer members are not shown, in a page, an export or the API (red line). */
export const leastMembers = 3
/** Results of persons, such as a test or a class, are shown to units from this many on (red line). */
export const leastPersons = 5

/** @param members how many stand behind the value, a whole decimal string */
export type Cell = { members: string; value: string | undefined }
/** A suppressed cell has neither value nor members: a count of two would say as much. */
export type ShownCell =
  | { suppressed: false; members: string; value: string | undefined }
  | { suppressed: true; members?: undefined; value?: undefined }

/** @returns the cell as it may be shown; @param least `leastPersons` for results of persons */
export function suppressCell(cell: Cell, least: number = leastMembers): ShownCell {
  return compare(cell.members, String(least)) < 0 ? { suppressed: true } : { suppressed: false, ...cell }
}

/**
 * Suppresses the small cells of a row, and more of them when a shown total would give them away by subtraction: the
 * next smallest follows until at least two are hidden and together have enough members themselves.
 * @param totalShown whether the row's total is shown beside it
 * @returns the cells in their order, and whether the total may stay: not when no other cell is left to hide behind
 */
export function suppressRow(
  cells: readonly Cell[],
  { totalShown, least = leastMembers }: { totalShown: boolean; least?: number },
): { cells: ShownCell[]; totalShown: boolean } {
  const bound = String(least)
  const smallestFirst = cells
    .map(({ members }, at) => ({ members, at }))
    .sort((a, b) => compare(a.members, b.members) || a.at - b.at)
  const hidden = new Set<number>()
  let members = '0'
  for (const next of smallestFirst) {
    const isSmall = compare(next.members, bound) < 0
    const givenAway = hidden.size > 0 && (hidden.size === 1 || compare(members, bound) < 0)
    if (!isSmall && !(totalShown && givenAway)) break
    hidden.add(next.at)
    members = add(members, next.members)
  }
  return {
    cells: cells.map((cell, at) => (hidden.has(at) ? { suppressed: true } : { suppressed: false, ...cell })),
    totalShown: totalShown && (hidden.size === 0 || (hidden.size > 1 && compare(members, bound) >= 0)),
  }
}
