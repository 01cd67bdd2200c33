import { useTranslation } from 'react-i18next'
import { pickWords } from '../../../web/i18n.ts'
import { isDecimal, movePoint } from '../../../web/ui/figure-text.ts'
import { DateText, Figure } from '../../../web/ui/marks.tsx'
import type { ResolvedField } from '../form-definition.ts'

/** A value of a record as people read it; missing is “—”, never zero. */
export function ValueText({ field, value }: { field: Pick<ResolvedField, 'type' | 'unit' | 'choices' | 'columns'>; value: unknown }) {
  const { t } = useTranslation('ledgers')
  if (value === null || value === undefined) return <Figure value={null} />
  if (field.type === 'money' && typeof value === 'string') return <Figure value={isDecimal(value) ? movePoint(value, -2) : value} unit={t('yuan')} />
  if (field.type === 'number') {
    if (typeof value === 'object') {
      const { value: figure, approx } = value as { value: string; approx: 'about' }
      return <Figure value={figure} unit={field.unit ?? undefined} hedge={approx} />
    }
    return <Figure value={String(value)} unit={field.unit ?? undefined} />
  }
  if (field.type === 'date') return <DateText date={String(value)} />
  if (field.type === 'yesNo') return <>{value === true ? t('yes') : t('no')}</>
  if (field.type === 'choice') {
    const choice = field.choices?.find((one) => one.value === value)
    return <>{choice ? pickWords(choice.name) : String(value)}</>
  }
  if (field.type === 'file' && Array.isArray(value)) return <>{(value as { id: string; name: string }[]).map((file) => <div key={file.id}><a href={`/api/ledgers/files/${file.id}`} download>{file.name}</a></div>)}</>
  if (field.type === 'table' && Array.isArray(value)) return <>{t('rows', { count: value.length })}</>
  return <>{String(value)}</>
}
