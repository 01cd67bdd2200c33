/** Checks a parsed formula against the fields it may name, and finds its type. */
import {
  type Ast,
  type BinaryNode,
  type CallNode,
  type FieldType,
  type FieldTypes,
  type FormulaExpected,
  type FormulaLevel,
  formulaProblem,
  isAllowedName,
  tableOfColumn,
  typeOfField,
} from './ast.ts'
import { dayNumberOf } from './civil-day.ts'
import { formatFormula } from './format.ts'
import { aggregateFunctions, functionsBetweenAggregates, onlyAggregates, recordFunctions } from './functions.ts'
import { nearest } from './nearest.ts'

/** Where an expression stands: in one record, between aggregates, or inside an aggregate. */
type Standing = 'record' | 'between' | 'inside'

/**
 * @param fields the fields that may be named, with their types; columns and last-period fields under dotted names
 * @returns the type of the whole formula. An aggregate-level formula is never a table or a yes/no.
 * @throws Problem `formula-invalid` with `facts` {at, length, expected, found} and, as needed, `near` (nearest known
 *   names), `least` and `most` (number of arguments), `type` (type of the other side)
 */
export function checkFormula(
  ast: Ast,
  { fields, level }: { fields: FieldTypes; level: FormulaLevel },
): FieldType {
  const type = typeIn(ast, fields, level === 'record' ? 'record' : 'between')
  if (type === 'table') throw formulaProblem(ast, 'one-value', type)
  if (level === 'aggregate' && type === 'yesNo') throw formulaProblem(ast, 'number', type)
  return type
}

function typeIn(ast: Ast, fields: FieldTypes, standing: Standing): FieldType {
  const of = (part: Ast) => typeIn(part, fields, standing)
  switch (ast.kind) {
    case 'number':
    case 'money':
    case 'text':
    case 'yesNo':
      return ast.kind
    case 'name':
      return typeOfName(ast, fields, standing)
    case 'negate':
      return numeric(ast.of, of(ast.of))
    case 'not':
      return must(ast.of, of(ast.of), 'yesNo', 'yes-no')
    case 'binary':
      return typeOfBinary(ast, of)
    case 'call':
      return standing === 'between' ? typeOfAggregate(ast, fields) : typeOfRecordCall(ast, fields, standing)
  }
}

function typeOfName(ast: Ast & { kind: 'name' }, fields: FieldTypes, standing: Standing): FieldType {
  const type = knownType(ast, fields)
  if (standing === 'between') throw formulaProblem(ast, 'aggregate', ast.name)
  if (tableOfColumn(fields, ast.name)) throw formulaProblem(ast, 'column-in-sum', ast.name)
  return type
}

function knownType(ast: Ast & { kind: 'name' }, fields: FieldTypes): FieldType {
  const type = typeOfField(fields, ast.name)
  if (type) return type
  throw formulaProblem(ast, 'known-name', ast.name, {
    near: nearest(ast.name, Object.keys(fields).filter(isAllowedName)),
  })
}

function typeOfBinary(ast: BinaryNode, of: (part: Ast) => FieldType): FieldType {
  const { op, left, right } = ast
  const leftType = of(left)
  const rightType = of(right)
  switch (op) {
    case 'and':
    case 'or':
      must(left, leftType, 'yesNo', 'yes-no')
      return must(right, rightType, 'yesNo', 'yes-no')
    case '+':
    case '-':
      numeric(left, leftType)
      return must(right, rightType, leftType, leftType === 'money' ? 'money' : 'plain-number')
    case '*':
      numeric(left, leftType)
      numeric(right, rightType)
      if (leftType === 'money') must(right, rightType, 'number', 'plain-number')
      return leftType === 'money' ? leftType : rightType
    case '/':
      numeric(left, leftType)
      numeric(right, rightType)
      if (leftType === 'number') must(right, rightType, 'number', 'plain-number')
      return leftType === rightType ? 'number' : 'money'
    default: {
      const shared = sharedType(left, leftType, right, rightType)
      const isEquality = op === '=' || op === '<>'
      if (!isEquality && !['number', 'money', 'date'].includes(shared)) {
        throw formulaProblem(left, 'ordered', leftType)
      }
      return 'yesNo'
    }
  }
}

function typeOfRecordCall(ast: CallNode, fields: FieldTypes, standing: 'record' | 'inside'): FieldType {
  const { name, args } = ast
  const arity = recordFunctions.get(name)
  const aggregateMisplaced = standing === 'record' ? 'record-function' : 'no-aggregate-inside'
  if (onlyAggregates.has(name)) throw atName(ast, aggregateMisplaced)
  if (!arity) throw atName(ast, 'known-function', { near: nearest(name, [...recordFunctions.keys()]) })
  const isAggregateShape = aggregateFunctions.has(name) && args.length < 2
  const [first] = args
  if (isAggregateShape && !isOverTable(ast, fields)) {
    // A misspelt name is reported as such before the shape is judged.
    if (first?.kind === 'name') knownType(first, fields)
    if (first && standing === 'record' && (name === 'sum' || name === 'count')) {
      throw formulaProblem(first, name === 'sum' ? 'column' : 'table', formatFormula(first))
    }
    throw atName(ast, aggregateMisplaced)
  }
  mustHaveArguments(ast, arity)
  const of = (part: Ast) => typeIn(part, fields, standing)
  switch (name) {
    case 'sum':
      return knownType(first as Ast & { kind: 'name' }, fields)
    case 'count':
      return 'number'
    case 'filled':
      of(first!)
      return 'yesNo'
    case 'length': {
      const type = of(first!)
      if (type !== 'choice') must(first!, type, 'text', 'text')
      return 'number'
    }
    case 'daysBetween':
      for (const arg of args) {
        if (!isDateText(arg)) must(arg, of(arg), 'date', 'date')
      }
      return 'number'
    case 'min':
    case 'max': {
      const type = numeric(first!, of(first!))
      return typeOfAll(args, of, type)
    }
    default:
      return typeOfPlainCall(ast, of)
  }
}

