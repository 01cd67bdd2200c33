import { Link } from '@tanstack/react-router'
import type { ButtonHTMLAttributes, ReactNode } from 'react'

type Look = {
  /** `main` once per page or dialog; `danger` for what takes something away; `quiet` for side matters. */
  kind?: 'main' | 'danger' | 'quiet' | 'plain'
  small?: boolean
  wide?: boolean
  icon?: ReactNode
}

/** A button. `pending` shows that it works and takes no second press. It is no submit button unless `type` says so. */
export function Button({
  kind = 'plain', small, wide, icon, pending = false, children, className = '', type = 'button', ...rest
}: Look & { pending?: boolean } & ButtonHTMLAttributes<HTMLButtonElement>) {
  const { disabled = false, onClick } = rest
  return (
    <button
      {...rest}
      type={type}
      className={look({ kind, small, wide }, className)}
      disabled={disabled}
      aria-disabled={pending || rest['aria-disabled'] || undefined}
      aria-busy={pending || undefined}
      onClick={(event) => (pending ? event.preventDefault() : onClick?.(event))}
    >
      {pending ? <span className="spin" aria-hidden="true" /> : icon}
      {children}
    </button>
  )
}

/** A button with only a sign; `label` is what it is called. */
export function IconButton({ label, children, ...rest }: { label: string } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" {...rest} className={`button quiet icon ${rest.className ?? ''}`} aria-label={label} title={label}>
      {children}
    </button>
  )
}

/** A link to another page that looks like a button. */
export function ButtonLink({ to, search, kind = 'plain', small, wide, icon, children }: Look & {
  to: string
  search?: Record<string, string>
  children: ReactNode
}) {
  return (
    <Link to={to} search={search as never} className={look({ kind, small, wide })}>
      {icon}
      {children}
    </Link>
  )
}

function look({ kind, small, wide }: Look, more = ''): string {
  return ['button', kind, small ? 'small' : '', wide ? 'wide' : '', more].filter(Boolean).join(' ')
}
