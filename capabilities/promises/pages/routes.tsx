import type { PageRoute } from '../../../web/shell/room.ts'

export const routes: PageRoute[] = [
  { path: '/promises', title: 'promises:title', needs: 'signedIn', page: () => import('./promises.tsx'), menu: { order: 28, icon: 'check', section: 'work' } },
  { path: '/promises/$tab', title: 'promises:title', needs: 'list.read', page: () => import('./promises.tsx') },
  { path: '/promises/meetings/$id', title: 'promises:meeting.title', needs: 'list.read', page: () => import('./meeting.tsx') },
  { path: '/promises/pairings/$id', title: 'promises:pairing.title', needs: 'list.read', page: () => import('./pairing.tsx') },
]
