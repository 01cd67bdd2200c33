import { createStore, del, get, set } from 'idb-keyval'

/** What was typed on this device and may not have reached the server: it survives a closed browser and a dead line. */
export type KeptLocally = { values: Record<string, unknown>; at: number; draftVersion: number; recordVersion: number }

const store = () => createStore('sanji-returns', 'typed')

/** @returns what is kept for a return on this device; nothing when the browser keeps nothing */
export async function localOf(key: string): Promise<KeptLocally | undefined> {
  try {
    return await get<KeptLocally>(key, store())
  } catch {
    return undefined // private windows of some browsers refuse to keep anything; the server's draft is still there
  }
}

export async function keepLocally(key: string, kept: KeptLocally): Promise<void> {
  try {
    await set(key, kept, store())
  } catch {
    // as above: the server's draft remains
  }
}

export async function forgetLocally(key: string): Promise<void> {
  try {
    await del(key, store())
  } catch {
    // nothing was kept
  }
}
