import { z } from 'zod'
import type { Finding } from '../../rules/problem.ts'
import type { Applied, PackPart } from '../../server/pack.ts'
import { checkForm } from './check-form.ts'
import { DataItemDefinition, FormDefinition } from './form-definition.ts'
import { itemsNamed, redLines, registerForm } from './forms.server.ts'
import { formSentences, itemSentences } from './form-sentences.ts'
import { itemsByCode, ownersOf, saveItem } from './ledgers.sql.ts'

/** Data items of a pack (C2): what is known about a unit, each with its definition and unit of measure. */
export const dataItemsPart: PackPart<DataItemDefinition[]> = {
  name: 'dataItems',
  schema: z.array(DataItemDefinition),
  sentences: itemSentences,
  check: (items) => [
    ...redLines(undefined, items).map((finding) => ({ ...finding, path: finding.path.replace(/^items\./, '') })),
    ...items.flatMap((item, at): Finding[] => [
      ...(item.type === 'choice' && !item.choices?.length ? [{ code: 'choices-missing', path: String(at), facts: { item: item.code } }] : []),
      ...(item.type === 'table' && !item.columns?.length ? [{ code: 'columns-missing', path: String(at), facts: { item: item.code } }] : []),
      ...(item.type === 'number' && !item.unit ? [{ code: 'unit-of-measure-missing', path: String(at), facts: { item: item.code } }] : []),
    ]),
  ],
  async apply(tx, items, { pack }) {
    const applied: Applied = { added: [], changed: [], removed: [], same: 0 }
    for (const item of items) {
      const outcome = await saveItem(tx, item, pack)
      if (outcome === 'same') applied.same++
      else applied[outcome].push(item.code)
    }
    return applied
  },
}

/** Forms of a pack. A form without the burden officer's approval is kept as a draft and cannot be issued. */
export const formsPart: PackPart<FormDefinition[]> = {
  name: 'forms',
  schema: z.array(FormDefinition),
  sentences: formSentences,
  async check(forms, { tx, sections }) {
    const codes = forms.flatMap(itemsNamed)
    const items = new Map<string, DataItemDefinition>(await itemsByCode(tx, codes))
    for (const item of (sections.dataItems ?? []) as DataItemDefinition[]) items.set(item.code, item)
    const owners = await ownersOf(tx, codes)
    // Within the pack the first form that asks an item owns it; a form of the pack may hand an item on to another.
    const inPack = new Set(forms.map((form) => form.code))
    for (const [item, owner] of owners) if (inPack.has(owner.form)) owners.delete(item)
    return forms.flatMap((form, at) => {
      const findings = [...redLines(form, []), ...checkForm(form, items, owners)]
      for (const field of form.sections.flatMap((section) => section.fields)) {
        if (field.asks && !owners.has(field.asks)) owners.set(field.asks, { form: form.code, name: form.name.zh })
      }
      return findings.map((finding) => ({ ...finding, path: `${at}.${finding.path}` }))
    })
  },
  async apply(tx, forms, { pack, by }) {
    const applied: Applied = { added: [], changed: [], removed: [], same: 0 }
    for (const form of forms) {
      const { outcome } = await registerForm(tx, form, [], { state: form.approval ? 'registered' : 'draft', by: by ?? null, pack, approval: form.approval })
      if (outcome === 'same') applied.same++
      else applied[outcome].push(form.code)
    }
    return applied
  },
}
