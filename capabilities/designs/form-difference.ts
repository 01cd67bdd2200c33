import type { CheckDefinition, ResolvedField, ResolvedForm } from '../ledgers/form-definition.ts'

/** One thing that is told of a field, a check or the form itself, before and after; null where there is nothing. */
export type Leaf = { what: string; from: unknown; to: unknown }
export type FieldChange = { code: string; name: { zh: string; en: string }; change: 'added' | 'removed' | 'changed'; leaves: Leaf[] }
export type FormDifference = {
  head: Leaf[]
  fields: FieldChange[]
  checks: { code: string; change: 'added' | 'removed' | 'changed'; leaves: Leaf[] }[]
  /** Fields stand in another order. */
  moved: boolean
  same: boolean
}

const headParts = ['name', 'purpose', 'audience', 'cycle', 'minutes', 'sections'] as const
const fieldParts = ['name', 'kind', 'item', 'type', 'unit', 'required', 'min', 'max', 'precision', 'hedged', 'help', 'definition', 'choices', 'columns', 'computed'] as const
const checkParts = ['holds', 'level', 'message', 'fields'] as const

/** What becomes different for those who fill the form in, field by field. Fields are told apart by their codes. */
export function formDifference(before: ResolvedForm, after: ResolvedForm): FormDifference {
  const head = leavesOf(before, after, headParts)
  const fields = changesOf<ResolvedField>(before.fields, after.fields, fieldParts).map((change) => ({
    ...change,
    name: (after.fields.find((field) => field.code === change.code) ?? before.fields.find((field) => field.code === change.code))!.name,
  }))
  const checks = changesOf<CheckDefinition>(before.checks, after.checks, checkParts)
  const both = (form: ResolvedForm, other: ResolvedForm) => form.fields.map((field) => field.code).filter((code) => other.fields.some((field) => field.code === code))
  const moved = both(before, after).join() !== both(after, before).join()
  return { head, fields, checks, moved, same: head.length + fields.length + checks.length === 0 && !moved }
}

function changesOf<Thing extends { code: string }>(before: readonly Thing[], after: readonly Thing[], parts: readonly (keyof Thing & string)[]) {
  const [was, is] = [new Map(before.map((one) => [one.code, one])), new Map(after.map((one) => [one.code, one]))]
  const added = after.filter((one) => !was.has(one.code)).map((one) => ({ code: one.code, change: 'added' as const, leaves: [] as Leaf[] }))
  const removed = before.filter((one) => !is.has(one.code)).map((one) => ({ code: one.code, change: 'removed' as const, leaves: [] as Leaf[] }))
  const changed = after.flatMap((one) => {
    const leaves = was.has(one.code) ? leavesOf(was.get(one.code)!, one, parts) : []
    return leaves.length > 0 ? [{ code: one.code, change: 'changed' as const, leaves }] : []
  })
  return [...added, ...changed, ...removed]
}

function leavesOf<Thing>(before: Thing, after: Thing, parts: readonly (keyof Thing & string)[]): Leaf[] {
  return parts.filter((part) => text(before[part]) !== text(after[part])).map((part) => ({ what: part, from: before[part] ?? null, to: after[part] ?? null }))
}

/** jsonb keeps no order of keys. */
function text(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(text).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null)
  return `{${Object.entries(value).filter(([, part]) => part !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => `${key}:${text(part)}`).join()}}`
}
