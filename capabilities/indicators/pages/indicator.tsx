import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { languageNow, pickWords } from '../../../web/i18n.ts'
import { usePathPart, useQueryParts } from '../../../web/shell/address.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { periodText } from '../../../web/ui/date-text.ts'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { groupDigits, isDecimal, movePoint } from '../../../web/ui/figure-text.ts'
import { NumberInput, SearchBox, Select } from '../../../web/ui/inputs.tsx'
import { Moment, PeriodText, StateTag } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf } from '../../../web/ui/moves.tsx'
import { Empty, Failure, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Paging, Table } from '../../../web/ui/table.tsx'
import { Tabs } from '../../../web/ui/tabs.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { IndicatorDefinition } from '../indicator-definition.ts'
import { BesideFigures } from './beside.tsx'
import { Coverage, Percent, ValueOf } from './figure-view.tsx'
import { PeriodSelect } from './period-select.tsx'
import { TileMap } from './tile-map.tsx'
import { Trend } from './trend.tsx'
import './indicators.css'

const limit = 50

/** One indicator of one unit, opened: value and coverage, trend, the units below, the records it is made of. */
export default function IndicatorPage() {
  const { t } = useTranslation('indicators')
  const code = usePathPart('code')
  const [parts, setParts] = useQueryParts()
  const own = myUnits(useMe(), 'indicator.read')[0]
  const unit = Number(parts.unit ?? own?.id ?? 0)
  const latest = useQuery({ ...q.indicators.latestPeriod.queryOptions({ input: { unit, code } }), enabled: unit > 0 })
  const period = parts.period ?? latest.data?.period ?? ''
  const one = useQuery({ ...q.indicators.one.queryOptions({ input: { code, unit, period } }), enabled: period !== '' })
  if (!one.data) return <Page title={t('one.title')}>{latest.isError ? <Failure problem={latest.error} /> : <Loaded query={one}>{() => null}</Loaded>}</Page>
  const { definition, judged, path, peers, taken, moves, missing } = one.data
  const { figure } = judged
  const go = (changes: Record<string, string>) => setParts({ offset: '', ...changes })
  return (
    <Page
      title={pickWords(definition.name)}
      lead={<><PeriodText period={period} /> · {one.data.unitName}</>}
      crumbs={[{ to: '/indicators', label: t('overview.title') }]}
      actions={<a className="button" href={`/api/indicators/${code}/workbook?unit=${unit}&period=${period}`} download>{t('one.workbook')}</a>}
    >
      <nav className="choosers no-print" aria-label={t('one.path')}>
        {path.map((step, at) => (
          <span key={step.unit}>{at > 0 && ' → '}{step.unit === unit ? <strong>{step.name}</strong> : <Link to={`/indicators/${code}`} search={{ unit: String(step.unit), period } as never}>{step.name}</Link>}</span>
        ))}
        <PeriodSelect period={period} periods={latest.data?.periods ?? []} onChange={(next) => go({ period: next })} />
      </nav>
      <Panel>
        <div className="figure-head">
          <div>
            <p className="big"><ValueOf of={definition} value={figure.value} why={figure.why} /></p>
            <Coverage figure={figure} />
          </div>
          <dl className="facts">
            {definition.den !== undefined && <>
              <dt>{definition.numName ? pickWords(definition.numName) : t('num')}</dt><dd className="number">{figure.num === null ? '—' : definition.shown === 'money' ? `${groupDigits(movePoint(figure.num, -2))} ${t('yuan')}` : groupDigits(figure.num)}</dd>
              <dt>{definition.denName ? pickWords(definition.denName) : t('den')}</dt><dd className="number">{figure.den === null ? '—' : groupDigits(figure.den)}</dd>
            </>}
            <dt>{t('population')}</dt><dd>{pickWords(definition.population)}</dd>
            <dt>{t('target')}</dt><dd className="row"><ValueOf of={definition} value={judged.target} /> {judged.attainment !== null && <>{t('attainment')} <Percent value={judged.attainment} /></>} <SetTarget definition={definition} unit={unit} year={Number(period.slice(0, 4))} target={judged.target} move={moveOf(moves, 'setTarget')} /></dd>
            {definition.benchmark !== undefined && <><dt>{t('benchmark')}</dt><dd><ValueOf of={definition} value={definition.benchmark} /> {judged.gap !== null && <>{t('gap')} <ValueOf of={definition} value={judged.gap} /></>}</dd></>}
            <dt>{t('yearOnYear')}</dt><dd><Percent value={judged.yearOnYear} sign /> {judged.lastYear !== null && <span className="faint">（{t('lastYear')} <ValueOf of={definition} value={judged.lastYear} />）</span>}</dd>
            {judged.band && <><dt>{t('band')}</dt><dd><StateTag>{pickWords(judged.band)}</StateTag></dd></>}
            {peers && <><dt>{t('peers')}</dt><dd>{peers.rank === null ? t('notRanked') : t('rankOf', { rank: peers.rank, of: peers.of })} {peers.belowMean && <StateTag>{t('belowMean')}</StateTag>}</dd></>}
          </dl>
        </div>
        {figure.expected > 0 && figure.reported < figure.expected && <Note tone="warn"><p>{t('one.partial', { reported: figure.reported, expected: figure.expected })}</p>{missing && missing.total > 0 && <p>{t(missing.total > missing.first.length ? 'one.missingMore' : 'one.missing', { names: missing.first.map((one) => one.name).join(t('ui:comma')), count: missing.total })} <Link to="/coverage" search={{ unit: String(unit), form: definition.form, period: missing.first[0]!.period } as never}>{t('one.whoIsMissing')}</Link></p>}</Note>}
        {figure.expected === 0 && <Note>{t('one.seeBeside')} <Link to={`/indicators/${code}`} search={{ unit: String(unit), period, tab: 'beside' } as never}>{t('tab.beside')}</Link></Note>}
        {taken && <Note>{t('one.taken', { reported: taken.reported, expected: taken.expected })} <Moment at={taken.at} />{taken.missing.length > 0 && <>：{taken.missing.slice(0, 20).join('、')}</>}</Note>}
      </Panel>
      <Tabs
        label={t('one.parts')} chosen={parts.tab ?? 'trend'} onChoose={(tab) => go({ tab: tab === 'trend' ? '' : tab })}
        tabs={(['trend', 'ranked', 'map', ...(definition.bands ? ['bands'] : []), 'opened', 'beside'] as const).map((key) => ({ key, label: t(`tab.${key}`) }))}
      >
        {(parts.tab ?? 'trend') === 'trend' && <Trend code={code} unit={unit} period={period} of={definition} target={judged.target} />}
        {parts.tab === 'ranked' && <RankedUnits definition={definition} unit={unit} period={period} />}
        {parts.tab === 'map' && <Tiles definition={definition} unit={unit} period={period} />}
        {parts.tab === 'bands' && <BandCounts code={code} unit={unit} period={period} />}
        {parts.tab === 'beside' && <BesideFigures definition={definition} unit={unit} period={period} />}
        {parts.tab === 'opened' && <Opened definition={definition} unit={unit} period={period} />}
      </Tabs>
    </Page>
  )
}

