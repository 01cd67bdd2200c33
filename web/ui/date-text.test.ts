import { expect, it } from 'vitest'
import { dateText, momentText, periodText } from './date-text.ts'

it('dates, moments and periods are written as people write them', () => {
  expect(dateText('2018-06-29', 'zh-CN')).toBe('2018年6月29日')
  expect(dateText('2018-06-29', 'en')).toBe('29 June 2018')
  expect(periodText('2018-06', 'zh-CN')).toBe('2018年6月')
  expect(periodText('2018-Q2', 'zh-CN')).toBe('2018年第2季度')
  expect(periodText('2018-H2', 'zh-CN')).toBe('2018年下半年')
  expect(periodText('2018-H1', 'en')).toBe('first half of 2018')
  expect(periodText('2018', 'en')).toBe('2018')
})

it('a moment is told in the time of China, on the day that it is there', () => {
  expect(momentText('2018-07-01T17:05:00Z', 'zh-CN')).toBe('2018年7月2日 01:05')
})
