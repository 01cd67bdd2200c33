import { Link } from '@tanstack/react-router'
import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { Icon, type IconName } from './icons.tsx'

export type MenuItem = {
  key: string
  label: ReactNode
  icon?: IconName
  /** An act or a page. */
  onGo?: () => void
  to?: string
  /** Why it cannot be chosen now. */
  disabledWhy?: string
  /** A line above it. */
  apart?: boolean
}

/** A button that opens a short list of acts; arrow keys, Home, End and Escape work. */
export function Menu({ label, button, items, about, side = 'right', look = 'button quiet' }: {
  /** What the button is called, when it shows only a sign. */
  label: string
  button: ReactNode
  items: readonly MenuItem[]
  /** Words above the list. */
  about?: ReactNode
  side?: 'left' | 'right'
  look?: string
}) {
  const [open, setOpen] = useState(false)
  const box = useRef<HTMLDivElement>(null)
  const id = useId()
  const close = (back = false) => {
    setOpen(false)
    if (back) box.current?.querySelector<HTMLElement>('button')?.focus()
  }
  useEffect(() => {
    if (!open) return undefined
    entries(box.current)[0]?.focus()
    const outside = (event: Event) => !box.current?.contains(event.target as Node) && close()
    document.addEventListener('pointerdown', outside)
    return () => document.removeEventListener('pointerdown', outside)
  }, [open])
  return (
    <div className="menu" ref={box} onKeyDown={(event) => open && step(event, box.current, close)}>
      <button type="button" className={look} aria-haspopup="menu" aria-expanded={open} aria-controls={open ? id : undefined} aria-label={label} onClick={() => setOpen(!open)}>
        {button}
      </button>
      {open && (
        <div className={side === 'left' ? 'menu-list left' : 'menu-list'}>
          {about && <div className="about">{about}</div>}
          <div role="menu" id={id} aria-label={label}>
            {items.map((item) => <Entry key={item.key} item={item} close={close} />)}
          </div>
        </div>
      )}
    </div>
  )
}

function Entry({ item, close }: { item: MenuItem; close: (back?: boolean) => void }) {
  const inside = <>{item.icon && <Icon name={item.icon} size={18} />}<span>{item.label}{item.disabledWhy && <span className="faint"> {item.disabledWhy}</span>}</span></>
  const go = () => {
    if (item.disabledWhy) return
    close(true)
    item.onGo?.()
  }
  return (
    <>
      {item.apart && <hr />}
      {item.to && !item.disabledWhy
        ? <Link to={item.to} role="menuitem" tabIndex={-1} onClick={() => close()}>{inside}</Link>
        : <button type="button" role="menuitem" tabIndex={-1} aria-disabled={item.disabledWhy ? true : undefined} onClick={go}>{inside}</button>}
    </>
  )
}

function entries(box: HTMLElement | null): HTMLElement[] {
  return [...(box?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])]
}

function step(event: KeyboardEvent, box: HTMLElement | null, close: (back?: boolean) => void): void {
  const all = entries(box)
  const at = all.indexOf(document.activeElement as HTMLElement)
  const next: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }
  if (event.key === 'Escape') return close(true)
  if (event.key === 'Tab') return close()
  const to = next[event.key]
  if (to === undefined) return
  event.preventDefault()
  all[(to + all.length) % all.length]?.focus()
}
