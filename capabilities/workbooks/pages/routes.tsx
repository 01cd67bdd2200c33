import type { PageRoute } from '../../../web/shell/room.ts'

export const routes: PageRoute[] = [
  { path: '/workbooks', title: 'workbooks:title', needs: 'record.fill', page: () => import('./workbooks.tsx'), menu: { order: 13, icon: 'list', section: 'work' } },
  { path: '/workbooks/$id', title: 'workbooks:import.title', needs: 'record.fill', page: () => import('./import.tsx') },
]
