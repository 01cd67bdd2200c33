import type { ResolvedField, ResolvedForm, Words } from '../ledgers/form-definition.ts'

export type FieldChange = { field: string; name: Words; why: 'type' | 'unit' | 'choices' | 'columns' }
export type VersionMap = {
  /** Codes of the fields that are read. */
  fields: string[]
  added: { field: string; name: Words }[]
  removed: { field: string; name: Words }[]
  /** Same code, another meaning: with one of these nothing is read. */
  changed: FieldChange[]
}

/**
 * Compares the version that a workbook was made for with the version that is asked now. A field is the same when its
 * code, type and unit are; choices and columns may only have grown. Fields that came or went do not stop the others.
 */
export function mapVersion(from: Pick<ResolvedForm, 'fields'>, to: Pick<ResolvedForm, 'fields'>): VersionMap {
  const asked = (form: Pick<ResolvedForm, 'fields'>) => form.fields.filter((field) => field.kind === 'asks' && field.type !== 'file')
  const before = new Map(asked(from).map((field) => [field.code, field]))
  const map: VersionMap = { fields: [], added: [], removed: [], changed: [] }
  for (const field of asked(to)) {
    const old = before.get(field.code)
    before.delete(field.code)
    if (!old) map.added.push({ field: field.code, name: field.name })
    else {
      const why = differs(old, field)
      if (why) map.changed.push({ field: field.code, name: field.name, why })
      else map.fields.push(field.code)
    }
  }
  map.removed = [...before.values()].map(({ code, name }) => ({ field: code, name }))
  return map
}

function differs(old: ResolvedField, field: ResolvedField): FieldChange['why'] | undefined {
  if (old.type !== field.type || old.item !== field.item) return 'type'
  if (old.unit !== field.unit) return 'unit'
  if (!grew(old.choices, field.choices)) return 'choices'
  const columns = new Map((field.columns ?? []).map((column) => [column.code, column]))
  const fits = (old.columns ?? []).every((column) => {
    const now = columns.get(column.code)
    return now && now.type === column.type && now.unit === column.unit && grew(column.choices, now.choices)
  })
  return fits ? undefined : 'columns'
}

type Choices = readonly { value: string }[] | null | undefined
/** @returns whether every choice of before is still one */
const grew = (before: Choices, after: Choices) => (before ?? []).every(({ value }) => after?.some((choice) => choice.value === value))
