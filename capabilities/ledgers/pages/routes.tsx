import { api } from '../../../web/api/client.ts'
import { q, queryClient } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import type { PageRoute, SearchSource } from '../../../web/shell/room.ts'

export const routes: PageRoute[] = [
  { path: '/returns', title: 'ledgers:mine.title', needs: 'record.fill', page: () => import('./mine.tsx'), offline: true, menu: { order: 12, icon: 'form', section: 'work', bar: true, label: 'ledgers:mine.short' } },
  { path: '/month', title: 'ledgers:month.title', needs: 'record.fill', page: () => import('./month.tsx'), offline: true, menu: { order: 11, icon: 'check', section: 'work', bar: true, label: 'ledgers:month.short' } },
  {
    path: '/returns/$unit/$form/$period', title: 'ledgers:return.title', needs: 'record.read', page: () => import('./return.tsx'), offline: true,
    ask: ({ unit, form = '', period = '' }) => queryClient.prefetchQuery(q.ledgers.open.queryOptions({ input: { unit: Number(unit), form, period }, staleTime: 2_000 })),
  },
  { path: '/queue', title: 'ledgers:queue.title', needs: 'record.check', page: () => import('./queue.tsx'), offline: true, menu: { order: 14, icon: 'check', section: 'work', bar: true } },
  { path: '/coverage', title: 'ledgers:coverage.title', needs: 'record.read', page: () => import('./coverage.tsx'), menu: { order: 44, icon: 'list', section: 'look' } },
  { path: '/forms', title: 'ledgers:forms.title', needs: 'signedIn', page: () => import('./forms.tsx'), menu: { order: 60, icon: 'form', section: 'look' } },
  { path: '/forms/$code', title: 'ledgers:form.title', needs: 'signedIn', page: () => import('./form.tsx') },
]

export const search: SearchSource[] = [
  {
    needs: 'signedIn',
    label: 'ledgers:forms.title',
    find: async (text, signal) => {
      const { rows } = await api.ledgers.forms({ q: text, limit: 6 }, { signal })
      return rows.map((row) => ({ key: `form:${row.code}`, label: pickWords(row.name), hint: row.code, to: `/forms/${row.code}` }))
    },
  },
]
