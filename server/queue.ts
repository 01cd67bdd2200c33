import { Logger, run as runWorkers, runMigrations, type Runner } from 'graphile-worker'
import type pg from 'pg'
import type { Logger as Log } from 'pino'
import type { Config } from './config.ts'
import { json, makePool, run, sql, type Database, type Tx } from './db.ts'
import type { FileStore } from './file-store.ts'

/** Where the queue's own tables live, in the platform's database. */
const schema = 'graphile_worker'

/** Brings the queue's tables to the library's version. */
export async function migrateQueue(pool: pg.Pool): Promise<void> {
  await runMigrations({ pgPool: pool, schema, logger: new Logger(() => () => undefined) })
}

/**
 * Puts a job on the queue in the caller's transaction: it runs only if that commits.
 * @param key jobs with the same key are one job: a later call replaces the one that still waits
 * @param at not before this instant
 */
export async function later(tx: Tx, task: string, payload: unknown, { key, at }: { key?: string; at?: Date } = {}): Promise<void> {
  await run(
    tx,
    sql`select graphile_worker.add_job(${task}::text, ${json(payload)}::json, run_at => ${at?.toISOString() ?? null}::timestamptz,
                                       job_key => ${key ?? null}::text, job_key_mode => 'replace')`,
  )
}

/** What a job gets besides its payload. It opens its own transactions; what it has not finished by a kill is run again. */
export type JobCall = { database: Database; dataDir: string; files: FileStore; settings: Config; now: Date; log: Log }
/** The jobs of the rooms by name (`room:act`), as `later` and the timetable name them. */
export type Jobs = Readonly<Record<string, (payload: unknown, call: JobCall) => Promise<void>>>

export type Queue = {
  stop: () => Promise<void>
  /** Settles when the queue is not worked off any more, by `stop` or because the database was away too long. */
  ended: Promise<unknown>
}

/** Works off the queue: two jobs at a time, beside the requests. Jobs that were running at a kill are run again. */
export async function startQueue(
  url: string,
  jobs: Jobs,
  timetable: readonly string[],
  { log, done, ...around }: Omit<JobCall, 'now'> & { clock: () => Date; done: (task: string, outcome: 'done' | 'failed', seconds: number) => void },
): Promise<Queue> {
  const call = (): JobCall => ({ log, database: around.database, dataDir: around.dataDir, files: around.files, settings: around.settings, now: around.clock() })
  // The library takes its listeners off its own pool before that pool has closed: a connection that breaks then ends the process.
  const pgPool = makePool({ connectionString: url, max: 4, application_name: 'sanji queue' })
  const runner: Runner = await runWorkers({
    pgPool,
    schema,
    concurrency: 2,
    pollInterval: 2_000,
    noHandleSignals: true,
    taskList: Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, (payload: unknown) => job(payload, call())])),
    // An empty text would make the library look for a file.
    crontab: timetable.join('\n') || '# none',
    logger: new Logger(() => (level, message) => log[level === 'warning' ? 'warn' : level]({ from: 'queue' }, message)),
  }).catch(async (error: unknown) => {
    await pgPool.end()
    throw error
  })
  const started = new Map<string, number>()
  runner.events.on('job:start', ({ job }) => started.set(job.id, performance.now()))
  const count = (outcome: 'done' | 'failed') => (event: { job: { id: string; task_identifier: string } }) => {
    const from = started.get(event.job.id) ?? performance.now()
    started.delete(event.job.id)
    done(event.job.task_identifier, outcome, (performance.now() - from) / 1000)
  }
  runner.events.on('job:success', count('done'))
  runner.events.on('job:error', count('failed'))
  const ended = runner.promise.catch((error: unknown) => error).finally(() => pgPool.end())
  return {
    stop: async () => {
      await runner.stop()
      await ended
    },
    ended,
  }
}
