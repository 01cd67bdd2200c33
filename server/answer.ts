import type { ContractProcedure, InferSchemaInput, InferSchemaOutput } from '@orpc/contract'
import { implement, ORPCError, ValidationError, type AnyRouter } from '@orpc/server'
import { hash } from 'node:crypto'
import { mustHold, type Actor } from '../capabilities/access/permission.ts'
import type { EndpointMeta, RoomContract } from '../capabilities/endpoint.ts'
import { todayIn, type CivilDate } from '../rules/civil-date.ts'
import { isProblem, Problem } from '../rules/problem.ts'
import { readConfig, type Config } from './config.ts'
import { databaseIsAway } from './away.ts'
import type { Database, Tx } from './db.ts'
import { alone, joined, type Joint } from './joint.ts'

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

/** A call before there is a transaction for it. */
export type CallToJoin<Input> = Omit<Call<Input>, 'tx'>
/** A handler of a write that many send in the same moment: it answers them together. */
export type JointAnswer<Input, Output> = Joint<CallToJoin<Input>, Output>

/** One handler per endpoint of a room's contract; a missing one is a type error. */
export type Answers<Contract extends RoomContract> = {
  [Name in keyof Contract]: Contract[Name] extends ContractProcedure<infer Input, infer Output, infer _Errors, infer _Meta>
    ? AnswerOf<InferSchemaOutput<Input>, InferSchemaInput<Output>>
    : never
}
type AnswerOf<Input, Output> = ((call: Call<Input>) => Promise<Output>) | JointAnswer<Input, Output>

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
    const handler = handlers[name as keyof Contract] as AnswerOf<unknown, unknown>
    const joint = typeof handler === 'function' ? undefined : joined(handler)
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
        const { database } = context
        if (typeof handler === 'function' && route.method === 'GET') return database.reading((tx) => handler({ ...call, tx }))
        const key = secret ? undefined : context.idempotencyKey || undefined
        const waiting = { call, account: actor.account, key, hash: key && hashOf({ path: route.path, input }) }
        return typeof handler === 'function' ? alone(database, waiting, (tx) => handler({ ...call, tx })) : joint!(database, waiting)
      })
  }
  return routes as AnyRouter
}

const hashOf = (request: unknown) => hash('sha256', JSON.stringify(request), 'hex')

/** Throws Problem `second-factor-needed` or `second-factor-must-enrol` while signing in is not finished. */
export function mustBeWhole(actor: Actor, during: EndpointMeta['during'] = []): void {
  if (actor.wants === undefined || during.includes(actor.wants)) return
  throw new Problem(actor.wants === 'code' ? 'second-factor-needed' : 'second-factor-must-enrol')
}

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
  if (databaseIsAway(error)) return new Problem('database-away')
  return new Problem('bug')
}
