import { useMutation } from '@tanstack/react-query'
import { useEffect, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { ApiProblem } from '../api/problem.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { PasswordInput, TextInput } from '../ui/inputs.tsx'
import { Failure } from '../ui/notes.tsx'
import { LanguageSwitch } from './language-switch.tsx'
import { Mark } from './mark.tsx'
import { signIn } from './me.ts'

/** The page before everything else; the address stays, so that one lands where one wanted to go. */
export function SignInPage() {
  const { t } = useTranslation('shell')
  useEffect(() => {
    document.title = `${t('signIn.title')} · ${t('ui:product')}`
  }, [t])
  return (
    <div className="gate">
      <div className="gate-top"><LanguageSwitch /></div>
      <main className="gate-card">
        <div className="gate-brand"><Mark /><div><strong>{t('ui:product')}</strong><p>{t('tagline')}</p></div></div>
        <h1>{t('signIn.title')}</h1>
        <SignInForm />
        <p className="faint">{t('signIn.help')}</p>
      </main>
    </div>
  )
}

/** The session ended while a page was open: signing in again keeps what was typed on it. */
export function SignInAgain({ username }: { username: string }) {
  const { t } = useTranslation('shell')
  return (
    <Dialog open title={t('signIn.again')} onClose={() => location.assign('/')}>
      <p>{t('signIn.againLead')}</p>
      <SignInForm username={username} />
    </Dialog>
  )
}

function SignInForm({ username: known = '' }: { username?: string }) {
  const { t } = useTranslation('shell')
  const [username, setUsername] = useState(known)
  const [password, setPassword] = useState('')
  const [missing, setMissing] = useState(false)
  const enter = useMutation<void, ApiProblem>({ mutationFn: () => signIn(username, password), onError: () => setPassword('') })
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (enter.isPending) return
    const incomplete = username.trim() === '' || password === ''
    setMissing(incomplete)
    if (!incomplete) enter.mutate()
  }
  const needed = (value: string) => (missing && value.trim() === '' ? t('signIn.needed') : undefined)
  return (
    <form className="form" onSubmit={send} noValidate>
      <Field label={t('signIn.username')} required error={needed(username)}>
        <TextInput value={username} onChange={setUsername} name="username" autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus={!known} readOnly={known !== ''} />
      </Field>
      <Field label={t('signIn.password')} required error={needed(password)}>
        <PasswordInput value={password} onChange={setPassword} name="password" autoComplete="current-password" autoFocus={known !== ''} />
      </Field>
      <Failure problem={enter.error} />
      <Button type="submit" kind="main" wide pending={enter.isPending}>{t('signIn.enter')}</Button>
    </form>
  )
}
