import { Big } from 'big.js'
import type { ResolvedField, ResolvedForm } from '../ledgers/form-definition.ts'
import type { Values } from '../ledgers/ledgers.contract.ts'

/**
 * The hidden mark of a workbook: which form in which version and period it asks. It stands in the first cell of the
 * hidden row of codes, so that it moves with its sheet into whatever book the sheet is copied to.
 */
export type Stamp = {
  form: string
  version: number
  period: string
  /** many: a row a unit. one: a row a field. table: the rows of one table field. */
  layout: 'many' | 'one' | 'table'
  /** Layout one: the unit, and what it was based on. */
  unit?: string
  /** The table field that the sheet holds. */
  table?: string
  /** Versions of record and draft when the workbook was made (layout one). */
  v?: number
  d?: number
  /** What the tables were based on (layout one). */
  b?: Record<string, unknown>
}

const mark = 'sanji:1 '
export const writeStamp = (stamp: Stamp): string => mark + JSON.stringify(stamp)

/** @returns the stamp in a cell's text; undefined when it is none */
export function readStamp(text: string): Stamp | undefined {
  if (!text.startsWith(mark)) return undefined
  const stamp = parsed(text.slice(mark.length)) as Partial<Stamp> | undefined
  if (!stamp || typeof stamp.form !== 'string' || typeof stamp.version !== 'number' || typeof stamp.period !== 'string') return undefined
  return stamp.layout === 'many' || stamp.layout === 'one' || stamp.layout === 'table' ? (stamp as Stamp) : undefined
}

/** The hidden mark of one row: what its values were based on when the workbook was made. */
export type RowStamp = {
  /** Layout many: the unit’s code, so that a mark that was sorted away from its row is noticed. */
  u?: string
  /** Layout one: the field. */
  f?: string
  /** Versions of record and draft; 0 when there was none. */
  v?: number
  d?: number
  /** Values by field, long ones by their digest. */
  b: Record<string, unknown>
}

export const writeRowStamp = (stamp: RowStamp): string => JSON.stringify(stamp)

export function readRowStamp(text: string): RowStamp | undefined {
  if (!text.startsWith('{')) return undefined
  const stamp = parsed(text) as Partial<RowStamp> | undefined
  return stamp && typeof stamp.b === 'object' && stamp.b !== null ? (stamp as RowStamp) : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

// ---- values as they are compared

const decimal = /^-?\d+(\.\d+)?$/
const longestInMark = 200

/** @returns the value in its one form: decimals without noise, keys in order; null for nothing */
export function canonical(field: Pick<ResolvedField, 'type'>, value: unknown): unknown {
  if (value === undefined || value === null || value === '') return null
  if (typeof value === 'string') {
    if (field.type !== 'number' && field.type !== 'money') return value.trim() || null
    return decimal.test(value) && (value.includes('.') || value.startsWith('0') || value.startsWith('-')) ? new Big(value).toFixed() : value
  }
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(ordered)
  return ordered(value)
}

function ordered(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(ordered)
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null && part !== undefined && part !== '').sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => [key, ordered(part)]))
}

/** @returns the value as a mark keeps it: itself, or its digest when it is long */
export function baseOf(field: Pick<ResolvedField, 'type'>, value: unknown): unknown {
  const plain = canonical(field, value)
  const text = typeof plain === 'string' ? plain : JSON.stringify(plain)
  return text.length > longestInMark ? { '#': digest(text) } : plain
}

/** The base of every field that stands in a workbook, nothing left out: a missing one was not in it. */
export function basesOf(form: Pick<ResolvedForm, 'fields'>, values: Values): Record<string, unknown> {
  const bases: Record<string, unknown> = {}
  for (const field of form.fields) if (field.kind !== 'computed' && field.type !== 'file') bases[field.code] = baseOf(field, values[field.code])
  return bases
}

export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  return JSON.stringify(a) === JSON.stringify(b)
}

/** @returns whether a value is the one that the mark speaks of */
export function isBase(field: Pick<ResolvedField, 'type'>, base: unknown, value: unknown): boolean {
  if (typeof base !== 'object' || base === null) return base === canonical(field, value)
  return same(ordered(base), baseOf(field, value))
}

/** A digest of 53 bits (cyrb53): it tells a changed text from an unchanged one and guards nothing. */
function digest(text: string): string {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36)
}
