import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readFile } from 'node:fs/promises'
import { addWorkingDays, workCalendar, workingDaysBetween } from '../../rules/working-days.ts'
import { one, sql } from '../../server/db.ts'
import { ownDatabase } from '../../tests/world.ts'
import { CalendarDefinition } from './calendar-definition.ts'
import { calendarPart } from './calendar.pack.ts'
import { workCalendarOf } from './calendar.reads.ts'

const own = ownDatabase()
const file = new URL('../../packs/three-basics-2018/calendar.yaml', import.meta.url)
const shipped = async () => CalendarDefinition.parse(parse(await readFile(file, 'utf8')))
const packRow = (code: string) =>
  sql`insert into pack (code, version, title_zh, title_en, hash, content) values (${code}, '1', '', '', '', '{}')`.execute(own.db)
const apply = (section: CalendarDefinition, pack: string) => own.database.transaction((tx) => calendarPart.apply(tx, section, { pack, by: undefined }))
const known = (pack: string) => ({ tx: own.db, pack, sections: {} })

describe('the calendar of the pack', () => {
  it.each([[2018, 250], [2026, 248]])('%i has %i working days', async (year, days) => {
    expect(workingDaysBetween(workCalendar(await shipped()), `${year - 1}-12-31`, `${year}-12-31`)).toBe(days)
  })

  it('2018-12-29 is worked by the notice for 2019, which also gives the two days after it', async () => {
    const years = new Map((await shipped()).map((year) => [year.year, year]))
    expect(Object.keys(years.get(2018)!.worked)).toEqual(['2018-02-11', '2018-02-24', '2018-04-08', '2018-04-28', '2018-09-29', '2018-09-30'])
    expect(years.get(2019)!.worked).toMatchObject({ '2018-12-29': '元旦' })
    expect(Object.keys(years.get(2019)!.off).slice(0, 3)).toEqual(['2018-12-30', '2018-12-31', '2019-01-01'])
  })

  it('from 2017-10-16 there were 54 working days left to the end of the year, 11 to the end of October', async () => {
    const calendar = workCalendar(await shipped())
    expect(workingDaysBetween(calendar, '2017-10-16', '2017-12-31')).toBe(54)
    expect(workingDaysBetween(calendar, '2017-10-16', '2017-10-31')).toBe(11)
  })

  it('is read from the database as it stands in the pack, and applying it twice changes nothing', async () => {
    await packRow('calendar-a')
    const section = await shipped()
    expect(await calendarPart.check(section, known('calendar-a'))).toEqual([])
    expect(await apply(section, 'calendar-a')).toMatchObject({ added: section.map((each) => String(each.year)), changed: [], removed: [], same: 0 })
    expect(await apply(section, 'calendar-a')).toEqual({ added: [], changed: [], removed: [], same: section.length })
    const calendar = await workCalendarOf(own.db)
    for (const { year, notice, off, worked } of section) expect(calendar.get(year)).toEqual({ year, notice, off, worked })
    expect(addWorkingDays(calendar, '2018-09-28', 3)).toBe('2018-10-08')
    expect(() => addWorkingDays(calendar, '2026-12-31', 1)).toThrow('calendar-missing')
    // One year alone counts as all do, also at its end, which the next year's notice decides.
    const alone = await workCalendarOf(own.db, { from: 2018, to: 2018 })
    expect(workingDaysBetween(alone, '2018-12-20', '2018-12-31')).toBe(workingDaysBetween(calendar, '2018-12-20', '2018-12-31'))

    const without = section.filter((each) => each.year !== 2026).map((each) => (each.year === 2025 ? { ...each, off: { ...each.off, '2025-12-31': '元旦' } } : each))
    expect(await apply(without, 'calendar-a')).toEqual({ added: [], changed: ['2025'], removed: ['2026'], same: section.length - 2 })
    expect(await one(own.db, sql`select name from calendar_day where day = '2025-12-31'`)).toEqual({ name: '元旦' })

    const again = await calendarPart.check([{ ...section[1]!, worked: { '2018-04-09': '清明', '2020-01-19': '春节' } }], known('calendar-b'))
    expect(again.map((finding) => [finding.code, finding.path])).toEqual([
      ['year-of-other-pack', '0.year'],
      ...Object.keys(section[1]!.off).map((day) => ['day-twice', `0.off.${day}`]),
      ['worked-not-weekend', '0.worked.2018-04-09'],
      ['day-far', '0.worked.2020-01-19'],
      ['day-twice', '0.worked.2020-01-19'],
    ])
  })
})
