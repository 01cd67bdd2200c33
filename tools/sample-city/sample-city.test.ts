import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { compareKept } from '../../capabilities/ledgers/recount.sql.ts'
import { many, one, sql } from '../../server/db.ts'
import { ownDatabase } from '../../tests/world.ts'
import { asPerson } from './as-person.ts'
import { sampleCity, samplePeople } from './city.ts'
import { published } from './figures.ts'
import { sampleFiles } from './generate.ts'
import { loadSample } from './load.ts'
import { personOf } from './load.sql.ts'

const own = ownDatabase()
const today = '2026-11-23'
const percent = (value: string | null) => Math.round(Number(value) * 100)

describe('the sample city', () => {
  test('generating it again gives the files of the pack', async () => {
    for (const [name, text] of Object.entries(sampleFiles())) {
      expect(await readFile(new URL(`../../packs/sample-city/${name}`, import.meta.url), 'utf8')).toBe(text)
    }
  })

  test('has 1 city, 6 counties, 60 townships, 600 villages, 90 communities, 25 departments', () => {
    const { units, posts } = sampleCity()
    const count = (...classes: string[]) => units.filter((unit) => classes.includes(unit.class)).length
    expect([count('city'), count('county', 'district'), count('township', 'street'), count('village'), count('community'), count('department')]).toEqual([1, 6, 60, 600, 90, 25])
    const people = samplePeople(posts)
    expect(new Set(people.map((person) => person.username)).size).toBe(posts.length)
    const villages = units.filter((unit) => unit.class === 'village')
    expect(new Set(villages.map((unit) => unit.name)).size).toBe(600)
  })

  test('loads, and its figures are those that were published, at its scale', async () => {
    const loaded = await loadSample(own.database, { today, report: () => undefined })
    expect(loaded.units).toBe(820)
    const shi = asPerson(own.database, await personOf(own.db, 'shi'), new Date(`${today}T02:00:00Z`))
    const city = (await shi.units.mine())[0]!.id
    const year = await shi.indicators.overview({ unit: city, period: '2025' })
    const figure = (code: string) => year.rows.find((row) => row.indicator === code)!.judged.figure
    expect(figure('income-below-50k')).toMatchObject({ num: String(published.below50k), den: '600', reported: 600, expected: 600 })
    expect(percent(figure('income-below-50k').value)).toBe(88)
    // 63 % of all villages; of those below 50,000 yuan it is another figure. Both denominators are kept apart.
    expect(percent(figure('zero-income-of-all').value)).toBe(63)
    expect(figure('zero-income-of-below-50k')).toMatchObject({ num: String(published.zero), den: String(published.below50k) })
    expect([percent(figure('premises-below-standard').value), percent(figure('premises-none-or-rented').value)]).toEqual([40, 2])
    const quarter = await shi.indicators.overview({ unit: city, period: '2026-Q3' })
    const covered = (code: string) => percent(quarter.rows.find((row) => row.indicator === code)!.judged.figure.value)
    expect([covered('non-public-coverage'), covered('social-coverage')]).toEqual([78, 71])
    const departments = await shi.indicators.ranked({ code: 'basic-work-mean', unit: city, period: '2025', level: 3 })
    expect([departments.withValue, departments.belowMean]).toEqual([25, 8])
  }, 120_000)

  test('every kept figure equals the sum of its records', async () => {
    for (const { form } of await many<{ form: string }>(own.db, sql`select distinct form from kept_figure`)) expect(await compareKept(own.db, form)).toMatchObject({ wrong: 0 })
  })

  test('every page finds something: waiting, sent back, begun, overdue, deferrals asked', async () => {
    const states = await one<Record<string, number>>(
      own.db,
      sql`select count(*) filter (where state = 'submitted')::int as waiting, count(*) filter (where state = 'sentBack')::int as "sentBack",
            (select count(*)::int from record_draft) as begun, (select count(*)::int from deferral where decided_at is null) as deferrals, (select count(*)::int from task_comment) as comments from record`,
    )
    for (const [what, count] of Object.entries(states)) expect([what, count > 0]).toEqual([what, true])
    const { marked } = await one<{ marked: boolean }>(own.db, sql`select bool_and(sample) as marked from auth_user`)
    expect(marked).toBe(true)
  })
})
