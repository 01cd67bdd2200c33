import { Big } from 'big.js'
import { describeBand } from '../../rules/bands.ts'
import { attainment, gap, yearOnYear } from '../../rules/changes.ts'
import { compare, divide, multiply, round, subtract, sum } from '../../rules/decimal.ts'
import { aggregatesOf, evaluateAggregates, isAdditive, type AggregateKind } from '../../rules/formula/aggregates.ts'
import type { Ast } from '../../rules/formula/ast.ts'
import { parseFormula } from '../../rules/formula/parse.ts'
import type { Words } from '../ledgers/form-definition.ts'
import type { IndicatorDefinition } from './indicator-definition.ts'
import type { Figure, Judged } from './indicators.contract.ts'

/** What is known of one unit in one period: coverage, and the value of each aggregate by its canonical text. */
export type Parts = {
  period: number
  expected: number
  reported: number
  aggregates: ReadonlyMap<string, string | null>
}

export type NeededAggregate = { text: string; additive: boolean; kind: AggregateKind }
type Formulas = { num: Ast; den: Ast | undefined; aggregates: NeededAggregate[] }

const read = new Map<string, Formulas>()

/** @returns the definition's formulas with every aggregate they need; parsed once per process */
export function formulasOf({ num, den }: Pick<IndicatorDefinition, 'num' | 'den'>): Formulas {
  const key = `${num}\n${den ?? ''}`
  const known = read.get(key)
  if (known) return known
  const parsed = { num: parseFormula(num), den: den === undefined ? undefined : parseFormula(den) }
  const all = [...aggregatesOf(parsed.num), ...(parsed.den ? aggregatesOf(parsed.den) : [])]
  const byText = new Map(all.map((one) => [one.text, { text: one.text, additive: isAdditive(one), kind: one.kind }]))
  const formulas = { ...parsed, aggregates: [...byText.values()] }
  read.set(key, formulas)
  return formulas
}

/**
 * @returns whether the figure of a whole is the sum of the figures of its parts: households served, not a share or a
 *   highest value. A target of a county says nothing about its villages then.
 */
export function addsUp(definition: Pick<IndicatorDefinition, 'num' | 'den'>): boolean {
  const isSum = (ast: Ast): boolean => {
    if (ast.kind === 'call') return ast.name === 'sum' || ast.name === 'count'
    if (ast.kind === 'negate') return isSum(ast.of)
    return ast.kind === 'binary' && (ast.op === '+' || ast.op === '-') && isSum(ast.left) && isSum(ast.right)
  }
  return definition.den === undefined && isSum(formulasOf(definition).num)
}

/**
 * Makes one of several periods (C3). `sum` adds what adds up and takes min and max over the periods; `last` takes the
 * last period in which the unit itself has reports. Coverage is that of the periods that were used.
 */
export function overTime(
  parts: readonly Parts[],
  definition: Pick<IndicatorDefinition, 'num' | 'den' | 'overTime'>,
): Parts | undefined {
  if (parts.length < 2) return parts[0]
  const ordered = parts.toSorted((a, b) => a.period - b.period)
  const last = ordered.at(-1)!
  if (definition.overTime === 'last') return ordered.findLast((one) => one.reported > 0) ?? last
  const aggregates = new Map<string, string | null>()
  for (const { text, kind } of formulasOf(definition).aggregates) {
    const values = ordered.map((one) => one.aggregates.get(text) ?? null).filter((value) => value !== null)
    aggregates.set(text, values.length === 0 ? null : combined(kind, values))
  }
  const total = (of: (one: Parts) => number) => ordered.reduce((whole, one) => whole + of(one), 0)
  return {
    period: last.period,
    expected: total((one) => one.expected),
    reported: total((one) => one.reported),
    aggregates,
  }
}

function combined(kind: AggregateKind, values: readonly string[]): string {
  if (kind === 'latest') return values.at(-1)!
  if (kind === 'min') return values.reduce((a, b) => (compare(b, a) < 0 ? b : a))
  if (kind === 'max') return values.reduce((a, b) => (compare(b, a) > 0 ? b : a))
  return sum(values)
}

/** @returns the figure: Σnum / Σden, never a mean of ratios, and never zero for what nobody reported (C3, trap 1) */
export function figureOf(definition: IndicatorDefinition, parts: Parts | undefined): Figure {
  const { reported = 0, expected = 0 } = parts ?? {}
  const none = (why: Figure['why'], num: string | null, den: string | null): Figure => ({
    value: null, why, num, den, reported, expected,
  })
  if (!parts || reported === 0) return none('none-reported', null, null)
  const formulas = formulasOf(definition)
  const get = (text: string) => parts.aggregates.get(text) ?? null
  const places = placesOf(definition)
  const num = rounded(evaluateAggregates(formulas.num, get), places)
  if (!formulas.den) {
    if (num !== null) return { value: num, why: null, num, den: null, reported, expected }
    // A mean over nothing divides by zero; a highest value of a field that nobody filled was not reported.
    const unfilled = formulas.aggregates.some((one) => get(one.text) === null)
    return none(unfilled ? 'none-reported' : 'denominator-zero', null, null)
  }
  const den = rounded(evaluateAggregates(formulas.den, get), places)
  if (num === null || den === null) return none('none-reported', num, den)
  if (compare(den, '0') === 0) return none('denominator-zero', num, den)
  return { value: divide(num, den, places), why: null, num, den, reported, expected }
}

/** Places that are kept: six more than are shown, so that what is shown is rounded once. */
function placesOf({ shown, precision }: Pick<IndicatorDefinition, 'shown' | 'precision'>): number {
  return precision + (shown === 'percent' ? 2 : 0) + 6
}

