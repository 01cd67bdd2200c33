import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { Me } from '../../capabilities/access/access.contract.ts'
import { Button } from '../ui/button.tsx'
import { toast } from '../ui/toast.tsx'
import { LanguageSwitch } from './language-switch.tsx'
import { signOut } from './me.ts'
import { Mark } from './mark.tsx'
import { PasswordForm } from './password-form.tsx'

/** A first password is for one use: nothing else is possible before it is changed. */
export default function FirstPasswordPage({ me }: { me: Me }) {
  const { t } = useTranslation('shell')
  const why = { first: 'first', expired: 'expired', 'too-weak': 'weak' }[me.mustChangeWhy ?? 'first']
  const heading = why === 'first' ? t('first.title') : t(`first.${why}Title`)
  useEffect(() => {
    document.title = `${heading} · ${t('ui:product')}`
  }, [t, heading])
  return (
    <div className="gate">
      <div className="gate-top"><LanguageSwitch /></div>
      <main className="gate-card">
        <div className="gate-brand"><Mark /><div><strong>{t('ui:product')}</strong><p>{t('tagline')}</p></div></div>
        <h1>{heading}</h1>
        <p className="soft">{t(why === 'first' ? 'first.lead' : `first.${why}Lead`, { name: me.name })}</p>
        <PasswordForm username={me.username} onDone={() => toast(t('password.changed'))} />
        <Button kind="quiet" onClick={() => void signOut()}>{t('signOut')}</Button>
      </main>
    </div>
  )
}
