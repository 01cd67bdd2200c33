import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { many, one, run, sql } from '../../server/db.ts'
import { giveProgramme } from '../../tests/lists.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { burdenContract } from '../burden/burden.contract.ts'
import { burdenAnswers } from '../burden/burden.server.ts'
import { inboxContract } from '../inbox/inbox.contract.ts'
import { inboxAnswers } from '../inbox/inbox.server.ts'
import { listsContract } from '../lists/lists.contract.ts'
import { listsAnswers } from '../lists/lists.server.ts'
import { matterKindsPart } from './matter-kinds.pack.ts'
import { promisesContract } from './promises.contract.ts'
import { promisesAnswers } from './promises.server.ts'
import { handPromises, returnPromises } from './succession.reads.ts'
import { remindPromises } from './remind.server.ts'

const own = ownDatabase()
const router = {
  promises: answer(promisesContract, promisesAnswers),
  burden: answer(burdenContract, burdenAnswers),
  lists: answer(listsContract, listsAnswers),
  inbox: answer(inboxContract, inboxAnswers),
}
let world: SmallWorld
let ask: ReturnType<typeof asking>
/** The same questions on another day. */
const onDay = (day: string) => asking(router, own.database, { now: `${day}T09:00:00+08:00` })
const clerk = (unit: number) => holder(unit, ['task.work', 'list.read', 'record.fill', 'unit.read'], '台账')
const principal = (unit: number) => holder(unit, ['task.work', 'list.read', 'unit.read'], '主任')
const checker = (unit: number) => holder(unit, ['task.work', 'task.check', 'list.read'], '审核')
const coordinator = (unit: number) => holder(unit, ['list.issue', 'list.read', 'task.check', 'task.work'], '协调')
const officer = () => holder(world.province, ['burden.approve', 'list.read'], '减负')
const village = () => world.eastTown1Village1
const notices = async (unit: number) => (await many<{ kind: string }>(own.db, sql`select kind from notice where unit_id = ${unit} order by id`)).map((row) => row.kind)

beforeAll(async () => {
  ask = asking(router, own.database)
  world = await smallWorld(own.db)
  await giveProgramme(own.db)
  await matterKindsPart.apply(own.db, [{ code: 'facility', name: { zh: '设施停用', en: 'Facility' }, acknowledgeWorkingDays: 3 }], { pack: null as never, by: undefined })
})
beforeEach(async () => {
  await run(own.db, sql`delete from notice`)
})

