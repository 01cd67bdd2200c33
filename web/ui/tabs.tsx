import { useId, type KeyboardEvent, type ReactNode } from 'react'

export type Tab = { key: string; label: ReactNode }

/** Parts of one page side by side; arrow keys go from tab to tab. Keep the chosen one in the address (useQueryPart). */
export function Tabs({ tabs, chosen, onChoose, label, children }: {
  tabs: readonly Tab[]
  chosen: string
  onChoose: (key: string) => void
  label: string
  /** What the chosen tab shows. */
  children: ReactNode
}) {
  const id = useId()
  const move = (event: KeyboardEvent, step: number) => {
    event.preventDefault()
    const at = tabs.findIndex((tab) => tab.key === chosen)
    const next = tabs[(at + step + tabs.length) % tabs.length]
    if (!next) return
    onChoose(next.key)
    document.getElementById(`${id}-${next.key}`)?.focus()
  }
  const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 }
  return (
    <div className="stack">
      <div className="tabs" role="tablist" aria-label={label}>
        {tabs.map((tab) => (
          <button
            key={tab.key} type="button" role="tab" id={`${id}-${tab.key}`} aria-selected={tab.key === chosen} aria-controls={`${id}-panel`}
            tabIndex={tab.key === chosen ? 0 : -1} onClick={() => onChoose(tab.key)}
            onKeyDown={(event) => steps[event.key] !== undefined && move(event, steps[event.key]!)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${chosen}`} className="stack">{children}</div>
    </div>
  )
}
