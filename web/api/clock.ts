/**
 * The server's time, as its answers tell it. The clock of this device decides nothing; where it is off, people are told.
 */
let behindMs = 0
const watchers = new Set<() => void>()

/** More than this is told. */
const tolerableMs = 5 * 60_000

/** @param date the Date header of an answer that has just come; it is whole seconds, and the answer took a moment */
export function heardServerTime(date: string | null): void {
  const server = Date.parse(date ?? '')
  if (Number.isNaN(server)) return
  const before = clockIsOff()
  behindMs = server - Date.now()
  if (clockIsOff() !== before) for (const tell of watchers) tell()
}

/** @returns the instant by the server's clock, in milliseconds */
export function serverNow(): number {
  return Date.now() + behindMs
}

/** @returns minutes by which this device's clock is behind (positive) or ahead (negative); 0 when it is near enough */
export function clockIsOff(): number {
  return Math.abs(behindMs) > tolerableMs ? Math.round(behindMs / 60_000) : 0
}

export function watchClock(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}
