import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareKept } from '../../capabilities/ledgers/recount.sql.ts'
import { one, run, sql, type Database } from '../../server/db.ts'
import { holder } from '../../tests/people.ts'
import { asPerson } from '../../tools/sample-city/as-person.ts'
import { form, openLoad, putBack, unitWith, waiting, waitingReturns } from '../load.ts'
import { perSecond, print, summary } from '../measure.ts'

export const connections = 16
const seconds = 4
const rounds = 3
const pgbench = process.env.PGBENCH ?? '/usr/lib/postgresql/15/bin/pgbench'

/** Accepting one return (roll-ups, event, permission and validation included) against pgbench's bare insert of the same row. */
export async function accept(): Promise<void> {
  const load = await openLoad()
  const { database } = load
  const bare = await bareInsert(database, load.url)
  const inserts: number[] = []
  const accepts: number[] = []
  let waits = await waitingReturns(database)
  const checker = asPerson(database, holder(await unitWith(database, '140000000000')), new Date('2019-01-05T02:00:00Z'))
  let left = 0
  const acceptNext = async () => {
    if (waits.length === left) return false
    const next = waits.pop()
    if (next) await checker.ledgers.accept({ unit: next.unit, form, period: '2018-12', version: 1 })
    return next !== undefined
  }
  // A server runs for weeks: it is warm before it is measured. Then all returns wait again.
  await perSecond(connections, 600, acceptNext)
  await putBack(database)
  waits = await waitingReturns(database)
  // Each round has its share of the returns, so that no round runs dry.
  const share = Math.floor(waits.length / rounds)
  for (let round = 0; round < rounds; round++) {
    left = waits.length - share
    inserts.push(bare(connections, seconds))
    accepts.push(await perSecond(connections, seconds, acceptNext))
  }
  const { wrong } = await compareKept(database.db, form)
  const [a, b] = [summary('accept, whole', '/s', accepts), summary('bare insert by pgbench', '/s', inserts)]
  print({ claim: `accepting a return of 50 items at ${connections} connections, ${wrong} kept figures wrong afterwards`, bar: '≥ 0.20 of the bare insert', measured: `${load.villages - waits.length} accepted`, ratio: a.median / b.median, holds: a.median / b.median >= 0.2 && wrong === 0, figures: [a, b] })
  await load.close()
}

/** @returns what inserts a record's row with pgbench, as many as it can, and tells how many per second */
async function bareInsert(database: Database, url: string): Promise<(clients: number, seconds: number) => number> {
  await run(database.db, sql`drop table if exists bare`)
  await run(database.db, sql`create table bare (like record including defaults)`)
  await run(database.db, sql`alter table bare add primary key (period, county_id, unit_id, form, version)`)
  const { vals, counted } = await one<{ vals: string; counted: string }>(database.db, sql`select vals::text as vals, counted::text as counted from record where form = ${form} and counted is not null limit 1`)
  const script = join(tmpdir(), `sanji-bare-insert-${process.pid}.sql`)
  await writeFile(
    script,
    `\\set n random(1, 2000000000)\n\\set u random(1, 20000)\ninsert into bare (period, county_id, unit_id, form, state, version, form_version, vals, counted, counted_submission, submitted_by, submitted_at, decided_by, decided_at) values (${waiting}, 1, :u, '${form}', 'accepted', :n, 1, '${vals}', '${counted}', 1, 'bench', now(), 'bench', now());\n`,
  )
  return (clients, seconds) => {
    const ended = spawnSync(pgbench, ['-n', '-M', 'prepared', '-c', String(clients), '-j', '2', '-T', String(seconds), '-f', script, url], { encoding: 'utf8' })
    const tps = /tps = ([\d.]+) \(without/.exec(ended.stdout)?.[1]
    if (!tps) throw new Error(`pgbench said: ${ended.stderr}`)
    return Number(tps)
  }
}