describe('commitments', () => {
  const commit = async (by = '2018-08-01', unit = village()) => (await ask(clerk(unit), 'promises.commit', { unit, text: '修好便民桥', measure: '车辆可通行', by })).id as number
  const seen = async (id: number, day = '2018-07-02', actor = clerk(village())) => (await onDay(day)(actor, 'promises.commitments', { limit: 500 })).rows.find((row: { id: number }) => row.id === id)

  test('a commitment is public at once, and kept when somebody other than its maker says so with the result', async () => {
    const id = await commit()
    expect(await seen(id, '2018-07-02', clerk(world.westTown2Village3))).toMatchObject({ standing: 'running', unitName: '东川1镇第1村', by: '2018-08-01' })
    expect((await seen(id)).moves.find((move: { move: string }) => move.move === 'keep')).toMatchObject({ possible: false, why: 'same-person' })
    await expect(ask(clerk(village()), 'promises.keep', { id, version: 1, on: '2018-07-02', result: '通车' })).rejects.toMatchObject({ code: 'same-person' })
    await expect(ask(principal(village()), 'promises.keep', { id, version: 1, on: '2018-07-02', result: ' ' })).rejects.toMatchObject({ code: 'reason-needed' })
    await ask(principal(village()), 'promises.keep', { id, version: 1, on: '2018-07-02', result: '7 月 2 日通车' })
    expect(await seen(id)).toMatchObject({ standing: 'kept', result: '7 月 2 日通车', daysLate: 0 })
    expect(await notices(village())).toEqual(['commitmentKept'])
    const steps = await ask(clerk(world.westTown1), 'promises.commitmentSteps', { id })
    expect(steps.map((step: { move: string; by: string | null }) => [step.move, step.by])).toEqual([['make', null], ['keep', null]])
    expect((await ask(clerk(world.eastTown1), 'promises.commitmentSteps', { id }))[0].by).toBe(clerk(village()).account)
    const events = await many<{ kind: string }>(own.db, sql`select kind from event where subject = ${`commitment:${id}`} order by id`)
    expect(events.map((one) => one.kind)).toEqual(['commitment.made', 'commitment.kept'])
  })

  test('it is late by itself on the day after, without anybody typing it, and kept late when it is kept then', async () => {
    const id = await commit('2018-07-05')
    expect((await seen(id, '2018-07-05')).standing).toBe('running')
    expect(await seen(id, '2018-07-06')).toMatchObject({ standing: 'late', daysLate: 1 })
    await onDay('2018-07-10')(checker(world.eastTown1), 'promises.keep', { id, version: 1, on: '2018-07-08', result: '补修完成' })
    expect(await seen(id, '2018-07-10')).toMatchObject({ standing: 'keptLate', daysLate: 3 })
  })

  test('the database itself refuses a commitment that its own maker marked as kept', async () => {
    const id = await commit()
    await expect(run(own.db, sql`update commitment set state = 'kept', kept_on = '2018-07-02', result = 'x', settled_by = made_by where id = ${id}`)).rejects.toThrow(/check constraint/)
  })

  test('withdrawn with a reason that stays to be read; a second move on the old version shows both versions', async () => {
    const id = await commit()
    await expect(ask(principal(village()), 'promises.withdrawCommitment', { id, version: 1, reason: '' })).rejects.toMatchObject({ code: 'reason-needed' })
    await ask(principal(village()), 'promises.withdrawCommitment', { id, version: 1, reason: '改由县里统一修' })
    expect(await seen(id)).toMatchObject({ standing: 'withdrawn', reason: '改由县里统一修' })
    await expect(ask(checker(world.eastTown1), 'promises.keep', { id, version: 1, on: '2018-07-02', result: '通车' })).rejects.toMatchObject({ code: 'stale-version', facts: { mine: 1, theirs: 2 } })
  })

  test('the counts of a unit are those of the units below it, and each commitment is counted once on every day', async () => {
    await run(own.db, sql`delete from commitment`)
    const units = [world.eastTown1, world.eastTown1Village1, world.eastTown2Village1, world.westTown1Village2]
    const made = await Promise.all(units.flatMap((unit) => ['2018-07-03', '2018-07-20'].map((by) => commit(by, unit))))
    await ask(checker(world.city), 'promises.keep', { id: made[0]!, version: 1, on: '2018-07-02', result: '完成' })
    for (const day of ['2018-07-02', '2018-07-04', '2018-09-01']) {
      const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, one) => all + one, 0)
      const city = await onDay(day)(clerk(village()), 'promises.commitmentCounts', { unit: world.city })
      const county = await onDay(day)(clerk(village()), 'promises.commitmentCounts', { unit: world.east })
      expect([sum(city.all), sum(county.all), sum(county.below[0].counts)]).toEqual([8, 6, 4])
      expect(city.below.map((one: { name: string; counts: object }) => [one.name, one.counts]).find(([name]: [string]) => name === '东川县')[1]).toEqual(county.all)
      for (const standing of ['running', 'late', 'kept'] as const) {
        const { total } = await onDay(day)(clerk(village()), 'promises.commitments', { unit: world.city, standing })
        expect(total).toBe(city.all[standing])
      }
    }
  })

  test('its unit hears of it a week before the day, and with the level above once it is late; each once', async () => {
    await run(own.db, sql`delete from commitment`)
    await commit('2018-07-20')
    for (const day of ['2018-07-12', '2018-07-13', '2018-07-14']) await remindPromises(own.database, day)
    expect(await notices(village())).toEqual(['commitmentDue'])
    for (const day of ['2018-07-20', '2018-07-21', '2018-07-22']) await remindPromises(own.database, day)
    expect(await notices(village())).toEqual(['commitmentDue', 'commitmentLate'])
    expect(await notices(world.eastTown1)).toEqual(['commitmentLate'])
  })
})

