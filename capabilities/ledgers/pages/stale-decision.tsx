import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { Loaded } from '../../../web/ui/notes.tsx'
import type { ReturnPage } from '../ledgers.contract.ts'
import { TwoVersions } from './two-versions.tsx'

/** What a checker saw when he decided, and what a refusal says is there now (`facts` of `stale-version`). */
export type StaleTarget = { unit: number; form: string; period: string; submission: number; facts: Record<string, unknown> }

/** A decision about a return that somebody else has touched: the submission as it was seen beside what is there now. */
export function StaleDecision({ target, page, children }: {
  target: StaleTarget
  /** The return's page as it is shown; fetched where only a row of it was seen. */
  page?: ReturnPage | undefined
  children: ReactNode
}) {
  return page ? <Both target={target} page={page}>{children}</Both> : <Fetched target={target}>{children}</Fetched>
}

function Fetched({ target, children }: { target: StaleTarget; children: ReactNode }) {
  const { unit, form, period } = target
  const page = useQuery(q.ledgers.open.queryOptions({ input: { unit, form, period }, staleTime: 2_000 }))
  return <Loaded query={page}>{(found) => <Both target={target} page={found}>{children}</Both>}</Loaded>
}

function Both({ target: { submission, facts }, page: { definition, history, values }, children }: { target: StaleTarget; page: ReturnPage; children: ReactNode }) {
  const { t } = useTranslation('ledgers')
  return (
    <TwoVersions
      lead={t('stale.decided', { state: t(`state.${String(facts.state ?? 'none') as 'none'}`) })} fields={definition.fields}
      mine={history.find((one) => one.submission === submission)?.values ?? values} theirs={(facts.values ?? values) as Record<string, unknown>}
      mineTitle={t('stale.seen')} theirsTitle={t('stale.now')}
    >
      {children}
    </TwoVersions>
  )
}
