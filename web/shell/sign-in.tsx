import { useMutation, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '../api/problem.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { PasswordInput, TextInput } from '../ui/inputs.tsx'
import { Failure, Loading } from '../ui/notes.tsx'
import { LanguageSwitch } from './language-switch.tsx'
import { Mark } from './mark.tsx'
import { signIn, waysIn, type SignedIn } from './me.ts'

const SecondStep = lazy(() => import('./second-step.tsx'))

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
        <SignOnFailed />
        <SignInForm />
        <p className="faint">{t('signIn.help')}</p>
      </main>
    </div>
  )
}

/** The page was opened anew between the password and the code. */
export function CodeAwaited() {
  const { t } = useTranslation('shell')
  return (
    <div className="gate">
      <div className="gate-top"><LanguageSwitch /></div>
      <main className="gate-card">
        <div className="gate-brand"><Mark /><div><strong>{t('ui:product')}</strong><p>{t('tagline')}</p></div></div>
        <h1>{t('signIn.title')}</h1>
        <Suspense fallback={<Loading />}><SecondStep /></Suspense>
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
  const enter = useMutation<SignedIn, ApiProblem>({ mutationFn: () => signIn(username, password), onError: () => setPassword('') })
  const back = () => {
    setPassword('')
    enter.reset()
  }
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (enter.isPending) return
    const incomplete = username.trim() === '' || password === ''
    setMissing(incomplete)
    if (!incomplete) enter.mutate()
  }
  const needed = (value: string) => (missing && value.trim() === '' ? t('signIn.needed') : undefined)
  if (enter.data?.wants === 'code') return <Suspense fallback={<Loading />}><SecondStep onBack={back} /></Suspense>
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
      <SignOn />
    </form>
  )
}

/** The button of the province's identity provider, when there is one. */
function SignOn() {
  const { t } = useTranslation('shell')
  const ways = useQuery({ queryKey: ['ways-in'], queryFn: waysIn, staleTime: Infinity })
  const oidc = ways.data?.oidc
  if (!oidc) return null
  return (
    <>
      <p className="or"><span>{t('signIn.or')}</span></p>
      <a className="button wide" href="/api/auth/sign-on">{t('signIn.through', { name: oidc.name })}</a>
    </>
  )
}

/** The provider sent somebody back whom the platform does not let in: why, and the way out. */
function SignOnFailed() {
  const why = new URLSearchParams(location.search).get('signOn')
  return why === null ? null : <Failure problem={new ApiProblem('sign-on-failed', { facts: { [why]: why } })} />
}
