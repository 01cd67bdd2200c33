import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Choice, DateInput, NumberInput, TextInput, Tick } from '../../../web/ui/inputs.tsx'
import { Failure, Note } from '../../../web/ui/notes.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { PickedUnit } from '../../../web/ui/unit-picker.tsx'
import { AudienceInput } from '../../lists/pages/audience-input.tsx'
import type { Audience } from '../../units/audience.ts'
import type { VisitHint } from '../burden.contract.ts'
import { VisitsHint } from './figures.tsx'
import '../../lists/pages/lists.css'

type Kind = 'meeting' | 'visit' | 'document'

/** Registers a meeting, a visit or a document, so that it counts; says at once which visits should be one. */
export function EventDialog({ issuer, onClose }: { issuer: PickedUnit; onClose: () => void }) {
  const { t } = useTranslation('burden')
  const id = useId()
  const [kind, setKind] = useState<Kind>('meeting')
  const [title, setTitle] = useState('')
  const [on, setOn] = useState('')
  const [minutes, setMinutes] = useState('60')
  const [characters, setCharacters] = useState('')
  const [special, setSpecial] = useState(false)
  const [expires, setExpires] = useState('')
  const rules = useQuery(q.burden.rules.queryOptions({ input: {}, staleTime: 600_000 }))
  const [audience, setAudience] = useState<Audience | null>(null)
  const [names, setNames] = useState<ReadonlyMap<number, string>>(new Map([[issuer.id, issuer.name]]))
  const [today] = useState(() => todayIn(Date.now()))
  const [tried, setTried] = useState(false)
  const [hint, setHint] = useState<VisitHint>()
  const register = useWrite(api.burden.registerEvent, {
    refresh: [q.burden.key()],
    onSuccess: ({ visits, documents, tooLong }) => {
      toast(t(tooLong ? 'event.registeredLong' : documents?.state === 'passed' ? 'event.registeredAbove' : 'event.registered'))
      if (visits.units > 0) setHint(visits)
      else onClose()
    },
  })
  const paper = kind === 'document'
  const most = special ? rules.data?.specialDocumentCharacters : rules.data?.documentCharacters
  const wrong = {
    title: title.trim() === '' ? t('event.titleMissing') : undefined,
    on: on < today ? t('event.onMissing') : undefined,
    minutes: !paper && (!/^\d{1,4}$/.test(minutes) || Number(minutes) < 1) ? t('event.minutesWrong') : undefined,
    characters: paper && !/^[1-9]\d{0,5}$/.test(characters) ? t('event.charactersWrong') : undefined,
    expires: paper && expires < (on || today) ? t('event.expiresWrong') : undefined,
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
          if (Object.values(wrong).every((one) => one === undefined)) {
            const event = { issuer: issuer.id, title: title.trim(), audience: audience!, on }
            register.mutate(kind === 'document' ? { kind, ...event, characters: Number(characters), special, expires } : { kind, ...event, minutes: Number(minutes) })
          }
        }}
      >
        <p className="soft">{t('event.lead', { issuer: issuer.name })}</p>
        <Field label={t('kindTitle')} group><Choice inline value={kind} onChange={(next) => setKind(next as Kind)} options={(['meeting', 'visit', 'document'] as const).map((one) => ({ value: one, label: t(`kind.${one}`) }))} /></Field>
        <Field label={t('title')} required error={at('title')}><TextInput value={title} onChange={setTitle} maxLength={120} /></Field>
        <Field label={t(paper ? 'event.sent' : 'on')} required error={at('on')}><DateInput value={on} onChange={setOn} /></Field>
        {paper ? (
          <>
            <Note><p>{t('event.documentHint')}</p></Note>
            <Field label={t('event.characters')} required error={at('characters')} hint={most !== undefined ? t('event.charactersHint', { most }) : undefined}><NumberInput value={characters} onChange={setCharacters} whole unit={t('event.character')} /></Field>
            <Tick checked={special} onChange={setSpecial}>{t('event.special')}</Tick>
            {most !== undefined && Number(characters) > most && <Note tone="warn">{t('event.tooLong', { most })}</Note>}
            <Field label={t('register.expires')} required error={at('expires')}><DateInput value={expires} onChange={setExpires} /></Field>
          </>
        ) : (
          <Field label={t('event.minutes')} required error={at('minutes')}><NumberInput value={minutes} onChange={setMinutes} whole unit={t('minute')} /></Field>
        )}
        <AudienceInput value={audience} onChange={setAudience} issuer={issuer} names={names} onName={(unit) => setNames(new Map(names).set(unit.id, unit.name))} />
        {at('audience') && <Note tone="bad">{at('audience')}</Note>}
        <Failure problem={register.error} />
      </form>
    </Dialog>
  )
}
