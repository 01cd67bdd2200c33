import { useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { IconButton } from './button.tsx'
import { Icon } from './icons.tsx'

type Shown = { id: number; text: string; kind: 'good' | 'bad' }

let shown: readonly Shown[] = []
let last = 0
const watchers = new Set<() => void>()

/** Tells briefly what has been done; what went wrong stays until it is closed. Never the only place of an error. */
export function toast(text: string, kind: Shown['kind'] = 'good'): void {
  const id = ++last
  set([...shown.slice(-2), { id, text, kind }])
  if (kind === 'good') setTimeout(() => close(id), 5_000)
}

function close(id: number): void {
  set(shown.filter((one) => one.id !== id))
}

function set(next: readonly Shown[]): void {
  shown = next
  for (const watcher of watchers) watcher()
}

/** Where toasts appear; the shell has one. */
export function Toasts() {
  const { t } = useTranslation('ui')
  const now = useSyncExternalStore((watcher) => {
    watchers.add(watcher)
    return () => void watchers.delete(watcher)
  }, () => shown)
  return (
    <div className="toasts no-print" role="status" aria-live="polite">
      {now.map(({ id, text, kind }) => (
        <div key={id} className={`toast ${kind}`}>
          <span>{text}</span>
          <IconButton label={t('close')} onClick={() => close(id)}><Icon name="close" size={16} /></IconButton>
        </div>
      ))}
    </div>
  )
}
