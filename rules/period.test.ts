import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addDays, daysBetween } from './civil-date.ts'
import {
  cycleOf, formatPeriod, isPeriod, lastPeriods, nextPeriod, parsePeriod, periodEnd, periodOf, periodStart,
  periodsOfYear, periodText, previousPeriod, samePeriodLastYear, yearOfPeriod, type Cycle,
} from './period.ts'
import { Problem } from './problem.ts'

function problemOf(read: () => unknown): Problem | undefined {
  try {
    read()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  return undefined
}

const allCycles: Cycle[] = ['month', 'quarter', 'half', 'year', 'once']
const someCycle = fc.constantFrom(...allCycles)
const someYear = fc.integer({ min: 1900, max: 2200 })
const somePeriod = fc.tuple(someYear, someCycle, fc.nat()).map(([year, cycle, pick]) => {
  const periods = periodsOfYear(year, cycle)
  return periods[pick % periods.length]!
})

describe('a period', () => {
  it('is a code read from its text', () => {
    expect(['2018-06', '2018-12', '2018-Q2', '2018-H1', '2018'].map(parsePeriod))
      .toEqual([201806, 201812, 201822, 201831, 201800])
    expect([201806, 201812, 201822, 201831, 201800].map(periodText))
      .toEqual(['2018-06', '2018-12', '2018-Q2', '2018-H1', '2018'])
  })

  it('is refused when no such period exists', () => {
    for (const text of ['', '2018-6', '2018-13', '2018-00', '2018-Q5', '2018-H3', '2018-Q0', '18-06', '0000', '2018-',
      '2018-06-01', ' 2018']) {
      expect(problemOf(() => parsePeriod(text))?.code, text).toBe('period-invalid')
    }
    for (const code of [201813, 201820, 201825, 201830, 201833, 99, 0, -201806, 201806.5, NaN, 1_000_001]) {
      expect(problemOf(() => periodText(code))?.code, String(code)).toBe('period-invalid')
      expect(isPeriod(code)).toBe(false)
    }
    expect(isPeriod('201806')).toBe(false)
    expect(problemOf(() => parsePeriod('2018-13'))?.facts).toEqual({ given: '2018-13', example: '2018-06' })
    expect(problemOf(() => parsePeriod('110101199003070000'))?.facts.given).toBe('…')
    expect(problemOf(() => nextPeriod(999912))?.code).toBe('period-invalid')
    expect(problemOf(() => previousPeriod(100))?.code).toBe('period-invalid')
  })

  it('is found for a date', () => {
    expect(allCycles.map((cycle) => periodOf('2018-06-29', cycle))).toEqual([201806, 201822, 201831, 201800, 201800])
    expect(allCycles.map((cycle) => periodOf('2018-07-01', cycle))).toEqual([201807, 201823, 201832, 201800, 201800])
  })

  it('has a first and a last day', () => {
    const spans = ['2018-02', '2016-02', '2018-Q4', '2018-H1', '2018'].map((text) => {
      const period = parsePeriod(text)
      return [periodStart(period), periodEnd(period)]
    })
    expect(spans).toEqual([
      ['2018-02-01', '2018-02-28'], ['2016-02-01', '2016-02-29'], ['2018-10-01', '2018-12-31'],
      ['2018-01-01', '2018-06-30'], ['2018-01-01', '2018-12-31'],
    ])
  })

  it('has a neighbour on each side, over the turn of the year too', () => {
    expect([201801, 201821, 201831, 201800].map(previousPeriod)).toEqual([201712, 201724, 201732, 201700])
    expect([201712, 201724, 201732, 201700].map(nextPeriod)).toEqual([201801, 201821, 201831, 201800])
    expect([201806, 201822, 201831, 201800].map(samePeriodLastYear)).toEqual([201706, 201722, 201731, 201700])
  })

  it('ends a row of periods, oldest first', () => {
    expect(lastPeriods(201802, 4)).toEqual([201711, 201712, 201801, 201802])
    expect(lastPeriods(201800, 2)).toEqual([201700, 201800])
    expect(lastPeriods(201802, 0)).toEqual([])
    expect(() => lastPeriods(201802, -1)).toThrow(RangeError)
  })

  it('knows its cycle and its year', () => {
    expect([201806, 201822, 201831, 201800].map(cycleOf)).toEqual(['month', 'quarter', 'half', 'year'])
    expect([201806, 201822, 201831, 201800].map(yearOfPeriod)).toEqual([2018, 2018, 2018, 2018])
  })

  it('is written in Chinese and in English', () => {
    expect([201806, 201822, 201831, 201832, 201800].map((code) => formatPeriod(code, 'zh-CN')))
      .toEqual(['2018年6月', '2018年第2季度', '2018年上半年', '2018年下半年', '2018年'])
    expect([201806, 201822, 201831, 201832, 201800].map((code) => formatPeriod(code, 'en')))
      .toEqual(['June 2018', 'Q2 2018', 'First half of 2018', 'Second half of 2018', '2018'])
  })
})

describe('any period', () => {
  it('is read back from its text', () => {
    fc.assert(fc.property(somePeriod, (period) => {
      expect(parsePeriod(periodText(period))).toBe(period)
      expect(isPeriod(period)).toBe(true)
    }))
  })

  it('is the next of the one before it, which ends the day before it starts', () => {
    fc.assert(fc.property(somePeriod, (period) => {
      const before = previousPeriod(period)
      expect(nextPeriod(before)).toBe(period)
      expect(previousPeriod(nextPeriod(period))).toBe(period)
      expect(before).toBeLessThan(period)
      expect(cycleOf(before)).toBe(cycleOf(period))
      expect(addDays(periodEnd(before), 1)).toBe(periodStart(period))
    }))
  })

  it('holds each of its days, and the periods of a year hold each day of it once', () => {
    fc.assert(fc.property(someYear, someCycle, fc.nat({ max: 364 }), (year, cycle, after) => {
      const periods = periodsOfYear(year, cycle)
      const total = periods.reduce((sum, period) => sum + daysBetween(periodStart(period), periodEnd(period)) + 1, 0)
      expect(total).toBe(daysBetween(`${year}-01-01`, `${year}-12-31`) + 1)
      const date = addDays(`${year}-01-01`, after)
      const holding = periods.filter((period) => periodStart(period) <= date && date <= periodEnd(period))
      expect(holding).toEqual([periodOf(date, cycle)])
    }))
  })

  it('is a year after the same period last year', () => {
    fc.assert(fc.property(somePeriod, (period) => {
      expect(samePeriodLastYear(period)).toBe(period - 100)
    }))
  })
})
