import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { registerForm } from '../capabilities/ledgers/forms.server.ts'
import { keepMeasures } from '../capabilities/ledgers/ledgers.reads.ts'
import { verifyRollup } from '../capabilities/ledgers/rollup.server.ts'
import { asPerson } from '../tools/sample-city/as-person.ts'
import { villageItems, villageMonth } from '../tests/forms.ts'
import { withDatabase } from '../tests/postgres.ts'
import { holder, ownDatabase, smallWorld, type SmallWorld } from '../tests/world.ts'
import { backup, readManifest, restore } from './backup.ts'
import { connect, many, one, run, sql, type Database } from './db.ts'
import { inFolder } from './file-store.ts'
import { migrate } from './migrate.ts'
import { sealEvents, verifyEvents } from './seal.ts'

const own = ownDatabase()
const form = villageMonth.code
const now = new Date('2018-07-02T02:00:00Z')
const attached = '村务公开照片的替身'
const sha256 = createHash('sha256').update(attached).digest('hex')
let world: SmallWorld
let folder = ''
let dataDir = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sanji-backup-'))
  dataDir = join(folder, 'data')
  await mkdir(join(dataDir, 'files', sha256.slice(0, 2)), { recursive: true })
  await writeFile(join(dataDir, 'files', sha256.slice(0, 2), sha256), attached)
  await writeFile(join(dataDir, 'secret'), 's'.repeat(64))
  await own.database.transaction(async (tx) => {
    world = await smallWorld(tx)
    await registerForm(tx, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
    await keepMeasures(tx, form, ['sum(covered) / sum(households)'])
    await run(tx, sql`insert into file (sha256, bytes, name, type, unit_id, created_by) values (${sha256}, ${Buffer.byteLength(attached)}, '附件.txt', 'text/plain', ${world.eastTown1Village1}, 'clerk')`)
    await run(tx, sql`select graphile_worker.add_job('waiting-job', '{}'::json)`)
  })
  await province().ledgers.openPeriod({ form, period: '2018-06', audience: { classes: ['village'], within: [world.province] }, due: '2018-07-10' })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const province = () => asPerson(own.database, holder(world.province), now)
const villages = () => Object.entries(world).filter(([key]) => key.includes('Village')).map(([, unit]) => unit)

/** Work of people: each village reports, the province accepts. */
async function work(): Promise<void> {
  for (const unit of villages()) {
    const clerk = asPerson(own.database, holder(unit), now)
    await clerk.ledgers.submit({ unit, form, period: '2018-06', formVersion: 1, version: 0, values: { households: '100', covered: String(40 + (unit % 7)) } })
    await province().ledgers.accept({ unit, form, period: '2018-06', version: 1 })
  }
}

/** An empty database on the same server, and an empty data folder. */
async function emptyPlace(name: string): Promise<{ database: Database; dataDir: string; close: () => Promise<void> }> {
  const server = inject('databaseServer')
  const admin = new pg.Client({ connectionString: server })
  await admin.connect()
  await admin.query(`drop database if exists ${name} with (force)`)
  await admin.query(`create database ${name}`)
  const database = connect(withDatabase(server, name), { size: 4 })
  const place = join(folder, name)
  await mkdir(place)
  return {
    database,
    dataDir: place,
    close: async () => {
      await database.close()
      await admin.query(`drop database ${name} with (force)`)
      await admin.end()
    },
  }
}

test('a backup taken while people work restores into an empty place, row for row, and the work goes on there', async () => {
  const target = join(folder, 'while-working')
  const [manifest] = await Promise.all([backup(own.database, { folder: target, dataDir, files: inFolder(join(dataDir, 'files')), program: 'test', now }), work()])
  expect(manifest.files).toEqual([{ sha256, bytes: Buffer.byteLength(attached) }])
  await sealEvents(own.database)
  const after = join(folder, 'after-work')
  const whole = await backup(own.database, { folder: after, dataDir, files: inFolder(join(dataDir, 'files')), program: 'test', now })
  expect(whole.tables.find((table) => table.name === 'public.record')!.rows).toBe(villages().length)

  for (const from of [target, after]) {
    const place = await emptyPlace(`restored_${from === after ? 'after' : 'while'}_${process.pid}`)
    try {
      await restore(place.database, { folder: from, dataDir: place.dataDir, files: inFolder(join(place.dataDir, 'files')) })
      expect(await readFile(join(place.dataDir, 'files', sha256.slice(0, 2), sha256), 'utf8')).toBe(attached)
      expect(await readFile(join(place.dataDir, 'secret'), 'utf8')).toBe('s'.repeat(64))
      expect(await verifyRollup(place.database)).toMatchObject([{ wrongRecords: 0, wrongKept: 0 }])
      expect((await verifyEvents(place.database)).ok).toBe(true)
      const { jobs } = await one<{ jobs: number }>(place.database.db, sql`select count(*)::int as jobs from graphile_worker.jobs where task_identifier = 'waiting-job'`)
      expect(jobs).toBe(1)
      // The next backup of the restored place names the same rows: nothing was added, lost or changed.
      const again = await backup(place.database, { folder: join(folder, `again-${from === after}`), dataDir: place.dataDir, files: inFolder(join(dataDir, 'files')), program: 'test', now })
      const facts = ({ tables, sequences, files }: typeof again) => ({ tables: tables.map(({ name, rows, sum }) => ({ name, rows, sum })), sequences, files })
      expect(facts(again)).toEqual(facts(await readManifest(from)))
      // And people go on: numbers are given on from where they were.
      const next = asPerson(place.database, holder(world.province), now)
      await next.ledgers.openPeriod({ form, period: '2018-07', audience: { classes: ['village'], within: [world.east] }, due: '2018-08-10' })
      await sealEvents(place.database)
      expect(await verifyEvents(place.database)).toMatchObject({ ok: true, unsealed: 0 })
    } finally {
      await place.close()
    }
  }
})

test('on a server that counts from the beginning, new events are sealed after the old ones', async () => {
  const from = join(folder, 'far-ahead')
  // A server that has counted further than the next one: its events carry numbers that the next one has not reached.
  await own.database.transaction(async (tx) => {
    await run(tx, sql`create or replace function event_base() returns numeric language sql immutable parallel safe as 'select 5000000000::numeric'`)
  })
  await province().ledgers.openPeriod({ form, period: '2018-08', audience: { classes: ['village'], within: [world.west] }, due: '2018-09-10' })
  await sealEvents(own.database)
  await backup(own.database, { folder: from, dataDir, files: inFolder(join(dataDir, 'files')), program: 'test', now })
  const place = await emptyPlace(`restored_far_${process.pid}`)
  try {
    await restore(place.database, { folder: from, dataDir: place.dataDir, files: inFolder(join(place.dataDir, 'files')) })
    const before = await verifyEvents(place.database)
    expect(before).toMatchObject({ ok: true, unsealed: 0 })
    const next = asPerson(place.database, holder(world.province), now)
    await next.ledgers.openPeriod({ form, period: '2018-09', audience: { classes: ['village'], within: [world.east] }, due: '2018-10-10' })
    expect(await sealEvents(place.database)).toBe(1)
    expect(await verifyEvents(place.database)).toMatchObject({ ok: true, events: before.events + 1, unsealed: 0 })
    const order = await many<{ subject: string; kind: string }>(place.database.db, sql`select kind, subject from event order by tx desc, id desc limit 1`)
    expect(order[0]!.kind).toBe('form.asked')
  } finally {
    await place.close()
  }
})

test('a backup overwrites nothing, and one that was interrupted has no name', async () => {
  const there = join(folder, 'there')
  await mkdir(there)
  await expect(backup(own.database, { folder: there, dataDir, files: inFolder(join(dataDir, 'files')), program: 'test', now })).rejects.toMatchObject({ code: 'backup-folder-taken' })
  const broken = join(folder, 'broken')
  await rm(join(dataDir, 'files', sha256.slice(0, 2), sha256))
  await expect(backup(own.database, { folder: broken, dataDir, files: inFolder(join(dataDir, 'files')), program: 'test', now })).rejects.toMatchObject({ code: 'backup-damaged' })
  await writeFile(join(dataDir, 'files', sha256.slice(0, 2), sha256), attached)
  expect((await readdir(folder)).filter((name) => name.startsWith('broken'))).toEqual([])
})

test('a damaged backup, a used place and a newer backup are refused, and the place stays as it was', async () => {
  const from = join(folder, 'to-damage')
  await backup(own.database, { folder: from, dataDir, files: inFolder(join(dataDir, 'files')), program: 'test', now })
  await expect(restore(own.database, { folder: from, dataDir: join(folder, 'nowhere'), files: inFolder(join(folder, 'nowhere/files')) })).rejects.toMatchObject({ code: 'restore-not-empty', facts: { place: 'database' } })
  const place = await emptyPlace(`restored_bad_${process.pid}`)
  try {
    const file = join(from, 'tables/public.unit.copy.gz')
    const bytes = await readFile(file)
    await writeFile(file, bytes.subarray(0, bytes.length - 20))
    await expect(restore(place.database, { folder: from, dataDir: place.dataDir, files: inFolder(join(place.dataDir, 'files')) })).rejects.toMatchObject({ code: 'backup-damaged', facts: { file: 'tables/public.unit.copy.gz' } })
    await writeFile(file, bytes)
    // Rows that are not those of the manifest, in a file whose hash was made to fit.
    const manifest = await readManifest(from)
    const changed = { ...manifest, tables: manifest.tables.map((table) => (table.name === 'public.unit' ? { ...table, sum: '1' } : table)) }
    await writeFile(join(from, 'manifest.json'), JSON.stringify(changed))
    await expect(restore(place.database, { folder: from, dataDir: place.dataDir, files: inFolder(join(place.dataDir, 'files')) })).rejects.toMatchObject({ code: 'backup-damaged' })
    expect((await one<{ units: number }>(place.database.db, sql`select count(*)::int as units from unit`)).units).toBe(0)
    await writeFile(join(from, 'manifest.json'), JSON.stringify({ ...manifest, schema: '9999_later.sql' }))
    await expect(restore(place.database, { folder: from, dataDir: place.dataDir, files: inFolder(join(place.dataDir, 'files')) })).rejects.toMatchObject({ code: 'backup-newer' })
    // After the refusals the same place takes the whole backup.
    await writeFile(join(from, 'manifest.json'), JSON.stringify(manifest))
    await restore(place.database, { folder: from, dataDir: place.dataDir, files: inFolder(join(place.dataDir, 'files')) })
    expect(await migrate(place.database.pool)).toEqual([])
  } finally {
    await place.close()
  }
})
