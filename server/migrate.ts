import { readdir, readFile } from 'node:fs/promises'
import type pg from 'pg'
import { migrateQueue } from './queue.ts'

const folder = new URL('../db/migrations/', import.meta.url)

/** @returns the numbered migrations in order, with their text */
export async function migrations(): Promise<{ name: string; text: string }[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_.*\.sql$/.test(name)).sort()
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(new URL(name, folder), 'utf8') })))
}

/**
 * Brings a database up to this version, the queue's tables with it: each file in one transaction, one starter at a time.
 * Refuses a database that is ahead of this code. The pool needs two connections: one holds the lock.
 * @param upTo the last file to run; a restore stops at the version its rows were written in
 * @returns the names of the files that were run
 */
export async function migrate(pool: pg.Pool, { upTo }: { upTo?: string } = {}): Promise<string[]> {
  const client = await pool.connect()
  try {
    // Two processes that start at once: the second waits here and finds nothing to do.
    await client.query(`select pg_advisory_lock(hashtext('sanji migrate'))`)
    await client.query(`create table if not exists migration (name text primary key, at timestamptz not null default now())`)
    const done = new Set((await client.query<{ name: string }>('select name from migration')).rows.map((row) => row.name))
    const all = await migrations()
    const ahead = [...done].filter((name) => !all.some((file) => file.name === name))
    if (ahead.length > 0) throw new Error(`the database is newer than this program: it has ${ahead.join(', ')}`)
    // First, so that a migration may put work on the queue.
    await migrateQueue(pool)
    const waiting = all.filter((file) => !done.has(file.name) && (upTo === undefined || file.name <= upTo))
    for (const file of waiting) {
      await client.query('begin')
      try {
        await client.query(file.text)
        await client.query(`insert into migration (name) values ($1)`, [file.name])
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        throw new Error(`migration ${file.name} failed: ${(error as Error).message}`, { cause: error })
      }
    }
    return waiting.map((file) => file.name)
  } finally {
    await client.query(`select pg_advisory_unlock(hashtext('sanji migrate'))`).catch(() => undefined)
    client.release()
  }
}
