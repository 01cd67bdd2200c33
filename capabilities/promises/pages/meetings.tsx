import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { useGo, useQueryParts } from '../../../web/shell/address.ts'
import { useMay } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { DateInput, ManyChoices, NumberInput, SearchBox, Select, TextArea, TextInput } from '../../../web/ui/inputs.tsx'
import { DateText, ProgressBar, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Paging } from '../../../web/ui/table.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import { FormDialog } from './form-dialog.tsx'

const limit = 20
const states = ['planned', 'held', 'cancelled'] as const
export const meetingTones = { planned: 'busy', held: 'good', cancelled: 'plain' } as const

/** Joint meetings (D27) that my units convene or take part in, with how far their resolutions are. */
export function Meetings() {
  const { t } = useTranslation('promises')
  const [parts, setParts] = useQueryParts()
  const convenes = useMay('list.issue')
  const [convening, setConvening] = useState(false)
  const offset = Number(parts.offset ?? 0)
  const state = states.find((one) => one === parts.state)
  const meetings = useQuery(q.promises.meetings.queryOptions({ input: { limit, offset, ...(state ? { state } : {}), ...(parts.q ? { q: parts.q } : {}) } }))
  return (
    <>
      <div className="row spread no-print">
        <SearchBox label={t('meeting.search')} value={parts.q ?? ''} onChange={(text) => setParts({ q: text, offset: '' })} />
        {convenes && <Button kind="main" icon={<Icon name="plus" size={18} />} onClick={() => setConvening(true)}>{t('meeting.convene')}</Button>}
      </div>
      <div className="row no-print"><Field label={t('stateTitle')}><Select value={parts.state ?? ''} empty={t('all')} options={states.map((one) => ({ value: one, label: t(`meeting.state.${one}`) }))} onChange={(next) => setParts({ state: next, offset: '' })} /></Field></div>
      <Loaded query={meetings}>
        {({ rows, total }) => (
          <>
            {rows.length === 0 ? <Empty title={t('meeting.nothing')}>{t('meeting.nothingNext')}</Empty> : (
              <ul className="stack plain-list">
                {rows.map((row) => (
                  <li className="panel stack" key={row.id}>
                    <div className="row spread"><h2><Link to={`/promises/meetings/${row.id}`}>{row.subject}</Link></h2><StateTag tone={meetingTones[row.state]}>{t(`meeting.state.${row.state}`)}</StateTag></div>
                    <p className="soft"><DateText date={row.on} /> · {row.bodyName} · {t('meeting.members', { count: row.members })}</p>
                    {row.resolutions > 0 && <ProgressBar label={row.overdue > 0 ? t('meeting.overdue', { count: row.overdue }) : t('meeting.resolutions')} done={row.closed} of={row.resolutions} />}
                  </li>
                ))}
              </ul>
            )}
            <Paging limit={limit} offset={offset} total={total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
          </>
        )}
      </Loaded>
      {convening && <Convene onClose={() => setConvening(false)} />}
    </>
  )
}

function Convene({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('promises')
  const go = useGo()
  const bodies = useQuery(q.promises.bodies.queryOptions({ input: {} }))
  const [chosen, setChosen] = useState('')
  const [subject, setSubject] = useState('')
  const [agenda, setAgenda] = useState('')
  const [on, setOn] = useState('')
  const [minutes, setMinutes] = useState('60')
  const [left, setLeft] = useState<string[]>()
  const [tried, setTried] = useState(false)
  const convene = useWrite(api.promises.convene, { refresh: [q.promises.key(), q.burden.key()], onSuccess: ({ id }) => { toast(t('meeting.convened')); go(`/promises/meetings/${id}`) } })
  const body = bodies.data?.find((one) => String(one.id) === chosen) ?? (bodies.data?.length === 1 ? bodies.data[0] : undefined)
  const members = left ?? body?.members.map((one) => String(one.id)) ?? []
  const wrong = {
    body: body === undefined ? t('missing') : undefined,
    subject: subject.trim() === '' ? t('missing') : undefined,
    on: on === '' ? t('missing') : undefined,
    minutes: !/^\d{1,3}$/.test(minutes) || Number(minutes) < 1 ? t('meeting.minutesWrong') : undefined,
    members: members.length === 0 ? t('missing') : undefined,
  }
  const at = (field: keyof typeof wrong) => errorAt(convene.error, field) ?? (tried ? wrong[field] : undefined)
  return (
    <FormDialog
      title={t('meeting.convene')} lead={t('meeting.conveneLead')} confirm={t('meeting.convene')} pending={convene.isPending} problem={convene.error ?? bodies.error} onClose={onClose}
      onSend={() => {
        setTried(true)
        if (body && Object.values(wrong).every((one) => one === undefined)) convene.mutate({ body: body.id, subject: subject.trim(), agenda: agenda.trim(), on, minutes: Number(minutes), members: members.map(Number) })
      }}
    >
      <Field label={t('meeting.body')} required error={at('body')} hint={bodies.data?.length === 0 ? t('meeting.noBody') : undefined}>
        <Select value={body ? String(body.id) : ''} empty={t('choose')} options={(bodies.data ?? []).map((one) => ({ value: String(one.id), label: `${one.name}（${one.unitName}）` }))} onChange={(next) => { setChosen(next); setLeft(undefined) }} />
      </Field>
      <Field label={t('meeting.subject')} required error={at('subject')}><TextInput value={subject} onChange={setSubject} maxLength={100} /></Field>
      <Field label={t('meeting.on')} required error={at('on')}><DateInput value={on} onChange={setOn} /></Field>
      <Field label={t('meeting.minutes')} required error={at('minutes')}><NumberInput value={minutes} onChange={setMinutes} whole unit={t('minute')} /></Field>
      {body && <Field label={t('meeting.memberUnits')} group required error={at('members')}><ManyChoices value={members} onChange={setLeft} options={body.members.map((one) => ({ value: String(one.id), label: one.name }))} /></Field>}
      <Field label={t('meeting.agenda')} optional error={errorAt(convene.error, 'agenda')}><TextArea value={agenda} onChange={setAgenda} maxLength={1000} rows={3} /></Field>
    </FormDialog>
  )
}
