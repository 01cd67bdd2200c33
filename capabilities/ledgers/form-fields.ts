import type { FieldTypes, FieldType } from '../../rules/formula/ast.ts'
import type { ResolvedField, ResolvedForm } from './form-definition.ts'

/**
 * The names and types that formulas of a form may use: its fields, the columns of its tables as `table.column`, and
 * both again under `last.` for the former period. Files cannot be named. A hedged figure takes part with its value.
 */
export function fieldTypesOf(form: Pick<ResolvedForm, 'fields'>): FieldTypes {
  const types: Record<string, FieldType> = {}
  for (const field of form.fields) {
    if (field.type === 'file') continue
    types[field.code] = field.type
    types[`last.${field.code}`] = field.type
    for (const column of field.columns ?? []) types[`${field.code}.${column.code}`] = column.type
  }
  return types
}

/** The names that an aggregate over records may use: no `last.`, no columns. `unitClass` is the class of the unit. */
export function leafTypesOf(form: Pick<ResolvedForm, 'fields'>): FieldTypes {
  const types: Record<string, FieldType> = { unitClass: 'text' }
  for (const field of form.fields) if (field.type !== 'file') types[field.code] = field.type
  for (const field of form.fields) {
    for (const column of field.columns ?? []) types[`${field.code}.${column.code}`] = column.type
  }
  return types
}

/** @returns how many fields one unit types anew, and how many are held already (C2: burden, duplicate share) */
export function fieldsOf(form: Pick<ResolvedForm, 'fields'>): { asked: ResolvedField[]; shown: ResolvedField[] } {
  return {
    asked: form.fields.filter((field) => field.kind === 'asks'),
    shown: form.fields.filter((field) => field.kind === 'shows'),
  }
}
