import i18next from 'i18next'
import { formatDecimal } from '../../../rules/decimal.ts'
import { languageNow } from '../../../web/i18n.ts'
import { isDecimal, movePoint } from '../../../web/ui/figure-text.ts'

/** @returns the value of a formula as people write it: money in yuan, yes or no in words */
export function figureText(value: unknown, type: string, unit?: string): string {
  if (typeof value === 'boolean') return i18next.t(value ? 'ui:yes' : 'ui:no')
  if (typeof value !== 'string' || !isDecimal(value)) return String(value)
  if (type === 'money') return `${formatDecimal(movePoint(value, -2), { places: 2, locale: languageNow() })} ${i18next.t('ui:yuan')}`
  const plain = /\.\d{5,}/.test(value) ? formatDecimal(value, { places: 4, locale: languageNow() }) : formatDecimal(value, { locale: languageNow() })
  return unit ? `${plain} ${unit}` : plain
}
