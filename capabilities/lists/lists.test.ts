import ExcelJS from 'exceljs'
import fc from 'fast-check'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { many, one, run, sql } from '../../server/db.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { giveProgramme, sampleItem } from '../../tests/lists.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { ledgersContract } from '../ledgers/ledgers.contract.ts'
import { ledgersAnswers } from '../ledgers/ledgers.server.ts'
import { registerForm } from '../ledgers/forms.server.ts'
import { listsContract } from './lists.contract.ts'
import { waitingDeferrals, waitingReplies, waitingTasks, waitingVerify } from './lists.reads.ts'
import { listsAnswers } from './lists.server.ts'
import { listOf } from './lists.sql.ts'
import { writeTasks } from './workbook.server.ts'

const own = ownDatabase()
const router = { lists: answer(listsContract, listsAnswers), ledgers: answer(ledgersContract, ledgersAnswers) }
let world: SmallWorld
let ask: ReturnType<typeof asking>

beforeAll(async () => {
  ask = asking(router, own.database)
  world = await smallWorld(own.db)
  await giveProgramme(own.db)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
})

const clerk = (unit: number) => holder(unit, undefined, '经办')
const checker = (unit: number) => holder(unit, undefined, '核验')
const newList = async (issuer: number, title = '测试清单') =>
  (await ask(holder(issuer), 'lists.create', { issuer, programme: 'sample', year: 2018, title })).id as number
const addItem = (issuer: number, list: number, item: object = {}) =>
  ask(holder(issuer), 'lists.addItem', { list, item: sampleItem({ lead: issuer, within: issuer, ...item }) })
const listNow = (issuer: number, id: number) => ask(holder(issuer), 'lists.list', { id })
async function issue(issuer: number, list: number) {
  return ask(holder(issuer), 'lists.issue', { list, version: (await listNow(issuer, list)).version })
}
/** A list of one item, issued. */
async function issued(issuer: number, item: object = {}) {
  const list = await newList(issuer)
  const { id } = await addItem(issuer, list, item)
  await issue(issuer, list)
  return { list, item: id as number }
}
async function taskAt(item: number, unit: number) {
  const { id } = await one<{ id: number }>(own.db, sql`select id from task where item_id = ${item} and unit_id = ${unit}`)
  return ask(holder(world.province), 'lists.task', { id })
}
/** Makes one move as the page shows the task now. */
async function move(item: number, unit: number, name: string, who: ReturnType<typeof holder>, more: object = {}) {
  const { id, version } = await taskAt(item, unit)
  return ask(who, `lists.${name}`, { task: id, version, ...more })
}
async function reported(item: number, unit: number) {
  await move(item, unit, 'sign', clerk(unit))
  return move(item, unit, 'report', clerk(unit), { result: '已完成' })
}
const moveOf = (of: { moves: { move: string }[] }, name: string) => of.moves.find((one) => one.move === name)

