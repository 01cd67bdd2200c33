import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import S3rver from 's3rver'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAccount } from '../capabilities/access/accounts.server.ts'
import { actorOfAccount } from '../capabilities/access/access.reads.ts'
import { changesContract } from '../capabilities/changes/changes.contract.ts'
import { changesAnswers } from '../capabilities/changes/changes.server.ts'
import { notify } from '../capabilities/inbox/inbox.reads.ts'
import { registerForm } from '../capabilities/ledgers/forms.server.ts'
import { villageItems, villageMonth } from '../tests/forms.ts'
import { bookOf, fileOf, sheetOf } from '../tests/workbooks.ts'
import { signedS3 } from '../tests/signed-s3.ts'
import { asking, ownDatabase, smallWorld, type SmallWorld } from '../tests/world.ts'
import { answer } from './answer.ts'
import { readConfig } from './config.ts'
import { many, one, run, sql } from './db.ts'
import { inFolder } from './file-store.ts'
import { later, startQueue } from './queue.ts'
import { sealEvents, verifyEvents } from './seal.ts'

// Two real server processes on one PostgreSQL, as behind a proxy: the same SECRET, a data folder each.
const own = ownDatabase()
const password = 'Qinghe-2018-ok'
const secret = 'two-processes-one-secret-0123456789'
const root = fileURLToPath(new URL('..', import.meta.url))
const folders: string[] = []
const processes: ChildProcess[] = []
let world: SmallWorld
let s3: S3rver
let signed: Awaited<ReturnType<typeof signedS3>>
let [a, b] = ['', '']

async function startServer(bucket: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sanji-two-'))
  folders.push(folder)
  const child = spawn(process.execPath, ['tools/sanji.ts', 'start', '--no-demo', '--json', '--port', '0'], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: own.url, DATA_DIR: folder, SECRET: secret, PUBLIC_URL: 'http://sanji.invalid', LOG_LEVEL: 'silent', POOL: '6', ...bucket },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  processes.push(child)
  for await (const line of createInterface(child.stdout!)) {
    const said = line.startsWith('{') ? (JSON.parse(line) as { url?: string }) : {}
    if (said.url) return said.url
  }
  throw new Error('the server ended before it was ready')
}

beforeAll(async () => {
  await own.database.transaction(async (tx) => {
    world = await smallWorld(tx)
    await run(tx, sql`insert into pack (code, version, title_zh, title_en, hash, content) values ('p', '1', 'p', 'p', '', '{}')`)
    await run(tx, sql`insert into post_kind (code, name_zh, name_en, verbs, pack) values ('clerk', '台账员', 'Clerk', '{record.fill,record.read}', 'p')`)
    const account = await createAccount(tx, { username: 'cun', name: '村台账员', unit: world.eastTown1Village1, password, mustChangePassword: false })
    const { id } = await one<{ id: number }>(tx, sql`insert into post (unit_id, kind, title, valid_from) values (${world.eastTown1Village1}, 'clerk', '台账员', '2018-01-01') returning id`)
    await run(tx, sql`insert into holding (post_id, account, valid_from) values (${id}, ${account}, '2018-01-01')`)
  })
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
  await run(own.db, sql`insert into form_period (form, period, opens, due) values (${villageMonth.code}, 201806, '2018-06-01', '2018-07-10')`)
  await run(own.db, sql`insert into expected_return (form, period, county_id, unit_id, due) select ${villageMonth.code}, 201806, l3, id, '2018-07-10' from unit where id = ${world.eastTown1Village1}`)
  const folder = await mkdtemp(join(tmpdir(), 'sanji-two-'))
  folders.push(folder)
  s3 = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: folder, configureBuckets: [{ name: 'attachments', configs: [] }] })
  signed = await signedS3(await s3.run(), { accessKey: 'S3RVER', secret: 'S3RVER' })
  const bucket = { S3_BUCKET: 'attachments', S3_ENDPOINT: `http://127.0.0.1:${signed.port}`, S3_ACCESS_KEY: 'S3RVER', S3_SECRET_KEY: 'S3RVER' }
  ;[a, b] = await Promise.all([startServer(bucket), startServer(bucket)])
}, 120_000)
afterAll(async () => {
  const gone = processes.map((child) => new Promise((done) => (child.exitCode === null ? child.once('exit', done) : done(undefined))))
  for (const child of processes) child.kill('SIGTERM')
  await Promise.all(gone)
  await signed?.close()
  await s3?.close()
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
})

