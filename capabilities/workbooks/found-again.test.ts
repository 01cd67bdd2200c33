import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import S3rver from 's3rver'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { many, one, sql } from '../../server/db.ts'
import { fileStoreOf } from '../../server/file-store.ts'
import { startQueue, type Queue } from '../../server/queue.ts'
import { jobs, router } from '../../server/rooms.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { bookOf, fileOf, openDesk, sheetOf, type Desk } from '../../tests/workbooks.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { registerForm } from '../ledgers/forms.server.ts'

const own = ownDatabase()
let world: SmallWorld
let desk: Desk
let ask: ReturnType<typeof asking>
const period = '2018-06'
const form = villageMonth.code
const query = () => `unit=${world.city}&name=a.xlsx`

beforeAll(async () => {
  world = await smallWorld(own.db)
  ask = asking(router, own.database)
  desk = await openDesk(own.database)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
  await ask(holder(world.province), 'ledgers.openPeriod', { form, period, audience: { classes: ['village'], within: [world.province] }, due: '2018-07-10' })
  desk.as(holder(world.city))
})
afterAll(() => desk.close())

async function filled(covered: (n: number) => number): Promise<Buffer> {
  const book = await bookOf(await desk.out(`form=${form}&period=${period}&unit=${world.city}`))
  const { sheet } = sheetOf(book)
  for (let row = 5; row <= 16; row++) {
    sheet.getCell(row, 5).value = 100
    sheet.getCell(row, 6).value = covered(row)
  }
  return fileOf(book)
}

const importOf = (id: number) => ask(holder(world.city), 'workbooks.import', { id })
async function until(id: number, state: string): Promise<any> {
  for (;;) {
    const page = await importOf(id)
    if (page.state === state) return page
    await new Promise((done) => setTimeout(done, 100))
  }
}
const start = (): Promise<Queue> => startQueue(own.url, jobs, [], { ...desk.call, clock: () => desk.call.now, log: pino({ level: 'silent' }), done: () => undefined })

/** Lets the queue work until the import is read. */
async function worked(id: number): Promise<any> {
  const queue = await start()
  try {
    return await until(id, 'read')
  } finally {
    await queue.stop()
  }
}

test('a workbook of a city is read and put in by the queue, and its progress is found again', async () => {
  const { body } = await desk.bring(await filled((row) => row), query())
  expect((await importOf(body.id)).state).toBe('waiting')
  const queue = await start()
  try {
    expect(await until(body.id, 'read')).toMatchObject({ rowsTotal: 12, counts: { good: 12 } })
    await ask(holder(world.city), 'workbooks.putIn', { id: body.id, as: 'draft' })
    expect(await until(body.id, 'read')).toMatchObject({ counts: { good: 0, in: 12 } })
  } finally {
    await queue.stop()
  }
})

test('a run that was killed is taken up again, and nothing is read or put in twice', async () => {
  const { body } = await desk.bring(await filled((row) => row + 1), query())
  // It was killed while reading: rows of a half-read file are there, and nobody moves it.
  await sql`update workbook_import set state = 'reading', run = 'dead', alive_at = now() - interval '5 minutes' where id = ${body.id}`.execute(own.db)
  await sql`insert into workbook_row (import_id, n, code, state, wanted, findings, noted, correction) values (${body.id}, 0, 'x', 'bad', '{}', '[]', false, false)`.execute(own.db)
  await sql`delete from graphile_worker._private_jobs`.execute(own.db)
  await jobs['workbooks:wake']!({}, desk.call)
  expect(await worked(body.id)).toMatchObject({ counts: { good: 12, bad: 0 } })

  // It was killed while putting in: seven rows are in.
  await sql`update workbook_row set state = 'refused' where import_id = ${body.id} and n >= 7`.execute(own.db)
  await ask(holder(world.city), 'workbooks.putIn', { id: body.id, as: 'submit' })
  await jobs['workbooks:putIn']!({ id: body.id }, desk.call)
  await sql`update workbook_row set state = 'good' where import_id = ${body.id} and n >= 7`.execute(own.db)
  await sql`update workbook_import set state = 'puttingIn', run = 'dead', alive_at = now() - interval '5 minutes' where id = ${body.id}`.execute(own.db)
  await sql`delete from graphile_worker._private_jobs`.execute(own.db)
  await jobs['workbooks:wake']!({}, desk.call)
  expect(await worked(body.id)).toMatchObject({ counts: { good: 0, in: 12 } })
  const records = await many<{ submission: number; n: number }>(own.db, sql`select submission, count(*)::int as n from record where form = ${form} group by 1`)
  expect(records).toEqual([{ submission: 1, n: 12 }])
})

