import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { workCalendar } from '../../rules/working-days.ts'
import { countdown, farFrom, lightFor, percentOf, progressOf } from './progress.ts'

const calendar = workCalendar([{ year: 2018, notice: '测试通知', off: { '2018-06-18': '端午节' }, worked: {} }])
const sums = { tasks: 26, closed: 17, submitted: 2, unsigned: 3, overdue: 0, deferred: 1, weight: '26', weightClosed: '17', nextDue: '2018-12-31' as string | null }

describe('progress is the closed weight over the whole weight', () => {
  test('17 of 26 items closed are 65.4 %', () => {
    expect(percentOf('17', '26')).toBe('65.4')
    expect(progressOf(sums, '2018-06-01', () => 140)).toMatchObject({ percent: '65.4', light: 'green', tasks: 26, closed: 17 })
  })

  test('weights count: a heavy item closed is more than a light one', () => {
    expect(percentOf('3', '4')).toBe('75.0')
    expect(percentOf('0.1', '0.3')).toBe('33.3')
  })

  test('without tasks there is no progress to show', () => {
    expect(progressOf(undefined, '2018-06-01', () => 1)).toBeNull()
    expect(progressOf({ ...sums, tasks: 0 }, '2018-06-01', () => 1)).toBeNull()
    expect(percentOf('0', '0')).toBe('0.0')
  })

  test('it never leaves 0 to 100, and only everything closed is 100.0 with the light done', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 0, max: 5000 }), (tasks, some) => {
        const closed = Math.min(tasks, some)
        const now = progressOf({ ...sums, tasks, closed, weight: String(tasks), weightClosed: String(closed) }, '2018-06-01', () => 140)!
        expect(Number(now.percent)).toBeGreaterThanOrEqual(0)
        expect(Number(now.percent)).toBeLessThanOrEqual(100)
        expect(now.light === 'done').toBe(closed === tasks)
      }),
    )
  })
})

describe('the light', () => {
  const task = { progress: 0, due: '2018-06-29', today: '2018-06-29', state: 'running', workingDaysLeft: 0 } as const
  test.each([
    ['red the day after the deadline', { today: '2018-06-30', workingDaysLeft: 0 }, 'red'],
    ['yellow on the day itself', {}, 'yellow'],
    ['yellow with ten working days left', { today: '2018-06-14', workingDaysLeft: 10, progress: 79 }, 'yellow'],
    ['green with eleven', { today: '2018-06-13', workingDaysLeft: 11 }, 'green'],
    ['green from 80 % on', { progress: 80 }, 'green'],
    ['green when it waits for its checker, even after the deadline', { state: 'submitted', today: '2018-07-20' }, 'green'],
    ['red again when it is sent back after the deadline', { state: 'returned', today: '2018-07-20', workingDaysLeft: -15 }, 'red'],
    ['done when closed', { state: 'closed', today: '2018-07-20' }, 'done'],
    ['green where the calendar is missing', { workingDaysLeft: null }, 'green'],
  ] as const)('is %s', (_title, change, light) => {
    expect(lightFor({ ...task, ...change })).toBe(light)
  })

  test('working days left skip the holiday; deadlines before the eleventh working day are near', () => {
    const left = countdown(calendar, '2018-06-14')
    expect(left('2018-06-29')).toBe(10)
    expect(left('2018-06-13')).toBe(-1)
    expect(left('2019-01-02')).toBeNull()
    expect(farFrom(calendar, '2018-06-14')).toBe('2018-07-02')
    expect(left('2018-07-01')).toBe(10)
    expect(left('2018-07-02')).toBe(11)
    expect(farFrom(calendar, '2018-12-28')).toBeNull()
  })
})
