import { describe, expect, it } from 'vitest'
import { lightOf } from './light.ts'

const task = { progress: 50, due: '2017-10-31', today: '2017-10-16', done: false, workingDaysLeft: 11 }

describe('light', () => {
  it('is green while more than ten working days are left', () => {
    expect(lightOf(task)).toBe('green')
  })

  it('is yellow from ten working days on while less than 80 % is done', () => {
    expect(lightOf({ ...task, workingDaysLeft: 10 })).toBe('yellow')
    expect(lightOf({ ...task, workingDaysLeft: 10, progress: 79.9 })).toBe('yellow')
    expect(lightOf({ ...task, workingDaysLeft: 10, progress: 80 })).toBe('green')
  })

  it('is red on the day after the deadline, whatever the progress', () => {
    expect(lightOf({ ...task, today: '2017-10-31', workingDaysLeft: 0 })).toBe('yellow')
    expect(lightOf({ ...task, today: '2017-11-01', workingDaysLeft: 0, progress: 99 })).toBe('red')
  })

  it('is done when the task is, even after the deadline', () => {
    expect(lightOf({ ...task, today: '2018-01-01', done: true })).toBe('done')
  })

  it('calls nothing near without a calendar', () => {
    expect(lightOf({ ...task, workingDaysLeft: undefined })).toBe('green')
  })
})
