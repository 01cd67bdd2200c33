import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { TextArea, TextInput } from '../../../web/ui/inputs.tsx'
import { Failure, Note } from '../../../web/ui/notes.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { Design } from '../designs.contract.ts'

const refresh = [q.designs.key(), q.ledgers.key(), q.indicators.key(), q.lists.key(), q.inbox.key()]

/** Gives the design to the burden officer. While anything is to be put right it says so instead. */
export function SubmitDialog({ design, version, findings, onClose, onReview }: { design: Design; version: () => Promise<number | undefined>; findings: number; onClose: () => void; onReview: () => void }) {
  const { t } = useTranslation('designs')
  const [note, setNote] = useState('')
  const submit = useWrite(api.designs.submit, { refresh, onSuccess: () => { toast(t('moves.submitted')); onClose() } })
  const send = () => void version().then((now) => now !== undefined && submit.mutate({ id: design.id, version: now, note: note.trim() }))
  return (
    <Dialog open title={t('moves.submitTitle')} onClose={onClose} actions={<><Button onClick={onClose}>{t('cancel')}</Button>{findings > 0 ? <Button kind="main" onClick={onReview}>{t('moves.seeFindings')}</Button> : <Button kind="main" pending={submit.isPending} onClick={send}>{t('moves.submit')}</Button>}</>}>
      {findings > 0 ? <Note tone="warn"><p>{t('moves.findingsFirst', { count: findings })}</p></Note> : (
        <>
          <p>{t('moves.submitLead')}</p>
          <Field label={t('moves.note')} optional hint={t('moves.noteHint')}><TextArea value={note} onChange={setNote} rows={3} maxLength={500} /></Field>
        </>
      )}
      <Failure problem={submit.error} />
    </Dialog>
  )
}

/** The burden officer's yes: what was designed is registered at once. */
export function ApproveDialog({ design, findings, onClose }: { design: Design; findings: number; onClose: () => void }) {
  const { t } = useTranslation('designs')
  const [number, setNumber] = useState('')
  const approve = useWrite(api.designs.approve, { refresh, onSuccess: () => { toast(t('moves.approved')); onClose() } })
  return (
    <Dialog open title={t('moves.approveTitle')} onClose={onClose} actions={<><Button onClick={onClose}>{t('cancel')}</Button><Button kind="main" pending={approve.isPending} onClick={() => approve.mutate({ id: design.id, version: design.version, number: number.trim() })}>{t('moves.approve')}</Button></>}>
      <p>{t('moves.approveLead')}</p>
      {findings > 0 && <Note tone="warn"><p>{t('moves.findingsFirst', { count: findings })}</p></Note>}
      <Field label={t('moves.number')} optional hint={t('moves.numberHint')}><TextInput value={number} onChange={setNumber} maxLength={60} /></Field>
      <Failure problem={approve.error} />
    </Dialog>
  )
}
