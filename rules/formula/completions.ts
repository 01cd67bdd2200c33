/** What an editor offers while a formula is being typed. */
import { type FieldType, type FieldTypes, type FormulaLevel, isAllowedName, tableOfColumn } from './ast.ts'
import { aggregateFunctions, functionsBetweenAggregates, onlyAggregates, recordFunctions } from './functions.ts'
import { type Token, longestFormula, tokensOf } from './parse.ts'
import { isProblem } from '../problem.ts'

/** `type` is the field's type. A function is offered with its opening bracket: `insert` is what to put in. */
export type Completion = { text: string; insert: string; kind: 'name' | 'function' | 'word'; type?: FieldType }

/** The offered texts replace the characters from `from` up to `to`. */
export type Completions = { from: number; to: number; items: Completion[] }

const beforeOffset = /[\p{L}\p{Nd}_.]/u
const completeToken = new Set<Token['kind']>(['number', 'money', 'text', 'name'])

/**
 * @param offset where the cursor stands; the word it stands in or after is completed
 * @returns names, functions and words that fit there, those that begin with the typed letters first;
 *   nothing inside a text or after something that is not a formula
 */
export function completionsAt(text: string, offset: number, fields: FieldTypes, level: FormulaLevel): Completions {
  const cursor = Math.max(0, Math.min(Math.trunc(offset) || 0, text.length))
  const from = wordStart(text, cursor)
  const to = wordEnd(text, cursor)
  const tokens = tokensBefore(text, from)
  const typed = text.slice(from, cursor).toLowerCase()
  const items = tokens && !/^[\p{Nd}.]/u.test(typed) ? fitting(tokens, fields, level) : []
  const rank = (item: Completion) => {
    const place = item.text.toLowerCase().indexOf(typed)
    return place < 0 ? 2 : place === 0 ? 0 : 1
  }
  const ranked = items.filter((item) => rank(item) < 2).sort((a, b) => rank(a) - rank(b))
  return { from, to, items: ranked }
}

function fitting(tokens: Token[], fields: FieldTypes, level: FormulaLevel): Completion[] {
  const last = tokens.at(-1)
  const isAfterValue = last && (completeToken.has(last.kind) || isOneOf(last, ')', 'true', 'false'))
  if (isAfterValue) return ['and', 'or'].map(word)
  const calls = openCalls(tokens)
  const call = calls.at(-1)
  const isInside = calls.some((name) => aggregateFunctions.has(name) && !functionsBetweenAggregates.has(name))
  if (level === 'aggregate' && !isInside) {
    const functions = [...aggregateFunctions.keys(), ...functionsBetweenAggregates]
    return [...functions.map(fn), ...['not', 'true', 'false'].map(word)]
  }
  const names = Object.keys(fields).filter(isAllowedName)
  const isColumn = (name: string) => tableOfColumn(fields, name) !== undefined
  const isNumeric = (name: string) => fields[name] === 'number' || fields[name] === 'money'
  const nameOf = (name: string): Completion => ({ text: name, insert: name, kind: 'name', type: fields[name]! })
  const depthInside = calls.filter((name) => aggregateFunctions.has(name)).length
  const isRecordCall = level === 'record' || depthInside > 1
  const isFirst = isOneOf(last, '(')
  if (call === 'latest') return names.filter((name) => !isColumn(name) && fields[name] !== 'table').map(nameOf)
  if (call === 'sum' && isRecordCall) {
    return isFirst ? names.filter((name) => isColumn(name) && isNumeric(name)).map(nameOf) : []
  }
  if (call === 'count' && isRecordCall) {
    return isFirst ? names.filter((name) => fields[name] === 'table').map(nameOf) : []
  }
  const plain = names.filter((name) => !isColumn(name) && (fields[name] !== 'table' || call === 'filled'))
  const functions = [...recordFunctions.keys()].filter((name) => !onlyAggregates.has(name))
  return [...plain.map(nameOf), ...functions.map(fn), ...['not', 'true', 'false'].map(word)]
}

/** The functions whose brackets are open at the end, outermost first; '' for a plain bracket. */
function openCalls(tokens: Token[]): string[] {
  const open: string[] = []
  tokens.forEach((token, index) => {
    const before = tokens[index - 1]
    if (isOneOf(token, '(')) open.push(before?.kind === 'name' ? before.text : '')
    if (isOneOf(token, ')')) open.pop()
  })
  return open
}

function tokensBefore(text: string, end: number): Token[] | undefined {
  if (end > longestFormula) return undefined
  try {
    return tokensOf(text.slice(0, end)).filter(({ kind }) => kind !== 'end')
  } catch (error) {
    // The cursor stands in an open text or after a strange character: nothing fits there.
    if (isProblem(error, 'formula-invalid')) return undefined
    throw error
  }
}

function wordStart(text: string, cursor: number): number {
  let at = cursor
  while (at > 0 && beforeOffset.test(characterBefore(text, at))) at -= characterBefore(text, at).length
  return at
}

function wordEnd(text: string, cursor: number): number {
  let at = cursor
  while (at < text.length) {
    const character = String.fromCodePoint(text.codePointAt(at)!)
    if (!beforeOffset.test(character)) break
    at += character.length
  }
  return at
}

function characterBefore(text: string, at: number): string {
  const pair = at > 1 ? text.codePointAt(at - 2)! : 0
  return pair > 0xffff ? String.fromCodePoint(pair) : text[at - 1]!
}

function isOneOf(token: Token | undefined, ...wanted: string[]): boolean {
  return token?.kind === 'sign' && wanted.includes(token.sign)
}

function word(text: string): Completion {
  return { text, insert: text, kind: 'word' }
}

function fn(name: string): Completion {
  return { text: name, insert: `${name}(`, kind: 'function' }
}
