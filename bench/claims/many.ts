import { compareKept } from '../../capabilities/ledgers/recount.sql.ts'
import { many, one, sql } from '../../server/db.ts'
import { holder } from '../../tests/people.ts'
import { asPerson } from '../../tools/sample-city/as-person.ts'
import { form, openLoad, waiting } from '../load.ts'
import { print, summary } from '../measure.ts'

/** Accepting a county's month at once against the set-based SQL that changes the same rows, county by county in turn. */
export async function acceptMany(): Promise<void> {
  const load = await openLoad()
  const { database } = load
  const counties = await many<{ county: number; units: number[] }>(
    database.db,
    sql`select county_id as county, array_agg(unit_id order by unit_id) as units from record
        where form = ${form} and period = ${waiting} and state = 'submitted' group by 1 having count(*) between 150 and 250 order by 1 limit 40`,
  )
  const whole: number[] = []
  const bare: number[] = []
  for (const [n, { county, units }] of counties.entries()) {
    const started = performance.now()
    if (n % 2 === 0) {
      const rows = units.map((unit) => ({ unit, version: 1 }))
      const checker = asPerson(database, holder(county), new Date('2019-01-05T02:00:00Z'))
      const { done } = await checker.ledgers.acceptMany({ form, period: '2018-12', rows })
      if (done !== units.length) throw new Error(`${done} of ${units.length} were accepted`)
    } else await setBased(load.database, county)
    if (n >= 4) (n % 2 === 0 ? whole : bare).push((performance.now() - started) / units.length)
  }
  const { wrong } = await compareKept(database.db, form)
  const [a, b] = [summary('accept many, whole, a return', 'ms', whole), summary('set-based SQL, a return', 'ms', bare)]
  print({ claim: `accepting a county's month at once, ${wrong} kept figures wrong afterwards`, bar: '≤ 3 × the set-based SQL', measured: `counties of 150 to 250 villages`, ratio: a.median / b.median, holds: a.median / b.median <= 3 && wrong === 0, figures: [a, b] })
  await load.close()
}

/** The rows that must change, and nothing else: records, kept figures of townships and county, one line of the trail for each. */
async function setBased(database: Awaited<ReturnType<typeof openLoad>>['database'], county: number): Promise<void> {
  await database.transaction((tx) =>
    one(
      tx,
      sql`with turn as materialized (select pg_advisory_xact_lock(${waiting}::int, ${county}::int)),
          done as (
            update record r set state = 'accepted', version = r.version + 1, counted = r.offered, counted_submission = r.submission, offered = null, decided_by = 'bench', decided_at = now()
            from turn where r.period = ${waiting} and r.county_id = ${county} and r.form = ${form} and r.state = 'submitted' returning r.unit_id, r.counted
          ), sums as (
            select k.id, k.level, v.slot, sum(v.value) as sum from done d join unit u on u.id = d.unit_id join unit k on k.id in (u.l4, ${county})
            cross join unnest(d.counted) with ordinality v(value, slot) group by 1, 2, 3
          ), kept as (
            insert into kept_figure as k (form, period, county_id, unit_id, level, reported, sums)
            select ${form}::text, ${waiting}::int, ${county}::int, s.id, s.level, (select count(*) from done d join unit u on u.id = d.unit_id where s.id in (u.l4, ${county})), array_agg(s.sum order by s.slot)
            from sums s group by s.id, s.level
            on conflict (form, period, county_id, unit_id) do update set reported = k.reported + excluded.reported, sums = add_sums(k.sums, excluded.sums)
          ), trail as (
            insert into event (actor, unit_id, kind, subject, facts) select 'bench', unit_id, 'record.accepted', 'record:' || unit_id || ':2018-12', '{"to": "accepted"}' from done
          )
          select count(*) from done`,
    ),
  )
}
