import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { DateText, StateTag } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf, ReasonDialog } from '../../../web/ui/moves.tsx'
import { Loaded } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { Paging, Table } from '../../../web/ui/table.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { Exception } from '../burden.contract.ts'

const limit = 20
const tones = { asked: 'busy', granted: 'good', refused: 'bad' } as const

/** Exceptions from caps with both reasons: those of my unit, or those that I decide. Nothing when there are none. */
export function Exceptions() {
  const { t } = useTranslation('burden')
  const [offset, setOffset] = useState(0)
  const exceptions = useQuery(q.burden.exceptions.queryOptions({ input: { limit, offset } }))
  if (exceptions.data?.total === 0) return null
  return (
    <Panel title={t('exception.title')}>
      <Loaded query={exceptions}>
        {({ rows, total }) => (
          <>
            <Table
              caption={t('exception.title')} rows={rows} rowKey={(row) => row.id}
              columns={[
                { key: 'form', title: t('form'), main: true, cell: (row) => pickWords(row.formName) },
                { key: 'issuer', title: t('issuer'), cell: (row) => row.issuerName },
                { key: 'cap', title: t('exception.cap'), cell: (row) => t(`capName.${row.cap}`) },
                { key: 'until', title: t('exception.until'), cell: (row) => <DateText date={row.until} /> },
                { key: 'reason', title: t('exception.reason'), cell: (row) => row.reason },
                { key: 'state', title: t('stateTitle'), cell: (row) => <><StateTag tone={tones[row.state]}>{t(`exceptionState.${row.state}`)}</StateTag> {row.decisionReason}</> },
                { key: 'acts', title: <span className="sr-only">{t('acts')}</span>, acts: true, cell: (row) => <Decide row={row} /> },
              ]}
            />
            <Paging limit={limit} offset={offset} total={total} onChange={setOffset} />
          </>
        )}
      </Loaded>
    </Panel>
  )
}

function Decide({ row }: { row: Exception }) {
  const { t } = useTranslation('burden')
  const [asks, setAsks] = useState<'grant' | 'refuse'>()
  const decide = useWrite(api.burden.decideException, { refresh: [q.burden.key(), q.inbox.key()], onSuccess: () => { setAsks(undefined); toast(t('exception.decided')) } })
  const [grant, refuse] = [moveOf(row.moves, 'grant'), moveOf(row.moves, 'refuse')]
  if (row.state !== 'asked' || grant.why === 'not-allowed') return null
  return (
    <div className="row end">
      <MoveButton small move={refuse} label={t('exception.refuse')} onGo={() => setAsks('refuse')} />
      <MoveButton small kind="main" move={grant} label={t('exception.grant')} onGo={() => setAsks('grant')} />
      <ReasonDialog open={asks !== undefined} title={t(`exception.${asks ?? 'grant'}`)} confirm={t(`exception.${asks ?? 'grant'}`)} pending={decide.isPending} problem={decide.error} onClose={() => setAsks(undefined)} onConfirm={(reason) => decide.mutate({ id: row.id, version: row.version, grant: asks === 'grant', reason })} />
    </div>
  )
}
