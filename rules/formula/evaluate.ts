/**
 * The value of a formula. What is missing stays missing: null runs through arithmetic and comparisons, `and`/`or`
 * have three values, and a division by zero is missing as well. Nothing here throws on what a record may hold.
 */
import { Big } from 'big.js'
import {
  type Ast,
  type BinaryNode,
  type BinaryOperator,
  type CallNode,
  type FieldTypes,
  type Value,
  isAllowedName,
  typeOfField,
} from './ast.ts'
import { dayNumberOf } from './civil-day.ts'

// Own constructor: nobody else's settings reach in. 20 decimals, half up.
const Decimal = Big()
Decimal.DP = 20
Decimal.RM = 1

// Larger results are missing. Without a bound, a short formula that multiplies again and again would run for minutes.
const bound = new Decimal('1e60')
const decimalShape = /^-?\d{1,60}(?:\.\d{1,40})?$/u

/** Where names and aggregate calls get their values from. */
export type Sources = {
  valueOf: (name: string) => Value
  /** The cells of a column; null when there is no table. */
  columnOf: (name: string) => Value[] | null
  /** Answers a call from outside; undefined leaves the call to the language. */
  answerOf?: (call: CallNode) => Value | undefined
  fields?: FieldTypes
}

/**
 * @param ast a record-level formula that passed `checkFormula`
 * @param values the fields of one record: decimal strings, texts, booleans, tables as arrays of rows; dotted names are
 *   looked up whole (`values['last.income']`) and then part by part (`values.last.income`); '' counts as missing
 * @param fields with types, a value that is not of its field's type counts as missing, and two texts that look like
 *   numbers are compared as texts ('1.10' is not '1.1')
 * @returns a decimal string (money in 分), text, date, boolean, or null for what cannot be known
 */
export function evaluate(ast: Ast, values: Readonly<Record<string, unknown>>, fields?: FieldTypes): Value {
  const valueOf = (name: string) => typed(cleaned(found(values, name)), name, fields)
  const columnOf = (name: string): Value[] | null => {
    for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
      const rows = valueOf(name.slice(0, dot))
      if (Array.isArray(rows)) return rows.map((row) => typed(cleaned(found(row, name.slice(dot + 1))), name, fields))
    }
    return null
  }
  return evaluateFrom(ast, { valueOf, columnOf, fields })
}

/** @returns the value of a formula whose names and aggregates are answered by `sources` */
export function evaluateFrom(ast: Ast, sources: Sources): Value {
  const of = (part: Ast) => evaluateFrom(part, sources)
  switch (ast.kind) {
    case 'number':
    case 'money':
    case 'text':
    case 'yesNo':
      return ast.value
    case 'name':
      return sources.valueOf(ast.name)
    case 'negate': {
      const number = numberOf(of(ast.of))
      return number && textOf(number.times(-1))
    }
    case 'not': {
      const truth = truthOf(of(ast.of))
      return truth === null ? null : !truth
    }
    case 'binary':
      return valueOfBinary(ast, sources)
    case 'call': {
      const answer = sources.answerOf?.(ast)
      return answer === undefined ? valueOfCall(ast, sources) : answer
    }
  }
}

function valueOfBinary({ op, left, right }: BinaryNode, sources: Sources): Value {
  const first = evaluateFrom(left, sources)
  // What the first side already decides needs no second side.
  if (op === 'and' && first === false) return false
  if (op === 'or' && first === true) return true
  const second = evaluateFrom(right, sources)
  switch (op) {
    case 'and':
    case 'or': {
      const decisive = op === 'or'
      if (truthOf(second) === decisive) return decisive
      return truthOf(first) === null || truthOf(second) === null ? null : !decisive
    }
    case '+':
    case '-':
    case '*':
    case '/':
      return calculated(op, numberOf(first), numberOf(second))
    default: {
      const kinds = [comparedAs(left, sources), comparedAs(right, sources)]
      const kind = kinds.find((known) => known !== 'unknown') ?? 'unknown'
      return compared(op, first, second, kind)
    }
  }
}

function calculated(op: '+' | '-' | '*' | '/', a: Big | null, b: Big | null): string | null {
  if (!a || !b) return null
  switch (op) {
    case '+':
      return textOf(a.plus(b))
    case '-':
      return textOf(a.minus(b))
    case '*':
      return textOf(a.times(b))
    case '/':
      return b.eq(0) ? null : textOf(a.div(b))
  }
}

type ComparedAs = 'numbers' | 'words' | 'unknown'

/** How an expression is compared: by what it says itself, or by the type of its field. */
function comparedAs(ast: Ast, sources: Sources): ComparedAs {
  switch (ast.kind) {
    case 'number':
    case 'money':
    case 'negate':
      return 'numbers'
    case 'text':
      return 'words'
    case 'name': {
      const type = sources.fields && typeOfField(sources.fields, ast.name)
      if (type === 'number' || type === 'money') return 'numbers'
      return type === 'text' || type === 'choice' || type === 'date' ? 'words' : 'unknown'
    }
    case 'binary':
      return ['+', '-', '*', '/'].includes(ast.op) ? 'numbers' : 'unknown'
    case 'call': {
      if (ast.name === 'if' || ast.name === 'coalesce') {
        const parts = ast.name === 'if' ? ast.args.slice(1) : ast.args
        return parts.map((part) => comparedAs(part, sources)).find((known) => known !== 'unknown') ?? 'unknown'
      }
      if (ast.name === 'latest') return ast.args[0] ? comparedAs(ast.args[0], sources) : 'unknown'
      return ast.name === 'filled' ? 'unknown' : 'numbers'
    }
    default:
      return 'unknown'
  }
}

