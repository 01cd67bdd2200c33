import { compareDates, type CivilDate } from './civil-date.ts'

export type Light = 'done' | 'red' | 'yellow' | 'green'

/** From this many working days left on, a deadline is near (C4). */
export const nearWorkingDays = 10
/** Below this progress, in per cent, a near deadline is a worry (C4). */
export const wellOnPercent = 80

/**
 * The light of a task (C4): red after its deadline, yellow when the deadline is near and progress is below 80 %.
 * @param progress 0 to 100; @param due the last day, which is still in time
 * @param workingDaysLeft by the work calendar; undefined when the year has no calendar, and then nothing is called near
 */
export function lightOf({ progress, due, today, done, workingDaysLeft }: {
  progress: number
  due: CivilDate
  today: CivilDate
  done: boolean
  workingDaysLeft: number | undefined
}): Light {
  if (done) return 'done'
  if (compareDates(today, due) > 0) return 'red'
  const isNear = workingDaysLeft !== undefined && workingDaysLeft <= nearWorkingDays
  return isNear && progress < wellOnPercent ? 'yellow' : 'green'
}
