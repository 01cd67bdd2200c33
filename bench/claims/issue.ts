import { one, run, sql } from '../../server/db.ts'
import { holder } from '../../tests/people.ts'
import { asPerson } from '../../tools/sample-city/as-person.ts'
import { openLoad, unitWith } from '../load.ts'
import { print, summary } from '../measure.ts'

/** Issuing a list of one item to every village of a province against the one insert-select of its tasks. */
export async function issue(): Promise<void> {
  const load = await openLoad()
  const { database } = load
  const province = await unitWith(database, '140000000000')
  const officer = asPerson(database, holder(province), new Date('2018-07-05T02:00:00Z'))
  const { programme } = await one<{ programme: string }>(database.db, sql`select code as programme from programme order by code limit 1`)
  const whole: number[] = []
  const bare: number[] = []
  for (let n = -1; n < 8; n++) {
    const list = await officer.lists.create({ issuer: province, programme, year: 2018, title: `bench ${n}` })
    const item = { title: '摸清底数', detail: '', deliverable: '台账', measure: '一村一份', lead: province, audience: { classes: ['village', 'community'], within: [province] }, due: '2018-12-20', head: null }
    await officer.lists.addItem({ list: list.id, item: item as never })
    const { version } = await one<{ version: number }>(database.db, sql`select version from list where id = ${list.id}`)
    let started = performance.now()
    const { tasks } = await officer.lists.issue({ list: list.id, version })
    const took = performance.now() - started
    if (tasks !== load.villages) throw new Error(`${tasks} tasks`)
    const { item: other } = await one<{ item: number }>(database.db, sql`select id as item from item where list_id = ${list.id}`)
    await run(database.db, sql`delete from task where item_id = ${other}`)
    started = performance.now()
    await run(
      database.db,
      sql`insert into task (item_id, county_id, unit_id, due) select ${other}::int, coalesce(u.l3, u.l2, u.l1), u.id, '2018-12-20'::date
          from unit u where u.l1 = ${province} and u.class in ('village', 'community') and u.state = 'active'`,
    )
    if (n >= 0) {
      whole.push(took)
      bare.push(performance.now() - started)
    }
  }
  const [a, b] = [summary('issue, whole', 'ms', whole), summary('the one insert-select', 'ms', bare)]
  print({ claim: 'issuing a list to every village of a province', bar: '≤ 3 × the one insert-select', measured: `${load.villages} villages`, ratio: a.median / b.median, holds: a.median / b.median <= 3, figures: [a, b] })
  await load.close()
}
