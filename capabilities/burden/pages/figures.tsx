import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { lastPeriods, periodOf, periodText as periodCode } from '../../../rules/period.ts'
import { languageNow } from '../../../web/i18n.ts'
import { useQueryPart } from '../../../web/shell/address.ts'
import { dateText, periodText } from '../../../web/ui/date-text.ts'
import { Select } from '../../../web/ui/inputs.tsx'
import { Figure, StateTag } from '../../../web/ui/marks.tsx'
import { Note } from '../../../web/ui/notes.tsx'
import type { Sums, VisitHint } from '../burden.contract.ts'
import type { Weights } from '../meter.ts'
import './burden.css'

/** The month that the address names, this one by default. @returns the month and a list to choose from the last thirteen */
export function useMonth(): [string, React.ReactNode] {
  const { t } = useTranslation('burden')
  const [months] = useState(() => lastPeriods(periodOf(todayIn(Date.now()), 'month'), 13).map(periodCode).reverse())
  const [month, setMonth] = useQueryPart('month', months[0])
  const chooser = <Select aria-label={t('month')} value={month} onChange={setMonth} options={months.map((one) => ({ value: one, label: periodText(one, languageNow()) }))} />
  return [month, chooser]
}

/** The figures of a month, large, with the words below each. */
export function BurdenFigures({ sums, weights, tasks }: { sums: Sums; weights: Weights; tasks?: number }) {
  const { t } = useTranslation('burden')
  const figures: [string, number, string?][] = [
    ['typed', sums.typed, t('ofAsked', { count: sums.asked })],
    ['minutes', Math.round(sums.minutes)],
    ['forms', sums.forms, t('answered', { count: sums.answered })],
    ['meetings', sums.meetings],
    ['visits', sums.visits],
    ['documents', sums.documents],
    ...(tasks === undefined ? [] : [['tasks', tasks] as [string, number]]),
  ]
  return (
    <>
      <dl className="burden-figures">
        {figures.map(([key, value, more]) => (
          <div key={key}>
            <dt>{t(`figure.${key}`)}</dt>
            <dd><Figure value={value} />{more && <span className="faint">{more}</span>}</dd>
          </div>
        ))}
      </dl>
      <p className="soft">
        {t('formula', { typed: sums.typed, meetings: sums.meetings, visits: sums.visits, documents: sums.documents, wm: weights.meetingWeight, wi: weights.visitWeight, wd: weights.documentWeight })} <strong className="number">{sums.burden}</strong>
        {sums.ahead > 0 && <span className="faint"> {t('ahead', { count: sums.ahead })}</span>}
      </p>
    </>
  )
}

const tones = { free: 'good', near: 'warn', passed: 'bad', none: 'plain' } as const
/** How a cap stands, in words. */
export function CapTag({ state }: { state: keyof typeof tones }) {
  const { t } = useTranslation('burden')
  return <StateTag tone={tones[state]}>{t(`cap.${state}`)}</StateTag>
}

/** Visits that should be one; nothing when there are none. */
export function VisitsHint({ hint, own = false }: { hint: VisitHint; own?: boolean }) {
  const { t } = useTranslation('burden')
  if (hint.units === 0) return null
  return (
    <Note tone="warn">
      <p>{own ? t('visits.own', { days: hint.days }) : t('visits.registrar', { days: hint.days, count: hint.units })}</p>
      <ul>{hint.first.map((one, at) => <li key={at}>{t('visits.line', { on: dateText(one.on, languageNow()), title: one.other, issuer: one.issuerName, unit: one.name })}</li>)}</ul>
    </Note>
  )
}
