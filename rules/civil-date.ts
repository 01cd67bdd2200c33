import { Problem } from './problem.ts'

/** A civil date of Asia/Shanghai as text, such as 2018-06-29. Text order is date order. */
export type CivilDate = string

/** The languages a date or a period is written in. */
export type DateLocale = 'zh-CN' | 'en'

/** The day of the week: 1 is Monday, 7 is Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7

const millisecondsADay = 86_400_000

/** The months in English, January first. */
export const englishMonths: readonly string[] = [
  'January', 'February', 'March', 'April', 'May', 'June',
  'July', 'August', 'September', 'October', 'November', 'December',
]

/** @param instant milliseconds since 1970. @returns the civil date in Asia/Shanghai (UTC+8 all year) */
export function todayIn(instant: number): CivilDate {
  return new Date(instant + 8 * 3_600_000).toISOString().slice(0, 10)
}

/** @returns whether `text` is a day that exists, written 2018-06-29 (years 0001 to 9999) */
export function isCivilDate(text: unknown): text is CivilDate {
  if (typeof text !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const { year, month, day } = split(text)
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month)
}

/**
 * Reads a date as people and spreadsheets write it: 2018-06-29, 2018/6/29, 2018.6.29, 2018年6月29日 (full-width
 * figures and spaces too), or the serial number of a spreadsheet cell (1900 date system, 43280 is 2018-06-29;
 * the time of day is dropped).
 * @throws Problem `date-invalid` with facts `given` (… unless it looks like a date, so that no identity or telephone
 *   number travels with the error), `why` ('shape' or 'no-such-day') and `example`
 */
export function parseCivilDate(given: string | number): CivilDate {
  if (typeof given === 'number') return fromSerial(given)
  const text = given.normalize('NFKC').trim()
  const found = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/.exec(text)
  const written = /^(\d{4}) ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?日$/.exec(text)
  if (!found && !written) throw invalid(text, 'shape')
  const [year, month, day] = found ? [found[1], found[3], found[4]] : [written?.[1], written?.[2], written?.[3]]
  const date = `${year}-${month?.padStart(2, '0')}-${day?.padStart(2, '0')}`
  if (!isCivilDate(date)) throw invalid(text, 'no-such-day')
  return date
}

/**
 * @param days whole days, negative to go back
 * @throws Problem `date-invalid` when `date` is no date or the result leaves the years 0001 to 9999
 */
export function addDays(date: CivilDate, days: number): CivilDate {
  if (!Number.isInteger(days)) throw new RangeError(`days must be whole: ${days}`)
  return fromDayNumber(dayNumber(date) + days)
}

/**
 * The same day `months` later; the last day of the month where that day is missing
 * (Civil Code art. 202: 2018-01-31 and one month is 2018-02-28).
 * @param months whole months, negative to go back
 */
export function addMonths(date: CivilDate, months: number): CivilDate {
  if (!Number.isInteger(months)) throw new RangeError(`months must be whole: ${months}`)
  const { year, month, day } = parts(date)
  const count = year * 12 + month - 1 + months
  const newYear = Math.floor(count / 12)
  const newMonth = count - newYear * 12 + 1
  return join(newYear, newMonth, Math.min(day, daysInMonth(newYear, newMonth)))
}

/** @returns days from `from` to `to`: 0 on the same day, negative when `to` is earlier */
export function daysBetween(from: CivilDate, to: CivilDate): number {
  return dayNumber(to) - dayNumber(from)
}

/**
 * Whole years from `from` to `to`; the anniversary completes a year, and a 29 February completes it on the
 * 28th where there is no 29th. Negative when `to` is earlier: minus the whole years from `to` to `from`.
 */
export function yearsBetween(from: CivilDate, to: CivilDate): number {
  if (compareDates(from, to) > 0) return -yearsBetween(to, from) || 0
  const years = yearOf(to) - yearOf(from)
  return addMonths(from, years * 12) > to ? years - 1 : years
}

/** @returns 1 for Monday to 7 for Sunday */
export function weekdayOf(date: CivilDate): Weekday {
  // Day 0, 1970-01-01, was a Thursday.
  const fromMonday = (((dayNumber(date) + 3) % 7) + 7) % 7
  return (fromMonday + 1) as Weekday
}

/** @returns negative, 0 or positive, for sorting with the earlier date first */
export function compareDates(a: CivilDate, b: CivilDate): number {
  return daysBetween(b, a)
}

/** @returns the year, such as 2018 */
export function yearOf(date: CivilDate): number {
  return parts(date).year
}

/** @returns the month, 1 to 12 */
export function monthOf(date: CivilDate): number {
  return parts(date).month
}

/** @returns the number of days in a month. @param month 1 to 12 */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** @returns 2018年6月29日 or 29 June 2018 */
export function formatDate(date: CivilDate, locale: DateLocale): string {
  const { year, month, day } = parts(date)
  return locale === 'zh-CN' ? `${year}年${month}月${day}日` : `${day} ${englishMonths[month - 1]} ${year}`
}

/** @returns 6月29日 or 29 Jun, where the year is plain from the place */
export function formatDateShort(date: CivilDate, locale: DateLocale): string {
  const { month, day } = parts(date)
  return locale === 'zh-CN' ? `${month}月${day}日` : `${day} ${englishMonths[month - 1]?.slice(0, 3)}`
}

function split(date: CivilDate): { year: number; month: number; day: number } {
  return { year: Number(date.slice(0, 4)), month: Number(date.slice(5, 7)), day: Number(date.slice(8, 10)) }
}

function parts(date: CivilDate): { year: number; month: number; day: number } {
  if (!isCivilDate(date)) throw invalid(date, 'shape')
  return split(date)
}

function join(year: number, month: number, day: number): CivilDate {
  const date = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`
  if (!isCivilDate(date)) throw invalid(date, 'no-such-day')
  return date
}

/** Days since 1970-01-01. */
function dayNumber(date: CivilDate): number {
  const { year, month, day } = parts(date)
  // Date.UTC reads the years 0 to 99 as 1900 to 1999; setUTCFullYear takes every year as it is.
  return new Date(0).setUTCFullYear(year, month - 1, day) / millisecondsADay
}

function fromDayNumber(count: number): CivilDate {
  const at = new Date(count * millisecondsADay)
  if (Number.isNaN(at.getTime())) throw invalid('', 'no-such-day')
  return join(at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate())
}

function fromSerial(serial: number): CivilDate {
  const days = Math.floor(serial)
  // 2958465 is 9999-12-31. The 1900 system counts a 1900-02-29 that never was, as 60.
  if (!(days >= 1 && days <= 2_958_465) || days === 60) throw invalid(String(serial), 'no-such-day')
  return addDays(days < 60 ? '1899-12-31' : '1899-12-30', days)
}

function invalid(given: string, why: 'shape' | 'no-such-day'): Problem {
  const looksLikeDate = /^[\d年月日/. -]{1,11}$/.test(given) && !/\d{9}/.test(given)
  return new Problem('date-invalid', { facts: { given: looksLikeDate ? given : '…', why, example: '2018-06-29' } })
}
