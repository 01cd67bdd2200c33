import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Finding } from '../../../rules/problem.ts'
import { callRaw } from '../../../web/api/client.ts'
import type { ApiProblem } from '../../../web/api/problem.ts'
import { q, queryClient } from '../../../web/api/queries.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { TextInput } from '../../../web/ui/inputs.tsx'
import { StateTag } from '../../../web/ui/marks.tsx'
import { Failure } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Paging, Table, type Column } from '../../../web/ui/table.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import { ChooseWorkbook, WrongCells } from './bulk-workbook.tsx'

type Row = { row: number; username: string; name: string; unit: string; unitName: string; post: string; becomes: 'new' | 'same' | 'bad' }
type Preview = { rows: Row[]; fresh: number; same: number; bad: number; findings: Finding[] }
const limit = 30
const tones = { new: 'good', same: 'plain', bad: 'bad' } as const

/** Many posts from the workbook of accounts: bring it, look at what it would grant, grant it with a reason. */
export default function BulkGrantsPage() {
  const { t } = useTranslation('access')
  const [file, setFile] = useState<File>()
  const preview = useMutation<Preview, ApiProblem, File>({
    mutationFn: async (chosen) => (await (await callRaw('/api/access/grants/preview', { method: 'POST', body: chosen })).json()) as Preview,
  })
  const take = useMutation<{ granted: number }, ApiProblem, string>({
    mutationFn: async (reason) => (await (await callRaw(`/api/access/grants/import?good=1&reason=${encodeURIComponent(reason)}`, { method: 'POST', body: file! })).json()) as { granted: number },
    onSuccess: ({ granted }) => {
      toast(t('bulkGrants.done', { count: granted }))
      void queryClient.invalidateQueries({ queryKey: q.access.key() })
      preview.mutate(file!)
    },
  })
  const choose = (chosen: File) => {
    take.reset()
    setFile(chosen)
    preview.mutate(chosen)
  }
  return (
    <Page title={t('bulkGrants.title')} lead={t('bulkGrants.lead')} crumbs={[{ to: '/access/grants', label: t('grants.title') }]}>
      <Panel title={t('bulkGrants.first')}>
        <p className="soft">{t('bulkGrants.firstLead')}</p>
        <div><a className="button" href="/api/access/grants/template" download><Icon name="download" size={18} />{t('bulk.template')}</a></div>
      </Panel>
      <Panel title={t('bulkGrants.second')}>
        <ChooseWorkbook pending={preview.isPending} name={file?.name} read={preview.data !== undefined} problem={preview.error} onChoose={choose} />
      </Panel>
      {preview.data && <Look preview={preview.data} pending={take.isPending || preview.isPending} problem={take.error} onTake={(reason) => take.mutate(reason)} />}
    </Page>
  )
}

function Look({ preview: { rows, fresh, same, bad, findings }, pending, problem, onTake }: { preview: Preview; pending: boolean; problem: ApiProblem | null; onTake: (reason: string) => void }) {
  const { t } = useTranslation('access')
  const [offset, setOffset] = useState(0)
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const columns: Column<Row>[] = [
    { key: 'row', title: t('bulk.row'), num: true, cell: (row) => row.row },
    { key: 'name', title: t('name'), main: true, cell: (row) => row.name || '—' },
    { key: 'username', title: t('username'), cell: (row) => row.username || '—' },
    { key: 'unit', title: t('unit'), cell: (row) => <>{row.unitName || '—'} <span className="faint">{row.unit}</span></> },
    { key: 'post', title: t('grants.post'), cell: (row) => row.post || '—' },
    { key: 'becomes', title: t('state'), cell: (row) => <StateTag tone={tones[row.becomes]}>{t(`bulkGrants.becomes.${row.becomes}`)}</StateTag> },
  ]
  return (
    <Panel title={t('bulkGrants.third')}>
      <p role="status">{t('bulkGrants.counts', { fresh, same, bad })}</p>
      <WrongCells findings={findings} />
      {fresh > 0 && (
        <form
          className="stack" noValidate
          onSubmit={(event) => {
            event.preventDefault()
            setTried(true)
            if (reason.trim() && !pending) onTake(reason.trim())
          }}
        >
          <Field label={t('bulkGrants.reason')} hint={t('bulkGrants.reasonHint')} required error={tried && !reason.trim() ? t('needed') : undefined}><TextInput value={reason} onChange={setReason} maxLength={200} /></Field>
          <div className="row"><Button kind="main" type="submit" pending={pending}>{t(bad > 0 ? 'bulkGrants.takeGood' : 'bulkGrants.take', { fresh })}</Button></div>
        </form>
      )}
      {bad > 0 && <p className="faint">{t('bulkGrants.orWait')}</p>}
      {fresh === 0 && bad === 0 && <p className="faint">{t('bulkGrants.nothingNew')}</p>}
      <Failure problem={problem} />
      <Table caption={t('bulkGrants.third')} columns={columns} rows={rows.slice(offset, offset + limit)} rowKey={(row) => row.row} />
      <Paging limit={limit} offset={offset} total={rows.length} onChange={setOffset} />
    </Panel>
  )
}
