import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { pickWords } from '../../../web/i18n.ts'
import { SearchBox } from '../../../web/ui/inputs.tsx'
import type { DataItemDefinition } from '../../ledgers/form-definition.ts'

const shownAtMost = 12

/** Chooses a held item to show: by name, meaning or code. What the form has already is left out. */
export function HeldPicker({ held, taken, onPick, onClose }: { held: readonly DataItemDefinition[]; taken: ReadonlySet<string>; onPick: (code: string) => void; onClose: () => void }) {
  const { t } = useTranslation('designs')
  const [text, setText] = useState('')
  const wanted = text.toLowerCase()
  const found = held.filter((item) => !taken.has(item.code) && [item.name.zh, item.name.en, item.definition.zh, item.code].some((words) => words.toLowerCase().includes(wanted)))
  return (
    <div className="held-picker stack" onKeyDown={(event) => event.key === 'Escape' && onClose()}>
      <SearchBox label={t('held.search')} value={text} onChange={setText} autoFocus />
      <ul className="plain-list">
        {found.slice(0, shownAtMost).map((item) => (
          <li key={item.code}>
            <button type="button" className="held-item" onClick={() => onPick(item.code)}>
              <strong>{pickWords(item.name)}</strong> <span className="faint">{t(`type.${item.type}`)}{item.unit ? ` · ${item.unit}` : ''} · {pickWords(item.definition)}</span>
            </button>
          </li>
        ))}
      </ul>
      <p className="faint" role="status">{found.length === 0 ? t('held.none') : found.length > shownAtMost ? t('held.more', { count: found.length - shownAtMost }) : ''}</p>
    </div>
  )
}
