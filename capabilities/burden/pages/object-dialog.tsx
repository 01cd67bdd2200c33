import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { languageNow, pickWords } from '../../../web/i18n.ts'
import { Button } from '../../../web/ui/button.tsx'
import { dateText } from '../../../web/ui/date-text.ts'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Choice, Select, TextArea } from '../../../web/ui/inputs.tsx'
import { Failure } from '../../../web/ui/notes.tsx'
import { toast } from '../../../web/ui/toast.tsx'

const grounds = ['alreadyReported', 'cannotKnow', 'notOurDuty', 'other'] as const
type Ground = (typeof grounds)[number]

/** What a unit objects to: a form (or one field of it), an item of a list, a meeting or visit. */
export type ObjectTo = { form: string } | { item: number; title: string } | { asking: number; title: string }

/** A unit objects: three presses, no essay. */
export function ObjectDialog({ unit, to, onClose }: { unit: number; to: ObjectTo; onClose: () => void }) {
  const { t } = useTranslation('burden')
  const id = useId()
  const form = 'form' in to ? to.form : undefined
  const asked = useQuery({ ...q.ledgers.form.queryOptions({ input: { code: form ?? '' } }), enabled: form !== undefined })
  const [field, setField] = useState('')
  const [ground, setGround] = useState('')
  const [text, setText] = useState('')
  const [tried, setTried] = useState(false)
  const object = useWrite(api.burden.object, {
    refresh: [q.burden.key()],
    onSuccess: ({ due }) => {
      toast(due ? t('object.sent', { due: dateText(due, languageNow()) }) : t('object.sentNoCalendar'))
      onClose()
    },
  })
  const fields = (asked.data?.definition.fields ?? []).filter((one) => one.kind !== 'computed')
  return (
    <Dialog
      open title={t('object.title', { form: 'title' in to ? to.title : asked.data ? pickWords(asked.data.row.name) : '' })} onClose={onClose}
      actions={<><Button onClick={onClose}>{t('cancel')}</Button><Button kind="main" type="submit" form={id} pending={object.isPending}>{t('object.send')}</Button></>}
    >
      <form
        id={id} className="form" noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (ground !== '' && (ground !== 'other' || text.trim() !== '')) object.mutate({ unit, ...(form !== undefined ? { form } : 'item' in to ? { item: to.item } : 'asking' in to ? { asking: to.asking } : {}), ground: ground as Ground, text: text.trim(), ...(field ? { field } : {}) })
        }}
      >
        <p className="soft">{t('object.lead')}</p>
        <Field label={t('object.ground')} group required error={tried && ground === '' ? t('object.groundMissing') : undefined}>
          <Choice value={ground} onChange={setGround} options={grounds.map((one) => ({ value: one, label: t(`ground.${one}`) }))} />
        </Field>
        {form !== undefined && (
          <Field label={t('object.field')} optional>
            <Select value={field} onChange={setField} empty={t('object.wholeForm')} options={fields.map((one) => ({ value: one.code, label: pickWords(one.name) }))} />
          </Field>
        )}
        <Field label={t('object.text')} hint={t('object.textHint')} required={ground === 'other'} optional={ground !== 'other'} error={errorAt(object.error, 'text') ?? (tried && ground === 'other' && text.trim() === '' ? t('object.textMissing') : undefined)}>
          <TextArea value={text} onChange={setText} maxLength={500} rows={3} />
        </Field>
        <Failure problem={object.error} />
      </form>
    </Dialog>
  )
}
