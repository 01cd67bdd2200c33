import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareKept } from '../../capabilities/ledgers/recount.sql.ts'
import { run, sql } from '../../server/db.ts'
import { holder } from '../../tests/people.ts'
import { asPerson } from '../../tools/sample-city/as-person.ts'
import { perSecond, print, summary } from '../measure.ts'
import { form, openProvince, waitingReturns } from '../province.ts'

const connections = 16
const seconds = 6
const rounds = 3
const pgbench = process.env.PGBENCH ?? '/usr/lib/postgresql/15/bin/pgbench'

/** Accepting one return (roll-ups, event, permission and validation included) against pgbench's bare insert of such a row. */
export async function accept(): Promise<void> {
  const province = await openProvince()
  const { database } = province
  await run(database.db, sql`create table bare (like record including defaults)`)
  await run(database.db, sql`alter table bare add primary key (period, county_id, unit_id, form, version)`)
  const script = join(tmpdir(), 'sanji-bare-insert.sql')
  await writeFile(
    script,
    `\\set n random(1, 2000000000)\n\\set u random(1, 20000)\ninsert into bare (period, county_id, unit_id, form, state, version, form_version, vals, counted, submitted_by, submitted_at) values (201812, 1, :u, '${form}', 'accepted', :n, 1, '{"households": "300", "householdsServed": "100", "requestsOpen": "2", "requestsClosed": "5", "requestsOnTime": "4", "memberMeetings": "1", "committeeMeetings": "1", "affairsPublished": true}', '{1,2,3,4,5,6,7,8,9,10}', 'bench', now());\n`,
  )
  const inserts: number[] = []
  const accepts: number[] = []
  const waiting = await waitingReturns(database)
  const checker = asPerson(database, holder(province.province), new Date('2019-01-05T02:00:00Z'))
  let next = 0
  for (let round = 0; round < rounds; round++) {
    const ended = spawnSync(pgbench, ['-n', '-M', 'prepared', '-c', String(connections), '-j', '2', '-T', String(seconds), '-f', script, province.url], { encoding: 'utf8' })
    const tps = /tps = ([\d.]+) \(without/.exec(ended.stdout)?.[1]
    if (!tps) throw new Error(`pgbench said: ${ended.stderr}`)
    inserts.push(Number(tps))
    accepts.push(await perSecond(connections, seconds, async () => {
      const one = waiting[next++]
      if (!one) throw new Error('all returns are accepted; take fewer seconds')
      await checker.ledgers.accept({ unit: one.unit, form, period: '2018-12', version: 1 })
    }))
  }
  const { wrong } = await compareKept(database.db, form)
  const [a, b] = [summary('accept, whole', '/s', accepts), summary('bare insert by pgbench', '/s', inserts)]
  print({ claim: `accepting a return at ${connections} connections, ${wrong} kept figures wrong afterwards`, bar: '≥ 0.20 of the bare insert', measured: `${next} accepted`, ratio: a.median / b.median, holds: a.median / b.median >= 0.2 && wrong === 0, figures: [a, b] })
  await province.close()
}
