import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Choice, DateInput, Select } from '../../../web/ui/inputs.tsx'
import { ReasonDialog } from '../../../web/ui/moves.tsx'
import { toast } from '../../../web/ui/toast.tsx'

/** The way out of a cap: the issuer says for which form, until when and why; the burden officer decides. */
export function ExceptionDialog({ issuer, onClose }: { issuer: { id: number; name: string }; onClose: () => void }) {
  const { t } = useTranslation('burden')
  const forms = useQuery(q.ledgers.forms.queryOptions({ input: { limit: 200 } }))
  const [form, setForm] = useState('')
  const [cap, setCap] = useState<'formsYear' | 'fieldsMonth'>('fieldsMonth')
  const [until, setUntil] = useState(() => `${todayIn(Date.now()).slice(0, 4)}-12-31`)
  const [tried, setTried] = useState(false)
  const ask = useWrite(api.burden.askException, { refresh: [q.burden.key()], onSuccess: () => { toast(t('exception.asked')); onClose() } })
  return (
    <ReasonDialog
      open title={t('exception.ask')} lead={t('exception.lead', { issuer: issuer.name })} confirm={t('exception.send')} pending={ask.isPending} problem={ask.error} onClose={onClose}
      onConfirm={(reason) => {
        setTried(true)
        if (form !== '') ask.mutate({ issuer: issuer.id, form, cap, until, reason })
      }}
    >
      <Field label={t('form')} required error={errorAt(ask.error, 'form') ?? (tried && form === '' ? t('exception.formMissing') : undefined)}>
        <Select value={form} onChange={setForm} empty={t('choose')} options={(forms.data?.rows ?? []).map((one) => ({ value: one.code, label: pickWords(one.name) }))} />
      </Field>
      <Field label={t('exception.cap')} group><Choice value={cap} onChange={(next) => setCap(next as typeof cap)} options={(['fieldsMonth', 'formsYear'] as const).map((one) => ({ value: one, label: t(`capName.${one}`) }))} /></Field>
      <Field label={t('exception.until')} required error={errorAt(ask.error, 'until')}><DateInput value={until} onChange={setUntil} /></Field>
    </ReasonDialog>
  )
}
