import type { DataItemDefinition, FieldDefinition, FormDefinition, ResolvedField, ResolvedForm } from './form-definition.ts'

/** @returns the form with its items' types and words merged in, as its `version`. Every item named must be in `items`. */
export function resolveForm(form: FormDefinition, items: ReadonlyMap<string, DataItemDefinition>, version: number): ResolvedForm {
  return {
    code: form.code,
    version,
    name: form.name,
    purpose: form.purpose ?? null,
    audience: form.audience,
    cycle: form.cycle,
    minutes: form.minutes,
    sections: form.sections.map((section) => section.name),
    checks: form.checks,
    fields: form.sections.flatMap((section, at) => section.fields.map((field) => resolveField(field, at, items))),
  }
}

function resolveField(field: FieldDefinition, section: number, items: ReadonlyMap<string, DataItemDefinition>): ResolvedField {
  const code = field.asks ?? field.shows
  const item = code === undefined ? undefined : items.get(code)
  if (code !== undefined && !item) throw new Error(`data item ${code} is not known; the pack check must come first`)
  return {
    code: field.code,
    item: code ?? null,
    kind: field.asks ? 'asks' : field.shows ? 'shows' : 'computed',
    name: field.name ?? item?.name ?? { zh: field.code, en: field.code },
    definition: item?.definition ?? null,
    help: field.help ?? null,
    type: item?.type ?? field.type ?? 'number',
    unit: item?.unit ?? field.unit ?? null,
    precision: item?.precision ?? field.precision ?? 0,
    hedged: item?.hedged ?? false,
    required: field.asks !== undefined && field.required,
    min: field.min ?? null,
    max: field.max ?? null,
    choices: item?.choices ?? null,
    columns: item?.columns ?? null,
    computed: field.computed ?? null,
    section,
  }
}
