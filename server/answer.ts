import type { ContractProcedure, InferSchemaInput, InferSchemaOutput } from '@orpc/contract'
import { implement, ORPCError, ValidationError, type AnyRouter } from '@orpc/server'
import { createHash } from 'node:crypto'
import { mustHold, type Actor } from '../capabilities/access/permission.ts'
import type { EndpointMeta, RoomContract } from '../capabilities/endpoint.ts'
import { todayIn, type CivilDate } from '../rules/civil-date.ts'
import { isProblem, Problem } from '../rules/problem.ts'
import { readConfig, type Config } from './config.ts'
import { json, later, maybe, run, sql, type Database, type Tx } from './db.ts'

/** What a handler gets. Time is an argument: `today` is the civil date in Asia/Shanghai, `now` the instant. */
export type Call<Input, Who = Actor> = {
  tx: Tx
  input: Input
  actor: Who
  today: CivilDate
  now: Date
  signal: AbortSignal | undefined
  /** What secrets that must be read again are sealed with in the database; missing where nothing is sealed (tests, samples). */
  sealingKey: string | undefined
  settings: Config
}

/** One handler per endpoint of a room's contract; a missing one is a type error. */
export type Answers<Contract extends RoomContract> = {
  [Name in keyof Contract]: Contract[Name] extends ContractProcedure<infer Input, infer Output, infer _Errors, infer _Meta>
    ? (call: Call<InferSchemaOutput<Input>, Actor>) => Promise<InferSchemaInput<Output>>
    : never
}

/** What the frame knows of a request before any room sees it. */
export type Asked = {
  database: Database
  /** Who asks; undefined when nobody is signed in. Loaded once, when an endpoint needs it. */
  actor: () => Promise<Actor | undefined>
  idempotencyKey: string | undefined
  clock: () => Date
  sealingKey?: string | undefined
  settings?: Config | undefined
}

/** What holds when the administrator has set nothing. */
export const usualSettings = readConfig({})

const nobody: Actor = { account: '', name: '', locale: 'zh-CN', mustChangePassword: false, grants: [] }
/** What a person may do before the first password is changed. */
const beforeFirstPassword: readonly string[] = ['public', 'signedIn']

/**
 * Turns a room's contract and its handlers into routes. The life of a request: who asks, does he hold the verb
 * anywhere, has this write been answered before, one transaction around the handler, and only then the answer.
 */
export function answer<Contract extends RoomContract>(contract: Contract, handlers: Answers<Contract>): AnyRouter {
  const routes: Record<string, unknown> = {}
  for (const [name, procedure] of Object.entries(contract)) {
    const handler = handlers[name as keyof Contract] as (call: Call<unknown>) => Promise<unknown>
    const { meta, route } = procedure['~orpc']
    const { needs, secret, during } = meta as EndpointMeta
    routes[name] = implement(procedure)
      .$context<Asked>()
      .handler(async ({ input, context, signal }) => {
        const actor = needs === 'public' ? nobody : await context.actor()
        if (!actor) throw new Problem('not-signed-in')
        mustBeWhole(actor, during)
        if (actor.mustChangePassword && !beforeFirstPassword.includes(needs)) throw new Problem('password-must-change')
        if (needs !== 'public' && needs !== 'signedIn') mustHold(actor, needs)
        const now = context.clock()
        const call = { input, actor, now, today: todayIn(now.getTime()), signal, sealingKey: context.sealingKey, settings: context.settings ?? usualSettings }
        if (route.method === 'GET') return handler({ ...call, tx: context.database.db })
        const key = secret ? undefined : context.idempotencyKey
        if (!key) return context.database.transaction((tx) => handler({ ...call, tx }))
        return answerOnce(context.database, actor, key, { path: route.path, input }, (tx) => handler({ ...call, tx }))
      })
  }
  return routes as AnyRouter
}

/** Throws Problem `second-factor-needed` or `second-factor-must-enrol` while signing in is not finished. */
export function mustBeWhole(actor: Actor, during: EndpointMeta['during'] = []): void {
  if (actor.wants === undefined || during.includes(actor.wants)) return
  throw new Problem(actor.wants === 'code' ? 'second-factor-needed' : 'second-factor-must-enrol')
}

/**
 * The same key and the same body are answered from the first answer; the same key with another body is refused.
 * What the handler loads travels with the question whether the key is new; it is shown nothing before that is known.
 */
async function answerOnce(database: Database, actor: Actor, key: string, request: unknown, work: (tx: Tx) => Promise<unknown>): Promise<unknown> {
  const hash = createHash('sha256').update(JSON.stringify(request)).digest('hex')
  try {
    return await database.transaction(async (tx) => {
      // Waits for a twin that is still running: its commit decides who is first.
      const isNew = run(
        tx,
        sql`insert into answered (actor, key, request_hash) values (${actor.account}, ${key}, ${hash}) on conflict do nothing`,
      ).then((rows) => {
        if (rows === 0) throw new AnsweredBefore()
      })
      const gated: Tx = { ...tx, send: async (statement) => (await Promise.all([tx.send(statement), isNew]))[0] }
      const [done] = await Promise.allSettled([work(gated), isNew])
      await isNew
      if (done.status === 'rejected') throw done.reason
      await later(tx, sql`update answered set response = ${json(done.value ?? null)} where actor = ${actor.account} and key = ${key}`)
      return done.value
    })
  } catch (error) {
    if (!(error instanceof AnsweredBefore)) throw error
    const before = await maybe<{ request_hash: string; response: unknown }>(
      database.db,
      sql`select request_hash, response from answered where actor = ${actor.account} and key = ${key}`,
    )
    if (before?.request_hash !== hash) throw new Problem('idempotency-mismatch')
    return before.response
  }
}

/** The key was used before: whatever the handler has sent is rolled back. */
class AnsweredBefore extends Error {}

/** Problem details (RFC 9457) as every refused request carries them. */
export type ProblemBody = {
  type: string
  code: string
  status: number
  field?: string | undefined
  facts: Record<string, unknown>
  findings: unknown[]
  requestId: string
}

const databaseAway = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', '57P01', '57P02', '57P03', '08006', '08001', '08003', '53300'])

/** @returns the Problem that a person is told for `error`; anything unforeseen is a `bug` (logged by the caller) */
export function problemFor(error: unknown): Problem {
  if (isProblem(error)) return error
  const cause = error instanceof ORPCError ? error.cause : undefined
  if (isProblem(cause)) return cause
  if (cause instanceof ValidationError) {
    const findings = cause.issues.map((issue) => ({
      code: 'invalid-input',
      path: (issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part)).join('.'),
      facts: { message: issue.message },
    }))
    return new Problem('invalid-input', { field: findings[0]?.path, findings })
  }
  if (error instanceof ORPCError && error.status === 413) return new Problem('too-large')
  if (error instanceof ORPCError && error.status === 404) return new Problem('not-found')
  if (error instanceof ORPCError && error.status === 400) return new Problem('invalid-input', { facts: { message: error.message } })
  const code = (error as { code?: string } | undefined)?.code
  const message = error instanceof Error ? error.message : ''
  if ((code && databaseAway.has(code)) || /Connection terminated|connection error and is not queryable|timeout exceeded when trying to connect/.test(message)) {
    return new Problem('database-away')
  }
  return new Problem('bug')
}
