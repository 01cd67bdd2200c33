import { useEffect } from 'react'
import { q, queryClient } from '../api/queries.ts'

const againAfterMs = 10_000

/**
 * Hears the server's live notices while a page is open, and makes what waits fresh. After a broken line the browser
 * reconnects by itself; after a refusal (the database was away) it would give up, so it is asked again here. Whoever was
 * deaf for a while looks once.
 */
export function useLive(): void {
  useEffect(() => {
    let source: EventSource | undefined
    let again: ReturnType<typeof setTimeout> | undefined
    let wasDeaf = false
    const look = () => void queryClient.invalidateQueries({ queryKey: q.inbox.key() })
    const listen = () => {
      const line = new EventSource('/api/inbox/live')
      source = line
      line.addEventListener('notice', look)
      line.addEventListener('open', () => {
        if (wasDeaf) look()
        wasDeaf = false
      })
      line.addEventListener('error', () => {
        wasDeaf = true
        if (line.readyState === EventSource.CLOSED) again = setTimeout(listen, againAfterMs)
      })
    }
    listen()
    return () => {
      clearTimeout(again)
      source?.close()
    }
  }, [])
}
