import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { Button } from '../../../web/ui/button.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Choice as OneOf, ManyChoices, Select, TextInput } from '../../../web/ui/inputs.tsx'
import { Failure, Note } from '../../../web/ui/notes.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { Choice } from '../reach.contract.ts'

const refresh = [q.reach.key()]
/** Kinds of notices that people may not want to be reminded of. */
export const kindsToMute = ['issued', 'reminder', 'sentBack', 'taskSentBack', 'verified', 'deferralAsked', 'deferralDecided', 'comment', 'cancelled'] as const

/** An address, confirmed by a code; then how, and when not. */
export function MailPanel({ choice }: { choice: Choice }) {
  const { t } = useTranslation('reach')
  const [changing, setChanging] = useState(false)
  const remove = useWrite(api.reach.removeEmail, { refresh, onSuccess: () => toast(t('mail.removed')) })
  if (!choice.mailIsSet) return <Note tone="info">{t('mail.notSet')}</Note>
  if (choice.email === null || changing) return <AddressForm choice={choice} onDone={() => setChanging(false)} />
  return (
    <div className="stack">
      <div className="row spread">
        <span>{t('mail.confirmedAs', { email: choice.email })}</span>
        <span className="row">
          <Button small onClick={() => setChanging(true)}>{t('mail.change')}</Button>
          <Button small kind="quiet" pending={remove.isPending} onClick={() => remove.mutate({})}>{t('mail.remove')}</Button>
        </span>
      </div>
      <Failure problem={remove.error} />
      <WishForm choice={choice} />
    </div>
  )
}

function AddressForm({ choice, onDone }: { choice: Choice; onDone: () => void }) {
  const { t } = useTranslation('reach')
  const [email, setEmail] = useState(choice.unconfirmed ?? '')
  const [code, setCode] = useState('')
  const [triesLeft, setTriesLeft] = useState<number>()
  const ask = useWrite(api.reach.askEmail, { refresh: [q.reach.choice.key()], onSuccess: () => setTriesLeft(undefined) })
  const confirm = useWrite(api.reach.confirmEmail, {
    refresh,
    onSuccess: (answer) => {
      if (!answer.confirmed) return setTriesLeft(answer.triesLeft)
      toast(t('mail.confirmed'))
      onDone()
    },
  })
  return (
    <div className="stack">
      <form className="form" onSubmit={(event) => { event.preventDefault(); ask.mutate({ email: email.trim() }) }}>
        <Field label={t('mail.address')} hint={t('mail.addressHint')} error={errorAt(ask.error, 'email')}>
          <TextInput type="email" inputMode="email" autoComplete="email" value={email} onChange={setEmail} />
        </Field>
        <div><Button kind={choice.unconfirmed ? 'plain' : 'main'} type="submit" pending={ask.isPending} disabled={!email.includes('@')}>{t('mail.sendCode')}</Button></div>
      </form>
      {choice.unconfirmed && (
        <form className="form" onSubmit={(event) => { event.preventDefault(); confirm.mutate({ code: code.trim() }) }}>
          <p role="status">{t('mail.codeSent', { email: choice.unconfirmed })}</p>
          <Field label={t('mail.code')} error={errorAt(confirm.error, 'code') ?? (triesLeft === undefined ? undefined : t('mail.wrongCode', { left: triesLeft }))}>
            <TextInput inputMode="numeric" autoComplete="one-time-code" maxLength={6} value={code} onChange={setCode} />
          </Field>
          <div><Button kind="main" type="submit" pending={confirm.isPending} disabled={!/^\d{6}$/.test(code.trim())}>{t('mail.confirm')}</Button></div>
        </form>
      )}
    </div>
  )
}

function WishForm({ choice }: { choice: Choice }) {
  const { t } = useTranslation(['reach', 'inbox'])
  const [wish, setWish] = useState(choice)
  const save = useWrite(api.reach.saveChoice, { refresh, onSuccess: () => toast(t('saved')) })
  const set = (some: Partial<Choice>) => setWish({ ...wish, ...some })
  const hours = Array.from({ length: 24 }, (_, hour) => ({ value: String(hour), label: t('hour', { hour }) }))
  const { mode, quietFrom, quietTo, digestHour, muted, version } = wish
  return (
    <form className="form" onSubmit={(event) => { event.preventDefault(); save.mutate({ mode, quietFrom, quietTo, digestHour, muted, version }) }}>
      <Field label={t('mode.label')} group>
        <OneOf value={mode} onChange={(next) => set({ mode: next as Choice['mode'] })} options={(['off', 'each', 'digest'] as const).map((value) => ({ value, label: t(`mode.${value}`) }))} />
      </Field>
      {mode === 'digest' && <Field label={t('digestHour')}><Select value={String(digestHour)} onChange={(hour) => set({ digestHour: Number(hour) })} options={hours} /></Field>}
      {mode === 'each' && (
        <div className="row">
          <Field label={`${t('quiet.label')} · ${t('quiet.from')}`} hint={t('quiet.hint')}><Select value={String(quietFrom)} onChange={(hour) => set({ quietFrom: Number(hour) })} options={hours} /></Field>
          <Field label={`${t('quiet.label')} · ${t('quiet.to')}`}><Select value={String(quietTo)} onChange={(hour) => set({ quietTo: Number(hour) })} options={hours} /></Field>
        </div>
      )}
      {mode !== 'off' && (
        <Field label={t('muted')} group>
          <ManyChoices value={muted} onChange={(next) => set({ muted: next })} options={kindsToMute.map((value) => ({ value, label: t(`inbox:notice.${value}`, { title: '…' }) }))} />
        </Field>
      )}
      <Failure problem={save.error} />
      <div><Button kind="main" type="submit" pending={save.isPending}>{t('save')}</Button></div>
    </form>
  )
}
