import { Link } from '@tanstack/react-router'
import type { QueryKey } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import type { Me } from '../../capabilities/access/access.contract.ts'
import { clockIsOff, serverNow, watchClock } from '../api/clock.ts'
import { q, queryClient } from '../api/queries.ts'
import { pickWords } from '../i18n.ts'
import { may } from '../shell/me.ts'
import { Button } from '../ui/button.tsx'
import { Moment } from '../ui/marks.tsx'
import { toast } from '../ui/toast.tsx'
import { sendQueue, watchQueue } from './queue.ts'
import { isKept } from './kept-reads.ts'
import { keptAt, oldestShown, watchAnswers, watchShown } from './reads.ts'
import { isNewer, renew, startServiceWorker, watchRenewal } from './renew.ts'
import { useWaiting } from './waiting.ts'

const watchLine = (watcher: () => void) => {
  for (const event of ['online', 'offline']) addEventListener(event, watcher)
  return () => ['online', 'offline'].forEach((event) => removeEventListener(event, watcher))
}
/** How many open returns are fetched beforehand, so that they can be filled in without a line. */
const atHand = 30

/** What this device keeps and what has not left it: told in one place, and seen to while a page is open. */
export default function DeviceBar({ me }: { me: Me }) {
  const { t } = useTranslation('offline')
  const online = useSyncExternalStore(watchLine, () => navigator.onLine)
  const since = useSyncExternalStore(watchShown, oldestShown)
  const newer = useSyncExternalStore(watchRenewal, isNewer)
  const off = useSyncExternalStore(watchClock, clockIsOff)
  const waiting = useWaiting(me.account)
  useSending(me)
  useAtHand(me, online)
  useEffect(() => void startServiceWorker().catch(() => undefined), [])

  // The line is back when somebody answers; browsers do not always say so.
  useEffect(() => {
    if (since === undefined) return undefined
    const timer = setInterval(() => void queryClient.refetchQueries({ queryKey: q.access.me.key() }), 10_000)
    return () => clearInterval(timer)
  }, [since])

  const open = waiting.filter((one) => one.state === 'waiting').length
  const refused = waiting.length - open
  const lines = [
    (!online || since !== undefined) && (
      <p className="offline" key="line">
        {t('bar.offline')} {since !== undefined && <>{t('bar.shownFrom')} <Moment at={new Date(since).toISOString()} /></>}
      </p>
    ),
    open > 0 && <p className="offline row" key="open">{t(online && since === undefined ? 'bar.waitingNow' : 'bar.waiting', { count: open })} <Link to="/outbox">{t('bar.open')}</Link></p>,
    refused > 0 && <p className="offline row" key="refused"><strong>{t('bar.refused', { count: refused })}</strong> <Link to="/outbox">{t('bar.open')}</Link></p>,
    off !== 0 && <p className="offline" key="clock">{t(off > 0 ? 'bar.behind' : 'bar.ahead', { amount: amountOf(Math.abs(off)) })}</p>,
    newer && <p className="offline row" key="newer">{t('bar.renew')} <Button small kind="main" onClick={renew}>{t('bar.renewNow')}</Button></p>,
  ]
  return <div role="status" className="no-print">{lines}</div>

  function amountOf(minutes: number): string {
    if (minutes < 120) return t('bar.minutes', { count: minutes })
    if (minutes < 48 * 60) return t('bar.hours', { count: Math.round(minutes / 60) })
    return t('bar.days', { count: Math.round(minutes / 1440) })
  }
}

