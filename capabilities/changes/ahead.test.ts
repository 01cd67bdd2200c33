import { beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { connect, many, one, run, sql } from '../../server/db.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { inboxContract } from '../inbox/inbox.contract.ts'
import { inboxAnswers } from '../inbox/inbox.server.ts'
import { carryOutDue, lookAhead } from './ahead.server.ts'
import { changesContract, type ChangeInput } from './changes.contract.ts'
import { changesAnswers } from './changes.server.ts'

const own = ownDatabase()
const router = { changes: answer(changesContract, changesAnswers), inbox: answer(inboxContract, inboxAnswers) }
let world: SmallWorld
const at = (date: string) => new Date(`${date}T00:10:00+08:00`)
const on = (date: string) => asking(router, own.database, { now: `${date}T09:00:00+08:00` })
const newYear = '2019-01-01'
/** The county's coordinator: his rights are looked at again on the day, so he is in the database. */
const county = () => ({ ...holder(world.east), account: 'coord' })

beforeAll(async () => {
  world = await smallWorld(own.db)
  await run(own.db, sql`insert into post_kind (code, name_zh, name_en, verbs) values ('coordinator', '协调办', 'Coordinator', '{unit.read,unit.manage}')`)
  await run(own.db, sql`insert into auth_user (id, name, email, username, "unitId") values ('coord', '东川协调', 'c@x', 'coord', ${world.east})`)
  const { id } = await one<{ id: number }>(own.db, sql`insert into post (unit_id, kind, title, valid_from) values (${world.east}, 'coordinator', '协调办', '2018-01-01') returning id`)
  await run(own.db, sql`insert into holding (post_id, account, valid_from) values (${id}, 'coord', '2018-01-01')`)
})

async function prepare(changes: ChangeInput[], today = '2018-11-20', who = county()) {
  const { fingerprint } = await on(today)(who, 'changes.preview', { changes })
  return (await on(today)(who, 'changes.prepare', { changes, fingerprint, reason: '区划调整', document: '测发〔2018〕9号' })).id as number
}
const merge = (units: number[], code: string, name: string, day = newYear): ChangeInput => ({ kind: 'merge', on: day, units, into: { create: { code, name } } })
const plan = (id: number, who = county()) => on('2018-12-01')(who, 'changes.plan', { id })
const standing = async (code: string) => (await many(own.db, sql`select 1 from unit where code = ${code} and state = 'active'`)).length
const told = async () => (await many<{ kind: string; subject: string }>(own.db, sql`select kind, subject from notice where unit_id = ${world.east} order by id`)).map((row) => `${row.kind} ${row.subject}`)

describe('two villages merge on 1 January', () => {
  let id = 0
  const units = () => [world.eastTown1Village1, world.eastTown1Village2]
  const change = () => merge(units(), '990121101280', '双合村')

  test('prepared in November it waits, and nothing has moved', async () => {
    const preview = await on('2018-11-20')(county(), 'changes.preview', { changes: [change()] })
    expect(preview).toMatchObject({ ahead: newYear, coming: [], reports: [{ kind: 'merge', on: newYear }] })
    await expect(on('2018-11-20')(county(), 'changes.make', { changes: [change()], fingerprint: preview.fingerprint, reason: '早', document: '1号' })).rejects.toMatchObject({ code: 'change-invalid', findings: [{ code: 'change-in-future' }] })
    id = await prepare([change()])
    expect(await standing('990121101280')).toBe(0)
    const { rows } = await on('2018-11-20')(holder(world.eastTown1Village1), 'changes.plans', {})
    expect(rows).toMatchObject([{ id, on: newYear, state: 'waiting', units: ['东川1镇第1村', '东川1镇第2村'], unitName: '东川县', by: '东川协调', kinds: ['merge'] }])
    expect((await on('2018-11-20')(holder(world.eastTown1Village1), 'changes.history', { unit: world.eastTown1Village1 })).coming).toMatchObject([{ id }])
    expect((await on('2018-11-20')(holder(world.westTown1), 'changes.plans', {})).total).toBe(0)
  })

  test('nobody prepares another change for one of its units; who changes it today is told', async () => {
    const rename: ChangeInput = { kind: 'rename', on: '2018-12-31', unit: world.eastTown1Village1, name: '改名村' }
    const found = await on('2018-11-20')(county(), 'changes.preview', { changes: [rename] })
    expect(found.coming).toMatchObject([{ id }])
    await expect(on('2018-11-20')(county(), 'changes.prepare', { changes: [rename], fingerprint: found.fingerprint, reason: '更名', document: '2号' })).rejects.toMatchObject({ code: 'change-planned-already', facts: { on: newYear } })
    await expect(on('2018-11-20')(county(), 'changes.prepare', { changes: [{ ...rename, on: '2018-11-20' }], fingerprint: found.fingerprint, reason: '更名', document: '2号' })).rejects.toMatchObject({ code: 'change-not-ahead' })
  })

  test('work that goes on until the day is no reason against it', async () => {
    await run(own.db, sql`update unit set residents = 900 where id = ${world.eastTown1Village1}`)
    await run(own.db, sql`insert into post (unit_id, kind, title, valid_from) values (${world.eastTown1Village1}, 'coordinator', '新岗', '2018-12-01')`)
    expect(await lookAhead(own.database, at('2018-12-20'))).toEqual({ done: [id], misfit: [] })
    expect(await plan(id)).toMatchObject({ state: 'waiting', misfit: [] })
  })

  test('two servers at midnight carry it out once, on its day and not before', async () => {
    expect(await carryOutDue(own.database, at('2018-12-31'))).toEqual({ done: [], misfit: [] })
    const other = connect(own.url, { size: 4 })
    const runs = await Promise.all([own.database, other, own.database, other].map((database) => carryOutDue(database, at(newYear))))
    await other.close()
    expect(runs.flatMap((one_) => one_.done)).toEqual([id])
    expect(runs.flatMap((one_) => one_.misfit)).toEqual([])
    expect(await standing('990121101280')).toBe(1)
    expect(await one(own.db, sql`select count(*)::int as n from unit_change`)).toEqual({ n: 1 })
    const done = await plan(id)
    expect(done).toMatchObject({ state: 'done', became: [{ kind: 'merge' }], ended: { by: null }, moves: [{ move: 'renew', possible: false }, { move: 'withdraw', possible: false }] })
    expect(await on(newYear)(county(), 'changes.one', { id: done.became[0].id })).toMatchObject({ on: newYear, by: '东川协调', document: '测发〔2018〕9号', moves: [{ move: 'undo', possible: true }] })
    expect(await told()).toEqual([`changePlanDone plan:${id}`])
    expect(await carryOutDue(own.database, at('2019-01-02'))).toEqual({ done: [], misfit: [] })
  })
})

describe('what does not fit any more', () => {
  const units = () => [world.eastTown2Village1, world.eastTown2Village2]
  let id = 0

  test('a unit that was renamed meanwhile: the office is told at night and nothing is done, until it confirms anew', async () => {
    id = await prepare([merge(units(), '990121102280', '合心村')])
    const rename: ChangeInput = { kind: 'rename', on: '2018-12-01', unit: world.eastTown2Village2, name: '新二村' }
    const { fingerprint } = await on('2018-12-01')(county(), 'changes.preview', { changes: [rename] })
    await on('2018-12-01')(county(), 'changes.make', { changes: [rename], fingerprint, reason: '更名', document: '3号' })
    expect(await lookAhead(own.database, at('2018-12-02'))).toEqual({ done: [], misfit: [id] })
    expect((await told()).at(-1)).toBe(`changePlanMisfit plan:${id}`)
    // Told once, however often it is looked at; and not done on its day either.
    expect(await lookAhead(own.database, at('2018-12-03'))).toEqual({ done: [], misfit: [] })
    expect(await carryOutDue(own.database, at(newYear))).toEqual({ done: [], misfit: [] })
    expect(await standing('990121102280')).toBe(0)
    const found = await plan(id)
    expect(found).toMatchObject({ state: 'misfit', misfit: [{ what: 'place', code: '990121102202', was: '东川2镇第2村 · 东川2镇', now: '新二村 · 东川2镇' }] })
    const again = await on('2018-12-04')(county(), 'changes.preview', { changes: found.asked, plan: id })
    await expect(on('2018-12-04')(county(), 'changes.renew', { id, version: 1, fingerprint: again.fingerprint })).rejects.toMatchObject({ code: 'stale-version' })
    await on('2018-12-04')(county(), 'changes.renew', { id, version: found.version, fingerprint: again.fingerprint })
    expect(await plan(id)).toMatchObject({ state: 'waiting', misfit: [] })
  })

  test('on its day the preparer has no right to it any more: it is told, and carried out when his successor confirms it', async () => {
    await run(own.db, sql`update auth_user set disabled = true where id = 'coord'`)
    expect(await carryOutDue(own.database, at(newYear))).toEqual({ done: [], misfit: [id] })
    const found = await plan(id)
    expect(found.misfit).toMatchObject([{ what: 'problem', code: 'not-allowed' }])
    const next = holder(world.east, undefined, '接任')
    const preview = await on('2019-01-02')(next, 'changes.preview', { changes: found.asked, plan: id })
    expect(preview.ahead).toBeNull()
    const { became } = await on('2019-01-02')(next, 'changes.renew', { id, version: found.version, fingerprint: preview.fingerprint })
    expect(became).toHaveLength(1)
    expect(await standing('990121102280')).toBe(1)
    expect(await plan(id)).toMatchObject({ state: 'done', misfit: [] })
    await run(own.db, sql`update auth_user set disabled = false where id = 'coord'`)
  })

  test('withdrawn with a reason it is never carried out', async () => {
    const third = await prepare([{ kind: 'rename', on: '2019-03-01', unit: world.eastTown1Village3, name: '三新村' }], '2019-01-10')
    const { version } = await plan(third)
    await on('2019-01-11')(county(), 'changes.withdraw', { id: third, version, reason: '批复推迟' })
    expect(await carryOutDue(own.database, at('2019-03-01'))).toEqual({ done: [], misfit: [] })
    expect(await plan(third)).toMatchObject({ state: 'withdrawn', ended: { by: '东川协调', reason: '批复推迟' } })
    await expect(on('2019-01-12')(county(), 'changes.withdraw', { id: third, version: version + 1, reason: '再' })).rejects.toMatchObject({ code: 'move-not-possible' })
    // Its units are free for another.
    expect(await prepare([{ kind: 'rename', on: '2019-04-01', unit: world.eastTown1Village3, name: '三新村' }], '2019-01-12')).toBeGreaterThan(third)
  })

  test('what an office has prepared goes on with who comes after it, and back when that is undone', async () => {
    const { id: office } = await one<{ id: number }>(own.db, sql`insert into unit (code, name, initials, kind, class, level, area_parent, valid_from, l1, l2, l3) select 'O-1', '某县', 'mx', 'government', 'county', 3, area_parent, '2017-01-01', l1, l2, null from unit where id = ${world.east} returning id`)
    await run(own.db, sql`update unit set l3 = id where id = ${office}`)
    const waiting = await one<{ id: number }>(own.db, sql`select id from planned_change where state = 'waiting' order by id desc limit 1`)
    await run(own.db, sql`update planned_change set unit_id = ${office} where id = ${waiting.id}`)
    const merge_: ChangeInput = { kind: 'merge', on: '2019-01-10', units: [office], into: { unit: world.east } }
    const who = holder(world.city)
    const { fingerprint } = await on('2019-01-12')(who, 'changes.preview', { changes: [merge_] })
    const { ids } = await on('2019-01-12')(who, 'changes.make', { changes: [merge_], fingerprint, reason: '并县', document: '4号' })
    const at_ = async () => (await one<{ unit: number }>(own.db, sql`select unit_id as unit from planned_change where id = ${waiting.id}`)).unit
    expect(await at_()).toBe(world.east)
    await on('2019-01-12')(who, 'changes.undo', { id: ids[0], reason: '误' })
    expect(await at_()).toBe(office)
    await run(own.db, sql`update planned_change set unit_id = ${world.east} where id = ${waiting.id}`)
  })

  test('a code that somebody else has taken meanwhile is told on the day, and the plans beside it are done', async () => {
    const clash = await prepare([merge([world.westTown1Village1, world.westTown1Village2], 'W-280', '西合村', '2019-04-01')], '2019-01-12', { ...holder(world.city), account: 'coord' })
    const { id: seat } = await one<{ id: number }>(own.db, sql`insert into post (unit_id, kind, title, valid_from) values (${world.city}, 'coordinator', '协调办', '2018-01-01') returning id`)
    await run(own.db, sql`insert into holding (post_id, account, valid_from) values (${seat}, 'coord', '2018-01-01')`)
    await run(own.db, sql`insert into unit (code, name, initials, kind, class, level, area_parent, valid_from) values ('W-280', '别村', 'bc', 'selfGovernment', 'village', 5, ${world.westTown2}, '2019-01-01')`)
    const { done, misfit } = await carryOutDue(own.database, at('2019-04-01'))
    expect([done.length, misfit]).toEqual([1, [clash]])
    expect((await on('2019-04-01')(holder(world.city), 'changes.plan', { id: clash })).misfit).toMatchObject([{ what: 'problem', code: 'unit-duplicate' }])
    expect((await many(own.db, sql`select name from unit where id = ${world.eastTown1Village3}`))[0]).toEqual({ name: '三新村' })
  })
})
