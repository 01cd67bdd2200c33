import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { findingText, languageNow } from '../../../web/i18n.ts'
import { usePathPart } from '../../../web/shell/address.ts'
import { dateText } from '../../../web/ui/date-text.ts'
import { DateText, Moment, StateTag } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf, ReasonDialog } from '../../../web/ui/moves.tsx'
import { Failure, Loaded, Loading, Note } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Table } from '../../../web/ui/table.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { ChangeInput } from '../changes.contract.ts'
import { Confirm, type Previewed } from './confirm.tsx'
import { planName, planTones } from './plan-table.tsx'
import { ReportView } from './report-view.tsx'
import './changes.css'

/** One change that waits for its day: what was confirmed, what does not fit any more; confirmed anew or withdrawn. */
export default function Ahead() {
  const { t } = useTranslation('changes')
  const id = Number(usePathPart('id'))
  const plan = useQuery(q.changes.plan.queryOptions({ input: { id } }))
  const [withdrawing, setWithdrawing] = useState(false)
  const [previewed, setPreviewed] = useState<Previewed>()
  const withdraw = useWrite(api.changes.withdraw, {
    refresh: [q.changes.key()],
    onSuccess: () => {
      toast(t('ahead.withdrawDone'))
      setWithdrawing(false)
    },
  })
  const preview = useWrite(api.changes.preview, { onSuccess: (found, { changes }) => setPreviewed({ changes: changes as ChangeInput[], ...found }) })
  if (!plan.data) return <Page title={t('ahead.one')}><Loaded query={plan}>{() => null}</Loaded></Page>
  const one = plan.data
  const on = dateText(one.on, languageNow())
  const again = () => preview.mutate({ changes: one.asked, plan: one.id })
  const crumbs = [{ to: '/changes', label: t('title') }]
  if (previewed) {
    return (
      <Page title={t('ahead.renew')} crumbs={crumbs}>
        <Confirm key={previewed.fingerprint} previewed={previewed} plan={one} onBack={() => setPreviewed(undefined)} onAgain={again} />
      </Page>
    )
  }
  return (
    <Page title={planName(t, one)} crumbs={crumbs}>
      {one.state === 'waiting' && <Note>{t('ahead.waitingNote', { on, unit: one.unitName })}</Note>}
      {one.state === 'misfit' && <Note tone="bad">{t('ahead.misfitNote')}</Note>}
      {one.state === 'withdrawn' && one.ended && <Note tone="warn">{t('ahead.withdrawnBy', { by: one.ended.by, reason: one.ended.reason })} <Moment at={one.ended.at} /></Note>}
      <Panel title={t('ahead.about')}>
        <dl className="facts change-facts">
          <dt>{t('state')}</dt><dd><StateTag tone={planTones[one.state]}>{t(`ahead.states.${one.state}`)}</StateTag></dd>
          <dt>{t('on')}</dt><dd><DateText date={one.on} /></dd>
          <dt>{t('document')}</dt><dd>{one.document}</dd>
          <dt>{t('confirm.reason')}</dt><dd>{one.reason}</dd>
          <dt>{t('ahead.by')}</dt><dd>{one.unitName} {one.by} <Moment at={one.at} /></dd>
          {one.lookedAt && <><dt>{t('ahead.looked')}</dt><dd><Moment at={one.lookedAt} /></dd></>}
          {one.became.length > 0 && <><dt>{t('ahead.became')}</dt><dd>{one.became.map((change, at) => <span key={change.id}>{at > 0 && '、'}<Link to={`/changes/${change.id}`}>{t(`kinds.${change.kind}`)}</Link></span>)} {one.ended && <Moment at={one.ended.at} />} {one.ended?.by ?? t('ahead.auto')}</dd></>}
        </dl>
        <div className="row no-print">
          <MoveButton small kind="main" explain={one.state === 'misfit'} move={moveOf(one.moves, 'renew')} label={t('ahead.renew')} pending={preview.isPending} onGo={again} stateName={(state) => t(`ahead.states.${state}`)} />
          <MoveButton small kind="danger" explain={one.state === 'misfit' || one.state === 'waiting'} move={moveOf(one.moves, 'withdraw')} label={t('ahead.withdraw')} onGo={() => setWithdrawing(true)} stateName={(state) => t(`ahead.states.${state}`)} />
        </div>
        <Failure problem={preview.error} />
        {preview.isPending && <Loading />}
      </Panel>
      {one.misfit.length > 0 && (
        <Panel title={t('ahead.misfitTitle')}>
          <Table
            caption={t('ahead.misfitTitle')} rows={one.misfit.map((row, at) => ({ ...row, key: at }))} rowKey={(row) => row.key}
            columns={[
              { key: 'what', title: t('what'), main: true, cell: (row) => (row.what === 'place' ? <>{t('ahead.place')} <code>{row.code}</code></> : t(row.what === 'problem' ? 'ahead.cannot' : `ahead.${row.what}`)) },
              { key: 'was', title: t('ahead.was'), cell: (row) => (row.what === 'place' ? (row.was ?? t('ahead.nothing')) : '') },
              { key: 'now', title: t('ahead.now'), cell: (row) => (row.what === 'place' ? (row.now ?? t('ahead.nothing')) : row.what === 'problem' ? findingText({ ...row, path: '' }) : [row.come.length > 0 ? t('ahead.more', { names: row.come.join('、') }) : '', row.gone.length > 0 ? t('ahead.fewer', { names: row.gone.join('、') }) : ''].filter(Boolean).join('；')) },
            ]}
          />
        </Panel>
      )}
      {one.reports.map((report, at) => <ReportView key={at} report={report} heading={`${one.reports.length > 1 ? `${at + 1}. ` : ''}${t('ahead.shown')}：${t(`kinds.${report.kind}`)}`} />)}
      <ReasonDialog open={withdrawing} title={t('ahead.withdraw')} lead={t('ahead.withdrawLead')} confirm={t('ahead.withdraw')} danger pending={withdraw.isPending} problem={withdraw.error} onClose={() => setWithdrawing(false)} onConfirm={(reason) => withdraw.mutate({ id, version: one.version, reason })} />
    </Page>
  )
}
