import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { makePool } from '../server/db.ts'
import { migrate } from '../server/migrate.ts'
import { startEmbedded } from '../server/embedded.ts'

declare module 'vitest' {
  interface ProvidedContext {
    databaseServer: string
  }
}

/**
 * Once per run: a real PostgreSQL (the embedded one, or TEST_DATABASE_URL), and in it the template that
 * every test file's own database is cloned from.
 */
export default async function setup(project: { provide: (key: 'databaseServer', url: string) => void }) {
  const given = process.env.TEST_DATABASE_URL
  const folder = given ? undefined : await mkdtemp(join(tmpdir(), 'sanji-test-'))
  const embedded = folder ? await startEmbedded(folder) : undefined
  const server = given ?? embedded!.url
  await makeTemplate(server)
  project.provide('databaseServer', server)
  return async () => {
    await embedded?.stop()
    if (folder) await rm(folder, { recursive: true, force: true })
  }
}

async function makeTemplate(server: string): Promise<void> {
  const admin = new pg.Client({ connectionString: server })
  await admin.connect()
  await admin.query('drop database if exists sanji_template with (force)')
  await admin.query('create database sanji_template')
  await admin.end()
  const pool = makePool({ connectionString: withDatabase(server, 'sanji_template'), max: 2 })
  await migrate(pool)
  await pool.end()
}

/** @returns the connection string of another database on the same server */
export function withDatabase(server: string, database: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.toString()
}
