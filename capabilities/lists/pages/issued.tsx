import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { useGo } from '../../../web/shell/address.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { Menu } from '../../../web/ui/menu.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { MoveButton, moveOf, ReasonDialog } from '../../../web/ui/moves.tsx'
import { Empty, Failure, Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { Item } from '../lists.contract.ts'
import { ItemFacts, type ListPage } from './draft.tsx'
import { emptyItem, ItemDialog } from './item-form.tsx'
import { ListStateTag, ProgressMarks, whyNot } from './list-marks.tsx'

/** An issued list: how far each item is, and what its issuer or a level between can still do about it. */
export function Issued({ list }: { list: ListPage }) {
  const { t } = useTranslation('lists')
  return (
    <>
      {list.progress && <Panel title={t('list.whole')}><ProgressMarks progress={list.progress} label={t('list.percent', { percent: list.progress.percent })} /></Panel>}
      <Panel title={t('draft.items', { count: list.entries.length })}>
        {list.entries.length === 0 ? <Empty title={t('list.noItems')} /> : <ol className="stack plain-list">{list.entries.map((item) => <IssuedItem key={item.id} item={item} list={list} />)}</ol>}
      </Panel>
    </>
  )
}

function IssuedItem({ item, list }: { item: Item; list: ListPage }) {
  const { t } = useTranslation('lists')
  const issuers = myUnits(useMe(), 'list.issue').filter((unit) => unit.id !== list.issuer)
  const [cancelling, setCancelling] = useState(false)
  const [below, setBelow] = useState<{ id: number; name: string }>()
  const cancel = useWrite(api.lists.cancelItem, {
    refresh: [q.lists.key(), q.inbox.key()],
    onSuccess: () => {
      setCancelling(false)
      toast(t('list.itemCancelled'))
    },
  })
  const close = useWrite(api.lists.closeItem, { refresh: [q.lists.key(), q.inbox.key()], onSuccess: () => toast(t('list.itemClosed')) })
  const moves = { cancel: moveOf(item.moves, 'cancelItem'), close: moveOf(item.moves, 'closeItem'), below: moveOf(item.moves, 'addBelow') }
  const stateName = (state: string) => t(`state.${state}`)
  // Those who issue nothing see no row of buttons that they can never press.
  const issues = item.state === 'issued' && (moves.cancel.why !== 'not-allowed' || moves.close.why !== 'not-allowed')
  const hangs = item.state === 'issued' && moves.below.why !== 'not-allowed' && issuers.length > 0
  return (
    <li className="panel stack" id={`item-${item.id}`}>
      <div className="row spread">
        <div className="item-head">
          {item.head && <span className="faint">{item.head}</span>}
          <h3>{item.ordinal}. {item.title}</h3>
        </div>
        <ListStateTag state={item.state} />
      </div>
      {item.reason && <Note tone="warn">{t('list.cancelledBecause')} {item.reason}</Note>}
      <ProgressMarks progress={item.progress} label={item.progress ? t('list.percent', { percent: item.progress.percent }) : undefined} />
      <ItemFacts item={item} />
      <Failure problem={close.error} />
      <div className="row spread no-print">
        <Link to="/tasks" search={{ list: String(list.id), item: String(item.id), only: 'all' } as never}>{t('list.itemTasks')}</Link>
        <div className="row end">
          {hangs && (issuers.length === 1 || !moves.below.possible
            ? <MoveButton small move={moves.below} label={t('below.title')} why={whyNot(moves.below, t)} stateName={stateName} onGo={() => setBelow(issuers[0])} />
            : <Menu label={t('below.title')} look="button small" button={<>{t('below.title')}<Icon name="down" size={14} /></>} items={issuers.map((unit) => ({ key: String(unit.id), label: unit.name, onGo: () => setBelow(unit) }))} />)}
          {issues && <MoveButton small move={moves.cancel} label={t('list.cancelItem')} stateName={stateName} onGo={() => setCancelling(true)} />}
          {issues && <MoveButton small move={moves.close} label={t('list.closeItem')} stateName={stateName} pending={close.isPending} onGo={() => close.mutate({ item: item.id, version: item.version })} />}
        </div>
      </div>
      <ReasonDialog
        open={cancelling} danger title={t('list.cancelItem')} lead={t('list.cancelLead', { title: item.title })} confirm={t('list.cancelItem')}
        pending={cancel.isPending} problem={cancel.error} onClose={() => setCancelling(false)} onConfirm={(reason) => cancel.mutate({ item: item.id, version: item.version, reason })}
      />
      {below && <AddBelow parent={item} issuer={below} year={list.year} onClose={() => setBelow(undefined)} />}
    </li>
  )
}

function AddBelow({ parent, issuer, year, onClose }: { parent: Item; issuer: { id: number; name: string }; year: number; onClose: () => void }) {
  const { t } = useTranslation('lists')
  const go = useGo()
  const add = useWrite(api.lists.addBelow, {
    refresh: [q.lists.key()],
    onSuccess: ({ list }) => {
      toast(t('below.added'))
      go(`/lists/${list}`)
    },
  })
  return (
    <ItemDialog
      title={t('below.title')} lead={t('below.lead', { title: parent.title, issuer: issuer.name })} confirm={t('below.confirm')}
      start={{ ...emptyItem, title: parent.title, head: parent.head, deliverable: parent.deliverable, measure: parent.measure, pillar: parent.pillar, lead: issuer.id }}
      names={new Map([[issuer.id, issuer.name]])} issuer={issuer} year={year} path="item" pending={add.isPending} problem={add.error}
      onClose={onClose} onSend={(item) => add.mutate({ parentItem: parent.id, issuer: issuer.id, item })}
    />
  )
}