describe('writing a list', () => {
  test('a draft is seen by its issuer and above, not by those it will be issued to', async () => {
    const list = await newList(world.east)
    await addItem(world.east, list)
    expect((await listNow(world.city, list)).state).toBe('draft')
    await expect(listNow(world.eastTown1, list)).rejects.toMatchObject({ code: 'not-allowed' })
    const { rows } = await ask(holder(world.eastTown1Village1), 'lists.lists', {})
    expect(rows.map((row: { id: number }) => row.id)).not.toContain(list)
  })

  test('items keep one order when they are put in, moved and taken out', async () => {
    const list = await newList(world.east)
    for (const title of ['一', '二', '三']) await addItem(world.east, list, { title })
    await ask(holder(world.east), 'lists.addItem', { list, item: sampleItem({ lead: world.east, within: world.east, title: '零' }), after: 0 })
    const titles = async () => (await listNow(world.east, list)).entries.map((item: { ordinal: number; title: string }) => `${item.ordinal}${item.title}`)
    expect(await titles()).toEqual(['1零', '2一', '3二', '4三'])
    const { entries } = await listNow(world.east, list)
    await ask(holder(world.east), 'lists.moveItem', { item: entries[3].id, version: 1, to: 2 })
    expect(await titles()).toEqual(['1零', '2三', '3一', '4二'])
    await ask(holder(world.east), 'lists.moveItem', { item: entries[0].id, version: 1, to: 9 })
    expect(await titles()).toEqual(['1三', '2一', '3二', '4零'])
    await ask(holder(world.east), 'lists.removeItem', { item: entries[1].id, version: 1 })
    expect(await titles()).toEqual(['1三', '2二', '3零'])
  })

  test('somebody who saves over a newer version is told both versions', async () => {
    const list = await newList(world.east)
    await ask(holder(world.east), 'lists.update', { list, version: 1, title: '新名', clause: null })
    await expect(ask(holder(world.east), 'lists.update', { list, version: 1, title: '旧名', clause: null })).rejects.toMatchObject({ code: 'stale-version', facts: { mine: 1, theirs: 2 } })
    const item = await addItem(world.east, list)
    await expect(ask(holder(world.east), 'lists.issue', { list, version: 2 })).rejects.toMatchObject({ code: 'stale-version' })
    const to = sampleItem({ lead: world.east, within: world.east, title: '改名' })
    expect((await ask(holder(world.east), 'lists.updateItem', { item: item.id, version: 1, to })).title).toBe('改名')
    await expect(ask(holder(world.east), 'lists.updateItem', { item: item.id, version: 1, to })).rejects.toMatchObject({ code: 'stale-version' })
  })

  test('a list of the pack is taken over with its items, and says what is still missing', async () => {
    const { id } = await ask(holder(world.east), 'lists.create', { issuer: world.east, programme: 'sample', year: 2018, title: '取自模板', template: 'sample-list' })
    const { entries } = await listNow(world.east, id)
    expect(entries).toHaveLength(2)
    expect(entries[0]).toMatchObject({ title: '摸清场所底数', audienceText: '东川县的全部村', missing: ['lead', 'deadline'], dueWorkingDays: null })
    expect(entries[1]).toMatchObject({ dueWorkingDays: 5, deadline: { due: '2018-07-09', days: 5, notices: ['测试通知'] } })
  })

  test('what issuing will cost is told before it is issued', async () => {
    const list = await newList(world.east)
    await addItem(world.east, list, { classes: ['village', 'township'] })
    await addItem(world.east, list, { form: villageMonth.code, period: '2018-07' })
    const cost = await ask(holder(world.east), 'lists.cost', { id: list })
    expect(cost).toMatchObject({ units: 8, tasks: 14, entries: 18, fieldsHeld: 0 })
    expect(cost.items.map((item: { units: number; burden: { units: number } | null }) => [item.units, item.burden?.units])).toEqual([[8, undefined], [6, 6]])
  })
})

