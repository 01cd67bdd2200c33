import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { many, one, sql } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { accountNames } from './access.reads.ts'
import { sessionWithGrants } from './access.sql.ts'
import { accessContract } from './access.contract.ts'
import { accessAnswers } from './access.server.ts'
import { createAccount, insertHolding } from './accounts.server.ts'
import { grantFor, type Actor } from './permission.ts'

const own = ownDatabase()
const router = { access: answer(accessContract, accessAnswers) }
let world: SmallWorld
let ask: ReturnType<typeof asking>
let next = 0

beforeAll(async () => {
  world = await smallWorld(own.db)
  await sql`insert into post_kind (code, name_zh, name_en, verbs, admin) values
    ('clerk', '台账员', 'Clerk', '{record.fill}', null), ('systemAdmin', '系统管理员', 'System administrator', '{account.manage}', 'system'),
    ('auditAdmin', '审计管理员', 'Audit administrator', '{audit.read}', 'audit') on conflict do nothing`.execute(own.db)
})
beforeEach(() => {
  ask = asking(router, own.database)
})

type Person = { id: string; name: string; actor: Actor; holding: number; post: number }
async function person(kind: string | null, { unit = world.eastTown1Village1, ab = null as 'A' | 'B' | null } = {}): Promise<Person> {
  const username = `gang${next++}`
  const id = await createAccount(own.db, { username, name: `甲${next}`, unit, password: 'Green-River-2018', mustChangePassword: false })
  const actor = { ...holder(unit, []), account: id, username }
  if (kind === null) return { id, name: `甲${next}`, actor, holding: 0, post: 0 }
  const post = (await one<{ id: number }>(own.db, sql`insert into post (unit_id, kind, title, ab, valid_from) values (${unit}, ${kind}, ${kind}, ${ab}, '2018-01-01') returning id`)).id
  return { id, name: `甲${next}`, actor, holding: await insertHolding(own.db, { post, account: id, acting: false, from: '2018-01-01' }), post }
}
/** What somebody holds on a day, as signing in reads it. */
async function grantsOf({ id }: Person, today: string) {
  const { token } = await one<{ token: string }>(own.db, sql`insert into auth_session (id, token, "expiresAt", "userId") values (gen_random_uuid(), gen_random_uuid(), now() + interval '1 hour', ${id}) returning token`)
  return (await sessionWithGrants(own.db, { token, today, idleSeconds: 3600 }))!.grants
}
const away = (who: Person, from: string, to: string, deputy: Person | null) => ask(who.actor, 'access.setAbsence', { holding: who.holding, from, to, deputy: deputy?.id ?? null })