type At = { definition: IndicatorDefinition; unit: number; period: string }

function RankedUnits({ definition, unit, period }: At) {
  const { t } = useTranslation('indicators')
  const [parts, setParts] = useQueryParts()
  const offset = Number(parts.offset ?? 0)
  const sort = (parts.sort ?? 'rank') as 'rank'
  const ranked = useQuery(q.indicators.ranked.queryOptions({ input: { code: definition.code, unit, period, sort, limit, offset, ...(parts.level ? { level: Number(parts.level) } : {}) } }))
  return (
    <>
      <div className="choosers no-print">
        <Select aria-label={t('ranked.level')} value={parts.level ?? ''} empty={t('ranked.children')} options={[2, 3, 4, 5].map((level) => ({ value: String(level), label: t(`level.${level}`) }))} onChange={(level) => setParts({ level, offset: '' })} />
        <Select aria-label={t('ranked.sort')} value={sort} options={(['rank', 'code', 'name', 'coverage', 'attainment'] as const).map((value) => ({ value, label: t(`sort.${value}`) }))} onChange={(value) => setParts({ sort: value === 'rank' ? '' : value, offset: '' })} />
        <a className="button" href={`/api/indicators/${definition.code}/workbook?unit=${unit}&period=${period}${parts.level ? `&level=${parts.level}` : ''}`} download>{t('one.workbook')}</a>
      </div>
      <Loaded query={ranked}>
        {({ rows, total, mean, belowMean, withValue }) => (
          <>
            {mean !== null && <p className="soft">{t('ranked.summary', { withValue, belowMean })} <ValueOf of={definition} value={mean} /></p>}
            <Table
              caption={t('tab.ranked')} rows={rows} rowKey={(row) => row.unit} empty={<Empty title={t('ranked.nothing')} />}
              columns={[
                { key: 'rank', title: t('rank'), num: true, cell: (row) => row.rank ?? '—' },
                { key: 'name', title: t('unit'), main: true, cell: (row) => <Link to={`/indicators/${definition.code}`} search={{ unit: String(row.unit), period } as never}>{row.name}</Link> },
                { key: 'parent', title: t('parent'), cell: (row) => row.parentName },
                { key: 'value', title: t('value'), num: true, cell: (row) => <strong><ValueOf of={definition} value={row.judged.figure.value} why={row.judged.figure.why} /></strong> },
                { key: 'coverage', title: t('coverage'), num: true, cell: (row) => <Coverage figure={row.judged.figure} /> },
                { key: 'third', title: t('thirdTitle'), cell: (row) => (row.third ? t(`third.${row.third}`) : '—') },
                { key: 'mean', title: t('belowMean'), cell: (row) => (row.belowMean ? <StateTag>{t('belowMean')}</StateTag> : '') },
                { key: 'yoy', title: t('yearOnYear'), num: true, cell: (row) => <Percent value={row.judged.yearOnYear} sign /> },
              ]}
            />
            <Paging limit={limit} offset={offset} total={total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
          </>
        )}
      </Loaded>
    </>
  )
}

function Tiles({ definition, unit, period }: At) {
  const ranked = useQuery(q.indicators.ranked.queryOptions({ input: { code: definition.code, unit, period, sort: 'code', limit: 500 } }))
  const { t } = useTranslation('indicators')
  return <Loaded query={ranked}>{({ rows }) => (rows.length === 0 ? <Empty title={t('ranked.nothing')} /> : <TileMap code={definition.code} period={period} rows={rows} of={definition} />)}</Loaded>
}

function BandCounts({ code, unit, period }: { code: string; unit: number; period: string }) {
  const { t } = useTranslation('indicators')
  const bands = useQuery(q.indicators.bands.queryOptions({ input: { code, unit, period } }))
  return (
    <Loaded query={bands}>
      {({ rows, withValue, expected }) => (
        <>
          <Table
            caption={t('tab.bands')} rows={rows} rowKey={(row) => row.range}
            columns={[
              { key: 'name', title: t('band'), main: true, cell: (row) => pickWords(row.name) },
              { key: 'range', title: t('bands.range'), cell: (row) => <code>{row.range}</code> },
              { key: 'units', title: t('bands.units'), num: true, cell: (row) => row.units },
              { key: 'share', title: t('bands.share'), num: true, cell: (row) => <Percent value={withValue > 0 && row.units !== null ? String(row.units / withValue) : null} /> },
            ]}
          />
          <p className="soft">{t('bands.of', { withValue, expected })}</p>
        </>
      )}
    </Loaded>
  )
}

function Opened({ definition, unit, period }: At) {
  const { t } = useTranslation('indicators')
  const [parts, setParts] = useQueryParts()
  const offset = Number(parts.offset ?? 0)
  const opened = useQuery(q.indicators.opened.queryOptions({ input: { code: definition.code, unit, period, limit, offset, ...(parts.find ? { q: parts.find } : {}) } }))
  return (
    <Loaded query={opened}>
      {({ num, den, aggregates, periods, records }) => (
        <>
          <Panel title={t('opened.formula')}>
            <p><code>{num}</code>{den !== null && <> ÷ <code>{den}</code></>}</p>
            <dl className="facts">{aggregates.map((one) => <div key={one.text} style={{ display: 'contents' }}><dt><code>{one.text}</code></dt><dd className="number">{one.value === null ? '—' : groupDigits(one.value)}</dd></div>)}</dl>
            <p className="faint">{t('opened.periods')} {periods.map((one) => periodText(one, languageNow())).join('、')}{definition.clause && <> · {definition.clause}</>}{definition.shown === 'money' && <> · {t('opened.fen')}</>}</p>
          </Panel>
          <Panel title={t('opened.records')}>
            <SearchBox label={t('opened.search')} value={parts.find ?? ''} onChange={(find) => setParts({ find, offset: '' })} />
            <Table
              caption={t('opened.records')} rows={records.rows} rowKey={(row) => `${row.unit}${row.period}`} empty={<Empty title={t('opened.nothing')} />}
              columns={[
                { key: 'unit', title: t('unit'), main: true, cell: (row) => <Link to={`/returns/${row.unit}/${row.form}/${row.period}`}>{row.unitName}</Link> },
                { key: 'parent', title: t('parent'), cell: (row) => row.parentName },
                { key: 'period', title: t('period'), cell: (row) => <PeriodText period={row.period} /> },
                ...aggregates.map((one, at) => ({ key: one.text, title: one.text, num: true, cell: (row: (typeof records.rows)[number]) => (row.adds[at] === null || row.adds[at] === undefined ? '—' : groupDigits(row.adds[at]!)) })),
                { key: 'by', title: t('opened.by'), cell: (row) => row.acceptedBy ?? '' },
                { key: 'at', title: t('opened.at'), cell: (row) => <Moment at={row.acceptedAt} /> },
              ]}
            />
            <Paging limit={limit} offset={offset} total={records.total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
          </Panel>
        </>
      )}
    </Loaded>
  )
}

function SetTarget({ definition, unit, year, target, move }: { definition: IndicatorDefinition; unit: number; year: number; target: string | null; move: ReturnType<typeof moveOf> }) {
  const { t } = useTranslation('indicators')
  const places = definition.shown === 'percent' ? 2 : definition.shown === 'money' ? -2 : 0
  const [open, setOpen] = useState(false)
  const [text, setText] = useState('')
  const set = useWrite(api.indicators.setTarget, {
    refresh: [q.indicators.key()],
    onSuccess: () => {
      setOpen(false)
      toast(t('setTarget.done'))
    },
  })
  if (move.why === 'not-allowed') return null
  const begin = () => {
    setText(target === null ? '' : movePoint(target, places))
    setOpen(true)
  }
  const send = () => set.mutate({ code: definition.code, unit, year, value: isDecimal(text) ? movePoint(text, -places) : null, version: target ?? '' })
  return (
    <>
      <MoveButton small kind="quiet" move={move} label={t('setTarget.title', { year })} onGo={begin} />
      <Dialog open={open} title={t('setTarget.title', { year })} onClose={() => setOpen(false)} actions={<><Button onClick={() => setOpen(false)}>{t('cancel')}</Button><Button kind="main" pending={set.isPending} onClick={send}>{t('setTarget.save')}</Button></>}>
        <Field label={t('target')} hint={t('setTarget.hint')} error={errorAt(set.error, 'value')}>
          <NumberInput value={text} onChange={setText} unit={definition.shown === 'percent' ? '%' : definition.shown === 'money' ? t('yuan') : definition.unit} />
        </Field>
        <Failure problem={set.error} />
      </Dialog>
    </>
  )
}
