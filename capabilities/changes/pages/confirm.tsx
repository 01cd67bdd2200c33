import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { isApiProblem } from '../../../web/api/problem.ts'
import { useGo } from '../../../web/shell/address.ts'
import { Button } from '../../../web/ui/button.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { TextArea, TextInput } from '../../../web/ui/inputs.tsx'
import { Failure, Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { ChangeInput, Report } from '../changes.contract.ts'
import { ReportView } from './report-view.tsx'

export type Previewed = { changes: ChangeInput[]; fingerprint: string; reports: Report[] }

/** The preview of changes, and their confirmation with reason and document; what has changed meanwhile is previewed again. */
export function Confirm({ previewed, onBack, onAgain }: { previewed: Previewed; onBack: () => void; onAgain: () => void }) {
  const { t } = useTranslation('changes')
  const go = useGo()
  const { changes, fingerprint, reports } = previewed
  const [reason, setReason] = useState('')
  const [document, setDocument] = useState('')
  const [tried, setTried] = useState(false)
  const make = useWrite(api.changes.make, {
    refresh: [q.changes.key(), q.units.key(), q.lists.key(), q.ledgers.key(), q.indicators.key(), q.inbox.key()],
    onSuccess: ({ ids }) => {
      toast(t('done', { count: ids.length }))
      go(ids.length === 1 ? `/changes/${ids[0]}` : '/changes')
    },
  })
  const total = (of: (report: Report) => number) => reports.reduce((all, report) => all + of(report), 0)
  return (
    <div className="stack">
      <Note tone="warn">{t('previewLead', { changes: reports.length, tasks: total((one) => one.tasks.count), posts: total((one) => one.posts.count), records: total((one) => one.records) })}</Note>
      {reports.map((report, at) => <ReportView key={at} report={report} heading={`${reports.length > 1 ? `${at + 1}. ` : ''}${t(`kinds.${report.kind}`)}`} />)}
      <form
        className="stack" noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (reason.trim() && document.trim()) make.mutate({ changes, fingerprint, reason: reason.trim(), document: document.trim() })
        }}
      >
        <Panel title={t('confirm.title')}>
          <Field label={t('document')} hint={t('confirm.documentHint')} required error={tried && !document.trim() ? t('confirm.documentMissing') : errorAt(make.error, 'document')}><TextInput value={document} onChange={setDocument} maxLength={100} /></Field>
          <Field label={t('confirm.reason')} hint={t('confirm.reasonHint')} required error={tried && !reason.trim() ? t('confirm.reasonMissing') : errorAt(make.error, 'reason')}><TextArea value={reason} onChange={setReason} maxLength={200} /></Field>
        </Panel>
        <Failure problem={make.error} />
        <div className="row end">
          <Button onClick={onBack}>{t('confirm.back')}</Button>
          {isApiProblem(make.error, 'change-preview-old') ? <Button kind="main" onClick={onAgain}>{t('confirm.again')}</Button> : <Button kind="main" type="submit" pending={make.isPending}>{t('confirm.go')}</Button>}
        </div>
      </form>
    </div>
  )
}
