/** The shape of a parsed formula, its types and values, and the one Problem a formula can have. */
import { Problem } from '../problem.ts'

/** What a field or an expression is. Money is a number whose unit is 分; a choice is a text out of a list. */
export type FieldType = 'number' | 'money' | 'text' | 'date' | 'yesNo' | 'choice' | 'table'

/**
 * The fields a formula may name. A table stands under its own name (`rows: 'table'`), each of its columns under the
 * dotted name (`'rows.amount': 'money'`), the last period under `last.` (`'last.income': 'money'`).
 */
export type FieldTypes = Readonly<Record<string, FieldType>>

/** `record`: names are fields of one record. `aggregate`: an expression over aggregates of many records. */
export type FormulaLevel = 'record' | 'aggregate'

/** Number and money are decimal strings (money in 分), a date is a civil date, a table is its rows, null is missing. */
export type Value = string | boolean | null | readonly unknown[]

/** Where something stands in the text of a formula, in UTF-16 units. */
export type Place = { at: number; length: number }

export type BinaryOperator = 'or' | 'and' | '=' | '<>' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/'

export type CallNode = Place & { kind: 'call'; name: string; args: Ast[] }
export type BinaryNode = Place & { kind: 'binary'; op: BinaryOperator; left: Ast; right: Ast }

/** A parsed formula. Plain data: it can be kept as JSON. */
export type Ast =
  | (Place & { kind: 'number'; value: string }) // a non-negative decimal string
  | (Place & { kind: 'money'; value: string }) // whole 分, non-negative
  | (Place & { kind: 'text'; value: string })
  | (Place & { kind: 'yesNo'; value: boolean })
  | (Place & { kind: 'name'; name: string })
  | (Place & { kind: 'negate'; of: Ast })
  | (Place & { kind: 'not'; of: Ast })
  | BinaryNode
  | CallNode

/** What should have stood at the place a Problem points at: the message keys of `facts.expected`. */
export const formulaExpectations = [
  // reading the text
  'value', // a number, a text, a name, a function or a bracket
  'operator-or-end',
  'closing-bracket', // a comma or the closing bracket
  'closing-quote',
  'known-character',
  'shorter-formula', // facts.most characters
  'less-nesting', // facts.most levels
  'shorter-number', // at most 30 digits before the point and 20 after it
  'whole-fen', // an amount of money has at most two decimals
  // checking names, functions and types
  'known-name', // facts.near lists the nearest known names
  'known-function', // facts.near lists the nearest known functions
  'arguments', // facts.least and facts.most say how many
  'number', // number or money
  'plain-number', // a number that is not money
  'money',
  'text',
  'date',
  'yes-no',
  'table',
  'column', // a column of a table that holds numbers or money
  'column-in-sum', // a column stands only in sum(…)
  'name', // the name of a field, not an expression
  'same-type', // facts.type says the type of the other side
  'ordered', // number, money or date: only these are larger or smaller
  'one-value', // not a table
  'places', // a whole number from 0 to 20; for money only 0, a whole 分
  // levels
  'aggregate', // at aggregate level a field stands inside an aggregate
  'record-function', // an aggregate cannot stand in the formula of one record
  'no-aggregate-inside', // an aggregate cannot hold another aggregate
] as const

export type FormulaExpected = (typeof formulaExpectations)[number]

/** @returns the Problem `formula-invalid` that points at a place; `found` is the text or the type that stands there */
export function formulaProblem(
  { at, length }: Place,
  expected: FormulaExpected,
  found: string,
  more: Record<string, unknown> = {},
): Problem {
  return new Problem('formula-invalid', { facts: { at, length, expected, found, ...more } })
}

/** @returns the direct parts of a node, from left to right */
export function partsOf(ast: Ast): Ast[] {
  switch (ast.kind) {
    case 'negate':
    case 'not':
      return [ast.of]
    case 'binary':
      return [ast.left, ast.right]
    case 'call':
      return ast.args
    default:
      return []
  }
}

/** @returns the field names a formula uses, each once, in the order they appear */
export function namesIn(ast: Ast): string[] {
  if (ast.kind === 'name') return [ast.name]
  return [...new Set(partsOf(ast).flatMap(namesIn))]
}

// A name that reaches into the machinery of objects is never a field, even where a record carries such a key.
const forbiddenParts = new Set(['__proto__', 'constructor', 'prototype'])

/** @returns whether a dotted name can be the name of a field at all */
export function isAllowedName(name: string): boolean {
  return !name.split('.').some((part) => forbiddenParts.has(part))
}

/** @returns the type of a field, or undefined when there is no such field */
export function typeOfField(fields: FieldTypes, name: string): FieldType | undefined {
  return isAllowedName(name) && Object.hasOwn(fields, name) ? fields[name] : undefined
}

/** @returns the table a dotted name is a column of (`rows` for `rows.amount`), or undefined when it is not a column */
export function tableOfColumn(fields: FieldTypes, name: string): string | undefined {
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const table = name.slice(0, dot)
    if (typeOfField(fields, table) === 'table') return table
  }
  return undefined
}
