import { useEffect, useId, useRef, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { IconButton } from './button.tsx'
import { Icon } from './icons.tsx'

/** A window over the page: the focus stays in it, Escape closes it, and the focus goes back to where it was. */
export function Dialog({ open, title, onClose, actions, wide = false, children }: {
  open: boolean
  title: ReactNode
  onClose: () => void
  /** Buttons at its foot, the main one last. */
  actions?: ReactNode
  wide?: boolean
  children: ReactNode
}) {
  const { t } = useTranslation('ui')
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const dialog = ref.current
    if (!open || !dialog) return undefined
    const before = document.activeElement as HTMLElement | null
    dialog.showModal()
    dialog.querySelector<HTMLElement>('[data-first], .dialog-body input, .dialog-body select, .dialog-body textarea')?.focus()
    return () => {
      dialog.close()
      before?.focus?.()
    }
  }, [open])
  if (!open) return null
  return (
    <dialog
      ref={ref} className={wide ? 'dialog wide' : 'dialog'} aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        // A file chooser inside the dialog sends a cancel of its own.
        if (event.target === event.currentTarget) onClose()
      }}
      onKeyDown={(event) => event.key === 'Tab' && keepInside(event, ref.current)}
    >
      <div className="dialog-head"><h2 id={id}>{title}</h2><IconButton label={t('close')} onClick={onClose}><Icon name="close" size={18} /></IconButton></div>
      <div className="dialog-body">{children}</div>
      {actions && <div className="dialog-foot">{actions}</div>}
    </dialog>
  )
}

const reachable = 'a[href], button:not([disabled]), input:not([disabled]), select:not([disabled]), textarea:not([disabled]), [tabindex="0"]'

function keepInside(event: { shiftKey: boolean; preventDefault: () => void }, dialog: HTMLElement | null): void {
  const stops = [...(dialog?.querySelectorAll<HTMLElement>(reachable) ?? [])].filter((one) => one.getClientRects().length > 0)
  const edge = event.shiftKey ? stops[0] : stops.at(-1)
  if (document.activeElement !== edge) return
  event.preventDefault()
  const other = event.shiftKey ? stops.at(-1) : stops[0]
  other?.focus()
}
