import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { languageNow, pickWords } from '../../../web/i18n.ts'
import { useQueryPart } from '../../../web/shell/address.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { Button, ButtonLink } from '../../../web/ui/button.tsx'
import { periodText } from '../../../web/ui/date-text.ts'
import { Select } from '../../../web/ui/inputs.tsx'
import { DateText, Figure, PeriodText, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Table } from '../../../web/ui/table.tsx'
import type { UnitBurden } from '../burden.contract.ts'
import { BurdenFigures, CapTag, useMonth, VisitsHint } from './figures.tsx'
import { ObjectDialog, type ObjectTo } from './object-dialog.tsx'

/** What my unit was asked this month, by whom, and what it really typed. */
export default function Mine() {
  const { t } = useTranslation('burden')
  const units = myUnits(useMe(), 'record.fill')
  const [chosen, setChosen] = useQueryPart('unit', String(units[0]?.id ?? ''))
  const [month, chooser] = useMonth()
  const unit = Number(chosen)
  const burden = useQuery(q.burden.unit.queryOptions({ input: { unit, month } }))
  return (
    <Page title={t('mine.title')} lead={t('mine.lead')} actions={<><ButtonLink to="/burden/objections" search={{ view: 'mine' }}>{t('mine.myObjections')}</ButtonLink><ButtonLink to="/burden/suggestions">{t('suggestions.title')}</ButtonLink></>}>
      <div className="choosers no-print">
        {units.length > 1 && <Select aria-label={t('unit')} value={chosen} onChange={setChosen} options={units.map((one) => ({ value: String(one.id), label: one.name }))} />}
        {chooser}
      </div>
      <Loaded query={burden}>{(data) => <OneMonth data={data} />}</Loaded>
    </Page>
  )
}

