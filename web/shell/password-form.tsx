import { useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { passwordFaults, passwordLength, passwordRules, type PasswordFault, type PasswordRules } from '../../capabilities/access/password.ts'
import { api } from '../api/client.ts'
import { q, useWrite } from '../api/queries.ts'
import { Button } from '../ui/button.tsx'
import { errorAt, Field } from '../ui/field.tsx'
import { PasswordInput } from '../ui/inputs.tsx'
import { Failure } from '../ui/notes.tsx'

/** What is shown as a list while typing; what only the server can know (names in pinyin, former passwords) it tells afterwards. */
function shownAsRules({ classes, mixedCase, notCommon }: PasswordRules): PasswordFault[] {
  return ['too-short', ...(classes > 1 ? (['too-simple'] as const) : []), ...(mixedCase ? (['no-mixed-case'] as const) : []), 'has-user-name', ...(notCommon ? (['too-common'] as const) : [])]
}

/** Changes my password; which rules the new one keeps is shown while it is typed. */
export function PasswordForm({ username, onDone }: { username: string; onDone: (endedSessions: number) => void }) {
  const { t } = useTranslation('shell')
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [again, setAgain] = useState('')
  const [tried, setTried] = useState(false)
  const rules = useQuery({ ...q.access.passwordRules.queryOptions(), staleTime: 60_000 }).data ?? passwordRules
  const facts = { ...rules, most: passwordLength.most }
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
  const faults = passwordFaults(next, { username }, rules)
  const sentences = (found: readonly PasswordFault[]) => found.map((fault) => t(`password.fault.${fault}`, facts)).join(' ')
  const told = change.error?.code === 'password-too-weak' ? sentences(change.error.facts.faults as PasswordFault[]) : errorAt(change.error, 'next')
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
      <Field label={t('password.next')} required hint={<Rules rules={rules} faults={next === '' ? undefined : faults} />} error={tried && faults.length > 0 ? sentences(faults) : told}>
        <PasswordInput value={next} onChange={setNext} autoComplete="new-password" />
      </Field>
      <Field label={t('password.again')} required error={tried && next !== again ? t('password.notSame') : undefined}>
        <PasswordInput value={again} onChange={setAgain} autoComplete="new-password" />
      </Field>
      {!refused && !told && <Failure problem={change.error} />}
      <div className="row"><Button type="submit" kind="main" pending={change.isPending}>{t('password.change')}</Button></div>
    </form>
  )
}

function Rules({ rules, faults }: { rules: PasswordRules; faults: PasswordFault[] | undefined }) {
  const { t } = useTranslation('shell')
  return (
    <ul className="rules">
      {shownAsRules(rules).map((rule) => {
        const state = faults === undefined ? 'open' : faults.includes(rule) ? 'missing' : 'kept'
        return <li key={rule} className={state}>{t(`password.rule.${rule}`, { ...rules })}<span className="sr-only">{faults && t(`password.${state}`)}</span></li>
      })}
    </ul>
  )
}
