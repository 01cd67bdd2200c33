import { OpenAPIHandler } from '@orpc/openapi/node'
import { ORPCError, type AnyRouter } from '@orpc/server'
import { BodyLimitPlugin } from '@orpc/server/node'
import { experimental_ZodSmartCoercionPlugin as SmartCoercion } from '@orpc/zod/zod4'
import compression from 'compression'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { mustHold, scopeOf, type Actor } from '../capabilities/access/permission.ts'
import { Problem } from '../rules/problem.ts'
import { mustBeWhole, problemFor, type Asked, type ProblemBody, usualSettings } from './answer.ts'
import type { Config } from './config.ts'
import type { Database } from './db.ts'
import type { FileStore } from './file-store.ts'
import type { RawRoute } from './raw.ts'

export type Platform = {
  database: Database
  router: AnyRouter
  raw: readonly RawRoute[]
  /** Sign-in, sign-out, change of password: the sign-in library's own routes below /api/auth. */
  signIn: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  actorOf: (request: IncomingMessage) => Promise<Actor | undefined>
  /** What lies outside /api: the built pages, health, metrics, API docs. */
  outside: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  log: Logger
  clock: () => Date
  dataDir: string
  files: FileStore
  /** Whether the database answers at all; asked only for requests that wait long. */
  databaseAnswers?: () => Promise<boolean>
  /** How long a request may wait before that is asked, in milliseconds. */
  patienceMs?: number
  /** Seals secrets that must be read again, such as the key of a second factor. */
  sealingKey?: string
  /** What the administrator has set; without it what holds when nothing is set. */
  settings?: Config | undefined
  /** Told of every answered request; for metrics. */
  answered?: (route: string, status: number, seconds: number) => void
}

/** A database that is cut off answers nothing, not even no: who waits this long is told so instead of waiting for ever. */
const usualPatienceMs = 6_000
/** What is refused while it is still being sent is read and thrown away for so long, so that the answer is heard. */
const lingerMs = 15_000
const bodyLimit = 5 * 1024 * 1024
/** No upload is larger; what announces more is refused before a byte of it is read. A raw route may set a lower limit. */
const uploadLimit = 50 * 1024 * 1024
/** Villages have weak lines; live notices are a stream that must not wait in a buffer (no-transform keeps them out). */
const compress = compression({ threshold: 1024 })

/** Builds the HTTP server over the rooms' routes. The caller listens and closes. */
export function httpServer(platform: Platform): Server {
  const api = new OpenAPIHandler<Asked>(platform.router, {
    plugins: [new SmartCoercion(), new BodyLimitPlugin({ maxBodySize: bodyLimit })],
    customErrorResponseBodyEncoder: (error) => error.data as ProblemBody,
    clientInterceptors: [
      async ({ next, context, procedure }) => {
        const told = context as Asked & { matched: (path: string) => void }
        told.matched(`/api${procedure['~orpc'].route.path}`)
        return next()
      },
    ],
    interceptors: [
      async ({ next, context }) => {
        try {
          return await next()
        } catch (error) {
          throw asResponse(error, context as Asked & { requestId: string }, platform.log)
        }
      },
    ],
  })
  return createServer((request, response) => {
    const requestId = randomUUID()
    const started = performance.now()
    response.setHeader('x-request-id', requestId)
    // The pattern of the route, never the path: names and codes in a path stay out of logs and metrics.
    let route = 'outside'
    response.on('close', () => {
      const seconds = (performance.now() - started) / 1000
      platform.answered?.(route, response.statusCode, seconds)
      platform.log.info({ requestId, method: request.method, route, status: response.statusCode, ms: Math.round(seconds * 1000) })
    })
    const failed = (error: unknown) => {
      const told = asResponse(error, { requestId }, platform.log)
      if (response.headersSent) return void response.destroy()
      sendProblem(response, told)
      // Ending the connection at once would lose the answer on its way to somebody who is still sending.
      if (!request.complete) endAfterLingering(request)
    }
    compress(request as never, response as never, () => void handle(request, response, requestId, (path) => (route = path)).catch(failed))
  })

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    matched: (route: string) => void,
  ): Promise<void> {
    const url = addressOf(request)
    if (url.pathname.startsWith('/api/')) matched('/api/*')
    if (Number(request.headers['content-length'] ?? 0) > uploadLimit) throw new Problem('too-large', { facts: { limit: uploadLimit } })
    mustComeFromHere(request)
    if (url.pathname.startsWith('/api/auth/')) {
      matched('/api/auth/*')
      return orAway(response, platform.signIn(request, response))
    }
    let actor: Promise<Actor | undefined> | undefined
    const actorOnce = () => (actor ??= platform.actorOf(request).then((found) => mustBeTheWriter(request, found)))
    const raw = matchRaw(platform.raw, request.method ?? 'GET', url.pathname)
    if (raw) {
      matched(`/api${raw.route.path}`)
      const who = await mayUse(raw.route, actorOnce)
      return raw.route.handle({
        request,
        response,
        params: raw.params,
        query: url.searchParams,
        actor: who,
        database: platform.database,
        now: platform.clock(),
        dataDir: platform.dataDir,
        files: platform.files,
        settings: platform.settings ?? usualSettings,
      })
    }
    const key = request.headers['idempotency-key']
    const context = {
      database: platform.database,
      actor: actorOnce,
      idempotencyKey: typeof key === 'string' ? key : undefined,
      clock: platform.clock,
      sealingKey: platform.sealingKey,
      settings: platform.settings,
      requestId,
      matched,
    }
    const answered = await orAway(response, api.handle(request, response, { prefix: '/api', context }))
    if (answered.matched) return
    if (url.pathname.startsWith('/api/')) throw new Problem('not-found', { facts: { path: url.pathname } })
    await platform.outside(request, response)
  }

  /** The work goes on by itself when its answer comes too late; the same write sent again is answered from it. */
  async function orAway<Answer>(response: ServerResponse, work: Promise<Answer>): Promise<Answer> {
    const { databaseAnswers, patienceMs = usualPatienceMs } = platform
    if (!databaseAnswers) return work
    let timer: NodeJS.Timeout | undefined
    const away = new Promise<never>((_, tell) => {
      const look = async () => {
        if (response.headersSent) return
        if (!(await databaseAnswers()) && !response.headersSent) return tell(new Problem('database-away'))
        timer = setTimeout(look, patienceMs)
      }
      timer = setTimeout(look, patienceMs)
    })
    work.catch((error: unknown) => {
      if (response.writableEnded) platform.log.warn({ message: String(error) }, 'a request that was told the database is away ended later')
    })
    try {
      return await Promise.race([work, away])
    } finally {
      clearTimeout(timer)
    }
  }
}

