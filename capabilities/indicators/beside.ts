import { add, multiply } from '../../rules/decimal.ts'
import { evaluateAggregates } from '../../rules/formula/aggregates.ts'
import type { Ast } from '../../rules/formula/ast.ts'
import { formulasOf, type Parts } from './figure.ts'
import type { IndicatorDefinition } from './indicator-definition.ts'

/** What units have reported in one period, by slot of the form. */
export type Sums = { period: number; expected: number; reported: number; sums: readonly (string | null)[] }

/** @returns the sums of both; a slot that neither has stays unknown */
export function plus(a: Sums, b: Sums): Sums {
  const sums = Array.from({ length: Math.max(a.sums.length, b.sums.length) }, (_, at) => {
    const [x, y] = [a.sums[at] ?? null, b.sums[at] ?? null]
    return x === null ? y : y === null ? x : add(x, y)
  })
  return { period: a.period, expected: a.expected + b.expected, reported: a.reported + b.reported, sums }
}

/** @returns a part of what a unit has reported; it is still one report of one unit */
export function partOf(of: Sums, share: string): Sums {
  return { ...of, sums: of.sums.map((value) => (value === null ? null : multiply(value, share))) }
}

/** @returns what goes into a figure, from the sums and from what was looked up because it does not add up */
export function partsFrom(sums: Sums, definition: IndicatorDefinition, slots: ReadonlyMap<string, number>, others: ReadonlyMap<string, string | null>): Parts {
  const aggregates = new Map<string, string | null>()
  for (const { text, additive } of formulasOf(definition).aggregates) {
    const slot = slots.get(text)
    if (!additive) aggregates.set(text, others.get(`${text}:${sums.period}`) ?? null)
    else aggregates.set(text, sums.reported > 0 ? ((slot === undefined ? null : sums.sums[slot]) ?? '0') : null)
  }
  return { period: sums.period, expected: sums.expected, reported: sums.reported, aggregates }
}

/** @returns whether the formula of a whole is the sum of those of its parts, so that a difference can be told unit by unit */
export function isLinear(ast: Ast): boolean {
  if (ast.kind === 'call') return ast.name === 'sum' || ast.name === 'count'
  if (ast.kind === 'negate') return isLinear(ast.of)
  return ast.kind === 'binary' && (ast.op === '+' || ast.op === '-') && isLinear(ast.left) && isLinear(ast.right)
}

/**
 * @param weight how much of the unit's sums belongs to today's figure, less how much belonged to the figure then
 * @returns what the unit adds to the difference, in numerator and denominator; null where the formula is not a sum
 */
export function difference(sums: readonly Sums[], weight: string, definition: IndicatorDefinition, slots: ReadonlyMap<string, number>): { num: string | null; den: string | null } {
  const formulas = formulasOf(definition)
  const of = (ast: Ast | undefined): string | null => {
    if (!ast || !isLinear(ast)) return null
    let total = '0'
    for (const one of sums) {
      if (one.reported === 0) continue
      total = add(total, multiply(evaluateAggregates(ast, (text) => one.sums[slots.get(text) ?? -1] ?? '0') ?? '0', weight))
    }
    return total
  }
  return { num: of(formulas.num), den: of(formulas.den) }
}