/** Sends what waits: at the start, when the line is back, and when the page is looked at again. */
function useSending({ account }: Me): void {
  const { t } = useTranslation('offline')
  useEffect(() => {
    const send = () => {
      if (document.visibilityState === 'visible') void sendQueue(account).catch(() => undefined)
    }
    const back = () => {
      // What was shown from the device is asked again, also where no page looks at it now.
      void queryClient.invalidateQueries({ refetchType: 'all', predicate: (query) => isKept(query.queryKey) })
      void queryClient.invalidateQueries()
      send()
    }
    send()
    const stopLine = watchAnswers(back)
    addEventListener('online', back)
    document.addEventListener('visibilitychange', send)
    const stop = watchQueue(({ sent }) => {
      if (sent && !sent.seen) toast(t('bar.sent', { title: pickWords(sent.title) }))
    })
    return () => {
      stop()
      stopLine()
      removeEventListener('online', back)
      document.removeEventListener('visibilitychange', send)
    }
  }, [account, t])
}

const isPhone = () => matchMedia('(max-width: 60rem)').matches

/** Fetches what may be needed without a line: a clerk's open returns, what a checker has to look at on the spot, each as a page. */
function useAtHand(me: Me, online: boolean): void {
  const fills = may(me, 'record.fill')
  // Whoever works on tasks or checks them stands in the village with a phone; at a desk nothing of it is fetched beforehand.
  const checks = { records: may(me, 'record.check') && isPhone(), tasks: may(me, 'task.comment') && isPhone() }
  useEffect(() => {
    if ((!fills && !checks.records && !checks.tasks) || !online) return undefined
    const left = new AbortController()
    /** A weak line is not burdened with what was fetched a moment ago. */
    const once = async (read: { queryKey: QueryKey }, fetch: () => Promise<unknown>) => {
      if (!left.signal.aborted && serverNow() - (await keptAt(read.queryKey)) > 30 * 60_000) await fetch()
    }
    const fetchReturn = ({ unit, form, period }: { unit: number; form: string; period: string }) => {
      const read = q.ledgers.open.queryOptions({ input: { unit, form, period }, staleTime: 10 * 60_000 })
      return once(read, () => queryClient.prefetchQuery(read))
    }
    const fetchFilling = async () => {
      await queryClient.prefetchQuery(q.inbox.waiting.queryOptions({ input: { limit: 8 }, staleTime: 60_000 }))
      const mine = await queryClient.fetchQuery(q.ledgers.mine.queryOptions({ input: { state: 'open', limit: atHand, offset: 0 }, staleTime: 60_000 }))
      await queryClient.prefetchQuery(q.ledgers.mine.queryOptions({ input: { state: 'open', limit: 20 }, staleTime: 60_000 }))
      for (const row of mine.rows) await fetchReturn(row)
    }
    /** The inputs are those of the pages, so that the pages find what was kept. */
    const fetchChecking = async () => {
      if (checks.tasks) {
        const listed = (only: 'toCheck' | 'open') => queryClient.fetchQuery(q.lists.tasks.queryOptions({ input: { only, sort: 'due', limit: 50, offset: 0 }, staleTime: 60_000 }))
        const [toCheck, open] = [await listed('toCheck'), await listed('open')]
        const ids = new Set([...toCheck.rows, ...open.rows].filter((row) => row.form === null).map((row) => row.id))
        for (const id of [...ids].slice(0, atHand)) {
          const read = q.lists.task.queryOptions({ input: { id }, staleTime: 10 * 60_000 })
          await once(read, () => queryClient.prefetchQuery(read))
        }
      }
      if (checks.records) {
        const queue = await queryClient.fetchQuery(q.ledgers.queue.queryOptions({ input: { only: 'all', limit: 50, offset: 0 }, staleTime: 60_000 }))
        for (const row of queue.rows.slice(0, atHand)) await fetchReturn(row)
      }
    }
    const fetchAll = async () => {
      if (fills) await fetchFilling()
      await fetchChecking()
    }
    // What does not come now comes when its page is opened.
    const timer = setTimeout(() => void fetchAll().catch(() => undefined), 1_500)
    return () => {
      clearTimeout(timer)
      left.abort()
    }
  }, [fills, checks.records, checks.tasks, online, me.account])
}
