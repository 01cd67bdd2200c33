import { useTranslation } from 'react-i18next'
import { groupDigits, isShortened, movePoint, roundDecimal, shortFigure } from '../../../web/ui/figure-text.ts'
import { languageNow } from '../../../web/i18n.ts'
import { StateTag } from '../../../web/ui/marks.tsx'
import type { Figure } from '../indicators.contract.ts'

/** How an indicator's values are written. */
export type Shown = { shown: 'number' | 'money' | 'percent'; precision: number; unit?: string | null | undefined }

/** @returns the value as people read it, and the exact one: percent × 100, money in yuan, large figures in 万/亿 */
export function figureWords({ shown, precision, unit }: Shown, value: string, yuan: string): { text: string; exact: string } {
  if (shown === 'percent') return { text: `${roundDecimal(movePoint(value, 2), precision)}%`, exact: `${movePoint(value, 2)}%` }
  const plain = shown === 'money' ? movePoint(value, -2) : value
  const behind = shown === 'money' ? yuan : (unit ?? '')
  const rounded = roundDecimal(plain, shown === 'money' ? 2 : precision)
  return { text: `${isShortened(rounded) ? shortFigure(rounded, languageNow()) : groupDigits(rounded)}${behind ? ` ${behind}` : ''}`, exact: `${groupDigits(plain)}${behind ? ` ${behind}` : ''}` }
}

/** A value with the exact one on hover; what is missing says why, and is never a zero. */
export function ValueOf({ of, value, why }: { of: Shown; value: string | null; why?: Figure['why'] }) {
  const { t } = useTranslation('indicators')
  if (value === null) return <span className="faint">{why ? t(`why.${why}`) : '—'}</span>
  const { text, exact } = figureWords(of, value, t('yuan'))
  return <span className="number" title={exact}>{text}</span>
}

/** “Reported n of N”, marked when it is partial. */
export function Coverage({ figure }: { figure: Pick<Figure, 'reported' | 'expected'> }) {
  const { t } = useTranslation('indicators')
  if (figure.expected === 0) return <span className="faint">{t('notAsked')}</span>
  const words = t('reported', { reported: groupDigits(String(figure.reported)), expected: groupDigits(String(figure.expected)) })
  return figure.reported < figure.expected ? <StateTag tone="warn">{words}</StateTag> : <span className="faint number">{words}</span>
}

/** A relative change or an attainment as a percentage with its sign. */
export function Percent({ value, sign = false }: { value: string | null; sign?: boolean }) {
  if (value === null) return <span className="faint">—</span>
  const text = roundDecimal(movePoint(value, 2), 1)
  return <span className="number">{sign && !text.startsWith('-') && text !== '0' ? '+' : ''}{text}%</span>
}