describe('issuing', () => {
  test('is refused with everything that is missing, item by item', async () => {
    const list = await newList(world.east)
    const { id } = await ask(holder(world.east), 'lists.addItem', { list, item: { title: '只有题目' } })
    const outside = await addItem(world.east, list, { within: world.city })
    const past = await addItem(world.east, list, { due: '2018-06-29' })
    const nobody = await addItem(world.east, list, { classes: ['community'] })
    const cycle = await addItem(world.east, list, { form: villageMonth.code, period: '2018' })
    const refused = await issue(world.east, list).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'list-incomplete' })
    expect((refused as { findings: { code: string; path: string }[] }).findings.map((finding) => `${finding.path} ${finding.code}`)).toEqual([
      ...['lead', 'deliverable', 'measure', 'audience', 'deadline'].map((part) => `items.${id}.${part} missing`),
      `items.${outside.id}.audience outside-issuer`,
      `items.${past.id}.deadline deadline-past`,
      `items.${nobody.id}.audience nobody-addressed`,
      `items.${cycle.id}.period period-of-other-cycle`,
    ])
    await expect(issue(world.east, await newList(world.east))).rejects.toMatchObject({ code: 'list-incomplete', findings: [{ code: 'no-items' }] })
  })

  test('every addressed unit gets its task in its county, with the post that sees to it, and is told once', async () => {
    await run(own.db, sql`insert into post_kind (code, name_zh, name_en, verbs) values ('clerk', '经办', 'Clerk', '{task.work}') on conflict do nothing`)
    const { id: post } = await one<{ id: number }>(own.db, sql`insert into post (unit_id, kind, title, valid_from) values (${world.eastTown1Village1}, 'clerk', '文书', '2017-01-01') returning id`)
    const list = await newList(world.city)
    const one1 = await addItem(world.city, list)
    await addItem(world.city, list, { classes: ['village', 'township'] })
    expect(await issue(world.city, list)).toEqual({ list, state: 'issued', tasks: 28, units: 16 })
    const tasks = await many<{ unit: number; county: number; post: number | null }>(own.db, sql`select unit_id as unit, county_id as county, lead_post as post from task where item_id = ${one1.id}`)
    expect(tasks).toHaveLength(12)
    expect(tasks.find((task) => task.unit === world.westTown1Village1)).toMatchObject({ county: world.west, post: null })
    expect(tasks.find((task) => task.unit === world.eastTown1Village1)).toMatchObject({ county: world.east, post })
    const told = await many(own.db, sql`select verb, kind, facts from notice where subject = ${`list:${list}`} and unit_id = ${world.eastTown1Village2}`)
    expect(told).toEqual([{ verb: 'task.work', kind: 'issued', facts: { title: '测试清单', tasks: 2, due: '2018-09-28' } }])
    const { rows } = await ask(holder(world.eastTown1Village2), 'lists.lists', {})
    expect(rows.find((row: { id: number }) => row.id === list).progress).toMatchObject({ tasks: 2, unsigned: 2, percent: '0.0' })
    await expect(issue(world.city, list)).rejects.toMatchObject({ code: 'move-not-possible', facts: { life: 'list' } })
  })

  test('a limit in working days becomes a date with its working; a year without a notice refuses it', async () => {
    const { item } = await issued(world.east, { due: null, dueWorkingDays: 3, dueFrom: '2018-09-28' })
    const task = await taskAt(item, world.eastTown1Village1)
    // 2018-09-29 and 30 are worked weekend days before the holiday in this test's notice.
    expect(task).toMatchObject({ due: '2018-10-08', deadline: { worked: [{ date: '2018-09-29' }, { date: '2018-09-30' }], days: 3 } })
    expect((await ask(holder(world.east), 'lists.deadline', { from: '2018-09-28', days: 3 })).due).toBe('2018-10-08')
    const list = await newList(world.east)
    await addItem(world.east, list, { due: null, dueWorkingDays: 200 })
    await expect(issue(world.east, list)).rejects.toMatchObject({ code: 'calendar-missing', facts: { year: 2019 } })
  })

  test('the line tree is addressed by the department that heads it', async () => {
    const list = await newList(world.cityBureau)
    const item = await ask(holder(world.cityBureau), 'lists.addItem', {
      list,
      item: { ...sampleItem({ lead: world.cityBureau, within: world.cityBureau }), audience: { classes: ['department'], within: [], line: [world.cityBureau], except: [world.cityBureau] } },
    })
    expect(await issue(world.cityBureau, list)).toMatchObject({ tasks: 1 })
    await reported(item.id, world.eastBureau)
    expect((await move(item.id, world.eastBureau, 'verify', checker(world.cityBureau))).state).toBe('closed')
  })

  test('a list of 20,000 tasks is issued in seconds', async () => {
    await run(
      own.db,
      sql`insert into unit (code, name, initials, kind, class, level, area_parent, valid_from, l1, l2, l3, l4)
          select 'many-' || n, '样本村' || n, 'ybc' || n, 'selfGovernment', 'community', 5, ${world.westTown2}::int, '2017-01-01', ${world.province}::int, ${world.city}::int, ${world.west}::int, ${world.westTown2}::int
          from generate_series(1, 2000) n`,
    )
    await run(own.db, sql`update unit set l5 = id where code like 'many-%'`)
    const list = await newList(world.west)
    for (let n = 0; n < 10; n++) await addItem(world.west, list, { classes: ['community'] })
    const began = performance.now()
    expect(await issue(world.west, list)).toMatchObject({ tasks: 20_000, units: 2000 })
    expect(performance.now() - began).toBeLessThan(10_000)
    const { rows } = await ask(holder(world.west), 'lists.matrix', { id: list, unit: world.west })
    expect(rows.map((row: { cells: ({ tasks: number } | null)[] }) => row.cells[0]?.tasks ?? null)).toEqual([null, 2000])
  })
})

