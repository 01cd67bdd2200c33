import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { languageNow, pickWords } from '../../../web/i18n.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { dateText } from '../../../web/ui/date-text.ts'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { DateInput, SearchBox, Select, TextArea, TextInput } from '../../../web/ui/inputs.tsx'
import { DateText, Light, StateTag } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf, ReasonDialog } from '../../../web/ui/moves.tsx'
import { Empty, Failure, Loaded } from '../../../web/ui/notes.tsx'
import { Paging } from '../../../web/ui/table.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { Matter } from '../promises.contract.ts'
import { FormDialog } from './form-dialog.tsx'
import { History } from './history.tsx'

const limit = 20
const states = ['reported', 'acknowledged', 'instructed', 'closed', 'withdrawn'] as const
const tones = { reported: 'warn', acknowledged: 'busy', instructed: 'busy', closed: 'good', withdrawn: 'plain' } as const
const withText = ['instruct', 'close', 'withdraw'] as const

/** Major matters (C13) of my units and of those below; a level above receives, answers and closes them. */
export function Matters() {
  const { t } = useTranslation('promises')
  const [parts, setParts] = useQueryParts()
  const own = myUnits(useMe(), 'task.work')
  const [reporting, setReporting] = useState(false)
  const offset = Number(parts.offset ?? 0)
  const state = states.find((one) => one === parts.state)
  const matters = useQuery(q.promises.matters.queryOptions({ input: { limit, offset, ...(state ? { state } : {}), ...(parts.q ? { q: parts.q } : {}) } }))
  return (
    <>
      <div className="row spread no-print">
        <SearchBox label={t('matter.search')} value={parts.q ?? ''} onChange={(text) => setParts({ q: text, offset: '' })} />
        {own.length > 0 && <Button kind="main" icon={<Icon name="plus" size={18} />} onClick={() => setReporting(true)}>{t('matter.report')}</Button>}
      </div>
      <div className="row no-print"><Field label={t('stateTitle')}><Select value={parts.state ?? ''} empty={t('all')} options={states.map((one) => ({ value: one, label: t(`matter.state.${one}`) }))} onChange={(next) => setParts({ state: next, offset: '' })} /></Field></div>
      <Loaded query={matters}>
        {({ rows, total }) => (
          <>
            {rows.length === 0 ? <Empty title={t('matter.nothing')}>{t('matter.nothingNext')}</Empty> : <ul className="stack plain-list">{rows.map((row) => <OneMatter key={row.id} row={row} />)}</ul>}
            <Paging limit={limit} offset={offset} total={total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
          </>
        )}
      </Loaded>
      {reporting && <Report units={own} onClose={() => setReporting(false)} />}
    </>
  )
}

function OneMatter({ row }: { row: Matter }) {
  const { t } = useTranslation('promises')
  const [doing, setDoing] = useState<(typeof withText)[number]>()
  const done = { refresh: [q.promises.key(), q.inbox.key()], onSuccess: () => { setDoing(undefined); toast(t('matter.saved')) } }
  const acknowledge = useWrite(api.promises.acknowledgeMatter, done)
  const instruct = useWrite(api.promises.instructMatter, done)
  const close = useWrite(api.promises.closeMatter, done)
  const withdraw = useWrite(api.promises.withdrawMatter, done)
  const send = { instruct, close, withdraw }
  const key = { id: row.id, version: row.version }
  const confirm = (text: string) => doing === 'instruct' ? instruct.mutate({ ...key, text }) : doing === 'close' ? close.mutate({ ...key, outcome: text }) : withdraw.mutate({ ...key, reason: text })
  const settled = row.state === 'closed' || row.state === 'withdrawn'
  const offered = (['acknowledge', ...withText] as const).map((name) => moveOf(row.moves, name)).filter((move) => move.possible || (move.why !== 'not-allowed' && row.moves.some((other) => other.possible)))
  return (
    <li className="panel stack">
      <div className="row spread"><h2>{row.title}</h2><span className="row"><StateTag>{pickWords(row.kindName)}</StateTag><StateTag tone={tones[row.state]}>{t(`matter.state.${row.state}`)}</StateTag></span></div>
      <p className="soft">{row.unitName} · {t('matter.happenedOn')} <DateText date={row.happenedOn} /></p>
      <p>{row.what}</p>
      {row.asked && <p>{t('matter.asked')}：{row.asked}</p>}
      {row.state === 'reported' && row.due && <Light light={row.overdue ? 'red' : 'yellow'} text={<>{row.overdue ? t('matter.overdueSince') : t('matter.dueBy')} <DateText date={row.due} /></>} />}
      {row.acknowledgedOn && <p className="soft">{t('matter.acknowledgedOn')} <DateText date={row.acknowledgedOn} />{row.acknowledgedLate && <> · {t('matter.acknowledgedLate')}</>}</p>}
      {row.instruction && <p>{t('matter.instruction')}：{row.instruction}</p>}
      {row.outcome && <p>{t('matter.outcome')}：{row.outcome}</p>}
      <Failure problem={acknowledge.error} />
      <div className="row spread">
        <History kind="matter" id={row.id} />
        {!settled && offered.length > 0 && (
          <div className="row no-print">
            {offered.map((move) => (
              <MoveButton
                key={move.move} small move={move} kind={move.move === 'acknowledge' ? 'main' : 'plain'} label={t(`matter.${move.move}`)} pending={move.move === 'acknowledge' && acknowledge.isPending}
                stateName={(one) => t(`matter.state.${one}`)}
                onGo={() => move.move === 'acknowledge' ? acknowledge.mutate(key) : setDoing(move.move as (typeof withText)[number])}
              />
            ))}
          </div>
        )}
      </div>
      {doing && <ReasonDialog open title={t(`matter.${doing}`)} lead={t(`matter.${doing}Lead`)} confirm={t(`matter.${doing}`)} pending={send[doing].isPending} problem={send[doing].error} onClose={() => setDoing(undefined)} onConfirm={confirm} />}
    </li>
  )
}

function Report({ units, onClose }: { units: readonly { id: number; name: string }[]; onClose: () => void }) {
  const { t } = useTranslation('promises')
  const kinds = useQuery(q.promises.matterKinds.queryOptions({ input: {}, staleTime: 600_000 }))
  const [unit, setUnit] = useState(String(units[0]!.id))
  const [kind, setKind] = useState('')
  const [title, setTitle] = useState('')
  const [happenedOn, setHappenedOn] = useState(() => todayIn(Date.now()))
  const [what, setWhat] = useState('')
  const [asked, setAsked] = useState('')
  const [tried, setTried] = useState(false)
  const report = useWrite(api.promises.reportMatter, {
    refresh: [q.promises.key(), q.inbox.key()],
    onSuccess: ({ due }) => { toast(due ? t('matter.sent', { due: dateText(due, languageNow()) }) : t('matter.sentNoCalendar')); onClose() },
  })
  const missing = (value: string) => (tried && value.trim() === '' ? t('missing') : undefined)
  const days = kinds.data?.find((one) => one.code === kind)?.acknowledgeWorkingDays
  return (
    <FormDialog
      title={t('matter.report')} lead={t('matter.reportLead')} confirm={t('matter.send')} pending={report.isPending} problem={report.error ?? kinds.error} onClose={onClose}
      onSend={() => {
        setTried(true)
        if ([kind, title, happenedOn, what].every((value) => value.trim() !== '')) report.mutate({ unit: Number(unit), kind, title: title.trim(), happenedOn, what: what.trim(), asked: asked.trim() })
      }}
    >
      <Field label={t('matter.kind')} hint={days === undefined ? undefined : t('matter.limit', { count: days })} required error={errorAt(report.error, 'kind') ?? missing(kind)}><Select value={kind} empty={t('choose')} onChange={setKind} options={(kinds.data ?? []).map((one) => ({ value: one.code, label: pickWords(one.name) }))} /></Field>
      <Field label={t('matter.titleField')} required error={errorAt(report.error, 'title') ?? missing(title)}><TextInput value={title} onChange={setTitle} maxLength={80} /></Field>
      <Field label={t('matter.happenedOn')} required error={errorAt(report.error, 'happenedOn') ?? missing(happenedOn)}><DateInput value={happenedOn} onChange={setHappenedOn} /></Field>
      <Field label={t('matter.what')} hint={t('matter.whatHint')} required error={errorAt(report.error, 'what') ?? missing(what)}><TextArea value={what} onChange={setWhat} maxLength={1000} rows={4} /></Field>
      <Field label={t('matter.asked')} optional error={errorAt(report.error, 'asked')}><TextArea value={asked} onChange={setAsked} maxLength={1000} rows={2} /></Field>
      {units.length > 1 && <Field label={t('unit')}><Select value={unit} onChange={setUnit} options={units.map((one) => ({ value: String(one.id), label: one.name }))} /></Field>}
    </FormDialog>
  )
}
