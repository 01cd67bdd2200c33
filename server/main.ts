import type { AnyRouter } from '@orpc/server'
import { mkdir, readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { makeSignIn } from '../capabilities/access/sign-in.server.ts'
import { contracts } from '../capabilities/contracts.ts'
import { isProblem, Problem } from '../rules/problem.ts'
import { describeApi, docsRoutes, sendDocsPage } from './api-docs.ts'
import type { Config } from './config.ts'
import { connect, type Database } from './db.ts'
import { keptSecret, runningEmbedded, startEmbedded } from './embedded.ts'
import { fileStoreOf } from './file-store.ts'
import { httpServer } from './http.ts'
import { lockFolder } from './lock.ts'
import { makeLog } from './log.ts'
import { makeMetrics, type Metrics } from './metrics.ts'
import { migrate } from './migrate.ts'
import { startQueue } from './queue.ts'
import { jobs, rawRoutes, router, timetable } from './rooms.ts'
import { keepCounting, sealRegularly } from './seal.ts'
import { staticFiles } from './static.ts'

export type RunningPlatform = {
  /** Where it answers: http://host:port */
  url: string
  database: Database
  /** The embedded database's process, when there is one; it changes when the database died and was started again. */
  databaseProcess: () => number | undefined
  /** Ends in good order: requests, jobs, the last seal, then the database. Calling it again waits for the first call. */
  close: () => Promise<void>
}

export type StartOptions = {
  /** The port was asked for: when it is taken that is a problem, not a reason to take the next one. */
  portIsFixed?: boolean
  clock?: () => Date
  /** Told what happens while it starts. */
  report?: (line: string) => void
  /** Where the built pages are. */
  pages?: string
  /** How long a request waits before it is asked whether the database answers at all, in milliseconds. */
  patienceMs?: number
}

type Closing = () => Promise<unknown>

const root = fileURLToPath(new URL('..', import.meta.url))
const sealEverySeconds = 60
const reachableWithinMs = 2_000
/** Requests that still run at the end get this long; live notices have no end of their own. */
const lastRequestsMs = 5_000

/** Connects to the database of the settings and takes the lock on the data folder; the database may be newer or empty. */
export async function openDatabase(
  config: Pick<Config, 'DATABASE_URL' | 'DATA_DIR' | 'POOL'>,
  log: (line: string) => void = () => undefined,
): Promise<{ database: Database; url: string; process: () => number | undefined; close: () => Promise<void> }> {
  if (!config.DATABASE_URL) {
    const embedded = await startEmbedded(config.DATA_DIR, log)
    const database = connect(embedded.url, { size: config.POOL })
    return { database, url: embedded.url, process: embedded.pid, close: () => inOrder([database.close, embedded.stop]) }
  }
  await mkdir(config.DATA_DIR, { recursive: true })
  const unlock = await lockFolder(resolve(config.DATA_DIR))
  const database = connect(config.DATABASE_URL, { size: config.POOL })
  return { database, url: config.DATABASE_URL, process: () => undefined, close: () => inOrder([database.close, unlock]) }
}

/**
 * The database for work beside a platform that may be running (a backup): connects to it without taking the lock; where
 * none runs it is opened like `openDatabase`.
 */
export async function openBeside(config: Pick<Config, 'DATABASE_URL' | 'DATA_DIR' | 'POOL'>): Promise<{ database: Database; close: () => Promise<void> }> {
  const url = config.DATABASE_URL ?? (await runningEmbedded(config.DATA_DIR))
  if (!url) return openDatabase(config)
  const database = connect(url, { size: 4 })
  return { database, close: database.close }
}

/**
 * Starts everything: database, migrations, queue, seals, sign-in, pages, API. Lives on when the database goes away and
 * works again when it is back. Throws Problems `folder-in-use`, `port-in-use`; whatever was started is ended again.
 */
export async function startPlatform(config: Config, options: StartOptions = {}): Promise<RunningPlatform> {
  const { portIsFixed = false, clock = () => new Date(), report = () => undefined } = options
  const log = makeLog(config.LOG_LEVEL)
  const dataDir = resolve(config.DATA_DIR)
  const opened = await openDatabase(config, (line) => log.info({ from: 'database' }, line))
  /** In the order in which things were started; ended in the opposite order. */
  const started: Closing[] = [opened.close]
  const closeAll = () => inOrder([...started].reverse())
  try {
    const { database, url: databaseUrl } = opened
    const outlive = (error: Error) => log.warn({ message: error.message }, 'a connection to the database broke')
    database.pool.on('connect', (client: pg.PoolClient) => void client.on('error', outlive))
    const ran = await migrate(database.pool)
    if (ran.length > 0) report(`migrations: ${ran.join(', ')}`)
    if (await keepCounting(database)) report('the database came from another server: the trail counts on')

    const metrics = makeMetrics(database)
    const seals = sealRegularly(database, sealEverySeconds, {
      sealed: metrics.sealed,
      failed: (error) => log.warn({ err: error }, 'events could not be sealed; tried again in a minute'),
    })
    started.push(seals.stop)

    const port = await portToUse(config, portIsFixed)
    const publicUrl = config.PUBLIC_URL ?? `http://localhost:${port}`
    const settings = { ...config, PUBLIC_URL: publicUrl }
    const files = await fileStoreOf(config)
    const stopQueue = keepQueueRunning(databaseUrl, { log, database, dataDir, files, settings, clock, done: metrics.jobDone })
    started.push(stopQueue)
    const secret = config.SECRET ?? (await keptSecret(join(dataDir, 'secret')))
    const signIn = makeSignIn({ url: databaseUrl, secret, publicUrl, secureCookies: publicUrl.startsWith('https:'), signOn: signOnOf(config), clock })
    started.push(signIn.close)

    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
    const docs = docsRoutes(() => describeApi(contracts, [...rawRoutes, ...docs], { version, publicUrl }))
    const server = httpServer({
      database,
      router: router as AnyRouter,
      raw: [...rawRoutes, ...docs],
      signIn: signIn.signIn,
      actorOf: signIn.actorOf,
      outside: answerOutside({ config, version, database, metrics, pages: staticFiles(options.pages ?? join(root, 'dist')) }),
      log,
      clock,
      dataDir,
      sealingKey: secret,
      files,
      settings,
      answered: metrics.answered,
      databaseAnswers: asksDatabase(databaseUrl),
      ...(options.patienceMs === undefined ? {} : { patienceMs: options.patienceMs }),
    })
    await listen(server, port, config.HOST)
    started.push(() => endServer(server))

    let closing: Promise<void> | undefined
    const shownHost = ['0.0.0.0', '::'].includes(config.HOST) ? 'localhost' : config.HOST
    return {
      url: `http://${shownHost.includes(':') ? `[${shownHost}]` : shownHost}:${port}`,
      database,
      databaseProcess: opened.process,
      close: () => (closing ??= closeAll()),
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

function signOnOf({ OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret, OIDC_NAME: name, OIDC_CLAIM: claim }: Config) {
  return issuer && clientId && clientSecret ? { issuer, clientId, clientSecret, name, claim } : undefined
}

/** Every step is taken, whatever happens in those before it; the first failure is told at the end. */
async function inOrder(steps: Closing[]): Promise<void> {
  const failures: unknown[] = []
  for (const step of steps) await step().catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw failures[0]
}

/** What lies outside /api. */
function answerOutside({ config, version, database, metrics, pages }: {
  config: Config
  version: string
  database: Database
  metrics: Metrics
  pages: ReturnType<typeof staticFiles>
}) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? '/', 'http://local')
    if (pathname === '/health') {
      await mustBeReachable(database)
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      return void response.end(JSON.stringify({ live: true, database: true, version }))
    }
    if (pathname === '/metrics') {
      if (config.METRICS !== 'open' && !asksFromHere(request)) throw new Problem('not-allowed', { facts: { reason: 'metrics-local' } })
      const text = await metrics.text()
      response.writeHead(200, { 'content-type': metrics.contentType, 'cache-control': 'no-store' })
      return void response.end(text)
    }
    if (pathname === '/api') return sendDocsPage(response)
    pages(request, response)
  }
}

/** Throws Problem `database-away` when the database does not answer in time, whatever the reason. */
async function mustBeReachable(database: Database): Promise<void> {
  const asked = database.pool.query('select 1').then(() => true, () => false)
  const answered = await Promise.race([asked, sleep(reachableWithinMs, false, { ref: false })])
  if (!answered) throw new Problem('database-away')
}

/** Asks over a connection of its own, whatever the pool is busy with; all who wait share one question. */
function asksDatabase(url: string): () => Promise<boolean> {
  let asked: Promise<boolean> | undefined
  const ask = async () => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: reachableWithinMs, query_timeout: reachableWithinMs, application_name: 'sanji probe' })
    client.on('error', () => undefined)
    const answers = await client.connect().then(() => client.query('select 1')).then(() => true, () => false)
    // The server may be too far gone to take its leave of.
    void client.end().catch(() => undefined)
    return answers
  }
  return () => (asked ??= ask().finally(() => (asked = undefined)))
}

