import { addDays, daysBetween, type CivilDate } from '../../rules/civil-date.ts'

/** Days on which somebody is away; both are days away. */
export type Span = { from: CivilDate; to: CivilDate }

/** Longer than a year is no absence but a change of holder. */
export const longestAbsence = 366

/** What is wrong with a span, seen on `today`: `past` it begins before today, `backwards`, `too-long`; or nothing. */
export function spanFault({ from, to }: Span, today: CivilDate): 'past' | 'backwards' | 'too-long' | undefined {
  if (from < today) return 'past'
  if (to < from) return 'backwards'
  return daysBetween(from, to) + 1 > longestAbsence ? 'too-long' : undefined
}

/** A span as the database keeps it: from a day until the first day back. @returns the first day back */
export const firstDayBack = ({ to }: Span): CivilDate => addDays(to, 1)

/** The state of an absence on `today`; `ended` means it was ended early or withdrawn. */
export function absenceState({ from, to }: Span, ended: boolean, today: CivilDate): 'planned' | 'running' | 'over' {
  if (ended || to < today) return 'over'
  return from > today ? 'planned' : 'running'
}
