import { betterAuth } from 'better-auth'
import { APIError } from 'better-auth/api'
import { getCookies, parseCookies } from 'better-auth/cookies'
import { constantTimeEqual, makeSignature } from 'better-auth/crypto'
import { fromNodeHeaders } from 'better-auth/node'
import { username as usernamePlugin } from 'better-auth/plugins/username'
import type { IncomingMessage, ServerResponse } from 'node:http'
import pg from 'pg'
import { z } from 'zod'
import { todayIn } from '../../rules/civil-date.ts'
import { Problem } from '../../rules/problem.ts'
import { connect, makePool } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import {
  countAttempt,
  endOldSessions,
  findUsername,
  forgetFailures,
  lockName,
  sessionWithGrants,
  tellAccessChanged,
  touchSession,
} from './access.sql.ts'
import { createAccount } from './accounts.server.ts'
import type { Actor } from './permission.ts'
import { sessionLimits, type SessionLimits } from './session-limits.ts'
import { isUsername, plainUsername } from './username.ts'

export type SignInSettings = {
  /** The database; sign-in keeps a small pool of its own. */
  url: string
  /** Signs the cookies; at least 32 characters, kept between starts (server/embedded.ts `keptSecret`). */
  secret: string
  /** The address that people type. */
  publicUrl: string
  /** True behind https: the cookie then travels on nothing else. */
  secureCookies: boolean
  limits?: SessionLimits
  /** Decides which holdings are valid today. */
  clock?: () => Date
}

export type SignIn = {
  /**
   * Answers POST /api/auth/sign-in/username `{username, password}` → `{mustChangePassword, endedSessions}` and
   * POST /api/auth/sign-out. Throws Problems `sign-in-failed`, `account-locked`, `account-disabled`, `not-found`.
   */
  signIn: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** @returns who asks and what his posts allow today, or undefined when nobody is signed in */
  actorOf: (request: IncomingMessage) => Promise<Actor | undefined>
  createAccount: typeof createAccount
  close: () => Promise<void>
}

const Credentials = z.object({ username: z.string().min(1).max(100), password: z.string().min(1).max(500) })
/** What a process remembers of a session, so that a busy page does not ask the database for the same thing each time. */
type Remembered = { actor: Actor; until: number }
const rememberMs = 5_000
const rememberAtMost = 20_000
const disabledCode = 'ACCOUNT_DISABLED'

