import type { UseStore } from 'idb-keyval'

/**
 * What this browser keeps, each kind in a store of its own: `reads` (answers to be shown without a line), `typed`
 * (values of forms that are being filled), `queue` (what waits to be sent) and `files` (attachments that have not left).
 * Every key begins with the account: what one person keeps is never read for another.
 */
export const reads = openStore('reads')
export const typed = openStore('typed')
export const queue = openStore('queue')
export const files = openStore('files')

/** A write is on the disk before it is told as done: a phone may lose its power in the next moment. */
function openStore(name: string): UseStore {
  let opened: Promise<IDBDatabase> | undefined
  const open = () =>
    (opened ??= new Promise<IDBDatabase>((done, failed) => {
      const asked = indexedDB.open(`sanji-${name}`)
      asked.addEventListener('upgradeneeded', () => asked.result.createObjectStore(name))
      asked.addEventListener('error', () => failed(asked.error))
      asked.addEventListener('success', () => {
        asked.result.addEventListener('close', () => void (opened = undefined))
        done(asked.result)
      })
    }).catch((error: unknown) => {
      opened = undefined
      throw error
    }))
  return async (mode, work) => work((await open()).transaction(name, mode, { durability: 'strict' }).objectStore(name))
}

/** @returns keys that begin with the account's */
export function ofAccount(account: string): IDBKeyRange {
  return IDBKeyRange.bound(`${account}/`, `${account}/\uffff`)
}
