import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { isApiProblem } from '../../../web/api/problem.ts'
import { languageNow } from '../../../web/i18n.ts'
import { useGo } from '../../../web/shell/address.ts'
import { Button } from '../../../web/ui/button.tsx'
import { dateText } from '../../../web/ui/date-text.ts'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { TextArea, TextInput } from '../../../web/ui/inputs.tsx'
import { DateText } from '../../../web/ui/marks.tsx'
import { Failure, Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { ChangeInput, PlanRow, Report } from '../changes.contract.ts'
import { ReportView } from './report-view.tsx'

export type Previewed = { changes: ChangeInput[]; fingerprint: string; reports: Report[]; ahead: string | null; coming: PlanRow[] }

/**
 * The preview of changes, and their confirmation with reason and document: carried out now, or prepared for their day;
 * what has changed meanwhile is previewed again. With `plan`, one that was prepared before is confirmed anew.
 */
export function Confirm({ previewed, plan, onBack, onAgain }: { previewed: Previewed; plan?: { id: number; version: number; reason: string; document: string }; onBack: () => void; onAgain: () => void }) {
  const { t } = useTranslation('changes')
  const go = useGo()
  const { changes, fingerprint, reports, ahead, coming } = previewed
  const [reason, setReason] = useState(plan?.reason ?? '')
  const [document, setDocument] = useState(plan?.document ?? '')
  const [tried, setTried] = useState(false)
  const on = ahead === null ? '' : dateText(ahead, languageNow())
  const everything = [q.changes.key(), q.units.key(), q.lists.key(), q.ledgers.key(), q.indicators.key(), q.inbox.key()]
  const carriedOut = (ids: readonly number[]) => {
    toast(t('done', { count: ids.length }))
    go(ids.length === 1 ? `/changes/${ids[0]}` : '/changes')
  }
  const make = useWrite(api.changes.make, { refresh: everything, onSuccess: ({ ids }) => carriedOut(ids) })
  const prepare = useWrite(api.changes.prepare, {
    refresh: [q.changes.key()],
    onSuccess: ({ id }) => {
      toast(t('ahead.prepared', { on }))
      go(`/changes/ahead/${id}`)
    },
  })
  const renew = useWrite(api.changes.renew, {
    refresh: everything,
    onSuccess: ({ became }) => {
      if (became.length > 0) return carriedOut(became)
      toast(t('ahead.renewed', { on }))
      onBack()
    },
  })
  const [write, label] = plan ? [renew, t(ahead ? 'ahead.renewGo' : 'ahead.renewNow')] : ahead ? [prepare, t('ahead.confirmGo')] : [make, t('confirm.go')]
  const send = () => {
    const decided = { changes, fingerprint, reason: reason.trim(), document: document.trim() }
    if (plan) renew.mutate({ id: plan.id, version: plan.version, fingerprint })
    else if (ahead) prepare.mutate(decided)
    else make.mutate(decided)
  }
  const total = (of: (report: Report) => number) => reports.reduce((all, report) => all + of(report), 0)
  return (
    <div className="stack">
      <Note tone="warn">
        {ahead && <p>{t('ahead.previewLead', { on })}</p>}
        {t('previewLead', { changes: reports.length, tasks: total((one) => one.tasks.count), posts: total((one) => one.posts.count), records: total((one) => one.records) })}
      </Note>
      {coming.length > 0 && (
        <Note tone={ahead ? 'bad' : 'warn'}>
          {t('ahead.already')}
          <ul>{coming.map((one) => <li key={one.id}><Link to={`/changes/ahead/${one.id}`}><DateText date={one.on} /> {one.units.slice(0, 4).join('、')}</Link>（{one.document}）</li>)}</ul>
          {ahead && t('ahead.alreadyHint')}
        </Note>
      )}
      {reports.map((report, at) => <ReportView key={at} report={report} heading={`${reports.length > 1 ? `${at + 1}. ` : ''}${t(`kinds.${report.kind}`)}`} />)}
      <form
        className="stack" noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (reason.trim() && document.trim()) send()
        }}
      >
        <Panel title={t(ahead ? 'ahead.confirmTitle' : 'confirm.title')}>
          {ahead && <p className="soft">{t('ahead.confirmHint', { on })}</p>}
          {plan ? (
            <dl className="facts change-facts"><dt>{t('document')}</dt><dd>{document}</dd><dt>{t('confirm.reason')}</dt><dd>{reason}</dd></dl>
          ) : (
            <>
              <Field label={t('document')} hint={t('confirm.documentHint')} required error={tried && !document.trim() ? t('confirm.documentMissing') : errorAt(write.error, 'document')}><TextInput value={document} onChange={setDocument} maxLength={100} /></Field>
              <Field label={t('confirm.reason')} hint={t('confirm.reasonHint')} required error={tried && !reason.trim() ? t('confirm.reasonMissing') : errorAt(write.error, 'reason')}><TextArea value={reason} onChange={setReason} maxLength={200} /></Field>
            </>
          )}
        </Panel>
        <Failure problem={write.error} />
        <div className="row end">
          <Button onClick={onBack}>{t('confirm.back')}</Button>
          {isApiProblem(write.error, 'change-preview-old') ? <Button kind="main" onClick={onAgain}>{t('confirm.again')}</Button> : <Button kind="main" type="submit" pending={write.isPending}>{label}</Button>}
        </div>
      </form>
    </div>
  )
}