/** A proxy on this machine passes on what others ask; it says so in a header. */
function asksFromHere(request: IncomingMessage): boolean {
  const from = request.socket.remoteAddress ?? ''
  const isLoopback = from === '::1' || from.replace('::ffff:', '').startsWith('127.')
  return isLoopback && request.headers['x-forwarded-for'] === undefined && request.headers.forwarded === undefined
}

/** The queue gives up when the database stays away; it is then started again until it works. */
function keepQueueRunning(url: string, telling: Parameters<typeof startQueue>[3]): Closing {
  const { log } = telling
  const stopping = new AbortController()
  const running = (async () => {
    for (let pause = 1_000; !stopping.signal.aborted; pause = Math.min(pause * 2, 15_000)) {
      const queue = await startQueue(url, jobs, timetable, telling).catch((error: unknown) => {
        log.warn({ err: error }, 'the queue could not be started')
      })
      if (queue) {
        pause = 1_000
        const aborted = new Promise((done) => stopping.signal.addEventListener('abort', done, { once: true }))
        if (stopping.signal.aborted) return queue.stop()
        await Promise.race([queue.ended, aborted])
        if (stopping.signal.aborted) return queue.stop()
        log.warn('the queue ended; starting it again')
      }
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  })()
  return async () => {
    stopping.abort()
    await running
  }
}

/** The port of the settings, or the next free one when it is taken and nobody asked for just that one. */
async function portToUse({ PORT, HOST }: Config, portIsFixed: boolean): Promise<number> {
  const last = portIsFixed || PORT === 0 ? PORT : Math.min(PORT + 50, 65_535)
  for (let port = PORT; port <= last; port++) {
    const probe = createServer()
    const found = await listen(probe, port, HOST).then(
      () => (probe.address() as { port: number }).port,
      (error: unknown) => {
        if (!isProblem(error, 'port-in-use')) throw error
      },
    )
    if (found === undefined) continue
    await new Promise((done) => probe.close(done))
    return found
  }
  throw new Problem('port-in-use', { facts: { port: PORT } })
}

/** Throws Problem `port-in-use`. */
function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((done, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      failed(error.code === 'EADDRINUSE' ? new Problem('port-in-use', { facts: { port } }) : error),
    )
    server.listen(port, host, done)
  })
}

/** No new requests; those that run are answered, and those that have no end are cut. */
async function endServer(server: Server): Promise<void> {
  const ended = new Promise((done) => server.close(done))
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), lastRequestsMs)
  await ended
  clearTimeout(cut)
}
