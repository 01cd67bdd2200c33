import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { StateTag } from '../../../web/ui/marks.tsx'
import type { FormChange } from '../designs.contract.ts'

const tones = { free: 'good', near: 'warn', passed: 'bad', none: 'plain' } as const

/** How the burden caps would stand with this form issued this month: it warns near a cap, and stops where the form alone is above it. */
export function DesignCaps({ caps }: { caps: FormChange['caps'] }) {
  const { t } = useTranslation('designs')
  const classes = useQuery(q.units.classes.queryOptions({ staleTime: 600_000 }))
  const className = (code: string | null) => {
    const found = classes.data?.find((one) => one.code === code)
    return found ? pickWords(found.name) : (code ?? '')
  }
  return (
    <ul className="plain-list stack caps">
      {caps.map((cap) => (
        <li key={`${cap.cap}${cap.class}`}>
          <StateTag tone={cap.alone ? 'bad' : tones[cap.state]}>{t(cap.alone ? 'caps.stops' : `caps.${cap.state}`)}</StateTag>{' '}
          {cap.cap === 'formsYear'
            ? cap.most === null ? t('caps.noLastYear', { now: cap.now }) : t('caps.formsYear', { now: cap.now, most: cap.most })
            : t('caps.fieldsMonth', { class: className(cap.class), now: cap.now, most: cap.most })}
          {cap.units > 0 && cap.first && <span className="faint"> {t('caps.above', { count: cap.units, first: cap.first })}</span>}
        </li>
      ))}
    </ul>
  )
}
