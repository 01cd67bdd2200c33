import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '../api/problem.ts'
import { findingText, problemText } from '../i18n.ts'
import { Button } from './button.tsx'

/** What a read gives, or that it is being loaded, or what went wrong with the way out. */
export function Loaded<Data>({ query, children }: { query: UseQueryResult<Data, unknown>; children: (data: Data) => ReactNode }) {
  if (query.data !== undefined) {
    return (
      <>
        {query.isRefetchError && <Failure problem={query.error} retry={() => void query.refetch()} />}
        {children(query.data)}
      </>
    )
  }
  if (query.isError) return <Failure problem={query.error} retry={() => void query.refetch()} />
  return <Loading />
}

export function Loading({ children }: { children?: ReactNode }) {
  const { t } = useTranslation('ui')
  return <div className="loading" role="status"><span className="spin" aria-hidden="true" />{children ?? t('loading')}</div>
}

/** Nothing here, why, and what to do next (`children`: a sentence, a button). */
export function Empty({ title, children }: { title: ReactNode; children?: ReactNode }) {
  return <div className="empty"><strong>{title}</strong>{children}</div>
}

/** A plain sentence with the way out, the findings, the request's number, and “try again” when `retry` is given. */
export function Failure({ problem: error, retry }: { problem: unknown; retry?: () => void }) {
  const { t } = useTranslation('ui')
  if (!error) return null
  const problem = asProblem(error)
  const listed = problem.findings.filter((finding) => finding.code !== 'invalid-input')
  return (
    <div className="note-box bad" role="alert">
      <p>{problemText(problem)}</p>
      {listed.length > 0 && <ul>{listed.slice(0, 20).map((finding, at) => <li key={at}>{findingText(finding, problem)}</li>)}</ul>}
      {problem.status >= 500 && problem.requestId && <p className="faint">{t('requestNumber')} <code>{problem.requestId}</code></p>}
      {retry && <Button small onClick={retry}>{t('tryAgain')}</Button>}
    </div>
  )
}

/** Something the reader should know on this page. */
export function Note({ tone = 'info', children }: { tone?: 'info' | 'good' | 'warn' | 'bad'; children: ReactNode }) {
  return <div className={`note-box ${tone}`}>{children}</div>
}
