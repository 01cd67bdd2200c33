import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { SearchBox } from '../../../web/ui/inputs.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Table } from '../../../web/ui/table.tsx'
import { UnitPicker } from '../../../web/ui/unit-picker.tsx'
import { Coverage, Percent, ValueOf } from './figure-view.tsx'
import { PeriodSelect } from './period-select.tsx'
import './indicators.css'

const pillars = ['organisation', 'foundation', 'ability'] as const

/** All indicators of a unit in a period, by pillar; each figure with how many have reported. */
export default function Overview() {
  const { t } = useTranslation('indicators')
  const [parts, setParts] = useQueryParts()
  const own = myUnits(useMe(), 'indicator.read')[0]
  const unit = Number(parts.unit ?? own?.id ?? 0)
  const latest = useQuery({ ...q.indicators.latestPeriod.queryOptions({ input: { unit } }), enabled: unit > 0 })
  const period = parts.period ?? latest.data?.period
  const overview = useQuery({ ...q.indicators.overview.queryOptions({ input: { unit, period: period ?? '2018', ...(parts.q ? { q: parts.q } : {}) } }), enabled: unit > 0 && period !== undefined })
  if (unit === 0) return <Page title={t('overview.title')}><Empty title={t('overview.noUnit')} /></Page>
  return (
    <Page title={t('overview.title')} lead={t('overview.lead')}>
      <div className="choosers no-print">
        <UnitPicker label={t('unit')} value={{ id: unit, name: overview.data?.unitName ?? own?.name ?? '' }} onChange={(next) => setParts({ unit: next ? String(next.id) : '' })} />
        {period && <PeriodSelect period={period} periods={latest.data?.periods ?? []} onChange={(next) => setParts({ period: next })} />}
        <SearchBox label={t('overview.search')} value={parts.q ?? ''} onChange={(text) => setParts({ q: text })} />
      </div>
      <Loaded query={overview}>
        {({ rows }) => (
          <>
            {rows.length === 0 && <Empty title={t('overview.nothing')}>{t('overview.nothingNext')}</Empty>}
            {pillars.map((pillar) => {
              const mine = rows.filter((row) => row.pillar === pillar)
              if (mine.length === 0) return null
              return (
                <Panel key={pillar} title={t(`pillar.${pillar}`)}>
                  <Table
                    caption={t(`pillar.${pillar}`)} rows={mine} rowKey={(row) => row.indicator}
                    columns={[
                      { key: 'name', title: t('one.title'), main: true, cell: (row) => <Link to={`/indicators/${row.indicator}`} search={{ unit: String(unit), period } as never}>{pickWords(row.name)}</Link> },
                      { key: 'value', title: t('value'), num: true, cell: (row) => <strong><ValueOf of={row} value={row.judged.figure.value} why={row.judged.figure.why} /></strong> },
                      { key: 'coverage', title: t('coverage'), num: true, cell: (row) => <Coverage figure={row.judged.figure} /> },
                      { key: 'target', title: t('target'), num: true, cell: (row) => <ValueOf of={row} value={row.judged.target} /> },
                      { key: 'attainment', title: t('attainment'), num: true, cell: (row) => <Percent value={row.judged.attainment} /> },
                      { key: 'previous', title: t('previous'), num: true, cell: (row) => <ValueOf of={row} value={row.judged.previous} /> },
                      { key: 'yoy', title: t('yearOnYear'), num: true, cell: (row) => <Percent value={row.judged.yearOnYear} sign /> },
                    ]}
                  />
                </Panel>
              )
            })}
          </>
        )}
      </Loaded>
    </Page>
  )
}
