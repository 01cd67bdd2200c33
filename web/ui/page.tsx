import { Link } from '@tanstack/react-router'
import { useEffect, useId, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

export type Crumb = { to?: string; label: ReactNode }

/** What every page stands in: where it lies, its one heading, what can be done on it. */
export function Page({ title, lead, crumbs = [], actions, narrow = false, children }: {
  title: string
  /** One sentence: what the page is for. */
  lead?: ReactNode
  crumbs?: readonly Crumb[]
  actions?: ReactNode
  /** For forms and reading. */
  narrow?: boolean
  children: ReactNode
}) {
  const { t } = useTranslation('ui')
  useEffect(() => {
    document.title = `${title} · ${t('product')}`
  }, [title, t])
  return (
    <div className={narrow ? 'page narrow' : 'page'}>
      <header className="page-head">
        <div className="titles">
          {crumbs.length > 0 && (
            <nav className="crumbs" aria-label={t('whereThisIs')}>
              <ol>{crumbs.map((crumb, at) => <li key={at}>{crumb.to ? <Link to={crumb.to}>{crumb.label}</Link> : crumb.label}</li>)}</ol>
            </nav>
          )}
          <h1 tabIndex={-1} id="page-title">{title}</h1>
          {lead && <p className="page-lead">{lead}</p>}
        </div>
        {actions && <div className="row no-print">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

/** A white part of a page with its heading. */
export function Panel({ title, actions, children }: { title?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  const id = useId()
  if (!title) return <section className="panel stack">{children}</section>
  return (
    <section className="panel stack" aria-labelledby={id}>
      <div className="row spread"><h2 id={id}>{title}</h2>{actions}</div>
      {children}
    </section>
  )
}
