import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { SearchBox } from '../../../web/ui/inputs.tsx'
import { DateText, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { Paging, Table } from '../../../web/ui/table.tsx'

const limit = 30

/** The catalogue of forms: what is asked of whom, how often, and what it costs. */
export default function Forms() {
  const { t } = useTranslation('ledgers')
  const [parts, setParts] = useQueryParts()
  const offset = Number(parts.offset ?? 0)
  const forms = useQuery(q.ledgers.forms.queryOptions({ input: { limit, offset, ...(parts.q ? { q: parts.q } : {}) } }))
  return (
    <Page title={t('forms.title')} lead={t('forms.lead')}>
      <SearchBox label={t('forms.search')} value={parts.q ?? ''} onChange={(text) => setParts({ q: text, offset: '' })} />
      <Loaded query={forms}>
        {({ rows, total }) => (
          <>
            <Table
              caption={t('forms.title')} rows={rows} rowKey={(row) => row.code} empty={<Empty title={t('forms.nothing')} />}
              columns={[
                { key: 'name', title: t('form.name'), main: true, cell: (row) => <Link to={`/forms/${row.code}`}>{pickWords(row.name)}</Link> },
                { key: 'cycle', title: t('form.cycle'), cell: (row) => t(`cycle.${row.cycle}`) },
                { key: 'asked', title: t('form.asked'), num: true, cell: (row) => row.fieldsAsked },
                { key: 'shown', title: t('form.shown'), num: true, cell: (row) => row.fieldsShown },
                { key: 'minutes', title: t('minutes'), num: true, cell: (row) => t('minutesAbout', { minutes: row.minutes }) },
                { key: 'state', title: t('stateTitle'), cell: (row) => <StateTag tone={row.state === 'issued' || row.state === 'registered' ? 'good' : 'plain'}>{t(`formState.${row.state}`)}</StateTag> },
                { key: 'expires', title: t('form.expires'), cell: (row) => <DateText date={row.expires} /> },
              ]}
            />
            <Paging limit={limit} offset={offset} total={total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
          </>
        )}
      </Loaded>
    </Page>
  )
}
