import Big from 'big.js'

export type Counted = readonly (string | null)[] | null
export type PlaceMove = { unit: number; level: number; reported: number; sums: string[] }

/** What one record adds to a figure above when it goes from `before` to `after`; null: it is not counted. */
export function difference(before: Counted, after: Counted): { reported: number; sums: string[] } {
  const slots = Math.max(before?.length ?? 0, after?.length ?? 0)
  const sums = Array.from({ length: slots }, (_, slot) => new Big(after?.[slot] ?? 0).minus(before?.[slot] ?? 0).toFixed())
  return { reported: (after ? 1 : 0) - (before ? 1 : 0), sums }
}

/**
 * Sums the differences of several records of one county per place: its township and the county row.
 * @param records with the places they count in, nearest first; a unit that stands in both counts once
 */
export function placeMoves(
  records: readonly { places: readonly { unit: number; level: number }[]; before: Counted; after: Counted }[],
): PlaceMove[] {
  const moves = new Map<number, PlaceMove>()
  for (const { places, before, after } of records) {
    const { reported, sums } = difference(before, after)
    const seen = new Set<number>()
    for (const { unit, level } of places) {
      if (seen.has(unit)) continue
      seen.add(unit)
      const move = moves.get(unit) ?? { unit, level, reported: 0, sums: [] }
      move.reported += reported
      move.sums = difference(move.sums.map((sum) => new Big(sum).neg().toFixed()), sums).sums
      moves.set(unit, move)
    }
  }
  return [...moves.values()]
}
