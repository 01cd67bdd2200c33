import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { languageNow } from '../i18n.ts'
import { dateText, momentText, periodText } from './date-text.ts'
import { groupDigits, isDecimal, isShortened, shortFigure } from './figure-text.ts'
import { toast } from './toast.tsx'

const shapes = {
  red: <path d="M5 0h6l5 5v6l-5 5H5l-5-5V5z" />,
  yellow: <path d="M8 1l8 14H0z" />,
  green: <circle cx="8" cy="8" r="7" />,
  none: <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" />,
}

/** Red, yellow or green: told by its shape and its words as well as by colour. */
export function Light({ light, text }: { light: 'red' | 'yellow' | 'green' | 'none'; text?: ReactNode }) {
  const { t } = useTranslation('ui')
  return (
    <span className={`light ${light}`}>
      <svg width="12" height="12" viewBox="0 0 16 16" fill="currentColor" aria-hidden="true">{shapes[light]}</svg>
      <span>{text ?? t(`light.${light}`)}</span>
    </span>
  )
}

/** A state in words. `busy`: under way; `good`: done; `warn`: needs attention; `bad`: refused or overdue. */
export function StateTag({ tone = 'plain', children }: { tone?: 'plain' | 'busy' | 'good' | 'warn' | 'bad'; children: ReactNode }) {
  return <span className={`tag ${tone}`}>{children}</span>
}

/**
 * A figure as decimal text: short in 万/亿 with the exact value on hover and focus, which a press copies. Missing is
 * “—”, never zero. `hedge` keeps the “about” of the source; `exact` never shortens.
 */
export function Figure({ value, unit, hedge = 'exact', exact = false }: {
  value: string | number | null | undefined
  unit?: string
  hedge?: 'exact' | 'about' | 'atLeast' | 'lessThan' | 'nearly'
  exact?: boolean
}) {
  const { t } = useTranslation('ui')
  if (value === null || value === undefined || value === '') return <span className="faint" title={t('noFigure')}>—</span>
  const text = String(value)
  const behind = unit && <span className="figure-unit">{unit}</span>
  const hedged = (figure: string) => (hedge === 'exact' ? figure : t(`hedge.${hedge}`, { figure }))
  if (!isDecimal(text)) return <span className="number">{text}{behind}</span>
  const whole = groupDigits(text)
  if (exact || !isShortened(text)) return <span className="number">{hedged(whole)}{behind}</span>
  const said = t('exactFigure', { figure: `${whole}${unit ? ` ${unit}` : ''}` })
  return (
    <button type="button" className="figure number" title={said} onClick={() => void copy(text, t('copied', { text: whole }))}>
      {hedged(shortFigure(text, languageNow()))}{behind}
      <span className="sr-only">{said}</span>
    </button>
  )
}

async function copy(text: string, said: string): Promise<void> {
  // Over plain http browsers offer no clipboard: the exact value is then shown instead.
  const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false)
  toast(copied ? said : text)
}

/** 2018年6月29日 */
export function DateText({ date }: { date: string | null | undefined }) {
  if (!date) return <span className="faint">—</span>
  return <time dateTime={date} className="number">{dateText(date, languageNow())}</time>
}

/** 2018年6月29日 14:05, the time of China */
export function Moment({ at }: { at: string | null | undefined }) {
  if (!at) return <span className="faint">—</span>
  return <time dateTime={at} className="number">{momentText(at, languageNow())}</time>
}

/** 2018年第2季度 */
export function PeriodText({ period }: { period: string }) {
  return <span className="number">{periodText(period, languageNow())}</span>
}

/** How many of how many, as a bar and in words. */
export function ProgressBar({ done, of, label }: { done: number; of: number; label?: string }) {
  const { t } = useTranslation('ui')
  const words = t('doneOf', { done, of })
  return (
    <div className="progress">
      <div className="words"><span>{label}</span><span className="number">{words}</span></div>
      <div className="track" role="progressbar" aria-label={label ?? words} aria-valuenow={done} aria-valuemin={0} aria-valuemax={of} aria-valuetext={words}>
        <div className="bar" style={{ width: `${of > 0 ? Math.min(100, (done / of) * 100) : 0}%` }} />
      </div>
    </div>
  )
}

/** A figure for dense tables: short, the exact value on hover, and no stop of the Tab key. */
export function DenseFigure({ value }: { value: string | null | undefined }) {
  if (!value || !isDecimal(value)) return <span className="faint">—</span>
  return <span className="number" title={groupDigits(value)}>{shortFigure(value, languageNow())}</span>
}
