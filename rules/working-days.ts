import { addDays, daysBetween, isCivilDate, weekdayOf, yearOf, type CivilDate } from './civil-date.ts'
import { Problem } from './problem.ts'

/** What the State Council's holiday notice for one year says. Its days may reach into the year before or after. */
export type CalendarYear = {
  year: number
  /** The number of the notice, to be shown beside every deadline that rests on it. */
  notice: string
  /** Days off, weekend days inside a holiday included, with the name of the holiday. */
  off: Readonly<Record<CivilDate, string>>
  /** Weekend days that are worked (调休), with the name of the holiday they are swapped for. */
  worked: Readonly<Record<CivilDate, string>>
}

/** The calendar years by year. Build it with `workCalendar`, which refuses notices that contradict each other. */
export type WorkCalendar = ReadonlyMap<number, CalendarYear>

/** A deadline with its working, so that a person can check it day by day. */
export type DeadlineShown = {
  due: CivilDate
  /** The working days that count, in order; the last one is `due`. */
  counted: CivilDate[]
  /** The days passed over, in order. `name` is the holiday, and empty for a plain weekend. */
  skipped: { date: CivilDate; why: 'weekend' | 'holiday'; name: string }[]
  /** The counted days that are worked weekends, in order. */
  worked: { date: CivilDate; name: string }[]
  /** The notices this rests on, in the order of their years. */
  notices: string[]
}

type DayKind =
  | { kind: 'weekday' }
  | { kind: 'weekend' }
  | { kind: 'holiday' | 'worked'; name: string; from: CalendarYear }

/**
 * @param years one entry per year, in any order
 * @throws Problem `pack-invalid` with facts `id` (the year or the day) and `reason`: 'year-twice', 'day-invalid',
 *   'day-far' (more than one year from the notice's own), 'day-off-and-worked' or 'worked-not-weekend'
 */
export function workCalendar(years: Iterable<CalendarYear>): WorkCalendar {
  const calendar = new Map<number, CalendarYear>()
  for (const entry of years) {
    if (calendar.has(entry.year)) throw contradiction(String(entry.year), 'year-twice')
    calendar.set(entry.year, entry)
  }
  const off = new Set<CivilDate>()
  for (const entry of calendar.values()) {
    for (const date of Object.keys(entry.off)) {
      checkDay(entry, date)
      off.add(date)
    }
  }
  for (const entry of calendar.values()) {
    for (const date of Object.keys(entry.worked)) {
      checkDay(entry, date)
      if (off.has(date)) throw contradiction(date, 'day-off-and-worked')
      if (weekdayOf(date) < 6) throw contradiction(date, 'worked-not-weekend')
    }
  }
  return calendar
}

/**
 * @returns whether `date` is worked: weekdays that are no holiday, and worked weekends
 * @throws Problem `calendar-missing` with the fact `year` when that year's notice is not in the calendar: the bare
 *   weekday is never taken for the answer
 */
export function isWorkingDay(calendar: WorkCalendar, date: CivilDate): boolean {
  return isWorked(kindOf(calendar, date))
}

/**
 * The last day of a limit of `limit` working days. The day it starts from is not counted: the day after it is the
 * first that can be day 1 (Administrative Licensing Law art. 82, Civil Code art. 201; F-09).
 * @param from the day the limit starts from, such as the day of acceptance
 * @param limit working days, 0 or more; 0 gives `from`
 * @throws Problem `calendar-missing` when the count reaches a year without a notice
 */
export function addWorkingDays(calendar: WorkCalendar, from: CivilDate, limit: number): CivilDate {
  checkLimit(limit)
  let date = from
  for (let left = limit; left > 0;) {
    date = addDays(date, 1)
    if (isWorkingDay(calendar, date)) left -= 1
  }
  return date
}

/**
 * Working days in (after, until]: what is left on the day `after` of a limit that ends on `until`.
 * Negative when `until` is earlier: the working days it is overdue.
 * @throws Problem `calendar-missing` when the span touches a year without a notice
 */
export function workingDaysBetween(calendar: WorkCalendar, after: CivilDate, until: CivilDate): number {
  const span = daysBetween(after, until)
  if (span < 0) return 0 - workingDaysBetween(calendar, until, after)
  let count = 0
  let date = after
  for (let left = span; left > 0; left -= 1) {
    date = addDays(date, 1)
    if (isWorkingDay(calendar, date)) count += 1
  }
  return count
}

/**
 * The deadline of `addWorkingDays` with the days it counted, those it passed over and why, and the notices
 * that say so (F-09).
 * @throws Problem `calendar-missing` when the count reaches a year without a notice
 */
export function deadlineShown(calendar: WorkCalendar, from: CivilDate, limit: number): DeadlineShown {
  checkLimit(limit)
  const shown: DeadlineShown = { due: from, counted: [], skipped: [], worked: [], notices: [] }
  const used = new Set<CalendarYear>()
  while (shown.counted.length < limit) {
    const date = addDays(shown.due, 1)
    shown.due = date
    const day = kindOf(calendar, date)
    // A plain day rests on a notice too: on the notice of its year not naming it.
    used.add('from' in day ? day.from : yearFor(calendar, date))
    if (isWorked(day)) shown.counted.push(date)
    if (day.kind === 'worked') shown.worked.push({ date, name: day.name })
    if (day.kind === 'holiday') shown.skipped.push({ date, why: 'holiday', name: day.name })
    if (day.kind === 'weekend') shown.skipped.push({ date, why: 'weekend', name: '' })
  }
  shown.notices = [...new Set([...used].sort((a, b) => a.year - b.year).map((entry) => entry.notice))]
  return shown
}

function kindOf(calendar: WorkCalendar, date: CivilDate): DayKind {
  const own = yearFor(calendar, date)
  // 2018-12-29 is in the notice for 2019, so the neighbours' tables hold for this year's days too.
  for (const entry of [own, calendar.get(own.year + 1), calendar.get(own.year - 1)]) {
    const off = entry?.off[date]
    if (entry && off !== undefined) return { kind: 'holiday', name: off, from: entry }
    const worked = entry?.worked[date]
    if (entry && worked !== undefined) return { kind: 'worked', name: worked, from: entry }
  }
  return { kind: weekdayOf(date) < 6 ? 'weekday' : 'weekend' }
}

function isWorked(day: DayKind): boolean {
  return day.kind === 'weekday' || day.kind === 'worked'
}

function yearFor(calendar: WorkCalendar, date: CivilDate): CalendarYear {
  const year = yearOf(date)
  const entry = calendar.get(year)
  if (!entry) throw new Problem('calendar-missing', { facts: { year } })
  return entry
}

function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 0) throw new RangeError(`a limit is whole working days from 0: ${limit}`)
}

function checkDay(entry: CalendarYear, date: CivilDate): void {
  if (!isCivilDate(date)) throw contradiction(date, 'day-invalid')
  if (Math.abs(yearOf(date) - entry.year) > 1) throw contradiction(date, 'day-far')
}

function contradiction(id: string, reason: string): Problem {
  return new Problem('pack-invalid', { facts: { id, reason } })
}