test('what is under way of a unit that ends goes to who comes after it, what is settled stays, and undoing gives it back', async () => {
  const [from, to] = [world.westTown2Village1, world.westTown2Village2]
  const commit = async () => (await ask(clerk(from), 'promises.commit', { unit: from, text: '修路', measure: '通车', by: '2018-08-01' })).id as number
  const [open, kept] = [await commit(), await commit()]
  await ask(principal(from), 'promises.keep', { id: kept, version: 1, on: '2018-07-02', result: '通车' })
  await ask(coordinator(world.west), 'promises.pair', { helper: to, helped: from, purpose: '互帮', from: '2018-07-01', until: '2018-12-31' })
  const { id: pairing } = await ask(coordinator(world.west), 'promises.pair', { helper: world.westTown1, helped: from, purpose: '帮扶', from: '2018-07-01', until: '2018-12-31' })
  const where = () => many<{ id: number; unit: number }>(own.db, sql`select id, unit_id as unit from commitment where id in (${open}, ${kept}) union all select id, helped_unit from pairing where helper_unit in (${to}, ${world.westTown1}) order by 1, 2`)
  const before = await where()
  const handed = await handPromises(own.db, from, to)
  // The pairing of the two with each other stays: nobody is paired with himself.
  expect(handed).toEqual([{ table: 'commitment', column: 'unit_id', id: open }, { table: 'pairing', column: 'helped_unit', id: pairing }])
  expect((await where()).filter((one) => one.unit === to)).toHaveLength(2)
  await returnPromises(own.db, from, handed)
  expect(await where()).toEqual(before)
})

