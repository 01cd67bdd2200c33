import { useEffect, useRef, useState, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from 'react'
import { useTranslation } from 'react-i18next'
import { languageNow } from '../i18n.ts'
import { dateText } from './date-text.ts'
import { useField } from './field.tsx'
import { groupDigits, isDecimal, isShortened, movePoint, plainDecimal, shortFigure } from './figure-text.ts'
import { Icon } from './icons.tsx'

type Typed<Element> = Omit<Element, 'value' | 'onChange'> & { value: string; onChange: (value: string) => void }

export function TextInput({ value, onChange, className = '', ...rest }: Typed<InputHTMLAttributes<HTMLInputElement>>) {
  const { input } = useField()
  return <input type="text" autoComplete="off" {...input} {...rest} className={`input ${className}`} value={value} onChange={(event) => onChange(event.target.value)} />
}

export function PasswordInput(props: Typed<InputHTMLAttributes<HTMLInputElement>>) {
  const { t } = useTranslation('ui')
  const [shown, setShown] = useState(false)
  return (
    <span className="with-unit">
      <TextInput autoCapitalize="none" spellCheck={false} {...props} type={shown ? 'text' : 'password'} />
      <button type="button" className="unit" aria-pressed={shown} onClick={() => setShown(!shown)}>{t('showPassword')}</button>
    </span>
  )
}

export function TextArea({ value, onChange, className = '', ...rest }: Typed<TextareaHTMLAttributes<HTMLTextAreaElement>>) {
  const { input, id, described } = useField()
  const { t } = useTranslation('ui')
  const { maxLength } = rest
  const near = maxLength !== undefined && value.length >= maxLength * 0.8
  return (
    <>
      <textarea {...input} aria-describedby={described(near ? `${id}-left` : undefined)} {...rest} className={`input ${className}`} value={value} onChange={(event) => onChange(event.target.value)} />
      {near && <span className="readback" id={`${id}-left`}>{t('charactersLeft', { left: maxLength - value.length })}</span>}
    </>
  )
}

/**
 * An exact decimal as text, never a float; '' is empty. Full-width figures and grouping commas are put right; large
 * figures are read back in 万/亿 below the field. `unit` is shown behind it.
 */
export function NumberInput({ value, onChange, unit, whole = false, readBack = true, ...rest }: Typed<InputHTMLAttributes<HTMLInputElement>> & {
  unit?: ReactNode
  /** Takes no decimals. */
  whole?: boolean
  readBack?: boolean
}) {
  const { t } = useTranslation('ui')
  const { id, input, described } = useField()
  const [left, setLeft] = useState(false)
  const fault = left && value !== '' && (!isDecimal(value) ? 'numberFault' : whole && value.includes('.') ? 'wholeFault' : undefined)
  const said = !readBack || fault || !isDecimal(value) || !isShortened(value) ? '' : `${shortFigure(value, languageNow(), 4)}${typeof unit === 'string' ? unit : ''}`
  const below = `${id}-read`
  const field = (
    <input
      type="text" inputMode={whole ? 'numeric' : 'decimal'} autoComplete="off" {...input} {...rest}
      aria-invalid={fault ? true : input['aria-invalid']}
      aria-describedby={described(fault || said ? below : undefined)}
      className="input number"
      value={value}
      onChange={(event) => onChange(event.target.value.normalize('NFKC').replace(/[,，\s]/g, ''))}
      enterKeyHint="next"
      onFocus={(event) => {
        setLeft(false)
        // A figure that came filled in is typed over, not deleted first.
        event.currentTarget.select()
      }}
      onBlur={(event) => {
        setLeft(true)
        const plain = plainDecimal(value)
        if (plain !== value) onChange(plain)
        rest.onBlur?.(event)
      }}
    />
  )
  return (
    <>
      {unit ? <span className="with-unit">{field}{typeof unit === 'string' ? <span className="unit">{unit}</span> : unit}</span> : field}
      {fault && <div className="error" id={below} role="alert"><span>{t(fault)}</span></div>}
      {said && <div className="readback number" id={below}>{t('readAs', { said, exact: groupDigits(value) })}</div>}
    </>
  )
}

/** An amount in yuan as decimal text, typed in 元 or 万元 as people have it on paper; `value` is always yuan. */
export function MoneyInput({ value, onChange, startIn = 'yuan', ...rest }: Typed<InputHTMLAttributes<HTMLInputElement>> & { startIn?: 'yuan' | 'wan' }) {
  const { t } = useTranslation('ui')
  const [typedIn, setTypedIn] = useState(startIn)
  const [typed, setTyped] = useState<{ text: string; value: string }>()
  const factor = typedIn === 'wan' ? 4 : 0
  // What is typed stays as typed (12. on the way to 12.5) as long as it means the value.
  const text = typed?.value === value ? typed.text : isDecimal(value) ? movePoint(value, -factor) : value
  const tell = (next: string) => {
    const plain = plainDecimal(next)
    const yuan = isDecimal(plain) ? movePoint(plain, factor) : plain
    setTyped({ text: next, value: yuan })
    onChange(yuan)
  }
  const unit = (
    <select className="unit" aria-label={t('moneyUnit')} value={typedIn} disabled={rest.disabled} onChange={(event) => {
      setTyped(undefined)
      setTypedIn(event.target.value as 'yuan' | 'wan')
    }}>
      <option value="yuan">{t('yuan')}</option>
      <option value="wan">{t('wanYuan')}</option>
    </select>
  )
  const said = isDecimal(value) && isShortened(value) ? t('readAs', { said: `${shortFigure(value, languageNow(), 6)}${t('yuan')}`, exact: `${groupDigits(value)} ${t('yuan')}` }) : ''
  return (
    <>
      <NumberInput {...rest} value={text} onChange={tell} unit={unit} readBack={false} />
      {said && <div className="readback number">{said}</div>}
    </>
  )
}

/** A civil date as 'YYYY-MM-DD', '' is empty; read back in the language of the page. */
export function DateInput({ value, onChange, ...rest }: Typed<InputHTMLAttributes<HTMLInputElement>>) {
  const { input, id, described } = useField()
  const said = /^\d{4}-\d{2}-\d{2}$/.test(value) ? dateText(value, languageNow()) : ''
  return (
    <>
      <input type="date" {...input} {...rest} aria-describedby={described(said ? `${id}-read` : undefined)} className="input" value={value} onChange={(event) => onChange(event.target.value)} />
      {said && <div className="readback" id={`${id}-read`}>{said}</div>}
    </>
  )
}

export type Option = { value: string; label: string; hint?: string; disabled?: boolean }

/** A list to choose one from; `empty` is the words of the line that chooses nothing. */
export function Select({ value, onChange, options, empty, ...rest }: Typed<SelectHTMLAttributes<HTMLSelectElement>> & {
  options: readonly Option[]
  empty?: string
}) {
  const { input } = useField()
  return (
    <select {...input} {...rest} className="input" value={value} onChange={(event) => onChange(event.target.value)}>
      {empty !== undefined && <option value="">{empty}</option>}
      {options.map((option) => <option key={option.value} value={option.value} disabled={option.disabled}>{option.label}</option>)}
    </select>
  )
}

/** Large radio buttons for up to about seven options. Inside `<Field group>`. */
export function Choice({ value, onChange, options, inline = false, disabled = false }: {
  value: string
  onChange: (value: string) => void
  options: readonly Option[]
  inline?: boolean
  disabled?: boolean
}) {
  const { id, labelId, input, required } = useField()
  return (
    <div className={inline ? 'choices inline' : 'choices'} role="radiogroup" aria-labelledby={labelId} aria-describedby={input['aria-describedby']} aria-required={required || undefined} aria-invalid={input['aria-invalid']}>
      {options.map((option) => (
        <label className="choice" key={option.value}>
          <input type="radio" name={id} value={option.value} checked={value === option.value} disabled={disabled || option.disabled} onChange={() => onChange(option.value)} />
          <span>{option.label}{option.hint && <span className="hint">{option.hint}</span>}</span>
        </label>
      ))}
    </div>
  )
}

/** Yes, no, or not answered yet. Inside `<Field group>`. */
export function YesNo({ value, onChange, disabled }: { value: boolean | undefined; onChange: (value: boolean) => void; disabled?: boolean }) {
  const { t } = useTranslation('ui')
  const options = [{ value: 'yes', label: t('yes') }, { value: 'no', label: t('no') }]
  return <Choice inline value={value === undefined ? '' : value ? 'yes' : 'no'} onChange={(chosen) => onChange(chosen === 'yes')} options={options} disabled={disabled} />
}

/** Several of a few options. Inside `<Field group>`. */
export function ManyChoices({ value, onChange, options, disabled = false }: {
  value: readonly string[]
  onChange: (value: string[]) => void
  options: readonly Option[]
  disabled?: boolean
}) {
  const { labelId, input } = useField()
  return (
    <div className="choices" role="group" aria-labelledby={labelId} aria-describedby={input['aria-describedby']}>
      {options.map((option) => (
        <label className="choice" key={option.value}>
          <input type="checkbox" checked={value.includes(option.value)} disabled={disabled || option.disabled} onChange={(event) =>
            onChange(event.target.checked ? [...value, option.value] : value.filter((one) => one !== option.value))} />
          <span>{option.label}{option.hint && <span className="hint">{option.hint}</span>}</span>
        </label>
      ))}
    </div>
  )
}

/** One box to tick with its sentence; needs no Field around it. */
export function Tick({ checked, onChange, children, disabled }: { checked: boolean; onChange: (checked: boolean) => void; children: ReactNode; disabled?: boolean }) {
  return (
    <label className="choice">
      <input type="checkbox" checked={checked} disabled={disabled} onChange={(event) => onChange(event.target.checked)} />
      <span>{children}</span>
    </label>
  )
}

/** Searches while one types, after a short pause; Enter searches at once, Escape empties it. */
export function SearchBox({ value, onChange, label, placeholder, autoFocus }: {
  value: string
  onChange: (value: string) => void
  label: string
  placeholder?: string
  autoFocus?: boolean
}) {
  const [text, setText] = useState(value)
  const told = useRef(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => {
    // Changed from outside, by the back button or by “clear the filter”.
    if (value !== told.current) setText(value)
    told.current = value
  }, [value])
  useEffect(() => () => clearTimeout(timer.current), [])
  const tell = (next: string) => {
    clearTimeout(timer.current)
    told.current = next.trim()
    onChange(told.current)
  }
  return (
    <div className="search" role="search">
      <Icon name="search" size={18} />
      <input
        type="search" className="input" aria-label={label} placeholder={placeholder ?? label} value={text} autoFocus={autoFocus} autoComplete="off"
        onChange={(event) => {
          const next = event.target.value
          setText(next)
          clearTimeout(timer.current)
          timer.current = setTimeout(() => tell(next), 300)
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return
          if (event.key === 'Enter') tell(text)
          if (event.key === 'Escape' && text) {
            setText('')
            tell('')
          }
        }}
      />
    </div>
  )
}
