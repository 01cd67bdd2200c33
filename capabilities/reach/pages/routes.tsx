import type { PageRoute } from '../../../web/shell/room.ts'

export const routes: PageRoute[] = [
  { path: '/reach', title: 'reach:title', needs: 'signedIn', page: () => import('./reach.tsx'), menu: { order: 17, icon: 'bell', section: 'work', label: 'reach:short' } },
]