function rounded(value: string | null, places: number): string | null {
  return value === null ? null : round(value, places)
}

/** What a figure is judged by; values that are not known are null. */
export type Beside = { target?: string | null; lastYear?: string | null; previous?: string | null }

/**
 * Judges a figure against its target, the same period last year, the period before and the benchmark.
 * @returns year on year and attainment as factors with six places; undefined ones (a base of zero, trap 6) are null
 */
export function judge(
  definition: IndicatorDefinition,
  figure: Figure,
  { target = null, lastYear = null, previous = null }: Beside,
): Judged {
  const { value } = figure
  const direction = definition.direction === 'lower' ? 'lower' : 'higher'
  const places = placesOf(definition)
  const growth = value === null || lastYear === null ? undefined : yearOnYear(value, lastYear, 4)
  const band = value === null ? undefined : definition.bands?.names[bandIndexOf(definition)(value)]
  return {
    figure,
    target,
    attainment: attainmentOf(definition, value, target),
    lastYear,
    yearOnYear: growth === undefined ? null : divide(growth, '100', 6),
    previous,
    change: value === null || previous === null ? null : round(subtract(value, previous), places),
    gap: value === null || definition.benchmark === undefined ? null : gap(definition.benchmark, value, direction),
    band: band ?? null,
  }
}

/** @returns how far the target is met, as a factor with six places; target/actual when lower is better (C3) */
export function attainmentOf(
  { direction }: Pick<IndicatorDefinition, 'direction'>,
  value: string | null,
  target: string | null | undefined,
): string | null {
  if (value === null || target === null || target === undefined) return null
  return attainment(value, target, direction === 'lower' ? 'lower' : 'higher', { places: 6 }) ?? null
}

const bandings = new WeakMap<object, (value: string) => number>()

/**
 * @returns which band a value falls into, -1 without bands. `includes` says which band has the edge itself (trap 4):
 *   with 'upper', 50,000 stands in [50,000, 100,000). The edges are read once, as a province asks for 20,000 villages.
 */
export function bandIndexOf({ bands }: Pick<IndicatorDefinition, 'bands'>): (value: string) => number {
  if (!bands) return () => -1
  const known = bandings.get(bands)
  if (known) return known
  const edges = bands.edges.map((edge) => new Big(edge))
  const passes = bands.includes === 'upper' ? (at: Big, edge: Big) => at.gte(edge) : (at: Big, edge: Big) => at.gt(edge)
  const indexOf = (value: string) => {
    const at = new Big(value)
    return edges.filter((edge) => passes(at, edge)).length
  }
  bandings.set(bands, indexOf)
  return indexOf
}

/**
 * @returns each band with its edges as they hold, in the unit that is shown (元, or per cent with its sign):
 *   '[50,000, 100,000)'; empty without bands
 */
export function bandRanges({
  bands,
  shown,
}: Pick<IndicatorDefinition, 'bands' | 'shown'>): { name: Words; range: string }[] {
  if (!bands) return []
  const factor = shown === 'money' ? '0.01' : shown === 'percent' ? '100' : '1'
  const shownBands = {
    edges: bands.edges.map((edge) => multiply(edge, factor)),
    labels: bands.names.map((name) => name.zh),
    // There the word names the edge that a band has, here the band that an edge has.
    includes: bands.includes === 'upper' ? ('lower' as const) : ('upper' as const),
  }
  return bands.names.map((name, at) => {
    const range = describeBand(at, shownBands, 'en')
    return { name, range: shown === 'percent' ? `${range} %` : range }
  })
}

export type Place = { rank: number | null; belowMean: boolean; third: 'first' | 'middle' | 'last' | null }
export type Places = { places: Place[]; mean: string | null; belowMean: number; withValue: number }

/**
 * Places of many units at once, as rules/rank.ts gives them (competition ranking 1, 2, 2, 4; ties with the mean are not
 * below it, C7, trap 5), in the order of `values`. Numbers are read once: ranking the 21,895 villages of a province
 * takes a tenth of a second, and not one. Without a direction the highest is first and there are no thirds.
 */
export function rankUnits(values: readonly (string | null)[], direction: IndicatorDefinition['direction']): Places {
  const numbers = values.map((value) => (value === null ? null : new Big(value)))
  const known = numbers.filter((value) => value !== null)
  if (known.length === 0) {
    const none: Place = { rank: null, belowMean: false, third: null }
    return { places: values.map(() => none), mean: null, belowMean: 0, withValue: 0 }
  }
  const sign = direction === 'lower' ? 1 : -1
  const rankOf = new Map<string, number>()
  // As machine numbers they never stand in a wrong order; only where those are equal the exact ones decide.
  const inOrder = known.map((value) => ({ value, near: Number(value) })).sort((a, b) => sign * (a.near - b.near || a.value.cmp(b.value)))
  for (const [at, { value }] of inOrder.entries()) {
    const text = value.toFixed()
    if (!rankOf.has(text)) rankOf.set(text, at + 1)
  }
  const count = known.length
  const total = known.reduce((whole, value) => whole.plus(value), new Big(0))
  // Compared without dividing, so no rounding can decide.
  const isBelow = (value: Big) => value.times(count).lt(total)
  const thirds = ['first', 'middle', 'last'] as const
  const places = numbers.map((value): Place => {
    if (value === null) return { rank: null, belowMean: false, third: null }
    const rank = rankOf.get(value.toFixed())!
    const third = direction === 'none' || count < 3 ? null : thirds[Math.floor(((rank - 1) * 3) / count)]!
    return { rank, belowMean: isBelow(value), third }
  })
  const belowMean = places.filter((place) => place.belowMean).length
  return { places, mean: divide(total.toFixed(), String(count), 8), belowMean, withValue: count }
}
