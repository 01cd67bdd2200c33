import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, queryClient, useWrite } from '../../../web/api/queries.ts'
import { Button } from '../../../web/ui/button.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { PasswordInput, TextInput } from '../../../web/ui/inputs.tsx'
import { Failure, Note } from '../../../web/ui/notes.tsx'

type Started = { key: string; svg: string }

/**
 * Setting up the second factor, step by step: the password, the QR code with a first code, and the backup codes.
 * `fresh`: signed in through the provider a moment ago, no password is asked. `onDone` when the codes are kept.
 */
export function SetFactor({ fresh, onDone }: { fresh: boolean; onDone: () => void }) {
  const [started, setStarted] = useState<Started>()
  const [codes, setCodes] = useState<string[]>()
  if (codes) return <BackupCodes codes={codes} onKept={onDone} />
  if (started) return <FirstCode started={started} onCodes={setCodes} />
  return <Prove fresh={fresh} onStarted={setStarted} />
}

function Prove({ fresh, onStarted }: { fresh: boolean; onStarted: (started: Started) => void }) {
  const { t } = useTranslation('access')
  const [password, setPassword] = useState('')
  const [missing, setMissing] = useState(false)
  const start = useWrite(api.access.startSecondFactor, { onSuccess: onStarted })
  const send = (event: FormEvent) => {
    event.preventDefault()
    const incomplete = !fresh && password === ''
    setMissing(incomplete)
    if (!incomplete && !start.isPending) start.mutate(fresh ? {} : { password })
  }
  const wrong = start.error?.code === 'sign-in-failed' ? t('shell:password.currentWrong') : undefined
  return (
    <form className="form" onSubmit={send} noValidate>
      {!fresh && (
        <>
          <p className="soft">{t('factor.proveLead')}</p>
          <Field label={t('factor.password')} required error={missing ? t('needed') : wrong}>
            <PasswordInput value={password} onChange={setPassword} autoComplete="current-password" />
          </Field>
        </>
      )}
      {!wrong && <Failure problem={start.error} />}
      <div className="row"><Button type="submit" kind="main" pending={start.isPending}>{t('factor.next')}</Button></div>
    </form>
  )
}

function FirstCode({ started: { key, svg }, onCodes }: { started: Started; onCodes: (codes: string[]) => void }) {
  const { t } = useTranslation('access')
  const [code, setCode] = useState('')
  const [missing, setMissing] = useState(false)
  const confirm = useWrite(api.access.confirmSecondFactor, { onSuccess: ({ backupCodes }) => onCodes(backupCodes), onError: () => setCode('') })
  const send = (event: FormEvent) => {
    event.preventDefault()
    setMissing(code.trim().length < 6)
    if (code.trim().length >= 6 && !confirm.isPending) confirm.mutate({ code })
  }
  const atCode = errorAt(confirm.error, 'code')
  return (
    <form className="form" onSubmit={send} noValidate>
      <p>{t('factor.scan')}</p>
      <img className="qr" src={`data:image/svg+xml;utf8,${encodeURIComponent(svg)}`} alt={t('factor.picture')} width={208} height={208} />
      <div><p className="soft">{t('factor.byHand')}</p><code className="first-password" aria-label={t('factor.key')}>{key.replace(/(.{4})(?=.)/g, '$1 ')}</code></div>
      <Field label={t('factor.enter')} required error={missing ? t('needed') : atCode}>
        <TextInput value={code} onChange={setCode} inputMode="numeric" autoComplete="one-time-code" maxLength={12} className="number" />
      </Field>
      {!atCode && <Failure problem={confirm.error} />}
      <div className="row"><Button type="submit" kind="main" pending={confirm.isPending}>{t('factor.finish')}</Button></div>
    </form>
  )
}

/** The codes for the day on which the phone is lost: shown once. */
export function BackupCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const { t } = useTranslation('access')
  const kept = () => {
    onKept()
    void queryClient.invalidateQueries({ queryKey: q.access.key() })
  }
  return (
    <div className="stack">
      <p><strong>{t('factor.codesTitle')}</strong></p>
      <Note tone="warn"><p>{t('factor.codesLead')}</p></Note>
      <ul className="codes plain-list">{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ul>
      <div className="row no-print">
        <Button onClick={() => print()}>{t('factor.print')}</Button>
        <Button kind="main" onClick={kept}>{t('factor.kept')}</Button>
      </div>
    </div>
  )
}
