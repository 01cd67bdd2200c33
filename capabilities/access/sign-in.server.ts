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
import { connect, makePool, type Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import {
  countAttempt,
  endOldSessions,
  endSessions,
  findAccount,
  findUsername,
  forgetFailures,
  lockedUntil,
  lockName,
  sessionWithGrants,
  tellAccessChanged,
  touchSession,
  uncountAttempt,
} from './access.sql.ts'
import { createAccount } from './accounts.server.ts'
import { mustChangeNow } from './change-password.server.ts'
import type { Actor } from './permission.ts'
import { deviceToken, hashOfDevice, spendCode } from './second-factor.server.ts'
import { needsSecondFactor } from './security-settings.ts'
import { findSecondFactor, findSession, isTrusted, kindsHeld, saveSessionState, sessionOfToken, settingsNow, trustDevice } from './security.sql.ts'
import { makeSignOn, type SignOnSettings } from './sign-on.server.ts'
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
  /** The province's identity provider, when there is one. */
  signOn?: SignOnSettings | undefined
  /** Decides which holdings are valid today. */
  clock?: () => Date
}

export type SignIn = {
  /**
   * Answers below /api/auth: POST sign-in/username `{username, password}` → `{mustChangePassword, endedSessions, wants}`,
   * POST second-factor `{code, trust}`, POST sign-out, GET ways, and GET sign-on with its callback when a provider is set.
   * Throws Problems `sign-in-failed`, `second-factor-wrong`, `account-locked`, `account-disabled`, `not-found`.
   */
  signIn: (request: IncomingMessage, response: ServerResponse) => Promise<void>
  /** @returns who asks and what his posts allow today, or undefined when nobody is signed in */
  actorOf: (request: IncomingMessage) => Promise<Actor | undefined>
  createAccount: typeof createAccount
  close: () => Promise<void>
}

