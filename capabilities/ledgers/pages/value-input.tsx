import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isApiProblem } from '../../../web/api/problem.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useMe } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { useField } from '../../../web/ui/field.tsx'
import { isDecimal, movePoint } from '../../../web/ui/figure-text.ts'
import { Choice, DateInput, MoneyInput, NumberInput, Select, TextArea, TextInput, YesNo } from '../../../web/ui/inputs.tsx'
import { StateTag } from '../../../web/ui/marks.tsx'
import { Failure } from '../../../web/ui/notes.tsx'
import type { Column, ResolvedField } from '../form-definition.ts'

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
      return <FileInput files={Array.isArray(value) ? (value as GivenFile[]) : []} unit={unit} onChange={(files) => onChange(files.length > 0 ? files : null)} />
    default:
      return label ? <TextInput {...named} value={textOf(value)} onChange={(next) => onChange(next || null)} /> : <TextArea rows={2} maxLength={2000} value={textOf(value)} onChange={(next) => onChange(next || null)} />
  }
}

type GivenFile = { id: string; name: string }
/** Sending, and keeping what cannot be sent yet: loaded when a form has a file, not before. */
const onDevice = () => import('../../../web/offline/files.ts')

/**
 * Files are given one by one, never demanded. Each is kept on the device until it has arrived; without a line it waits
 * there and leaves with the return.
 */
function FileInput({ files, unit, onChange }: { files: readonly GivenFile[]; unit: number; onChange: (files: GivenFile[]) => void }) {
  const { t } = useTranslation('ledgers')
  const { account } = useMe()
  const { input } = useField()
  const [problem, setProblem] = useState<unknown>()
  const [part, setPart] = useState<number>()
  const [here, setHere] = useState<ReadonlySet<string>>(new Set())
  const lookAgain = () => void onDevice().then(({ filesHere }) => filesHere(account)).then(setHere, () => undefined)
  // A browser that keeps nothing has nothing here; a missing script of this kind means no line, and is told when used.
  useEffect(lookAgain, [account, files])
  const give = async (chosen: File) => {
    setPart(0)
    setProblem(undefined)
    try {
      const { takeFile, sendFile, forgetFile } = await onDevice()
      const file = await takeFile(account, unit, chosen)
      try {
        await sendFile(account, file.id, setPart)
      } catch (error) {
        if (!isApiProblem(error) || !waits.has(error.code)) {
          await forgetFile(account, file.id)
          throw error
        }
      }
      onChange([...files, file])
    } catch (error) {
      setProblem(error)
    }
    setPart(undefined)
  }
  const drop = (file: GivenFile) => {
    onChange(files.filter((one) => one.id !== file.id))
    void onDevice().then(({ forgetFile }) => forgetFile(account, file.id))
  }
  return (
    <>
      <ul>
        {files.map((file) => (
          <li key={file.id} className="row">
            {here.has(file.id) ? <span>{file.name} <StateTag tone="busy">{t('return.fileHere')}</StateTag></span> : <a href={`/api/ledgers/files/${file.id}`} download>{file.name}</a>}
            <Button small kind="quiet" onClick={() => drop(file)}>{t('return.dropFile', { name: file.name })}</Button>
          </li>
        ))}
      </ul>
      <input
        {...input} type="file" className="input" disabled={part !== undefined || files.length >= 10} accept=".pdf,.docx,.xlsx,.wps,.et,.csv,.txt,.png,.jpg,.jpeg,.webp,image/*"
        onChange={(event) => {
          const file = event.target.files?.[0]
          event.target.value = ''
          if (file) void give(file)
        }}
      />
      {part !== undefined && <span role="status" className="faint">{t('return.fileComing')} {part > 0 && `${Math.round(part * 100)} %`}</span>}
      <Failure problem={problem} />
    </>
  )
}

/** Problems after which a file waits on the device instead of being refused. */
const waits = new Set<string>(['offline', 'busy', 'database-away', 'not-signed-in', 'bug'])

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
