import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Select } from '../../../web/ui/inputs.tsx'
import { Figure } from '../../../web/ui/marks.tsx'
import { Empty, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Table } from '../../../web/ui/table.tsx'
import type { Below as BelowData } from '../burden.contract.ts'
import type { Weights } from '../meter.ts'
import { BurdenFigures, useMonth } from './figures.tsx'

/** How the burden lies over the units below: bands and sums, never a ranking. */
export default function Below() {
  const { t } = useTranslation('burden')
  const me = useMe()
  const [parts, setParts] = useQueryParts()
  const [month, chooser] = useMonth()
  const rules = useQuery(q.burden.rules.queryOptions({ input: {}, staleTime: 600_000 }))
  const unit = Number(parts.unit ?? myUnits(me, 'list.read')[0]?.id)
  const below = useQuery(q.burden.below.queryOptions({ input: { unit, month, ...(parts.class ? { class: parts.class } : {}) } }))
  return (
    <Page title={t('below.title')} lead={t('below.lead')}>
      <div className="choosers no-print">
        {chooser}
        {below.data && <Select aria-label={t('below.class')} value={below.data.class} onChange={(cls) => setParts({ class: cls })} options={below.data.classes.map((one) => ({ value: one.code, label: `${pickWords({ zh: one.zh, en: one.en })}（${one.units}）` }))} />}
        {parts.unit && <Button small onClick={() => history.back()}>{t('below.up')}</Button>}
      </div>
      <Loaded query={below}>{(data) => (rules.data ? <Spread data={data} weights={rules.data} go={(id) => setParts({ unit: String(id), class: data.class })} /> : null)}</Loaded>
    </Page>
  )
}

function Spread({ data, weights, go }: { data: BelowData; weights: Weights; go: (unit: number) => void }) {
  const { t } = useTranslation('burden')
  if (data.units === 0) return <Empty title={t('below.nobody')} />
  if (data.suppressed) return <Note>{t('below.suppressed')}</Note>
  const largest = Math.max(...data.bands, 1)
  const bandName = (at: number) => (at === 0 ? t('below.bandFirst', { to: data.edges[0] }) : at === data.edges.length ? t('below.bandLast', { from: data.edges.at(-1) }) : t('below.band', { from: data.edges[at - 1], to: data.edges[at]! - 1 }))
  return (
    <>
      <Panel title={t('below.sums', { unit: data.unitName, count: data.units })}><BurdenFigures sums={data.sums} weights={weights} /></Panel>
      <Panel title={t('below.spread')}>
        <div className="burden-bands" role="list" aria-label={t('below.spread')}>
          {data.bands.map((count, at) => (
            <Fragment key={at}>
              <span className="number" id={`band-${at}`}>{bandName(at)}</span>
              <span className={count === 0 ? 'bar none' : 'bar'} style={{ width: `${(count / largest) * 100}%` }} role="listitem" aria-labelledby={`band-${at} count-${at}`} />
              <span className="number" id={`count-${at}`}>{t('below.units', { count })}</span>
            </Fragment>
          ))}
        </div>
        <dl className="facts">
          <dt>{t('below.median')}</dt><dd><Figure value={data.median} /></dd>
          <dt>{t('below.ninety')}</dt><dd><Figure value={data.ninety} /></dd>
          <dt>{t('below.range')}</dt><dd className="number">{data.least} – {data.most}</dd>
          {data.capMost !== null && <><dt>{t('below.aboveCap', { most: data.capMost })}</dt><dd>{t('below.units', { count: data.aboveCap })}</dd></>}
        </dl>
      </Panel>
      {data.children.length > 0 && (
        <Panel title={t('below.children')}>
          <Table
            caption={t('below.children')} rows={data.children} rowKey={(row) => row.unit}
            columns={[
              { key: 'name', title: t('unit'), main: true, cell: (row) => <Link to="/burden/below" search={{ unit: String(row.unit), class: data.class, month: data.month } as never} onClick={() => go(row.unit)}>{row.name}</Link> },
              { key: 'units', title: t('below.unitsTitle'), num: true, cell: (row) => row.units },
              { key: 'forms', title: t('figure.forms'), num: true, cell: (row) => <Figure value={row.sums?.forms} /> },
              { key: 'asked', title: t('figure.asked'), num: true, cell: (row) => <Figure value={row.sums?.asked} /> },
              { key: 'typed', title: t('figure.typed'), num: true, cell: (row) => <Figure value={row.sums?.typed} /> },
              { key: 'meetings', title: t('figure.meetings'), num: true, cell: (row) => <Figure value={row.sums?.meetings} /> },
              { key: 'visits', title: t('figure.visits'), num: true, cell: (row) => <Figure value={row.sums?.visits} /> },
              { key: 'documents', title: t('figure.documents'), num: true, cell: (row) => <Figure value={row.sums?.documents} /> },
              { key: 'minutes', title: t('figure.minutes'), num: true, cell: (row) => <Figure value={row.sums ? Math.round(row.sums.minutes) : null} /> },
            ]}
          />
        </Panel>
      )}
    </>
  )
}
