import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { pickWords } from '../../../web/i18n.ts'
import { Button } from '../../../web/ui/button.tsx'
import { isDecimal, movePoint } from '../../../web/ui/figure-text.ts'
import { Choice, DateInput, MoneyInput, NumberInput, Select, TextArea, TextInput, YesNo } from '../../../web/ui/inputs.tsx'
import { Loading } from '../../../web/ui/notes.tsx'
import type { Column, ResolvedField } from '../form-definition.ts'
import type { GivenFile } from './file-input.tsx'

// Few forms ask for a file.
const FileInput = lazy(() => import('./file-input.tsx').then((file) => ({ default: file.FileInput })))

type Kind = Pick<ResolvedField, 'type' | 'unit' | 'precision' | 'choices' | 'columns' | 'hedged'>
const hedges = ['exact', 'about', 'atLeast', 'lessThan', 'nearly'] as const

/** The input of one field by its type; `value` is as the record keeps it (money in 分, numbers as decimal text). */
export function ValueInput({ field, value, onChange, label, unit = 0 }: {
  field: Kind
  value: unknown
  onChange: (value: unknown) => void
  /** For inputs without a Field around them. */
  label?: string
  /** Whose return it is; files are kept with it. */
  unit?: number
}) {
  const { t } = useTranslation('ledgers')
  const named = label ? { 'aria-label': label } : {}
  switch (field.type) {
    case 'number': {
      const hedged = typeof value === 'object' && value !== null ? (value as { value: string; approx: string }) : undefined
      const text = hedged ? hedged.value : typeof value === 'string' ? value : ''
      const tell = (next: string, approx: string) => onChange(next === '' ? null : approx === 'exact' ? next : { value: next, approx })
      return (
        <>
          <NumberInput {...named} value={text} unit={field.unit ?? undefined} whole={field.precision === 0} onChange={(next) => tell(next, hedged?.approx ?? 'exact')} />
          {field.hedged && (
            <Select
              aria-label={t('return.hedge')} value={hedged?.approx ?? 'exact'}
              options={hedges.map((hedge) => ({ value: hedge, label: t(`hedge.${hedge}`) }))} onChange={(approx) => tell(text, approx)}
            />
          )}
        </>
      )
    }
    case 'money':
      return <MoneyInput {...named} value={yuanOf(value)} onChange={(yuan) => onChange(yuan === '' ? null : isDecimal(yuan) ? movePoint(yuan, 2) : yuan)} />
    case 'date':
      return <DateInput {...named} value={textOf(value)} onChange={(next) => onChange(next || null)} />
    case 'yesNo':
      return <YesNo value={typeof value === 'boolean' ? value : undefined} onChange={onChange} />
    case 'choice': {
      const options = (field.choices ?? []).map((choice) => ({ value: choice.value, label: pickWords(choice.name) }))
      if (label || options.length > 6) return <Select {...named} value={textOf(value)} options={options} empty={t('return.choose')} onChange={(next) => onChange(next || null)} />
      return <Choice value={textOf(value)} options={options} onChange={onChange} inline={options.length <= 4} />
    }
    case 'table':
      return <TableInput columns={field.columns ?? []} rows={Array.isArray(value) ? (value as Row[]) : []} onChange={onChange} />
    case 'file':
      return <Suspense fallback={<Loading />}><FileInput files={Array.isArray(value) ? (value as GivenFile[]) : []} unit={unit} onChange={(files) => onChange(files.length > 0 ? files : null)} /></Suspense>
    default:
      return label ? <TextInput {...named} value={textOf(value)} onChange={(next) => onChange(next || null)} /> : <TextArea rows={2} maxLength={2000} value={textOf(value)} onChange={(next) => onChange(next || null)} />
  }
}

type Row = Record<string, unknown>

function TableInput({ columns, rows, onChange }: { columns: readonly Column[]; rows: readonly Row[]; onChange: (rows: Row[]) => void }) {
  const { t } = useTranslation('ledgers')
  const set = (at: number, code: string, value: unknown) => onChange(rows.map((row, n) => (n === at ? { ...row, [code]: value } : row)))
  return (
    <div className="stack">
      {rows.map((row, at) => (
        <fieldset className="panel stack" key={at}>
          <legend>{t('return.row', { n: at + 1 })}</legend>
          {columns.map((column) => (
            <div className="field" key={column.code}>
              <span className="label" aria-hidden="true">{pickWords(column.name)}{column.unit ? `（${column.unit}）` : ''}</span>
              <ValueInput field={{ ...column, unit: column.unit ?? null, choices: column.choices ?? null, columns: null, hedged: false }} label={`${t('return.row', { n: at + 1 })} ${pickWords(column.name)}`} value={row[column.code]} onChange={(value) => set(at, column.code, value)} />
            </div>
          ))}
          <div><Button small kind="quiet" onClick={() => onChange(rows.filter((_, n) => n !== at))}>{t('return.dropRow', { n: at + 1 })}</Button></div>
        </fieldset>
      ))}
      <div><Button small onClick={() => onChange([...rows, {}])}>{t('return.addRow')}</Button></div>
    </div>
  )
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')
function yuanOf(value: unknown): string {
  const fen = textOf(value)
  return isDecimal(fen) ? movePoint(fen, -2) : fen
}
