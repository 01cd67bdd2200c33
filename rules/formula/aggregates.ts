/**
 * Splits an aggregate-level formula into the primitive aggregates it needs. `sum` and `count` are additive: the slot
 * of a unit is the sum over its leaves, whichever way they are split. `min`, `max` and `latest` are not.
 */
import { type Ast, type CallNode, type FieldTypes, type Value, partsOf } from './ast.ts'
import { decimalOf, evaluate, evaluateFrom } from './evaluate.ts'
import { formatFormula } from './format.ts'
import { aggregateFunctions } from './functions.ts'

export type AggregateKind = 'sum' | 'count' | 'min' | 'max' | 'latest'

/** One primitive aggregate; its canonical text is its key. */
export type Aggregate = { text: string; kind: AggregateKind; ast: CallNode }

/**
 * @param ast an aggregate-level formula that passed `checkFormula`
 * @returns the primitive aggregates it needs, each once, in the order they appear: a mean needs a sum and a count,
 *   a weighted mean needs sum(value * weight) and the sum of the weights where the value is filled
 */
export function aggregatesOf(ast: Ast): Aggregate[] {
  const byText = new Map<string, Aggregate>()
  const collect = (node: Ast) => {
    if (!isAggregate(node)) return partsOf(node).forEach(collect)
    for (const primitive of primitivesOf(node)) {
      const { text } = primitive
      if (!byText.has(text)) byText.set(text, primitive)
    }
  }
  collect(ast)
  return [...byText.values()]
}

/** @returns whether the aggregate of a whole is the sum of what its leaves contribute */
export function isAdditive({ kind }: Aggregate): boolean {
  return kind === 'sum' || kind === 'count'
}

/**
 * @param values the fields of one reported record, as `evaluate` takes them
 * @returns what the record adds to an additive aggregate: '0' when the value is missing or the condition is not true
 * @throws Error for an aggregate that is not additive
 */
export function leafContribution(
  aggregate: Aggregate,
  values: Readonly<Record<string, unknown>>,
  fields?: FieldTypes,
): string {
  if (!isAdditive(aggregate)) throw new Error(`${aggregate.text} is not additive`)
  const [arg] = aggregate.ast.args
  // count() without a condition counts the reported records themselves.
  if (!arg) return '1'
  const value = evaluate(arg, values, fields)
  if (aggregate.kind === 'count') return value === true ? '1' : '0'
  return decimalOf(value) ?? '0'
}

/**
 * @returns what one record offers to an aggregate that is not additive: its value for `min` and `max` to compare, and
 *   for `latest` to take from the record of the latest period; null when it offers nothing
 * @throws Error for an additive aggregate
 */
export function leafOffer(
  aggregate: Aggregate,
  values: Readonly<Record<string, unknown>>,
  fields?: FieldTypes,
): Value {
  if (isAdditive(aggregate)) throw new Error(`${aggregate.text} is additive`)
  const [arg] = aggregate.ast.args
  return arg ? evaluate(arg, values, fields) : null
}

/**
 * @param ast an aggregate-level formula that passed `checkFormula`
 * @param get the value of a primitive aggregate by its canonical text; null when there is none
 * @returns the value of the whole formula, null when an aggregate it needs is missing or a divisor is zero
 */
export function evaluateAggregates(
  ast: Ast,
  get: (aggregateText: string) => string | null,
  fields?: FieldTypes,
): string | null {
  const value = evaluateFrom(ast, {
    valueOf: () => null,
    columnOf: () => null,
    fields,
    answerOf: (call) => {
      if (!isAggregate(call)) return undefined
      const [first, second] = primitivesOf(call).map(({ text }) => get(text))
      if (!isMean(call)) return first ?? null
      return evaluateFrom(quotient, {
        valueOf: (name) => (name === 'total' ? first : second) ?? null,
        columnOf: () => null,
      })
    },
  })
  return typeof value === 'string' ? value : null
}

const nowhere = { at: 0, length: 0 }
const quotient: Ast = {
  kind: 'binary', op: '/', ...nowhere,
  left: { kind: 'name', name: 'total', ...nowhere },
  right: { kind: 'name', name: 'parts', ...nowhere },
}

function isAggregate(ast: Ast): ast is CallNode {
  return ast.kind === 'call' && aggregateFunctions.has(ast.name)
}

function isMean({ name }: CallNode): boolean {
  return name === 'mean' || name === 'weightedMean'
}

/** The primitives of one aggregate call; for the two means the dividend comes first and the divisor second. */
function primitivesOf(call: CallNode): Aggregate[] {
  const place = { at: call.at, length: call.length }
  const callOf = (name: string, ...args: Ast[]): CallNode => ({ kind: 'call', name, args, ...place })
  const productOf = (left: Ast, right: Ast): Ast => ({ kind: 'binary', op: '*', left, right, ...place })
  const [value, weight] = call.args
  if (!isMean(call)) return [primitive(call.name as AggregateKind, call)]
  if (!value || (call.name === 'weightedMean' && !weight)) throw new Error(`${formatFormula(call)} was not checked`)
  if (!weight) {
    const filled = callOf('filled', value)
    return [primitive('sum', callOf('sum', value)), primitive('count', callOf('count', filled))]
  }
  // A missing weight makes both products missing, so only records with both sides take part.
  const one: Ast = { kind: 'number', value: '1', ...place }
  const none: Ast = { kind: 'number', value: '0', ...place }
  const isFilled = callOf('if', callOf('filled', value), one, none)
  return [
    primitive('sum', callOf('sum', productOf(value, weight))),
    primitive('sum', callOf('sum', productOf(weight, isFilled))),
  ]
}

function primitive(kind: AggregateKind, ast: CallNode): Aggregate {
  return { text: formatFormula(ast), kind, ast }
}
