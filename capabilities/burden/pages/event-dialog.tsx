import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Choice, DateInput, NumberInput, TextInput } from '../../../web/ui/inputs.tsx'
import { Failure, Note } from '../../../web/ui/notes.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { PickedUnit } from '../../../web/ui/unit-picker.tsx'
import { AudienceInput } from '../../lists/pages/audience-input.tsx'
import type { Audience } from '../../units/audience.ts'
import type { VisitHint } from '../burden.contract.ts'
import { VisitsHint } from './figures.tsx'
import '../../lists/pages/lists.css'

/** Registers a meeting or a visit, so that it counts; says at once which visits should be one. */
export function EventDialog({ issuer, onClose }: { issuer: PickedUnit; onClose: () => void }) {
  const { t } = useTranslation('burden')
  const id = useId()
  const [kind, setKind] = useState<'meeting' | 'visit'>('meeting')
  const [title, setTitle] = useState('')
  const [on, setOn] = useState('')
  const [minutes, setMinutes] = useState('60')
  const [audience, setAudience] = useState<Audience | null>(null)
  const [names, setNames] = useState<ReadonlyMap<number, string>>(new Map([[issuer.id, issuer.name]]))
  const [today] = useState(() => todayIn(Date.now()))
  const [tried, setTried] = useState(false)
  const [hint, setHint] = useState<VisitHint>()
  const register = useWrite(api.burden.registerEvent, {
    refresh: [q.burden.key()],
    onSuccess: ({ visits }) => {
      toast(t('event.registered'))
      if (visits.units > 0) setHint(visits)
      else onClose()
    },
  })
  const wrong = {
    title: title.trim() === '' ? t('event.titleMissing') : undefined,
    on: on < today ? t('event.onMissing') : undefined,
    minutes: !/^\d{1,4}$/.test(minutes) || Number(minutes) < 1 ? t('event.minutesWrong') : undefined,
    audience: audience === null ? t('event.audienceMissing') : undefined,
  }
  const at = (field: keyof typeof wrong) => errorAt(register.error, field) ?? (tried ? wrong[field] : undefined)
  if (hint) {
    return (
      <Dialog open title={t('event.merge')} onClose={onClose} actions={<Button kind="main" onClick={onClose}>{t('event.understood')}</Button>}>
        <VisitsHint hint={hint} />
        <p>{t('event.mergeNext')}</p>
      </Dialog>
    )
  }
  return (
    <Dialog
      open wide title={t('register.add')} onClose={onClose}
      actions={<><Button onClick={onClose}>{t('cancel')}</Button><Button kind="main" type="submit" form={id} pending={register.isPending}>{t('event.send')}</Button></>}
    >
      <form
        id={id} className="form" noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (Object.values(wrong).every((one) => one === undefined)) register.mutate({ kind, issuer: issuer.id, title: title.trim(), audience: audience!, on, minutes: Number(minutes) })
        }}
      >
        <p className="soft">{t('event.lead', { issuer: issuer.name })}</p>
        <Field label={t('kindTitle')} group><Choice inline value={kind} onChange={(next) => setKind(next as typeof kind)} options={(['meeting', 'visit'] as const).map((one) => ({ value: one, label: t(`kind.${one}`) }))} /></Field>
        <Field label={t('title')} required error={at('title')}><TextInput value={title} onChange={setTitle} maxLength={120} /></Field>
        <Field label={t('on')} required error={at('on')}><DateInput value={on} onChange={setOn} /></Field>
        <Field label={t('event.minutes')} required error={at('minutes')}><NumberInput value={minutes} onChange={setMinutes} whole unit={t('minute')} /></Field>
        <AudienceInput value={audience} onChange={setAudience} issuer={issuer} names={names} onName={(unit) => setNames(new Map(names).set(unit.id, unit.name))} />
        {at('audience') && <Note tone="bad">{at('audience')}</Note>}
        <Failure problem={register.error} />
      </form>
    </Dialog>
  )
}
