import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { many, one, sql } from '../../server/db.ts'
import { Browser, openDoor, type Answered } from '../../tests/doorway.ts'
import { answer } from '../../server/answer.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { accessContract } from './access.contract.ts'
import { accessAnswers } from './access.server.ts'
import { createAccount } from './accounts.server.ts'

// A real identity provider (oidc-provider) beside the platform, both over HTTP; a browser that follows their redirects.
const own = ownDatabase()
const password = 'Green-River-2018'
/** What the provider says of its people: its own number of a person → the user name here. */
const people: Record<string, string | undefined> = {}
let world: SmallWorld
let idp: Server
let issuer = ''
let door: Awaited<ReturnType<typeof openDoor>>
let next = 0
const seen: URLSearchParams[] = []

beforeAll(async () => {
  world = await smallWorld(own.db)
  let handle: ReturnType<Provider['callback']> | undefined
  idp = createServer((request, response) => {
    const address = new URL(request.url!, issuer)
    if (address.pathname === '/auth') seen.push(address.searchParams)
    void handle!(request, response)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => idp.once('listening', resolve))
  issuer = `http://127.0.0.1:${(idp.address() as AddressInfo).port}`
  const client = { issuer, clientId: 'sanji', clientSecret: 'a secret between the two of them', name: '省统一身份认证', claim: 'preferred_username' }
  door = await openDoor(own.database, own.url, { clock: () => new Date(), signOn: client })
  const provider = new Provider(issuer, {
    clients: [{ client_id: client.clientId, client_secret: client.clientSecret, redirect_uris: [`${door.url}/api/auth/callback/oidc`] }],
    claims: { openid: ['sub'], profile: ['preferred_username', 'name'] },
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, ...(people[id] && { preferred_username: people[id] }) }) }),
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    cookies: { keys: ['keys of the provider in the test'] },
  })
  handle = provider.callback()
})
afterAll(async () => {
  await door.close()
  idp.closeAllConnections()
  idp.close()
})

async function account(username = `sheng${next++}`, change: { mustChangePassword?: boolean } = {}) {
  const id = await createAccount(own.db, { username, name: '省某', unit: world.eastTown1, password, mustChangePassword: false, ...change })
  return { id, username }
}

/** Presses the button on the sign-in page and does what the provider asks, as its person `sub`, until back on the platform. */
async function throughProvider(browser: Browser, sub: string, { tamper = (address: string) => address } = {}): Promise<Answered> {
  let answered = await browser.ask(`${door.url}/api/auth/sign-on`)
  for (let step = 0; step < 20; step++) {
    const at = answered.location
    if (at === null) break
    const address = tamper(new URL(at, at.startsWith('/') ? issuer : undefined).href)
    if (address.startsWith(`${issuer}/interaction/`)) {
      const page = await browser.ask(address)
      const prompt = /name="prompt" value="(\w+)"/.exec(page.body as string)?.[1] ?? ''
      answered = await browser.ask(address, { method: 'POST', form: { prompt, login: sub, password: 'any' } })
      continue
    }
    answered = await browser.ask(address)
    if (address.startsWith(door.url)) return answered
  }
  throw new Error(`never came back: ${JSON.stringify(answered)}`)
}
const me = (browser: Browser) => browser.ask(`${door.url}/api/access/me`)

