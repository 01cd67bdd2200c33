import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { pickWords } from '../../../web/i18n.ts'
import { Field } from '../../../web/ui/field.tsx'
import { PeriodText } from '../../../web/ui/marks.tsx'
import { Note } from '../../../web/ui/notes.tsx'
import type { ResolvedField } from '../form-definition.ts'
import type { FieldFinding, ReturnPage } from '../ledgers.contract.ts'
import { ValueInput } from './value-input.tsx'
import { ValueText } from './value-text.tsx'

/** One field as the village fills it in; the designer's preview shows the same. */
export function OneField({ field, page, value, findings, reason, onChange }: {
  field: ResolvedField
  page: ReturnPage
  value: unknown
  findings: readonly FieldFinding[]
  reason: string | undefined
  onChange: (value: unknown) => void
}) {
  const { t } = useTranslation('ledgers')
  const origin = page.origins[field.code]
  const error = findings.filter((finding) => finding.level === 'error').map((finding) => findingWords(finding, t)).join(' ')
  const warning = findings.filter((finding) => finding.level === 'warning').map((finding) => findingWords(finding, t)).join(' ')
  const hint = (
    <>
      {field.help ? <span>{pickWords(field.help)} </span> : field.definition && <span>{pickWords(field.definition)} </span>}
      {origin && <span className="faint" style={{ display: 'block' }}>{origin.from === 'held' ? t('return.fromHeld', { form: pickWords(origin.formName) }) : t('return.fromLast')} <PeriodText period={origin.period} /></span>}
    </>
  )
  if (field.kind !== 'asks') {
    return (
      <div className="field">
        <span className="label">{pickWords(field.name)}<span className="may">{field.kind === 'computed' ? t('return.computed') : t('return.heldAlready')}</span></span>
        <div className="hint">{hint}</div>
        <output><ValueText field={field} value={value} /></output>
      </div>
    )
  }
  const last = page.last?.values[field.code]
  return (
    <>
      <Field
        label={pickWords(field.name)} required={field.required} optional={!field.required} hint={hint}
        group={field.type === 'yesNo' || field.type === 'table' || (field.type === 'choice' && (field.choices?.length ?? 0) <= 6)}
        error={error || undefined}
      >
        <ValueInput field={field} value={value} onChange={onChange} unit={page.unit} />
      </Field>
      {reason && <Note tone="warn">{t('return.sentBackBecause')} {reason}</Note>}
      {warning && <Note tone="warn">{warning}</Note>}
      {last !== undefined && JSON.stringify(last) !== JSON.stringify(value) && <p className="faint">{t('return.lastTime')} <ValueText field={field} value={last} /></p>}
    </>
  )
}

/** What a check found, in words. */
export function findingWords(finding: FieldFinding, t: TFunction<'ledgers'>): string {
  return finding.message ? pickWords(finding.message) : t(`finding.${finding.code}`, { ...finding.facts })
}