describe('the life of a task', () => {
  test('it is signed for, worked on, reported, sent back with a reason, reported again and checked by somebody above', async () => {
    const unit = world.eastTown1Village1
    const { item } = await issued(world.east)
    await expect(move(item, unit, 'report', clerk(unit), { result: '好' })).rejects.toMatchObject({ code: 'move-not-possible', facts: { state: 'issued' } })
    expect(await waitingTasks(own.db, [unit])).toContainEqual(expect.objectContaining({ kind: 'sign', title: '摸清场所底数' }))
    await move(item, unit, 'sign', clerk(unit))
    expect(await move(item, unit, 'work', clerk(unit), { progress: 40, note: '已走访' })).toMatchObject({ state: 'running', progress: 40 })
    await move(item, unit, 'report', clerk(unit), { result: '台账完成' })
    expect(await waitingVerify(own.db, [world.eastTown1])).toContainEqual(expect.objectContaining({ item, count: 1, unit: world.eastTown1 }))
    expect((await waitingVerify(own.db, [world.east])).filter((one) => one.item === item)).toEqual([])
    await expect(move(item, unit, 'verify', checker(unit))).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(move(item, unit, 'verify', { ...checker(world.eastTown1), account: clerk(unit).account })).rejects.toMatchObject({ code: 'same-person' })
    await expect(move(item, unit, 'sendBack', checker(world.eastTown1), { reason: ' ' })).rejects.toMatchObject({ code: 'invalid-input' })
    expect(await move(item, unit, 'sendBack', checker(world.eastTown1), { reason: '缺照片' })).toMatchObject({ state: 'returned', reason: '缺照片' })
    await move(item, unit, 'report', clerk(unit), { result: '补齐' })
    const done = await move(item, unit, 'verify', checker(world.eastTown1), { note: '属实' })
    expect(done).toMatchObject({ state: 'closed', light: 'done', progress: 100, result: '补齐', reason: null })
    expect(done.trail.map((line: { kind: string }) => line.kind)).toEqual(['task.verified', 'task.reported', 'task.sentBack', 'task.reported', 'task.worked', 'task.signed', 'list.issued'])
    await expect(move(item, unit, 'cancel', checker(world.eastTown1), { reason: '误发' })).rejects.toMatchObject({ code: 'move-not-possible' })
  })

  test('a page that is out of date is told both versions', async () => {
    const unit = world.eastTown1Village1
    const { item } = await issued(world.east)
    const { id, version } = await taskAt(item, unit)
    await ask(clerk(unit), 'lists.sign', { task: id, version })
    await expect(ask(clerk(unit), 'lists.work', { task: id, version, progress: 5 })).rejects.toMatchObject({ code: 'stale-version', facts: { mine: 1, theirs: 2, state: 'accepted' } })
  })

  test('a task with a form follows its return', async () => {
    const unit = world.eastTown1Village1
    const { item } = await issued(world.east, { form: villageMonth.code, period: '2018-07' })
    const task = await taskAt(item, unit)
    expect(task).toMatchObject({ form: 'village-month', period: '2018-07', state: 'issued' })
    for (const name of ['sign', 'work', 'report', 'verify', 'sendBack', 'close']) expect(moveOf(task, name)).toMatchObject({ possible: false, why: 'follows-form' })
    await expect(move(item, unit, 'sign', clerk(unit))).rejects.toMatchObject({ code: 'move-not-possible', facts: { why: 'follows-form' } })
    const key = { unit, form: villageMonth.code, period: '2018-07' }
    await ask(clerk(unit), 'ledgers.submit', { ...key, formVersion: 1, values: { households: '9', covered: '3' }, version: 0 })
    expect((await taskAt(item, unit)).state).toBe('submitted')
    await ask(checker(world.eastTown1), 'ledgers.accept', { ...key, version: 1 })
    expect(await taskAt(item, unit)).toMatchObject({ state: 'closed', light: 'done' })
    const { rows } = await ask(holder(world.east), 'lists.tasks', { item, only: 'done' })
    expect(rows.map((row: { unit: number }) => row.unit)).toEqual([unit])
    expect((await waitingTasks(own.db, [world.eastTown1Village2])).filter((one) => one.task === task.id)).toEqual([])
    await expect(ask(holder(world.eastTown1), 'lists.addBelow', { parentItem: item, issuer: world.eastTown1, item: sampleItem({ lead: world.eastTown1, within: world.eastTown1 }) })).rejects.toMatchObject({ facts: { why: 'follows-form' } })
  })

  test('a later deadline is asked for by the unit and decided by the issuer, not by the level between', async () => {
    const unit = world.eastTown1Village1
    const { item } = await issued(world.east, { form: villageMonth.code, period: '2018-08' })
    await expect(move(item, unit, 'askDeferral', clerk(unit), { to: '2018-09-28', reason: '汛期' })).rejects.toMatchObject({ code: 'invalid-input', field: 'to' })
    const asked = await move(item, unit, 'askDeferral', clerk(unit), { to: '2018-10-31', reason: '汛期' })
    await expect(move(item, unit, 'askDeferral', clerk(unit), { to: '2018-11-30', reason: '再延' })).rejects.toMatchObject({ code: 'move-not-possible', facts: { life: 'deferral' } })
    const deferral = asked.deferralsAsked[0].id
    expect(await waitingDeferrals(own.db, [world.east])).toContainEqual(expect.objectContaining({ deferral, to: '2018-10-31' }))
    expect((await waitingDeferrals(own.db, [world.eastTown1])).filter((one) => one.deferral === deferral)).toEqual([])
    await expect(move(item, unit, 'decideDeferral', checker(world.eastTown1), { deferral, grant: true })).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(move(item, unit, 'decideDeferral', checker(world.east), { deferral, grant: false })).rejects.toMatchObject({ code: 'reason-needed' })
    await expect(move(item, unit, 'decideDeferral', { ...checker(world.east), account: clerk(unit).account }, { deferral, grant: true })).rejects.toMatchObject({ code: 'same-person' })
    expect(await move(item, unit, 'decideDeferral', checker(world.east), { deferral, grant: true })).toMatchObject({ due: '2018-10-31', deferrals: 1 })
    const expected = await one(own.db, sql`select due from expected_return where unit_id = ${unit} and form = ${villageMonth.code} and period = 201808`)
    expect(expected).toEqual({ due: '2018-10-31' })
    await expect(move(item, unit, 'decideDeferral', checker(world.east), { deferral, grant: true })).rejects.toMatchObject({ code: 'deferral-not-asked' })
  })

  test('a comment that wants an answer waits at the other side until it is given', async () => {
    const unit = world.eastTown1Village1
    const { item } = await issued(world.east)
    const { id: task } = await taskAt(item, unit)
    const said = await ask(checker(world.eastTown1), 'lists.comment', { task, text: '进度如何？', needsReply: true, replyBy: '2018-07-05' })
    expect(await waitingReplies(own.db, [unit])).toContainEqual(expect.objectContaining({ task, text: '进度如何？', replyBy: '2018-07-05' }))
    const back = await ask(clerk(unit), 'lists.comment', { task, text: '已过半。需要图纸吗？', needsReply: true, replyTo: said.comments[0].id })
    expect((await waitingReplies(own.db, [unit])).filter((one) => one.task === task)).toEqual([])
    expect(await waitingReplies(own.db, [world.eastTown1])).toContainEqual(expect.objectContaining({ task, comment: back.comments[1].id }))
    await expect(ask(clerk(unit), 'lists.comment', { task, text: '？', replyTo: 999_999 })).rejects.toMatchObject({ code: 'not-found' })
  })

  test('photos of a visit hang on a comment and on the check; only one’s own, given for the unit of the task', async () => {
    const unit = world.eastTown1Village1
    const { item } = await issued(world.east)
    const { id: task } = await taskAt(item, unit)
    const officer = checker(world.eastTown1)
    const give = async (by: string, at: number) => {
      const { id } = await one<{ id: string }>(own.db, sql`insert into file (sha256, bytes, name, type, unit_id, created_by) values ('00', 1, '现场.jpg', 'image/jpeg', ${at}, ${by}) returning id`)
      return id
    }
    const [seen, check, foreign, elsewhere] = [await give(officer.account, unit), await give(officer.account, unit), await give('旁人', unit), await give(officer.account, world.westTown1)]
    for (const id of [foreign, elsewhere]) await expect(ask(officer, 'lists.comment', { task, text: '看过', files: [id] })).rejects.toMatchObject({ code: 'not-found', field: 'files', facts: { id } })
    expect((await ask(officer, 'lists.comment', { task, text: '看过', files: [seen] })).comments).toMatchObject([{ text: '看过', files: [{ id: seen, name: '现场.jpg' }] }])
    await move(item, unit, 'sign', clerk(unit))
    await move(item, unit, 'report', clerk(unit), { result: '好' })
    const closed = await move(item, unit, 'verify', officer, { note: '属实', files: [check] })
    expect(closed.trail[0]).toMatchObject({ kind: 'task.verified', reason: '属实', facts: { files: [{ id: check, name: '现场.jpg' }] } })
  })

  test('a unit is reminded of a task once a day, and not of what it has reported', async () => {
    const { item } = await issued(world.east)
    const tasks = [(await taskAt(item, world.eastTown1Village1)).id, (await taskAt(item, world.eastTown1Village2)).id]
    await reported(item, world.eastTown1Village2)
    expect(await ask(checker(world.eastTown1), 'lists.remind', { tasks, text: '请抓紧' })).toEqual({ reminded: 1, alreadyToday: 0, notOpen: 1 })
    expect(await ask(checker(world.east), 'lists.remind', { tasks })).toEqual({ reminded: 0, alreadyToday: 1, notOpen: 1 })
    const tomorrow = asking(router, own.database, { now: '2018-07-03T00:10:00+08:00' })
    expect(await tomorrow(checker(world.east), 'lists.remind', { tasks })).toEqual({ reminded: 1, alreadyToday: 0, notOpen: 1 })
    await expect(ask(checker(world.eastTown1Village1), 'lists.remind', { tasks: [tasks[0]] })).rejects.toMatchObject({ code: 'not-allowed' })
  })
})

