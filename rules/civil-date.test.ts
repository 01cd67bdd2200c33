import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addDays, addMonths, compareDates, daysBetween, daysInMonth, formatDate, formatDateShort, isCivilDate, monthOf,
  parseCivilDate, todayIn, weekdayOf, yearOf, yearsBetween,
} from './civil-date.ts'
import { Problem } from './problem.ts'

/** What `read` refuses with, or undefined. */
function problemOf(read: () => unknown): Problem | undefined {
  try {
    read()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  return undefined
}

// 1900-03-01 to 2199-12-31, as days after the first
const someDate = fc.integer({ min: 0, max: 109_500 }).map((days) => addDays('1900-03-01', days))

describe('a civil date', () => {
  it('is the day in Shanghai, which begins at 16:00 of the day before in UTC', () => {
    expect(todayIn(Date.UTC(2018, 5, 28, 15, 59, 59))).toBe('2018-06-28')
    expect(todayIn(Date.UTC(2018, 5, 28, 16, 0, 0))).toBe('2018-06-29')
  })

  it('exists in the calendar', () => {
    for (const date of ['2018-06-29', '2016-02-29', '2000-02-29', '0001-01-01', '9999-12-31']) {
      expect(isCivilDate(date), date).toBe(true)
    }
    for (const date of ['2018-02-29', '1900-02-29', '2018-13-01', '2018-00-10', '2018-04-31', '2018-06-00',
      '0000-01-01', '2018-6-29', '2018-06-29T00:00', ' 2018-06-29', '', 20180629, null]) {
      expect(isCivilDate(date), String(date)).toBe(false)
    }
  })

  it('is read in the ways people write it', () => {
    for (const text of ['2018-06-29', '2018-6-29', '2018/6/29', '2018.6.29', '2018年6月29日', '2018年06月29日',
      ' 2018 年 6 月 29 日 ', '２０１８年６月２９日']) {
      expect(parseCivilDate(text), text).toBe('2018-06-29')
    }
  })

  it('is read from the serial number of a spreadsheet cell', () => {
    expect(parseCivilDate(43280)).toBe('2018-06-29')
    expect(parseCivilDate(43280.75)).toBe('2018-06-29')
    expect(parseCivilDate(1)).toBe('1900-01-01')
    expect(parseCivilDate(59)).toBe('1900-02-28')
    expect(parseCivilDate(61)).toBe('1900-03-01')
    expect(parseCivilDate(2_958_465)).toBe('9999-12-31')
  })

  it('is refused with what was given and why', () => {
    expect(problemOf(() => parseCivilDate('2018-02-30'))).toMatchObject({
      code: 'date-invalid', facts: { given: '2018-02-30', why: 'no-such-day', example: '2018-06-29' },
    })
    expect(problemOf(() => parseCivilDate('6/29/2018'))?.facts).toMatchObject({ given: '6/29/2018', why: 'shape' })
    for (const wrong of ['', '明天', '2018-6/29', '18-6-29', '2018年6月', '2018年6-29',
      0, 60, -3, 20180629, NaN, Infinity]) {
      expect(problemOf(() => parseCivilDate(wrong))?.code, String(wrong)).toBe('date-invalid')
    }
    expect(problemOf(() => addDays('2018-02-30', 1))?.code).toBe('date-invalid')
    expect(problemOf(() => addDays('9999-12-31', 1))?.code).toBe('date-invalid')
    expect(problemOf(() => addDays('2018-06-29', 1e300))?.code).toBe('date-invalid')
  })

  it('keeps identity and telephone numbers typed in the wrong field out of the error', () => {
    for (const wrong of ['110101199003070000', '13800000000', '张三']) {
      expect(problemOf(() => parseCivilDate(wrong))?.facts.given).toBe('…')
    }
  })

  it('moves over month, year and leap day', () => {
    expect(addDays('2018-12-31', 1)).toBe('2019-01-01')
    expect(addDays('2016-02-28', 1)).toBe('2016-02-29')
    expect(addDays('2018-03-01', -1)).toBe('2018-02-28')
    expect(addDays('0099-12-31', 1)).toBe('0100-01-01')
    expect(() => addDays('2018-06-29', 0.5)).toThrow(RangeError)
  })

  it('moves by months to the same day, or to the last day of a shorter month', () => {
    expect(addMonths('2018-01-31', 1)).toBe('2018-02-28')
    expect(addMonths('2016-01-31', 1)).toBe('2016-02-29')
    expect(addMonths('2018-01-15', -1)).toBe('2017-12-15')
    expect(addMonths('2018-06-29', 18)).toBe('2019-12-29')
  })

  it('knows its weekday, year, month and the days of the month', () => {
    expect(['2018-06-25', '2018-06-29', '2018-07-01', '1969-12-31'].map(weekdayOf)).toEqual([1, 5, 7, 3])
    expect([yearOf('2018-06-29'), monthOf('2018-06-29')]).toEqual([2018, 6])
    expect([2, 4, 12].map((month) => daysInMonth(2018, month))).toEqual([28, 30, 31])
  })

  it('counts whole years, completed on the anniversary', () => {
    expect(yearsBetween('1958-06-29', '2018-06-28')).toBe(59)
    expect(yearsBetween('1958-06-29', '2018-06-29')).toBe(60)
    expect(yearsBetween('2016-02-29', '2017-02-27')).toBe(0)
    expect(yearsBetween('2016-02-29', '2017-02-28')).toBe(1)
    expect(yearsBetween('2018-06-29', '2016-06-30')).toBe(-1)
    expect(yearsBetween('2018-06-29', '2018-06-28')).toBe(0)
  })

  it('is written in Chinese and in English', () => {
    expect(formatDate('2018-06-09', 'zh-CN')).toBe('2018年6月9日')
    expect(formatDate('2018-06-29', 'en')).toBe('29 June 2018')
    expect(formatDateShort('2018-06-29', 'zh-CN')).toBe('6月29日')
    expect(formatDateShort('2018-09-01', 'en')).toBe('1 Sep')
  })

  it('comes back after going forth, one weekday a day, in text order', () => {
    fc.assert(fc.property(someDate, fc.integer({ min: -40_000, max: 40_000 }), (date, days) => {
      const there = addDays(date, days)
      expect(isCivilDate(there)).toBe(true)
      expect(addDays(there, -days)).toBe(date)
      expect(daysBetween(date, there)).toBe(days)
      expect(weekdayOf(addDays(date, 1))).toBe((weekdayOf(date) % 7) + 1)
      expect(Math.sign(compareDates(there, date))).toBe(there < date ? -1 : there > date ? 1 : 0)
    }))
  })

  it('is read back from the way it is written', () => {
    fc.assert(fc.property(someDate, (date) => {
      expect(parseCivilDate(formatDate(date, 'zh-CN'))).toBe(date)
      expect(parseCivilDate(daysBetween('1899-12-30', date))).toBe(date)
    }))
  })
})
