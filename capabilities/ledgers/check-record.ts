import Big from 'big.js'
import type { Ast, FieldTypes, Value } from '../../rules/formula/ast.ts'
import { evaluate } from '../../rules/formula/evaluate.ts'
import { parseFormula } from '../../rules/formula/parse.ts'
import type { Column, ResolvedField, ResolvedForm } from './form-definition.ts'
import { fieldTypesOf } from './form-fields.ts'
import type { FieldFinding, Values } from './ledgers.contract.ts'

/** What a return is checked against: the former period's values, and what other forms hold (for `shows` fields). */
export type Around = { last: Values | null; held: Values }

/** From this relative change on a figure is pointed out, to the clerk and to the checker; small counts (and sums below 1,000 yuan) swing by nature. */
export const jumpFrom = { share: 0.5, count: 10, money: 100_000 } as const

/**
 * Checks a filled form; runs the same in browser and server. Cleans the values (only known fields, decimals in plain
 * form), takes shown fields from `held`, computes computed fields, then applies the form's checks.
 * @returns the clean values and what was found; errors stop a return, warnings only speak
 */
export function checkRecord(form: ResolvedForm, given: Values, around: Around): { values: Values; findings: FieldFinding[] } {
  const findings: FieldFinding[] = []
  const values: Values = {}
  const fieldTypes = typesOf(form)
  for (const field of form.fields) {
    if (field.kind === 'computed') continue
    const raw = field.kind === 'shows' ? around.held[field.code] : given[field.code]
    const value = cleanField(field, raw, findings)
    if (value !== null) values[field.code] = value
    else if (field.required) findings.push(found(field.code, 'error', 'required'))
  }
  const bad = new Set(findings.filter((finding) => finding.level === 'error').map((finding) => finding.field))
  const seen = formulaValues(values, around.last)
  for (const field of form.fields) {
    if (field.kind !== 'computed' || !field.computed) continue
    const result = evaluate(astOf(field.computed), seen, fieldTypes)
    if (result !== null && typeof result !== 'object') seen[field.code] = plain((values[field.code] = rounded(field, result)))
  }
  for (const check of form.checks) {
    const ast = astOf(check.holds)
    const fields = check.fields ?? fieldsNamed(form, check.holds)
    if (fields.some((field) => bad.has(field))) continue
    if (evaluate(ast, seen, fieldTypes) === false) {
      for (const field of fields) findings.push({ field, level: check.level, code: check.code, message: check.message, facts: {} })
    }
  }
  if (around.last) findings.push(...jumps(form, values, around.last).filter(({ field }) => !bad.has(field)))
  return { values, findings }
}

/** A form is checked thousands of times while a workbook is read: its formulas are parsed, its fields named, once. */
const asts = new Map<string, Ast>()
function astOf(formula: string): Ast {
  const known = asts.get(formula)
  if (known) return known
  // A formula that is being written on a page changes with each key.
  if (asts.size >= 1_000) asts.clear()
  const ast = parseFormula(formula)
  asts.set(formula, ast)
  return ast
}

const types = new WeakMap<ResolvedForm, FieldTypes>()
function typesOf(form: ResolvedForm): FieldTypes {
  const known = types.get(form) ?? fieldTypesOf(form)
  types.set(form, known)
  return known
}

/** @returns figures that changed by half or more since the former period; a base of 0 has no relative change (C3) */
export function jumps(form: ResolvedForm, values: Values, last: Values): FieldFinding[] {
  const findings: FieldFinding[] = []
  for (const field of form.fields) {
    if (field.kind === 'shows' || (field.type !== 'number' && field.type !== 'money')) continue
    const now = plain(values[field.code])
    const before = plain(last[field.code])
    if (typeof now !== 'string' || typeof before !== 'string') continue
    const percent = percentChange(before, now)
    if (percent === null || new Big(percent).abs().lt(jumpFrom.share * 100)) continue
    if (new Big(now).minus(before).abs().lt(field.type === 'money' ? jumpFrom.money : jumpFrom.count)) continue
    findings.push(found(field.code, 'warning', 'jump', { from: before, to: now, percent }))
  }
  return findings
}

/** @returns the relative change in percent with one decimal; null on base 0 */
export function percentChange(from: string, to: string): string | null {
  const base = new Big(from)
  if (base.eq(0)) return null
  return new Big(to).minus(base).div(base.abs()).times(100).round(1).toFixed()
}

/** @returns the fields of the form that a formula names, `last.x` counting as x and `rows.amount` as rows */
function fieldsNamed(form: ResolvedForm, formula: string): string[] {
  const words = new Set(formula.match(/[a-zA-Z][a-zA-Z0-9_]*/g))
  return form.fields.filter((field) => field.kind !== 'computed' && words.has(field.code)).map((field) => field.code)
}

/** Values as formulas see them: hedged figures by their value, the former period under `last.`. */
export function formulaValues(values: Values, last: Values | null): Record<string, Value> {
  const seen: Record<string, Value> = {}
  for (const [code, value] of Object.entries(values)) seen[code] = plain(value)
  for (const [code, value] of Object.entries(last ?? {})) seen[`last.${code}`] = plain(value)
  return seen
}

function plain(value: unknown): Value {
  if (value === undefined || value === null) return null
  if (typeof value === 'object' && !Array.isArray(value)) return 'value' in value ? String(value.value) : null
  return value as Value
}