describe('standing in', () => {
  test('the deputy holds the post as acting on exactly those days, and it ends by itself', async () => {
    const [a, b] = [await person('clerk', { ab: 'A' }), await person('clerk', { ab: 'B' })]
    expect(await away(a, '2018-07-03', '2018-07-05', b)).toMatchObject({ state: 'planned', deputy: b.name, from: '2018-07-03', to: '2018-07-05' })
    const acting = async (day: string) => (await grantsOf(b, day)).filter((grant) => grant.acting).map((grant) => grant.post)
    expect([await acting('2018-07-02'), await acting('2018-07-03'), await acting('2018-07-05'), await acting('2018-07-06')]).toEqual([[], [a.post], [a.post], []])
    expect((await grantsOf(a, '2018-07-04')).map((grant) => grant.post)).toEqual([a.post])
  })

  test('the other of the A/B pair is offered first, then who belongs to the unit; nobody else', async () => {
    const unit = world.eastTown1Village2
    const [a, plain, b] = [await person('clerk', { unit, ab: 'A' }), await person(null, { unit }), await person('clerk', { unit, ab: 'B' })]
    await person('clerk', { unit: world.eastTown1Village3 })
    const offered = await ask(a.actor, 'access.deputies', { holding: a.holding })
    expect(offered.map((one: { account: string; other: boolean }) => [one.account, one.other])).toEqual([[b.id, true], [plain.id, false]])
  })

  test('coming back early ends the deputy’s rights at once; what has not begun is withdrawn', async () => {
    const [a, b] = [await person('clerk'), await person('clerk')]
    const running = await away(a, '2018-07-02', '2018-07-20', b)
    expect((await grantsOf(b, '2018-07-02')).some((grant) => grant.acting)).toBe(true)
    expect(await ask(a.actor, 'access.endAbsence', { absence: running.id })).toMatchObject({ state: 'over', endedEarly: true })
    expect((await grantsOf(b, '2018-07-02')).some((grant) => grant.acting)).toBe(false)
    const planned = await away(a, '2018-08-01', '2018-08-05', b)
    await ask(a.actor, 'access.endAbsence', { absence: planned.id })
    expect((await grantsOf(b, '2018-08-02')).some((grant) => grant.acting)).toBe(false)
    await expect(ask(a.actor, 'access.endAbsence', { absence: planned.id })).rejects.toMatchObject({ code: 'move-not-possible' })
    await expect(ask(b.actor, 'access.endAbsence', { absence: planned.id })).rejects.toMatchObject({ code: 'not-found' })
    expect(await away(a, '2018-08-01', '2018-08-05', b)).toMatchObject({ state: 'planned' })
  })

  test('when the holder loses the post, nobody stands in for him any more', async () => {
    const [a, b] = [await person('clerk'), await person('clerk')]
    await away(a, '2018-07-02', '2018-07-20', b)
    await ask(holder(world.city, ['grant.manage'], '安全管理员'), 'access.endHolding', { holding: a.holding, reason: '免职' })
    expect((await grantsOf(b, '2018-07-03')).some((grant) => grant.acting)).toBe(false)
  })

  test('what is done meanwhile is marked in the trail and behind the name, and stays marked; one’s own post comes first', async () => {
    const [a, b] = [await person('clerk'), await person('clerk')]
    await away(a, '2018-07-02', '2018-07-20', b)
    const actor = { ...b.actor, grants: await grantsOf(b, '2018-07-03') }
    expect(grantFor(actor, 'record.fill', [world.eastTown1Village1])).toMatchObject({ post: b.post, acting: false })
    const onlyActing = { ...actor, grants: actor.grants.filter((grant) => grant.acting) }
    const grant = grantFor(onlyActing, 'record.fill', [world.eastTown1Village1])!
    const subject = `record:stood-in:${a.post}`
    await own.database.transaction((tx) => record(tx, 'record.submitted', { by: { account: b.id, post: grant.post }, unit: grant.unit, subject }))
    await own.database.transaction((tx) => record(tx, 'record.submitted', { by: { account: b.id, post: b.post }, unit: grant.unit, subject: `${subject}-own` }))
    const facts = await many<{ facts: unknown }>(own.db, sql`select facts from event where subject like ${`${subject}%`} order by subject`)
    expect(facts.map((row) => row.facts)).toEqual([{ acting: true }, {}])
    expect((await accountNames(own.db, [b.id], { subject, locale: 'zh-CN' })).get(b.id)).toBe(`${b.name}（代）`)
    expect((await accountNames(own.db, [b.id], { subject: `${subject}-own`, locale: 'zh-CN' })).get(b.id)).toBe(b.name)
    await sql`update holding set valid_to = '2018-07-04' where id = ${a.holding}`.execute(own.db)
    await insertHolding(own.db, { post: a.post, account: b.id, acting: false, from: '2018-07-04' })
    expect((await accountNames(own.db, [b.id], { subject, locale: 'en' })).get(b.id)).toBe(`${b.name} (acting)`)
  })
})