describe('progress and lights of many tasks', () => {
  test('17 of 26 items closed at one unit are 65.4 %, in the list and in the matrix', async () => {
    const list = await newList(world.eastTown2)
    for (let n = 1; n <= 26; n++) await addItem(world.eastTown2, list, { title: `第${n}条`, within: world.eastTown2Village1 })
    await issue(world.eastTown2, list)
    const { entries } = await listNow(world.eastTown2, list)
    for (const { id } of entries.slice(0, 17)) {
      await reported(id, world.eastTown2Village1)
      await move(id, world.eastTown2Village1, 'verify', checker(world.eastTown2))
    }
    expect((await listNow(world.eastTown2, list)).progress).toMatchObject({ tasks: 26, closed: 17, percent: '65.4', light: 'green' })
    const late = asking(router, own.database, { now: '2018-09-29T08:00:00+08:00' })
    expect((await late(holder(world.eastTown2), 'lists.list', { id: list })).progress).toMatchObject({ overdue: 9, light: 'red' })
    const soon = asking(router, own.database, { now: '2018-09-20T08:00:00+08:00' })
    expect((await soon(holder(world.eastTown2), 'lists.list', { id: list })).progress.light).toBe('yellow')
    expect((await soon(holder(world.eastTown2), 'lists.tasks', { list, only: 'dueSoon' })).total).toBe(9)
    expect((await late(holder(world.eastTown2), 'lists.tasks', { list, only: 'overdue', limit: 2 })).rows).toHaveLength(2)
  })

  test('the matrix has every child unit, with what rolls up to it, and says which cells are nobody’s', async () => {
    const list = await newList(world.city)
    await addItem(world.city, list, { within: world.east })
    await addItem(world.city, list, { classes: ['department'], within: world.east })
    await issue(world.city, list)
    const matrix = await ask(holder(world.city), 'lists.matrix', { id: list, unit: world.city })
    const cells = Object.fromEntries(matrix.rows.map((row: { name: string; cells: ({ tasks: number } | null)[] }) => [row.name, row.cells.map((cell) => cell?.tasks ?? null)]))
    expect(cells).toEqual({ 东川县: [6, 1], 西川县: [null, null], 青河市农业局: [null, null] })
    expect(matrix).toMatchObject({ owned: 2, cells: 6, total: 3 })
    const inside = await ask(holder(world.east), 'lists.matrix', { id: list, unit: world.east })
    expect(inside.rows.map((row: { cells: ({ tasks: number } | null)[] }) => row.cells.map((cell) => cell?.tasks ?? null))).toEqual([[3, null], [3, null], [null, 1]])
  })
})

