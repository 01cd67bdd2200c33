import { useEffect, useSyncExternalStore } from 'react'
import type { Waiting } from './queue.ts'

let rows: readonly Waiting[] = []
let of: string | undefined
const watchers = new Set<() => void>()

const queueFile = () => import('./queue.ts')

/** Reads the queue anew; a browser that keeps nothing has an empty one. */
export function lookAgain(account: string): Promise<void> {
  return look(account).catch(() => undefined)
}

async function look(account: string): Promise<void> {
  const { waitingOf } = await queueFile()
  const found = await waitingOf(account)
  rows = found
  for (const tell of watchers) tell()
}

/** Follows the queue of a person on this device. A browser that keeps nothing has an empty one. */
function follow(account: string): void {
  if (of === account) return
  of = account
  rows = []
  void queueFile().then(({ watchQueue }) => {
    watchQueue(() => of === account && void lookAgain(account))
    return look(account)
  }).catch(() => (of = undefined))
}

/** @returns what this person wrote on this device and has not arrived; empty until it is known */
export function useWaiting(account: string): readonly Waiting[] {
  useEffect(() => follow(account), [account])
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    () => rows,
  )
}
