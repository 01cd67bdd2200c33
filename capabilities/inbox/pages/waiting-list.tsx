import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { pickWords } from '../../../web/i18n.ts'
import { DateText, Light, PeriodText, StateTag } from '../../../web/ui/marks.tsx'
import type { Waiting } from '../inbox.contract.ts'

const officerPages = {
  objection: { to: '/burden/objections', search: { view: 'open' } },
  suggestion: { to: '/burden/suggestions', search: { view: 'open' } },
  approve: { to: '/burden/register', search: { state: 'review' } },
}

/** Where one presses to do it: the return, the queue, the task. */
function placeOf(one: Waiting): { to: string; search?: Record<string, string> } {
  if (one.kind === 'check') return { to: '/queue', search: { form: one.form!, period: one.period! } }
  if (one.form && one.period) return { to: `/returns/${one.unit}/${one.form}/${one.period}` }
  if (one.task !== null) return { to: `/tasks/${one.task}` }
  if (one.design !== null) return { to: `/designs/${one.design}` }
  if (one.kind in officerPages) return officerPages[one.kind as keyof typeof officerPages]
  if (one.kind === 'acknowledge') return { to: '/promises/matters', search: { state: 'reported' } }
  return { to: '/tasks', search: { only: one.kind === 'verify' ? 'toCheck' : 'open' } }
}

/** What waits, each as one line to press; nearest deadline first. */
export function WaitingList({ rows }: { rows: readonly Waiting[] }) {
  const { t } = useTranslation('inbox')
  return (
    <ul className="waiting">
      {rows.map((one, at) => {
        const { to, search } = placeOf(one)
        return (
          <li key={at}>
            <Link to={to} search={search as never} className="waiting-line">
              <span className="waiting-what">
                <StateTag tone={one.kind === 'redo' ? 'warn' : 'plain'}>{t(`kind.${one.kind}`)}</StateTag>
                <strong>{one.titleWords ? pickWords(one.titleWords) : one.title}</strong>
                {one.count > 1 && <span className="number">{t('count', { count: one.count })}</span>}
                {one.draft && <StateTag tone="busy">{t('begun')}</StateTag>}
              </span>
              <span className="waiting-where soft">
                {one.unitName}
                {one.period && <> · <PeriodText period={one.period} /></>}
                {one.minutes !== null && <> · {t('minutes', { minutes: one.minutes })}</>}
              </span>
              <span className="waiting-due">
                {one.due && <Light light={one.light === 'done' ? 'none' : one.light} text={<><DateText date={one.due} /> {one.light === 'red' ? t('overdue') : one.workingDaysLeft !== null ? t('daysLeft', { count: one.workingDaysLeft }) : ''}</>} />}
              </span>
            </Link>
          </li>
        )
      })}
    </ul>
  )
}
