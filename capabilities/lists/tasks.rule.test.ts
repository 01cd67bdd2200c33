import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lightOf, progressOf, type Counts } from './progress.ts'
import { taskLife, type TaskState } from './task.ts'

const counts = (more: Partial<Counts>): Counts => ({ weight: '1', tasks: 1, closed: 0, submitted: 0, unsigned: 0, overdue: 0, deferred: 0, nextDue: null, ...more })

describe('progress', () => {
  test('17 of 26 items closed is 65.4 %', () => {
    const items = Array.from({ length: 26 }, (_, n) => counts({ closed: n < 17 ? 1 : 0 }))
    expect(progressOf(items, () => null)!.percent).toBe('65.4')
  })
  test('a heavier item counts more', () => {
    expect(progressOf([counts({ weight: '3', closed: 1 }), counts({})], () => null)!.percent).toBe('75.0')
  })
})

describe('lights', () => {
  const open = { done: false, overdue: false, progress: 0, workingDaysLeft: 11 }
  test('red overdue, yellow within 10 working days and below 80 %, else green', () => {
    expect(lightOf({ ...open, overdue: true, progress: 99 })).toBe('red')
    expect(lightOf({ ...open, workingDaysLeft: 10, progress: 79 })).toBe('yellow')
    expect(lightOf({ ...open, workingDaysLeft: 10, progress: 80 })).toBe('green')
    expect(lightOf(open)).toBe('green')
    expect(lightOf({ ...open, overdue: true, done: true })).toBe('done')
  })
})

describe('the life of a task', () => {
  const names = Object.keys(taskLife.table) as (keyof typeof taskLife.table)[]
  test('no series of moves closes a task without a check after its last report', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...names), { maxLength: 30 }), (moves) => {
        let state: TaskState = 'issued'
        let checked = false
        for (const move of moves) {
          if (!(taskLife.table[move].from as readonly string[]).includes(state)) continue
          if (move === 'report') checked = false
          if (move === 'verify') checked = true
          state = taskLife.next(state, move, '因')
          if (state === 'closed') expect(checked).toBe(true)
        }
      }),
    )
  })
  test('sending back and cancelling need a reason', () => {
    expect(() => taskLife.next('submitted', 'sendBack', ' ')).toThrow('reason-needed')
    expect(() => taskLife.next('issued', 'report')).toThrow('move-not-possible')
  })
})
