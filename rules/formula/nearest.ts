// Longer names are not measured: nobody mistypes one of these, and the work grows with the square of the length.
const longestMeasured = 64

/** @returns up to three of the known names that `name` could be a slip of, the nearest first */
export function nearest(name: string, known: readonly string[]): string[] {
  if (name.length > longestMeasured) return []
  const furthest = Math.max(1, Math.floor(name.length / 3))
  return known
    .filter((other) => other.length <= longestMeasured)
    .map((other) => ({ other, distance: editDistance(name.toLowerCase(), other.toLowerCase()) }))
    .filter(({ distance }) => distance <= furthest)
    .sort((a, b) => a.distance - b.distance || (a.other < b.other ? -1 : 1))
    .slice(0, 3)
    .map(({ other }) => other)
}

/** @returns how many letters have to be put in, taken out or changed to make `a` into `b` */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const below = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      below.push(Math.min(change, row[j]! + 1, below[j - 1]! + 1))
    }
    row = below
  }
  return row[b.length]!
}
