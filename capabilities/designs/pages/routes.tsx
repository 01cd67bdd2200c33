import type { PageRoute } from '../../../web/shell/room.ts'

export const routes: PageRoute[] = [
  { path: '/designs', title: 'designs:list.title', needs: ['form.register', 'burden.approve'], page: () => import('./designs.tsx'), menu: { order: 62, icon: 'gear', section: 'look', label: 'designs:list.short' } },
  { path: '/designs/new', title: 'designs:new.title', needs: 'form.register', page: () => import('./new-design.tsx') },
  { path: '/designs/$id', title: 'designs:design.title', needs: ['form.register', 'burden.approve'], page: () => import('./design.tsx') },
]
