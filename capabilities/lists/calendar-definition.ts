import { z } from 'zod'
import { isCivilDate } from '../../rules/civil-date.ts'

const Day = z.string().refine(isCivilDate, 'not a day of the calendar')
const Days = z.record(Day, z.string().min(1)).default({})

/**
 * One year of a pack's calendar: what one holiday notice of the State Council says (F-09b). Its days may reach into the
 * year before: 2018-12-29 is worked by the notice for 2019.
 */
export const CalendarYearDefinition = z.strictObject({
  year: z.number().int().min(2000).max(2100),
  /** The number of the notice, shown beside every deadline that rests on it; several are joined with ；. */
  notice: z.string().min(1),
  /** Days off, weekend days inside a holiday included, with the holiday's name. */
  off: Days,
  /** Weekend days that are worked (调休), with the holiday they are swapped for. */
  worked: Days,
  /** `unverified`: number and days have not been compared with a published text of the notice. */
  source: z.enum(['verified', 'unverified']).default('verified'),
})
export type CalendarYearDefinition = z.infer<typeof CalendarYearDefinition>

export const CalendarDefinition = z.array(CalendarYearDefinition)
export type CalendarDefinition = z.infer<typeof CalendarDefinition>