function OneMonth({ data }: { data: UnitBurden }) {
  const { t } = useTranslation('burden')
  const [objecting, setObjecting] = useState<ObjectTo>()
  const { sums, cap, duplicate } = data
  return (
    <>
      <Panel title={data.unitName} actions={cap.most !== null && <span className="row"><CapTag state={cap.state} /><span className="faint">{t('mine.cap', { asked: cap.asked, most: cap.most })}</span></span>}>
        <BurdenFigures sums={sums} weights={data.rules} tasks={data.tasks} />
        {duplicate.den > 0 && <p className="soft">{t('mine.duplicate', { num: duplicate.num, den: duplicate.den })} {sums.carried > 0 && t('mine.carried', { count: sums.carried })}</p>}
      </Panel>
      <VisitsHint hint={data.visits} own />
      <Panel title={t('mine.byIssuer')}>
        <Table
          caption={t('mine.byIssuer')} rows={data.byIssuer} rowKey={(row) => row.issuer ?? 0} empty={<Empty title={t('mine.nothing')} />}
          columns={[
            { key: 'issuer', title: t('issuer'), main: true, cell: (row) => row.issuerName ?? t('fromPack') },
            { key: 'forms', title: t('figure.forms'), num: true, cell: (row) => row.forms },
            { key: 'asked', title: t('figure.asked'), num: true, cell: (row) => row.asked },
            { key: 'typed', title: t('figure.typed'), num: true, cell: (row) => row.typed },
            { key: 'meetings', title: t('figure.meetings'), num: true, cell: (row) => row.meetings },
            { key: 'visits', title: t('figure.visits'), num: true, cell: (row) => row.visits },
            { key: 'documents', title: t('figure.documents'), num: true, cell: (row) => row.documents },
            { key: 'minutes', title: t('figure.minutes'), num: true, cell: (row) => Math.round(row.minutes) },
          ]}
        />
      </Panel>
      {data.forms.length > 0 && (
        <Panel title={t('mine.forms')}>
          <Table
            caption={t('mine.forms')} rows={data.forms} rowKey={(row) => `${row.form}${row.period}`}
            columns={[
              { key: 'form', title: t('form'), main: true, cell: (row) => <Link to={`/returns/${data.unit}/${row.form}/${row.period}`}>{pickWords(row.formName)}</Link> },
              { key: 'period', title: t('period'), cell: (row) => <PeriodText period={row.period} /> },
              { key: 'due', title: t('due'), cell: (row) => <DateText date={row.due} /> },
              { key: 'asked', title: t('figure.asked'), num: true, cell: (row) => <>{row.asked}{row.shown > 0 && <span className="faint"> {t('shown', { count: row.shown })}</span>}</> },
              { key: 'typed', title: t('figure.typed'), num: true, cell: (row) => <Figure value={row.typed} /> },
              { key: 'objections', title: <span className="sr-only">{t('acts')}</span>, acts: true, cell: (row) => (
                <ObjectCell objections={row.objections} name={pickWords(row.formName)} onObject={() => setObjecting({ form: row.form })} />
              ) },
            ]}
          />
        </Panel>
      )}
      {data.events.length > 0 && (
        <Panel title={t('mine.events')}>
          <Table
            caption={t('mine.events')} rows={data.events} rowKey={(row) => row.id}
            columns={[
              { key: 'title', title: t('title'), main: true, cell: (row) => row.title },
              { key: 'kind', title: t('kindTitle'), cell: (row) => t(`kind.${row.kind}`) },
              { key: 'on', title: t('on'), cell: (row) => <DateText date={row.on} /> },
              { key: 'minutes', title: t('figure.minutes'), num: true, cell: (row) => row.minutes },
              { key: 'issuer', title: t('issuer'), cell: (row) => row.issuerName },
              { key: 'acts', title: <span className="sr-only">{t('acts')}</span>, acts: true, cell: (row) => <ObjectCell objections={row.objections} name={row.title} onObject={() => setObjecting({ asking: row.id, title: row.title })} /> },
            ]}
          />
        </Panel>
      )}
      {data.items.length > 0 && (
        <Panel title={t('mine.items')}>
          <Table
            caption={t('mine.items')} rows={data.items} rowKey={(row) => row.task}
            columns={[
              { key: 'title', title: t('title'), main: true, cell: (row) => <Link to={`/tasks/${row.task}`}>{row.title}</Link> },
              { key: 'list', title: t('kind.list'), cell: (row) => row.listTitle },
              { key: 'due', title: t('due'), cell: (row) => <DateText date={row.due} /> },
              { key: 'issuer', title: t('issuer'), cell: (row) => row.issuerName },
              { key: 'acts', title: <span className="sr-only">{t('acts')}</span>, acts: true, cell: (row) => <ObjectCell objections={row.objections} name={row.title} onObject={row.state === 'closed' ? undefined : () => setObjecting({ item: row.item, title: row.title })} /> },
            ]}
          />
        </Panel>
      )}
      <details className="panel">
        <summary>{t('mine.months')}</summary>
        <Table
          caption={t('mine.months')} rows={data.months.toReversed()} rowKey={(row) => row.month}
          columns={[
            { key: 'month', title: t('month'), main: true, cell: (row) => periodText(row.month, languageNow()) },
            { key: 'forms', title: t('figure.forms'), num: true, cell: (row) => row.forms },
            { key: 'asked', title: t('figure.asked'), num: true, cell: (row) => row.asked },
            { key: 'typed', title: t('figure.typed'), num: true, cell: (row) => row.typed },
            { key: 'meetings', title: t('figure.meetings'), num: true, cell: (row) => row.meetings },
            { key: 'visits', title: t('figure.visits'), num: true, cell: (row) => row.visits },
            { key: 'documents', title: t('figure.documents'), num: true, cell: (row) => row.documents },
            { key: 'minutes', title: t('figure.minutes'), num: true, cell: (row) => Math.round(row.minutes) },
            { key: 'burden', title: t('figure.burden'), num: true, cell: (row) => row.burden },
          ]}
        />
      </details>
      {objecting && <ObjectDialog unit={data.unit} to={objecting} onClose={() => setObjecting(undefined)} />}
    </>
  )
}

/** Objecting to one line, with the mark that an objection of the unit waits. */
function ObjectCell({ objections, name, onObject }: { objections: number; name: string; onObject: (() => void) | undefined }) {
  const { t } = useTranslation('burden')
  return (
    <span className="row end">
      {objections > 0 && <StateTag tone="busy">{t('mine.objected')}</StateTag>}
      {onObject && <Button small kind="quiet" onClick={onObject}>{t('object.open')}<span className="sr-only"> {name}</span></Button>}
    </span>
  )
}
