import type { QueryKey } from '@tanstack/react-query'
import { clear, delMany, get, keys, set } from 'idb-keyval'
import type { Me } from '../../capabilities/access/access.contract.ts'
import { serverNow } from '../api/clock.ts'
import { nameOfRead } from './kept-reads.ts'
import { reads } from './store.ts'

type Kept = { data: unknown; at: number }
/** Who was signed in last; the one key that belongs to nobody. */
const meKey = 'me'

let whose: string | undefined
/** Reads that are shown from the device now, and when they were asked. */
const shownFrom = new Map<string, number>()
const watchers = new Set<() => void>()

const hearers = new Set<() => void>()

const isMe = (key: QueryKey) => nameOfRead(key) === 'access.me'

async function placeOf(key: QueryKey): Promise<string | undefined> {
  if (isMe(key)) return meKey
  whose ??= ((await get<Kept>(meKey, reads))?.data as Me | undefined)?.account
  return whose && `${whose}/${JSON.stringify(key)}`
}

function mark(key: QueryKey, at: number | undefined): void {
  const name = JSON.stringify(key)
  if (shownFrom.get(name) === at) return
  if (at === undefined) shownFrom.delete(name)
  else shownFrom.set(name, at)
  for (const tell of watchers) tell()
}

/** Keeps an answer that has just come. When another person has signed in, what was kept of the former one is forgotten. */
export async function keepRead(key: QueryKey, data: unknown): Promise<void> {
  const wasAway = shownFrom.has(JSON.stringify(key))
  mark(key, undefined)
  if (wasAway) for (const tell of hearers) tell()
  if (isMe(key)) {
    const { account } = data as Me
    const strangers = (await keys<string>(reads)).filter((name) => name !== meKey && !name.startsWith(`${account}/`))
    if (strangers.length > 0) await delMany(strangers, reads)
    whose = account
  }
  const place = await placeOf(key)
  if (place) await set(place, { data, at: serverNow() } satisfies Kept, reads)
}

/** @returns the last answer to a read that this device has for the person who is signed in */
export async function keptRead(key: QueryKey): Promise<{ data: unknown } | undefined> {
  const place = await placeOf(key)
  const found = place === undefined ? undefined : await get<Kept>(place, reads)
  if (found) mark(key, found.at)
  return found
}

/** @returns when the kept answer to a read was asked, in milliseconds; 0 when there is none */
export async function keptAt(key: QueryKey): Promise<number> {
  const place = await placeOf(key)
  return (place === undefined ? undefined : await get<Kept>(place, reads))?.at ?? 0
}

/** Signing out: nothing that was read stays. What waits to be sent and what was typed stays until its writer is back. */
export async function forgetReads(): Promise<void> {
  whose = undefined
  shownFrom.clear()
  await clear(reads)
}

/** @returns the instant of the oldest answer that is shown from this device now, in milliseconds */
export function oldestShown(): number | undefined {
  return shownFrom.size > 0 ? Math.min(...shownFrom.values()) : undefined
}

/** Hears when the server answers a read that had been shown from the device: the line is back. */
export function watchAnswers(hearer: () => void): () => void {
  hearers.add(hearer)
  return () => hearers.delete(hearer)
}

export function watchShown(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}
