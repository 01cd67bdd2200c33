/// <reference lib="webworker" />
import { clientsClaim } from 'workbox-core'
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching'
import { NavigationRoute, registerRoute } from 'workbox-routing'

declare const self: ServiceWorkerGlobalScope
/** The frame, the field pages and their texts, written in by the build (`vite.config.ts`). */
declare const FIELD_FILES: { url: string; revision: string | null }[]

// The field pages work without a line; everything else asks the server as ever. Answers of the API never come from here.
precacheAndRoute(FIELD_FILES)
registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: [/^\/(api|health|metrics)(\/|$)/] }))
cleanupOutdatedCaches()
clientsClaim()

// A newer version waits until somebody says so: nobody's page changes under his hands.
self.addEventListener('message', ({ data }) => {
  if (data === 'renew') void self.skipWaiting()
})
