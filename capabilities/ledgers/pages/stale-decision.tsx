import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { Loaded } from '../../../web/ui/notes.tsx'
import { TwoVersions } from './two-versions.tsx'

/** What a checker saw when he decided, and what a refusal says is there now (`facts` of `stale-version`). */
export type StaleTarget = { unit: number; form: string; period: string; submission: number; facts: Record<string, unknown> }

/** A decision about a return that somebody else has touched: the submission as it was seen beside what is there now. */
export function StaleDecision({ target: { unit, form, period, submission, facts }, children }: { target: StaleTarget; children: ReactNode }) {
  const { t } = useTranslation('ledgers')
  const page = useQuery(q.ledgers.open.queryOptions({ input: { unit, form, period }, staleTime: 2_000 }))
  return (
    <Loaded query={page}>
      {({ definition, history, values }) => (
        <TwoVersions
          lead={t('stale.decided', { state: t(`state.${String(facts.state ?? 'none') as 'none'}`) })} fields={definition.fields}
          mine={history.find((one) => one.submission === submission)?.values ?? values} theirs={(facts.values ?? values) as Record<string, unknown>}
          mineTitle={t('stale.seen')} theirsTitle={t('stale.now')}
        >
          {children}
        </TwoVersions>
      )}
    </Loaded>
  )
}