const found = (field: string, level: 'error' | 'warning', code: string, facts: Record<string, unknown> = {}): FieldFinding => ({
  field,
  level,
  code,
  facts,
})

const rounded = (field: ResolvedField, result: string | boolean): string | boolean =>
  typeof result === 'string' && (field.type === 'number' || field.type === 'money')
    ? new Big(result).round(field.type === 'money' ? 0 : field.precision, Big.roundHalfUp).toFixed()
    : result

/** More files than this belong into a document of their own. */
const mostFiles = 10

const hedges = new Set(['exact', 'about', 'atLeast', 'lessThan', 'nearly'])

/** @returns the value in its one plain form, or null when nothing (or nothing usable) is there */
function cleanField(field: ResolvedField, raw: unknown, findings: FieldFinding[]): unknown {
  if (raw === undefined || raw === null || raw === '') return null
  const wrong = (code: string, facts: Record<string, unknown> = {}) => {
    findings.push(found(field.code, 'error', code, facts))
    return null
  }
  if (field.type === 'table') {
    if (!Array.isArray(raw)) return wrong('not-a-table')
    const rows = raw.map((row, at) => cleanRow(field, row, at, findings)).filter((row) => Object.keys(row).length > 0)
    return rows.length > 0 ? rows : null
  }
  if (field.type === 'file') {
    if (!Array.isArray(raw) || raw.length > mostFiles) return wrong('not-a-file')
    const files = raw.map((one) => one as { id?: unknown; name?: unknown } | null)
    if (files.some((one) => typeof one?.id !== 'string' || !/^[0-9a-f-]{36}$/.test(one.id) || typeof one.name !== 'string')) return wrong('not-a-file')
    return files.length > 0 ? files.map((one) => ({ id: one!.id, name: one!.name })) : null
  }
  if (field.type === 'number' && typeof raw === 'object' && !Array.isArray(raw)) {
    const { value, approx } = raw as { value?: unknown; approx?: unknown }
    if (!field.hedged) return wrong('not-hedged')
    if (typeof approx !== 'string' || !hedges.has(approx)) return wrong('not-a-number')
    const clean = cleanPlain(field, value, wrong)
    return clean === null ? null : approx === 'exact' ? clean : { value: clean, approx }
  }
  return cleanPlain(field, raw, wrong)
}

function cleanRow(field: ResolvedField, raw: unknown, row: number, findings: FieldFinding[]): Record<string, unknown> {
  const given = (typeof raw === 'object' && raw !== null ? raw : {}) as Record<string, unknown>
  const clean: Record<string, unknown> = {}
  const missing: Column[] = []
  for (const column of field.columns ?? []) {
    const wrong = (code: string, facts: Record<string, unknown> = {}) => {
      findings.push({ ...found(field.code, 'error', code, facts), row, column: column.code })
      return null
    }
    const value = given[column.code]
    const cell = value === undefined || value === null || value === '' ? null : cleanPlain({ ...column, min: null, max: null }, value, wrong)
    if (cell !== null) clean[column.code] = cell
    else if (column.required && (value === undefined || value === null || value === '')) missing.push(column)
  }
  // An empty row is no row; a begun one must be complete.
  if (Object.keys(clean).length > 0) {
    for (const column of missing) findings.push({ ...found(field.code, 'error', 'required'), row, column: column.code })
  }
  return clean
}

const wholeFigure = /^(?:0|[1-9]\d{0,14})$/

type PlainKind = Pick<ResolvedField, 'type' | 'precision' | 'min' | 'max'> & { choices?: ResolvedField['choices'] | undefined }
const longestText = 2_000

function cleanPlain(kind: PlainKind, raw: unknown, wrong: (code: string, facts?: Record<string, unknown>) => null): string | boolean | null {
  switch (kind.type) {
    case 'number':
    case 'money': {
      const text = typeof raw === 'number' ? String(raw) : raw
      if (typeof text !== 'string' || !/^-?\d{1,20}(\.\d{1,10})?$/.test(text.trim())) return wrong('not-a-number')
      // Most figures are whole, and a workbook brings hundreds of thousands of them.
      if (wholeFigure.test(text) && kind.max === null && (kind.min === null || kind.min === '0')) return text
      const number = new Big(text.trim())
      const precision = kind.type === 'money' ? 0 : kind.precision
      if (!number.eq(number.round(precision))) return wrong('too-precise', { precision })
      if (kind.min !== null && number.lt(kind.min)) return wrong('too-small', { min: kind.min })
      if (kind.max !== null && number.gt(kind.max)) return wrong('too-big', { max: kind.max })
      return number.toFixed()
    }
    case 'date':
      return typeof raw === 'string' && isDate(raw) ? raw : wrong('not-a-date')
    case 'yesNo':
      return typeof raw === 'boolean' ? raw : wrong('not-yes-or-no')
    case 'choice':
      if (typeof raw !== 'string' || !kind.choices?.some((choice) => choice.value === raw)) return wrong('not-a-choice')
      return raw
    default:
      if (typeof raw !== 'string') return wrong('not-a-text')
      return raw.length > longestText ? wrong('too-long', { limit: longestText }) : raw.trim() || null
  }
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}
