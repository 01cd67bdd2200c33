import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, type Api } from '../../../web/api/client.ts'
import { asProblem, isApiProblem } from '../../../web/api/problem.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useGo } from '../../../web/shell/address.ts'
import { Button, IconButton } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { TextInput } from '../../../web/ui/inputs.tsx'
import { DateText, PeriodText, StateTag } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf } from '../../../web/ui/moves.tsx'
import { Empty, Failure, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import { CapsBefore } from '../../burden/pages/caps-before.tsx'
import type { Cost, Item } from '../lists.contract.ts'
import { CostFigures, CostTable } from './cost.tsx'
import { emptyItem, inputOf, ItemDialog } from './item-form.tsx'
import { DeadlineWorking } from './list-marks.tsx'

export type ListPage = Awaited<ReturnType<Api['lists']['list']>>

const fresh = () => [q.lists.key(), q.inbox.key(), q.ledgers.key()]

/** A draft: its items with what each still lacks, what issuing will cost, and issuing. */
export function Draft({ list }: { list: ListPage }) {
  const { t } = useTranslation('lists')
  const [editing, setEditing] = useState<Item | 'new'>()
  const mayWrite = moveOf(list.moves, 'addItem').possible
  const open = list.entries.filter((item) => item.missing.length > 0)
  return (
    <>
      {list.entries.length > 0 && (open.length > 0
        ? <Note tone="warn">{t('draft.incomplete', { count: open.length, of: list.entries.length })}</Note>
        : <Note tone="good">{t('draft.complete')}</Note>)}
      <Panel
        title={t('draft.items', { count: list.entries.length })}
        actions={mayWrite && <Button small icon={<Icon name="plus" size={16} />} onClick={() => setEditing('new')}>{t('draft.add')}</Button>}
      >
        {list.entries.length === 0 ? <Empty title={t('draft.nothing')}>{t('draft.nothingNext')}</Empty> : (
          <ol className="stack plain-list">{list.entries.map((item) => <DraftItem key={item.id} item={item} last={list.entries.length} onEdit={() => setEditing(item)} />)}</ol>
        )}
      </Panel>
      {mayWrite && list.entries.length > 0 && <CostPanel list={list} />}
      <DraftMoves list={list} />
      {editing === 'new' && <AddItem list={list} onClose={() => setEditing(undefined)} />}
      {editing && editing !== 'new' && <EditItem list={list} item={editing} onClose={() => setEditing(undefined)} />}
    </>
  )
}

function DraftItem({ item, last, onEdit }: { item: Item; last: number; onEdit: () => void }) {
  const { t } = useTranslation('lists')
  const [removing, setRemoving] = useState(false)
  const move = useWrite(api.lists.moveItem, { refresh: [q.lists.key()] })
  const remove = useWrite(api.lists.removeItem, { refresh: [q.lists.key()], onSuccess: () => toast(t('draft.itemRemoved')) })
  const to = (place: number) => move.mutate({ item: item.id, version: item.version, to: place })
  const movable = moveOf(item.moves, 'moveItem').possible
  return (
    <li className="panel stack" id={`item-${item.id}`}>
      <div className="row spread">
        <div className="item-head">
          {item.head && <span className="faint">{item.head}</span>}
          <h3>{item.ordinal}. {item.title}</h3>
        </div>
        {movable && (
          <div className="row tight no-print">
            <IconButton label={t('draft.up', { title: item.title })} disabled={item.ordinal <= 1 || move.isPending} onClick={() => to(item.ordinal - 1)}><Icon name="up" size={18} /></IconButton>
            <IconButton label={t('draft.down', { title: item.title })} disabled={item.ordinal >= last || move.isPending} onClick={() => to(item.ordinal + 1)}><Icon name="down" size={18} /></IconButton>
          </div>
        )}
      </div>
      <ItemFacts item={item} />
      {item.missing.length > 0 && <div className="row tight"><span>{t('draft.missing')}</span>{item.missing.map((part) => <StateTag key={part} tone="warn">{t(`part.${part}`)}</StateTag>)}</div>}
      <Failure problem={move.error} />
      <div className="row end no-print">
        <MoveButton small kind="quiet" move={moveOf(item.moves, 'removeItem')} label={t('draft.remove')} onGo={() => setRemoving(true)} stateName={(state) => t(`state.${state}`)} />
        <MoveButton small move={moveOf(item.moves, 'updateItem')} label={t('draft.edit')} onGo={onEdit} stateName={(state) => t(`state.${state}`)} />
      </div>
      <Dialog
        open={removing} title={t('draft.removeTitle')} onClose={() => setRemoving(false)}
        actions={<><Button onClick={() => setRemoving(false)}>{t('cancel')}</Button><Button kind="danger" pending={remove.isPending} onClick={() => remove.mutate({ item: item.id, version: item.version })}>{t('draft.remove')}</Button></>}
      >
        <p>{t('draft.removeLead', { title: item.title })}</p>
        <Failure problem={remove.error} />
      </Dialog>
    </li>
  )
}

/** What an item says: who, what, by when, with which form. Lines without words are left out. */
export function ItemFacts({ item }: { item: Item }) {
  const { t } = useTranslation('lists')
  return (
    <>
      {item.detail && <p className="prose">{item.detail}</p>}
      <dl className="facts">
        {item.leadName && <><dt>{t('item.lead')}</dt><dd>{item.leadName}</dd></>}
        {item.coUnitNames.length > 0 && <><dt>{t('item.coUnits')}</dt><dd>{item.coUnitNames.join(t('comma'))}</dd></>}
        {item.audienceText && <><dt>{t('item.audience')}</dt><dd>{item.audienceText}</dd></>}
        {item.deliverable && <><dt>{t('item.deliverable')}</dt><dd>{item.deliverable}</dd></>}
        {item.measure && <><dt>{t('item.measure')}</dt><dd>{item.measure}</dd></>}
        {item.pillar && <><dt>{t('item.pillar')}</dt><dd>{t(`pillar.${item.pillar}`)}</dd></>}
        <dt>{t('item.weight')}</dt><dd className="number">{item.weight}</dd>
        {(item.due || item.deadline || item.dueWorkingDays !== null) && (
          <>
            <dt>{t('deadline.due')}</dt>
            <dd>
              {item.due ? <DateText date={item.due} /> : item.deadline ? <DateText date={item.deadline.due} /> : t('deadline.afterIssue', { count: item.dueWorkingDays ?? 0 })}
              {item.deadline && <DeadlineWorking shown={item.deadline} />}
            </dd>
          </>
        )}
        {item.formName && <><dt>{t('item.form')}</dt><dd>{pickWords(item.formName)}{item.period && <> · <PeriodText period={item.period} /></>}</dd></>}
      </dl>
    </>
  )
}

/** The names of the units that items of a list name, as far as the page knows them. */
function namesIn(list: ListPage): ReadonlyMap<number, string> {
  const names = new Map<number, string>([[list.issuer, list.issuerName]])
  for (const item of list.entries) {
    if (item.lead !== null && item.leadName) names.set(item.lead, item.leadName)
    item.coUnits.forEach((unit, at) => names.set(unit, item.coUnitNames[at] ?? `#${unit}`))
  }
  return names
}

function AddItem({ list, onClose }: { list: ListPage; onClose: () => void }) {
  const { t } = useTranslation('lists')
  const add = useWrite(api.lists.addItem, {
    refresh: [q.lists.key()],
    onSuccess: () => {
      toast(t('draft.added'))
      onClose()
    },
  })
  const last = list.entries.at(-1)
  return (
    <ItemDialog
      title={t('draft.add')} confirm={t('draft.addConfirm')} start={{ ...emptyItem, head: last?.head ?? null, lead: last?.lead ?? null }} names={namesIn(list)}
      issuer={{ id: list.issuer, name: list.issuerName }} year={list.year} path="item" pending={add.isPending} problem={add.error}
      onClose={onClose} onSend={(item) => add.mutate({ list: list.id, item })}
    />
  )
}

function EditItem({ list, item, onClose }: { list: ListPage; item: Item; onClose: () => void }) {
  const { t } = useTranslation('lists')
  const named = [...(item.audience?.within ?? []), ...(item.audience?.except ?? [])].filter((unit) => unit !== list.issuer)
  // The rule names units by id only; their names are asked for before the dialog is shown.
  const rows = useQuery({
    queryKey: ['list-item-units', item.id, item.version],
    queryFn: async ({ signal }) => Promise.all([...new Set(named)].map((id) => api.units.one({ id }, { signal }))),
    enabled: named.length > 0,
  })
  const update = useWrite(api.lists.updateItem, {
    refresh: [q.lists.key()],
    onSuccess: () => {
      toast(t('draft.saved'))
      onClose()
    },
  })
  if (named.length > 0 && rows.isPending) return null
  const names = new Map([...namesIn(list), ...(rows.data ?? []).map((unit) => [unit.id, unit.name] as const)])
  return (
    <ItemDialog
      title={t('draft.editTitle', { n: item.ordinal })} confirm={t('save')} start={inputOf(item)} names={names}
      issuer={{ id: list.issuer, name: list.issuerName }} year={list.year} path="to" pending={update.isPending} problem={update.error}
      onClose={onClose} onSend={(to) => update.mutate({ item: item.id, version: item.version, to })}
    />
  )
}

const costOf = (id: number) => q.lists.cost.queryOptions({ input: { id } })

function CostPanel({ list }: { list: ListPage }) {
  const { t } = useTranslation('lists')
  const cost = useQuery(costOf(list.id))
  return (
    <Panel title={t('cost.title')}>
      <p className="soft">{t('cost.lead')}</p>
      <Loaded query={cost}>{(figures: Cost) => <><CostFigures cost={figures} /><CostTable cost={figures} /></>}</Loaded>
      <CapsBefore list={list.id} />
    </Panel>
  )
}

function DraftMoves({ list }: { list: ListPage }) {
  const { t } = useTranslation('lists')
  const go = useGo()
  const [asking, setAsking] = useState<'issue' | 'remove' | 'update'>()
  const moves = { issue: moveOf(list.moves, 'issue'), remove: moveOf(list.moves, 'remove'), update: moveOf(list.moves, 'update') }
  const open = list.entries.filter((item) => item.missing.length > 0)
  const remove = useWrite(api.lists.remove, {
    refresh: [q.lists.key()],
    onSuccess: () => {
      toast(t('draft.removed'))
      go('/lists')
    },
  })
  if (Object.values(moves).every((move) => move.why === 'not-allowed')) return null
  const why = list.entries.length === 0 ? t('draft.noItems') : open.length > 0 ? t('draft.blockedBy', { count: open.length, titles: open.slice(0, 5).map((item) => `${item.ordinal}. ${item.title}`).join(t('comma')) }) : undefined
  const issue = why && moves.issue.possible ? { ...moves.issue, possible: false } : moves.issue
  const close = () => setAsking(undefined)
  return (
    <>
      <div className="row end no-print">
        <MoveButton kind="quiet" move={moves.remove} label={t('draft.drop')} onGo={() => setAsking('remove')} />
        <MoveButton move={moves.update} label={t('draft.rename')} onGo={() => setAsking('update')} />
        <MoveButton kind="main" explain={why !== undefined} why={moves.issue.possible ? why : undefined} move={issue} label={t('draft.issue')} onGo={() => setAsking('issue')} />
      </div>
      {asking === 'issue' && <IssueDialog list={list} onClose={close} />}
      {asking === 'update' && <RenameDialog list={list} onClose={close} />}
      <Dialog
        open={asking === 'remove'} title={t('draft.drop')} onClose={close}
        actions={<><Button onClick={close}>{t('cancel')}</Button><Button kind="danger" pending={remove.isPending} onClick={() => remove.mutate({ list: list.id, version: list.version })}>{t('draft.drop')}</Button></>}
      >
        <p>{t('draft.dropLead', { count: list.entries.length })}</p>
        <Failure problem={remove.error} />
      </Dialog>
    </>
  )
}

/** Repeats the cost, then issues. What the server finds is named at its item. */
function IssueDialog({ list, onClose }: { list: ListPage; onClose: () => void }) {
  const { t } = useTranslation('lists')
  const cost = useQuery(costOf(list.id))
  const issue = useWrite(api.lists.issue, {
    refresh: fresh(),
    onSuccess: ({ tasks, units }) => {
      toast(t('draft.issued', { tasks, units }))
      onClose()
    },
  })
  return (
    <Dialog
      open title={t('draft.issueTitle')} onClose={onClose}
      actions={<><Button onClick={onClose}>{t('cancel')}</Button><Button kind="main" disabled={!cost.data} pending={issue.isPending} onClick={() => issue.mutate({ list: list.id, version: list.version })}>{t('draft.issue')}</Button></>}
    >
      <p>{t('draft.issueLead', { title: list.title })}</p>
      <Loaded query={cost}>{(figures: Cost) => <CostFigures cost={figures} />}</Loaded>
      {isApiProblem(issue.error, 'list-incomplete') ? <Findings problem={issue.error} entries={list.entries} /> : <Failure problem={issue.error} />}
    </Dialog>
  )
}

function Findings({ problem, entries }: { problem: unknown; entries: readonly Item[] }) {
  const { t } = useTranslation('lists')
  const { findings } = asProblem(problem)
  return (
    <div role="alert">
      <Note tone="bad">
        <p>{t('draft.refused', { count: findings.length })}</p>
        <ul>
          {findings.slice(0, 30).map((finding, at) => {
            const [, id = '', part = ''] = finding.path.split('.')
            const item = entries.find((one) => one.id === Number(id))
            return <li key={at}>{item && `${item.ordinal}. ${item.title}：`}{t(`finding.${finding.code}`, { ...finding.facts, part: part ? t(`part.${part}`) : '' })}</li>
          })}
        </ul>
      </Note>
    </div>
  )
}

function RenameDialog({ list, onClose }: { list: ListPage; onClose: () => void }) {
  const { t } = useTranslation('lists')
  const [title, setTitle] = useState(list.title)
  const [clause, setClause] = useState(list.clause ?? '')
  const [tried, setTried] = useState(false)
  const update = useWrite(api.lists.update, { refresh: [q.lists.key()], onSuccess: onClose })
  const send = () => {
    setTried(true)
    if (title.trim() !== '') update.mutate({ list: list.id, version: list.version, title: title.trim(), clause: clause.trim() || null })
  }
  return (
    <Dialog
      open title={t('draft.rename')} onClose={onClose}
      actions={<><Button onClick={onClose}>{t('cancel')}</Button><Button kind="main" pending={update.isPending} onClick={send}>{t('save')}</Button></>}
    >
      <Field label={t('lists.name')} required error={tried && title.trim() === '' ? t('new.titleMissing') : errorAt(update.error, 'title')}><TextInput value={title} onChange={setTitle} maxLength={200} /></Field>
      <Field label={t('clause')} optional hint={t('new.clauseHint')}><TextInput value={clause} onChange={setClause} maxLength={200} /></Field>
      <Failure problem={update.error} />
    </Dialog>
  )
}
