import { one, sql } from '../../server/db.ts'
import { holder } from '../../tests/people.ts'
import { asPerson } from '../../tools/sample-city/as-person.ts'
import { pair, print } from '../measure.ts'
import { form, openProvince } from '../province.ts'

/** An indicator of the province, the ranking of its townships and a year's trend, each against the bare SQL that it needs. */
export async function figures(): Promise<void> {
  const { database, province, villages, close } = await openProvince()
  const reader = asPerson(database, holder(province), new Date('2019-01-05T02:00:00Z'))
  const at = { code: 'households-served', unit: province, period: '2018-11' }
  const { counties } = await one<{ counties: number }>(database.db, sql`select count(*)::int as counties from unit where level = 3`)
  const bareProvince = (periods: number[]) => sql`select k.period, sum(k.expected), sum(k.reported), sum_sums(k.sums) from kept_figure k join unit u on u.id = k.county_id where k.form = ${form} and k.period = any(${periods}::int[]) and k.unit_id = k.county_id and u.l1 = ${province} group by 1`.execute(database.db)
  const bareTowns = () => sql`select k.unit_id, k.expected, k.reported, k.sums, u.name, u.code from kept_figure k join unit u on u.id = k.unit_id where k.form = ${form} and k.period = any(${[201811, 201810, 201711]}::int[]) and k.level = 4 and u.l1 = ${province}`.execute(database.db)
  const bareLeaves = () => sql`select sum_sums(r.counted) from record r join unit u on u.id = r.unit_id where r.form = ${form} and r.period = 201811 and u.l1 = ${province}`.execute(database.db)
  const months = Array.from({ length: 12 }, (_, n) => 201801 + n)
  const say = (claim: string, bar: string, [a, b]: Awaited<ReturnType<typeof pair>>, holds: (ratio: number) => boolean) => print({ claim, bar, measured: `${villages} villages, ${counties} counties`, ratio: a.p95 / b.p95, holds: holds(a.p95 / b.p95), figures: [a, b] })
  say('the ranking of all townships', 'p95 ≤ 3 × the bare SQL', await pair(['ranked, whole', () => reader.indicators.ranked({ ...at, level: 4, limit: 50 })], ['bare SQL', bareTowns], { runs: 40 }), (ratio) => ratio <= 3)
  say('a 12-month trend of the province', 'p95 ≤ 3 × the bare SQL', await pair(['trend, whole', () => reader.indicators.trend({ ...at, periods: 12 })], ['bare SQL', () => bareProvince(months)], { runs: 60 }), (ratio) => ratio <= 3)
  say('a figure from county rows against one from the leaves', 'faster than from the leaves', await pair(['from county rows', () => bareProvince([201811])], ['from the leaves', bareLeaves], { runs: 20 }), (ratio) => ratio < 1)
  await close()
}
