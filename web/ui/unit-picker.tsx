import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../api/client.ts'
import { pickWords, problemText } from '../i18n.ts'
import { Button } from './button.tsx'
import { useField } from './field.tsx'

export type PickedUnit = { id: number; name: string }

/** Chooses one unit by name, pinyin initials or code; `level` takes only units of that level, `within` only those below a unit. Inside a Field. */
export function UnitPicker({ value, onChange, level, within, label }: {
  value: PickedUnit | undefined
  onChange: (unit: PickedUnit | undefined) => void
  level?: number
  within?: number
  /** What it is called, outside of a Field. */
  label?: string
}) {
  const { t } = useTranslation('ui')
  const { id, input } = useField()
  const [changing, setChanging] = useState(false)
  if (value && !changing) {
    return (
      <div className="picked" role="group" aria-label={label}>
        <span>{value.name}</span>
        <Button kind="quiet" small id={id} aria-label={`${value.name}，${t('unit.change')}`} onClick={() => setChanging(true)}>{t('unit.change')}</Button>
      </div>
    )
  }
  const choose = (unit: PickedUnit | undefined) => {
    setChanging(false)
    if (unit) onChange(unit)
  }
  return <UnitSearch id={id} attributes={input} label={label} level={level} within={within} focus={changing} onChoose={choose} onLeave={() => setChanging(false)} />
}

function UnitSearch({ id, attributes, label, level, within, focus, onChoose, onLeave }: {
  id: string
  attributes: object
  label: string | undefined
  level: number | undefined
  within: number | undefined
  focus: boolean
  onChoose: (unit: PickedUnit) => void
  onLeave: () => void
}) {
  const { t } = useTranslation('ui')
  const [typed, setTyped] = useState('')
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  const [at, setAt] = useState(0)
  useEffect(() => {
    const timer = setTimeout(() => setText(typed.trim()), 200)
    return () => clearTimeout(timer)
  }, [typed])
  const found = useQuery({
    queryKey: ['unit-picker', text, level ?? 0, within ?? 0],
    queryFn: ({ signal }) => api.units.search({ q: text, limit: 12, ...(level ? { level } : {}), ...(within ? { within } : {}) }, { signal }),
    enabled: text !== '',
    placeholderData: keepPreviousData,
  })
  const rows = text && found.data ? found.data.rows : []
  const shown = open && typed.trim() !== ''
  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Escape' && (shown || focus)) {
      // It closes the list, not the dialog around it.
      event.preventDefault()
      event.stopPropagation()
      if (shown) setOpen(false)
      else onLeave()
    }
    if (event.key === 'Enter' && shown) {
      event.preventDefault()
      const row = rows[at]
      if (row) onChoose({ id: row.id, name: row.name })
    }
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault()
      setOpen(true)
      const next = (at + (event.key === 'ArrowDown' ? 1 : -1) + rows.length) % Math.max(rows.length, 1)
      setAt(next)
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' })
    }
  }
  return (
    <div className="combo">
      <input
        {...attributes} type="text" className="input" role="combobox" aria-label={label} aria-expanded={shown} aria-controls={`${id}-list`} aria-autocomplete="list"
        aria-activedescendant={shown && rows[at] ? `${id}-${at}` : undefined} autoComplete="off" autoFocus={focus} placeholder={t('unit.search')} value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setOpen(true)
          setAt(0)
        }}
        onKeyDown={onKey} onFocus={() => setOpen(true)}
        onBlur={() => {
          setOpen(false)
          if (focus && typed === '') onLeave()
        }}
      />
      {/* A press on the list must not take the focus from the box before it is a choice. */}
      <ul className="combo-list" role="listbox" id={`${id}-list`} aria-label={t('unit.search')} hidden={!shown} onMouseDown={(event) => event.preventDefault()}>
        {rows.map((row, index) => (
          <li key={row.id} id={`${id}-${index}`} role="option" aria-selected={index === at} onClick={() => onChoose({ id: row.id, name: row.name })} onMouseEnter={() => setAt(index)}>
            {row.name}
            <span className="path">{[row.parentName, pickWords(row.className), row.code].filter(Boolean).join(' · ')}</span>
          </li>
        ))}
        {rows.length === 0 && <li className="note" role="option" aria-selected="false" aria-disabled="true">{found.isError ? problemText(found.error) : found.isSuccess && text === typed.trim() ? t('unit.none') : t('loading')}</li>}
        {found.data && found.data.total > rows.length && rows.length > 0 && <li className="note" role="option" aria-selected="false" aria-disabled="true">{t('unit.more')}</li>}
      </ul>
      <span className="sr-only" role="status">{shown && found.data ? t('unit.found', { count: found.data.total }) : ''}</span>
    </div>
  )
}