describe('joint meetings', () => {
  let body = 0
  beforeAll(async () => {
    body = (await one<{ id: number }>(own.db, sql`insert into coordinating_body (unit_id, name) values (${world.east}, '防汛联席会议') returning id`)).id
    await run(own.db, sql`insert into coordinating_member (body_id, unit_id) values (${body}, ${world.eastTown1}), (${body}, ${world.eastTown2})`)
  })
  const convene = async () => (await ask(coordinator(world.east), 'promises.convene', { body, subject: '防汛联席会议', on: '2018-07-04', minutes: 60, members: [world.eastTown1, world.eastTown2] })).id as number
  const page = (id: number, day = '2018-07-04', actor = coordinator(world.east)) => onDay(day)(actor, 'promises.meeting', { id })
  const approve = async (id: number, yes = true) => {
    const { asking } = await one<{ asking: number }>(own.db, sql`select asking_id as asking from joint_meeting where id = ${id}`)
    await ask(officer(), 'burden.decide', { id: asking, version: 1, approve: yes, reason: '改为书面' })
  }
  const held = async () => {
    const id = await convene()
    await approve(id)
    await onDay('2018-07-04')(coordinator(world.east), 'promises.hold', { id, version: 1 })
    return id
  }
  const resolve = async (id: number, more: object = {}) => {
    const { version } = await page(id)
    return onDay('2018-07-04')(coordinator(world.east), 'promises.resolve', { id, version, title: '加固河堤', lead: world.eastTown1, deliverable: '验收单', measure: '全段达标', due: '2018-07-20', ...more })
  }

  test('a meeting stands in the register of askings, and cannot be held before the burden officer has said yes', async () => {
    const id = await convene()
    expect(await page(id)).toMatchObject({ asking: 'review', members: 2, resolutions: 0 })
    await expect(onDay('2018-07-04')(coordinator(world.east), 'promises.hold', { id, version: 1 })).rejects.toMatchObject({ code: 'meeting-not-registered' })
    await approve(id)
    const burden = await ask(clerk(world.eastTown1), 'burden.unit', { unit: world.eastTown1, month: '2018-07' })
    expect(burden.events).toContainEqual(expect.objectContaining({ kind: 'meeting', title: '防汛联席会议', minutes: 60, issuerName: '东川县' }))
    expect((await page(id)).asking).toBe('registered')
    await onDay('2018-07-03')(coordinator(world.east), 'promises.cancelMeeting', { id, version: 1, reason: '改为书面征求意见' })
    expect(await page(id)).toMatchObject({ state: 'cancelled', asking: 'withdrawn' })
    expect((await ask(clerk(world.eastTown1), 'burden.unit', { unit: world.eastTown1, month: '2018-07' })).events).toEqual([])
  })

  test('each resolution is an item of the meeting’s list with one lead, issued like any other, and the page shows how it stands', async () => {
    const id = await held()
    await resolve(id)
    const { list } = await resolve(id, { title: '备足沙袋', lead: world.eastTown2, coUnits: [world.eastTown1, world.eastTown2], due: null, dueWorkingDays: 5 })
    const before = await page(id)
    expect(before.resolved.map((one: { title: string; state: string }) => [one.title, one.state])).toEqual([['加固河堤', 'draft'], ['备足沙袋', 'draft']])
    // Who leads does not help himself.
    expect(before.resolved.map((one: { coUnitNames: string[] }) => one.coUnitNames)).toEqual([[], ['东川1镇']])
    const draft = await ask(coordinator(world.east), 'lists.list', { id: list })
    expect(draft.entries.map((item: { lead: number }) => item.lead)).toEqual([world.eastTown1, world.eastTown2])
    await onDay('2018-07-04')(coordinator(world.east), 'lists.issue', { list, version: draft.version })
    const after = await page(id)
    expect(after.resolved.map((one: { state: string; due: string }) => [one.state, one.due])).toEqual([['open', '2018-07-20'], ['open', '2018-07-11']])
    expect((await page(id, '2018-07-12')).resolved.map((one: { state: string }) => one.state)).toEqual(['open', 'overdue'])
    await expect(resolve(id)).rejects.toMatchObject({ code: 'meeting-list-issued' })

    const { task } = after.resolved[1]
    const two = { actor: checker(world.eastTown2), above: coordinator(world.east) }
    const signed = await ask(two.actor, 'lists.sign', { task, version: 1 })
    const reported = await ask(two.actor, 'lists.report', { task, version: signed.version, result: '已备足' })
    await ask(two.above, 'lists.verify', { task, version: reported.version })
    expect(await page(id, '2018-07-12')).toMatchObject({ resolutions: 2, closed: 1, overdue: 0 })
    // A member reads it, a unit that takes no part does not.
    expect((await page(id, '2018-07-12', clerk(world.eastTown2))).closed).toBe(1)
    await expect(page(id, '2018-07-12', clerk(world.westTown1))).rejects.toMatchObject({ code: 'not-allowed' })
  })

  test('however resolutions are written and taken out, the meeting has as many as its list has items', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }), async (writes) => {
        const id = await held()
        for (const write of writes) {
          const { list, resolved } = await page(id)
          if (write || resolved.length === 0) await resolve(id)
          else {
            const { entries } = await ask(coordinator(world.east), 'lists.list', { id: list })
            await ask(coordinator(world.east), 'lists.removeItem', { item: entries[0].id, version: entries[0].version })
          }
        }
        const { resolutions, resolved, list } = await page(id)
        const { items } = await ask(coordinator(world.east), 'lists.list', { id: list })
        expect([resolutions, resolved.length]).toEqual([items, items])
      }),
      { seed: 20, numRuns: 5 },
    )
  })

  test('a draft list that was thrown away leaves the meeting without resolutions, and the next one begins a new list', async () => {
    const id = await held()
    const { list } = await resolve(id)
    const { version } = await ask(coordinator(world.east), 'lists.list', { id: list })
    await ask(coordinator(world.east), 'lists.remove', { list, version })
    expect(await page(id)).toMatchObject({ list: null, resolutions: 0 })
    expect((await resolve(id)).list).not.toBe(list)
  })

  test('members outside the county are refused at their field', async () => {
    const wrong = ask(coordinator(world.east), 'promises.convene', { body, subject: '会议', on: '2018-07-04', minutes: 60, members: [world.westTown1] })
    await expect(wrong).rejects.toMatchObject({ code: 'invalid-input', field: 'members', findings: [{ code: 'outside-issuer' }] })
  })
})

