import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform, type Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import type pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { z } from 'zod'
import { Problem } from '../rules/problem.ts'
import type { Database } from './db.ts'
import { migrate, migrations } from './migrate.ts'
import type { FileStore } from './file-store.ts'
import { keepCounting } from './seal.ts'

/**
 * A backup is a folder: `manifest.json`, one compressed file of rows for each table, the attachments under their hashes,
 * and the platform's secret. It holds everything that a person can read on the platform: keep it as safe as the platform.
 */
const Table = z.object({
  name: z.string(),
  columns: z.array(z.string()),
  rows: z.number().int(),
  /** Sum of one hash per row, in any order: the same rows give the same sum. */
  sum: z.string(),
  file: z.string(),
  sha256: z.string(),
})
const Manifest = z.object({
  format: z.literal(1),
  program: z.string(),
  madeAt: z.string(),
  /** The last migration that the rows were written in. */
  schema: z.string(),
  tables: z.array(Table),
  sequences: z.array(z.object({ name: z.string(), value: z.string() })),
  files: z.array(z.object({ sha256: z.string(), bytes: z.number().int() })),
})
export type Manifest = z.infer<typeof Manifest>
type Table = z.infer<typeof Table>

/** The folder of the backup, the platform's data folder (for its secret), and where its attachments are. */
export type Places = { folder: string; dataDir: string; files: FileStore }
export type Telling = { progress?: (done: number, of: number) => void }

const manifestFile = 'manifest.json'
/** Rows that are about the database they stand in, not about the platform. */
const leftOut = ['public.migration', 'graphile_worker.migrations']

/**
 * Writes a backup of one moment while people go on working: all tables are read in one snapshot. Attachments are kept
 * under their hash and never change, so those that the snapshot names are there. The folder gets its name last: what has
 * the name is whole.
 * Throws Problem `backup-folder-taken` when there is something of that name.
 * @param folder where the backup will be
 */
export async function backup(
  database: Database,
  { folder, dataDir, files: store, program, now, progress = () => undefined }: Places & { program: string; now: Date } & Telling,
): Promise<Manifest> {
  if (await exists(folder)) throw new Problem('backup-folder-taken', { facts: { folder } })
  const coming = `${folder}.partial`
  await rm(coming, { recursive: true, force: true })
  await mkdir(join(coming, 'tables'), { recursive: true, mode: 0o700 })
  await mkdir(join(coming, 'files'))
  const client = await database.connection()
  let failed: Error | undefined
  try {
    await client.query('begin isolation level repeatable read read only')
    await sameText(client)
    const names = await tablesOf(client)
    const rows = await countOf(client, names)
    const all = rows.reduce((sum, count) => sum + count, 0)
    const tables: Table[] = []
    let done = 0
    for (const [index, name] of names.entries()) {
      progress(done, all)
      tables.push(await writeTable(client, name, coming))
      done += rows[index]!
    }
    const { rows: last } = await client.query<{ name: string }>('select max(name) as name from migration')
    const sequences = await sequencesOf(client)
    const files = await fileRows(client)
    await client.query('commit')
    for (const { sha256 } of files) {
      const content = await store.read(sha256)
      if (!content) throw new Problem('backup-damaged', { facts: { file: `${store.place}: ${sha256}` } })
      const counted = hashing()
      await pipeline(content, counted.through, createWriteStream(join(coming, 'files', sha256), { flags: 'wx' }))
      if (counted.digest() !== sha256) throw new Problem('backup-damaged', { facts: { file: `${store.place}: ${sha256}` } })
    }
    const secret = join(dataDir, 'secret')
    if (await exists(secret)) await copyFile(secret, join(coming, 'secret'))
    const manifest: Manifest = { format: 1, program, madeAt: now.toISOString(), schema: last[0]!.name, tables, sequences, files }
    await writeFile(join(coming, manifestFile), `${JSON.stringify(manifest, null, 1)}\n`)
    await rename(coming, folder)
    progress(all, all)
    return manifest
  } catch (error) {
    failed = error as Error
    throw error
  } finally {
    await client.end().catch(() => undefined)
    if (failed) await rm(coming, { recursive: true, force: true })
  }
}

