import { api } from '../../../web/api/client.ts'
import { pickWords } from '../../../web/i18n.ts'
import { queryClient, q } from '../../../web/api/queries.ts'
import type { SearchHit } from '../../../web/shell/room.ts'

/** Indicators by name, for the search at the top. */
export async function findIndicators(text: string): Promise<SearchHit[]> {
  const me = await queryClient.ensureQueryData(q.access.me.queryOptions())
  const unit = me.posts.find((post) => post.verbs.includes('indicator.read'))?.unit
  if (unit === undefined) return []
  const { period } = await api.indicators.latestPeriod({ unit })
  const { rows } = await api.indicators.overview({ unit, period, q: text })
  return rows.slice(0, 8).map((row) => ({ key: row.indicator, label: pickWords(row.name), to: `/indicators/${row.indicator}` }))
}
