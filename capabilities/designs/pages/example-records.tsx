import { useTranslation } from 'react-i18next'
import { pickWords } from '../../../web/i18n.ts'
import { Button, IconButton } from '../../../web/ui/button.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import type { ResolvedForm } from '../../ledgers/form-definition.ts'
import { ValueInput } from '../../ledgers/pages/value-input.tsx'
import { withAt } from '../edit.ts'

const most = 6

/** A few example records to try formulas out on; they are kept nowhere. */
export function ExampleRecords({ form, examples, onChange }: { form: ResolvedForm; examples: readonly Record<string, unknown>[]; onChange: (examples: Record<string, unknown>[]) => void }) {
  const { t } = useTranslation('designs')
  const fields = form.fields.filter((field) => field.type !== 'table' && field.type !== 'file' && field.type !== 'text')
  return (
    <details className="example-records">
      <summary>{t('example.title', { count: examples.length })}</summary>
      <p className="faint">{t('example.lead')}</p>
      {examples.map((example, at) => (
        <fieldset className="panel stack" key={at}>
          <legend>{t('example.nth', { n: at + 1 })}</legend>
          <div className="grid">
            {fields.map((field) => (
              <div className="field" key={field.code}>
                <span className="label" aria-hidden="true">{pickWords(field.name)}</span>
                <ValueInput field={{ ...field, hedged: false }} label={`${t('example.nth', { n: at + 1 })} ${pickWords(field.name)}`} value={example[field.code]} onChange={(value) => onChange(withAt(examples, at, { ...example, [field.code]: value }))} />
              </div>
            ))}
          </div>
          <div><IconButton label={t('example.drop', { n: at + 1 })} disabled={examples.length === 1} onClick={() => onChange(withAt(examples, at, undefined))}><Icon name="close" size={16} /></IconButton></div>
        </fieldset>
      ))}
      <div><Button small disabled={examples.length >= most} onClick={() => onChange([...examples, sample(form, examples.length + 1)])}>{t('example.add')}</Button></div>
    </details>
  )
}

/** @returns two examples to begin with */
export const firstExamples = (form: ResolvedForm): Record<string, unknown>[] => [sample(form, 1), sample(form, 2)]

/** Plain numbers that are easy to reckon with: 10, 20, 30 … */
function sample(form: ResolvedForm, nth: number): Record<string, unknown> {
  return Object.fromEntries(form.fields.flatMap((field, at): [string, unknown][] => {
    if (field.type === 'number') return [[field.code, String((at + 1) * 10 * nth)]]
    if (field.type === 'money') return [[field.code, String((at + 1) * 1_000_000 * nth)]]
    if (field.type === 'yesNo') return [[field.code, nth % 2 === 1]]
    if (field.type === 'choice') return [[field.code, field.choices?.[(nth - 1) % Math.max(field.choices.length, 1)]?.value ?? null]]
    return []
  }))
}