test('two runs of the same file end as one', async () => {
  await sql`delete from record`.execute(own.db)
  const { body } = await desk.bring(await filled((row) => row + 2), query())
  await Promise.all([1, 2, 3].map(() => jobs['workbooks:read']!({ id: body.id }, desk.call)))
  expect(await importOf(body.id)).toMatchObject({ state: 'read', counts: { good: 12 } })
  await ask(holder(world.city), 'workbooks.putIn', { id: body.id, as: 'submit' })
  await Promise.all([1, 2, 3].map(() => jobs['workbooks:putIn']!({ id: body.id }, desk.call)))
  const { n } = await one<{ n: number }>(own.db, sql`select count(*)::int as n from event where kind = 'record.submitted' and facts->>'submission' = '1' and id > (select max(id) from event where subject = ${`workbook:${body.id}`} and kind = 'workbook.putIn')`)
  expect([n, (await importOf(body.id)).counts.in]).toEqual([12, 12])
})

test('a workbook brought at one server is read by another: it waits in their bucket, and is gone from it when it is read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sanji-bucket-'))
  const s3 = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: folder, configureBuckets: [{ name: 'files', configs: [] }] })
  const { port } = await s3.run()
  const files = await fileStoreOf({ DATA_DIR: folder, S3_BUCKET: 'files', S3_ENDPOINT: `http://127.0.0.1:${port}`, S3_REGION: 'us-east-1', S3_ACCESS_KEY: 'S3RVER', S3_SECRET_KEY: 'S3RVER', S3_PREFIX: '' })
  const waiting = async () => (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('._S3rver_object')).length
  const [here, there] = await Promise.all([openDesk(own.database, { files }), openDesk(own.database, { files })])
  try {
    here.as(holder(world.city))
    const [first, second] = [await here.bring(await filled((row) => row + 3), query()), await here.bring(await filled((row) => row + 4), query())]
    expect(await readdir(join(here.call.dataDir, 'workbooks'))).toEqual([])
    expect(await waiting()).toBe(2)
    await there.run('workbooks:read', first.body.id)
    expect((await importOf(first.body.id)).state).toBe('read')
    // The other one still waits: its file is its own.
    expect(await waiting()).toBe(1)
    await there.run('workbooks:read', second.body.id)
    expect((await importOf(second.body.id)).state).toBe('read')
    expect(await waiting()).toBe(0)
    expect(await readdir(join(there.call.dataDir, 'workbooks'))).toEqual([])
  } finally {
    await Promise.all([here.close(), there.close()])
    await s3.close()
    await rm(folder, { recursive: true, force: true })
  }
})

test('a workbook whose file is gone, as after a restore, is refused with the way out and can be brought again', async () => {
  const file = await filled((row) => row + 5)
  const { body } = await desk.bring(file, query())
  await rm(join(desk.call.dataDir, 'files', 'workbooks'), { recursive: true })
  await desk.run('workbooks:read', body.id)
  expect(await importOf(body.id)).toMatchObject({ state: 'refused', problem: { findings: [{ code: 'workbook-file-gone' }] } })
  const again = await desk.bring(file, query())
  expect([again.status, again.body.same]).toEqual([201, false])
  await desk.run('workbooks:read', again.body.id)
  expect((await importOf(again.body.id)).state).toBe('read')
})
