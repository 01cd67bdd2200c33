import { add, compare, divide, multiply, round, subtract, sum } from './decimal.ts'

/** A share that never loses what it is a share of (trap 1). Both are decimal strings of one unit. */
export type Ratio = { numerator: string; denominator: string }

/** @returns the ratio; undefined when there is nothing to be a share of, which is not zero per cent */
export function ratioOf(numerator: string, denominator: string): Ratio | undefined {
  return compare(denominator, '0') === 0 ? undefined : { numerator, denominator }
}

/**
 * Rolls ratios up as Σ numerators / Σ denominators, never as the mean of ratios (C3): 400/500 and 45/50 are 445/550.
 * @param ratios undefined stands for a unit without a ratio and is left out
 * @returns undefined when no unit has one
 */
export function combine(ratios: readonly (Ratio | undefined)[]): Ratio | undefined {
  const known = ratios.filter((each) => each !== undefined)
  return ratioOf(sum(known.map((each) => each.numerator)), sum(known.map((each) => each.denominator)))
}

/** @returns the share in per cent without the sign, rounded half up once: 445/550 at one place is '80.9' */
export function percent({ numerator, denominator }: Ratio, places: number): string {
  return divide(multiply(numerator, '100'), denominator, places)
}

/**
 * Which whole numerators can stand behind a published percentage (trap 1): '88' of '2719' is 2380 to 2406.
 * @param percentage per cent without the sign; @param denominator above zero; @param places digits it was rounded to
 * @returns both ends belong to it; undefined when no whole number rounds to that percentage
 */
export function roundsTo(
  percentage: string,
  denominator: string,
  places: number,
): { least: string; most: string } | undefined {
  if (compare(denominator, '0') <= 0 || compare(percentage, '0') < 0) return undefined
  const half = divide('0.5', String(10 ** places), places + 1)
  const exact = (edge: string) => divide(multiply(edge, denominator), '100', 40)
  const least = ceiling(compare(percentage, half) <= 0 ? '0' : exact(subtract(percentage, half)))
  // the upper end rounds up to the next percentage, so it does not belong to this one
  const most = subtract(ceiling(exact(add(percentage, half))), '1')
  return compare(least, most) <= 0 ? { least, most } : undefined
}

/**
 * Σ value·weight / Σ weight: a mean pay is a mean over people, not over counties (trap 7).
 * @param places digits of the result, rounded half up once
 * @returns undefined when the weights sum to zero
 */
export function weightedMean(
  list: readonly { value: string; weight: string }[],
  places: number,
): string | undefined {
  const weights = sum(list.map(({ weight }) => weight))
  if (compare(weights, '0') === 0) return undefined
  return divide(sum(list.map(({ value, weight }) => multiply(value, weight))), weights, places)
}

/** The smallest whole number that is not below `a`, which is not negative. */
function ceiling(a: string): string {
  const near = round(a, 0)
  return compare(near, a) < 0 ? add(near, '1') : near
}
