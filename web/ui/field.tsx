import { createContext, useContext, useId, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '../api/problem.ts'
import { findingText, problemText } from '../i18n.ts'

type FieldParts = { id: string; labelId: string; describedBy: string | undefined; invalid: boolean; required: boolean }
const FieldContext = createContext<FieldParts | undefined>(undefined)

/**
 * A label with hint and error around one input of the kit, which finds its id and descriptions by itself:
 * `<Field label={t('name')} required error={errorAt(save.error, 'name')}><TextInput value onChange /></Field>`.
 * `group` for inputs that are several (Choice, YesNo); `optional` writes “may stay empty”.
 */
export function Field({ label, hint, error, required = false, optional = false, group = false, children }: {
  label: ReactNode
  hint?: ReactNode
  error?: ReactNode
  required?: boolean
  optional?: boolean
  group?: boolean
  children: ReactNode
}) {
  const { t } = useTranslation('ui')
  const id = useId()
  const described = [hint ? `${id}-hint` : '', error ? `${id}-error` : ''].filter(Boolean).join(' ')
  const parts = { id, labelId: `${id}-label`, describedBy: described || undefined, invalid: Boolean(error), required }
  const words = (
    <>
      {label}
      {required && <span className="must" aria-hidden="true">*</span>}
      {required && group && <span className="sr-only">{t('required')}</span>}
      {optional && <span className="may">{t('optional')}</span>}
    </>
  )
  return (
    <div className="field">
      {group ? <span className="label" id={parts.labelId}>{words}</span> : <label className="label" id={parts.labelId} htmlFor={id}>{words}</label>}
      {hint && <div className="hint" id={`${id}-hint`}>{hint}</div>}
      <FieldContext value={parts}>{children}</FieldContext>
      {error && <div className="error" id={`${id}-error`} role="alert"><span>{error}</span></div>}
    </div>
  )
}

/** @returns what an input of the kit takes from its Field; outside of one it must have an `aria-label` of its own */
export function useField() {
  const parts = useContext(FieldContext)
  const own = useId()
  const id = parts?.id ?? own
  const described = (...more: (string | undefined)[]) => [parts?.describedBy, ...more].filter(Boolean).join(' ') || undefined
  const input = {
    id,
    'aria-describedby': parts?.describedBy,
    'aria-invalid': parts?.invalid || undefined,
    'aria-required': parts?.required || undefined,
  }
  return { id, labelId: parts?.labelId, required: parts?.required ?? false, described, input }
}

/**
 * @returns the sentence for the field at `path` when the problem is about it, for `Field error`: one of its findings,
 *   or the problem itself when `field` names it
 */
export function errorAt(error: unknown, path: string): string | undefined {
  if (!error) return undefined
  const problem = asProblem(error)
  const found = problem.findings.filter((finding) => finding.path === path)
  if (found.length > 0) return found.map((finding) => findingText(finding, problem)).join(' ')
  return problem.field === path ? problemText(problem) : undefined
}
