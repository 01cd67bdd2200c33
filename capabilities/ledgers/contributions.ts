import { aggregatesOf, isAdditive, leafContribution, leafOffer, type Aggregate } from '../../rules/formula/aggregates.ts'
import { parseFormula } from '../../rules/formula/parse.ts'
import { formulaValues } from './check-record.ts'
import type { Values } from './ledgers.contract.ts'

const parsed = new Map<string, Aggregate>()

/** @returns the one aggregate that a canonical text such as `sum(income)` stands for; parsed once per process */
export function aggregateOf(text: string): Aggregate {
  const known = parsed.get(text)
  if (known) return known
  const aggregate = aggregatesOf(parseFormula(text))[0]
  if (!aggregate) throw new Error(`${text} is not an aggregate`)
  parsed.set(text, aggregate)
  return aggregate
}

/**
 * What one accepted record adds to each slot of its form. Sums and counts add up to the levels above; for min, max and
 * latest the slot keeps the record's own value, and the level above looks at the leaves.
 * @returns decimals in the order of `measures`; null: the record has nothing to say there
 */
export function contributionsOf(measures: readonly string[], values: Values, unitClass: string): (string | null)[] {
  const seen = { ...formulaValues(values, null), unitClass }
  return measures.map((text) => {
    const aggregate = aggregateOf(text)
    if (isAdditive(aggregate)) return leafContribution(aggregate, seen)
    const value = leafOffer(aggregate, seen)
    return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? value : null
  })
}
