import Big from 'big.js'
import { aggregatesOf, evaluateAggregates, isAdditive } from '../../rules/formula/aggregates.ts'
import type { Ast } from '../../rules/formula/ast.ts'
import { parseFormula } from '../../rules/formula/parse.ts'
import type { Words } from '../ledgers/form-definition.ts'
import type { IndicatorDefinition } from './indicator-definition.ts'
import type { Figure, Judged } from './indicators.contract.ts'

/** What is known of one unit in one period: coverage and the value of each aggregate by its canonical text. */
export type Parts = { period: number; expected: number; reported: number; aggregates: ReadonlyMap<string, string | null> }

export type Formulas = { num: Ast; den: Ast | undefined; aggregates: { text: string; additive: boolean; kind: string }[] }

const read = new Map<string, Formulas>()
/** @returns the definition's formulas with every aggregate they need; parsed once per process */
export function formulasOf(definition: Pick<IndicatorDefinition, 'num' | 'den'>): Formulas {
  const key = `${definition.num}\n${definition.den ?? ''}`
  const known = read.get(key)
  if (known) return known
  const num = parseFormula(definition.num)
  const den = definition.den === undefined ? undefined : parseFormula(definition.den)
  const all = [...aggregatesOf(num), ...(den ? aggregatesOf(den) : [])]
  const aggregates = all
    .filter((one, at) => all.findIndex((other) => other.text === one.text) === at)
    .map((one) => ({ text: one.text, additive: isAdditive(one), kind: one.kind }))
  const formulas = { num, den, aggregates }
  read.set(key, formulas)
  return formulas
}

/**
 * Makes one of several periods (C3: over time). `sum` adds what adds up and takes min and max over the periods; `last`
 * takes the last period that has reports. Coverage is that of the periods that were used.
 */
export function overTime(parts: readonly Parts[], definition: Pick<IndicatorDefinition, 'num' | 'den' | 'overTime'>): Parts | undefined {
  const ordered = [...parts].sort((a, b) => a.period - b.period)
  const last = ordered.at(-1)
  if (!last || ordered.length === 1) return last
  if (definition.overTime === 'last') return ordered.findLast((one) => one.reported > 0) ?? last
  const aggregates = new Map<string, string | null>()
  for (const { text, kind } of formulasOf(definition).aggregates) {
    const values = ordered.map((one) => one.aggregates.get(text) ?? null).filter((value) => value !== null)
    aggregates.set(text, values.length === 0 ? null : combine(kind, values))
  }
  return {
    period: last.period,
    expected: ordered.reduce((sum, one) => sum + one.expected, 0),
    reported: ordered.reduce((sum, one) => sum + one.reported, 0),
    aggregates,
  }
}

function combine(kind: string, values: readonly string[]): string {
  const numbers = values.map((value) => new Big(value))
  if (kind === 'min') return numbers.reduce((a, b) => (b.lt(a) ? b : a)).toFixed()
  if (kind === 'max') return numbers.reduce((a, b) => (b.gt(a) ? b : a)).toFixed()
  if (kind === 'latest') return values.at(-1)!
  return numbers.reduce((a, b) => a.plus(b)).toFixed()
}

/** @returns the figure: Σnum / Σden, never a mean of ratios, and never zero for what nobody reported (C3, trap 1) */
export function figureOf(definition: IndicatorDefinition, parts: Parts | undefined): Figure {
  const coverage = { reported: parts?.reported ?? 0, expected: parts?.expected ?? 0 }
  const nothing = (why: Figure['why'], num: string | null = null, den: string | null = null): Figure => ({ value: null, why, num, den, ...coverage })
  if (!parts || parts.reported === 0) return nothing('none-reported')
  const { num: numAst, den: denAst } = formulasOf(definition)
  const get = (text: string) => parts.aggregates.get(text) ?? null
  const num = evaluateAggregates(numAst, get)
  if (!denAst) return num === null ? nothing('denominator-zero') : { value: trimmed(num, placesOf(definition)), why: null, num: trimmed(num, placesOf(definition)), den: null, ...coverage }
  const den = evaluateAggregates(denAst, get)
  if (num === null || den === null || new Big(den).eq(0)) return nothing('denominator-zero', num, den)
  return { value: trimmed(new Big(num).div(den).toFixed(), placesOf(definition)), why: null, num: trimmed(num, 6), den: trimmed(den, 6), ...coverage }
}

