import type { PageRoute, StartCard } from '../../../web/shell/room.ts'

export const routes: PageRoute[] = [
  { path: '/inbox', title: 'inbox:waiting.title', needs: 'signedIn', page: () => import('./waiting.tsx'), offline: true, menu: { order: 10, icon: 'inbox', section: 'work', bar: true, label: 'inbox:waiting.short' } },
  { path: '/outbox', title: 'offline:outbox.title', needs: 'signedIn', page: () => import('./outbox.tsx'), offline: true },
  { path: '/notices', title: 'inbox:notices.title', needs: 'signedIn', page: () => import('./notices.tsx'), menu: { order: 16, icon: 'bell', section: 'work' } },
]

export const start: StartCard[] = [{ needs: 'signedIn', order: 1, card: () => import('./start-waiting.tsx'), wide: true }]
