import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { Moment, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Paging, Table, type Column } from '../../../web/ui/table.tsx'
import type { Sent } from '../reach.contract.ts'

const limit = 20
const tones = { sent: 'good', waiting: 'busy', sending: 'busy', seen: 'plain', unsure: 'warn', failed: 'bad' } as const

/** What was mailed to me, and what became of it. */
export function SentPanel() {
  const { t } = useTranslation(['reach', 'inbox'])
  const [offset, setOffset] = useState(0)
  const sent = useQuery(q.reach.sent.queryOptions({ input: { limit, offset }, placeholderData: keepPreviousData }))
  const columns: Column<Sent>[] = [
    { key: 'what', title: t('sent.what'), main: true, cell: (row) => <>{row.unitName}：{t(`inbox:notice.${row.kind}`, { ...row.facts, defaultValue: t('inbox:notice.other', { title: String(row.facts.title ?? '') }) })}</> },
    { key: 'state', title: t('sent.state'), cell: (row) => <><StateTag tone={tones[row.state]}>{t(`sent.stateOf.${row.state}`)}</StateTag>{row.error && row.state !== 'sent' && <p className="faint">{row.error}</p>}</> },
    { key: 'when', title: t('sent.when'), cell: (row) => <Moment at={row.sendAt} /> },
  ]
  return (
    <Loaded query={sent}>
      {({ rows, total }) => total === 0 ? <Empty title={t('sent.nothing')} /> : (
        <>
          <Table caption={t('sent.title')} columns={columns} rows={rows} rowKey={(row) => row.id} />
          <Paging limit={limit} offset={offset} total={total} onChange={setOffset} />
        </>
      )}
    </Loaded>
  )
}
