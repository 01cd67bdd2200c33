import { api } from '../../../web/api/client.ts'
import type { PageRoute, SearchSource, StartCard } from '../../../web/shell/room.ts'

export const routes: PageRoute[] = [
  { path: '/tasks', title: 'lists:tasks.title', needs: 'list.read', page: () => import('./tasks.tsx'), offline: true, menu: { order: 20, icon: 'inbox', section: 'work', bar: true } },
  { path: '/tasks/$id', title: 'lists:task.title', needs: 'list.read', page: () => import('./task.tsx'), offline: true },
  { path: '/lists', title: 'lists:lists.title', needs: 'list.read', page: () => import('./lists.tsx'), menu: { order: 30, icon: 'list', section: 'work', bar: true } },
  { path: '/lists/new', title: 'lists:new.title', needs: 'list.issue', page: () => import('./new-list.tsx') },
  { path: '/lists/$id', title: 'lists:list.title', needs: 'list.read', page: () => import('./list.tsx') },
  { path: '/lists/$id/matrix', title: 'lists:matrix.title', needs: 'list.read', page: () => import('./matrix.tsx') },
  { path: '/programmes', title: 'lists:programmes.title', needs: 'list.read', page: () => import('./programmes.tsx'), menu: { order: 50, icon: 'globe', section: 'look' } },
]

export const start: StartCard[] = [{ needs: 'task.check', order: 20, card: () => import('./start-below.tsx'), wide: true }]

export const search: SearchSource[] = [
  {
    needs: 'list.read',
    label: 'lists:tasks.title',
    find: async (text, signal) => {
      const { rows } = await api.lists.tasks({ q: text, only: 'open', limit: 6 }, { signal })
      return rows.map((row) => ({ key: `task:${row.id}`, label: row.title, hint: `${row.unitName} · ${row.parentName}`, to: row.form && row.period ? `/returns/${row.returnUnit}/${row.form}/${row.period}` : `/tasks/${row.id}` }))
    },
  },
  {
    needs: 'list.read',
    label: 'lists:lists.title',
    find: async (text, signal) => {
      const { rows } = await api.lists.lists({ q: text, limit: 6 }, { signal })
      return rows.map((row) => ({ key: `list:${row.id}`, label: row.title, hint: `${row.issuerName} · ${row.year}`, to: `/lists/${row.id}` }))
    },
  },
]
