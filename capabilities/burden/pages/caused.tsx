import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Select } from '../../../web/ui/inputs.tsx'
import { DateText, Figure, PeriodText } from '../../../web/ui/marks.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Paging, Table } from '../../../web/ui/table.tsx'
import { Exceptions } from './exceptions.tsx'
import { ExceptionDialog } from './exception-dialog.tsx'
import { CapTag } from './figures.tsx'

const limit = 30

/** What my unit asks of those below, and what it costs them. */
export default function CausedPage() {
  const { t } = useTranslation('burden')
  const [today] = useState(() => todayIn(Date.now()))
  const [parts, setParts] = useQueryParts()
  const units = myUnits(useMe(), 'list.issue')
  const unit = units.find((one) => String(one.id) === parts.unit) ?? units[0]
  const year = Number(parts.year ?? today.slice(0, 4))
  const offset = Number(parts.offset ?? 0)
  const [asking, setAsking] = useState(false)
  const caused = useQuery({ ...q.burden.caused.queryOptions({ input: { unit: unit?.id ?? 0, year, limit, offset } }), enabled: unit !== undefined })
  return (
    <Page title={t('caused.title')} lead={t('caused.lead')} actions={unit && <Button onClick={() => setAsking(true)}>{t('exception.ask')}</Button>}>
      <div className="choosers no-print">
        {units.length > 1 && <Select aria-label={t('unit')} value={String(unit?.id)} onChange={(next) => setParts({ unit: next, offset: '' })} options={units.map((one) => ({ value: String(one.id), label: one.name }))} />}
        <Select aria-label={t('year')} value={String(year)} onChange={(next) => setParts({ year: next, offset: '' })} options={[0, 1, 2].map((back) => String(Number(today.slice(0, 4)) - back)).map((one) => ({ value: one, label: one }))} />
      </div>
      <Loaded query={caused}>
        {(data) => (
          <>
            <Panel title={data.unitName} actions={<CapTag state={data.cap} />}>
              <dl className="burden-figures">
                <div><dt>{t('caused.forms')}</dt><dd><Figure value={data.forms} /><span className="faint">{data.formsLastYear === null ? t('caused.noLastYear') : t('caused.lastYear', { count: data.formsLastYear })}</span></dd></div>
                <div><dt>{t('caused.documents')}</dt><dd><Figure value={data.documents.now} /><span className="faint">{data.documents.most === null ? t('caused.noLastYear') : t('caused.lastYear', { count: data.documents.most })}</span></dd></div>
                <div><dt>{t('caused.entries')}</dt><dd><Figure value={data.entries} /></dd></div>
                <div><dt>{t('caused.typed')}</dt><dd><Figure value={data.typed} /></dd></div>
                <div><dt>{t('caused.hours')}</dt><dd><Figure value={Math.round(data.minutes / 60)} /></dd></div>
              </dl>
            </Panel>
            <Panel title={t('caused.rows')}>
              <Table
                caption={t('caused.rows')} rows={data.rows} rowKey={(row) => `${row.kind}${row.id}${row.period}${row.on}`} empty={<Empty title={t('caused.nothing')} />}
                columns={[
                  { key: 'title', title: t('title'), main: true, cell: (row) => <>{pickWords(row.title)}{row.period && <> · <PeriodText period={row.period} /></>}</> },
                  { key: 'kind', title: t('kindTitle'), cell: (row) => t(`kind.${row.kind}`) },
                  { key: 'on', title: t('caused.on'), cell: (row) => <DateText date={row.on} /> },
                  { key: 'units', title: t('caused.units'), num: true, cell: (row) => <Figure value={row.units} exact /> },
                  { key: 'fields', title: t('caused.fields'), num: true, cell: (row) => (row.kind === 'form' ? <>{row.fields}{row.held > 0 && <span className="faint"> {t('shown', { count: row.held })}</span>}</> : '—') },
                  { key: 'entries', title: t('caused.entries'), num: true, cell: (row) => (row.kind === 'form' ? <Figure value={row.entries} exact /> : '—') },
                  { key: 'typed', title: t('caused.typed'), num: true, cell: (row) => (row.kind === 'form' ? <><Figure value={row.typed} exact /> <span className="faint">{t('answered', { count: row.answered })}</span></> : '—') },
                  { key: 'minutes', title: t('caused.hours'), num: true, cell: (row) => <Figure value={Math.round(row.minutes / 6) / 10} /> },
                  { key: 'objections', title: t('caused.objections'), num: true, cell: (row) => row.objections },
                ]}
              />
              <Paging limit={limit} offset={offset} total={data.total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
            </Panel>
          </>
        )}
      </Loaded>
      <Exceptions />
      {asking && unit && <ExceptionDialog issuer={unit} onClose={() => setAsking(false)} />}
    </Page>
  )
}
