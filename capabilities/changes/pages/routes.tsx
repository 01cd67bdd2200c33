import type { PageRoute } from '../../../web/shell/room.ts'

export const routes: PageRoute[] = [
  { path: '/changes', title: 'changes:title', needs: 'unit.read', page: () => import('./changes.tsx'), menu: { order: 56, icon: 'tree', section: 'look' } },
  { path: '/changes/new', title: 'changes:new.title', needs: 'unit.manage', page: () => import('./new-change.tsx') },
  { path: '/changes/workbook', title: 'changes:book.title', needs: 'unit.manage', page: () => import('./workbook.tsx') },
  { path: '/changes/ahead/$id', title: 'changes:ahead.one', needs: 'unit.read', page: () => import('./ahead.tsx') },
  { path: '/changes/$id', title: 'changes:one.title', needs: 'unit.read', page: () => import('./change.tsx') },
]
