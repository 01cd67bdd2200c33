import type { QueryKey } from '@tanstack/react-query'

/** Reads whose last answer is kept on the device and shown, with its time, while there is no line: room.endpoint. */
const kept = new Set(['access.me', 'inbox.waiting', 'ledgers.mine', 'ledgers.open', 'ledgers.queue', 'lists.tasks', 'lists.task'])

export function nameOfRead(key: QueryKey): string {
  return Array.isArray(key[0]) ? key[0].join('.') : ''
}

export function isKept(key: QueryKey): boolean {
  return kept.has(nameOfRead(key))
}
