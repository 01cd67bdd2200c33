import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useQuery } from '@tanstack/react-query'
import { q } from '../../../web/api/queries.ts'
import { LanguageSwitch } from '../../../web/shell/language-switch.tsx'
import { signOut } from '../../../web/shell/me.ts'
import { Mark } from '../../../web/shell/mark.tsx'
import { Button } from '../../../web/ui/button.tsx'
import { Loaded } from '../../../web/ui/notes.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { Me } from '../access.contract.ts'
import { SetFactor } from './set-factor.tsx'

/** One of the posts needs a second factor: it is set up before anything else. */
export default function EnrolPage({ me }: { me: Me }) {
  const { t } = useTranslation('access')
  const factor = useQuery(q.access.secondFactor.queryOptions())
  useEffect(() => {
    document.title = `${t('factor.enrolTitle')} · ${t('ui:product')}`
  }, [t])
  return (
    <div className="gate">
      <div className="gate-top"><LanguageSwitch /></div>
      <main className="gate-card">
        <div className="gate-brand"><Mark /><div><strong>{t('ui:product')}</strong><p>{t('shell:tagline')}</p></div></div>
        <h1>{t('factor.enrolTitle')}</h1>
        <p className="soft">{t('factor.enrolLead', { name: me.name })}</p>
        <Loaded query={factor}>{({ fresh }) => <SetFactor fresh={fresh} onDone={() => toast(t('factor.done'))} />}</Loaded>
        <Button kind="quiet" onClick={() => void signOut()}>{t('shell:signOut')}</Button>
      </main>
    </div>
  )
}