/**
 * Puts a backup into an empty place: a database without units and accounts, a data folder without attachments. The whole
 * backup is compared with its manifest first, the rows go in in one transaction and are compared with the manifest row for
 * row before it commits; then the database is brought to this version. What failed has left the place empty.
 * Throws Problems `backup-damaged` (says the file), `backup-newer`, `restore-not-empty`.
 */
export async function restore(
  database: Database,
  { folder, dataDir, files: store, progress = () => undefined }: Places & Telling,
): Promise<Manifest> {
  const manifest = await readManifest(folder)
  if (!(await migrations()).some((file) => file.name === manifest.schema)) {
    throw new Problem('backup-newer', { facts: { schema: manifest.schema, program: manifest.program } })
  }
  await mustBeEmpty(database, store)
  await mustBeWhole(folder, manifest)
  await migrate(database.pool, { upTo: manifest.schema })
  const client = await database.connection()
  try {
    await client.query('begin')
    await sameText(client)
    const names = await tablesOf(client)
    const missing = manifest.tables.filter((table) => !names.includes(table.name))
    if (missing.length > 0) throw new Problem('backup-damaged', { facts: { file: missing[0]!.name } })
    const all = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
    let done = 0
    for (const table of manifest.tables.toSorted((a, b) => names.indexOf(a.name) - names.indexOf(b.name))) {
      progress(done, all)
      // What the migrations themselves put there stands in the backup too, as it was then.
      if (!(await isEmptyTable(client, table.name))) await client.query(`delete from ${table.name}`)
      await readTable(client, table, folder)
      const { rows, sum } = await sumOf(client, table.name, table.columns)
      if (rows !== table.rows || sum !== table.sum) throw new Problem('backup-damaged', { facts: { file: table.file } })
      done += table.rows
    }
    // Jobs that ran at that moment are run again.
    await client.query('update graphile_worker._private_jobs set locked_at = null, locked_by = null where locked_at is not null')
    await client.query('update graphile_worker._private_job_queues set locked_at = null, locked_by = null where locked_at is not null')
    for (const { name, value } of manifest.sequences) await client.query('select setval($1::text::regclass, $2::bigint)', [name, value])
    for (const { sha256 } of manifest.files) await store.keep(sha256, createReadStream(join(folder, 'files', sha256)))
    await mkdir(dataDir, { recursive: true })
    if (await exists(join(folder, 'secret'))) await copyFile(join(folder, 'secret'), join(dataDir, 'secret'))
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => undefined)
    for (const { sha256 } of manifest.files) await store.remove(sha256)
    throw error
  } finally {
    await client.end().catch(() => undefined)
  }
  await migrate(database.pool)
  await keepCounting(database)
  await database.pool.query('analyze')
  progress(1, 1)
  return manifest
}

/** @returns the manifest of a backup. Throws Problem `backup-damaged` when there is none that can be read */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, manifestFile), 'utf8').catch(() => undefined)
  const damaged = () => new Problem('backup-damaged', { facts: { file: join(folder, manifestFile) } })
  if (text === undefined) throw damaged()
  try {
    return Manifest.parse(JSON.parse(text))
  } catch {
    throw damaged()
  }
}

/** Reads every file of a backup and compares it with the manifest. Throws Problem `backup-damaged` with the first that differs. */
export async function mustBeWhole(folder: string, manifest: Manifest): Promise<void> {
  const wanted = [
    ...manifest.tables.map(({ file, sha256 }) => ({ file, sha256 })),
    ...manifest.files.map(({ sha256 }) => ({ file: `files/${sha256}`, sha256 })),
  ]
  for (const { file, sha256 } of wanted) {
    const found = await hashOf(join(folder, file)).catch(() => undefined)
    if (found !== sha256) throw new Problem('backup-damaged', { facts: { file } })
  }
}

async function mustBeEmpty(database: Database, store: FileStore): Promise<void> {
  const { rows } = await database.pool.query<{ there: boolean }>(`select to_regclass('public.unit') is not null as there`)
  if (rows[0]?.there) {
    const found = await database.pool.query<{ used: boolean }>('select exists (select from unit) or exists (select from auth_user) as used')
    if (found.rows[0]?.used) throw new Problem('restore-not-empty', { facts: { place: 'database' } })
  }
  if (!(await store.isEmpty())) throw new Problem('restore-not-empty', { facts: { place: store.place } })
}

