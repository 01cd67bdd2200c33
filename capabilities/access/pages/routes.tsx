import type { PageRoute, StartCard } from '../../../web/shell/room.ts'

export const routes: PageRoute[] = [
  { path: '/access/me', title: 'access:me.title', needs: 'signedIn', page: () => import('./my-account.tsx') },
  {
    path: '/access/accounts', title: 'access:accounts.title', needs: 'account.manage', page: () => import('./accounts.tsx'),
    menu: { order: 80, icon: 'people', section: 'admin' },
  },
  { path: '/access/accounts/bulk', title: 'access:bulk.title', needs: 'account.manage', page: () => import('./bulk-accounts.tsx') },
  {
    path: '/access/grants', title: 'access:grants.title', needs: 'grant.manage', page: () => import('./grants.tsx'),
    menu: { order: 82, icon: 'key', section: 'admin' },
  },
  { path: '/access/grants/bulk', title: 'access:bulkGrants.title', needs: 'grant.manage', page: () => import('./bulk-grants.tsx') },
  {
    path: '/access/security', title: 'access:security.title', needs: 'grant.manage', page: () => import('./security.tsx'),
    menu: { order: 83, icon: 'gear', section: 'admin' },
  },
  {
    path: '/access/trail', title: 'access:trail.title', needs: 'audit.read', page: () => import('./trail.tsx'),
    menu: { order: 84, icon: 'shield', section: 'admin' },
  },
]

export const start: StartCard[] = [{ needs: 'task.check', order: 5, card: () => import('./start-uncovered.tsx') }]
