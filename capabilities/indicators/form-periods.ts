import {
  cycleOf, lastPeriods, periodEnd, periodOf, periodStart, type Cycle, type PeriodCode,
} from '../../rules/period.ts'

const months: Record<Cycle, number> = { month: 1, quarter: 3, half: 6, year: 12, once: 12 }

/**
 * @param cycle how often the form is asked
 * @returns the form's periods that an asked period is made of, oldest first: the months of a quarter, or the one year
 *   that holds a month when the form is asked once a year
 */
export function formPeriods(asked: PeriodCode, cycle: Cycle): PeriodCode[] {
  const own = cycle === 'once' ? 'year' : cycle
  const span = months[cycleOf(asked)]
  if (span <= months[own]) return [periodOf(periodStart(asked), own)]
  return lastPeriods(periodOf(periodEnd(asked), own), span / months[own])
}

/** @returns the asked period, or the form's period that holds it when the form is asked less often */
export function coarsened(asked: PeriodCode, cycle: Cycle): PeriodCode {
  return months[cycleOf(asked)] < months[cycle] ? formPeriods(asked, cycle)[0]! : asked
}