/** Places kept: enough that what is shown is rounded once. */
const placesOf = ({ shown, precision }: Pick<IndicatorDefinition, 'shown' | 'precision'>) => precision + (shown === 'percent' ? 2 : 0) + 6
const trimmed = (value: string, places: number) => new Big(value).round(places, Big.roundHalfUp).toFixed()

const ratio = (a: string, b: string) => (new Big(b).eq(0) ? null : trimmed(new Big(a).div(b).toFixed(), 6))

/**
 * Judges a figure against its target, the same period last year, the period before and the benchmark.
 * Year on year is undefined on base 0 (trap 6: 147 % more is × 2.47); attainment of a figure that should fall is
 * target / actual (C3).
 */
export function judge(
  definition: IndicatorDefinition,
  figure: Figure,
  { target = null, lastYear = null, previous = null }: { target?: string | null; lastYear?: string | null; previous?: string | null },
): Judged {
  const { value } = figure
  const lower = definition.direction === 'lower'
  return {
    figure,
    target,
    attainment: value === null || target === null ? null : lower ? ratio(target, value) : ratio(value, target),
    lastYear,
    yearOnYear: value === null || lastYear === null || new Big(lastYear).eq(0) ? null : trimmed(new Big(value).minus(lastYear).div(new Big(lastYear).abs()).toFixed(), 6),
    previous,
    change: value === null || previous === null ? null : trimmed(new Big(value).minus(previous).toFixed(), placesOf(definition)),
    gap: value === null || definition.benchmark === undefined ? null : trimmed((lower ? new Big(value).minus(definition.benchmark) : new Big(definition.benchmark).minus(value)).toFixed(), placesOf(definition)),
    band: value === null ? null : (definition.bands?.names[bandIndex(definition, value)] ?? null),
  }
}

/** @returns which band a value falls into; `includes` says to which one an edge itself belongs (trap 4) */
export function bandIndex({ bands }: Pick<IndicatorDefinition, 'bands'>, value: string): number {
  if (!bands) return -1
  const at = new Big(value)
  return bands.edges.filter((edge) => (bands.includes === 'upper' ? at.gte(edge) : at.gt(edge))).length
}

/** @returns each band as an interval: `[50000, 100000)`; edges as they are configured */
export function bandRanges({ bands }: Pick<IndicatorDefinition, 'bands'>): { name: Words; range: string }[] {
  if (!bands) return []
  const [open, close] = bands.includes === 'upper' ? ['[', ')'] : ['(', ']']
  return bands.names.map((name, at) => {
    const from = bands.edges[at - 1]
    const to = bands.edges[at]
    return { name, range: `${from === undefined ? '(−∞' : `${open}${from}`}, ${to === undefined ? '+∞)' : `${to}${close}`}` }
  })
}

export type Place = { rank: number | null; belowMean: boolean; third: 'first' | 'middle' | 'last' | null }

/**
 * Ranks units by value: competition ranking (1, 2, 2, 4); those without a value have no rank. Below the mean is not
 * failing, and ties with the mean are not below it (C7, trap 5). Thirds are of the ranked ones (C3: tertile).
 */
export function rankUnits(
  values: readonly (string | null)[],
  direction: 'higher' | 'lower' | 'none',
): { places: Place[]; mean: string | null; belowMean: number; withValue: number } {
  const known = values.filter((value) => value !== null).map((value) => new Big(value))
  if (known.length === 0) return { places: values.map(() => ({ rank: null, belowMean: false, third: null })), mean: null, belowMean: 0, withValue: 0 }
  const sign = direction === 'lower' ? 1 : -1
  const sorted = [...known].sort((a, b) => sign * a.cmp(b))
  const firstAt = new Map<string, number>()
  sorted.forEach((value, at) => {
    const key = value.toFixed()
    if (!firstAt.has(key)) firstAt.set(key, at + 1)
  })
  const sum = known.reduce((a, b) => a.plus(b), new Big(0))
  const below = (value: Big) => (direction === 'lower' ? value.times(known.length).gt(sum) : value.times(known.length).lt(sum))
  const places = values.map((text): Place => {
    if (text === null) return { rank: null, belowMean: false, third: null }
    const value = new Big(text)
    const rank = firstAt.get(value.toFixed())!
    // Of one or two units there are no thirds.
    const third = known.length < 3 ? null : rank <= Math.ceil(known.length / 3) ? 'first' : rank <= Math.ceil((2 * known.length) / 3) ? 'middle' : 'last'
    return { rank, belowMean: direction !== 'none' && below(value), third }
  })
  return { places, mean: trimmed(sum.div(known.length).toFixed(), 8), belowMean: places.filter((place) => place.belowMean).length, withValue: known.length }
}
