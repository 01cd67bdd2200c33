import type { ComponentType } from 'react'
import type { Verb } from '../../capabilities/access/verbs.ts'
import type { IconName } from '../ui/icons.tsx'

/** Who sees it: holders of the verb, of any of several verbs, or everybody who is signed in. */
export type NeededToSee = Verb | readonly Verb[] | 'signedIn'
type Lazy = () => Promise<{ default: ComponentType }>

export type MenuEntry = {
  /** Smaller is higher. Work of the day 10-39, looking things up 40-69, administration 70-99. */
  order: number
  icon: IconName
  section: 'work' | 'look' | 'admin'
  /** Also in the bottom bar of a phone; the first four of those a person may see. */
  bar?: boolean
  /** A text key, when the menu says it shorter than the title. */
  label?: string
}

/** One page of a room. `title` is a text key such as `ledgers:forms.title`. */
export type PageRoute = {
  path: `/${string}`
  title: string
  needs: NeededToSee
  page: Lazy
  /** What the page will ask the server for, asked while its script is still on its way: by parts of the path. */
  ask?: (parts: Record<string, string>) => unknown
  /** A field page: it is kept on the device and works without a line (its reads: web/offline/kept-reads.ts). */
  offline?: boolean
  menu?: MenuEntry
}

/** A card on the start page: what waits for the holder of a verb. */
export type StartCard = {
  needs: NeededToSee
  order: number
  card: Lazy
  /** Over the whole width. */
  wide?: boolean
}

export type SearchHit = { key: string; label: string; hint?: string; to: string }

/** What the search box at the top finds in a room. */
export type SearchSource = {
  needs: NeededToSee
  /** A text key: the heading of its hits. */
  label: string
  find: (text: string, signal: AbortSignal) => Promise<SearchHit[]>
}

/** What `capabilities/<room>/pages/routes.tsx` exports. */
export type RoomPages = { routes: PageRoute[]; start?: StartCard[]; search?: SearchSource[] }

const found = import.meta.glob<RoomPages>('../../capabilities/*/pages/routes.tsx', { eager: true })
const rooms = Object.values(found)

export const allRoutes: readonly PageRoute[] = rooms.flatMap((room) => room.routes)
export const allCards: readonly StartCard[] = rooms.flatMap((room) => room.start ?? []).sort((a, b) => a.order - b.order)
export const allSources: readonly SearchSource[] = rooms.flatMap((room) => room.search ?? [])

export const menuRoutes: readonly (PageRoute & { menu: MenuEntry })[] = allRoutes
  .filter((route): route is PageRoute & { menu: MenuEntry } => route.menu !== undefined)
  .sort((a, b) => a.menu.order - b.menu.order)
