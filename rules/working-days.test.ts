import chineseDays from 'chinese-days'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, daysBetween, type CivilDate } from './civil-date.ts'
import { Problem } from './problem.ts'
import {
  addWorkingDays, deadlineShown, isWorkingDay, workCalendar, workingDaysBetween, type CalendarYear,
} from './working-days.ts'

/** Table of days from lines of name, first day and, when there are more, last day. */
function days(...lines: [name: string, first: CivilDate, last?: CivilDate][]): Record<CivilDate, string> {
  return Object.fromEntries(lines.flatMap(([name, first, last = first]) =>
    everyDay(first, last).map((date) => [date, name] as const)))
}

function everyDay(first: CivilDate, last: CivilDate): CivilDate[] {
  return Array.from({ length: daysBetween(first, last) + 1 }, (_, after) => addDays(first, after))
}

const of2017: CalendarYear = {
  year: 2017,
  notice: '2017年部分节假日安排',
  off: days(
    ['元旦', '2016-12-31', '2017-01-02'], ['春节', '2017-01-27', '2017-02-02'], ['清明节', '2017-04-02', '2017-04-04'],
    ['劳动节', '2017-04-29', '2017-05-01'], ['端午节', '2017-05-28', '2017-05-30'],
    ['国庆节、中秋节', '2017-10-01', '2017-10-08'],
  ),
  worked: days(['春节', '2017-01-22'], ['春节', '2017-02-04'], ['清明节', '2017-04-01'], ['端午节', '2017-05-27'],
    ['国庆节', '2017-09-30']),
}
const of2018: CalendarYear = {
  year: 2018,
  notice: '2018年部分节假日安排',
  off: days(
    ['元旦', '2018-01-01'], ['春节', '2018-02-15', '2018-02-21'], ['清明节', '2018-04-05', '2018-04-07'],
    ['劳动节', '2018-04-29', '2018-05-01'], ['端午节', '2018-06-16', '2018-06-18'],
    ['中秋节', '2018-09-22', '2018-09-24'], ['国庆节', '2018-10-01', '2018-10-07'],
  ),
  worked: days(['春节', '2018-02-11'], ['春节', '2018-02-24'], ['清明节', '2018-04-08'], ['劳动节', '2018-04-28'],
    ['国庆节', '2018-09-29'], ['国庆节', '2018-09-30']),
}
const of2019: CalendarYear = {
  year: 2019,
  notice: '2019年部分节假日安排',
  off: days(
    ['元旦', '2018-12-30', '2019-01-01'], ['春节', '2019-02-04', '2019-02-10'], ['清明节', '2019-04-05', '2019-04-07'],
    ['劳动节', '2019-05-01', '2019-05-04'], ['端午节', '2019-06-07', '2019-06-09'],
    ['中秋节', '2019-09-13', '2019-09-15'], ['国庆节', '2019-10-01', '2019-10-07'],
  ),
  worked: days(['元旦', '2018-12-29'], ['春节', '2019-02-02'], ['春节', '2019-02-03'], ['劳动节', '2019-04-28'],
    ['劳动节', '2019-05-05'], ['国庆节', '2019-09-29'], ['国庆节', '2019-10-12']),
}
const of2026: CalendarYear = {
  year: 2026,
  notice: '2026年部分节假日安排',
  off: days(
    ['元旦', '2026-01-01', '2026-01-03'], ['春节', '2026-02-15', '2026-02-23'], ['清明节', '2026-04-04', '2026-04-06'],
    ['劳动节', '2026-05-01', '2026-05-05'], ['端午节', '2026-06-19', '2026-06-21'],
    ['中秋节', '2026-09-25', '2026-09-27'], ['国庆节', '2026-10-01', '2026-10-07'],
  ),
  worked: days(['元旦', '2026-01-04'], ['春节', '2026-02-14'], ['春节', '2026-02-28'], ['劳动节', '2026-05-09'],
    ['国庆节', '2026-09-20'], ['国庆节', '2026-10-10']),
}
const calendar = workCalendar([of2019, of2017, of2026, of2018])

