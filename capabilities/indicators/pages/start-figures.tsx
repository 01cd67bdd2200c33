import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { languageNow, pickWords } from '../../../web/i18n.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { periodText } from '../../../web/ui/date-text.ts'
import { ButtonLink } from '../../../web/ui/button.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { Coverage, ValueOf } from './figure-view.tsx'
import './indicators.css'

/** The start page's figures: those of my unit that have reports in the latest period. */
export default function StartFigures() {
  const { t } = useTranslation('indicators')
  const unit = myUnits(useMe(), 'indicator.read')[0]
  const latest = useQuery({ ...q.indicators.latestPeriod.queryOptions({ input: { unit: unit?.id ?? 0 } }), enabled: unit !== undefined })
  const period = latest.data?.period
  const overview = useQuery({ ...q.indicators.overview.queryOptions({ input: { unit: unit?.id ?? 0, period: period ?? '2018' } }), enabled: unit !== undefined && period !== undefined })
  if (!unit) return null
  return (
    <Panel title={t('start.title', { unit: unit.name, period: period ? periodText(period, languageNow()) : '' })} actions={<ButtonLink small to="/indicators">{t('start.all')}</ButtonLink>}>
      <Loaded query={overview}>
        {({ rows }) => {
          const known = rows.filter((row) => row.judged.figure.value !== null).slice(0, 6)
          if (known.length === 0) return <Empty title={t('start.none')} />
          return (
            <ul className="figures">
              {known.map((row) => (
                <li key={row.indicator}>
                  <Link to={`/indicators/${row.indicator}`} search={{ unit: String(unit.id), period } as never}>{pickWords(row.name)}</Link>
                  <span className="big"><ValueOf of={row} value={row.judged.figure.value} /></span>
                  <Coverage figure={row.judged.figure} />
                </li>
              ))}
            </ul>
          )
        }}
      </Loaded>
    </Panel>
  )
}
