import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { languageNow } from '../../../web/i18n.ts'
import { periodText } from '../../../web/ui/date-text.ts'
import { movePoint } from '../../../web/ui/figure-text.ts'
import { Loaded, Loading } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { Table } from '../../../web/ui/table.tsx'
import { Coverage, ValueOf, type Shown } from './figure-view.tsx'

const Chart = lazy(() => import('../../../web/desk/chart.tsx'))

/** The figure over the last periods; where nobody reported there is a gap, not a zero. */
export function Trend({ code, unit, period, of, target }: { code: string; unit: number; period: string; of: Shown; target: string | null }) {
  const { t } = useTranslation('indicators')
  const trend = useQuery(q.indicators.trend.queryOptions({ input: { code, unit, period, periods: 13 } }))
  const scale = (value: string | null) => (value === null ? null : Number(of.shown === 'percent' ? movePoint(value, 2) : of.shown === 'money' ? movePoint(value, -2) : value))
  return (
    <Panel>
      <Loaded query={trend}>
        {(points) => (
          <Suspense fallback={<Loading />}>
            <Chart
              title={t('one.trend')}
              height={280}
              option={{
                tooltip: { trigger: 'axis' },
                xAxis: { type: 'category', data: points.map((point) => periodText(point.period, languageNow())) },
                yAxis: { type: 'value', scale: true, axisLabel: { formatter: of.shown === 'percent' ? '{value}%' : '{value}' } },
                series: [
                  {
                    type: 'line', connectNulls: false, symbolSize: 7, data: points.map((point) => scale(point.figure.value)),
                    ...(target === null ? {} : { markLine: { symbol: 'none', label: { formatter: t('target') }, data: [{ yAxis: scale(target) }] } }),
                  },
                ],
              }}
              table={
                <Table
                  caption={t('one.trend')} rows={points} rowKey={(point) => point.period}
                  columns={[
                    { key: 'period', title: t('period'), main: true, cell: (point) => periodText(point.period, languageNow()) },
                    { key: 'value', title: t('value'), num: true, cell: (point) => <ValueOf of={of} value={point.figure.value} why={point.figure.why} /> },
                    { key: 'coverage', title: t('coverage'), num: true, cell: (point) => <Coverage figure={point.figure} /> },
                  ]}
                />
              }
            />
          </Suspense>
        )}
      </Loaded>
    </Panel>
  )
}
