import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyRollup } from '../../capabilities/ledgers/rollup.server.ts'
import { readConfig } from '../../server/config.ts'
import { many, one, sql } from '../../server/db.ts'
import { startPlatform, type RunningPlatform } from '../../server/main.ts'
import { verifyEvents } from '../../server/seal.ts'
import { villageMonth } from '../forms.ts'
import { manyVillages, password, period } from './many-villages.ts'

const form = villageMonth.code
const root = fileURLToPath(new URL('../..', import.meta.url))
const settings = (folder: string) => readConfig({ DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'silent' })
type Sent = { status: number; body: any }

/** Signs in as a browser would. @returns the cookie */
async function signedIn(url: string): Promise<string> {
  const answer = await fetch(`${url}/api/auth/sign-in/username`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username: 'checker', password }) })
  if (!answer.ok) throw new Error(`not signed in: ${answer.status} ${await answer.text()}`)
  return answer.headers.getSetCookie().map((one) => one.split(';')[0]).join('; ')
}

async function send(url: string, cookie: string, method: string, path: string, body: unknown, key: string): Promise<Sent> {
  const answer = await fetch(`${url}/api${path}`, { method, headers: { 'content-type': 'application/json', cookie, 'idempotency-key': key }, body: JSON.stringify(body) })
  return { status: answer.status, body: await answer.json() }
}

// The platform brings its own database here, so once is enough when the rooms are run on another PostgreSQL as well.
/** A port that nobody listens on, below those that the system gives to outgoing connections: it stays free between two starts. */
async function freePort(): Promise<number> {
  for (let port = 20_000 + (process.pid % 10_000); port < 32_000; port++) {
    const probe = createServer()
    const free = await new Promise<boolean>((told) => void probe.once('error', () => told(false)).listen(port, '127.0.0.1', () => told(true)))
    if (!free) continue
    await new Promise((done) => probe.close(done))
    return port
  }
  throw new Error('no free port')
}

