import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { callRaw } from '../../../web/api/client.ts'
import type { ApiProblem } from '../../../web/api/problem.ts'
import { q, queryClient } from '../../../web/api/queries.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { StateTag } from '../../../web/ui/marks.tsx'
import { Failure, Note } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Paging, Table, type Column } from '../../../web/ui/table.tsx'
import { ChooseWorkbook, WrongCells } from './bulk-workbook.tsx'
import type { Finding } from '../../../rules/problem.ts'

type Row = { row: number; username: string; name: string; unit: string; unitName: string; post: string; becomes: 'new' | 'same' | 'bad' }
type Preview = { rows: Row[]; fresh: number; same: number; bad: number; unused: number; findings: Finding[] }
type Handed = { count: number; address: string; fileName: string }
const limit = 30

/** Many accounts from one workbook: take the form, bring it back, look at what it would do, take the first passwords. */
export default function BulkAccountsPage() {
  const { t } = useTranslation('access')
  const [file, setFile] = useState<File>()
  const [handed, setHanded] = useState<Handed>()
  const preview = useMutation<Preview, ApiProblem, File>({
    mutationFn: async (chosen) => (await (await callRaw('/api/access/accounts/preview', { method: 'POST', body: chosen })).json()) as Preview,
  })
  const take = useMutation<Handed, ApiProblem, { again: boolean; count: number }>({
    mutationFn: async ({ again, count }) => {
      const answer = await callRaw(`/api/access/accounts/import?good=1${again ? '&again=1' : ''}`, { method: 'POST', body: file! })
      return { count, address: URL.createObjectURL(await answer.blob()), fileName: `${t('bulk.fileName')}.xlsx` }
    },
    onSuccess: (given) => {
      setHanded(given)
      preview.reset()
      void queryClient.invalidateQueries({ queryKey: q.access.key() })
    },
  })
  const choose = (chosen: File) => {
    // First passwords that are waiting stay until others take their place: nobody loses them by looking at another file.
    take.reset()
    setFile(chosen)
    preview.mutate(chosen)
  }
  return (
    <Page title={t('bulk.title')} lead={t('bulk.lead')} crumbs={[{ to: '/access/accounts', label: t('accounts.title') }]}>
      <Panel title={t('bulk.first')}>
        <p className="soft">{t('bulk.firstLead')}</p>
        <div><a className="button" href="/api/access/accounts/template" download><Icon name="download" size={18} />{t('bulk.template')}</a></div>
      </Panel>
      <Panel title={t('bulk.second')}>
        <ChooseWorkbook pending={preview.isPending} name={file?.name} read={preview.data !== undefined || handed !== undefined} problem={preview.error} onChoose={choose} />
      </Panel>
      {preview.data && <Look preview={preview.data} pending={take.isPending} problem={take.error} onTake={(again, count) => take.mutate({ again, count })} />}
      {handed && (
        <Panel title={t('bulk.done', { count: handed.count })}>
          <Note tone="warn"><p>{t('bulk.doneLead')}</p></Note>
          <p className="soft">{t('bulk.next')}</p>
          <div><a className="button main" href={handed.address} download={handed.fileName}><Icon name="download" size={18} />{t('bulk.takePasswords')}</a></div>
        </Panel>
      )}
    </Page>
  )
}

function Look({ preview: { rows, fresh, same, bad, unused, findings }, pending, problem, onTake }: {
  preview: Preview
  pending: boolean
  problem: ApiProblem | null
  onTake: (again: boolean, count: number) => void
}) {
  const { t } = useTranslation('access')
  const [offset, setOffset] = useState(0)
  const tones = { new: 'good', same: 'plain', bad: 'bad' } as const
  const columns: Column<Row>[] = [
    { key: 'row', title: t('bulk.row'), num: true, cell: (row) => row.row },
    { key: 'name', title: t('name'), main: true, cell: (row) => row.name || '—' },
    { key: 'username', title: t('username'), cell: (row) => row.username || '—' },
    { key: 'unit', title: t('unit'), cell: (row) => <>{row.unitName || '—'} <span className="faint">{row.unit}</span></> },
    { key: 'post', title: t('grants.post'), cell: (row) => row.post || '—' },
    { key: 'becomes', title: t('state'), cell: (row) => <StateTag tone={tones[row.becomes]}>{t(`bulk.becomes.${row.becomes}`)}</StateTag> },
  ]
  return (
    <Panel title={t('bulk.third')}>
      <p role="status">{t('bulk.counts', { fresh, same, bad })}</p>
      <WrongCells findings={findings} />
      <div className="row">
        <Button kind="main" pending={pending} disabled={fresh === 0} onClick={() => onTake(false, fresh)}>{bad > 0 ? t('bulk.takeGood', { fresh }) : t('bulk.take', { fresh })}</Button>
        {unused > 0 && <Button pending={pending} onClick={() => onTake(true, fresh + unused)}>{t('bulk.again', { unused })}</Button>}
      </div>
      {bad > 0 && <p className="faint">{t('bulk.orWait')}</p>}
      {fresh === 0 && bad === 0 && <p className="faint">{t('bulk.nothingNew')}</p>}
      <Failure problem={problem} />
      <Table caption={t('bulk.third')} columns={columns} rows={rows.slice(offset, offset + limit)} rowKey={(row) => row.row} />
      <Paging limit={limit} offset={offset} total={rows.length} onChange={setOffset} />
    </Panel>
  )
}
