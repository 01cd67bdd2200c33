import { beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { many, one, run, sql } from '../../server/db.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { giveProgramme, sampleItem } from '../../tests/lists.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { inboxContract } from '../inbox/inbox.contract.ts'
import { inboxAnswers } from '../inbox/inbox.server.ts'
import { registerForm } from '../ledgers/forms.server.ts'
import { ledgersContract } from '../ledgers/ledgers.contract.ts'
import { keepMeasures, keptOf } from '../ledgers/ledgers.reads.ts'
import { ledgersAnswers } from '../ledgers/ledgers.server.ts'
import { verifyRollup } from '../ledgers/rollup.server.ts'
import { listsContract } from '../lists/lists.contract.ts'
import { listsAnswers } from '../lists/lists.server.ts'
import { unitsContract } from '../units/units.contract.ts'
import { unitOf } from '../units/units.reads.ts'
import { unitsAnswers } from '../units/units.server.ts'
import { changesContract, type ChangeInput } from './changes.contract.ts'
import { changesAnswers } from './changes.server.ts'

const own = ownDatabase()
const router = {
  units: answer(unitsContract, unitsAnswers), ledgers: answer(ledgersContract, ledgersAnswers), lists: answer(listsContract, listsAnswers),
  changes: answer(changesContract, changesAnswers), inbox: answer(inboxContract, inboxAnswers),
}
const form = 'village-month'
let world: SmallWorld
let ask: ReturnType<typeof asking>
const me = () => holder(world.province)

beforeAll(async () => {
  ask = asking(router, own.database)
  world = await smallWorld(own.db)
  await giveProgramme(own.db)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
  await keepMeasures(own.db, form, ['sum(covered) / sum(households)'])
  await run(own.db, sql`insert into post_kind (code, name_zh, name_en, verbs) values ('clerk', '台账员', 'Clerk', '{record.fill}')`)
  for (const [period, due] of [['2018-05', '2018-07-10'], ['2018-07', '2018-08-10']] as const) {
    await ask(me(), 'ledgers.openPeriod', { form, period, audience: { classes: ['village'], within: [world.province] }, due })
  }
})

const preview = (changes: ChangeInput[], who = me()) => ask(who, 'changes.preview', { changes })
async function make(changes: ChangeInput[], who = me()) {
  const { fingerprint } = await preview(changes, who)
  return ask(who, 'changes.make', { changes, fingerprint, reason: '区划调整', document: '测发〔2018〕1号' })
}
const page = (id: number) => ask(me(), 'units.one', { id })
const submit = (unit: number, period: string, covered: string, who = holder(unit)) => ask(who, 'ledgers.submit', { unit, form, period, formVersion: 1, values: { households: '10', covered }, version: 0 })
const accept = (unit: number, period: string, version: number, by: number) => ask(holder(by, undefined, '审核'), 'ledgers.accept', { unit, form, period, version })
async function kept(unit: number, period: number) {
  const [row] = await keptOf(own.db, form, [period], [await unitOf(own.db, unit)])
  return row && { expected: row.expected, reported: row.reported, sums: row.sums.map(Number) }
}
async function exact() {
  for (const one of await verifyRollup(own.database)) expect(one).toMatchObject({ wrongRecords: 0, wrongKept: 0 })
}
/** Tasks of a new list at these units: how many items each of them gets. */
async function giveTasks(units: [number, number][]) {
  const list = (await ask(me(), 'lists.create', { issuer: world.province, programme: 'sample', year: 2018, title: '测试' })).id
  for (let item = 0; item < Math.max(...units.map(([, count]) => count)); item++) {
    const within = units.filter(([, count]) => item < count).map(([unit]) => unit)
    await ask(me(), 'lists.addItem', { list, item: sampleItem({ lead: world.province, within: within[0]!, title: `第${item + 1}项`, audience: { classes: ['village'], within } }) })
  }
  await ask(me(), 'lists.issue', { list, version: (await ask(me(), 'lists.list', { id: list })).version })
  return list as number
}
const openTasks = async (unit: number) => (await one<{ n: number }>(own.db, sql`select count(*)::int as n from task_state where unit_id = ${unit} and live_state not in ('closed', 'cancelled')`)).n

describe('three villages become one', () => {
  let successor = 0
  let list = 0
  const three = () => [world.eastTown1Village1, world.eastTown1Village2, world.eastTown1Village3]
  const merge = (): ChangeInput => ({ kind: 'merge', on: '2018-07-01', units: three(), into: { create: { code: '990121101290', name: '三合村' } } })

  test('the preview says everything that will move, and moves nothing', async () => {
    list = await giveTasks([[world.eastTown1Village1, 4], [world.eastTown1Village2, 2]])
    const [a, b] = three()
    await submit(a!, '2018-05', '7')
    await accept(a!, '2018-05', 1, world.eastTown1)
    await submit(b!, '2018-05', '5')
    await run(own.db, sql`insert into auth_user (id, name, email, username, "unitId") values ('u1', '王台账', 'u1@x', 'u1', ${a})`)
    for (const unit of three()) await run(own.db, sql`insert into post (unit_id, kind, title, required, valid_from) values (${unit}, 'clerk', '台账员', true, '2018-01-01')`)
    await run(own.db, sql`insert into holding (post_id, account, valid_from) select id, 'u1', '2018-01-01' from post where unit_id = ${a}`)
    const { id: body } = await one<{ id: number }>(own.db, sql`insert into coordinating_body (unit_id, name) values (${world.eastTown1}, '工作专班') returning id`)
    await run(own.db, sql`insert into coordinating_member (body_id, unit_id) values (${body}, ${a}), (${body}, ${b})`)

    const { reports } = await preview([merge()])
    expect(reports[0]).toMatchObject({
      kind: 'merge', tasks: { count: 6 }, records: 2, accounts: 1, counties: ['东川县'],
      // May had ended before the merge: its open returns stay with the villages they are about. July goes to the successor.
      returns: { stay: { count: 2 }, go: { count: 3 }, asked: { count: 1 } },
      posts: { count: 3 },
    })
    expect(reports[0].posts.rows[0]).toMatchObject({ title: '台账员', holders: ['王台账'], toName: '三合村' })
    expect(reports[0].bodies).toHaveLength(2)
    expect((await page(three()[0]!)).state).toBe('active')
    expect((await many(own.db, sql`select 1 from unit_change`)).length).toBe(0)
  })

  test('what has changed since the preview is not confirmed', async () => {
    const { fingerprint } = await preview([merge()])
    const { id, version } = await one<{ id: number; version: number }>(own.db, sql`select id, version from task where unit_id = ${three()[0]} limit 1`)
    await ask(holder(three()[0]!), 'lists.sign', { task: id, version })
    await expect(ask(me(), 'changes.make', { changes: [merge()], fingerprint, reason: '合并', document: '1号' })).rejects.toMatchObject({ code: 'change-preview-old', status: 409 })
    expect((await page(three()[0]!)).state).toBe('active')
  })

  test('4, 2 and 0 open tasks are 6 at the successor; the same item stands side by side with whose it was', async () => {
    const before = await kept(world.east, 201805)
    const made = await make([merge()])
    successor = (await one<{ id: number }>(own.db, sql`select id from unit where code = '990121101290'`)).id
    expect(made.reports[0].units.map((unit: { becomes: string }) => unit.becomes)).toEqual(['ended', 'ended', 'ended', 'created'])
    expect([await openTasks(successor), await openTasks(three()[0]!)]).toEqual([6, 0])
    const twins = await many<{ former: number }>(own.db, sql`select former_unit as former from task t join item i on i.id = t.item_id where t.unit_id = ${successor} and i.title = '第1项' and i.list_id = ${list} order by 1`)
    expect(twins.map((row) => row.former)).toEqual([world.eastTown1Village1, world.eastTown1Village2])
    // Leaf units after = before − ended + created; sums and counts above stay.
    expect((await page(world.eastTown1)).below.find((row: { class: string }) => row.class === 'village').units).toBe(1)
    expect(await kept(world.east, 201805)).toEqual(before)
    expect(await kept(world.eastTown1, 201807)).toMatchObject({ expected: 1 })
    await exact()
  })

  test('the successor’s people find and finish what the villages left open; the level above checks it', async () => {
    const inbox = await ask(holder(successor), 'inbox.waiting', {})
    const waiting = inbox.rows.filter((row: { kind: string; period: string }) => row.kind === 'fill').map((row: { unit: number; period: string }) => [row.unit, row.period])
    expect(waiting).toEqual(expect.arrayContaining([[world.eastTown1Village3, '2018-05'], [successor, '2018-07']]))
    await submit(world.eastTown1Village3, '2018-05', '3', holder(successor))
    await accept(world.eastTown1Village3, '2018-05', 1, world.eastTown1)
    await accept(world.eastTown1Village2, '2018-05', 1, world.eastTown1)
    expect((await kept(world.eastTown1, 201805))!.reported).toBe(3)
    await submit(successor, '2018-07', '9')
    await accept(successor, '2018-07', 1, world.eastTown1)
    await exact()
    // Nobody else may report for a village that is no more.
    await expect(submit(world.eastTown1Village1, '2018-05', '3', holder(world.eastTown2Village1))).rejects.toMatchObject({ code: 'not-allowed' })
  })

  test('history stays readable, in both directions', async () => {
    const record = await ask(holder(successor), 'ledgers.open', { unit: world.eastTown1Village1, form, period: '2018-05' })
    expect((await ask(holder(successor), 'changes.records', { unit: world.eastTown1Village1 })).rows).toMatchObject([{ form, period: '2018-05', state: 'accepted' }])
    expect([record.unitName, record.values.covered, record.state]).toEqual(['东川1镇第1村', '7', 'accepted'])
    const history = await ask(holder(successor), 'changes.history', { unit: successor })
    expect(history.predecessors.map((row: { id: number; records: number }) => [row.id, row.records])).toEqual(three().map((id) => [id, 1]))
    expect((await ask(holder(successor), 'changes.history', { unit: three()[0] })).successors).toMatchObject([{ id: successor, main: true, kind: 'merge' }])
    expect((await page(three()[0]!)).former[0]).toMatchObject({ name: '东川1镇第1村', validTo: '2018-06-30', reason: '区划调整' })
    expect((await page(successor)).posts).toMatchObject([{ title: '台账员', holders: [], vacantSince: '2018-07-01' }])
    const ended = await one<{ reason: string; account: boolean }>(own.db, sql`select p.end_reason as reason, exists (select from auth_user where id = 'u1' and not disabled and "unitId" = ${successor}) as account from post p where p.unit_id = ${three()[0]}`)
    expect(ended).toEqual({ reason: '区划调整', account: true })
    const { rows } = await ask(me(), 'changes.list', { q: '三合' })
    expect(rows[0]).toMatchObject({ kind: 'merge', to: ['三合村'], document: '测发〔2018〕1号' })
  })

  test('it is not undone any more, because something new hangs on the successor', async () => {
    const { rows } = await ask(me(), 'changes.list', { q: '三合' })
    const shown = await ask(me(), 'changes.one', { id: rows[0].id })
    expect(shown.moves).toMatchObject([{ move: 'undo', possible: false, why: 'change-undo-hangs' }])
    await expect(ask(me(), 'changes.undo', { id: rows[0].id, reason: '误' })).rejects.toMatchObject({ code: 'change-undo-hangs' })
  })
})

describe('other changes', () => {
  test('undone on its day, every row stands as before', async () => {
    const list = await giveTasks([[world.eastTown2Village1, 3], [world.eastTown2Village3, 3]])
    await run(own.db, sql`insert into post (unit_id, kind, title, valid_from) values (${world.eastTown2Village1}, 'clerk', '台账员', '2018-01-01')`)
    await run(own.db, sql`insert into holding (post_id, account, valid_from) select id, 'u1', '2018-01-01' from post where unit_id = ${world.eastTown2Village1}`)
    const all = async () => ({
      units: await many(own.db, sql`select id, name, area_parent, line_parent, management, state, valid_from, valid_to, l1, l2, l3, l4, l5, line_path, heir_path, residents from unit order by id`),
      formers: await many(own.db, sql`select * from unit_former order by 1, 2`),
      tallies: await many(own.db, sql`select * from unit_tally where units > 0 order by 1, 2`),
      tasks: await many(own.db, sql`select id, unit_id, county_id, state, former_unit, return_unit, lead_post from task order by id`),
      asked: await many(own.db, sql`select * from expected_return order by 1, 2, 3, 4`),
      posts: await many(own.db, sql`select id, unit_id, valid_to, successor, end_reason from post order by id`),
      holdings: await many(own.db, sql`select * from holding order by id`),
      kept: await many(own.db, sql`select form, period, county_id, unit_id, expected, reported, trim_sums(sums)::text from kept_figure where expected > 0 or reported > 0 order by 1, 2, 3, 4`),
    })
    const before = await all()
    const { ids } = await make([{ kind: 'merge', on: '2018-07-01', units: [world.eastTown2Village1, world.eastTown2Village3], into: { create: { code: 'UNDO-1', name: '误并村' } } }])
    expect(await all()).not.toEqual(before)
    // Whatever any room has hung on the new unit keeps the change from being undone, and nothing of it is half undone.
    const [made] = await many<{ unit: number }>(own.db, sql`select id as unit from unit where code = 'UNDO-1'`)
    await run(own.db, sql`insert into commitment (unit_id, text, measure, by_date, made_by, made_on) values (${made!.unit}, '按月公开', '每月一次', '2018-12-31', 'u1', '2018-07-02')`)
    await expect(ask(me(), 'changes.undo', { id: ids[0], reason: '录错了' })).rejects.toMatchObject({ code: 'change-undo-hangs' })
    expect(await ask(me(), 'changes.one', { id: ids[0] })).toMatchObject({ state: 'done' })
    await run(own.db, sql`delete from commitment where unit_id = ${made!.unit}`)
    await ask(me(), 'changes.undo', { id: ids[0], reason: '录错了' })
    expect(await all()).toEqual(before)
    expect(await ask(me(), 'changes.one', { id: ids[0] })).toMatchObject({ state: 'undone', undone: { reason: '录错了' } })
    expect((await ask(me(), 'lists.list', { id: list })).state).toBe('issued')
    // Taken back once, it is not taken back again.
    await expect(ask(me(), 'changes.undo', { id: ids[0], reason: '再' })).rejects.toMatchObject({ code: 'move-not-possible' })
  })

  test('a village merged into its neighbour of another township takes its returns and figures there', async () => {
    await submit(world.westTown1Village1, '2018-05', '4')
    await accept(world.westTown1Village1, '2018-05', 1, world.westTown1)
    await make([{ kind: 'merge', on: '2018-07-01', units: [world.westTown1Village1, world.westTown2Village1], into: { unit: world.westTown2Village1 } }])
    // On today's tree what the village reported counts where its people live now; above both nothing changes.
    expect([(await kept(world.westTown1, 201805))!.reported, (await kept(world.westTown2, 201805))!.reported, (await kept(world.west, 201805))!.reported]).toEqual([0, 1, 1])
    await exact()
  })

  test('a village is split: what is open goes to the main one, both are asked for the running month', async () => {
    await giveTasks([[world.westTown1Village2, 2]])
    await make([{ kind: 'split', on: '2018-07-01', unit: world.westTown1Village2, main: 1, into: [{ create: { code: 'W-S1', name: '上村' }, share: '0.4' }, { create: { code: 'W-S2', name: '下村' }, share: '0.6' }] }])
    const ids = new Map((await many<{ id: number; code: string }>(own.db, sql`select id, code from unit where code like 'W-S_'`)).map((row) => [row.code, row.id]))
    expect([await openTasks(ids.get('W-S1')!), await openTasks(ids.get('W-S2')!)]).toEqual([0, 2])
    const asked = await many<{ unit: number }>(own.db, sql`select unit_id as unit from expected_return where period = 201807 and unit_id = any(${[...ids.values(), world.westTown1Village2]}::int[]) order by 1`)
    expect(asked.map((row) => row.unit)).toEqual([...ids.values()].sort((a, b) => a - b))
    await exact()
  })

  test('shares that do not make 1, a unit twice, two dates: each is named with its place', async () => {
    const into = (share: string, code: string) => ({ create: { code, name: code }, share })
    await expect(preview([
      { kind: 'split', on: '2018-07-01', unit: world.westTown1Village3, main: 0, into: [into('0.4', 'X1'), into('0.5', 'X2')] },
      { kind: 'merge', on: '2018-07-03', units: [world.westTown1Village3, world.westTown1Village3], into: { create: { code: 'X3', name: 'X3' } } },
    ])).rejects.toMatchObject({ code: 'change-invalid', findings: [{ code: 'change-dates-differ', path: 'changes.0.on' }, { code: 'change-shares', path: 'changes.0.into' }, { code: 'change-unit-twice', path: 'changes.1.units' }] })
  })

  test('of several changes one of which is wrong none is made, and the wrong one is named', async () => {
    const before = await page(world.eastTown2Village1)
    const changes: ChangeInput[] = [
      { kind: 'rename', on: '2018-07-01', unit: world.eastTown2Village1, name: '新名村' },
      { kind: 'abolish', on: '2018-07-01', unit: world.eastTown2, heir: world.east },
    ]
    await expect(preview(changes)).rejects.toMatchObject({ code: 'change-invalid', findings: [{ code: 'children-open', path: 'changes.1.unit' }] })
    expect((await page(world.eastTown2Village1)).name).toBe(before.name)
  })

  test('a renamed unit keeps its former name, with who and why in the trail', async () => {
    await make([{ kind: 'rename', on: '2018-05-01', unit: world.westTown2, name: '西河镇' }])
    const after = await page(world.westTown2)
    expect([after.name, after.former[0].name, after.former[0].validTo]).toEqual(['西河镇', '西川2镇', '2018-04-30'])
    expect((await ask(me(), 'units.search', { q: 'xhz' })).rows[0].id).toBe(world.westTown2)
  })

  test('a township that goes to another county takes its villages, their reports and tasks with it', async () => {
    await submit(world.eastTown2Village2, '2018-05', '6')
    await accept(world.eastTown2Village2, '2018-05', 1, world.eastTown2)
    await giveTasks([[world.eastTown2Village2, 1]])
    const city = await kept(world.city, 201805)
    const [east, west] = [(await kept(world.east, 201805))!, (await kept(world.west, 201805))!]
    const villages = async (id: number) => (await page(id)).below.find((one: { class: string }) => one.class === 'village').units
    const counts = [await villages(world.east), await villages(world.west)]
    await make([{ kind: 'transfer', on: '2018-06-01', units: [world.eastTown2], areaParent: world.west, lineParent: null, management: 'area' }])
    expect((await unitOf(own.db, world.eastTown2Village1)).l3).toBe(world.west)
    expect([await villages(world.east), await villages(world.west)]).toEqual([counts[0] - 3, counts[1] + 3])
    expect([(await kept(world.east, 201805))!.expected, (await kept(world.west, 201805))!.expected]).toEqual([east.expected - 3, west.expected + 3])
    expect(await kept(world.city, 201805)).toEqual(city)
    expect((await ask(me(), 'ledgers.open', { unit: world.eastTown2Village2, form, period: '2018-05' })).state).toBe('accepted')
    expect(await one(own.db, sql`select count(*)::int as n from task where unit_id = ${world.eastTown2Village2} and county_id <> ${world.west}`)).toEqual({ n: 0 })
    await exact()
  })

  test('a move that touches two counties needs a post above both', async () => {
    const move: ChangeInput = { kind: 'transfer', on: '2018-06-02', units: [world.eastTown2Village3], areaParent: world.eastTown1, lineParent: null, management: 'area' }
    // eastTown2 hangs below west by now.
    await expect(preview([move], holder(world.east))).rejects.toMatchObject({ code: 'not-allowed' })
    await expect(preview([move], holder(world.west))).rejects.toMatchObject({ code: 'not-allowed' })
    const both = { ...holder(world.east), grants: [...holder(world.east).grants, ...holder(world.west).grants] }
    for (const who of [holder(world.city), both]) expect((await preview([move], who)).reports[0].counties).toEqual(['东川县', '西川县'])
  })

  test('of two who confirm the same preview at once one succeeds, the other is told', async () => {
    const change: ChangeInput = { kind: 'merge', on: '2018-07-01', units: [world.westTown2Village2], into: { unit: world.westTown2Village3 } }
    const { fingerprint } = await preview([change])
    const confirm = (name: string) => ask(holder(world.province, undefined, name), 'changes.make', { changes: [change], fingerprint, reason: '并村', document: '测2号' }).then(() => 'done', (problem: { code: string }) => problem.code)
    expect((await Promise.all([confirm('甲'), confirm('乙')])).sort()).toEqual(['done', 'unit-closed'])
    await exact()
  })

  test('a unit cannot hang below itself or below a unit of its own rank', async () => {
    const move = (areaParent: number) => preview([{ kind: 'transfer', on: '2018-06-01', units: [world.east], areaParent, lineParent: null, management: 'area' }])
    await expect(move(world.eastTown1)).rejects.toMatchObject({ code: 'unit-cycle' })
    await expect(move(world.west)).rejects.toMatchObject({ code: 'unit-cycle' })
  })

  test('two townships merge: their villages hang below the new one, and are found there', async () => {
    await make([{ kind: 'merge', on: '2018-07-01', units: [world.westTown1, world.westTown2], into: { create: { code: '990122109000', name: '西合镇' } } }])
    const { id } = await one<{ id: number }>(own.db, sql`select id from unit where code = '990122109000'`)
    expect((await unitOf(own.db, world.westTown2Village2)).l4).toBe(id)
    expect((await kept(id, 201805))!.expected).toBe(6)
    await exact()
  })

  test('an abolished bureau leaves its lists to who takes over; its own returns stay to be finished', async () => {
    const list = (await ask(holder(world.cityBureau), 'lists.create', { issuer: world.cityBureau, programme: 'sample', year: 2018, title: '局清单' })).id
    await make([{ kind: 'abolish', on: '2018-07-01', unit: world.cityBureau, heir: world.city }])
    expect(await one(own.db, sql`select issuer_unit as issuer from list where id = ${list}`)).toEqual({ issuer: world.city })
    expect((await page(world.cityBureau)).state).toBe('abolished')
  })
})
