import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { useMay } from '../../../web/shell/me.ts'
import { ButtonLink } from '../../../web/ui/button.tsx'
import { SearchBox, Select } from '../../../web/ui/inputs.tsx'
import { DateText, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Paging, Table } from '../../../web/ui/table.tsx'
import type { ChangeRow } from '../changes.contract.ts'
import { PlanTable } from './plan-table.tsx'
import './changes.css'

const limit = 50
export const kinds = ['merge', 'split', 'rename', 'abolish', 'transfer'] as const

/** What happened to units: the newest first, found by kind, name, document. */
export default function Changes() {
  const { t } = useTranslation('changes')
  const [parts, setParts] = useQueryParts()
  const may = useMay('unit.manage')
  const kind = kinds.find((one) => one === parts.kind)
  const offset = Number(parts.offset ?? 0)
  const found = useQuery(q.changes.list.queryOptions({ input: { limit, offset, ...(kind ? { kind } : {}), ...(parts.q ? { q: parts.q } : {}) } }))
  return (
    <Page
      title={t('title')} lead={t('lead')}
      actions={may && <><ButtonLink to="/changes/workbook">{t('book.go')}</ButtonLink><ButtonLink kind="main" to="/changes/new">{t('new.title')}</ButtonLink></>}
    >
      <Coming />
      <div className="choosers no-print">
        <SearchBox label={t('search')} value={parts.q ?? ''} onChange={(next) => setParts({ q: next, offset: '' })} />
        <Select aria-label={t('kind')} value={kind ?? ''} empty={t('allKinds')} options={kinds.map((value) => ({ value, label: t(`kinds.${value}`) }))} onChange={(value) => setParts({ kind: value, offset: '' })} />
      </div>
      <Loaded query={found}>
        {({ rows, total }) => (
          <>
            <ChangeTable rows={rows} />
            <Paging limit={limit} offset={offset} total={total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

/** What waits for its day; nothing when nothing does. */
function Coming() {
  const { t } = useTranslation('changes')
  const [offset, setOffset] = useState(0)
  const coming = useQuery(q.changes.plans.queryOptions({ input: { limit: 20, offset } }))
  if (coming.data?.total === 0) return null
  return (
    <Panel title={t('ahead.title')}>
      <p className="soft">{t('ahead.lead')}</p>
      <Loaded query={coming}>
        {({ rows, total }) => (
          <>
            <PlanTable rows={rows} />
            <Paging limit={20} offset={offset} total={total} onChange={setOffset} />
          </>
        )}
      </Loaded>
    </Panel>
  )
}

/** @param rows the newest first */
export function ChangeTable({ rows }: { rows: readonly ChangeRow[] }) {
  const { t } = useTranslation('changes')
  const some = (names: readonly string[]) => (names.length > 4 ? t('andMore', { names: names.slice(0, 4).join('、'), count: names.length }) : names.join('、'))
  return (
    <Table
      caption={t('title')} rows={rows} rowKey={(row) => row.id} empty={<Empty title={t('nothing')}>{t('nothingNext')}</Empty>}
      columns={[
        { key: 'what', title: t('what'), main: true, cell: (row) => <Link to={`/changes/${row.id}`}>{t(`kinds.${row.kind}`)}：{some(row.from)}</Link> },
        { key: 'to', title: t('to'), cell: (row) => (row.kind === 'abolish' ? t('heirIs', { name: some(row.to) }) : some(row.to)) },
        { key: 'on', title: t('on'), cell: (row) => <DateText date={row.on} /> },
        { key: 'document', title: t('document'), cell: (row) => row.document },
        { key: 'state', title: t('state'), cell: (row) => <StateTag tone={row.state === 'done' ? 'good' : 'plain'}>{t(`states.${row.state}`)}</StateTag> },
      ]}
    />
  )
}
