import { beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { one, sql } from '../../server/db.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { accessContract } from './access.contract.ts'
import { accessAnswers } from './access.server.ts'
import { hashPassword } from './accounts.server.ts'
import { savePassword } from './access.sql.ts'
import type { Actor } from './permission.ts'

const own = ownDatabase()
const router = { access: answer(accessContract, accessAnswers) }
let world: SmallWorld
let ask: ReturnType<typeof asking>
let admin: Actor
let security: Actor

beforeAll(async () => {
  ask = asking(router, own.database)
  world = await smallWorld(own.db)
  admin = holder(world.city, ['account.manage'], '系统管理员')
  security = holder(world.city, ['grant.manage'], '安全管理员')
  await sql`insert into post_kind (code, name_zh, name_en, verbs, admin) values
    ('clerk', '台账员', 'Clerk', '{record.fill}', null), ('systemAdmin', '系统管理员', 'System administrator', '{account.manage}', 'system'),
    ('auditAdmin', '审计管理员', 'Audit administrator', '{audit.read}', 'audit') on conflict do nothing`.execute(own.db)
})

const post = async (kind: string, unit = world.eastTown1) =>
  (await one<{ id: number }>(own.db, sql`insert into post (unit_id, kind, title, valid_from) values (${unit}, ${kind}, ${kind}, '2018-01-01') returning id`)).id
const create = async (username: string) => (await ask(admin, 'access.createAccount', { username, name: '测试人', unit: world.eastTown1 })) as { account: { id: string; mustChangePassword: boolean }; firstPassword: string }
/** The account itself, as the sign-in would give it. */
const as = (account: string, username: string, session?: string): Actor => ({ ...holder(world.eastTown1, [], '测试人'), account, username, ...(session ? { session } : {}) })
const session = async (account: string) =>
  (await one<{ id: string }>(own.db, sql`insert into auth_session (id, token, "expiresAt", "userId") values (gen_random_uuid(), gen_random_uuid(), now() + interval '1 hour', ${account}) returning id`)).id

describe('accounts', () => {
  test('a new account has a first password for one use, and its user name is taken once', async () => {
    const { account, firstPassword } = await create('li')
    expect(account.mustChangePassword).toBe(true)
    expect(firstPassword).toMatch(/^[a-z]{4}-\d{4}-[a-z]{5}$/)
    await expect(create('li')).rejects.toMatchObject({ code: 'account-exists', field: 'username' })
  })

  test('a password is changed with the present one, must be strong, and ends the other sessions', async () => {
    const { account, firstPassword } = await create('wang')
    const here = await session(account.id)
    await session(account.id)
    const me = as(account.id, 'wang', here)
    await expect(ask(me, 'access.changePassword', { current: 'wrong', next: 'Green-River-2018' })).rejects.toMatchObject({ code: 'sign-in-failed' })
    await expect(ask(me, 'access.changePassword', { current: firstPassword, next: '1234567890' })).rejects.toMatchObject({ code: 'password-too-weak', field: 'next' })
    expect(await ask(me, 'access.changePassword', { current: firstPassword, next: 'Green-River-2018' })).toEqual({ endedSessions: 1 })
    const { must } = await one<{ must: boolean }>(own.db, sql`select "mustChangePassword" as must from auth_user where id = ${account.id}`)
    expect(must).toBe(false)
  })

  test('before the first password is changed nothing else is answered', async () => {
    const me = { ...holder(world.city), mustChangePassword: true }
    await expect(ask(me, 'access.accounts', {})).rejects.toMatchObject({ code: 'password-must-change' })
    expect((await ask(me, 'access.me', {})).mustChangePassword).toBe(true)
  })

  test('disabling ends the sessions at once and says why it cannot be done twice', async () => {
    const { account } = await create('zhao')
    await session(account.id)
    const disabled = await ask(admin, 'access.disableAccount', { account: account.id, reason: '调离' })
    expect(disabled.moves.find((move: { move: string }) => move.move === 'disable')).toMatchObject({ possible: false, why: 'move-not-possible' })
    const { n } = await one<{ n: number }>(own.db, sql`select count(*)::int as n from auth_session where "userId" = ${account.id}`)
    expect(n).toBe(0)
    await expect(ask(admin, 'access.disableAccount', { account: account.id, reason: '再次' })).rejects.toMatchObject({ code: 'move-not-possible' })
    expect((await ask(admin, 'access.accounts', { state: 'disabled' })).rows.map((row: { id: string }) => row.id)).toContain(account.id)
  })

  test('a reset gives a new first password, shown once and kept only as a hash', async () => {
    const { account } = await create('sun')
    await savePassword(own.db, account.id, await hashPassword('Old-Password-1'), { mustChange: false })
    const { firstPassword } = await ask(admin, 'access.resetPassword', { account: account.id, reason: '忘记' }, 'same-key')
    expect(firstPassword).toMatch(/^[a-z]{4}-/)
    const { kept } = await one<{ kept: number }>(own.db, sql`select count(*)::int as kept from answered where response::text like ${`%${firstPassword}%`}`)
    expect(kept).toBe(0)
  })
})

describe('posts', () => {
  test('the three administrators are three people', async () => {
    const { account } = await create('qian')
    await ask(security, 'access.grant', { post: await post('systemAdmin', world.city), account: account.id, reason: '任命' })
    await expect(ask(security, 'access.grant', { post: await post('auditAdmin', world.city), account: account.id, reason: '任命' })).rejects.toMatchObject({ code: 'admin-roles-separate' })
    await expect(ask(security, 'access.grant', { post: await post('clerk'), account: account.id, reason: '任命' })).rejects.toMatchObject({ code: 'admin-roles-separate' })
  })

  test('a post has one holder at a time; somebody may stand in; ending is dated and leaves a trail', async () => {
    const [a, b] = [await create('zhou'), await create('wu')]
    const clerk = await post('clerk')
    const held = await ask(security, 'access.grant', { post: clerk, account: a.account.id, from: '2018-03-01', reason: '任命' })
    await expect(ask(security, 'access.grant', { post: clerk, account: b.account.id, reason: '任命' })).rejects.toMatchObject({ code: 'post-filled', facts: { since: '2018-03-01' } })
    await ask(security, 'access.grant', { post: clerk, account: b.account.id, acting: true, reason: '代班' })
    const ended = await ask(security, 'access.endHolding', { holding: held.id, on: '2018-07-01', reason: '轮岗' })
    expect(ended.validTo).toBe('2018-07-01')
    await ask(security, 'access.grant', { post: clerk, account: b.account.id, reason: '接任' })
    const trail = await ask(holder(world.province, ['audit.read']), 'access.events', { kind: 'access.post' })
    expect(trail.rows.slice(0, 3).map((row: { kind: string }) => row.kind)).toEqual(['access.postGranted', 'access.postTaken', 'access.postGranted'])
    expect(trail.rows[1].reason).toBe('轮岗')
  })

  test('nobody grants a post to himself', async () => {
    const { account } = await create('zheng')
    const me = { ...security, account: account.id }
    await expect(ask(me, 'access.grant', { post: await post('clerk'), account: account.id, reason: '任命' })).rejects.toMatchObject({ code: 'same-person' })
  })

  test('the trail is read page by page', async () => {
    const auditor = holder(world.province, ['audit.read'])
    const first = await ask(auditor, 'access.events', { limit: 2 })
    const second = await ask(auditor, 'access.events', { limit: 2, before: first.next })
    expect(first.rows.length + second.rows.length).toBe(4)
    expect(second.rows.some((row: { cursor: string }) => first.rows.some((other: { cursor: string }) => other.cursor === row.cursor))).toBe(false)
  })
})