describe('signing in through the identity provider', () => {
  test('ties the identity to the account that the claim names, with PKCE, state and nonce, and leaves a trail', async () => {
    const { id, username } = await account()
    people['1001'] = username.toUpperCase()
    const browser = new Browser()
    expect((await throughProvider(browser, '1001')).location).toBe('/')
    expect((await me(browser)).body).toMatchObject({ account: id, wants: null })
    const asked = seen.at(-1)!
    expect([asked.get('response_type'), asked.get('code_challenge_method'), Boolean(asked.get('state')), Boolean(asked.get('nonce'))]).toEqual(['code', 'S256', true, true])
    const events = await many<{ kind: string; facts: unknown }>(own.db, sql`select kind, facts from event where actor = ${id} order by tx, id`)
    expect(events.map(({ kind }) => kind)).toEqual(['access.identityLinked', 'access.signedIn'])
    expect(events[1]!.facts).toEqual({ way: 'oidc' })
    const kept = await one<{ tokens: boolean }>(own.db, sql`select coalesce("accessToken", "idToken", "refreshToken") is not null as tokens from auth_account where "userId" = ${id} and "providerId" = 'oidc'`)
    expect(kept.tokens).toBe(false)
  })

  test('an identity stays with its account when the claim changes later', async () => {
    const [first, other] = [await account(), await account()]
    people['1002'] = first.username
    await throughProvider(new Browser(), '1002')
    people['1002'] = other.username
    const browser = new Browser()
    await throughProvider(browser, '1002')
    expect((await me(browser)).body.account).toBe(first.id)
  })

  test.each([
    ['nobody has that user name', '1003', 'nobody-of-that-name'],
    ['the claim is missing', '1004', undefined],
  ])('refuses and makes no account when %s', async (_why, sub, claim) => {
    people[sub] = claim
    const before = await one<{ n: number }>(own.db, sql`select count(*)::int as n from auth_user`)
    const browser = new Browser()
    expect((await throughProvider(browser, sub)).location).toBe('/?signOn=no-account')
    expect((await me(browser)).status).toBe(401)
    expect(await one(own.db, sql`select count(*)::int as n from auth_user`)).toEqual(before)
  })

  test('a second identity never takes an account that has one', async () => {
    const { username } = await account()
    people['1005'] = username
    people['1006'] = username
    await throughProvider(new Browser(), '1005')
    const browser = new Browser()
    expect((await throughProvider(browser, '1006')).location).toBe('/?signOn=other-identity')
    expect((await me(browser)).status).toBe(401)
  })

  test('a wrong identity is untied by the administrator with a reason: its sessions end, and the right one is tied at the next signing in', async () => {
    const { id, username } = await account()
    people['1021'] = username
    people['1022'] = username
    const wrong = new Browser()
    await throughProvider(wrong, '1021')
    const ask = asking({ access: answer(accessContract, accessAnswers) }, own.database)
    const admin = holder(world.east, ['account.manage'], '系统管理员')
    await expect(ask({ ...admin, account: id }, 'access.unlinkIdentity', { account: id, reason: '误' })).rejects.toMatchObject({ code: 'same-person' })
    expect(await ask(admin, 'access.unlinkIdentity', { account: id, reason: '关联错了人' })).toEqual({ account: id, endedSessions: 1 })
    expect((await me(wrong)).status).toBe(401)
    await expect(ask(admin, 'access.unlinkIdentity', { account: id, reason: '再' })).rejects.toMatchObject({ code: 'identity-not-linked' })
    const right = new Browser()
    await throughProvider(right, '1022')
    expect((await me(right)).body.account).toBe(id)
    expect(await many(own.db, sql`select reason from event where subject = ${`account:${id}`} and kind = 'access.identityUnlinked'`)).toEqual([{ reason: '关联错了人' }])
  })

  test('one’s own is untied with one’s password, and the password still lets in', async () => {
    const { username } = await account()
    people['1023'] = username
    await throughProvider(new Browser(), '1023')
    const browser = new Browser()
    const post = (path: string, json: unknown) => browser.ask(`${door.url}/api${path}`, { method: 'POST', json })
    await post('/auth/sign-in/username', { username, password })
    expect((await browser.ask(`${door.url}/api/access/identity`)).body.since).not.toBe(null)
    expect((await post('/access/identity/unlink-mine', { password: 'wrong' })).body.code).toBe('sign-in-failed')
    expect((await post('/access/identity/unlink-mine', { password })).body).toEqual({ since: null })
    expect((await me(browser)).status).toBe(200)
  })

  test('disabled and locked accounts stay outside', async () => {
    const [disabled, locked] = [await account(), await account()]
    people['1007'] = disabled.username
    people['1008'] = locked.username
    await sql`update auth_user set disabled = true where id = ${disabled.id}`.execute(own.db)
    await sql`insert into sign_in_failure (username, failures, last_at, locked_until) values (${locked.username}, 5, now(), now() + interval '15 minutes')`.execute(own.db)
    for (const [sub, why] of [['1007', 'disabled'], ['1008', 'locked']] as const) {
      const browser = new Browser()
      expect((await throughProvider(browser, sub)).location).toBe(`/?signOn=${why}`)
      expect((await me(browser)).status).toBe(401)
    }
  })

  test('no more sessions than with a password: the oldest ends', async () => {
    const { username } = await account()
    people['1009'] = username
    const browsers = Array.from({ length: 4 }, () => new Browser())
    for (const browser of browsers) await throughProvider(browser, '1009')
    expect((await Promise.all(browsers.map(me))).map(({ status }) => status)).toEqual([401, 200, 200, 200])
  })

  test('a second factor is asked here as well; a first password needs no change by people who never use it', async () => {
    const { username } = await account(undefined, { mustChangePassword: true })
    people['1010'] = username
    const browser = new Browser()
    const post = (path: string, json: unknown) => browser.ask(`${door.url}/api${path}`, { method: 'POST', json })
    await throughProvider(browser, '1010')
    expect((await me(browser)).body.mustChangePassword).toBe(false)
    // Signed in through the provider a moment ago: no password of ours is asked.
    const { body: { key } } = await post('/access/second-factor/start', {})
    const totp = new TOTP({ secret: Secret.fromBase32(key), digits: 6, period: 30 })
    const confirmed = await post('/access/second-factor/confirm', { code: totp.generate() })
    expect(confirmed.status).toBe(200)
    await post('/auth/sign-out', {})
    await throughProvider(browser, '1010')
    expect((await me(browser)).body.wants).toBe('code')
    expect((await post('/auth/second-factor', { code: confirmed.body.backupCodes[0] })).status).toBe(200)
    expect((await me(browser)).body.wants).toBe(null)
  })

  test('an answer with another state, or brought by another browser, lets nobody in', async () => {
    const { username } = await account()
    people['1011'] = username
    const browser = new Browser()
    const changed = await throughProvider(browser, '1011', { tamper: (address) => (address.startsWith(door.url) ? address.replace(/state=[^&]{6}/, 'state=aaaaaa') : address) })
    expect(changed.location).toBe('/?signOn=refused')
    let callback = ''
    await throughProvider(new Browser(), '1011', { tamper: (address) => (address.startsWith(door.url) ? ((callback = address), `${door.url}/api/health`) : address) })
    const thief = new Browser()
    expect((await thief.ask(callback)).location).toBe('/?signOn=refused')
    expect((await me(thief)).status).toBe(401)
  })

  test('the sign-in page learns what the button is called', async () => {
    expect((await new Browser().ask(`${door.url}/api/auth/ways`)).body).toEqual({ oidc: { name: '省统一身份认证' }, trustDays: 0 })
  })
})

describe('when the provider is away', () => {
  test('the page says so, and passwords work on', async () => {
    const lost = await openDoor(own.database, own.url, { clock: () => new Date(), signOn: { issuer: 'http://127.0.0.1:9', clientId: 'x', clientSecret: 'x', name: 'x', claim: 'sub' } })
    const { username } = await account()
    const browser = new Browser()
    expect((await browser.ask(`${lost.url}/api/auth/sign-on`)).location).toBe('/?signOn=away')
    expect((await browser.ask(`${lost.url}/api/auth/sign-in/username`, { method: 'POST', json: { username, password } })).status).toBe(200)
    await lost.close()
  })

  test('without a provider there is no such way', async () => {
    const plain = await openDoor(own.database, own.url, { clock: () => new Date() })
    expect((await new Browser().ask(`${plain.url}/api/auth/ways`)).body).toEqual({ oidc: null, trustDays: 0 })
    expect((await new Browser().ask(`${plain.url}/api/auth/sign-on`)).status).toBe(404)
    await plain.close()
  })
})
