import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { many, one, sql } from '../../server/db.ts'
import { Browser, openDoor } from '../../tests/doorway.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { accessContract } from './access.contract.ts'
import { accessAnswers } from './access.server.ts'
import { createAccount, insertHolding } from './accounts.server.ts'
import { securitySettings, type SecuritySettings } from './security-settings.ts'
import { insertSettings, settingsNow } from './security.sql.ts'

const own = ownDatabase()
const password = 'Green-River-2018'
let world: SmallWorld
let door: Awaited<ReturnType<typeof openDoor>>
let now = new Date('2018-07-02T09:00:00+08:00')
let next = 0
const later = (seconds: number) => (now = new Date(now.getTime() + seconds * 1000))
const codeAt = (key: string, at = now) => new TOTP({ secret: Secret.fromBase32(key), digits: 6, period: 30 }).generate({ timestamp: at.getTime() })

beforeAll(async () => {
  world = await smallWorld(own.db)
  await sql`insert into post_kind (code, name_zh, name_en, verbs, admin) values
    ('clerk', '台账员', 'Clerk', '{record.fill}', null), ('systemAdmin', '系统管理员', 'System administrator', '{account.manage}', 'system') on conflict do nothing`.execute(own.db)
  door = await openDoor(own.database, own.url, { clock: () => now })
})
afterAll(() => door.close())
beforeEach(() => later(300))

const decide = async (change: Partial<SecuritySettings['secondFactor']>) => {
  const { version, settings } = await settingsNow(own.db)
  await insertSettings(own.db, { version: version + 1, settings: { ...settings, secondFactor: { ...securitySettings.secondFactor, ...change } }, reason: 'test', by: 'test' })
}
async function somebody(kind?: string) {
  const username = `ren${next++}`
  const id = await createAccount(own.db, { username, name: '任某', unit: world.eastTown1, password, mustChangePassword: false })
  if (kind) {
    const post = await one<{ id: number }>(own.db, sql`insert into post (unit_id, kind, title, valid_from) values (${world.eastTown1}, ${kind}, ${kind}, '2018-01-01') returning id`)
    await insertHolding(own.db, { post: post.id, account: id, acting: false, from: '2018-01-01' })
  }
  const browser = new Browser()
  const post = (path: string, json: unknown) => browser.ask(`${door.url}/api${path}`, { method: 'POST', json })
  return {
    id, username, browser, post,
    get: (path: string) => browser.ask(`${door.url}/api${path}`),
    signIn: (typed = password) => post('/auth/sign-in/username', { username, password: typed }),
    code: (code: string, trust = false) => post('/auth/second-factor', { code, trust }),
    /** Signs in, sets the second factor up, and signs out. @returns its key and backup codes */
    enrol: async () => {
      await post('/auth/sign-in/username', { username, password })
      const { body: { key, svg, uri } } = await post('/access/second-factor/start', { password })
      expect([svg.startsWith('<svg'), uri.includes(`secret=${key}`)]).toEqual([true, true])
      const confirmed = await post('/access/second-factor/confirm', { code: codeAt(key) })
      expect(confirmed.status).toBe(200)
      await post('/auth/sign-out', {})
      later(60)
      return { key: key as string, backupCodes: confirmed.body.backupCodes as string[] }
    },
  }
}

