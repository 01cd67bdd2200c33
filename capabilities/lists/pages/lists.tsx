import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn, yearOf } from '../../../rules/civil-date.ts'
import { q } from '../../../web/api/queries.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { useMay } from '../../../web/shell/me.ts'
import { ButtonLink } from '../../../web/ui/button.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { SearchBox, Select } from '../../../web/ui/inputs.tsx'
import { DateText } from '../../../web/ui/marks.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { Paging, Table } from '../../../web/ui/table.tsx'
import type { ListRow } from '../lists.contract.ts'
import { ListStateTag, ProgressMarks } from './list-marks.tsx'

const limit = 25
const states = ['draft', 'issued', 'closed', 'cancelled'] as const

/** Lists that I issue or that reach my units, with how far they are. */
export default function Lists() {
  const { t } = useTranslation('lists')
  const [thisYear] = useState(() => yearOf(todayIn(Date.now())))
  const [parts, setParts] = useQueryParts()
  const mayIssue = useMay('list.issue')
  const offset = Number(parts.offset ?? 0)
  const state = states.find((one) => one === parts.state)
  const lists = useQuery(q.lists.lists.queryOptions({
    input: { limit, offset, ...(state ? { state } : {}), ...(parts.year ? { year: Number(parts.year) } : {}), ...(parts.q ? { q: parts.q } : {}) },
  }))
  const years = [...new Set([...Array.from({ length: 10 }, (_, back) => thisYear + 1 - back), ...(lists.data?.rows ?? []).map((row) => row.year)])].sort((a, b) => b - a)
  return (
    <Page
      title={t('lists.title')} lead={t('lists.lead')}
      actions={mayIssue && <ButtonLink kind="main" to="/lists/new" icon={<Icon name="plus" size={18} />}>{t('lists.new')}</ButtonLink>}
    >
      <div className="filters no-print">
        <SearchBox label={t('lists.search')} value={parts.q ?? ''} onChange={(text) => setParts({ q: text, offset: '' })} />
        <Select aria-label={t('stateTitle')} value={state ?? ''} empty={t('lists.allStates')} options={states.map((value) => ({ value, label: t(`state.${value}`) }))} onChange={(value) => setParts({ state: value, offset: '' })} />
        <Select aria-label={t('year')} value={parts.year ?? ''} empty={t('lists.allYears')} options={years.map((year) => ({ value: String(year), label: t('yearOf', { year }) }))} onChange={(year) => setParts({ year, offset: '' })} />
      </div>
      <Loaded query={lists}>
        {({ rows, total }) => (
          <>
            <Table
              caption={t('lists.title')} rows={rows} rowKey={(row) => row.id} empty={<Empty title={t('lists.nothing')}>{mayIssue ? t('lists.nothingIssuer') : t('lists.nothingReader')}</Empty>}
              columns={[
                { key: 'title', title: t('lists.name'), main: true, cell: (row: ListRow) => <Link to={`/lists/${row.id}`}>{row.title}</Link> },
                { key: 'issuer', title: t('issuer'), cell: (row) => row.issuerName },
                { key: 'year', title: t('year'), num: true, cell: (row) => row.year },
                { key: 'state', title: t('stateTitle'), cell: (row) => <ListStateTag state={row.state} /> },
                { key: 'items', title: t('lists.items'), num: true, cell: (row) => row.items },
                { key: 'issued', title: t('lists.issuedAt'), cell: (row) => <DateText date={row.issuedAt && todayIn(Date.parse(row.issuedAt))} /> },
                { key: 'progress', title: t('progress'), cell: (row) => <ProgressMarks progress={row.progress} /> },
              ]}
            />
            <Paging limit={limit} offset={offset} total={total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
          </>
        )}
      </Loaded>
    </Page>
  )
}
