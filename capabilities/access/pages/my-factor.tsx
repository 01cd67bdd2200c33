import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { problemText } from '../../../web/i18n.ts'
import { ApiProblem } from '../../../web/api/problem.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { PasswordInput } from '../../../web/ui/inputs.tsx'
import { DateText, StateTag } from '../../../web/ui/marks.tsx'
import { MoveButton } from '../../../web/ui/moves.tsx'
import { Failure, Loaded, Note } from '../../../web/ui/notes.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { SecondFactor } from '../security.contract.ts'
import { BackupCodes, SetFactor } from './set-factor.tsx'

/** My second factor: set it up, new backup codes, trusted devices, remove it. */
export function MyFactor() {
  const factor = useQuery(q.access.secondFactor.queryOptions())
  return <Loaded query={factor}>{(mine) => (mine.state === 'set' ? <Set mine={mine} /> : <NotSet mine={mine} />)}</Loaded>
}

function NotSet({ mine }: { mine: SecondFactor }) {
  const { t } = useTranslation('access')
  const [open, setOpen] = useState(false)
  const done = () => {
    setOpen(false)
    toast(t('factor.done'))
  }
  return (
    <>
      <p className="soft">{t('factor.none')} {mine.required && t('factor.required')}</p>
      <div><Button kind="main" onClick={() => setOpen(true)}>{t('factor.start')}</Button></div>
      {open && <Dialog open title={t('factor.startTitle')} onClose={() => setOpen(false)}><SetFactor fresh={mine.fresh} onDone={done} /></Dialog>}
    </>
  )
}

function Set({ mine }: { mine: SecondFactor }) {
  const { t } = useTranslation('access')
  const [open, setOpen] = useState<'codes' | 'remove'>()
  const forget = useWrite(api.access.forgetDevices, { refresh: [q.access.secondFactor.key()], onSuccess: () => toast(t('factor.forgotten')) })
  const close = () => setOpen(undefined)
  const remove = mine.required ? { move: 'remove', possible: false, from: [], why: 'second-factor-required' } : { move: 'remove', possible: true, from: [] }
  return (
    <>
      <p>
        <StateTag tone="good">{t('factor.set')}</StateTag> {mine.since && <span className="faint">{t('factor.since')} <DateText date={todayIn(Date.parse(mine.since))} /></span>}
      </p>
      <p className="soft">{t('factor.codesLeft', { codes: mine.backupCodesLeft })} {mine.trustedDevices > 0 && `· ${t('factor.devices', { devices: mine.trustedDevices })}`}</p>
      {mine.backupCodesLeft < 3 && <Note tone="warn"><p>{t('factor.fewCodes')}</p></Note>}
      <div className="row">
        <Button onClick={() => setOpen('codes')}>{t('factor.newCodes')}</Button>
        {mine.trustedDevices > 0 && <Button pending={forget.isPending} onClick={() => forget.mutate({})}>{t('factor.forget')}</Button>}
        <MoveButton kind="danger" move={remove} label={t('factor.remove')} why={mine.required ? problemText(new ApiProblem('second-factor-required')) : undefined} onGo={() => setOpen('remove')} />
      </div>
      <Failure problem={forget.error} />
      {open === 'codes' && <NewCodes fresh={mine.fresh} onClose={close} />}
      {open === 'remove' && <Remove fresh={mine.fresh} onClose={close} />}
    </>
  )
}

type Opened = { fresh: boolean; onClose: () => void }

function NewCodes({ fresh, onClose }: Opened) {
  const { t } = useTranslation('access')
  const [password, setPassword] = useState('')
  const make = useWrite(api.access.newBackupCodes)
  return (
    <Dialog open title={t('factor.newCodes')} onClose={onClose}>
      {make.data ? <BackupCodes codes={make.data.backupCodes} onKept={onClose} /> : (
        <form className="form" noValidate onSubmit={(event) => {
          event.preventDefault()
          if (!make.isPending) make.mutate(fresh ? {} : { password })
        }}>
          <p className="soft">{t('factor.newCodesLead')}</p>
          <OwnPassword fresh={fresh} value={password} onChange={setPassword} problem={make.error} />
          <div className="row"><Button type="submit" kind="main" pending={make.isPending}>{t('factor.next')}</Button></div>
        </form>
      )}
    </Dialog>
  )
}

function Remove({ fresh, onClose }: Opened) {
  const { t } = useTranslation('access')
  const [password, setPassword] = useState('')
  const remove = useWrite(api.access.removeSecondFactor, {
    refresh: [q.access.secondFactor.key()],
    onSuccess: () => {
      onClose()
      toast(t('factor.removed'))
    },
  })
  return (
    <Dialog open title={t('factor.removeTitle')} onClose={onClose}>
      <form className="form" noValidate onSubmit={(event) => {
        event.preventDefault()
        if (!remove.isPending) remove.mutate(fresh ? {} : { password })
      }}>
        <p className="soft">{t('factor.removeLead')}</p>
        <OwnPassword fresh={fresh} value={password} onChange={setPassword} problem={remove.error} />
        <div className="row"><Button type="submit" kind="danger" pending={remove.isPending}>{t('factor.remove')}</Button></div>
      </form>
    </Dialog>
  )
}

function OwnPassword({ fresh, value, onChange, problem }: { fresh: boolean; value: string; onChange: (value: string) => void; problem: ApiProblem | null }) {
  const { t } = useTranslation('access')
  const wrong = problem?.code === 'sign-in-failed' ? t('shell:password.currentWrong') : undefined
  return (
    <>
      {!fresh && <Field label={t('factor.password')} required error={wrong}><PasswordInput value={value} onChange={onChange} autoComplete="current-password" /></Field>}
      {!wrong && <Failure problem={problem} />}
    </>
  )
}
