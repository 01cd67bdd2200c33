import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { PasswordInput } from '../../../web/ui/inputs.tsx'
import { DateText, StateTag } from '../../../web/ui/marks.tsx'
import { Failure } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { toast } from '../../../web/ui/toast.tsx'

/** The identity of the provider that is tied to my account, and untying it with my password; nothing when none is. */
export function MyIdentity() {
  const { t } = useTranslation('access')
  const identity = useQuery(q.access.identity.queryOptions())
  const [open, setOpen] = useState(false)
  if (!identity.data?.since) return null
  return (
    <Panel title={t('identity.title')}>
      <p><StateTag tone="good">{t('accountState.identity')}</StateTag> <span className="faint">{t('identity.since')} <DateText date={todayIn(Date.parse(identity.data.since))} /></span></p>
      <p className="soft">{t('identity.lead')}</p>
      <div><Button kind="danger" onClick={() => setOpen(true)}>{t('identity.unlink')}</Button></div>
      {open && <Unlink onClose={() => setOpen(false)} />}
    </Panel>
  )
}

function Unlink({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('access')
  const form = useId()
  const [password, setPassword] = useState('')
  const unlink = useWrite(api.access.unlinkMyIdentity, {
    refresh: [q.access.identity.key()],
    onSuccess: () => {
      onClose()
      toast(t('identity.done'))
    },
  })
  const actions = (
    <>
      <Button onClick={onClose}>{t('ui:cancel')}</Button>
      <Button kind="danger" type="submit" form={form} pending={unlink.isPending}>{t('identity.unlink')}</Button>
    </>
  )
  return (
    <Dialog open title={t('identity.unlink')} onClose={onClose} actions={actions}>
      <form
        id={form} className="form" noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (password && !unlink.isPending) unlink.mutate({ password })
        }}
      >
        <p>{t('identity.unlinkLead')}</p>
        <Field label={t('me.password')} required error={errorAt(unlink.error, 'password')}><PasswordInput value={password} onChange={setPassword} autoComplete="current-password" /></Field>
        {!errorAt(unlink.error, 'password') && <Failure problem={unlink.error} />}
      </form>
    </Dialog>
  )
}
