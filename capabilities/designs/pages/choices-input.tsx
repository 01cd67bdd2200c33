import { useTranslation } from 'react-i18next'
import { Button, IconButton } from '../../../web/ui/button.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { Select, TextInput } from '../../../web/ui/inputs.tsx'
import type { Member } from '../design.ts'
import { freeCode, moved, withAt } from '../edit.ts'
import { wordsOf } from './words-input.tsx'

/** The choices of an item, in order; the value that is kept is made from the English name. */
export function ChoicesInput({ value, onChange, error }: { value: readonly Member[]; onChange: (choices: Member[]) => void; error?: string | undefined }) {
  const { t } = useTranslation('designs')
  const taken = (but: number) => new Set(value.flatMap((one, n) => (n === but ? [] : [String(one['value'])])))
  return (
    <fieldset className="stack">
      <legend className="label">{t('item.choices')}</legend>
      {value.map((choice, at) => {
        const name = wordsOf(choice['name'])
        const set = (next: { zh: string; en: string }) => onChange(withAt(value, at, { value: /^choice\d*$/.test(String(choice['value'])) && next.en !== next.zh ? freeCode(next.en, taken(at), 'choice') : choice['value'], name: next }))
        return (
          <div className="row nowrap" key={at}>
            <TextInput aria-label={t('item.choiceZh', { n: at + 1 })} value={name.zh} maxLength={60} onChange={(zh) => set({ zh, en: name.en === '' || name.en === name.zh ? zh : name.en })} />
            <TextInput aria-label={t('item.choiceEn', { n: at + 1 })} lang="en" placeholder={name.zh} value={name.en === name.zh ? '' : name.en} maxLength={60} onChange={(en) => set({ zh: name.zh, en: en || name.zh })} />
            <IconButton label={t('item.choiceUp', { n: at + 1 })} disabled={at === 0} onClick={() => onChange(moved(value, at, -1))}><Icon name="up" size={16} /></IconButton>
            <IconButton label={t('item.choiceDrop', { n: at + 1 })} onClick={() => onChange(withAt(value, at, undefined))}><Icon name="close" size={16} /></IconButton>
          </div>
        )
      })}
      {error && <div className="error" role="alert">{error}</div>}
      <div><Button small onClick={() => onChange([...value, { value: freeCode('', taken(-1), 'choice'), name: { zh: '', en: '' } }])}>{t('item.addChoice')}</Button></div>
    </fieldset>
  )
}

const columnTypes = ['text', 'number', 'money', 'date', 'choice', 'yesNo'] as const

/** The columns of a table item. */
export function ColumnsInput({ value, onChange, error }: { value: readonly Member[]; onChange: (columns: Member[]) => void; error?: string | undefined }) {
  const { t } = useTranslation('designs')
  const codes = (but: number) => new Set(value.flatMap((one, n) => (n === but ? [] : [String(one['code'])])))
  return (
    <fieldset className="stack">
      <legend className="label">{t('item.columns')}</legend>
      {value.map((column, at) => {
        const name = wordsOf(column['name'])
        const set = (changes: Member) => onChange(withAt(value, at, Object.fromEntries(Object.entries({ ...column, ...changes }).filter(([, one]) => one !== undefined && one !== ''))))
        const rename = (next: { zh: string; en: string }) => set({ name: next, ...(/^column\d*$/.test(String(column['code'])) && next.en !== next.zh ? { code: freeCode(next.en, codes(at), 'column') } : {}) })
        return (
          <div className="panel stack" key={at}>
            <div className="row nowrap">
              <TextInput aria-label={t('item.columnZh', { n: at + 1 })} value={name.zh} maxLength={60} onChange={(zh) => rename({ zh, en: name.en === '' || name.en === name.zh ? zh : name.en })} />
              <TextInput aria-label={t('item.columnEn', { n: at + 1 })} lang="en" placeholder={name.zh} value={name.en === name.zh ? '' : name.en} maxLength={60} onChange={(en) => rename({ zh: name.zh, en: en || name.zh })} />
              <IconButton label={t('item.columnUp', { n: at + 1 })} disabled={at === 0} onClick={() => onChange(moved(value, at, -1))}><Icon name="up" size={16} /></IconButton>
              <IconButton label={t('item.columnDrop', { n: at + 1 })} onClick={() => onChange(withAt(value, at, undefined))}><Icon name="close" size={16} /></IconButton>
            </div>
            <div className="grid">
              <Field label={t('item.type')}><Select value={String(column['type'] ?? 'text')} options={columnTypes.map((one) => ({ value: one, label: t(`type.${one}`) }))} onChange={(type) => set({ type })} /></Field>
              {column['type'] === 'number' && <Field label={t('item.unit')}><TextInput value={String(column['unit'] ?? '')} maxLength={20} onChange={(unit) => set({ unit })} /></Field>}
            </div>
            {column['type'] === 'choice' && <ChoicesInput value={(column['choices'] ?? []) as Member[]} onChange={(choices) => set({ choices })} />}
          </div>
        )
      })}
      {error && <div className="error" role="alert">{error}</div>}
      <div><Button small onClick={() => onChange([...value, { code: freeCode('', codes(-1), 'column'), name: { zh: '', en: '' }, type: 'text' }])}>{t('item.addColumn')}</Button></div>
    </fieldset>
  )
}
