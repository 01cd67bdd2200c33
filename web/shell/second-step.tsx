import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { postJson } from '../api/client.ts'
import type { ApiProblem } from '../api/problem.ts'
import { Button } from '../ui/button.tsx'
import { errorAt, Field } from '../ui/field.tsx'
import { TextInput, Tick } from '../ui/inputs.tsx'
import { Failure } from '../ui/notes.tsx'
import { freshAfterSignIn, signOut, waysIn } from './me.ts'

/** The code after the password: inside the sign-in form, in its place. */
export default function SecondStep({ onBack = () => void signOut() }: { onBack?: () => void }) {
  const { t } = useTranslation('access')
  const [code, setCode] = useState('')
  // How long a device may be trusted is the same for everybody; it is told to whoever comes this far.
  const trustDays = useQuery({ queryKey: ['ways-in'], queryFn: waysIn, staleTime: Infinity }).data?.trustDays ?? 0
  const [trust, setTrust] = useState(false)
  const [missing, setMissing] = useState(false)
  const enter = useMutation<unknown, ApiProblem>({
    mutationFn: async () => {
      await postJson('/api/auth/second-factor', { code, trust })
      await freshAfterSignIn()
    },
    onError: () => setCode(''),
  })
  useEffect(() => {
    document.title = `${t('secondStep.title')} · ${t('ui:product')}`
  }, [t])
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (enter.isPending) return
    setMissing(code.trim() === '')
    if (code.trim() !== '') enter.mutate()
  }
  const atCode = errorAt(enter.error, 'code')
  return (
    <form className="form" onSubmit={send} noValidate>
      <h2>{t('secondStep.title')}</h2>
      <p className="soft">{t('secondStep.lead')}</p>
      <Field label={t('secondStep.code')} required error={missing ? t('needed') : atCode}>
        <TextInput value={code} onChange={setCode} name="code" inputMode="text" autoComplete="one-time-code" autoCapitalize="none" spellCheck={false} autoFocus maxLength={20} className="number" />
      </Field>
      {trustDays > 0 && <div><Tick checked={trust} onChange={setTrust}>{t('secondStep.trust', { days: trustDays })}</Tick><p className="hint">{t('secondStep.trustHint')}</p></div>}
      {!atCode && <Failure problem={enter.error} />}
      <Button type="submit" kind="main" wide pending={enter.isPending}>{t('secondStep.go')}</Button>
      <Button kind="quiet" wide onClick={onBack}>{t('secondStep.back')}</Button>
    </form>
  )
}
