import { forbiddenIn } from '../../rules/forbidden-words.ts'
import { Problem, type Finding } from '../../rules/problem.ts'
import type { Tx } from '../../server/db.ts'
import { checkForm } from './check-form.ts'
import { resolveForm, type DataItemDefinition, type FormDefinition, type ResolvedForm } from './form-definition.ts'
import { formNow, itemsByCode, ownersOf, saveForm, saveItem, type Registration } from './ledgers.sql.ts'

/** @returns red-line words in anything a person would read or a program would name in a form or its items */
export function redLines(form: FormDefinition | undefined, items: readonly DataItemDefinition[]): Finding[] {
  const findings: Finding[] = []
  const look = (path: string, text: string | undefined) => {
    for (const word of text ? forbiddenIn(text) : []) findings.push({ code: 'red-line', path, facts: { word: word.word, text } })
  }
  items.forEach((item, at) => {
    for (const text of [item.code, item.name.zh, item.name.en, item.definition.zh, item.definition.en]) look(`items.${at}`, text)
    for (const column of item.columns ?? []) for (const text of [column.code, column.name.zh, column.name.en]) look(`items.${at}.columns`, text)
    for (const choice of item.choices ?? []) for (const text of [choice.name.zh, choice.name.en]) look(`items.${at}.choices`, text)
  })
  if (form) {
    for (const text of [form.name.zh, form.name.en, form.purpose?.zh, form.purpose?.en]) look('name', text)
    form.sections.forEach((section, s) => {
      for (const text of [section.name.zh, section.name.en]) look(`sections.${s}`, text)
      section.fields.forEach((field, f) => {
        for (const text of [field.code, field.name?.zh, field.name?.en, field.help?.zh, field.help?.en]) look(`sections.${s}.fields.${f}`, text)
      })
    })
  }
  return findings
}

/** @returns the item codes that a form names */
export function itemsNamed(form: FormDefinition): string[] {
  return form.sections.flatMap((section) => section.fields.map((field) => field.asks ?? field.shows)).filter((code) => code !== undefined)
}

export type Registered = { form: ResolvedForm; outcome: 'added' | 'changed' | 'same' }

/**
 * Registers a form and the items it brings (C2, F-15). A form that is asked differently gets the next version; the
 * records keep the version they were filled in.
 * Throws Problem `item-already-asked` (names the first asker) or `form-invalid` (all findings).
 */
export async function registerForm(
  tx: Tx,
  definition: FormDefinition,
  newItems: readonly DataItemDefinition[],
  to: Registration,
): Promise<Registered> {
  const codes = itemsNamed(definition)
  const items = new Map<string, DataItemDefinition>(await itemsByCode(tx, codes))
  for (const item of newItems) items.set(item.code, item)
  const findings = [...redLines(definition, newItems), ...checkForm(definition, items, await ownersOf(tx, codes))]
  const taken = findings.find((finding) => finding.code === 'item-already-asked')
  if (taken) throw new Problem('item-already-asked', { field: taken.path, facts: taken.facts ?? {}, findings })
  if (findings.length > 0) throw new Problem('form-invalid', { field: findings[0]?.path, findings })
  for (const item of newItems) await saveItem(tx, item, to.pack)
  const before = await formNow(tx, definition.code)
  const same = before && JSON.stringify(sorted(before.definition)) === JSON.stringify(sorted(resolveForm(definition, items, before.version)))
  const form = resolveForm(definition, items, before ? before.version + (same ? 0 : 1) : 1)
  // Registered again as it is, by hand, a form keeps the yes that it has.
  const kept = same && to.state === 'review' ? { state: before.state, approval: before.approval ?? undefined } : {}
  await saveForm(tx, form, { ...to, ...kept, expires: definition.expires })
  return { form, outcome: !before ? 'added' : same ? 'same' : 'changed' }
}

/** jsonb does not keep the order of keys; two definitions are compared with their keys in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, part]) => part !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  )
}