describe('the workbook', () => {
  test('has how every task stands, row by row, with codes as text and only what the reader may see', async () => {
    const { list, item } = await issued(world.city)
    await reported(item, world.eastTown1Village1)
    await move(item, world.eastTown1Village1, 'verify', checker(world.eastTown1))
    const book = async (unit: number) => {
      const line = (await listOf(own.db, list))!
      const stream = new PassThrough()
      const read = buffer(stream)
      await writeTasks(own.db, stream, { actor: holder(unit), list: line, today: '2018-07-02' })
      const workbook = new ExcelJS.Workbook()
      await workbook.xlsx.load((await read) as never)
      return workbook.worksheets[0]!
    }
    const sheet = await book(world.city)
    expect(sheet.rowCount).toBe(3 + 12)
    // It says how far it is; whoever sees a part only is told so.
    expect(sheet.getCell('A2').text).toMatch(/ · 截至 2018-07-02 · 已报 1，应报 12（部分数据）；缺：(.+、){9}.+ 等 11 份；未办结 11 项$/)
    const first = sheet.getRow(4)
    expect(first.getCell(3).value).toBe('990121101201')
    expect([2, 4, 5, 6, 7, 8, 10, 17].map((cell) => first.getCell(cell).value)).toEqual(['摸清场所底数', '东川1镇第1村', '东川1镇', '已办结', 1, '2018-09-28', '完成', '已完成'])
    expect(sheet.getRow(5).getCell(6).value).toBe('待签收')
    const part = await book(world.eastTown2)
    expect(part.rowCount).toBe(3 + 3)
    expect(part.getCell('A2').text).toMatch(/已报 0，应报 3（部分数据）；缺：东川2镇第1村、东川2镇第2村、东川2镇第3村；未办结 3 项；只含您能查看的单位$/)
  })
})

