import { useEffect } from 'react'
import { q, queryClient } from '../api/queries.ts'

/** Hears the server's live notices while a page is open, and makes what waits fresh. The browser reconnects by itself. */
export function useLive(): void {
  useEffect(() => {
    const source = new EventSource('/api/inbox/live')
    const heard = () => void queryClient.invalidateQueries({ queryKey: q.inbox.key() })
    source.addEventListener('notice', heard)
    return () => source.close()
  }, [])
}
