import { aggregatesOf, evaluateAggregates, isAdditive, leafContribution, leafOffer, type Aggregate } from '../../rules/formula/aggregates.ts'
import type { FieldType, FieldTypes, FormulaLevel, Value } from '../../rules/formula/ast.ts'
import { checkFormula } from '../../rules/formula/check.ts'
import { compare, sum } from '../../rules/decimal.ts'
import { evaluate } from '../../rules/formula/evaluate.ts'
import { parseFormula } from '../../rules/formula/parse.ts'
import { formulaSays, type FormulaFacts } from '../../rules/formula/says.ts'
import { isProblem } from '../../rules/problem.ts'

export type FormulaFault = { at: number; length: number; says: { zh: string; en: string } }
export type FormulaState = { type: FieldType; fault?: undefined } | { type?: undefined; fault: FormulaFault }

/** @returns the type of a formula, or its first fault with the place and plain words */
export function formulaState(text: string, fields: FieldTypes, level: FormulaLevel): FormulaState {
  try {
    return { type: checkFormula(parseFormula(text), { fields, level }) }
  } catch (error) {
    if (!isProblem(error, 'formula-invalid')) throw error
    const facts = error.facts as FormulaFacts
    return { fault: { at: facts.at, length: facts.length, says: formulaSays(facts) } }
  }
}

/** Values of one filled-in record as formulas see them, `last.` included. */
export type Example = Readonly<Record<string, unknown>>

/**
 * Tries a formula out on examples: at record level on the first, at aggregate level over all of them, the last one
 * being the latest. Nothing is kept.
 * @returns the value, null for what cannot be known, or undefined when the formula is wrong
 */
export function tryOut(text: string, fields: FieldTypes, level: FormulaLevel, examples: readonly Example[]): Value | undefined {
  if (formulaState(text, fields, level).fault) return undefined
  const ast = parseFormula(text)
  if (level === 'record') return evaluate(ast, examples[0] ?? {}, fields)
  const values = new Map(aggregatesOf(ast).map((aggregate) => [aggregate.text, valueOf(aggregate, examples, fields)]))
  return evaluateAggregates(ast, (name) => values.get(name) ?? null, fields)
}

function valueOf(aggregate: Aggregate, examples: readonly Example[], fields: FieldTypes): string | null {
  if (isAdditive(aggregate)) return sum(examples.map((example) => leafContribution(aggregate, example, fields)))
  const offers = examples.map((example) => leafOffer(aggregate, example, fields)).filter((offer) => typeof offer === 'string')
  if (offers.length === 0) return null
  if (aggregate.kind === 'latest') return offers.at(-1)!
  return offers.reduce((best, offer) => (compare(offer, best) < 0 === (aggregate.kind === 'min') ? offer : best))
}