describe('signing in with a second factor', () => {
  test('the password alone opens nothing; the code does', async () => {
    const me = await somebody('clerk')
    const { key } = await me.enrol()
    expect((await me.signIn()).body).toMatchObject({ wants: 'code' })
    expect((await me.get('/access/me')).body).toMatchObject({ wants: 'code', posts: [] })
    for (const path of ['/access/sessions', '/access/password-rules', '/inbox/live', '/access/second-factor']) expect((await me.get(path)).body.code).toBe('second-factor-needed')
    expect((await me.post('/access/password', { current: password, next: 'Other-River-2018' })).body.code).toBe('second-factor-needed')
    expect((await me.code(codeAt(key))).status).toBe(200)
    expect((await me.get('/access/me')).body).toMatchObject({ wants: null, posts: [{ kind: 'clerk' }] })
    const trail = await many<{ facts: unknown }>(own.db, sql`select facts from event where kind = 'access.signedIn' and actor = ${me.id} order by tx desc, id desc limit 1`)
    expect(trail[0]!.facts).toMatchObject({ way: 'password', secondFactor: 'code' })
  })

  test('a code works once, also when two browsers bring it at the same moment; an older one is refused after a newer', async () => {
    const me = await somebody()
    const { key } = await me.enrol()
    const [one, two] = [new Browser(), new Browser()]
    const ask = (browser: Browser, path: string, json: unknown) => browser.ask(`${door.url}/api${path}`, { method: 'POST', json })
    for (const browser of [one, two]) await ask(browser, '/auth/sign-in/username', { username: me.username, password })
    const both = await Promise.all([one, two].map((browser) => ask(browser, '/auth/second-factor', { code: codeAt(key) })))
    expect(both.map(({ status }) => status).sort()).toEqual([200, 401])
    await me.signIn()
    expect((await me.code(codeAt(key, new Date(now.getTime() - 30_000)))).body.code).toBe('second-factor-wrong')
  })

  test('codes of phones whose clock is half a minute wrong are taken, others are not', async () => {
    const me = await somebody()
    const { key } = await me.enrol()
    await me.signIn()
    expect((await me.code(codeAt(key, new Date(now.getTime() + 90_000)))).body).toMatchObject({ code: 'second-factor-wrong', facts: { left: 4 } })
    expect((await me.code(codeAt(key, new Date(now.getTime() - 30_000)))).status).toBe(200)
  })

  test('wrong codes lock the account like wrong passwords, and a right password between does not begin the count anew', async () => {
    const me = await somebody()
    const { key } = await me.enrol()
    const wrong = codeAt(key, new Date(now.getTime() + 3_600_000))
    await me.signIn()
    for (const left of [4, 3]) expect((await me.code(wrong)).body.facts.left).toBe(left)
    await me.signIn()
    for (const left of [2, 1]) expect((await me.code(wrong)).body.facts.left).toBe(left)
    expect((await me.code(wrong)).body.code).toBe('account-locked')
    expect((await me.code(codeAt(key))).status).toBe(401)
    expect((await me.signIn()).body.code).toBe('account-locked')
    const locked = await many(own.db, sql`select 1 from event where kind = 'access.locked' and subject = ${`account:${me.id}`}`)
    expect(locked.length).toBe(1)
  })

  test('a backup code lets in once, in whatever way it is typed', async () => {
    const me = await somebody()
    const { backupCodes } = await me.enrol()
    expect(new Set(backupCodes).size).toBe(10)
    await me.signIn()
    const typed = backupCodes[3]!.toUpperCase().replace('-', ' ')
    expect((await me.code(typed)).status).toBe(200)
    expect((await me.get('/access/second-factor')).body).toMatchObject({ state: 'set', backupCodesLeft: 9 })
    await me.post('/auth/sign-out', {})
    await me.signIn()
    expect((await me.code(typed)).body.code).toBe('second-factor-wrong')
    const kept = await many<{ hash: string }>(own.db, sql`select hash from backup_code`)
    expect(kept.some(({ hash }) => backupCodes.includes(hash))).toBe(false)
  })

  test('the key is sealed in the database, and answers that carry it are not kept', async () => {
    const me = await somebody()
    const { key } = await me.enrol()
    const { secret } = await one<{ secret: string }>(own.db, sql`select secret from second_factor where account = ${me.id}`)
    expect(secret).not.toContain(key)
    const kept = await many(own.db, sql`select 1 from answered where response::text like ${`%${key}%`}`)
    expect(kept).toEqual([])
  })

  test('a trusted device is not asked again, only by setting, not on another device, and not after everything was forgotten', async () => {
    const me = await somebody()
    const { key } = await me.enrol()
    await decide({ trustDays: 7 })
    await me.signIn()
    await me.code(codeAt(key), true)
    me.browser.forget(/session/)
    expect((await me.signIn()).body.wants).toBe(null)
    const other = new Browser()
    expect((await other.ask(`${door.url}/api/auth/sign-in/username`, { method: 'POST', json: { username: me.username, password } })).body.wants).toBe('code')
    expect((await me.post('/access/second-factor/forget-devices', {})).body).toEqual({ forgotten: 1 })
    me.browser.forget(/session/)
    expect((await me.signIn()).body.wants).toBe('code')
    later(60)
    await me.code(codeAt(key), true)
    await decide({ trustDays: 0 })
    me.browser.forget(/session/)
    expect((await me.signIn()).body.wants).toBe('code')
  })

  test('sessions that await a code end nobody else’s session', async () => {
    const me = await somebody()
    const { key } = await me.enrol()
    await me.signIn()
    await me.code(codeAt(key))
    for (let n = 0; n < 5; n++) await new Browser().ask(`${door.url}/api/auth/sign-in/username`, { method: 'POST', json: { username: me.username, password } })
    expect((await me.get('/access/me')).body).toMatchObject({ username: me.username, wants: null })
  })
})

describe('a second factor that is required', () => {
  test('administrators set it up before anything else, and cannot remove it', async () => {
    await decide({ admins: true })
    const admin = await somebody('systemAdmin')
    const clerk = await somebody('clerk')
    expect((await clerk.signIn()).body.wants).toBe(null)
    expect((await admin.signIn()).body.wants).toBe('enrol')
    expect((await admin.get('/access/accounts')).body.code).toBe('second-factor-must-enrol')
    const { body: { key } } = await admin.post('/access/second-factor/start', { password })
    await admin.post('/access/second-factor/confirm', { code: codeAt(key) })
    expect((await admin.get('/access/accounts')).status).toBe(200)
    expect((await admin.post('/access/second-factor/remove', { password })).body.code).toBe('second-factor-required')
    await decide({ kinds: ['clerk'] })
    expect((await clerk.signIn()).body.wants).toBe('enrol')
    await decide({})
  })
})

