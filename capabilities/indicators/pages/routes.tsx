import type { PageRoute, SearchSource, StartCard } from '../../../web/shell/room.ts'
import { findIndicators } from './find.ts'

export const routes: PageRoute[] = [
  { path: '/indicators', title: 'indicators:overview.title', needs: 'indicator.read', page: () => import('./overview.tsx'), menu: { order: 40, icon: 'chart', section: 'look', bar: true, label: 'indicators:overview.short' } },
  { path: '/indicators/$code', title: 'indicators:one.title', needs: 'indicator.read', page: () => import('./indicator.tsx') },
]

export const start: StartCard[] = [{ needs: 'indicator.read', order: 40, card: () => import('./start-figures.tsx'), wide: true }]
export const search: SearchSource[] = [{ needs: 'indicator.read', label: 'indicators:overview.title', find: findIndicators }]
