import { add, compare, divide, multiply, subtract } from './decimal.ts'

/** Which way is better: more villages with income, or fewer days of delay. */
export type Direction = 'higher' | 'lower'

/**
 * (current − previous) / previous (C3).
 * @param places digits of the result, rounded half up once
 * @returns per cent without the sign: 100 to 247 is '147'; undefined on a base of zero, and on a negative one, where
 *   the sign would say the opposite
 */
export function yearOnYear(current: string, previous: string, places: number): string | undefined {
  if (compare(previous, '0') <= 0) return undefined
  return divide(multiply(subtract(current, previous), '100'), previous, places)
}

/** @returns the factor of a growth in per cent, exactly: '147' (+147 %) is '2.47', not 1.47 (trap 6) */
export function timesOf(growth: string): string {
  // two places more than the growth has: dividing by 100 leaves no remainder
  return add('1', divide(growth, '100', 2 + (growth.split('.')[1]?.length ?? 0)))
}

/**
 * How far a target is met: actual/target, or target/actual when lower is better (C3).
 * @param clamp keeps the result between 0 and 1; @param places digits of the result, ten without it
 * @returns a factor, '0.8' for 80 %; undefined when its divisor is zero, except that a zero which is the best possible
 *   value meets the target: no overdue case of at most five is '1'
 */
export function attainment(
  actual: string,
  target: string,
  direction: Direction,
  { clamp = false, places = 10 }: { clamp?: boolean; places?: number } = {},
): string | undefined {
  const [part, whole] = direction === 'higher' ? [actual, target] : [target, actual]
  if (compare(whole, '0') === 0) return direction === 'lower' && compare(target, '0') >= 0 ? '1' : undefined
  const met = divide(part, whole, places)
  if (!clamp) return met
  return compare(met, '0') < 0 ? '0' : compare(met, '1') > 0 ? '1' : met
}

/** @returns how much the value is behind the benchmark, in its own unit; negative when it is ahead (C3) */
export function gap(benchmark: string, value: string, direction: Direction): string {
  return direction === 'higher' ? subtract(benchmark, value) : subtract(value, benchmark)
}

/** @returns the change between two percentages in percentage points: 80 % to 88 % is '8', which is not 8 per cent */
export function pointChange(current: string, previous: string): string {
  return subtract(current, previous)
}