async function signIn(server: string): Promise<string> {
  const answer = await fetch(`${server}/api/auth/sign-in/username`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username: 'cun', password }) })
  expect(answer.status).toBe(200)
  return answer.headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; ')
}
const me = (server: string, cookie: string) => fetch(`${server}/api/access/me`, { headers: { cookie } })

/** Asks until the answer has that status; what one process changes reaches the other within moments. */
async function until(status: number, ask: () => Promise<Response>): Promise<void> {
  let last = 0
  for (const end = performance.now() + 20_000; performance.now() < end; await new Promise((done) => setTimeout(done, 50))) {
    last = (await ask()).status
    if (last === status) return
  }
  expect(last).toBe(status)
}

test('who signed in at one server is signed in at the other, and signing out there ends it here', async () => {
  const cookie = await signIn(a)
  expect((await me(b, cookie)).status).toBe(200)
  expect((await me(a, cookie)).status).toBe(200)
  await fetch(`${b}/api/auth/sign-out`, { method: 'POST', headers: { cookie, 'content-type': 'application/json' }, body: '{}' })
  await until(401, () => me(a, cookie))
})

test('a live notice written by anybody reaches the pages of both servers', async () => {
  const cookie = await signIn(a)
  const ending = new AbortController()
  const heard = await Promise.all(
    [a, b].map(async (server) => {
      const line = await fetch(`${server}/api/inbox/live`, { headers: { cookie }, signal: ending.signal })
      const reader = line.body!.pipeThrough(new TextDecoderStream()).getReader()
      let text = ''
      const notice = (async () => {
        while (!text.includes('event: notice')) {
          const { value, done } = await reader.read()
          if (done) throw new Error('the line ended before a notice came')
          text += value
        }
        return true
      })()
      return { notice }
    }),
  )
  // Until both processes listen, a notice may pass unheard: it is said again until both have heard one.
  let both = false
  const hearing = Promise.all(heard.map(({ notice }) => notice)).then(() => (both = true))
  while (!both) {
    await own.database.transaction((tx) => notify(tx, { units: [world.eastTown1Village1], verb: 'record.fill', kind: 'test', subject: 'test:1' }))
    await Promise.race([hearing, new Promise((done) => setTimeout(done, 300))])
  }
  expect(await hearing).toBe(true)
  ending.abort()
})

test('the same write sent to both servers at once is done once', async () => {
  const cookie = await signIn(a)
  const send = (server: string) =>
    fetch(`${server}/api/access/locale`, { method: 'POST', headers: { cookie, 'content-type': 'application/json', 'idempotency-key': 'one-and-the-same' }, body: JSON.stringify({ locale: 'en' }) })
  const answers = await Promise.all([send(a), send(b), send(a), send(b)])
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200])
  expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1)
  const { n } = await one<{ n: number }>(own.db, sql`select count(*)::int as n from event where kind = 'access.localeChosen'`)
  expect(n).toBe(1)
})

