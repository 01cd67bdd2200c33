import { many, sql, type Database } from '../../server/db.ts'
import { form, indicator, openLoad, unitWith, type Load } from '../load.ts'
import { pair, print } from '../measure.ts'
import { serve } from '../serve.ts'

const code = '140000000000'
const at = { period: '2018-11' }
const months = Array.from({ length: 12 }, (_, n) => 201801 + n)

type Place = { id: number; level: number }
type Asker = {
  province: number
  /** One unit after the other, of every level. */
  next: () => Place
  one: (unit: Place) => Promise<unknown>
  ranked: () => Promise<unknown>
  trend: () => Promise<unknown>
  close: () => Promise<void>
}

/** Asks the API over HTTP: an indicator of any unit, the ranking of all townships of the province, its trend of twelve months. */
async function asker({ database, url }: Load): Promise<Asker> {
  const province = await unitWith(database, code)
  const client = await serve(database, url, province)
  // As many of every level as there are provinces in a province: one; then cities, counties, townships, villages.
  const units = await many<Place & { code: string }>(
    database.db,
    sql`select id, level, code from (select id, level, code, row_number() over (partition by level order by code_hash) as n
        from (select id, level, code, hashtext(code) as code_hash from unit where l1 = ${province}) u) x where n <= 12 order by n, level`,
  )
  let turn = 0
  const ask = (path: string, query: Record<string, string | number>) => client.get(`/indicators/${indicator}${path}`, query)
  return {
    province,
    next: () => units[turn++ % units.length]!,
    one: ({ id }) => ask('', { ...at, unit: id }),
    ranked: () => ask('/ranked', { ...at, unit: province, level: 4, limit: 50 }),
    trend: () => ask('/trend', { period: '2018-12', unit: province, periods: 12 }),
    close: client.close,
  }
}

const named = { one: 'an indicator of any unit', ranked: 'ranking of all townships', trend: 'trend of twelve months' }
const runs = { one: 150, ranked: 40, trend: 60 }

/** The figure with the period before and the same one last year, and those of the units beside it, for its place. */
async function bareFigure({ db }: Database, { id, level }: { id: number; level: number }): Promise<void> {
  const periods = [201811, 201810, 201711]
  const columns = sql`k.period, k.expected, k.reported, k.sums[1], k.sums[2]`
  if (level === 5) {
    await many(db, sql`select r.period, r.counted[1], r.counted[2] from record r where r.unit_id = ${id} and r.form = ${form} and r.period = any(${periods}::int[])`)
    await many(db, sql`select r.unit_id, r.counted[1], r.counted[2], rank() over (order by r.counted[1] / nullif(r.counted[2], 0)) from unit me join unit u on u.l4 = me.l4 join record r on r.unit_id = u.id and r.form = ${form} and r.period = 201811 where me.id = ${id}`)
  } else if (level >= 3) {
    await many(db, sql`select ${columns} from kept_figure k where k.unit_id = ${id} and k.level = ${level} and k.form = ${form} and k.period = any(${periods}::int[])`)
    await many(db, sql`select ${columns}, rank() over (order by k.sums[1] / nullif(k.sums[2], 0)) from unit me join unit u on u.area_parent = me.area_parent join kept_figure k on k.unit_id = u.id and k.form = ${form} and k.level = u.level and k.period = 201811 where me.id = ${id}`)
  } else {
    const above = level === 1 ? sql`u.l1` : sql`u.l2`
    await many(db, sql`select k.period, sum(k.expected), sum(k.reported), sum(k.sums[1]), sum(k.sums[2]) from kept_figure k join unit u on u.id = k.county_id where k.unit_id = k.county_id and ${above} = ${id} and k.form = ${form} and k.period = any(${periods}::int[]) group by 1`)
    if (level === 2) await many(db, sql`select u.l2, sum(k.sums[1]) / nullif(sum(k.sums[2]), 0) from kept_figure k join unit u on u.id = k.county_id where k.unit_id = k.county_id and u.l1 = (select l1 from unit where id = ${id}) and k.form = ${form} and k.period = 201811 group by 1`)
  }
}

function bareRanking({ db }: Database, province: number): Promise<unknown> {
  return many(
    db,
    sql`select u.id, u.code, u.name, k.expected, k.reported, k.sums[1], k.sums[2], rank() over (order by k.sums[1] / nullif(k.sums[2], 0) desc)
        from kept_figure k join unit u on u.id = k.unit_id where k.form = ${form} and k.period = 201811 and k.level = 4 and u.l1 = ${province} order by u.code`,
  )
}

function bareTrend({ db }: Database, province: number): Promise<unknown> {
  return many(
    db,
    sql`select k.period, sum(k.expected), sum(k.reported), sum(k.sums[1]), sum(k.sums[2]) from kept_figure k join unit u on u.id = k.county_id
        where k.form = ${form} and k.period = any(${months}::int[]) and k.unit_id = k.county_id and u.l1 = ${province} group by 1`,
  )
}

/** An indicator of any unit, the ranking of the townships and a year's trend at the API, each against the bare SQL. */
export async function figures(): Promise<void> {
  const load = await openLoad()
  const { database } = load
  const api = await asker(load)
  let unit = api.next()
  const pairs = {
    one: await pair(['API', () => api.one((unit = api.next()))], ['bare SQL', () => bareFigure(database, unit)], { runs: runs.one }),
    ranked: await pair(['API', api.ranked], ['bare SQL', () => bareRanking(database, api.province)], { runs: runs.ranked }),
    trend: await pair(['API', api.trend], ['bare SQL', () => bareTrend(database, api.province)], { runs: runs.trend }),
  }
  for (const what of ['one', 'ranked', 'trend'] as const) {
    const [a, b] = pairs[what]
    print({ claim: `${named[what]}, over HTTP`, bar: 'p95 ≤ 3 × the bare SQL', measured: `${load.villages} villages`, ratio: a.p95 / b.p95, holds: a.p95 / b.p95 <= 3, figures: [a, b] })
  }
  await api.close()
  await load.close()
}

/** The same questions about the same province, in turn, where the nation's 620,573 villages and their twelve months are kept. */
export async function nation(): Promise<void> {
  const small = await openLoad()
  const large = await openLoad('all', { full: '14' })
  const [alone, among] = [await asker(small), await asker(large)]
  const asks = {
    one: (of: Asker) => () => of.one(of.next()),
    ranked: (of: Asker) => of.ranked,
    trend: (of: Asker) => of.trend,
  }
  for (const what of ['one', 'ranked', 'trend'] as const) {
    const [a, b] = await pair(['among the nation', asks[what](among)], ['one province alone', asks[what](alone)], { runs: 4 * runs[what], warm: 60 })
    print({ claim: `${named[what]}, in a database of the nation`, bar: 'p95 ≤ 1.2 × that of one province', measured: '620,573 villages', ratio: a.p95 / b.p95, holds: a.p95 / b.p95 <= 1.2, figures: [a, b] })
  }
  await Promise.all([alone.close(), among.close()])
  await Promise.all([small.close(), large.close()])
}