describe('items below items', () => {
  const town = () => ({ classes: ['township'], within: world.east })

  async function hung() {
    const above = await issued(world.city, town())
    const { list, item } = await ask(holder(world.eastTown1), 'lists.addBelow', { parentItem: above.item, issuer: world.eastTown1, item: sampleItem({ lead: world.eastTown1, within: world.eastTown1, title: '各村落实' }) })
    await issue(world.eastTown1, list)
    return { above, list, item }
  }

  test('a level between hangs its own item below one from above, only below itself and only where it reaches', async () => {
    const above = await issued(world.city, town())
    const item = sampleItem({ lead: world.eastTown1, within: world.east })
    await expect(ask(holder(world.westTown1), 'lists.addBelow', { parentItem: above.item, issuer: world.westTown1, item })).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(ask(holder(world.city), 'lists.addBelow', { parentItem: above.item, issuer: world.city, item })).rejects.toMatchObject({ code: 'not-allowed' })
    const made = await ask(holder(world.eastTown1), 'lists.addBelow', { parentItem: above.item, issuer: world.eastTown1, item })
    await expect(issue(world.eastTown1, made.list)).rejects.toMatchObject({ code: 'list-incomplete', findings: [{ code: 'outside-issuer', facts: { units: 3 } }] })
    const again = await ask(holder(world.eastTown1), 'lists.addBelow', { parentItem: above.item, issuer: world.eastTown1, item })
    expect(again.list).toBe(made.list)
    expect(await listNow(world.eastTown1, made.list)).toMatchObject({ title: '摸清场所底数', issuer: world.eastTown1, entries: [{ parentItem: above.item }, { parentItem: above.item }] })
  })

  test('a checked task stays verified until the tasks below it are closed', async () => {
    const { above, item } = await hung()
    await reported(above.item, world.eastTown1)
    const verified = await move(above.item, world.eastTown1, 'verify', checker(world.east))
    expect(verified).toMatchObject({ state: 'verified', children: [{ item, open: 3, tasks: 3 }] })
    expect(moveOf(verified, 'close')).toMatchObject({ possible: false })
    await expect(move(above.item, world.eastTown1, 'close', checker(world.east))).rejects.toMatchObject({ code: 'children-open', facts: { open: 3, first: [{ title: '各村落实' }, {}, {}] } })
    expect((await waitingVerify(own.db, [world.east])).filter((one) => one.item === above.item)).toEqual([])
    for (const unit of [world.eastTown1Village1, world.eastTown1Village2]) {
      await reported(item, unit)
      await move(item, unit, 'verify', checker(world.eastTown1))
    }
    await move(item, world.eastTown1Village3, 'cancel', checker(world.eastTown1), { reason: '已搬迁' })
    expect(await waitingVerify(own.db, [world.east])).toContainEqual(expect.objectContaining({ item: above.item, count: 1 }))
    expect((await move(above.item, world.eastTown1, 'close', checker(world.east))).state).toBe('closed')
  })

  test('the other township, with nothing hung below, closes at once; nothing is hung below what has closed', async () => {
    const above = await issued(world.city, town())
    await reported(above.item, world.eastTown2)
    expect((await move(above.item, world.eastTown2, 'verify', checker(world.east))).state).toBe('closed')
    const late = await ask(holder(world.eastTown2), 'lists.addBelow', { parentItem: above.item, issuer: world.eastTown2, item: sampleItem({ lead: world.eastTown2, within: world.eastTown2 }) })
    await expect(issue(world.eastTown2, late.list)).rejects.toMatchObject({ code: 'move-not-possible', facts: { life: 'task', state: 'closed', first: [{ unit: world.eastTown2 }] } })
  })

  test('a task that closes and an item that is hung below it at the same moment: one of the two waits', async () => {
    for (let round = 0; round < 8; round++) {
      const above = await issued(world.city, { classes: ['township'], within: world.eastTown1 })
      const { list, item } = await ask(holder(world.eastTown1), 'lists.addBelow', { parentItem: above.item, issuer: world.eastTown1, item: sampleItem({ lead: world.eastTown1, within: world.eastTown1 }) })
      await reported(above.item, world.eastTown1)
      const { id, version } = await taskAt(above.item, world.eastTown1)
      const draft = await listNow(world.eastTown1, list)
      const both = [
        () => ask(holder(world.eastTown1), 'lists.issue', { list, version: draft.version }),
        () => ask(checker(world.east), 'lists.verify', { task: id, version }),
      ]
      await Promise.allSettled((round % 2 ? both : both.reverse()).map((one) => one()))
      const parent = await taskAt(above.item, world.eastTown1)
      const { n } = await one<{ n: number }>(own.db, sql`select count(*)::int as n from task where item_id = ${item}`)
      expect([parent.state, n]).toEqual(n === 0 ? ['closed', 0] : ['verified', 3])
    }
  })

  test('an item is closed when all its tasks and those below are; a cancelled item cancels what is open', async () => {
    const { above, item, list } = await hung()
    await expect(ask(holder(world.city), 'lists.closeItem', { item: above.item, version: 2 })).rejects.toMatchObject({ code: 'children-open', facts: { open: 5 } })
    await move(above.item, world.eastTown1, 'cancel', checker(world.east), { reason: '不适用' })
    await move(above.item, world.eastTown2, 'cancel', checker(world.east), { reason: '不适用' })
    await expect(ask(holder(world.city), 'lists.closeItem', { item: above.item, version: 2 })).rejects.toMatchObject({ code: 'children-open', facts: { open: 3 } })
    await expect(ask(holder(world.eastTown1), 'lists.cancelItem', { item, version: 2, reason: '' })).rejects.toMatchObject({ code: 'invalid-input' })
    expect(await ask(holder(world.eastTown1), 'lists.cancelItem', { item, version: 2, reason: '合并办理' })).toMatchObject({ state: 'cancelled', reason: '合并办理' })
    expect(await taskAt(item, world.eastTown1Village1)).toMatchObject({ state: 'cancelled', reason: '合并办理' })
    expect((await listNow(world.eastTown1, list)).state).toBe('cancelled')
    expect((await ask(holder(world.city), 'lists.closeItem', { item: above.item, version: 2 })).state).toBe('closed')
    expect((await listNow(world.city, above.list)).state).toBe('closed')
  })

  test('whatever people try, nothing closes without a checker who did not report it, and no parent before its children', { timeout: 120_000 }, async () => {
    const people = () => [clerk(world.eastTown1Village1), clerk(world.eastTown1), checker(world.eastTown1), checker(world.east), { ...checker(world.east), account: clerk(world.eastTown1).account }]
    const step = fc.record({ who: fc.nat(4), child: fc.boolean(), move: fc.constantFrom('sign', 'work', 'report', 'verify', 'close', 'sendBack', 'cancel') })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const above = await issued(world.city, { classes: ['township'], within: world.eastTown1 })
        const made = await ask(holder(world.eastTown1), 'lists.addBelow', { parentItem: above.item, issuer: world.eastTown1, item: sampleItem({ lead: world.eastTown1, within: world.eastTown1Village1 }) })
        await issue(world.eastTown1, made.list)
        const more = { work: { progress: 5 }, report: { result: '好' }, sendBack: { reason: '因' }, cancel: { reason: '因' } } as Record<string, object>
        // Most series of chance moves get nowhere, so each is followed by one that leads to the end.
        const end = [true, false].flatMap((child) => [['sign', child ? 0 : 1], ['report', child ? 0 : 1], ['verify', 4], ['verify', child ? 2 : 3], ['close', 3]].map(([name, who]) => ({ child, move: name as string, who: who as number })))
        for (const { who, child, move: name } of [...steps, ...end]) {
          const at = child ? ([made.item, world.eastTown1Village1] as const) : ([above.item, world.eastTown1] as const)
          await move(at[0], at[1], name, people()[who]!, more[name] ?? {}).catch((error: { code?: string }) => {
            if (!['move-not-possible', 'not-allowed', 'same-person', 'children-open'].includes(error.code ?? '')) throw error
          })
          const rows = await many<{ item: number; state: string; submitted: string | null; verified: string | null }>(
            own.db, sql`select item_id as item, state, submitted_by as submitted, verified_by as verified from task where item_id in (${above.item}, ${made.item})`)
          for (const row of rows.filter(({ state }) => state === 'closed')) {
            expect(row.verified).not.toBeNull()
            expect(row.verified).not.toBe(row.submitted)
          }
          const state = (item: number) => rows.find((row) => row.item === item)!.state
          if (state(above.item) === 'closed') expect(['closed', 'cancelled']).toContain(state(made.item))
        }
        const [parent, child] = await Promise.all([taskAt(above.item, world.eastTown1), taskAt(made.item, world.eastTown1Village1)])
        expect([['closed', 'cancelled'].includes(parent.state), ['closed', 'cancelled'].includes(child.state)]).toEqual([true, true])
      }),
      { numRuns: 12 },
    )
  })
})
