import { del, get, set } from 'idb-keyval'
import { typed } from '../../../web/offline/store.ts'

/** What was typed on this device and may not have reached the server: it survives a closed browser and a dead line. */
export type KeptLocally = { values: Record<string, unknown>; at: number; draftVersion: number; recordVersion: number; formVersion: number }

/** @returns the path of a return's page, under which the device keeps what is typed and what waits */
export const placeOf = ({ unit, form, period }: { unit: number; form: string; period: string }): string => `/returns/${unit}/${form}/${period}`

/** @param place the account and the page's path: what one person types is not shown to another */
export async function localOf(place: string): Promise<KeptLocally | undefined> {
  try {
    return await get<KeptLocally>(place, typed)
  } catch {
    return undefined // private windows of some browsers refuse to keep anything; the server's draft is still there
  }
}

export async function keepLocally(place: string, kept: KeptLocally): Promise<void> {
  try {
    await set(place, kept, typed)
  } catch {
    // as above: the server's draft remains
  }
}

export async function forgetLocally(place: string): Promise<void> {
  try {
    await del(place, typed)
  } catch {
    // nothing was kept
  }
}
