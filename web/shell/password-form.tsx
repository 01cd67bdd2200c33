import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { passwordFaults, passwordLength, type PasswordFault } from '../../capabilities/access/password.ts'
import { api } from '../api/client.ts'
import { q, useWrite } from '../api/queries.ts'
import { Button } from '../ui/button.tsx'
import { errorAt, Field } from '../ui/field.tsx'
import { PasswordInput } from '../ui/inputs.tsx'
import { Failure } from '../ui/notes.tsx'

const shownAsRules: readonly PasswordFault[] = ['too-short', 'too-simple', 'has-user-name', 'too-common']

/** Changes my password; which rules the new one keeps is shown while it is typed. */
export function PasswordForm({ username, onDone }: { username: string; onDone: (endedSessions: number) => void }) {
  const { t } = useTranslation('shell')
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [again, setAgain] = useState('')
  const [tried, setTried] = useState(false)
  const change = useWrite(api.access.changePassword, {
    refresh: [q.access.key()],
    onSuccess: ({ endedSessions }) => {
      setCurrent('')
      setNext('')
      setAgain('')
      setTried(false)
      onDone(endedSessions)
    },
  })
  const faults = passwordFaults(next, username)
  const faultText = faults.map((fault) => t(`password.fault.${fault}`, passwordLength)).join(' ')
  const send = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (!change.isPending && current !== '' && faults.length === 0 && next === again) change.mutate({ current, next })
  }
  const refused = change.error?.code === 'sign-in-failed' ? t('password.currentWrong') : errorAt(change.error, 'current')
  return (
    <form className="form" onSubmit={send} noValidate>
      <Field label={t('password.current')} required error={tried && current === '' ? t('signIn.needed') : refused}>
        <PasswordInput value={current} onChange={setCurrent} autoComplete="current-password" />
      </Field>
      <Field label={t('password.next')} required hint={<Rules faults={next === '' ? undefined : faults} />} error={tried && faults.length > 0 ? faultText : errorAt(change.error, 'next')}>
        <PasswordInput value={next} onChange={setNext} autoComplete="new-password" />
      </Field>
      <Field label={t('password.again')} required error={tried && next !== again ? t('password.notSame') : undefined}>
        <PasswordInput value={again} onChange={setAgain} autoComplete="new-password" />
      </Field>
      {!refused && <Failure problem={change.error} />}
      <div className="row"><Button type="submit" kind="main" pending={change.isPending}>{t('password.change')}</Button></div>
    </form>
  )
}

function Rules({ faults }: { faults: PasswordFault[] | undefined }) {
  const { t } = useTranslation('shell')
  return (
    <ul className="rules">
      {shownAsRules.map((rule) => {
        const state = faults === undefined ? 'open' : faults.includes(rule) ? 'missing' : 'kept'
        return <li key={rule} className={state}>{t(`password.rule.${rule}`, passwordLength)}<span className="sr-only">{faults && t(`password.${state}`)}</span></li>
      })}
    </ul>
  )
}
