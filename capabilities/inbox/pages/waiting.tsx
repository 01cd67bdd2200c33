import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { SearchBox, Select } from '../../../web/ui/inputs.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Paging } from '../../../web/ui/table.tsx'
import type { Waiting } from '../inbox.contract.ts'
import { WaitingList } from './waiting-list.tsx'

const limit = 30
const kinds = ['redo', 'fill', 'check', 'sign', 'report', 'verify', 'decide', 'reply', 'objection', 'suggestion', 'approve'] as const

/** One list of everything that waits for my posts, across the rooms. */
export default function WaitingPage() {
  const { t } = useTranslation('inbox')
  const [parts, setParts] = useQueryParts()
  const offset = Number(parts.offset ?? 0)
  const waiting = useQuery(q.inbox.waiting.queryOptions({ input: { limit, offset, ...(parts.kind ? { kind: parts.kind as Waiting['kind'] } : {}), ...(parts.q ? { q: parts.q } : {}) } }))
  return (
    <Page title={t('waiting.title')} lead={t('waiting.lead')}>
      <div className="row no-print">
        <SearchBox label={t('waiting.search')} value={parts.q ?? ''} onChange={(text) => setParts({ q: text, offset: '' })} />
        <Select
          aria-label={t('waiting.filter')} value={parts.kind ?? ''} empty={t('waiting.allKinds')} onChange={(kind) => setParts({ kind, offset: '' })}
          options={kinds.map((kind) => ({ value: kind, label: `${t(`kind.${kind}`)}${waiting.data?.byKind[kind] ? `（${waiting.data.byKind[kind]}）` : ''}` }))}
        />
      </div>
      <Loaded query={waiting}>
        {({ rows, total, overdue, dueSoon }) => (
          <>
            {rows.length === 0 ? <Empty title={t('waiting.nothing')}>{t('waiting.nothingNext')}</Empty> : (
              <Panel>
                <p className="soft">{t('waiting.summary', { overdue, dueSoon })}</p>
                <WaitingList rows={rows} />
              </Panel>
            )}
            <Paging limit={limit} offset={offset} total={total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
          </>
        )}
      </Loaded>
    </Page>
  )
}