describe('major matters', () => {
  const report = (more: object = {}) => ask(clerk(village()), 'promises.reportMatter', { unit: village(), kind: 'facility', title: '水塔停用', happenedOn: '2018-07-01', what: '水塔开裂', asked: '请派技术员', ...more })
  const seen = async (id: number, day = '2018-07-02', actor = checker(world.eastTown1)) => (await onDay(day)(actor, 'promises.matters', { limit: 500 })).rows.find((row: { id: number }) => row.id === id)

  test('a report waits at the level above until a limit in working days, is acknowledged, answered and closed there', async () => {
    const { id, due } = await report()
    expect(due).toBe('2018-07-05')
    const waiting = await ask(checker(world.eastTown1), 'inbox.waiting', { kind: 'acknowledge' })
    expect(waiting.rows).toEqual([expect.objectContaining({ title: '水塔停用', unit: village(), due: '2018-07-05' })])
    expect((await seen(id, '2018-07-06')).overdue).toBe(true)
    await ask(checker(world.eastTown1), 'promises.acknowledgeMatter', { id, version: 1 })
    expect((await ask(checker(world.eastTown1), 'inbox.waiting', { kind: 'acknowledge' })).rows).toEqual([])
    await ask(checker(world.east), 'promises.instructMatter', { id, version: 2, text: '先架临时供水' })
    await ask(checker(world.eastTown1), 'promises.closeMatter', { id, version: 3, outcome: '7 月 9 日恢复供水' })
    expect(await seen(id)).toMatchObject({ state: 'closed', instruction: '先架临时供水', outcome: '7 月 9 日恢复供水', acknowledgedLate: false })
    const steps = await ask(clerk(village()), 'promises.matterSteps', { id })
    expect(steps.map((step: { move: string; unitName: string }) => [step.move, step.unitName])).toEqual([['report', '东川1镇第1村'], ['acknowledge', '东川1镇'], ['instruct', '东川县'], ['close', '东川1镇']])
    expect(await notices(village())).toEqual(['matterAcknowledged', 'matterInstructed', 'matterClosed'])
  })

  test('neighbours do not see it, its own unit cannot acknowledge it, and a closed one stays closed', async () => {
    const { id } = await report()
    expect(await seen(id, '2018-07-02', clerk(world.eastTown1Village2))).toBeUndefined()
    await expect(ask(checker(village()), 'promises.acknowledgeMatter', { id, version: 1 })).rejects.toMatchObject({ code: 'not-allowed' })
    await ask(principal(village()), 'promises.withdrawMatter', { id, version: 1, reason: '误报' })
    await expect(ask(checker(world.eastTown1), 'promises.acknowledgeMatter', { id, version: 2 })).rejects.toMatchObject({ code: 'move-not-possible' })
  })

  test('a text about a person is refused at its field, and nothing is written', async () => {
    await expect(report({ what: '联系 13912345678' })).rejects.toMatchObject({ code: 'invalid-input', field: 'what', findings: [{ code: 'personal-number', path: 'what' }] })
    await expect(report({ asked: '查一查民族情况' })).rejects.toMatchObject({ code: 'invalid-input', findings: [{ code: 'red-line', path: 'asked' }] })
    expect((await one<{ n: number }>(own.db, sql`select count(*)::int as n from major_matter where asked like '%民族%'`)).n).toBe(0)
  })

  test('the level above is told once when nobody acknowledged in time', async () => {
    await run(own.db, sql`delete from major_matter`)
    await report()
    await run(own.db, sql`delete from notice`)
    for (const day of ['2018-07-05', '2018-07-06', '2018-07-07']) await remindPromises(own.database, day)
    expect(await notices(world.eastTown1)).toEqual(['matterOverdue'])
  })
})

