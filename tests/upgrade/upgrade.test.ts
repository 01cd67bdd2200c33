import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { restore } from '../../server/backup.ts'
import { verifyRollup } from '../../capabilities/ledgers/rollup.server.ts'
import { readConfig } from '../../server/config.ts'
import { connect, many, one, sql } from '../../server/db.ts'
import { inFolder } from '../../server/file-store.ts'
import { startPlatform, type RunningPlatform } from '../../server/main.ts'
import { migrate, migrations } from '../../server/migrate.ts'
import { sealEvents, verifyEvents } from '../../server/seal.ts'
import { withDatabase } from '../postgres.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const versions = (await readdir(here, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map((entry) => entry.name)

test('there is data of earlier versions to try', () => {
  expect(versions).toContain('0006_lists')
})

describe.each(versions)('data written at %s', (version) => {
  const name = `upgrade_${version.slice(0, 4)}_${process.pid}`
  let folder = ''
  let platform: RunningPlatform
  let cookies: Record<string, string>

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sanji-upgrade-'))
    await onServer(`drop database if exists ${name} with (force)`)
    await onServer(`create database ${name}`)
    const url = withDatabase(inject('databaseServer'), name)
    const database = connect(url, { size: 4 })
    await restore(database, { folder: join(here, version), dataDir: folder, files: inFolder(join(folder, 'files')) })
    await database.close()
    platform = await startPlatform(readConfig({ DATABASE_URL: url, DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'silent' }), { clock: () => new Date('2018-07-03T02:00:00Z') })
    cookies = { cun: await signIn('cun'), sheng: await signIn('sheng') }
  }, 120_000)
  afterAll(async () => {
    await platform?.close()
    await onServer(`drop database if exists ${name} with (force)`)
    await rm(folder, { recursive: true, force: true })
  })

  async function signIn(username: string): Promise<string> {
    const answer = await fetch(`${platform.url}/api/auth/sign-in/username`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username, password: 'Qinghe-2018-ok' }) })
    expect(answer.status).toBe(200)
    return answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; ')
  }
  async function ask(who: string, method: 'GET' | 'POST', path: string, input: Record<string, unknown>): Promise<any> {
    const query = method === 'GET' ? `?${new URLSearchParams(input as Record<string, string>)}` : ''
    const answer = await fetch(`${platform.url}/api${path}${query}`, {
      method,
      headers: { cookie: cookies[who]!, 'content-type': 'application/json' },
      ...(method === 'POST' && { body: JSON.stringify(input) }),
    })
    const body = await answer.json()
    expect(answer.status, JSON.stringify(body)).toBe(200)
    return body
  }
  const unitOf = async (code: string) => (await one<{ id: number }>(platform.database.db, sql`select id from unit where code = ${code}`)).id
  const records = () => many<{ unit: number; period: number; state: string; version: number }>(platform.database.db, sql`select unit_id as unit, period, state, version from record order by unit_id, period`)

  test('every migration ran, every figure and the whole trail still hold', async () => {
    const all = (await migrations()).map((file) => file.name)
    const ran = await many<{ name: string }>(platform.database.db, sql`select name from migration order by name`)
    expect(ran.map((row) => row.name)).toEqual(all)
    expect(await migrate(platform.database.pool)).toEqual([])
    const [rollup] = await verifyRollup(platform.database)
    expect(rollup).toMatchObject({ wrongRecords: 0, wrongKept: 0 })
    expect((await verifyEvents(platform.database)).ok).toBe(true)
    expect(await records()).toHaveLength(21)
    expect((await one<{ n: number }>(platform.database.db, sql`select count(*)::int as n from task`)).n).toBe(12)
  })

  test('the village opens what it wrote then, both versions are there, and it reports on', async () => {
    const unit = await unitOf('990121101201')
    const opened = await ask('cun', 'GET', '/ledgers/returns/open', { unit, form: 'village-month', period: '2018-06' })
    expect(opened).toMatchObject({ state: 'submitted', submission: 2, values: { covered: '55' } })
    expect(opened.history.map((one: { values: { covered: string } }) => one.values.covered)).toEqual(['55', '40'])
  })

  test('the province accepts what waited, and the figures stay exact', async () => {
    const before = await records()
    const waiting = before.filter((row) => row.state === 'submitted')
    expect(waiting.length).toBeGreaterThan(1)
    for (const { unit, version } of waiting) await ask('sheng', 'POST', '/ledgers/returns/accept', { unit, form: 'village-month', period: '2018-06', version })
    const after = await records()
    expect(after.filter((row) => row.state === 'accepted')).toHaveLength(before.filter((row) => row.state === 'accepted').length + waiting.length)
    expect(await verifyRollup(platform.database)).toMatchObject([{ wrongRecords: 0, wrongKept: 0 }])
    await sealEvents(platform.database)
    expect(await verifyEvents(platform.database)).toMatchObject({ ok: true, unsealed: 0 })
  })
})

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('databaseServer') })
  await client.connect()
  await client.query(statement)
  await client.end()
}
