import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { from as copyFrom } from 'pg-copy-streams'
import { importUnits, unitsOfChina } from '../../capabilities/units/units-import.server.ts'
import { connect } from '../../server/db.ts'
import { startEmbedded } from '../../server/embedded.ts'
import { migrate } from '../../server/migrate.ts'
import { applyPack } from '../../tools/pack/apply-pack.ts'
import { print, summary } from '../measure.ts'

/** The import of the nation's units (checked, with paths and tallies) against a bare COPY of the same rows plus the same indexes. */
export async function nationalImport(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sanji-bench-'))
  const embedded = await startEmbedded(folder)
  const database = connect(embedded.url)
  await migrate(database.pool)
  await applyPack(database, fileURLToPath(new URL('../../packs/three-basics-2018', import.meta.url)))
  const client = await database.connection()
  await client.query('create table bare_unit (like unit including all)')
  let rows = 0
  const lines = async function* () {
    let chunk = ''
    for await (const unit of unitsOfChina('all')) {
      chunk += `${++rows}\t${unit.code}\t${unit.name}\t${unit.kind}\t${unit.class}\t1\tarea\t2017-01-01\t\n`
      if (chunk.length > 60_000) {
        yield chunk
        chunk = ''
      }
    }
    yield chunk
  }
  let started = performance.now()
  await pipeline(Readable.from(lines()), client.query(copyFrom('copy bare_unit (id, code, name, kind, class, level, management, valid_from, initials) from stdin')))
  const bare = performance.now() - started
  await client.end()
  started = performance.now()
  const imported = await importUnits(database, unitsOfChina('all'), { source: 'china:all' })
  const whole = performance.now() - started
  const [a, b] = [summary('import, whole', 's', [whole / 1000]), summary('bare COPY with the same indexes', 's', [bare / 1000])]
  print({ claim: `importing the nation: ${imported.added} units`, bar: '≤ 4 × bare COPY plus indexes', measured: `${rows} rows copied barely`, ratio: whole / bare, holds: whole / bare <= 4, figures: [a, b] })
  await database.close()
  await embedded.stop()
  await rm(folder, { recursive: true, force: true })
}
