import { weekdayOf, yearOf, type CivilDate } from '../../rules/civil-date.ts'
import type { Finding } from '../../rules/problem.ts'
import { json, many, run, sql, type Tx } from '../../server/db.ts'
import type { Applied, KnownInPack, PackPart } from '../../server/pack.ts'
import { CalendarDefinition } from './calendar-definition.ts'

/** Holidays and worked weekends (F-09b). */
export const calendarPart: PackPart<CalendarDefinition> = {
  name: 'calendar',
  schema: CalendarDefinition,
  check: checkCalendar,
  apply: applyCalendar,
  sentences: {
    'year-of-other-pack': {
      zh: '{{year}} 年的放假通知已由包 {{pack}} 提供。请从其中一个包里删去。',
      en: 'The notice for {{year}} comes from the pack {{pack}} already. Take it out of one of the two.',
    },
    'day-far': { zh: '{{day}} 不在 {{year}} 年或其前后一年内。请改正日期。', en: '{{day}} is more than a year away from {{year}}. Correct the date.' },
    'worked-not-weekend': {
      zh: '{{day}} 本来就是工作日，不是调休上班的周末。请改正日期或删除。',
      en: '{{day}} is a weekday and worked anyway. Correct the date or delete it.',
    },
    'day-twice': {
      zh: '{{day}} 在 {{year}} 年的通知里已经写过。一天只能写一次，请删除其一。',
      en: '{{day}} stands in the notice for {{year}} already. A day stands once: delete one of the two.',
    },
  },
}

async function checkCalendar(section: CalendarDefinition, { tx, pack }: KnownInPack): Promise<Finding[]> {
  const findings: Finding[] = []
  const others = await many<{ year: number; pack: string; days: CivilDate[] }>(
    tx,
    sql`select y.year, y.pack, array(select d.day::text from calendar_day d where d.year = y.year) as days
        from calendar_year y where y.pack <> ${pack}`,
  )
  const otherYears = new Map(others.map((other) => [other.year, other.pack]))
  const standsIn = new Map(others.flatMap((other) => other.days.map((day) => [day, other.year] as const)))
  section.forEach(({ year, off, worked }, i) => {
    const other = otherYears.get(year)
    if (other !== undefined) findings.push({ code: 'year-of-other-pack', path: `${i}.year`, facts: { year, pack: other } })
    for (const [kind, days] of [['off', off], ['worked', worked]] as const) {
      for (const day of Object.keys(days)) {
        const path = `${i}.${kind}.${day}`
        if (Math.abs(yearOf(day) - year) > 1) findings.push({ code: 'day-far', path, facts: { day, year } })
        if (kind === 'worked' && weekdayOf(day) < 6) findings.push({ code: 'worked-not-weekend', path, facts: { day } })
        const first = standsIn.get(day)
        if (first === undefined) standsIn.set(day, year)
        else findings.push({ code: 'day-twice', path, facts: { day, year: first } })
      }
    }
  })
  return findings
}

type Year = { year: number; notice: string; days: { day: CivilDate; off: boolean; name: string }[] }

async function applyCalendar(tx: Tx, section: CalendarDefinition, { pack }: { pack: string }): Promise<Applied> {
  const had = await many<Year>(
    tx,
    sql`select y.year, y.notice,
               coalesce(jsonb_agg(jsonb_build_object('day', d.day, 'off', d.off, 'name', d.name) order by d.day)
                        filter (where d.day is not null), '[]') as days
        from calendar_year y left join calendar_day d on d.year = y.year
        where y.pack = ${pack} group by y.year`,
  )
  const before = new Map(had.map((year) => [year.year, textOf(year)]))
  const wanted = section.map(({ year, notice, off, worked }): Year => ({ year, notice, days: [...daysOf(off, true), ...daysOf(worked, false)] }))
  const years = wanted.map((entry) => entry.year)
  const added = years.filter((year) => !before.has(year))
  const changed = wanted.filter((entry) => before.has(entry.year) && before.get(entry.year) !== textOf(entry)).map((entry) => entry.year)
  const removed = [...before.keys()].filter((year) => !years.includes(year))
  // A day may move from one notice to another: all old days go before the new ones come.
  await run(tx, sql`delete from calendar_day where year = any(${[...changed, ...removed]}::int[])`)
  await run(tx, sql`delete from calendar_year where year = any(${removed}::int[])`)
  const fresh = wanted.filter((entry) => added.includes(entry.year) || changed.includes(entry.year))
  await run(
    tx,
    sql`insert into calendar_year (year, notice, pack)
        select y.year, y.notice, ${pack} from jsonb_to_recordset(${json(fresh)}) y(year int, notice text)
        on conflict (year) do update set notice = excluded.notice`,
  )
  await run(
    tx,
    sql`insert into calendar_day (day, year, off, name)
        select d.day, y.year, d.off, d.name
        from jsonb_to_recordset(${json(fresh)}) y(year int, days jsonb),
             jsonb_to_recordset(y.days) d(day date, off boolean, name text)`,
  )
  return { added: added.map(String), changed: changed.map(String), removed: removed.map(String), same: years.length - added.length - changed.length }
}

function daysOf(days: Record<CivilDate, string>, off: boolean): Year['days'] {
  return Object.entries(days).map(([day, name]) => ({ day, off, name }))
}

function textOf({ notice, days }: Year): string {
  const sorted = [...days].sort((a, b) => (a.day < b.day ? -1 : 1))
  return [notice, ...sorted.map(({ day, off, name }) => `${day} ${off} ${name}`)].join('\n')
}
