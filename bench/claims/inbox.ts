import { many, one, sql, type Database } from '../../server/db.ts'
import { holder } from '../../tests/people.ts'
import { asPerson } from '../../tools/sample-city/as-person.ts'
import { form, openLoad, waiting } from '../load.ts'
import { pair, print } from '../measure.ts'

/** Anyone's inbox (a village's, a township's, a county's, in turn) against the bare queries of what waits there. */
export async function inbox(): Promise<void> {
  const load = await openLoad()
  const { database } = load
  const places = await many<{ id: number; level: number }>(
    database.db,
    sql`select id, level from (select u.id, u.level, row_number() over (partition by u.level order by hashint4(u.id)) as n from unit u where u.level >= 3) x where n <= 20 order by n, level`,
  )
  const people = places.map((place) => ({ place, person: asPerson(database, holder(place.id, ['record.fill', 'record.check', 'record.read', 'task.work', 'task.check']), new Date('2018-12-20T02:00:00Z')) }))
  let turn = 0
  let now = people[0]!
  const [a, b] = await pair(
    ['inbox, whole', () => (now = people[turn++ % people.length]!).person.inbox.waiting({})],
    ['bare queries', () => bareInbox(database, now.place)],
    { runs: 200, warm: 60 },
  )
  print({ claim: 'anyone’s inbox', bar: 'p95 ≤ 2 × the bare query', measured: `${load.villages} villages, those of the month waiting`, ratio: a.p95 / b.p95, holds: a.p95 / b.p95 <= 2, figures: [a, b] })
  await load.close()
}

/** What waits at a unit, and nothing around it: returns to fill, returns to check, tasks, tasks to check. */
async function bareInbox({ db }: Database, { id, level }: { id: number; level: number }): Promise<void> {
  await many(db, sql`select e.form, e.period, e.due, coalesce(r.state, 'none') from expected_return e left join record r on r.period = e.period and r.county_id = e.county_id and r.unit_id = e.unit_id and r.form = e.form where e.unit_id = ${id} and coalesce(r.state, 'none') in ('none', 'sentBack') order by e.due limit 500`)
  const below = level === 3 ? sql`u.l3` : level === 4 ? sql`u.l4` : sql`u.id`
  await one(db, sql`select count(*) as n, min(r.submitted_at) from record r join unit u on u.id = r.unit_id where r.state = 'submitted' and r.form = ${form} and r.period = ${waiting} and ${below} = ${id} and u.area_parent = ${id}`)
  await many(db, sql`select t.id, t.due, i.title from task t join item i on i.id = t.item_id where t.unit_id = ${id} and t.state not in ('closed', 'cancelled') order by t.due limit 500`)
  await many(db, sql`select t.item_id, count(*) from task t join unit u on u.id = t.unit_id where u.area_parent = ${id} and t.state in ('submitted', 'verified') group by 1`)
}
