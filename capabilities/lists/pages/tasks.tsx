import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { useWaiting } from '../../../web/offline/waiting.ts'
import { useMay, useMe } from '../../../web/shell/me.ts'
import { Button, ButtonLink } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { SearchBox, Select, TextArea, Tick } from '../../../web/ui/inputs.tsx'
import { DateText, PeriodText, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Failure, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { Paging, Table } from '../../../web/ui/table.tsx'
import { Tabs } from '../../../web/ui/tabs.tsx'
import { UnitPicker } from '../../../web/ui/unit-picker.tsx'
import type { TaskRow } from '../lists.contract.ts'
import { isUnreported } from '../task.ts'
import { DaysLeft, LightOf, TaskStateTag } from './list-marks.tsx'

const limit = 50
const kinds = ['open', 'unsigned', 'unreported', 'overdue', 'dueSoon', 'toCheck', 'deferralAsked', 'done', 'all'] as const
const sorts = ['due', 'unit', 'state'] as const

/** Tasks of my units: what is open, who has not signed or reported, what is late; many are reminded at once. */
export default function Tasks() {
  const { t } = useTranslation('lists')
  const [parts, setParts] = useQueryParts()
  const only = kinds.find((one) => one === parts.only) ?? 'open'
  const sort = sorts.find((one) => one === parts.sort) ?? 'due'
  const offset = Number(parts.offset ?? 0)
  const numbers = (['unit', 'list', 'item'] as const).flatMap((name) => (Number(parts[name]) > 0 ? [[name, Number(parts[name])] as const] : []))
  const tasks = useQuery(q.lists.tasks.queryOptions({ input: { only, sort, limit, offset, ...Object.fromEntries(numbers), ...(parts.q ? { q: parts.q } : {}) } }))
  const lists = useQuery(q.lists.lists.queryOptions({ input: { limit: 200 } }))
  const unit = useQuery({ ...q.units.one.queryOptions({ input: { id: Number(parts.unit) } }), enabled: Number(parts.unit) > 0 })
  const filtered = Boolean(parts.q || parts.unit || parts.list || parts.item)
  return (
    <Page title={t('tasks.title')} lead={t('tasks.lead')}>
      <div className="filters no-print">
        <SearchBox label={t('tasks.search')} value={parts.q ?? ''} onChange={(text) => setParts({ q: text, offset: '' })} />
        <Select
          aria-label={t('tasks.list')} value={parts.list ?? ''} empty={t('tasks.allLists')} onChange={(list) => setParts({ list, item: '', offset: '' })}
          options={(lists.data?.rows ?? []).filter((list) => list.state !== 'draft').map((list) => ({ value: String(list.id), label: list.title }))}
        />
        <UnitPicker label={t('tasks.unit')} value={unit.data ? { id: unit.data.id, name: unit.data.name } : undefined} onChange={(chosen) => setParts({ unit: chosen ? String(chosen.id) : '', offset: '' })} />
        <Select aria-label={t('tasks.sort')} value={sort} options={sorts.map((value) => ({ value, label: t(`tasks.sorts.${value}`) }))} onChange={(value) => setParts({ sort: value === 'due' ? '' : value, offset: '' })} />
        {filtered && <Button kind="quiet" onClick={() => setParts({ q: '', unit: '', list: '', item: '', offset: '' })}>{t('tasks.clear')}</Button>}
      </div>
      {parts.item && <Note>{t('tasks.oneItem')} {tasks.data?.rows[0]?.title}</Note>}
      <Tabs label={t('tasks.which')} chosen={only} onChoose={(key) => setParts({ only: key === 'open' ? '' : key, offset: '' })} tabs={kinds.map((key) => ({ key, label: t(`tasks.only.${key}`) }))}>
        <Loaded query={tasks}>
          {({ rows, total }) => (
            <>
              {rows.length === 0 ? <Empty title={t(filtered ? 'tasks.nothingFound' : 'tasks.nothing')}>{t(filtered ? 'tasks.nothingFoundNext' : 'tasks.nothingNext')}</Empty> : <Rows key={`${only}-${offset}`} rows={rows} />}
              <Paging limit={limit} offset={offset} total={total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
            </>
          )}
        </Loaded>
      </Tabs>
    </Page>
  )
}

function Rows({ rows }: { rows: readonly TaskRow[] }) {
  const { t } = useTranslation('lists')
  const mayRemind = useMay('task.check')
  const mayFill = useMay('record.fill')
  const waiting = useWaiting(useMe().account)
  const { t: offline } = useTranslation('offline')
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set())
  const [asking, setAsking] = useState(false)
  const open = rows.filter((row) => isUnreported(row.state))
  const picked = open.filter((row) => chosen.has(row.id)).map((row) => row.id)
  const toggle = (id: number) => {
    const next = new Set(chosen)
    if (!next.delete(id)) next.add(id)
    setChosen(next)
  }
  return (
    <>
      {mayRemind && open.length > 0 && (
        <div className="row spread no-print">
          <div className="row">
            <Button small onClick={() => setChosen(new Set(open.map((row) => row.id)))}>{t('tasks.chooseOpen', { count: open.length })}</Button>
            {picked.length > 0 && <Button small kind="quiet" onClick={() => setChosen(new Set())}>{t('tasks.chooseNone')}</Button>}
          </div>
          <Button kind="main" disabled={picked.length === 0} onClick={() => setAsking(true)}>{t('remind.chosen', { count: picked.length })}</Button>
        </div>
      )}
      <Table
        caption={t('tasks.title')} rows={rows} rowKey={(row) => row.id}
        columns={[
          {
            key: 'title', title: t('tasks.task'), main: true,
            cell: (row) => (
              <div className="item-head">
                <Link to={`/tasks/${row.id}`}>{row.title}</Link>
                <span className="faint">{row.listTitle}</span>
              </div>
            ),
          },
          {
            key: 'unit', title: t('unit'),
            cell: (row) => (mayRemind && isUnreported(row.state)
              ? <Tick checked={chosen.has(row.id)} onChange={() => toggle(row.id)}><span className="sr-only">{t('remind.choose', { title: row.title })} </span>{row.unitName} <span className="faint">{row.parentName}{row.formerName && ` · ${t('tasks.former', { name: row.formerName })}`}</span></Tick>
              : <span>{row.unitName} <span className="faint">{row.parentName}{row.formerName && ` · ${t('tasks.former', { name: row.formerName })}`}</span></span>),
          },
          { key: 'issuer', title: t('issuer'), cell: (row) => row.issuerName },
          { key: 'state', title: t('stateTitle'), cell: (row) => <span className="row tight">{waiting.some((one) => one.place.startsWith(`/tasks/${row.id}#`)) && <StateTag tone="busy">{offline('outbox.title')}</StateTag>}<TaskStateTag state={row.state} />{row.deferrals > 0 && <StateTag>{t('tasks.deferred', { count: row.deferrals })}</StateTag>}</span> },
          { key: 'light', title: t('tasks.light'), cell: (row) => <LightOf light={row.light} /> },
          { key: 'due', title: t('deadline.due'), cell: (row) => <div className="item-head"><DateText date={row.due} /><DaysLeft days={row.workingDaysLeft} /></div> },
          {
            key: 'acts', title: t('tasks.acts'), acts: true,
            cell: (row) => (row.form && row.period
              ? <ButtonLink small to={`/returns/${row.returnUnit}/${row.form}/${row.period}`}>{mayFill ? t('tasks.fill') : t('tasks.openReturn')} <PeriodText period={row.period} /></ButtonLink>
              : <ButtonLink small to={`/tasks/${row.id}`}>{t('tasks.open')}</ButtonLink>),
          },
        ]}
      />
      {asking && (
        <RemindDialog
          tasks={picked} onClose={() => setAsking(false)}
          onDone={() => setChosen(new Set())}
        />
      )}
    </>
  )
}

/** Asks for a few words, reminds, and says what became of it. */
function RemindDialog({ tasks, onClose, onDone }: { tasks: readonly number[]; onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation('lists')
  const [count] = useState(tasks.length)
  const [text, setText] = useState('')
  const remind = useWrite(api.lists.remind, { refresh: [q.lists.key(), q.inbox.key()], onSuccess: onDone })
  if (remind.data) {
    const { reminded, alreadyToday, notOpen } = remind.data
    return (
      <Dialog open title={t('remind.doneTitle')} onClose={onClose} actions={<Button kind="main" onClick={onClose}>{t('remind.ok')}</Button>}>
        <div role="status">
          <p>{t('remind.reminded', { count: reminded })}</p>
          {alreadyToday > 0 && <p>{t('remind.alreadyToday', { count: alreadyToday })}</p>}
          {notOpen > 0 && <p>{t('remind.notOpen', { count: notOpen })}</p>}
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog
      open title={t('remind.title')} onClose={onClose}
      actions={<><Button onClick={onClose}>{t('cancel')}</Button><Button kind="main" pending={remind.isPending} onClick={() => remind.mutate({ tasks: [...tasks], text: text.trim() })}>{t('remind.send')}</Button></>}
    >
      <p>{t('remind.lead', { count })}</p>
      <Field label={t('remind.text')} optional><TextArea value={text} onChange={setText} maxLength={300} rows={3} /></Field>
      <Failure problem={remind.error} />
    </Dialog>
  )
}
