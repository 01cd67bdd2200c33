import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useGo, usePathPart, useQueryPart } from '../../../web/shell/address.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Moment, StateTag } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf, ReasonDialog } from '../../../web/ui/moves.tsx'
import { Failure, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { Tabs } from '../../../web/ui/tabs.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { DataItemDefinition } from '../../ledgers/form-definition.ts'

import type { Design } from '../designs.contract.ts'
import { drawnItem } from '../edit.ts'
import { stateTones } from './designs.tsx'
import { FormsTab } from './edit-forms.tsx'
import { HeadTab } from './edit-head.tsx'
import { HeldTab } from './edit-held.tsx'
import { IndicatorsTab } from './edit-indicators.tsx'
import { ListsTab } from './edit-lists.tsx'
import { moreParts, MoreTab } from './edit-more.tsx'
import { ApproveDialog, SubmitDialog } from './moves.tsx'
import { Review } from './review.tsx'
import { useEditing } from './use-design.ts'
import './designs.css'

/** One design: drawn in tabs, checked and costed while it is drawn, given to the burden officer, registered. */
export default function DesignRoute() {
  const { t } = useTranslation('designs')
  const id = Number(usePathPart('id'))
  const design = useQuery(q.designs.open.queryOptions({ input: { id }, staleTime: Number.POSITIVE_INFINITY, refetchOnMount: 'always' }))
  const held = useQuery({ queryKey: ['designs', 'held'], queryFn: ({ signal }) => allItems(signal), staleTime: 60_000 })
  if (!design.data || !held.data) return <Page title={t('design.title')}>{design.data ? <Loaded query={held}>{() => null}</Loaded> : <Loaded query={design}>{() => null}</Loaded>}</Page>
  // What is being drawn is the page’s own; read again, it only starts anew when the design has moved on.
  return <OneDesign key={`${design.data.id}-${design.data.state}-${design.data.submittedAt}-${design.data.decidedAt}`} design={design.data} held={held.data} />
}

export type HeldItem = DataItemDefinition & { ownerForm: string | null }

/** Everything that is held, so that a field can show it. */
async function allItems(signal: AbortSignal): Promise<HeldItem[]> {
  const all: HeldItem[] = []
  for (;;) {
    const { rows, total } = await api.ledgers.items({ limit: 500, offset: all.length }, { signal })
    all.push(...(rows as HeldItem[]))
    if (rows.length === 0 || all.length >= total) return all
  }
}

const tabs = ['forms', 'indicators', 'lists', 'more', 'held', 'head', 'review'] as const
const partsOf: Record<string, readonly string[]> = { forms: ['forms', 'dataItems'], indicators: ['indicators'], lists: ['listTemplates'], more: moreParts, held: ['removed'], head: ['pack'] }

function OneDesign({ design, held }: { design: Design; held: readonly HeldItem[] }) {
  const { t } = useTranslation('designs')
  const go = useGo()
  const editing = useEditing(design)
  const [tab, setTab] = useQueryPart('tab', design.state === 'draft' ? 'forms' : 'review')
  const [asking, setAsking] = useState<'submit' | 'approve' | 'sendBack' | 'remove'>()
  const editable = moveOf(design.moves, 'save').possible
  const check = useQuery(q.designs.check.queryOptions({ input: { id: design.id } }))
  const difference = useQuery(q.designs.difference.queryOptions({ input: { id: design.id } }))
  const findings = check.data?.findings ?? []
  const items = useMemo(() => {
    const own = (editing.content.sections.dataItems ?? []).map(drawnItem)
    return new Map<string, DataItemDefinition>([...held.map((item) => [item.code, item] as const), ...own.map((item) => [item.code, item] as const)])
  }, [held, editing.content.sections.dataItems])
  const refresh = [q.designs.key(), q.ledgers.key(), q.indicators.key(), q.inbox.key()]
  const takeBack = useWrite(api.designs.takeBack, { refresh })
  const sendBack = useWrite(api.designs.sendBack, { refresh, onSuccess: () => toast(t('moves.sentBack')) })
  const remove = useWrite(api.designs.remove, { refresh: [q.designs.list.key()], onSuccess: () => go('/designs') })
  const stateName = (state: string) => t(`state.${state}`)
  const count = (name: string) => findings.filter((finding) => finding.section !== null && partsOf[name]!.includes(finding.section)).length
  const label = (name: (typeof tabs)[number]) => {
    const wrong = name === 'review' ? findings.length : count(name)
    return <>{t(`tab.${name}`)}{wrong > 0 && <span className="tag warn" aria-label={t('tab.wrong', { count: wrong })}>{wrong}</span>}</>
  }
  const shared = { editing, design: design.id, items, held, findings, editable, twins: check.data?.twins ?? [], difference: difference.data }
  return (
    <Page
      title={pickWords(editing.content.head.title) || t('design.untitled')}
      crumbs={[{ to: '/designs', label: t('list.title') }]}
      lead={<><StateTag tone={stateTones[design.state]}>{stateName(design.state)}</StateTag> {design.unitName} · <code>{editing.content.head.code}</code></>}
      actions={
        <>
          <a className="button" href={`/api/designs/${design.id}/pack`} download onClick={() => void editing.saveNow()}>{t('design.download')}</a>
          {design.state === 'draft' && <MoveButton move={moveOf(design.moves, 'remove')} label={t('moves.remove')} kind="quiet" onGo={() => setAsking('remove')} stateName={stateName} />}
          {design.state === 'draft' && <MoveButton move={moveOf(design.moves, 'submit')} label={t('moves.submit')} kind="main" onGo={() => void editing.saveNow().then((version) => version !== undefined && setAsking('submit'))} stateName={stateName} />}
          {design.state === 'review' && (
            <>
              <MoveButton move={moveOf(design.moves, 'takeBack')} label={t('moves.takeBack')} pending={takeBack.isPending} onGo={() => takeBack.mutate({ id: design.id, version: design.version })} stateName={stateName} />
              <MoveButton move={moveOf(design.moves, 'sendBack')} label={t('moves.sendBack')} onGo={() => setAsking('sendBack')} stateName={stateName} />
              <MoveButton move={moveOf(design.moves, 'approve')} label={t('moves.approve')} kind="main" onGo={() => setAsking('approve')} stateName={stateName} />
            </>
          )}
        </>
      }
    >
      {design.reason && design.state === 'draft' && <Note tone="warn"><p><strong>{t('design.sentBack', { name: design.decidedBy ?? '' })}</strong> {design.reason}</p></Note>}
      {design.state === 'review' && <Note><p>{t('design.submitted', { name: design.submittedBy ?? '' })} {design.submittedAt && <Moment at={design.submittedAt} />}{design.note && <>：{design.note}</>}</p></Note>}
      {design.state === 'registered' && <Note tone="good"><p>{t('design.registered', { name: design.decidedBy ?? '', pack: editing.content.head.code, version: editing.content.head.version })} {design.decidedAt && <Moment at={design.decidedAt} />}</p></Note>}
      {editing.theirs && (
        <Note tone="warn">
          <p>{t('design.stale', { name: editing.theirs.savedBy })}</p>
          <div className="row">
            <Button small onClick={editing.takeTheirs}>{t('design.takeTheirs')}</Button>
            <Button small onClick={editing.keepMine}>{t('design.keepMine')}</Button>
          </div>
        </Note>
      )}
      <Failure problem={editing.problem} />
      <Failure problem={takeBack.error} />
      {editable && <p className="faint" role="status">{editing.saving ? t('design.saving') : editing.unsaved ? t('design.unsaved') : <>{t('design.savedAt')} <Moment at={editing.savedAt} /></>}</p>}
      <Tabs label={t('design.parts')} tabs={tabs.map((key) => ({ key, label: label(key) }))} chosen={tab} onChoose={setTab}>
        <fieldset disabled={!editable && tab !== 'review' && tab !== 'held'} className="stack">
          {tab === 'forms' && <FormsTab {...shared} />}
          {tab === 'indicators' && <IndicatorsTab {...shared} />}
          {tab === 'lists' && <ListsTab {...shared} />}
          {tab === 'more' && <MoreTab {...shared} />}
          {tab === 'held' && <HeldTab {...shared} />}
          {tab === 'head' && <HeadTab {...shared} />}
        </fieldset>
        {tab === 'review' && <Review {...shared} shown={design} check={check} differenceQuery={difference} onGoTo={setTab} />}
      </Tabs>
      {asking === 'submit' && <SubmitDialog design={design} version={editing.saveNow} findings={findings.length} onClose={() => setAsking(undefined)} onReview={() => { setAsking(undefined); setTab('review') }} />}
      {asking === 'approve' && <ApproveDialog design={design} findings={findings.length} onClose={() => setAsking(undefined)} />}
      <ReasonDialog
        open={asking === 'sendBack'} title={t('moves.sendBackTitle')} lead={t('moves.sendBackLead')} confirm={t('moves.sendBack')} pending={sendBack.isPending} problem={sendBack.error}
        onClose={() => setAsking(undefined)} onConfirm={(reason) => sendBack.mutate({ id: design.id, version: design.version, reason }, { onSuccess: () => setAsking(undefined) })}
      />
      <ReasonlessRemove open={asking === 'remove'} pending={remove.isPending} problem={remove.error} onClose={() => setAsking(undefined)} onRemove={() => void editing.saveNow().then((version) => remove.mutate({ id: design.id, version: version ?? design.version }))} />
    </Page>
  )
}

function ReasonlessRemove({ open, pending, problem, onClose, onRemove }: { open: boolean; pending: boolean; problem: unknown; onClose: () => void; onRemove: () => void }) {
  const { t } = useTranslation('designs')
  if (!open) return null
  return (
    <Note tone="warn">
      <p>{t('moves.removeLead')}</p>
      <Failure problem={problem} />
      <div className="row"><Button small onClick={onClose}>{t('moves.keep')}</Button><Button small kind="danger" pending={pending} onClick={onRemove}>{t('moves.remove')}</Button></div>
    </Note>
  )
}

