import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { useMay } from '../../../web/shell/me.ts'
import { ButtonLink } from '../../../web/ui/button.tsx'
import { SearchBox, Select } from '../../../web/ui/inputs.tsx'
import { Moment, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { Paging, Table } from '../../../web/ui/table.tsx'
import type { DesignState } from '../design.ts'

const limit = 30
export const stateTones = { draft: 'plain', review: 'busy', registered: 'good' } as const
const states: readonly DesignState[] = ['draft', 'review', 'registered']

/** What is being designed, what waits for the burden officer, and what was registered. */
export default function Designs() {
  const { t } = useTranslation('designs')
  const [parts, setParts] = useQueryParts()
  const may = useMay('form.register')
  const offset = Number(parts.offset ?? 0)
  const state = states.find((one) => one === parts.state)
  const designs = useQuery(q.designs.list.queryOptions({ input: { limit, offset, ...(parts.q ? { q: parts.q } : {}), ...(state ? { state } : {}) } }))
  return (
    <Page title={t('list.title')} lead={t('list.lead')} actions={may && <ButtonLink to="/designs/new" kind="main">{t('list.begin')}</ButtonLink>}>
      <div className="choosers">
        <SearchBox label={t('list.search')} value={parts.q ?? ''} onChange={(text) => setParts({ q: text, offset: '' })} />
        <Select aria-label={t('list.state')} value={state ?? ''} empty={t('list.all')} options={states.map((value) => ({ value, label: t(`state.${value}`) }))} onChange={(value) => setParts({ state: value, offset: '' })} />
      </div>
      <Loaded query={designs}>
        {({ rows, total }) => (
          <>
            <Table
              caption={t('list.title')} rows={rows} rowKey={(row) => row.id} empty={<Empty title={t('list.nothing')}><p>{t('list.nothingNext')}</p></Empty>}
              columns={[
                { key: 'title', title: t('list.name'), main: true, cell: (row) => <Link to={`/designs/${row.id}`}>{pickWords(row.title)}</Link> },
                { key: 'state', title: t('list.state'), cell: (row) => <StateTag tone={stateTones[row.state]}>{t(`state.${row.state}`)}</StateTag> },
                { key: 'holds', title: t('list.holds'), cell: (row) => t('list.counts', { forms: row.forms, indicators: row.indicators, lists: row.lists }) },
                { key: 'unit', title: t('list.unit'), cell: (row) => row.unitName },
                { key: 'pack', title: t('list.pack'), cell: (row) => <code>{row.pack}</code> },
                { key: 'saved', title: t('list.saved'), cell: (row) => <>{row.savedBy} <Moment at={row.savedAt} /></> },
              ]}
            />
            <Paging limit={limit} offset={offset} total={total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
          </>
        )}
      </Loaded>
    </Page>
  )
}
