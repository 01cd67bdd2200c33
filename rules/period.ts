import {
  daysInMonth, englishMonths, monthOf, yearOf, type CivilDate, type DateLocale,
} from './civil-date.ts'
import { Problem } from './problem.ts'

/**
 * A reporting period as a whole number: the year times 100, plus 1 to 12 for a month, 21 to 24 for a quarter,
 * 31 or 32 for a half-year and 0 for the year. Codes of one cycle sort in the order of time.
 */
export type PeriodCode = number

/** How often something is reported. 'once' takes the code of its year. */
export type Cycle = 'month' | 'quarter' | 'half' | 'year' | 'once'

type Span = Exclude<Cycle, 'once'>

/** For each cycle: what is added to the number of a period in its year, and how many a year has. */
const cycles: Record<Span, { base: number; count: number }> = {
  month: { base: 0, count: 12 },
  quarter: { base: 20, count: 4 },
  half: { base: 30, count: 2 },
  year: { base: -1, count: 1 },
}

/** @returns whether `code` is the code of a period (years 1 to 9999) */
export function isPeriod(code: unknown): code is PeriodCode {
  return typeof code === 'number' && partsOf(code) !== undefined
}

/**
 * @param text 2018-06, 2018-Q2, 2018-H1 or 2018
 * @throws Problem `period-invalid` with facts `given` (… unless it looks like a period) and `example`
 */
export function parsePeriod(text: string): PeriodCode {
  const found = /^(\d{4})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])|H([12])))?$/.exec(text)
  if (!found || Number(found[1]) < 1) throw invalid(text)
  const [, year, month, quarter, half] = found
  if (month) return code(Number(year), 'month', Number(month))
  if (quarter) return code(Number(year), 'quarter', Number(quarter))
  if (half) return code(Number(year), 'half', Number(half))
  return code(Number(year), 'year', 1)
}

/** @returns the text `parsePeriod` reads: 2018-06, 2018-Q2, 2018-H1 or 2018 */
export function periodText(period: PeriodCode): string {
  const { year, cycle, number } = read(period)
  const first = String(year).padStart(4, '0')
  if (cycle === 'year') return first
  if (cycle === 'month') return `${first}-${String(number).padStart(2, '0')}`
  return `${first}-${cycle === 'quarter' ? 'Q' : 'H'}${number}`
}

/** @returns the period of the cycle that `date` falls in */
export function periodOf(date: CivilDate, cycle: Cycle): PeriodCode {
  const span = spanOf(cycle)
  return code(yearOf(date), span, Math.ceil(monthOf(date) / monthsOf(span)))
}

/** @returns month, quarter, half or year; the code of a year does not tell 'year' from 'once' */
export function cycleOf(period: PeriodCode): Span {
  return read(period).cycle
}

/** @returns the year the period lies in */
export function yearOfPeriod(period: PeriodCode): number {
  return read(period).year
}

/** @returns the period before, of the same cycle */
export function previousPeriod(period: PeriodCode): PeriodCode {
  return shift(period, -1)
}

/** @returns the period after, of the same cycle */
export function nextPeriod(period: PeriodCode): PeriodCode {
  return shift(period, 1)
}

/** @returns the same month, quarter or half-year of the year before, or the year before (同期) */
export function samePeriodLastYear(period: PeriodCode): PeriodCode {
  return shift(period, -cycles[cycleOf(period)].count)
}

/** @returns the first day */
export function periodStart(period: PeriodCode): CivilDate {
  const { year, cycle, number } = read(period)
  return day(year, (number - 1) * monthsOf(cycle) + 1, 1)
}

/** @returns the last day */
export function periodEnd(period: PeriodCode): CivilDate {
  const { year, cycle, number } = read(period)
  const month = number * monthsOf(cycle)
  return day(year, month, daysInMonth(year, month))
}

/** @returns `count` periods of the same cycle that end with `period`, oldest first */
export function lastPeriods(period: PeriodCode, count: number): PeriodCode[] {
  if (!Number.isInteger(count) || count < 0) throw new RangeError(`count must be whole, from 0: ${count}`)
  return Array.from({ length: count }, (_, index) => shift(period, index + 1 - count))
}

/** @returns the periods of a year, first to last; one for 'year' and 'once' */
export function periodsOfYear(year: number, cycle: Cycle): PeriodCode[] {
  const span = spanOf(cycle)
  return Array.from({ length: cycles[span].count }, (_, index) => code(year, span, index + 1))
}

/** @returns 2018年6月, 2018年第2季度, 2018年上半年, 2018年; June 2018, Q2 2018, First half of 2018, 2018 */
export function formatPeriod(period: PeriodCode, locale: DateLocale): string {
  const { year, cycle, number } = read(period)
  if (locale === 'zh-CN') {
    if (cycle === 'month') return `${year}年${number}月`
    if (cycle === 'quarter') return `${year}年第${number}季度`
    if (cycle === 'half') return `${year}年${number === 1 ? '上' : '下'}半年`
    return `${year}年`
  }
  if (cycle === 'month') return `${englishMonths[number - 1]} ${year}`
  if (cycle === 'quarter') return `Q${number} ${year}`
  if (cycle === 'half') return `${number === 1 ? 'First' : 'Second'} half of ${year}`
  return String(year)
}

function spanOf(cycle: Cycle): Span {
  return cycle === 'once' ? 'year' : cycle
}

function monthsOf(cycle: Span): number {
  return 12 / cycles[cycle].count
}

function code(year: number, cycle: Span, number: number): PeriodCode {
  const period = year * 100 + cycles[cycle].base + number
  if (!partsOf(period)) throw invalid(String(year))
  return period
}

function partsOf(period: PeriodCode): { year: number; cycle: Span; number: number } | undefined {
  const year = Math.floor(period / 100)
  if (!Number.isInteger(period) || year < 1 || year > 9999) return undefined
  for (const cycle of ['month', 'quarter', 'half', 'year'] as const) {
    const number = period - year * 100 - cycles[cycle].base
    if (number >= 1 && number <= cycles[cycle].count) return { year, cycle, number }
  }
  return undefined
}

function read(period: PeriodCode): { year: number; cycle: Span; number: number } {
  const parts = partsOf(period)
  if (!parts) throw invalid(String(period))
  return parts
}

function shift(period: PeriodCode, by: number): PeriodCode {
  const { year, cycle, number } = read(period)
  const { count } = cycles[cycle]
  const place = year * count + number - 1 + by
  const newYear = Math.floor(place / count)
  return code(newYear, cycle, place - newYear * count + 1)
}

function day(year: number, month: number, of: number): CivilDate {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(of).padStart(2, '0')}`
}

function invalid(given: string): Problem {
  // Only what looks like a period is repeated: an identity number typed in the wrong field must not travel along.
  const looksLikePeriod = /^[\dA-Za-z-]{1,8}$/.test(given)
  return new Problem('period-invalid', { facts: { given: looksLikePeriod ? given : '…', example: '2018-06' } })
}