describe('removing and resetting', () => {
  test('one removes one’s own with the password only; the security administrator resets another’s, never the own', async () => {
    const me = await somebody()
    const { key } = await me.enrol()
    await me.signIn()
    await me.code(codeAt(key))
    expect((await me.post('/access/second-factor/remove', { password: 'wrong' })).body.code).toBe('sign-in-failed')
    const ask = asking({ access: answer(accessContract, accessAnswers) }, own.database)
    const security = holder(world.city, ['grant.manage'], '安全管理员')
    await expect(ask({ ...security, account: me.id }, 'access.resetSecondFactor', { account: me.id, reason: '换手机' })).rejects.toMatchObject({ code: 'same-person' })
    expect(await ask(security, 'access.resetSecondFactor', { account: me.id, reason: '手机丢失' })).toEqual({ account: me.id, endedSessions: 1 })
    await expect(ask(security, 'access.resetSecondFactor', { account: me.id, reason: '再次' })).rejects.toMatchObject({ code: 'second-factor-not-set' })
    expect((await me.get('/access/me')).status).toBe(401)
    expect((await me.signIn()).body.wants).toBe(null)
  })
})

describe('rules for passwords', () => {
  const rule = async (change: Partial<SecuritySettings['passwords']>) => {
    const { version, settings } = await settingsNow(own.db)
    await insertSettings(own.db, { version: version + 1, settings: { ...settings, passwords: { ...securitySettings.passwords, ...change } }, reason: 'test', by: 'test' })
  }

  test('a former password is not used again, and a stricter rule asks for a new one at the next sign-in', async () => {
    const me = await somebody()
    await me.signIn()
    const change = (current: string, wanted: string) => me.post('/access/password', { current, next: wanted })
    expect((await change(password, 'Blue-River-2018')).status).toBe(200)
    expect((await change('Blue-River-2018', password)).body).toMatchObject({ code: 'password-too-weak', facts: { faults: ['used-before'] } })
    expect((await change('Blue-River-2018', 'renmou-2018-xx')).body.facts.faults).toEqual(['has-name'])
    await rule({ least: 16 })
    expect((await me.get('/access/password-rules')).body.least).toBe(16)
    expect((await me.signIn('Blue-River-2018')).body.mustChangePassword).toBe(true)
    expect((await me.get('/access/me')).body).toMatchObject({ mustChangePassword: true, mustChangeWhy: 'too-weak' })
    expect((await change('Blue-River-2018', 'Long-Blue-River-2018')).status).toBe(200)
    expect((await me.get('/access/me')).body).toMatchObject({ mustChangePassword: false, mustChangeWhy: null })
    await rule({})
  })

  test('a password grows old', async () => {
    const me = await somebody()
    await rule({ maxAgeDays: 90 })
    await sql`update auth_user set "passwordChangedAt" = ${new Date(now.getTime() - 91 * 86_400_000).toISOString()}::timestamptz where id = ${me.id}`.execute(own.db)
    expect((await me.signIn()).body.mustChangePassword).toBe(true)
    expect((await me.get('/access/me')).body.mustChangeWhy).toBe('expired')
    await rule({})
  })

  test('settings are decided at the top alone, version by version, and two who decide at once see each other', async () => {
    const ask = asking({ access: answer(accessContract, accessAnswers) }, own.database)
    const [top, county] = [holder(world.province, ['grant.manage'], '安全管理员'), holder(world.east, ['grant.manage'], '县安全管理员')]
    const { versions, mayChange } = await ask(top, 'access.securitySettings', {})
    expect([mayChange, (await ask(county, 'access.securitySettings', {})).mayChange]).toEqual([true, false])
    const { version, settings } = versions[0]
    const input = { version, settings: { ...settings, passwords: { ...settings.passwords, history: 5 } }, reason: '从严' }
    await expect(ask(county, 'access.saveSecuritySettings', input)).rejects.toMatchObject({ code: 'not-allowed' })
    const outcomes = await Promise.allSettled([1, 2].map(() => ask(top, 'access.saveSecuritySettings', input)))
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(ask(top, 'access.saveSecuritySettings', input)).rejects.toMatchObject({ code: 'stale-version', facts: { mine: version, theirs: version + 1, values: { passwords: { history: 5 } } } })
    await expect(ask(top, 'access.saveSecuritySettings', { ...input, version: version + 1, settings: { ...settings, secondFactor: { ...settings.secondFactor, kinds: ['nobody'] } } })).rejects.toMatchObject({ code: 'invalid-input' })
    const { reason, facts } = await one<{ reason: string; facts: { from: SecuritySettings; to: SecuritySettings } }>(own.db, sql`select reason, facts from event where kind = 'access.settingsChanged'`)
    expect([reason, facts.from.passwords.history, facts.to.passwords.history]).toEqual(['从严', 3, 5])
  })
})
