import { expect, test } from 'vitest'
import { parsePeriod, periodText, type Cycle } from '../../rules/period.ts'
import { coarsened, formPeriods } from './form-periods.ts'

test.each<[string, Cycle, string[]]>([
  ['2018-06', 'month', ['2018-06']],
  ['2018-Q2', 'month', ['2018-04', '2018-05', '2018-06']],
  ['2018-H2', 'quarter', ['2018-Q3', '2018-Q4']],
  ['2018', 'half', ['2018-H1', '2018-H2']],
  ['2018-06', 'quarter', ['2018-Q2']],
  ['2018-06', 'year', ['2018']],
  ['2018-Q3', 'once', ['2018']],
])('%s of a form asked each %s rests on %j', (asked, cycle, expected) => {
  expect(formPeriods(parsePeriod(asked), cycle).map(periodText)).toEqual(expected)
})

test('a year of months is its twelve months', () => {
  expect(formPeriods(parsePeriod('2018'), 'month')).toHaveLength(12)
})

test('a trend of a yearly form asked for a month runs over years, one of a monthly form over quarters stays', () => {
  expect(periodText(coarsened(parsePeriod('2018-06'), 'year'))).toBe('2018')
  expect(periodText(coarsened(parsePeriod('2018-Q2'), 'month'))).toBe('2018-Q2')
})
