import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { DateText, StateTag } from '../../../web/ui/marks.tsx'

/** Alarm for the unit above: posts whose holder is away and for which nobody is there. Not shown when all are covered. */
export default function UncoveredCard() {
  const { t } = useTranslation('access')
  const { data } = useQuery(q.access.uncovered.queryOptions({ input: { limit: 5 } }))
  if (!data || data.total === 0) return null
  return (
    <section className="panel">
      <h2>{t('absence.alarm')} <StateTag tone="bad">{data.total}</StateTag></h2>
      <ul className="stack plain-list">
        {data.rows.map((row) => (
          <li key={`${row.post}-${row.from}`}>
            <strong>{row.unitName} · {row.title}</strong>
            <p className="soft">{t(`absence.why.${row.why}`, { holder: row.holder, deputy: row.deputy ?? '' })} <DateText date={row.from} /> – <DateText date={row.to} /></p>
          </li>
        ))}
      </ul>
      {data.total > data.rows.length && <p className="faint">{t('absence.more', { more: data.total - data.rows.length })}</p>}
    </section>
  )
}
