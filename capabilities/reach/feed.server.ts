import { createHash } from 'node:crypto'
import ical, { ICalAlarmType, ICalCalendarMethod } from 'ical-generator'
import { addDays, todayIn } from '../../rules/civil-date.ts'
import { Problem } from '../../rules/problem.ts'
import type { RawCall, RawRoute } from '../../server/raw.ts'
import { grantsOfAccounts } from '../access/access.reads.ts'
import type { Verb } from '../access/verbs.ts'
import { waitingReturns } from '../ledgers/ledgers.reads.ts'
import { waitingTasks } from '../lists/lists.reads.ts'
import { accountOfFeed } from './reach.sql.ts'
import { say } from './words.server.ts'

export const hashOfFeed = (token: string) => createHash('sha256').update(token).digest('hex')

/** One day of the calendar: something is due. */
export type DueDay = { id: string; title: string; unit: string; due: string; link: string }

/** @returns an iCalendar text with one all-day entry for each thing that is due */
export function calendarText(name: string, days: readonly DueDay[]): string {
  const calendar = ical({ name, prodId: { company: 'sanji', product: 'sanji', language: 'ZH' }, method: ICalCalendarMethod.PUBLISH, ttl: 3600 })
  for (const { id, title, unit, due, link } of days) {
    const event = calendar.createEvent({ id, start: `${due}T00:00:00Z`, end: `${addDays(due, 1)}T00:00:00Z`, allDay: true, summary: title, location: unit, url: link })
    event.createAlarm({ type: ICalAlarmType.display, triggerBefore: 15 * 3600 })
  }
  return calendar.toString()
}

/**
 * What I have to give and to do, as a calendar that a phone or an office program subscribes to. The address is the key:
 * it is long, was shown once, shows deadlines only and ends when its owner ends it.
 */
export const feedRoute: RawRoute = {
  method: 'GET',
  path: '/reach/calendar/{token}',
  needs: 'public',
  summary: 'My deadlines as a calendar feed (iCalendar); the token is the key',
  async handle({ params, response, database, now, settings }: RawCall) {
    const token = (params.token ?? '').replace(/\.ics$/, '')
    const owner = /^[\w-]{43}$/.test(token) ? await accountOfFeed(database.db, hashOfFeed(token)) : undefined
    if (!owner) throw new Problem('not-found', { facts: { what: 'calendar' } })
    const grants = await grantsOfAccounts(database.db, [owner.account], todayIn(now.getTime()))
    const unitsWith = (verb: Verb) => grants.filter((grant) => grant.verbs.includes(verb)).map((grant) => grant.unit)
    const [returns, tasks] = await Promise.all([waitingReturns(database.db, unitsWith('record.fill')), waitingTasks(database.db, unitsWith('task.work'))])
    const base = settings.PUBLIC_URL ?? ''
    const days: DueDay[] = [
      ...returns.map((one) => ({
        id: `return-${one.unit}-${one.form}-${one.period}`,
        title: say(owner.locale, 'reach:feed.return', { title: owner.locale === 'en' ? one.en : one.zh, period: one.period }),
        unit: one.unitName,
        due: one.due,
        link: `${base}/returns/${one.unit}/${one.form}/${one.period}`,
      })),
      ...tasks.map((one) => ({ id: `task-${one.task}`, title: say(owner.locale, 'reach:feed.task', { title: one.title }), unit: one.unitName, due: one.due, link: `${base}/tasks/${one.task}` })),
    ]
    response.writeHead(200, { 'content-type': 'text/calendar; charset=utf-8', 'cache-control': 'private, max-age=600', 'x-robots-tag': 'noindex' })
    response.end(calendarText(say(owner.locale, 'reach:feed.name'), days))
  },
}
