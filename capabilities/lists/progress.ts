import Big from 'big.js'
import type { Progress } from './lists.contract.ts'

export type LightNow = 'green' | 'yellow' | 'red' | 'done'
/** From so few working days on, and below so much progress, a light turns yellow (C4). */
export const yellowFrom = { workingDays: 10, below: 80 } as const

/**
 * Red overdue; yellow within 10 working days of the deadline and progress below 80 %; else green (C4).
 * @param workingDaysLeft null when no calendar says; then only overdue is told
 */
export function lightOf({ done, overdue, progress, workingDaysLeft }: { done: boolean; overdue: boolean; progress: number; workingDaysLeft: number | null }): LightNow {
  if (done) return 'done'
  if (overdue) return 'red'
  if (workingDaysLeft !== null && workingDaysLeft <= yellowFrom.workingDays && progress < yellowFrom.below) return 'yellow'
  return 'green'
}

/** Counts of the tasks of one item in some scope. */
export type Counts = { weight: string; tasks: number; closed: number; submitted: number; unsigned: number; overdue: number; deferred: number; nextDue: string | null }

/** Σ w·done / Σ w over tasks (C4), 0…100 with one decimal, with the light of the nearest open deadline. */
export function progressOf(items: readonly Counts[], daysLeft: (due: string) => number | null): Progress | null {
  const sum = (key: 'tasks' | 'closed' | 'submitted' | 'unsigned' | 'overdue' | 'deferred') => items.reduce((total, one) => total + one[key], 0)
  const tasks = sum('tasks')
  if (tasks === 0) return null
  const weights = items.reduce((total, one) => total.plus(new Big(one.weight).times(one.tasks)), new Big(0))
  const done = items.reduce((total, one) => total.plus(new Big(one.weight).times(one.closed)), new Big(0))
  const percent = done.times(100).div(weights).round(1, Big.roundHalfUp)
  const next = items.map((one) => one.nextDue).filter((due) => due !== null).sort()[0]
  return {
    tasks,
    closed: sum('closed'),
    submitted: sum('submitted'),
    unsigned: sum('unsigned'),
    overdue: sum('overdue'),
    deferred: sum('deferred'),
    percent: percent.toFixed(1),
    light: lightOf({ done: sum('closed') === tasks, overdue: sum('overdue') > 0, progress: percent.toNumber(), workingDaysLeft: next === undefined ? null : daysLeft(next) }),
  }
}
