import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import { many, sql, type Database } from './db.ts'

export type Metrics = {
  /** Told of every answered request. @param route the pattern, such as /api/units/{id}; never the path */
  answered: (route: string, status: number, seconds: number) => void
  jobDone: (task: string, outcome: 'done' | 'failed', seconds: number) => void
  sealed: (events: number) => void
  /** @returns the figures in the text format of Prometheus; reads the state of the queue from the database */
  text: () => Promise<string>
  contentType: string
}

/** Counts what the platform does. Labels are routes, tasks and outcomes: nothing personal. */
export function makeMetrics(database: Database): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const requests = new Histogram({
    name: 'sanji_request_seconds',
    help: 'Answered requests by route and status',
    labelNames: ['route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  })
  const jobs = new Histogram({
    name: 'sanji_job_seconds',
    help: 'Jobs by task and outcome',
    labelNames: ['task', 'outcome'],
    buckets: [0.01, 0.1, 1, 10, 60, 600],
    registers,
  })
  const sealedEvents = new Counter({ name: 'sanji_events_sealed_total', help: 'Events sealed into the chain', registers })
  new Gauge({
    name: 'sanji_pool_connections',
    help: 'Connections to the database by state',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'open' }, database.pool.totalCount)
      this.set({ state: 'idle' }, database.pool.idleCount)
      this.set({ state: 'waited-for' }, database.pool.waitingCount)
    },
  })
  new Gauge({
    name: 'sanji_jobs_waiting',
    help: 'Jobs in the queue by state',
    labelNames: ['state'],
    registers,
    async collect() {
      const rows = await queueStates(database).catch(() => [])
      this.reset()
      for (const { state, jobs: count } of rows) this.set({ state }, count)
    },
  })
  return {
    answered: (route, status, seconds) => requests.observe({ route, status: String(status) }, seconds),
    jobDone: (task, outcome, seconds) => jobs.observe({ task, outcome }, seconds),
    sealed: (events) => sealedEvents.inc(events),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}

function queueStates(database: Database) {
  return many<{ state: string; jobs: number }>(
    database.db,
    sql`select case when attempts >= max_attempts then 'given-up' when locked_at is not null then 'running'
                    when run_at > now() then 'later' else 'due' end as state, count(*) as jobs
        from graphile_worker._private_jobs group by 1`,
  )
}
