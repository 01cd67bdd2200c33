import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { usePathPart } from '../../../web/shell/address.ts'
import { ButtonLink } from '../../../web/ui/button.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Choice, DateInput, ManyChoices, NumberInput, Select, TextInput } from '../../../web/ui/inputs.tsx'
import { DateText, ProgressBar, StateTag } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf, ReasonDialog } from '../../../web/ui/moves.tsx'
import { Empty, Failure, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { MeetingPage, Resolution } from '../promises.contract.ts'
import { FormDialog } from './form-dialog.tsx'
import { meetingTones } from './meetings.tsx'

const tones = { draft: 'plain', open: 'busy', overdue: 'bad', closed: 'good', cancelled: 'plain' } as const

/** One joint meeting: the register's yes, its members, and how each resolution stands. */
export default function Meeting() {
  const { t } = useTranslation('promises')
  const id = Number(usePathPart('id'))
  const meeting = useQuery(q.promises.meeting.queryOptions({ input: { id } }))
  return <Loaded query={meeting}>{(page) => <Shown page={page} key={page.version} back={t('tab.meetings')} />}</Loaded>
}

function Shown({ page, back }: { page: MeetingPage; back: string }) {
  const { t } = useTranslation('promises')
  const [doing, setDoing] = useState<'cancel' | 'resolve'>()
  const refresh = [q.promises.key(), q.burden.key(), q.lists.key()]
  const hold = useWrite(api.promises.hold, { refresh, onSuccess: () => toast(t('meeting.heldNow')) })
  const cancel = useWrite(api.promises.cancelMeeting, { refresh, onSuccess: () => { setDoing(undefined); toast(t('meeting.cancelledNow')) } })
  const key = { id: page.id, version: page.version }
  const [holding, cancelling, resolving] = [moveOf(page.moves, 'hold'), moveOf(page.moves, 'cancel'), moveOf(page.moves, 'resolve')]
  const mine = holding.why !== 'not-allowed' && resolving.why !== 'not-allowed'
  const stateName = (state: string) => t(`meeting.state.${state}`)
  return (
    <Page
      narrow title={page.subject} crumbs={[{ to: '/promises', label: t('title') }, { to: '/promises/meetings', label: back }]}
      actions={mine && page.state === 'planned' && (
        <>
          <MoveButton kind="main" move={holding} label={t('meeting.hold')} pending={hold.isPending} stateName={stateName} onGo={() => hold.mutate(key)} />
          <MoveButton move={cancelling} label={t('meeting.cancel')} stateName={stateName} onGo={() => setDoing('cancel')} />
        </>
      )}
    >
      <Failure problem={hold.error} />
      <Panel>
        <div className="row"><StateTag tone={meetingTones[page.state]}>{stateName(page.state)}</StateTag><StateTag tone={page.asking === 'registered' ? 'good' : page.asking === 'review' ? 'busy' : 'plain'}>{t(`meeting.asking.${page.asking}`)}</StateTag></div>
        <dl className="facts">
          <dt>{t('meeting.on')}</dt><dd><DateText date={page.on} />，{t('meeting.minutesOf', { count: page.minutes })}</dd>
          <dt>{t('meeting.body')}</dt><dd>{page.bodyName}（{page.unitName}）</dd>
          <dt>{t('meeting.memberUnits')}</dt><dd>{page.memberUnits.map((unit) => unit.name).join('、')}</dd>
          {page.agenda && <><dt>{t('meeting.agenda')}</dt><dd>{page.agenda}</dd></>}
          {page.reason && <><dt>{t('meeting.reason')}</dt><dd>{page.reason}</dd></>}
        </dl>
        {page.state === 'planned' && page.asking === 'review' && <Note tone="info">{t('meeting.waitsForYes')} <Link to="/burden/register" search={{ kind: 'meeting' } as never}>{t('meeting.register')}</Link></Note>}
      </Panel>
      <Panel
        title={t('meeting.resolutions')}
        actions={mine && page.state === 'held' && <MoveButton small kind={page.listState === 'draft' ? 'plain' : 'main'} move={resolving} label={t('meeting.resolve')} onGo={() => setDoing('resolve')} />}
      >
        {page.resolved.length === 0 ? <Empty title={t('meeting.nothingResolved')}>{page.state === 'held' ? t('meeting.resolveNext') : t('meeting.resolveLater')}</Empty> : (
          <>
            {page.listState !== 'draft' && <ProgressBar label={page.overdue > 0 ? t('meeting.overdue', { count: page.overdue }) : t('meeting.closed')} done={page.closed} of={page.resolutions} />}
            <ol className="plain-list stack">{page.resolved.map((one) => <li key={one.item}><OneResolution one={one} /></li>)}</ol>
            {page.list !== null && page.listState === 'draft' && mine && <Note tone="warn">{t('meeting.notIssued')}</Note>}
            {page.list !== null && <div className="row end no-print"><ButtonLink small kind={page.listState === 'draft' && mine ? 'main' : 'plain'} to={`/lists/${page.list}`}>{page.listState === 'draft' && mine ? t('meeting.toIssue') : t('meeting.toList')}</ButtonLink></div>}
          </>
        )}
      </Panel>
      <ReasonDialog open={doing === 'cancel'} danger title={t('meeting.cancel')} lead={t('meeting.cancelLead')} confirm={t('meeting.cancel')} pending={cancel.isPending} problem={cancel.error} onClose={() => setDoing(undefined)} onConfirm={(reason) => cancel.mutate({ ...key, reason })} />
      {doing === 'resolve' && <Resolve page={page} onClose={() => setDoing(undefined)} />}
    </Page>
  )
}

function OneResolution({ one }: { one: Resolution }) {
  const { t } = useTranslation('promises')
  return (
    <div className="stack tight">
      <div className="row spread"><strong>{one.task === null ? one.title : <Link to={`/tasks/${one.task}`}>{one.title}</Link>}</strong><StateTag tone={tones[one.state]}>{t(`resolution.${one.state}`)}</StateTag></div>
      <p className="soft">{t('meeting.lead')}：{one.leadName} · {one.coUnitNames.length > 0 && <>{t('meeting.coUnits')}：{one.coUnitNames.join('、')} · </>}{one.due ? <>{t('meeting.due')} <DateText date={one.due} /></> : t('meeting.dueIn', { count: one.dueWorkingDays ?? 0 })}</p>
    </div>
  )
}

function Resolve({ page, onClose }: { page: MeetingPage; onClose: () => void }) {
  const { t } = useTranslation('promises')
  const [title, setTitle] = useState('')
  const [lead, setLead] = useState('')
  const [coUnits, setCoUnits] = useState<string[]>([])
  const [deliverable, setDeliverable] = useState('')
  const [measure, setMeasure] = useState('')
  const [until, setUntil] = useState<string>('date')
  const [due, setDue] = useState('')
  const [days, setDays] = useState('10')
  const [tried, setTried] = useState(false)
  const resolve = useWrite(api.promises.resolve, { refresh: [q.promises.key(), q.lists.key()], onSuccess: () => { toast(t('meeting.resolvedNow')); onClose() } })
  const wrong = {
    title: title.trim() === '' ? t('missing') : undefined, lead: lead === '' ? t('missing') : undefined, deliverable: deliverable.trim() === '' ? t('missing') : undefined, measure: measure.trim() === '' ? t('missing') : undefined,
    due: until === 'date' && due === '' ? t('missing') : undefined, dueWorkingDays: until === 'days' && !/^[1-9]\d{0,2}$/.test(days) ? t('meeting.daysWrong') : undefined,
  }
  const at = (field: keyof typeof wrong) => errorAt(resolve.error, field) ?? (tried ? wrong[field] : undefined)
  return (
    <FormDialog
      title={t('meeting.resolve')} lead={t('meeting.resolveLead')} confirm={t('meeting.resolve')} pending={resolve.isPending} problem={resolve.error} onClose={onClose}
      onSend={() => {
        setTried(true)
        if (Object.values(wrong).some((one) => one !== undefined)) return
        resolve.mutate({ id: page.id, version: page.version, title: title.trim(), lead: Number(lead), coUnits: coUnits.filter((one) => one !== lead).map(Number), deliverable: deliverable.trim(), measure: measure.trim(), ...(until === 'date' ? { due } : { dueWorkingDays: Number(days) }) })
      }}
    >
      <Field label={t('meeting.what')} required error={at('title')}><TextInput value={title} onChange={setTitle} maxLength={200} /></Field>
      <Field label={t('meeting.lead')} hint={t('meeting.leadHint')} required error={at('lead')}><Select value={lead} empty={t('choose')} onChange={setLead} options={page.memberUnits.map((unit) => ({ value: String(unit.id), label: unit.name }))} /></Field>
      {page.memberUnits.length > 1 && <Field label={t('meeting.coUnits')} hint={t('meeting.coUnitsHint')} group optional error={errorAt(resolve.error, 'coUnits')}><ManyChoices value={coUnits.filter((one) => one !== lead)} onChange={setCoUnits} options={page.memberUnits.filter((unit) => String(unit.id) !== lead).map((unit) => ({ value: String(unit.id), label: unit.name }))} /></Field>}
      <Field label={t('meeting.deliverable')} required error={at('deliverable')}><TextInput value={deliverable} onChange={setDeliverable} maxLength={200} /></Field>
      <Field label={t('meeting.measure')} required error={at('measure')}><TextInput value={measure} onChange={setMeasure} maxLength={200} /></Field>
      <Field label={t('meeting.deadline')} group><Choice inline value={until} onChange={setUntil} options={(['date', 'days'] as const).map((one) => ({ value: one, label: t(`meeting.until.${one}`) }))} /></Field>
      {until === 'date'
        ? <Field label={t('meeting.due')} required error={at('due')}><DateInput value={due} onChange={setDue} /></Field>
        : <Field label={t('meeting.workingDays')} hint={t('meeting.workingDaysHint')} required error={at('dueWorkingDays')}><NumberInput value={days} onChange={setDays} whole unit={t('day')} /></Field>}
    </FormDialog>
  )
}
