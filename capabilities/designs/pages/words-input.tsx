import { useTranslation } from 'react-i18next'
import { Field } from '../../../web/ui/field.tsx'
import { TextArea, TextInput } from '../../../web/ui/inputs.tsx'

export type WordsValue = { zh: string; en: string }

/** @returns both languages of a text, '' where there is none */
export function wordsOf(value: unknown): WordsValue {
  const { zh = '', en = '' } = (value ?? {}) as Partial<WordsValue>
  return { zh, en }
}

/** A text in both languages. Chinese comes first; as long as nobody has written English it says the same. */
export function WordsInput({ label, value, onChange, required = false, hint, error, long = false }: {
  label: string
  value: WordsValue
  onChange: (value: WordsValue) => void
  required?: boolean
  hint?: string | undefined
  error?: string | undefined
  long?: boolean
}) {
  const { t } = useTranslation('designs')
  const own = value.en !== '' && value.en !== value.zh
  const chinese = (zh: string) => onChange({ zh, en: own ? value.en : zh })
  const english = (en: string) => onChange({ zh: value.zh, en: en || value.zh })
  const shown = own ? value.en : ''
  return (
    <div className="grid words">
      <Field label={label} required={required} optional={!required} hint={hint} error={error}>{long ? <TextArea rows={2} maxLength={300} value={value.zh} onChange={chinese} /> : <TextInput value={value.zh} maxLength={200} onChange={chinese} />}</Field>
      <Field label={t('english', { label })} optional>{long ? <TextArea rows={2} maxLength={300} lang="en" value={shown} onChange={english} /> : <TextInput value={shown} maxLength={200} lang="en" placeholder={value.zh} onChange={english} />}</Field>
    </div>
  )
}
