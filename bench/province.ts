import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { measuresOf } from '../capabilities/ledgers/ledgers.sql.ts'
import { rebuildKept } from '../capabilities/ledgers/recount.sql.ts'
import { importUnits, unitsOfChina } from '../capabilities/units/units-import.server.ts'
import { connect, many, one, run, sql, type Database } from '../server/db.ts'
import { startEmbedded } from '../server/embedded.ts'
import { migrate } from '../server/migrate.ts'
import { applyPack } from '../tools/pack/apply-pack.ts'

/** A real PostgreSQL with the units of one province, and twelve months of generated returns of every village. */
export type Province = { database: Database; url: string; province: number; form: string; villages: number; waiting: number; close: () => Promise<void> }

export const form = 'village-month'
/** The month whose returns wait to be accepted. */
export const waiting = 201812

export async function openProvince(code = '14'): Promise<Province> {
  const folder = await mkdtemp(join(tmpdir(), 'sanji-bench-'))
  const embedded = await startEmbedded(folder)
  const database = connect(embedded.url, { size: 24 })
  await migrate(database.pool)
  await applyPack(database, fileURLToPath(new URL('../packs/three-basics-2018', import.meta.url)))
  await importUnits(database, unitsOfChina(code), { source: `china:${code}` })
  const measures = (await measuresOf(database.db, form)).length
  const slots = sql.raw(`array[${Array.from({ length: measures }, () => '(random() * 90)::int::numeric').join(', ')}]`)
  const months = Array.from({ length: 12 }, (_, n) => 201801 + n)
  await database.transaction(async (tx) => {
    for (const period of months) {
      await run(tx, sql`insert into form_period (form, period, opens, due) values (${form}, ${period}, '2018-01-01', '2019-01-10')`)
      await run(
        tx,
        sql`insert into expected_return (form, period, county_id, unit_id, due) select ${form}, ${period}::int, coalesce(l3, l2, l1), id, '2019-01-10' from unit where class = 'village'`,
      )
      const done = period !== waiting
      await run(
        tx,
        sql`insert into record (period, county_id, unit_id, form, state, form_version, vals, counted, counted_submission, submitted_by, submitted_at)
            select ${period}::int, coalesce(l3, l2, l1), id, ${form}, ${done ? 'accepted' : 'submitted'}, 1,
              jsonb_build_object('households', (300 + id % 400)::text, 'householdsServed', (100 + id % 200)::text, 'requestsOpen', '2', 'requestsClosed', '5', 'requestsOnTime', '4', 'memberMeetings', '1', 'committeeMeetings', '1', 'affairsPublished', true),
              ${done ? slots : sql`null`}, ${done ? 1 : null}::int, 'bench', now() from unit where class = 'village'`,
      )
    }
    await rebuildKept(tx, form)
  })
  await run(database.db, sql`analyze`)
  const { province, villages } = await one<{ province: number; villages: number }>(
    database.db,
    sql`select (select id from unit where level = 1) as province, (select count(*)::int from unit where class = 'village') as villages`,
  )
  return {
    database,
    url: embedded.url,
    province,
    form,
    villages,
    waiting,
    close: async () => {
      await database.close()
      await embedded.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export function waitingReturns(database: Database): Promise<{ unit: number; county: number }[]> {
  return many(database.db, sql`select unit_id as unit, county_id as county from record where form = ${form} and period = ${waiting} and state = 'submitted' order by random()`)
}
