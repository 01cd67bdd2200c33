import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tryOut } from '../../capabilities/changes/carry-out.server.ts'
import type { Change } from '../../capabilities/changes/change.ts'
import { writeHeirPaths, writePaths, writeTallies } from '../../capabilities/units/units.sql.ts'
import { connect, many, one, run, sql, type Tx } from '../../server/db.ts'
import { startEmbedded } from '../../server/embedded.ts'
import { migrate } from '../../server/migrate.ts'
import { holder } from '../../tests/people.ts'
import { pair, print } from '../measure.ts'

/** How many villages merge in pairs, in one county of a province of 39,111 units of which 1,500 have ended. */
const merges = 60

/** A county's merges previewed from one workbook, against the same merges previewed one after the other. */
export async function countyMerges(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sanji-bench-'))
  const embedded = await startEmbedded(folder)
  const database = connect(embedded.url, { size: 4 })
  await migrate(database.pool)
  await makeProvince(database.db)
  await database.transaction(async (tx) => {
    await writePaths(tx)
    await writeTallies(tx)
    await writeHeirPaths(tx)
  })
  await run(database.db, sql`analyze`)
  const { units, ended } = await one<{ units: number; ended: number }>(database.db, sql`select count(*)::int as units, count(*) filter (where state <> 'active')::int as ended from unit`)
  const { id: province } = await one<{ id: number }>(database.db, sql`select id from unit where level = 1`)
  const pairs = await many<{ a: number; b: number; code: string }>(
    database.db,
    sql`select a.id as a, b.id as b, a.code from unit a join unit b on b.area_parent = a.area_parent and b.code = regexp_replace(a.code, '-[0-9]+$', '') || '-' || (substring(a.code from '[0-9]+$')::int + 1)
        where a.level = 5 and a.l3 = (select id from unit where code = 'P-9-5') and substring(a.code from '[0-9]+$')::int in (2, 4, 6, 8) order by a.code limit ${merges}`,
  )
  const changes = pairs.map(({ a, b, code }): Change => ({ kind: 'merge', on: '2018-07-01', units: [a, b], into: { create: { code: `${code}-N`, name: '新村' } } }))
  const preview = (some: readonly Change[]) =>
    database.transaction((tx) => tryOut({ tx, actor: holder(province), today: '2018-07-02', now: new Date('2018-07-02T01:00:00Z') }, some))
  const [together, apart] = await pair(
    [`${changes.length} merges in one preview`, () => preview(changes)],
    ['each by itself', async () => {
      for (const change of changes) await preview([change])
    }],
    { runs: 3, warm: 1 },
  )
  const ratio = together.median / apart.median
  print({ claim: `a county's ${changes.length} merges previewed at once, among ${units} units, ${ended} of them ended`, bar: '≤ half of one after the other', measured: `${(together.median / changes.length).toFixed(0)} ms a merge`, ratio, holds: ratio <= 0.5, figures: [together, apart] })
  await database.close()
  await embedded.stop()
  await rm(folder, { recursive: true, force: true })
}

/** 10 cities of 10 counties of 15 townships of 25 villages; in half of the cities two villages of each township have gone into its first. */
async function makeProvince(tx: Tx): Promise<void> {
  await run(tx, sql`insert into unit_class (code, name_zh, name_en, level) values ('province', '省', 'Province', 1), ('city', '市', 'City', 2), ('county', '县', 'County', 3), ('township', '乡', 'Township', 4), ('village', '村', 'Village', 5)`)
  await run(tx, sql`insert into unit (code, name, initials, kind, class, level, management, valid_from) values ('P', '省', 's', 'government', 'province', 1, 'area', '2017-01-01')`)
  for (const [at, [kind, many_]] of ([['city', 10], ['county', 10], ['township', 15], ['village', 25]] as const).entries()) {
    await run(
      tx,
      sql`insert into unit (code, name, initials, kind, class, level, area_parent, management, valid_from, residents)
          select p.code || '-' || g, p.name || g, 'x', 'government', ${kind}, ${at + 2}::int, p.id, 'area', '2017-01-01', 500 from unit p, generate_series(1, ${many_}::int) g where p.level = ${at + 1}::int`,
    )
  }
  await run(tx, sql`insert into unit_change (kind, on_date, reason, batch, asked, report, moved, by, at) values ('merge', '2017-06-01', 'x', 'x', '{}', '{}', '{}', 'x', '2017-06-01')`)
  await run(
    tx,
    sql`insert into unit_successor (unit_id, successor_id, change_id, share, main)
        select a.id, b.id, (select max(id) from unit_change), null, true from unit a join unit b on b.code = regexp_replace(a.code, '-[0-9]+$', '') || '-1' where a.level = 5 and a.code ~ '^P-[1-5]-.*-(24|25)$'`,
  )
  await run(tx, sql`update unit set state = 'merged', valid_to = '2017-06-01' where id in (select unit_id from unit_successor)`)
}