describe('what is refused', () => {
  test('oneself, people of other units, and people who are away as well', async () => {
    const [a, b, c] = [await person('clerk'), await person('clerk'), await person('clerk')]
    await expect(away(a, '2018-07-03', '2018-07-05', a)).rejects.toMatchObject({ code: 'deputy-unfit', facts: { self: true } })
    await expect(away(a, '2018-07-03', '2018-07-05', await person('clerk', { unit: world.westTown1 }))).rejects.toMatchObject({ code: 'deputy-unfit', field: 'deputy' })
    await away(b, '2018-07-05', '2018-07-06', c)
    await expect(away(a, '2018-07-03', '2018-07-05', b)).rejects.toMatchObject({ code: 'deputy-unfit', facts: { from: '2018-07-05' } })
    expect(await away(a, '2018-07-03', '2018-07-04', b)).toMatchObject({ deputy: b.name })
  })

  test('a chain: who stands in cannot let somebody else stand in', async () => {
    const [a, b, c] = [await person('clerk'), await person('clerk'), await person('clerk')]
    await away(a, '2018-07-02', '2018-07-05', b)
    const { id } = await one<{ id: number }>(own.db, sql`select id from holding where account = ${b.id} and acting`)
    await expect(ask(b.actor, 'access.setAbsence', { holding: id, from: '2018-07-03', to: '2018-07-04', deputy: c.id })).rejects.toMatchObject({ code: 'absence-acting' })
  })

  test('dates before today, backwards, too long, outside the post’s time, and twice the same day, also at the same moment', async () => {
    const [a, b] = [await person('clerk'), await person('clerk')]
    await expect(away(a, '2018-07-01', '2018-07-05', b)).rejects.toMatchObject({ code: 'absence-dates', field: 'from' })
    await expect(away(a, '2018-07-05', '2018-07-04', b)).rejects.toMatchObject({ code: 'absence-dates', field: 'to' })
    await expect(away(a, '2018-07-05', '2019-12-01', b)).rejects.toMatchObject({ code: 'absence-dates', field: 'to' })
    const both = await Promise.allSettled([away(a, '2018-07-10', '2018-07-12', b), away(a, '2018-07-12', '2018-07-13', null)])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await sql`update holding set valid_to = '2018-09-01' where id = ${a.holding}`.execute(own.db)
    await expect(away(a, '2018-08-30', '2018-09-02', b)).rejects.toMatchObject({ code: 'absence-dates', facts: { until: '2018-09-01' } })
  })

  test('the three administrators stay three people: each is stood in for by his own kind or by somebody without business', async () => {
    const unit = world.east
    const [system, audit, clerk, free] = [await person('systemAdmin', { unit }), await person('auditAdmin', { unit }), await person('clerk', { unit }), await person(null, { unit })]
    for (const other of [audit, clerk]) await expect(away(system, '2018-07-03', '2018-07-05', other)).rejects.toMatchObject({ code: 'admin-roles-separate', field: 'deputy' })
    await expect(away(clerk, '2018-07-03', '2018-07-05', system)).rejects.toMatchObject({ code: 'admin-roles-separate' })
    expect((await ask(system.actor, 'access.deputies', { holding: system.holding })).map((one: { account: string }) => one.account)).toEqual([free.id])
    await away(system, '2018-07-03', '2018-07-05', free)
    // Standing in as one administrator, nobody is given another's post either.
    const security = holder(world.city, ['grant.manage'], '安全管理员')
    await expect(ask(security, 'access.grant', { post: audit.post, account: free.id, acting: true, reason: '任命' })).rejects.toMatchObject({ code: 'admin-roles-separate' })
  })
})

describe('nobody there', () => {
  test('the unit above is told when both are away, when nobody was named, and when the deputy is gone', async () => {
    const unit = world.westTown2Village1
    const [a, b, c, d] = [await person('clerk', { unit, ab: 'A' }), await person('clerk', { unit, ab: 'B' }), await person('clerk', { unit }), await person('clerk', { unit })]
    await away(a, '2018-07-02', '2018-07-05', b)
    const above = holder(world.westTown2, ['task.check'])
    const alarm = async (actor = above) => (await ask(actor, 'access.uncovered', {})).rows.map((row: { post: number; why: string }) => [row.post, row.why])
    expect(await alarm()).toEqual([])
    await away(b, '2018-07-02', '2018-07-03', c)
    await away(d, '2018-07-02', '2018-07-02', null)
    expect(await alarm()).toEqual([[a.post, 'away'], [d.post, 'none']])
    await sql`update auth_user set disabled = true where id = ${c.id}`.execute(own.db)
    expect(await alarm()).toEqual([[a.post, 'away'], [b.post, 'gone'], [d.post, 'none']])
    // Not told: the village itself, and the township beside.
    expect(await alarm(holder(unit, ['task.check']))).toEqual([])
    expect(await alarm(holder(world.westTown1, ['task.check']))).toEqual([])
    ask = asking(router, own.database, { now: '2018-07-06T09:00:00+08:00' })
    expect(await alarm()).toEqual([])
  })
})
