/** The service worker of the built pages: it answers with the kept pages when there is no line, and brings new ones. */
let waiting: ServiceWorker | undefined
let renewing = false
const watchers = new Set<() => void>()

function found(worker: ServiceWorker | undefined): void {
  waiting = worker
  for (const tell of watchers) tell()
}

let started = false

/** Registers it once the first page stands. Browsers allow it on https and on this machine itself only. */
export async function startServiceWorker(): Promise<void> {
  if (started || !import.meta.env.PROD || !('serviceWorker' in navigator)) return
  started = true
  const { serviceWorker } = navigator
  // The first one takes over without a word; a later one does so because somebody asked for it.
  serviceWorker.addEventListener('controllerchange', () => {
    if (renewing) location.reload()
  })
  const registration = await serviceWorker.register('/sw.js', { updateViaCache: 'none' })
  const look = () => found(serviceWorker.controller && registration.waiting ? registration.waiting : undefined)
  registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', look))
  look()
  // A page may stay open for weeks.
  const ask = () => void registration.update().catch(() => undefined)
  setInterval(ask, 60 * 60_000)
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') ask()
  })
}

/** @returns whether a newer version is here and waits for a word */
export function isNewer(): boolean {
  return waiting !== undefined
}

/** Uses the newer version: this page is loaded again. What was typed is kept on the device at each change. */
export function renew(): void {
  renewing = true
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
  waiting?.postMessage('renew')
}

export function watchRenewal(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}
