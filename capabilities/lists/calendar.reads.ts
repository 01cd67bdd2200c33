import type { CivilDate } from '../../rules/civil-date.ts'
import { workCalendar, type WorkCalendar } from '../../rules/working-days.ts'
import { many, sql, type Tx } from '../../server/db.ts'

/**
 * The working calendar of all years that packs have brought (F-09b). A year that is not in it is a Problem
 * 'calendar-missing' as soon as a count reaches it. `from` and `to`: only these years are loaded, and those beside them: a day at the turn of a year stands in the notice of the next.
 */
export async function workCalendarOf(tx: Tx, { from, to }: { from: number; to: number } = { from: 0, to: 9999 }): Promise<WorkCalendar> {
  const years = await many<{ year: number; notice: string; off: Record<CivilDate, string>; worked: Record<CivilDate, string> }>(
    tx,
    sql`select y.year, y.notice,
               coalesce(jsonb_object_agg(d.day, d.name) filter (where d.off), '{}') as off,
               coalesce(jsonb_object_agg(d.day, d.name) filter (where not d.off), '{}') as worked
        from calendar_year y left join calendar_day d on d.year = y.year
        where y.year between ${from - 1} and ${to + 1} group by y.year order by y.year`,
  )
  return workCalendar(years)
}
