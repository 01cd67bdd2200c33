import type { TFunction } from 'i18next'
import { pickWords } from '../../../web/i18n.ts'
import { isDecimal, movePoint } from '../../../web/ui/figure-text.ts'
import type { Column, ResolvedField, ResolvedForm } from '../form-definition.ts'
import type { Values } from '../ledgers.contract.ts'

type Kind = Pick<ResolvedField, 'type' | 'unit' | 'choices' | 'columns'>

/** @returns a value as plain text, for copying and for a file */
export function valueWords(field: Kind, value: unknown, t: TFunction<'ledgers'>): string {
  if (value === null || value === undefined || value === '') return '—'
  if (field.type === 'money' && typeof value === 'string') return `${isDecimal(value) ? movePoint(value, -2) : value} ${t('yuan')}`
  if (field.type === 'yesNo') return value === true ? t('yes') : t('no')
  if (field.type === 'choice') {
    const choice = field.choices?.find((one) => one.value === value)
    return choice ? pickWords(choice.name) : String(value)
  }
  if (field.type === 'file' && Array.isArray(value)) return (value as { name: string }[]).map((file) => file.name).join(t('ui:semicolon'))
  if (field.type === 'table' && Array.isArray(value)) return (value as Values[]).map((row) => rowWords(field.columns ?? [], row, t)).join('\n  ')
  if (typeof value === 'object') {
    const { value: figure, approx } = value as { value: string; approx: 'about' }
    return `${approx === 'exact' as string ? '' : `${t(`hedge.${approx}`)} `}${figure}${field.unit ? ` ${field.unit}` : ''}`
  }
  return `${String(value)}${field.unit ? ` ${field.unit}` : ''}`
}

const rowWords = (columns: readonly Column[], row: Values, t: TFunction<'ledgers'>) =>
  columns.map((column) => `${pickWords(column.name)}：${valueWords({ ...column, unit: column.unit ?? null, choices: column.choices ?? null, columns: null }, row[column.code], t)}`).join(t('ui:semicolon'))

/** @returns a whole return in plain words, one line for each field */
export function returnWords(form: ResolvedForm, head: string, values: Values, t: TFunction<'ledgers'>): string {
  const lines = form.fields.filter((field) => field.kind === 'asks').map((field) => `${pickWords(field.name)}：${valueWords(field, values[field.code], t)}`)
  return [head, ...lines].join('\n')
}