/** if, round, abs and coalesce: the same in one record and between aggregates. */
function typeOfPlainCall({ name, args }: CallNode, of: (part: Ast) => FieldType): FieldType {
  const first = args[0]!
  switch (name) {
    case 'if':
      must(first, of(first), 'yesNo', 'yes-no')
      return typeOfAll(args.slice(1), of)
    case 'coalesce':
      return typeOfAll(args, of)
    case 'round': {
      const type = numeric(first, of(first))
      const places = args[1]
      // Money is kept in 分, so its last place is the 分 itself.
      const most = type === 'money' ? 0 : 20
      const isWhole = places?.kind === 'number' && /^\d+$/u.test(places.value)
      if (places && !(isWhole && Number(places.value) <= most)) {
        throw formulaProblem(places, 'places', formatFormula(places), { most })
      }
      return type
    }
    default:
      return numeric(first, of(first))
  }
}

function typeOfAggregate(ast: CallNode, fields: FieldTypes): FieldType {
  const { name, args } = ast
  if (functionsBetweenAggregates.has(name)) {
    mustHaveArguments(ast, recordFunctions.get(name)!)
    return typeOfPlainCall(ast, (part) => typeIn(part, fields, 'between'))
  }
  const arity = aggregateFunctions.get(name)
  if (!arity && recordFunctions.has(name)) throw atName(ast, 'aggregate')
  if (!arity) {
    const known = [...new Set([...aggregateFunctions.keys(), ...functionsBetweenAggregates])]
    throw atName(ast, 'known-function', { near: nearest(name, known) })
  }
  mustHaveArguments(ast, arity)
  const inside = (part: Ast) => typeIn(part, fields, 'inside')
  const [first, second] = args
  switch (name) {
    case 'count':
      if (first) must(first, inside(first), 'yesNo', 'yes-no')
      return 'number'
    case 'latest': {
      if (first!.kind !== 'name') throw formulaProblem(first!, 'name', formatFormula(first!))
      const type = inside(first!)
      if (type === 'table') throw formulaProblem(first!, 'one-value', type)
      // Aggregates are kept as text; a yes/no is counted instead: count(flag).
      if (type === 'yesNo') throw formulaProblem(first!, 'number', type)
      return type
    }
    case 'weightedMean': {
      const type = numeric(first!, inside(first!))
      const weight = numeric(second!, inside(second!))
      if (type === 'money') must(second!, weight, 'number', 'plain-number')
      return type
    }
    default:
      return numeric(first!, inside(first!))
  }
}

/** Whether a sum or count of one record goes over a table: sum(rows.amount), count(rows). */
function isOverTable({ name, args }: CallNode, fields: FieldTypes): boolean {
  const [first] = args
  if (args.length !== 1 || first?.kind !== 'name') return false
  const type = typeOfField(fields, first.name)
  if (name === 'count') return type === 'table'
  if (name !== 'sum' || !tableOfColumn(fields, first.name)) return false
  return type === 'number' || type === 'money'
}

function typeOfAll(args: Ast[], of: (part: Ast) => FieldType, known?: FieldType): FieldType {
  let [type, from] = [known ?? of(args[0]!), args[0]!]
  for (const arg of args.slice(1)) {
    const shared = sharedType(from, type, arg, of(arg))
    if (shared !== type) from = arg
    type = shared
  }
  if (type === 'table') throw formulaProblem(args[0]!, 'one-value', type)
  return type
}

/** The type both sides have; a choice is also a text, and a text such as '2018-06-29' is also a date. */
function sharedType(left: Ast, leftType: FieldType, right: Ast, rightType: FieldType): FieldType {
  if (leftType === 'table') throw formulaProblem(left, 'one-value', leftType)
  if (rightType === 'table') throw formulaProblem(right, 'one-value', rightType)
  if (leftType === rightType) return leftType
  const isWords = (type: FieldType) => type === 'text' || type === 'choice'
  if (isWords(leftType) && isWords(rightType)) return 'text'
  if (leftType === 'date' && isDateText(right)) return 'date'
  if (rightType === 'date' && isDateText(left)) return 'date'
  throw formulaProblem(right, 'same-type', rightType, { type: leftType })
}

function isDateText(ast: Ast): boolean {
  return ast.kind === 'text' && dayNumberOf(ast.value) !== null
}

function numeric(ast: Ast, type: FieldType): FieldType {
  if (type !== 'number' && type !== 'money') throw formulaProblem(ast, 'number', type)
  return type
}

function must(ast: Ast, type: FieldType, wanted: FieldType, expected: FormulaExpected): FieldType {
  if (type !== wanted) throw formulaProblem(ast, expected, type)
  return type
}

function mustHaveArguments(ast: CallNode, { least, most }: { least: number; most: number }) {
  const count = ast.args.length
  if (count >= least && count <= most) return
  throw formulaProblem(ast, 'arguments', String(count), { least, most })
}

function atName({ at, name }: CallNode, expected: FormulaExpected, more: Record<string, unknown> = {}) {
  return formulaProblem({ at, length: name.length }, expected, name, more)
}