test('a file given at one server is handed out by the other: both keep it in the same bucket', async () => {
  const cookie = await signIn(a)
  const id = randomUUID()
  const text = Buffer.from('村务公开目录（样例）')
  const metadata = Object.entries({ id, name: '目录.txt', unit: String(world.eastTown1Village1) }).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
  const tus = { cookie, 'tus-resumable': '1.0.0' }
  const announced = await fetch(`${a}/api/ledgers/files`, { method: 'POST', headers: { ...tus, 'upload-length': String(text.length), 'upload-metadata': metadata.join(',') } })
  expect(announced.status).toBe(201)
  const sent = await fetch(`${a}/api/ledgers/files/${id}`, { method: 'PATCH', headers: { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' }, body: text })
  expect(sent.status).toBe(204)
  const given = await fetch(`${b}/api/ledgers/files/${id}`, { headers: { cookie } })
  expect(given.status).toBe(200)
  expect(Buffer.from(await given.arrayBuffer()).equals(text)).toBe(true)
})

test('workbooks brought at one server are read by the jobs of both', async () => {
  const cookie = await signIn(a)
  const [unit, form, period] = [world.eastTown1Village1, villageMonth.code, '2018-06']
  const out = await fetch(`${a}/api/workbooks/out?form=${form}&period=${period}&unit=${unit}&layout=one`, { headers: { cookie } })
  expect(out.status).toBe(200)
  const book = await bookOf(Buffer.from(await out.arrayBuffer()))
  const imports: number[] = []
  for (let n = 1; n <= 6; n++) {
    const { sheet, cell } = sheetOf(book)
    sheet.getCell(cell('households', 'value').address).value = 100 + n
    const brought = await fetch(`${a}/api/workbooks/in?unit=${unit}&name=${n}.xlsx`, { method: 'POST', headers: { cookie, 'content-type': 'application/octet-stream' }, body: (await fileOf(book)) as never })
    expect(brought.status).toBe(201)
    imports.push(((await brought.json()) as { id: number }).id)
  }
  const states = () => many<{ state: string }>(own.db, sql`select distinct state from workbook_import where id = any(${imports}::int[])`)
  for (const end = performance.now() + 60_000; performance.now() < end && (await states()).some(({ state }) => state === 'waiting' || state === 'reading'); ) await new Promise((done) => setTimeout(done, 100))
  expect(await states()).toEqual([{ state: 'read' }])
})

test('a job runs once, whichever of two queues takes it', async () => {
  await run(own.db, sql`create table ran (job int not null)`)
  const quiet = { log: pino({ level: 'silent' }), database: own.database, dataDir: folders[0]!, files: inFolder(folders[0]!), settings: readConfig({}), clock: () => new Date(), done: () => undefined }
  const tasks = { 'two-processes': async (payload: unknown) => void (await run(own.db, sql`insert into ran values (${(payload as { job: number }).job})`)) }
  const queues = await Promise.all([startQueue(own.url, tasks, [], quiet), startQueue(own.url, tasks, [], quiet)])
  await own.database.transaction(async (tx) => {
    for (let job = 0; job < 100; job++) await later(tx, 'two-processes', { job })
  })
  for (const end = performance.now() + 30_000; performance.now() < end; await new Promise((done) => setTimeout(done, 50))) {
    if ((await one<{ n: number }>(own.db, sql`select count(*)::int as n from ran`)).n >= 100) break
  }
  await Promise.all(queues.map((queue) => queue.stop()))
  const ran = await many<{ job: number; times: number }>(own.db, sql`select job, count(*)::int as times from ran group by job`)
  expect(ran).toHaveLength(100)
  expect(ran.filter((row) => row.times !== 1)).toEqual([])
})

test('a change that was prepared for its day is carried out once by the timetables of both servers', async () => {
  await run(own.db, sql`insert into post_kind (code, name_zh, name_en, verbs, pack) values ('coordinator', '协调办', 'Coordinator', '{unit.read,unit.manage}', 'p')`)
  const account = await createAccount(own.db, { username: 'xian', name: '县协调办', unit: world.east, password, mustChangePassword: false })
  const { id: post } = await one<{ id: number }>(own.db, sql`insert into post (unit_id, kind, title, valid_from) values (${world.east}, 'coordinator', '协调办', '2018-01-01') returning id`)
  await run(own.db, sql`insert into holding (post_id, account, valid_from) values (${post}, ${account}, '2018-01-01')`)
  // Written in 2018 for the New Year that followed: on the servers' clocks its day has come.
  const ask = asking({ changes: answer(changesContract, changesAnswers) }, own.database)
  const officer = await actorOfAccount(own.db, account, '2018-07-02')
  const changes = [{ kind: 'merge', on: '2019-01-01', units: [world.eastTown2Village1, world.eastTown2Village2], into: { create: { code: 'TWO-1', name: '双合村' } } }]
  const { fingerprint } = await ask(officer, 'changes.preview', { changes })
  const plan = await ask(officer, 'changes.prepare', { changes, fingerprint, reason: '合并', document: '1号' })
  await own.database.transaction(async (tx) => {
    for (let job = 0; job < 8; job++) await later(tx, 'changes:carryOut', {})
  })
  const state = () => one<{ state: string }>(own.db, sql`select state from planned_change where id = ${plan.id}`)
  const waiting = () => one<{ n: number }>(own.db, sql`select count(*)::int as n from graphile_worker.jobs where task_identifier = 'changes:carryOut'`)
  await expect.poll(async () => [(await state()).state, (await waiting()).n], { timeout: 60_000 }).toEqual(['done', 0])
  expect(await many(own.db, sql`select kind from unit_change`)).toEqual([{ kind: 'merge' }])
  expect(await many(own.db, sql`select name from unit where code = 'TWO-1' and state = 'active'`)).toEqual([{ name: '双合村' }])
  expect(await many(own.db, sql`select kind from notice where subject = ${`plan:${plan.id}`}`)).toEqual([{ kind: 'changePlanDone' }])
})

test('two processes seal one chain', async () => {
  await Promise.all([sealEvents(own.database), sealEvents(own.database)])
  const found = await verifyEvents(own.database)
  expect(found.ok).toBe(true)
  expect(found.events).toBeGreaterThan(0)
})