/** A row's text must not depend on who reads it. */
async function sameText(client: pg.ClientBase): Promise<void> {
  await client.query(`set local timezone to 'UTC'; set local datestyle to 'ISO'; set local extra_float_digits to 1; set local intervalstyle to 'postgres'; set local bytea_output to 'hex'`)
}

/** @returns every table of the platform and of its queue, those that others refer to first */
async function tablesOf(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string; refers: string[] | null }>(`
    select format('%I.%I', n.nspname, c.relname) as name,
      (select array_agg(distinct format('%I.%I', fn.nspname, f.relname)) from pg_constraint k join pg_class f on f.oid = k.confrelid
         join pg_namespace fn on fn.oid = f.relnamespace where k.conrelid = c.oid and k.contype = 'f' and f.oid <> c.oid) as refers
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname in ('public', 'graphile_worker') order by 1`)
  const waiting = new Map(rows.filter((row) => !leftOut.includes(row.name)).map((row) => [row.name, row.refers ?? []]))
  const sorted: string[] = []
  while (waiting.size > 0) {
    const next = [...waiting].filter(([, refers]) => refers.every((name) => !waiting.has(name))).map(([name]) => name)
    if (next.length === 0) throw new Error(`tables refer to each other in a circle: ${[...waiting.keys()].join(', ')}`)
    for (const name of next) waiting.delete(name)
    sorted.push(...next)
  }
  return sorted
}

async function columnsOf(client: pg.ClientBase, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select quote_ident(attname) as name from pg_attribute where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attgenerated = '' order by attnum`,
    [table],
  )
  return rows.map((row) => row.name)
}

async function countOf(client: pg.ClientBase, tables: readonly string[]): Promise<number[]> {
  const counts: number[] = []
  for (const table of tables) {
    const { rows } = await client.query<{ n: string }>(`select count(*) as n from ${table}`)
    counts.push(Number(rows[0]!.n))
  }
  return counts
}

async function sumOf(client: pg.ClientBase, table: string, columns: readonly string[]): Promise<{ rows: number; sum: string }> {
  const { rows } = await client.query<{ rows: string; sum: string }>(
    `select count(*) as rows, coalesce(sum(hashtextextended(row(${columns.map((name) => `t.${name}`).join(', ')})::text, 0)::numeric), 0)::text as sum from ${table} t`,
  )
  return { rows: Number(rows[0]!.rows), sum: rows[0]!.sum }
}

async function isEmptyTable(client: pg.ClientBase, table: string): Promise<boolean> {
  return (await client.query(`select 1 from ${table} limit 1`)).rowCount === 0
}

async function sequencesOf(client: pg.ClientBase): Promise<Manifest['sequences']> {
  const { rows } = await client.query<{ name: string; value: string }>(
    `select format('%I.%I', schemaname, sequencename) as name, last_value::text as value from pg_sequences
     where schemaname in ('public', 'graphile_worker') and last_value is not null order by 1`,
  )
  return rows
}

async function fileRows(client: pg.ClientBase): Promise<Manifest['files']> {
  return (await client.query<{ sha256: string; bytes: number }>('select distinct sha256, bytes from file order by sha256')).rows
}

async function writeTable(client: pg.ClientBase, name: string, folder: string): Promise<Table> {
  const columns = await columnsOf(client, name)
  const file = `tables/${name.replaceAll('"', '')}.copy.gz`
  const counted = hashing()
  await pipeline(
    client.query(copyTo(`copy ${name} (${columns.join(', ')}) to stdout`)) as Readable,
    createGzip({ level: 3 }),
    counted.through,
    createWriteStream(join(folder, file), { flags: 'wx' }),
  )
  return { name, columns, ...(await sumOf(client, name, columns)), file, sha256: counted.digest() }
}

async function readTable(client: pg.ClientBase, { name, columns, file }: Table, folder: string): Promise<void> {
  await pipeline(
    createReadStream(join(folder, file)),
    createGunzip(),
    client.query(copyFrom(`copy ${name} (${columns.join(', ')}) from stdin`)) as Writable,
  )
}

function hashing() {
  const hash = createHash('sha256')
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  return { through, digest: () => hash.digest('hex') }
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

const exists = (path: string) => stat(path).then(() => true, () => false)