describe('pairings', () => {
  const [helper, helped] = [() => world.eastTown2Village1, village]
  const pair = async () => {
    await run(own.db, sql`update pairing set state = 'ended', reason = '测试' where state = 'running'`)
    return (await ask(coordinator(world.east), 'promises.pair', { helper: helper(), helped: helped(), purpose: '村村共建', from: '2018-07-01', until: '2018-12-31' })).id as number
  }
  const page = (id: number, day = '2018-07-02', actor = clerk(helped())) => onDay(day)(actor, 'promises.pairing', { id })
  const add = async (id: number, kind: 'resource' | 'need', text: string) => (await ask(clerk(kind === 'resource' ? helper() : helped()), 'promises.addEntry', { id, kind, text })).entry as number

  test('each side writes its own list once; a resource that meets a need is a done entry, and the resource stays', async () => {
    const id = await pair()
    const resource = await add(id, 'resource', '农技员每月一天')
    const [first, second] = [await add(id, 'need', '果树修剪'), await add(id, 'need', '病虫防治')]
    await expect(ask(clerk(helper()), 'promises.addEntry', { id, kind: 'need', text: '替别人写' })).rejects.toMatchObject({ code: 'not-allowed' })
    await ask(clerk(helper()), 'promises.match', { id, resource, need: first, on: '2018-07-02', result: '修剪 30 亩' })
    const now = await page(id)
    expect(now).toMatchObject({ resources: 1, needs: 1, done: 1 })
    expect(now.doneEntries).toEqual([expect.objectContaining({ resource: '农技员每月一天', need: '果树修剪', result: '修剪 30 亩' })])
    await expect(ask(clerk(helped()), 'promises.match', { id, resource, need: first, on: '2018-07-02', result: '再来' })).rejects.toMatchObject({ code: 'move-not-possible' })
    await ask(clerk(helped()), 'promises.match', { id, resource, need: second, on: '2018-07-02', result: '防治 20 亩' })
    expect(await page(id, '2018-07-02', coordinator(world.east))).toMatchObject({ resources: 1, needs: 0, done: 2 })
    await expect(page(id, '2018-07-02', clerk(world.westTown1))).rejects.toMatchObject({ code: 'not-allowed' })
  })

  test('it runs out by itself: nothing is added until somebody above both prolongs it', async () => {
    const id = await pair()
    const late = onDay('2019-01-01')
    expect(await page(id, '2019-01-01')).toMatchObject({ expired: true, state: 'running' })
    await expect(late(clerk(helped()), 'promises.addEntry', { id, kind: 'need', text: '会议室' })).rejects.toMatchObject({ code: 'pairing-expired' })
    await expect(late(coordinator(world.eastTown1), 'promises.prolong', { id, version: 1, until: '2019-12-31' })).rejects.toMatchObject({ code: 'not-allowed' })
    await late(coordinator(world.east), 'promises.prolong', { id, version: 1, until: '2019-12-31' })
    await late(clerk(helped()), 'promises.addEntry', { id, kind: 'need', text: '会议室' })
    expect(await page(id, '2019-01-01')).toMatchObject({ expired: false, needs: 1, version: 2 })
    expect((await late(clerk(helped()), 'promises.pairings', { state: 'running' })).rows.map((row: { id: number }) => row.id)).toContain(id)
  })

  test('the same two are paired once at a time, and never a unit with itself', async () => {
    await pair()
    const again = { helper: helper(), helped: helped(), purpose: '再结一次', from: '2018-07-01', until: '2018-12-31' }
    await expect(ask(coordinator(world.east), 'promises.pair', again)).rejects.toMatchObject({ code: 'pairing-twice' })
    await expect(ask(coordinator(world.east), 'promises.pair', { ...again, helper: helped() })).rejects.toMatchObject({ code: 'invalid-input', field: 'helped' })
  })

  test('whatever both sides do, every need is open, met by one done entry, or withdrawn: none lost, none doubled', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('resource', 'need', 'match', 'withdraw'), { maxLength: 12 }), async (acts) => {
        const id = await pair()
        const written = { resource: 0, need: 0 }
        for (const act of acts) {
          const { entries } = await page(id)
          const open = (kind: string) => entries.find((entry: { kind: string; state: string }) => entry.kind === kind && entry.state === 'open')
          if (act === 'resource' || act === 'need') {
            await add(id, act, `事项${written[act]++}`)
          } else if (act === 'match') {
            const [resource, need] = [open('resource'), open('need')]
            if (resource && need) await ask(clerk(helped()), 'promises.match', { id, resource: resource.id, need: need.id, on: '2018-07-02', result: '办成' })
          } else {
            const need = open('need')
            if (need) await ask(clerk(helped()), 'promises.withdrawEntry', { id, entry: need.id, reason: '不再需要' })
          }
        }
        const { entries, doneEntries, needs } = await page(id)
        const all = entries.filter((entry: { kind: string }) => entry.kind === 'need') as { state: string }[]
        const count = (state: string) => all.filter((entry) => entry.state === state).length
        expect(all.length).toBe(written.need)
        expect([count('open'), count('met')]).toEqual([needs, doneEntries.length])
        expect(count('open') + count('met') + count('withdrawn')).toBe(written.need)
      }),
      { seed: 20, numRuns: 8 },
    )
  })
})
