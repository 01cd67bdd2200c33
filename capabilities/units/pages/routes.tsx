import { api } from '../../../web/api/client.ts'
import { pickWords } from '../../../web/i18n.ts'
import type { PageRoute, SearchHit, SearchSource } from '../../../web/shell/room.ts'

export const routes: PageRoute[] = [
  { path: '/units', title: 'units:tree.title', needs: 'unit.read', page: () => import('./tree.tsx'), menu: { order: 55, icon: 'tree', section: 'look' } },
  { path: '/units/$id', title: 'units:one.title', needs: 'unit.read', page: () => import('./unit.tsx') },
]

async function findUnits(text: string): Promise<SearchHit[]> {
  const { rows } = await api.units.search({ q: text, limit: 8 })
  return rows.map((row) => ({ key: String(row.id), label: row.name, hint: `${pickWords(row.className)}${row.parentName ? ` · ${row.parentName}` : ''}`, to: `/units/${row.id}` }))
}
export const search: SearchSource[] = [{ needs: 'unit.read', label: 'units:tree.title', find: findUnits }]