function endAfterLingering(request: IncomingMessage): void {
  const late = setTimeout(() => request.socket.destroy(), lingerMs)
  late.unref()
  request.once('close', () => clearTimeout(late))
  request.resume()
}

function addressOf(request: IncomingMessage): URL {
  try {
    return new URL(request.url ?? '/', 'http://local')
  } catch {
    throw new Problem('not-found', { facts: {} })
  }
}

/** A page of another site must not write with the visitor's cookie. Browsers say where a request comes from; tools do not. */
function mustComeFromHere(request: IncomingMessage): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  if (request.headers['sec-fetch-site'] === 'cross-site') throw new Problem('not-allowed', { facts: { reason: 'cross-site' } })
}

/**
 * What waited on a device says who wrote it (header `sanji-account`). Another person who is signed in there by now never
 * sends it under his name. Throws Problem `somebody-else`.
 */
function mustBeTheWriter(request: IncomingMessage, actor: Actor | undefined): Actor | undefined {
  const writer = request.headers['sanji-account']
  if (actor && typeof writer === 'string' && writer !== actor.account) throw new Problem('somebody-else')
  return actor
}

async function mayUse(route: RawRoute, actorOnce: () => Promise<Actor | undefined>): Promise<Actor> {
  const actor = await actorOnce()
  if (route.needs === 'public') return actor ?? { account: '', name: '', locale: 'zh-CN', mustChangePassword: false, grants: [] }
  if (!actor) throw new Problem('not-signed-in')
  mustBeWhole(actor)
  if (route.needs !== 'signedIn') {
    if (actor.mustChangePassword) throw new Problem('password-must-change')
    const [first, ...others] = typeof route.needs === 'string' ? [route.needs] : route.needs
    if (!others.some((verb) => scopeOf(actor, verb).length > 0)) mustHold(actor, first!)
  }
  return actor
}

function matchRaw(routes: readonly RawRoute[], method: string, path: string) {
  for (const route of routes) {
    if (route.method !== method) continue
    const wanted = `/api${route.path}`.split('/')
    const got = path.split('/')
    if (wanted.length !== got.length) continue
    const params: Record<string, string> = {}
    const fits = wanted.every((part, index) => {
      const name = /^\{(.+)\}$/.exec(part)?.[1]
      if (name) params[name] = decoded(got[index] ?? '')
      return name !== undefined || part === got[index]
    })
    if (fits) return { route, params }
  }
  return undefined
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Problem('not-found', { facts: {} })
  }
}

/** Maps any error to problem details; what nobody foresaw is logged with the request's id, never shown. */
function asResponse(error: unknown, { requestId }: { requestId: string }, log: Logger): ORPCError<string, ProblemBody> {
  const problem = problemFor(error)
  if (problem.code === 'bug') log.error({ requestId, err: error }, 'bug')
  if (problem.code === 'database-away') log.warn({ requestId, message: (error as Error).message }, 'database away')
  const body: ProblemBody = {
    type: `/problems/${problem.code}`,
    code: problem.code,
    status: problem.status,
    field: problem.field,
    facts: problem.facts,
    findings: problem.findings,
    requestId,
  }
  return new ORPCError(problem.code, { status: problem.status, message: problem.code, data: body, cause: error })
}

function sendProblem(response: ServerResponse, error: ORPCError<string, ProblemBody>): void {
  response.writeHead(error.status, { 'content-type': 'application/problem+json; charset=utf-8' })
  response.end(JSON.stringify(error.data))
}
