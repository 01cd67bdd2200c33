import { Big } from 'big.js'
import type { CivilDate } from '../../rules/civil-date.ts'
import { Problem } from '../../rules/problem.ts'
import { addWorkingDays, workingDaysBetween, type WorkCalendar } from '../../rules/working-days.ts'
import { isUnreported, type TaskState } from './task.ts'

export type Light = 'green' | 'yellow' | 'red' | 'done'

/** A deadline this near, in working days, is yellow (C4). */
const nearDays = 10
/** Below this percentage a near deadline is yellow (C4). */
const wellOn = 80

/**
 * Σ w·done / Σ w (C4).
 * @param done weight of what is closed; @param all weight of everything that is not cancelled, as exact decimals
 * @returns 0 to 100 with one decimal, half up; 0.0 when there is nothing
 */
export function percentOf(done: string, all: string): string {
  const whole = new Big(all)
  if (whole.eq(0)) return '0.0'
  // Divided last: 2/3 of 100 has no exact decimal.
  return new Big(done).times(100).div(whole).toFixed(1)
}

/**
 * The light of one task or of many (C4): red when a unit has let the deadline pass without reporting; yellow when at most
 * ten working days are left and less than 80 % is done; done when closed. What is reported waits for its checker and
 * is not the unit's delay.
 * @param due the nearest deadline that is not reported; null when there is none
 * @param workingDaysLeft null where the calendar of that year is missing: then nobody can say that it is near
 */
export function lightFor(of: { progress: number; due: CivilDate | null; today: CivilDate; state: TaskState; workingDaysLeft: number | null }): Light {
  if (of.state === 'closed' || of.state === 'cancelled') return 'done'
  if (!isUnreported(of.state) || of.due === null) return 'green'
  if (of.due < of.today) return 'red'
  return of.workingDaysLeft !== null && of.workingDaysLeft <= nearDays && of.progress < wellOn ? 'yellow' : 'green'
}

/** Sums over tasks that are not cancelled, as a query gives them. */
export type TaskSums = {
  tasks: number
  closed: number
  submitted: number
  unsigned: number
  overdue: number
  deferred: number
  weight: string
  weightClosed: string
  /** The nearest deadline of those that are not reported. */
  nextDue: CivilDate | null
}

export type ProgressNow = Omit<TaskSums, 'weight' | 'weightClosed' | 'nextDue'> & { percent: string; light: Light }

/** @param daysLeft gives the working days left until a deadline; @returns how far these tasks are; null when there are none */
export function progressOf(sums: TaskSums | undefined, today: CivilDate, daysLeft: (due: CivilDate) => number | null): ProgressNow | null {
  if (!sums || sums.tasks === 0) return null
  const { weight, weightClosed, nextDue, ...counts } = sums
  const percent = percentOf(weightClosed, weight)
  const state = counts.closed === counts.tasks ? 'closed' : nextDue === null ? 'submitted' : 'running'
  const light = lightFor({ progress: Number(percent), due: nextDue, today, state, workingDaysLeft: nextDue === null ? null : daysLeft(nextDue) })
  return { ...counts, percent, light }
}

/**
 * @returns a function that counts the working days left until a deadline, each deadline once; negative when it has passed,
 * null where the count reaches a year without a holiday notice
 */
export function countdown(calendar: WorkCalendar, today: CivilDate): (due: CivilDate) => number | null {
  const known = new Map<CivilDate, number | null>()
  return (due) => {
    let left = known.get(due)
    if (left === undefined) {
      left = unlessMissing(() => workingDaysBetween(calendar, today, due))
      known.set(due, left)
    }
    return left
  }
}

/** @returns the first day that is no longer near: deadlines before it have at most ten working days left; null without a calendar */
export function farFrom(calendar: WorkCalendar, today: CivilDate): CivilDate | null {
  return unlessMissing(() => addWorkingDays(calendar, today, nearDays + 1))
}

function unlessMissing<Value>(count: () => Value): Value | null {
  try {
    return count()
  } catch (error) {
    if (error instanceof Problem && error.code === 'calendar-missing') return null
    throw error
  }
}