function compared(op: BinaryOperator, a: Value, b: Value, as: ComparedAs): boolean | null {
  if (typeof a === 'boolean' && typeof b === 'boolean') {
    if (op === '=') return a === b
    return op === '<>' ? a !== b : null
  }
  if (typeof a !== 'string' || typeof b !== 'string') return null
  const numbers = as === 'words' ? [null, null] : [numberOf(a), numberOf(b)]
  const [first, second] = numbers
  if (first && second) return holds(op, first.cmp(second))
  if (as === 'numbers') return null
  const isOrder = op !== '=' && op !== '<>'
  // Only days have an order among texts.
  if (isOrder && (dayNumberOf(a) === null || dayNumberOf(b) === null)) return null
  return holds(op, a === b ? 0 : a < b ? -1 : 1)
}

function holds(op: BinaryOperator, order: number): boolean | null {
  switch (op) {
    case '=':
      return order === 0
    case '<>':
      return order !== 0
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    default:
      return null
  }
}

function valueOfCall({ name, args }: CallNode, sources: Sources): Value {
  const valueOf = (index: number): Value => {
    const arg = args[index]
    return arg ? evaluateFrom(arg, sources) : null
  }
  switch (name) {
    case 'if': {
      const truth = truthOf(valueOf(0))
      return truth === null ? null : valueOf(truth ? 1 : 2)
    }
    case 'coalesce': {
      for (let index = 0; index < args.length; index++) {
        const value = valueOf(index)
        if (value !== null) return value
      }
      return null
    }
    case 'min':
    case 'max': {
      const numbers = args.map((_, index) => numberOf(valueOf(index)))
      if (numbers.length === 0 || numbers.includes(null)) return null
      const known = numbers as Big[]
      return textOf(known.reduce((a, b) => ((name === 'min' ? b.lt(a) : b.gt(a)) ? b : a)))
    }
    case 'round': {
      const number = numberOf(valueOf(0))
      const places = args[1] ? numberOf(valueOf(1)) : new Decimal(0)
      if (!number || !places || places.lt(0) || places.gt(20) || !places.eq(places.round(0))) return null
      return textOf(number.round(places.toNumber(), 1))
    }
    case 'abs': {
      const number = numberOf(valueOf(0))
      return number && textOf(number.abs())
    }
    case 'sum':
      return args[0]?.kind === 'name' ? columnSum(sources.columnOf(args[0].name)) : null
    case 'count': {
      const rows = valueOf(0)
      return Array.isArray(rows) ? String(rows.length) : null
    }
    case 'filled': {
      const value = valueOf(0)
      return value !== null && !(Array.isArray(value) && value.length === 0)
    }
    case 'length': {
      const text = valueOf(0)
      return typeof text === 'string' ? String([...text].length) : null
    }
    case 'daysBetween': {
      const [from, to] = [dayOf(valueOf(0)), dayOf(valueOf(1))]
      return from === null || to === null ? null : String(to - from)
    }
    default:
      return null
  }
}

/** Empty cells are left out; a table whose cells are all empty has no sum, a table without rows has the sum 0. */
function columnSum(cells: Value[] | null): string | null {
  if (!cells) return null
  if (cells.length === 0) return '0'
  const numbers = cells.map(numberOf).filter((number) => number !== null)
  if (numbers.length === 0) return null
  return textOf(numbers.reduce((a, b) => a.plus(b)))
}

/** Looks up own fields only: first the whole dotted name, then part by part. */
function found(values: unknown, name: string): unknown {
  if (!isAllowedName(name)) return null
  if (ownField(values, name) !== undefined) return ownField(values, name)
  return name.split('.').reduce(ownField, values)
}

function ownField(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null || Array.isArray(holder)) return undefined
  return Object.hasOwn(holder, name) ? (holder as Record<string, unknown>)[name] : undefined
}

function cleaned(value: unknown): Value {
  if (typeof value === 'string') return value === '' ? null : value
  if (typeof value === 'boolean' || Array.isArray(value)) return value
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : null
}

function typed(value: Value, name: string, fields: FieldTypes | undefined): Value {
  switch (fields && typeOfField(fields, name)) {
    case undefined:
      return value
    case 'number':
    case 'money':
      return numberOf(value) ? value : null
    case 'yesNo':
      return typeof value === 'boolean' ? value : null
    case 'table':
      return Array.isArray(value) ? value : null
    default:
      return typeof value === 'string' ? value : null
  }
}

/** @returns a value as a canonical decimal string, or null when it is not a number */
export function decimalOf(value: Value): string | null {
  const number = numberOf(value)
  return number && textOf(number)
}

function numberOf(value: Value | undefined): Big | null {
  return typeof value === 'string' && decimalShape.test(value) ? new Decimal(value) : null
}

function textOf(number: Big): string | null {
  if (number.abs().gte(bound)) return null
  const rounded = number.round(20, 1)
  return rounded.eq(0) ? '0' : rounded.toFixed()
}

function truthOf(value: Value): boolean | null {
  return typeof value === 'boolean' ? value : null
}

function dayOf(value: Value): number | null {
  return typeof value === 'string' ? dayNumberOf(value) : null
}
