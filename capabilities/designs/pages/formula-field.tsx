import { lazy, Suspense, useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { FieldTypes, FormulaLevel, Value } from '../../../rules/formula/ast.ts'
import { typeName } from '../../../rules/formula/says.ts'
import { pickWords } from '../../../web/i18n.ts'
import { figureText } from './value-words.ts'
import { formulaState, tryOut, type Example } from '../try-out.ts'

const FormulaEditor = lazy(() => import('../../../web/desk/formula-editor.tsx'))

/** A formula with its editor: what is wrong stands below it in plain words, otherwise its type, unit and what the example gives. */
export function FormulaField({ label, value, onChange, fields, level, nameOf, unit, examples, wants, optional = false, hint }: {
  label: string
  value: string
  onChange: (value: string) => void
  fields: FieldTypes
  level: FormulaLevel
  nameOf: (code: string) => string | undefined
  /** The unit of what it gives, where it has one. */
  unit?: string | undefined
  examples: readonly Example[]
  /** What the result must be, such as yesNo for a check. */
  wants?: string
  optional?: boolean
  hint?: string
}) {
  const { t } = useTranslation('designs')
  const id = useId()
  const empty = value.trim() === ''
  const state = empty ? undefined : formulaState(value, fields, level)
  const result = state && !state.fault ? tryOut(value, fields, level, examples) : undefined
  const wrongType = state?.type !== undefined && wants !== undefined && state.type !== wants && !(wants === 'number' && state.type === 'money')
  return (
    <div className="field">
      <span className="label" aria-hidden="true">{label}{!optional && <span className="must">*</span>}{optional && <span className="may">{t('optional')}</span>}</span>
      {hint && <div className="hint">{hint}</div>}
      <Suspense fallback={<div className="formula-editor waiting" />}>
        <FormulaEditor value={value} onChange={onChange} fields={fields} level={level} label={label} nameOf={nameOf} fault={state?.fault} describedBy={`${id}-says`} placeholder={level === 'record' ? t('formula.recordExample') : t('formula.aggregateExample')} />
      </Suspense>
      <div id={`${id}-says`} className={state?.fault || wrongType ? 'error' : 'readback'} role="status">
        {state?.fault ? <span>{t('formula.at', { at: state.fault.at + 1 })}{pickWords(state.fault.says)}</span>
          : wrongType ? <span>{t('formula.wants', { wants: pickWords(typeName(wants)), gives: pickWords(typeName(state!.type!)) })}</span>
          : state ? <span>{t('formula.gives', { type: pickWords(typeName(state.type)) })}{unit ? `（${unit}）` : ''} · {t('formula.onExample', { count: examples.length })}<strong>{resultText(result, state.type, t('formula.unknown'), unit)}</strong></span>
          : t('formula.help')}
      </div>
    </div>
  )
}

function resultText(result: Value | undefined, type: string, unknown: string, unit: string | undefined): string {
  if (result === null || result === undefined) return unknown
  return figureText(result, type, unit)
}
