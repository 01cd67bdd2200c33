import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { usePathPart } from '../../../web/shell/address.ts'
import { DateText, Moment, StateTag } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf, ReasonDialog } from '../../../web/ui/moves.tsx'
import { Loaded, Note } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import { ReportView } from './report-view.tsx'
import './changes.css'

/** One change: who did it on what ground, everything it moved, and taking it back on its day. */
export default function Change() {
  const { t } = useTranslation('changes')
  const id = Number(usePathPart('id'))
  const change = useQuery(q.changes.one.queryOptions({ input: { id } }))
  const [undoing, setUndoing] = useState(false)
  const undo = useWrite(api.changes.undo, {
    refresh: [q.changes.key(), q.units.key(), q.lists.key(), q.ledgers.key(), q.indicators.key(), q.inbox.key()],
    onSuccess: () => {
      toast(t('undo.done'))
      setUndoing(false)
    },
  })
  if (!change.data) return <Page title={t('one.title')}><Loaded query={change}>{() => null}</Loaded></Page>
  const one = change.data
  return (
    <Page title={`${t(`kinds.${one.kind}`)}：${one.from.slice(0, 4).join('、')}${one.to.length > 0 ? ` → ${one.to.slice(0, 4).join('、')}` : ''}`} crumbs={[{ to: '/changes', label: t('title') }]}>
      {one.undone && <Note tone="warn">{t('undo.was', { by: one.undone.by, reason: one.undone.reason })} <Moment at={one.undone.at} /></Note>}
      <Panel title={t('one.about')}>
        <dl className="facts change-facts">
          <dt>{t('state')}</dt><dd><StateTag tone={one.state === 'done' ? 'good' : 'plain'}>{t(`states.${one.state}`)}</StateTag></dd>
          <dt>{t('on')}</dt><dd><DateText date={one.on} /></dd>
          <dt>{t('document')}</dt><dd>{one.document}</dd>
          <dt>{t('confirm.reason')}</dt><dd>{one.reason}</dd>
          <dt>{t('one.by')}</dt><dd>{one.by} <Moment at={one.at} /></dd>
        </dl>
        <div className="row no-print"><MoveButton small explain move={moveOf(one.moves, 'undo')} label={t('undo.go')} onGo={() => setUndoing(true)} stateName={(state) => t(`states.${state}`)} /></div>
      </Panel>
      <ReportView report={one.report} heading={t('one.moved')} />
      <ReasonDialog open={undoing} title={t('undo.go')} lead={t('undo.lead')} confirm={t('undo.go')} danger pending={undo.isPending} problem={undo.error} onClose={() => setUndoing(false)} onConfirm={(reason) => undo.mutate({ id, reason })} />
    </Page>
  )
}