describe.skipIf(process.env.TEST_DATABASE_URL)('bad luck at the server', () => {
  const rounds = 20
  const workers = 6
  let folder = ''
  let child: ChildProcess | undefined
  let port = 0
  let url = ''
  let platform: RunningPlatform | undefined
  let cookie = ''
  let waiting: number[] = []
  let village = 0

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sanji-server-'))
    port = await freePort()
    const first = await startPlatform(settings(folder))
    village = (await manyVillages(first.database)).eastTown1Village1
    waiting = (await many<{ unit: number }>(first.database.db, sql`select unit_id as unit from record where state = 'submitted' order by unit_id`)).map((row) => row.unit)
    await first.close()
  }, 120_000)
  afterAll(async () => {
    if (child && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((exited) => child!.once('exit', exited))
      child.kill('SIGTERM')
      await gone
    }
    await platform?.close()
    await rm(folder, { recursive: true, force: true })
  }, 120_000)

  /** The same platform in this process, for the tests that look inside. */
  async function inside(): Promise<RunningPlatform> {
    platform ??= await startPlatform(settings(folder), { patienceMs: 400 })
    cookie ||= await signedIn(platform.url)
    return platform
  }

  /** The platform as people start it: a process of its own, over HTTP. */
  async function start(): Promise<void> {
    const started = spawn(process.execPath, ['tools/sanji.ts', 'start', '--json', '--no-demo'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, DATA_DIR: folder, PORT: String(port), HOST: '127.0.0.1', LOG_LEVEL: 'silent', DATABASE_URL: '' } })
    child = started
    url = await new Promise<string>((ready, failed) => {
      let said = ''
      started.stdout.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        const line = said.split('\n').find((one) => one.startsWith('{'))
        if (line) ready((JSON.parse(line) as { url: string }).url)
      })
      started.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
      started.once('exit', (code) => failed(new Error(`the server ended with ${code}: ${said}`)))
    })
  }

  test(`${rounds} rounds of kill -9 under load over HTTP: what was acknowledged is there once, what was not can be sent again`, async () => {
    await start()
    cookie = await signedIn(url)
    const acknowledged = new Set<number>()
    /** Sent without an answer: done or not, nobody knows; the same key is sent again after the restart. */
    const unanswered: { unit: number; key: string }[] = []
    const refused: Sent[] = []
    const accept = async ({ unit, key }: { unit: number; key: string }) => {
      const answer = await send(url, cookie, 'POST', '/ledgers/returns/accept', { unit, form, period, version: 1 }, key)
      if (answer.status === 200) acknowledged.add(unit)
      else refused.push(answer)
    }
    let draft = { version: 0, households: 0 }
    let next = 0
    let resent = 0
    for (let round = 0; round < rounds; round++) {
      const work = Array.from({ length: workers }, async () => {
        for (let unit = waiting[next++]; unit !== undefined; unit = waiting[next++]) {
          const one = { unit, key: randomUUID() }
          const lost = await accept(one).then(() => false, () => true)
          if (lost) return void unanswered.push(one)
        }
      })
      const typing = (async () => {
        for (;;) {
          const typed = { unit: village, form, period, formVersion: 1, values: { households: String(draft.households + 1) }, version: draft.version }
          const kept = await send(url, cookie, 'PUT', '/ledgers/returns/draft', typed, randomUUID()).catch(() => undefined)
          if (!kept) return
          if (kept.status === 200) draft = { version: kept.body.version, households: draft.households + 1 }
          // The one before was kept without its answer reaching us: the page would show both, here the server's is taken.
          else if (kept.body.code === 'stale-version') draft = { version: kept.body.facts.theirs, households: Number(kept.body.facts.values.households) }
          else refused.push(kept)
        }
      })()
      await sleep(90 + (round % 5) * 30)
      const gone = new Promise((exited) => child!.once('exit', exited))
      child!.kill('SIGKILL')
      await gone
      await Promise.all([...work, typing])
      await start()
      for (const one of unanswered.splice(0)) {
        await accept(one)
        resent++
      }
    }
    expect(refused).toEqual([])
    expect(acknowledged.size).toBeGreaterThan(rounds)
    expect(resent).toBeGreaterThan(0)
    const stopped = new Promise((exited) => child!.once('exit', exited))
    child!.kill('SIGTERM')
    expect(await stopped).toBe(0)

    const { database } = await inside()
    const accepted = (await many<{ unit: number }>(database.db, sql`select unit_id as unit from record where state = 'accepted'`)).map((row) => row.unit)
    expect(new Set(accepted)).toEqual(acknowledged)
    const { events, subjects } = await one<{ events: number; subjects: number }>(database.db, sql`select count(*)::int as events, count(distinct subject)::int as subjects from event where kind = 'record.accepted'`)
    expect([events, subjects]).toEqual([acknowledged.size, acknowledged.size])
    const kept = await one<{ version: number; households: string }>(database.db, sql`select version, vals->>'households' as households from record_draft where unit_id = ${village}`)
    expect(kept.version).toBeGreaterThanOrEqual(draft.version)
    expect(Number(kept.households)).toBeGreaterThanOrEqual(draft.households)
    expect(await verifyRollup(database)).toMatchObject([{ wrongRecords: 0, wrongKept: 0 }])
    expect((await verifyEvents(database)).ok).toBe(true)
  }, 300_000)

  /** Stops or wakes every process of the database: it is there and answers nothing, as over a line that was cut. */
  async function freeze(signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const server = (await inside()).databaseProcess()!
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
    const parents = await Promise.all(pids.map(async (pid) => ({ pid: Number(pid), parent: Number((await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')).split(') ')[1]?.split(' ')[1]) })))
    for (const { pid } of [{ pid: server }, ...parents.filter((one) => one.parent === server)]) process.kill(pid, signal)
  }

  test('a database that answers nothing is told as being away; what was sent counts once when it is back', async () => {
    const { url: at, database } = await inside()
    const unit = waiting.at(-1)!
    const key = randomUUID()
    const write = () => send(at, cookie, 'POST', '/ledgers/returns/accept', { unit, form, period, version: 1 }, key)
    await freeze('SIGSTOP')
    try {
      const [written, read, entering, health] = await Promise.all([
        write(),
        fetch(`${at}/api/ledgers/queue`, { headers: { cookie } }),
        fetch(`${at}/api/auth/sign-in/username`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username: 'checker', password }) }),
        fetch(`${at}/health`),
      ])
      expect(written).toMatchObject({ status: 503, body: { code: 'database-away' } })
      for (const answer of [read, entering, health]) expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([503, 'database-away'])
    } finally {
      await freeze('SIGCONT')
    }
    // The first sending may have been done in the meantime: the same key gets the same answer, and nothing happens twice.
    expect(await write()).toMatchObject({ status: 200, body: { state: 'accepted', version: 2 } })
    const { accepted } = await one<{ accepted: number }>(database.db, sql`select count(*)::int as accepted from event where kind = 'record.accepted' and subject like ${`record:${unit}:%`}`)
    expect(accepted).toBe(1)
    expect((await fetch(`${at}/health`)).status).toBe(200)
  }, 120_000)

  test('200 MB that announce themselves are refused before they are read', async () => {
    const answer = await upload(`/api/ledgers/returns/accept`, { 'content-type': 'application/json', 'content-length': String(200 * 1024 * 1024) })
    expect(answer).toMatchObject({ status: 413, body: { code: 'too-large', facts: { limit: expect.any(Number) } } })
  }, 120_000)

  test('200 MB that are streamed as if they were little are refused with the limit, leave no more than was announced and take no memory', async () => {
    const before = process.memoryUsage().rss
    const id = randomUUID()
    const metadata = Object.entries({ id, unit: String(village), name: 'big.pdf' }).map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
    const answer = await upload('/api/ledgers/files', {
      'content-type': 'application/offset+octet-stream', 'transfer-encoding': 'chunked', 'tus-resumable': '1.0.0', 'upload-length': '3000000', 'upload-metadata': metadata.join(','),
    })
    expect(answer).toMatchObject({ status: 413, body: { code: 'too-large', facts: { limit: 20 * 1024 * 1024 } } })
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024)
    const kept = await stat(join(folder, 'files', '.coming', id))
    expect(kept.size).toBeLessThanOrEqual(3_000_000)
    expect((await fetch(`${(await inside()).url}/health`)).status).toBe(200)
  }, 120_000)

  /** Sends 200 MB from the first byte to the last, or until the server ends the connection. */
  async function upload(path: string, headers: Record<string, string>): Promise<Sent> {
    const { url: at } = await inside()
    return new Promise((answered, failed) => {
      const asking = request(`${at}${path}`, { method: 'POST', headers: { ...headers, cookie } }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('end', () => {
          asking.destroy()
          answered({ status: response.statusCode!, body: JSON.parse(text) })
        })
      })
      asking.on('error', failed)
      const piece = Buffer.alloc(1024 * 1024)
      let left = 200
      const more = () => {
        while (left-- > 0) if (!asking.write(piece)) return void asking.once('drain', more)
        asking.end()
      }
      more()
    })
  }
})