/** Signing in on the library better-auth: it hashes, keeps sessions and signs cookies; the rules around it are ours. */
export function makeSignIn(settings: SignInSettings): SignIn {
  const { secret, clock = () => new Date(), limits = sessionLimits } = settings
  const idleSeconds = limits.idleMinutes * 60
  const database = connect(settings.url, { size: 4, name: 'sanji sign-in' })
  const libraryPool = makePool({ connectionString: settings.url, max: 3, application_name: 'sanji better-auth' })
  const auth = betterAuth(libraryOptions())
  const cookieName = getCookies(auth.options).sessionToken.name
  const remembered = new Map<string, Remembered>()
  const listener = listenForChanges(settings.url, (account) => forget(account))

  function libraryOptions() {
    const additionalFields = {
      mustChangePassword: { type: 'boolean' as const, required: false, input: false },
      // The library refuses to work with a column that must be filled and that it does not know.
      unitId: { type: 'number' as const, required: true, input: false },
    }
    return {
      database: libraryPool,
      secret,
      baseURL: settings.publicUrl,
      basePath: '/api/auth',
      emailAndPassword: { enabled: true, disableSignUp: true, maxPasswordLength: 500 },
      plugins: [
        usernamePlugin({ minUsernameLength: 1, maxUsernameLength: 100, usernameValidator: () => true, usernameNormalization: plainUsername }),
      ],
      user: { modelName: 'auth_user', additionalFields },
      session: { modelName: 'auth_session', expiresIn: limits.absoluteMinutes * 60, disableSessionRefresh: true },
      account: { modelName: 'auth_account' },
      verification: { modelName: 'auth_verification' },
      advanced: {
        cookiePrefix: 'sanji',
        useSecureCookies: settings.secureCookies,
        // Where somebody signs in from is nobody's business.
        ipAddress: { disableIpTracking: true },
      },
      databaseHooks: { session: { create: { before: refuseDisabled } } },
      logger: { disabled: true },
      telemetry: { enabled: false },
    }
  }

  async function refuseDisabled(session: { userId: string }): Promise<void> {
    const { rows } = await libraryPool.query<{ disabled: boolean }>('select disabled from auth_user where id = $1', [session.userId])
    if (rows[0]?.disabled) throw new APIError('FORBIDDEN', { code: disabledCode })
  }

  const routes: Record<string, (request: IncomingMessage, response: ServerResponse) => Promise<void>> = {
    'POST /api/auth/sign-in/username': signInByName,
    'POST /api/auth/sign-out': signOut,
  }

  async function signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://local')
    const route = routes[`${request.method} ${pathname}`]
    if (!route) throw new Problem('not-found', { facts: { path: pathname } })
    return route(request, response)
  }

  async function signInByName(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parsed = Credentials.safeParse(await jsonBody(request))
    if (!parsed.success) throw new Problem('sign-in-failed')
    const username = plainUsername(parsed.data.username)
    if (!isUsername(username)) throw new Problem('sign-in-failed')
    const attempt = await countAttempt(database.db, username, limits.lockMinutes)
    if (attempt.lockedUntil) throw new Problem('account-locked', { facts: { until: attempt.lockedUntil } })
    if (attempt.failures > limits.failures) throw new Problem('account-locked', { facts: { until: await lock(username) } })

    const answer = await auth.api.signInUsername({
      body: { username, password: parsed.data.password },
      headers: fromNodeHeaders(request.headers),
      asResponse: true,
    })
    if (!answer.ok) {
      const body = (await answer.json().catch(() => ({}))) as { code?: string }
      if (body.code === disabledCode) throw new Problem('account-disabled')
      if (answer.status !== 401) throw new Error(`the sign-in library answered ${answer.status} ${body.code ?? ''}`)
      if (attempt.failures >= limits.failures) throw new Problem('account-locked', { facts: { until: await lock(username) } })
      throw new Problem('sign-in-failed', { facts: { left: limits.failures - attempt.failures } })
    }
    const { user } = (await answer.json()) as { user: { id: string; mustChangePassword?: boolean } }
    const endedSessions = await database.transaction(async (tx) => {
      await forgetFailures(tx, username)
      const ended = await endOldSessions(tx, user.id, limits.sessions, idleSeconds)
      await record(tx, 'access.signedIn', { by: { account: user.id }, subject: `account:${user.id}`, facts: ended ? { endedSessions: ended } : {} })
      if (ended > 0) await tellAccessChanged(tx, user.id)
      return ended
    })
    passCookies(answer, response)
    send(response, { mustChangePassword: user.mustChangePassword === true, endedSessions })
  }

  async function lock(username: string): Promise<string> {
    return database.transaction(async (tx) => {
      const until = await lockName(tx, username, limits.lockMinutes)
      const account = await findUsername(tx, username)
      // A name that is not ours may be a password typed into the wrong field: it is not written down.
      await record(tx, 'access.locked', { by: null, subject: account ? `account:${account.id}` : 'account:unknown', facts: { until } })
      return until
    })
  }

  async function signOut(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const actor = await actorOf(request)
    const cookie = cookieOf(request)
    const answer = await auth.api.signOut({ headers: fromNodeHeaders(request.headers), asResponse: true })
    if (cookie) remembered.delete(cookie)
    if (actor) {
      await database.transaction(async (tx) => {
        await record(tx, 'access.signedOut', { by: { account: actor.account }, subject: `account:${actor.account}` })
        await tellAccessChanged(tx, actor.account)
      })
    }
    passCookies(answer, response)
    send(response, { signedOut: true })
  }

  async function actorOf(request: IncomingMessage): Promise<Actor | undefined> {
    const cookie = cookieOf(request)
    if (!cookie) return undefined
    const known = remembered.get(cookie)
    if (known && known.until > performance.now()) return known.actor
    const token = await tokenIn(cookie)
    if (!token) return undefined
    const row = await sessionWithGrants(database.db, { token, today: todayIn(clock().getTime()), idleSeconds })
    if (!row || row.disabled) {
      remembered.delete(cookie)
      return undefined
    }
    if (row.stale) await touchSession(database.db, row.session)
    const { session, account, username, name, locale, mustChangePassword, grants } = row
    const actor: Actor = { account, name, locale, mustChangePassword, grants, session, username }
    // Who must still change the password does so in a moment, and must then be let in at once.
    if (!mustChangePassword && listener.listening()) {
      if (remembered.size >= rememberAtMost) remembered.clear()
      remembered.set(cookie, { actor, until: performance.now() + rememberMs })
    }
    return actor
  }

  function cookieOf(request: IncomingMessage): string | undefined {
    const header = request.headers.cookie
    return header?.includes(cookieName) ? parseCookies(header).get(cookieName) : undefined
  }

  /** The session token in a signed cookie; undefined when the signature is not ours. */
  async function tokenIn(cookie: string): Promise<string | undefined> {
    const dot = cookie.lastIndexOf('.')
    if (dot < 1) return undefined
    const token = cookie.slice(0, dot)
    return constantTimeEqual(cookie.slice(dot + 1), await makeSignature(token, secret)) ? token : undefined
  }

  function forget(account: string): void {
    if (account === '*') return remembered.clear()
    for (const [cookie, { actor }] of remembered) if (actor.account === account) remembered.delete(cookie)
  }

  return {
    signIn,
    actorOf,
    createAccount,
    close: async () => {
      await listener.stop()
      await Promise.all([database.close(), libraryPool.end()])
    },
  }
}

const bodyLimit = 10_000

async function jsonBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += (chunk as Buffer).length
    if (size > bodyLimit) throw new Problem('too-large', { facts: { limit: bodyLimit } })
    chunks.push(chunk as Buffer)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new Problem('invalid-input')
  }
}

function passCookies(from: Response, to: ServerResponse): void {
  to.setHeader('set-cookie', from.headers.getSetCookie())
}

function send(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

/** Hears of changes that other processes make. While it does not listen, nothing may be remembered. */
function listenForChanges(url: string, told: (account: string) => void) {
  let client: pg.Client | undefined
  let listening = false
  let stopped = false
  let again: NodeJS.Timeout | undefined
  const lost = () => {
    if (listening) told('*')
    listening = false
    client = undefined
    if (!stopped && !again) {
      again = setTimeout(() => {
        again = undefined
        start()
      }, 2_000)
    }
  }
  const start = () => {
    const next = new pg.Client({ connectionString: url, application_name: 'sanji access changes' })
    client = next
    next.on('error', lost)
    next.on('end', lost)
    next.on('notification', (message) => told(message.payload ?? '*'))
    next
      .connect()
      .then(() => next.query('listen access_changed'))
      .then(() => {
        listening = true
      }, lost)
  }
  start()
  return {
    listening: () => listening,
    stop: async () => {
      stopped = true
      clearTimeout(again)
      await client?.end().catch(() => undefined)
    },
  }
}
