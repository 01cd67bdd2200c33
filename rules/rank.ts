import type { Direction } from './changes.ts'
import { compare, divide, multiply, round, sum } from './decimal.ts'

/** A unit and its value; undefined when it did not report, which is never zero. Units only: persons are not ranked. */
export type Scored = { id: string; value: string | undefined }
export type Ranked = { id: string; value: string | undefined; rank: number | undefined }
export type Third = 'first' | 'middle' | 'last'

/**
 * Competition ranking: equal values share a place and the next one is skipped (1, 2, 2, 4).
 * @returns the best first, ties by id, units without a value last and unranked; the given order plays no part
 */
export function rankWithTies(list: readonly Scored[], direction: Direction): Ranked[] {
  const sign = direction === 'higher' ? -1 : 1
  const byId = (a: Scored, b: Scored) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  const ranked: Ranked[] = []
  const scored = list.filter(hasValue).sort((a, b) => sign * compare(a.value, b.value) || byId(a, b))
  for (const [at, { id, value }] of scored.entries()) {
    const last = ranked.at(-1)
    const isTie = last?.value !== undefined && compare(last.value, value) === 0
    ranked.push({ id, value, rank: isTie ? last!.rank : at + 1 })
  }
  const unranked = list.filter(({ value }) => value === undefined).sort(byId)
  return [...ranked, ...unranked.map(({ id }) => ({ id, value: undefined, rank: undefined }))]
}

/**
 * Who is below the mean of the scored units. That is a fact about the group and not a failure (trap 5); a unit that
 * equals the mean is not below it (C7). Compared without dividing, so no rounding can decide.
 * @param places digits of `mean`, which is for showing
 * @returns ids in the given order, how many were scored, and the mean; undefined when nobody was
 */
export function belowMean(
  list: readonly Scored[],
  places: number,
): { below: string[]; scored: number; mean: string | undefined } {
  const scored = list.filter(hasValue)
  if (scored.length === 0) return { below: [], scored: 0, mean: undefined }
  const count = String(scored.length)
  const total = sum(scored.map(({ value }) => value))
  const below = scored.filter(({ value }) => compare(multiply(value, count), total) < 0).map(({ id }) => id)
  return { below, scored: scored.length, mean: divide(total, count, places) }
}

/**
 * The band of each unit in its peer group (C3). Tied units are in one third, the better one.
 * @returns by id, scored units only; empty for fewer than three of them, which have no thirds
 */
export function tertile(list: readonly Scored[], direction: Direction): Map<string, Third> {
  const ranked = rankWithTies(list, direction).filter(({ rank }) => rank !== undefined)
  const thirds: readonly Third[] = ['first', 'middle', 'last']
  if (ranked.length < thirds.length) return new Map()
  return new Map(ranked.map(({ id, rank }) => [id, thirds[Math.floor(((rank! - 1) * 3) / ranked.length)]!]))
}

/** @returns the most units that may have a class: floor(n × share); '0.2' of 25 is 5 (F-06) */
export function quota(n: number, share: string): number {
  const exact = multiply(String(n), share)
  const near = round(exact, 0)
  return Number(near) - (compare(near, exact) > 0 ? 1 : 0)
}

function hasValue(one: Scored): one is { id: string; value: string } {
  return one.value !== undefined
}
