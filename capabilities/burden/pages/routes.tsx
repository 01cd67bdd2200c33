import type { PageRoute, StartCard } from '../../../web/shell/room.ts'

export const routes: PageRoute[] = [
  { path: '/burden/mine', title: 'burden:mine.title', needs: 'record.fill', page: () => import('./mine.tsx'), menu: { order: 18, icon: 'chart', section: 'work' } },
  { path: '/burden/caused', title: 'burden:caused.title', needs: 'list.issue', page: () => import('./caused.tsx'), menu: { order: 26, icon: 'chart', section: 'work' } },
  { path: '/burden/register', title: 'burden:register.title', needs: 'signedIn', page: () => import('./register.tsx'), menu: { order: 62, icon: 'list', section: 'look' } },
  { path: '/burden/below', title: 'burden:below.title', needs: ['record.check', 'list.issue', 'burden.approve'], page: () => import('./below.tsx'), menu: { order: 63, icon: 'chart', section: 'look' } },
  { path: '/burden/rules', title: 'burden:rules.title', needs: 'signedIn', page: () => import('./rules.tsx') },
  { path: '/burden/objections', title: 'burden:objections.title', needs: 'signedIn', page: () => import('./objections.tsx'), menu: { order: 64, icon: 'inbox', section: 'look' } },
  { path: '/burden/suggestions', title: 'burden:suggestions.title', needs: 'signedIn', page: () => import('./suggestions.tsx'), menu: { order: 66, icon: 'help', section: 'look' } },
]

export const start: StartCard[] = [{ needs: 'record.fill', order: 30, card: () => import('./start-burden.tsx') }]