function problemOf(count: () => unknown): Problem | undefined {
  try {
    count()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  return undefined
}

describe('working days', () => {
  it('are 250 in 2018 and 248 in 2026', () => {
    const inYear = (year: number) =>
      everyDay(`${year}-01-01`, `${year}-12-31`).filter((date) => isWorkingDay(calendar, date)).length
    expect(inYear(2018)).toBe(250)
    expect(inYear(2026)).toBe(248)
  })

  it('agree day by day with an independent table of the notices', () => {
    for (const date of [...everyDay('2017-01-01', '2019-12-31'), ...everyDay('2026-01-01', '2026-12-31')]) {
      expect(isWorkingDay(calendar, date), date).toBe(chineseDays.isWorkday(date))
    }
  })

  it('follow the notice of the next year for the days it swaps at the end of December', () => {
    expect(isWorkingDay(calendar, '2018-12-29')).toBe(true)
    expect(isWorkingDay(calendar, '2018-12-31')).toBe(false)
    const before = workCalendar([of2018])
    expect(isWorkingDay(before, '2018-12-29')).toBe(false)
    expect(isWorkingDay(before, '2018-12-31')).toBe(true)
  })

  it('are counted from the day after: on 16 October 2017 there are 11 left in October and 54 in the year', () => {
    expect(workingDaysBetween(calendar, '2017-10-16', '2017-10-31')).toBe(11)
    expect(workingDaysBetween(calendar, '2017-10-16', '2017-12-31')).toBe(54)
    expect(addWorkingDays(calendar, '2017-10-16', 11)).toBe('2017-10-31')
    expect(addWorkingDays(calendar, '2017-10-16', 1)).toBe('2017-10-17')
    expect(addWorkingDays(calendar, '2017-10-16', 0)).toBe('2017-10-16')
  })

  it('are negative when the limit has passed', () => {
    expect(workingDaysBetween(calendar, '2018-10-09', '2018-09-30')).toBe(-2)
    expect(workingDaysBetween(calendar, '2018-10-07', '2018-09-30')).toBe(0)
  })

  it('are refused for a year without a notice instead of counting bare weekdays', () => {
    for (const count of [
      () => isWorkingDay(calendar, '2020-06-29'),
      () => isWorkingDay(calendar, '2016-12-31'),
      () => addWorkingDays(calendar, '2025-12-30', 1),
      () => workingDaysBetween(calendar, '2019-12-30', '2020-01-02'),
      () => deadlineShown(calendar, '2019-12-30', 5),
    ]) expect(problemOf(count)?.code).toBe('calendar-missing')
    expect(problemOf(() => deadlineShown(calendar, '2019-12-30', 5))?.facts).toEqual({ year: 2020 })
    expect(problemOf(() => isWorkingDay(calendar, '2018-02-30'))?.code).toBe('date-invalid')
  })

  it('are not counted by halves or backwards', () => {
    for (const limit of [-1, 0.5, NaN]) {
      expect(() => addWorkingDays(calendar, '2018-06-29', limit)).toThrow(RangeError)
      expect(() => deadlineShown(calendar, '2018-06-29', limit)).toThrow(RangeError)
    }
  })
})

describe('a deadline with its working', () => {
  it('names the worked weekend it counts and the holiday it passes over', () => {
    expect(deadlineShown(calendar, '2018-09-28', 3)).toEqual({
      due: '2018-10-08',
      counted: ['2018-09-29', '2018-09-30', '2018-10-08'],
      skipped: everyDay('2018-10-01', '2018-10-07').map((date) => ({ date, why: 'holiday', name: '国庆节' })),
      worked: [{ date: '2018-09-29', name: '国庆节' }, { date: '2018-09-30', name: '国庆节' }],
      notices: ['2018年部分节假日安排'],
    })
  })

  it('passes over a plain weekend without a name', () => {
    expect(deadlineShown(calendar, '2018-06-29', 1)).toEqual({
      due: '2018-07-02',
      counted: ['2018-07-02'],
      skipped: [{ date: '2018-06-30', why: 'weekend', name: '' }, { date: '2018-07-01', why: 'weekend', name: '' }],
      worked: [],
      notices: ['2018年部分节假日安排'],
    })
  })

  it('shows the notice of every year it rests on, the next year’s too when that one swaps a day', () => {
    expect(deadlineShown(calendar, '2018-12-27', 2)).toMatchObject({
      due: '2018-12-29', notices: ['2018年部分节假日安排', '2019年部分节假日安排'],
    })
    expect(deadlineShown(calendar, '2017-12-29', 1)).toMatchObject({
      due: '2018-01-02', notices: ['2017年部分节假日安排', '2018年部分节假日安排'],
    })
  })
})

describe('the notices of a calendar', () => {
  const empty = { notice: 'n', off: {}, worked: {} }

  it.each([
    ['year-twice', '2018', [of2018, { ...empty, year: 2018 }]],
    ['day-invalid', '2018-02-30', [{ ...empty, year: 2018, off: { '2018-02-30': '春节' } }]],
    ['day-far', '2016-10-01', [{ ...empty, year: 2018, off: { '2016-10-01': '国庆节' } }]],
    ['day-off-and-worked', '2018-10-06', [of2018, { ...empty, year: 2019, worked: { '2018-10-06': '国庆节' } }]],
    ['worked-not-weekend', '2018-06-29', [{ ...empty, year: 2018, worked: { '2018-06-29': '端午节' } }]],
  ])('are refused for %s, naming %s', (reason, id, years) => {
    const problem = problemOf(() => workCalendar(years))
    expect(problem?.code).toBe('pack-invalid')
    expect(problem?.facts).toEqual({ id, reason })
  })
})

describe('deadlines of any limit', () => {
  // Every limit up to 200 working days from here ends within 2019.
  const start = fc.integer({ min: 0, max: 700 }).map((after) => addDays('2017-01-01', after))
  const limit = fc.integer({ min: 0, max: 200 })

  it('never come earlier for a longer limit', () => {
    fc.assert(fc.property(start, limit, (from, n) => {
      const next = addWorkingDays(calendar, from, n + 1)
      expect(next > addWorkingDays(calendar, from, n)).toBe(true)
      expect(isWorkingDay(calendar, next)).toBe(true)
    }))
  })

  it('are counted back to the limit', () => {
    fc.assert(fc.property(start, limit, (from, n) => {
      const due = addWorkingDays(calendar, from, n)
      expect(workingDaysBetween(calendar, from, due)).toBe(n)
      expect(workingDaysBetween(calendar, due, from)).toBe(n === 0 ? 0 : -n)
    }))
  })

  it('show every day from the start to the end exactly once', () => {
    fc.assert(fc.property(start, limit, (from, n) => {
      const shown = deadlineShown(calendar, from, n)
      expect(shown.due).toBe(addWorkingDays(calendar, from, n))
      expect(shown.counted).toHaveLength(n)
      const all = [...shown.counted, ...shown.skipped.map((day) => day.date)].sort()
      expect(all).toEqual(everyDay(from, shown.due).slice(1))
    }))
  })
})