const Credentials = z.object({ username: z.string().min(1).max(100), password: z.string().min(1).max(500) })
const Code = z.object({ code: z.string().min(1).max(40), trust: z.boolean().default(false) })
/** A session that has just begun, by which way, and from which browser. */
type Begun = { account: string; username: string; token: string; by: 'password' | 'oidc'; request: IncomingMessage }
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
  const trustedCookie = `${settings.secureCookies ? '__Secure-' : ''}sanji.trusted`
  const signOn = settings.signOn && makeSignOn(settings.signOn, { ...libraryOptions(), plugins: [] }, linked)
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
    'POST /api/auth/second-factor': secondStep,
    'POST /api/auth/sign-out': signOut,
    'GET /api/auth/ways': waysIn,
    'GET /api/auth/sign-on': startSignOn,
    'GET /api/auth/callback/oidc': finishSignOn,
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
    const { user, token } = (await answer.json()) as { user: { id: string }; token: string }
    const mustChangePassword = await mustChangeNow(database.db, user.id, parsed.data.password, clock().getTime())
    const entered = await enter({ account: user.id, username, token, by: 'password', request })
    passCookies(answer, response)
    send(response, { mustChangePassword, ...entered })
  }

  /** Every way in ends here: is a second factor awaited, or one to be set up first, or is the session whole? */
  async function enter({ account, username, token, by, request }: Begun): Promise<{ endedSessions: number; wants: 'code' | 'enrol' | null }> {
    return database.transaction(async (tx) => {
      const session = await sessionOfToken(tx, token)
      if (!session) throw new Error('a session that was just made is there')
      const { secondFactor } = (await settingsNow(tx)).settings
      const factor = await findSecondFactor(tx, account)
      const isSet = factor !== undefined && factor.confirmedAt !== null
      const needed = !isSet && needsSecondFactor(await kindsHeld(tx, account, todayIn(clock().getTime())), secondFactor)
      const device = cookieNamed(request, trustedCookie)
      const trusted = isSet && device !== undefined && (await isTrusted(tx, account, hashOfDevice(device), secondFactor.trustDays))
      const wants = isSet && !trusted ? 'code' : needed ? 'enrol' : null
      await saveSessionState(tx, session.id, { wants, by })
      if (wants === 'code') {
        // Wrong passwords and wrong codes share one count, which only a whole sign-in forgets.
        if (by === 'password') await uncountAttempt(tx, username)
        return { endedSessions: 0, wants }
      }
      return { endedSessions: await welcome(tx, { account, username, facts: { way: by, ...(trusted && { trustedDevice: true }) } }), wants }
    })
  }

  /** The session is whole: failures are forgotten, the oldest sessions beyond the limit end, the trail says so. */
  async function welcome(tx: Tx, { account, username, facts }: { account: string; username: string; facts: Record<string, unknown> }): Promise<number> {
    await forgetFailures(tx, username)
    const ended = await endOldSessions(tx, account, limits.sessions, idleSeconds)
    await record(tx, 'access.signedIn', { by: { account }, subject: `account:${account}`, facts: { ...facts, ...(ended && { endedSessions: ended }) } })
    if (ended > 0) await tellAccessChanged(tx, account)
    return ended
  }

  /** The code after the password. Counted before it is looked at, like a password. */
  async function secondStep(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parsed = Code.safeParse(await jsonBody(request))
    const row = await sessionRow(request)
    if (!row) throw new Problem('not-signed-in')
    if (row.wants !== 'code') throw new Problem('second-factor-not-set')
    if (!parsed.success) throw new Problem('second-factor-wrong', { field: 'code' })
    const { account, username, session } = row
    const attempt = await countAttempt(database.db, username, limits.lockMinutes)
    if (attempt.lockedUntil) throw new Problem('account-locked', { facts: { until: attempt.lockedUntil } })
    if (attempt.failures > limits.failures) throw new Problem('account-locked', { facts: { until: await lock(username) } })
    const shown = await spendCode(database.db, account, parsed.data.code, clock().getTime(), secret)
    if (!shown) {
      if (attempt.failures < limits.failures) throw new Problem('second-factor-wrong', { field: 'code', facts: { left: limits.failures - attempt.failures } })
      await endSessions(database.db, account, { only: session })
      throw new Problem('account-locked', { facts: { until: await lock(username) } })
    }
    const { days, token, ended } = await database.transaction(async (tx) => {
      const way = (await findSession(tx, session))?.signedInBy
      await saveSessionState(tx, session, { wants: null })
      const { trustDays } = (await settingsNow(tx)).settings.secondFactor
      const device = parsed.data.trust && trustDays > 0 ? deviceToken() : undefined
      if (device) await trustDevice(tx, account, device.hash, trustDays)
      const facts = { way, secondFactor: shown, ...(device && { trustedDays: trustDays }) }
      return { days: trustDays, token: device?.token, ended: await welcome(tx, { account, username, facts }) }
    })
    if (token) {
      const secure = settings.secureCookies ? '; Secure' : ''
      response.setHeader('set-cookie', `${trustedCookie}=${token}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${days * 86_400}${secure}`)
    }
    send(response, { mustChangePassword: row.mustChangePassword, endedSessions: ended })
  }

  async function waysIn(_request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { trustDays } = (await settingsNow(database.db)).settings.secondFactor
    send(response, { oidc: settings.signOn ? { name: settings.signOn.name } : null, trustDays })
  }

  async function startSignOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!signOn) throw new Problem('not-found', { facts: { path: '/api/auth/sign-on' } })
    const started = await signOn.start(request)
    if ('problem' in started) return redirect(response, `/?signOn=${started.problem}`)
    passCookies(started.answer, response)
    redirect(response, started.url)
  }

  /** The provider sends the browser back. Disabled and locked accounts, limits and the second factor hold as with a password. */
  async function finishSignOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!signOn) throw new Problem('not-found', { facts: { path: '/api/auth/callback/oidc' } })
    const finished = await signOn.finish(request)
    if ('problem' in finished) return redirect(response, `/?signOn=${finished.problem}`)
    const token = await tokenIn(finished.cookie(cookieName) ?? '')
    const session = token === undefined ? undefined : await sessionOfToken(database.db, token)
    const account = session && (await findSession(database.db, session.id))?.account
    const row = account === undefined ? undefined : await findAccount(database.db, account)
    if (!token || !session || !row) throw new Error('the sign-in library answered without a session')
    if (await lockedUntil(database.db, row.username)) {
      await endSessions(database.db, row.id, { only: session.id })
      return redirect(response, '/?signOn=locked')
    }
    await enter({ account: row.id, username: row.username, token, by: 'oidc', request })
    passCookies(finished.answer, response)
    redirect(response, finished.to)
  }

  /** Told when an identity of the provider is tied to an account for the first time. */
  async function linked(account: string): Promise<void> {
    await database.transaction((tx) => record(tx, 'access.identityLinked', { by: { account }, subject: `account:${account}` }))
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
    const row = await sessionRow(request)
    if (!row) {
      remembered.delete(cookie)
      return undefined
    }
    if (row.stale) await touchSession(database.db, row.session)
    const { session, account, username, name, locale, mustChangePassword, wants } = row
    // Before the second factor was shown, a password alone opens nothing, not even which posts somebody holds.
    const grants = wants === 'code' ? [] : row.grants
    const actor: Actor = { account, name, locale, mustChangePassword, grants, session, username, ...(wants && { wants }) }
    // Whoever is not let in wholly yet will be in a moment, and then at once.
    if (!mustChangePassword && !wants && listener.listening()) {
      if (remembered.size >= rememberAtMost) remembered.clear()
      remembered.set(cookie, { actor, until: performance.now() + rememberMs })
    }
    return actor
  }

  /** The session that asks, as it is in the database; undefined when it is over or its account is disabled. */
  async function sessionRow(request: IncomingMessage) {
    const token = await tokenIn(cookieOf(request) ?? '')
    if (token === undefined) return undefined
    const row = await sessionWithGrants(database.db, { token, today: todayIn(clock().getTime()), idleSeconds })
    return row?.disabled ? undefined : row
  }

  const cookieOf = (request: IncomingMessage) => cookieNamed(request, cookieName)

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

function cookieNamed({ headers: { cookie } }: IncomingMessage, name: string): string | undefined {
  return cookie?.includes(name) ? parseCookies(cookie).get(name) : undefined
}

function redirect(response: ServerResponse, to: string): void {
  response.writeHead(302, { location: to, 'cache-control': 'no-store' })
  response.end()
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
