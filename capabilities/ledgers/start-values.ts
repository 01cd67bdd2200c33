import type { ResolvedForm } from './form-definition.ts'
import type { Values } from './ledgers.contract.ts'

/** What is known about a return: what was typed, submitted, reported last time, and what other forms hold. */
export type Known = { draft: Values | null; record: Values | null; last: Values | null; held: Values }

/** @returns the values that filling starts with: the draft, else the record, else what was reported last time; held ones always */
export function startValues(form: Pick<ResolvedForm, 'fields'>, { draft, record, last, held }: Known): Values {
  const started = draft ?? record
  if (started) return { ...started, ...held }
  const values: Values = {}
  for (const field of form.fields) {
    const value = field.kind === 'asks' && field.type !== 'file' ? last?.[field.code] : undefined
    if (value !== undefined) values[field.code] = value
  }
  return { ...values, ...held }
}
