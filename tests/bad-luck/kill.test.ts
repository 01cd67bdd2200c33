import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyRollup } from '../../capabilities/ledgers/rollup.server.ts'
import { problemFor } from '../../server/answer.ts'
import { readConfig } from '../../server/config.ts'
import { many, one, sql } from '../../server/db.ts'
import { startPlatform, type RunningPlatform } from '../../server/main.ts'
import { verifyEvents } from '../../server/seal.ts'
import { asPerson } from '../../tools/sample-city/as-person.ts'
import { villageMonth } from '../forms.ts'
import { holder, type SmallWorld } from '../world.ts'
import { manyVillages } from './many-villages.ts'

// The database's own process is killed in the middle of the work, again and again; what was acknowledged is compared with what is there.
const rounds = 20
const workers = 8
const form = villageMonth.code
let folder = ''
let platform: RunningPlatform
let world: SmallWorld

beforeAll(async () => {
  if (process.env.TEST_DATABASE_URL) return
  folder = await mkdtemp(join(tmpdir(), 'sanji-kill-'))
  platform = await startPlatform(readConfig({ DATA_DIR: folder, PORT: '3600', LOG_LEVEL: 'silent' }))
  world = await manyVillages(platform.database)
}, 120_000)
afterAll(async () => {
  await platform?.close()
  if (folder) await rm(folder, { recursive: true, force: true })
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
async function untilBack(): Promise<void> {
  for (let n = 0; n < 200; n++) {
    if (await one(platform.database.db, sql`select 1 as one`).then(() => true, () => false)) return
    await pause(100)
  }
  throw new Error('the database did not come back within 20 s')
}

// The platform brings its own database here, so once is enough when the rooms are run on another PostgreSQL as well.
test.skipIf(process.env.TEST_DATABASE_URL)(`${rounds} rounds of kill -9 of the database under load: what was acknowledged is there once, and every figure is exact`, async () => {
  const { database } = platform
  const waiting = (await many<{ unit: number }>(database.db, sql`select unit_id as unit from record where state = 'submitted' order by unit_id`)).map((row) => row.unit)
  const checker = asPerson(database, holder(world.province), new Date('2018-07-02T02:00:00Z'))
  const acknowledged: number[] = []
  const refused = new Map<string, number>()
  let next = 0
  for (let round = 0; round < rounds; round++) {
    let running = true
    const work = Array.from({ length: workers }, async () => {
      while (running) {
        const unit = waiting[next++]
        if (unit === undefined) return
        try {
          await checker.ledgers.accept({ unit, form, period: '2018-06', version: 1 })
          acknowledged.push(unit)
        } catch (error) {
          const { code: found } = problemFor(error)
          const code = found === 'bug' ? `bug: ${String(error)} ${String((error as Error).cause)} ${(error as { code?: string }).code}` : found
          refused.set(code, (refused.get(code) ?? 0) + 1)
        }
      }
    })
    await pause(100 + (round % 7) * 40)
    process.kill(platform.databaseProcess()!, 'SIGKILL')
    await pause(100)
    running = false
    await Promise.all(work)
    await untilBack()
  }
  expect(acknowledged.length).toBeGreaterThan(rounds)
  // What nobody foresaw is a bug; a database that is away is told as such.
  expect([...refused.keys()].filter((code) => code !== 'database-away')).toEqual([])
  const accepted = new Set((await many<{ unit: number }>(database.db, sql`select unit_id as unit from record where state = 'accepted'`)).map((row) => row.unit))
  expect(acknowledged.filter((unit) => !accepted.has(unit))).toEqual([])
  expect(await verifyRollup(database)).toMatchObject([{ wrongRecords: 0, wrongKept: 0 }])
  const { doubled } = await one<{ doubled: number }>(database.db, sql`select count(*)::int as doubled from (select subject from event where kind = 'record.accepted' group by subject having count(*) > 1) d`)
  expect(doubled).toBe(0)
  expect((await verifyEvents(database)).ok).toBe(true)
}, 170_000)
