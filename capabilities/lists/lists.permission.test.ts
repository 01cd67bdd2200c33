import { Writable } from 'node:stream'
import { beforeAll, describe, expect, test } from 'vitest'
import { isProblem } from '../../rules/problem.ts'
import { answer } from '../../server/answer.ts'
import { one, sql } from '../../server/db.ts'
import { giveProgramme, sampleItem } from '../../tests/lists.ts'
import { permissionTests } from '../../tests/permission.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { listsContract, type ItemInput } from './lists.contract.ts'
import { listsAnswers } from './lists.server.ts'
import { tasksWorkbookRoute } from './workbook.server.ts'

const own = ownDatabase()
const router = { lists: answer(listsContract, listsAnswers) }
let world: SmallWorld
beforeAll(async () => {
  world = await smallWorld(own.db)
  await giveProgramme(own.db)
})

const ask = (unit: number, name: string, input: object) => asking(router, own.database)(holder(unit, undefined, '旁人'), `lists.${name}`, input)

/** A draft of the township with one item. */
async function draft(item: Partial<ItemInput> = {}, issuer = world.eastTown1) {
  const { id: list } = await ask(issuer, 'create', { issuer, programme: 'sample', year: 2018, title: '清单' })
  const { id } = await ask(issuer, 'addItem', { list, item: sampleItem({ ...item, lead: issuer, within: issuer }) })
  const { version } = await ask(issuer, 'list', { id: list })
  return { list: list as number, item: id as number, version: version as number }
}
async function issued(item: Partial<ItemInput> = {}, issuer = world.eastTown1) {
  const made = await draft(item, issuer)
  await ask(issuer, 'issue', { list: made.list, version: made.version })
  return made
}
/** The village's task of a list that its township has issued, after these moves by others. */
async function task(...moves: [name: string, by: number, more?: object][]) {
  const { item } = await issued()
  const { id } = await one<{ id: number }>(own.db, sql`select id from task where item_id = ${item} and unit_id = ${world.eastTown1Village1}`)
  let version = 1
  let last: { deferralsAsked: { id: number }[] } | undefined
  for (const [name, by, more] of moves) {
    last = await ask(by, name, { task: id, version, ...more })
    version++
  }
  return { task: id, version, deferral: last?.deferralsAsked[0]?.id }
}
const signed = () => ['sign', world.eastTown1Village1] as [string, number]
const reported = () => ['report', world.eastTown1Village1, { result: '好' }] as [string, number, object]

/** The village's task as checked by somebody else while a task below it was open, which it is no longer. */
async function verified() {
  const made = await task(signed(), reported())
  await sql`update task set state = 'verified', verified_by = 'somebody', version = version + 1 where id = ${made.task}`.execute(own.db)
  return { task: made.task, version: made.version + 1 }
}

const everybody = { own: 'ok', above: 'ok', below: 'ok', sibling: 'ok', otherBranch: 'ok', nobody: 'not-signed-in' } as const
const fromAbove = { own: 'ok', above: 'ok', below: 'not-allowed', sibling: 'not-allowed', otherBranch: 'not-allowed', nobody: 'not-signed-in' } as const
/** What has been issued to the village is read there too. */
const reached = { ...fromAbove, below: 'ok' } as const
/** About the village, which has nothing below it: `below` is the village itself. */
const atVillage = { about: 'eastTown1Village1', own: 'ok', above: 'ok', below: 'ok', sibling: 'not-allowed', otherBranch: 'not-allowed', nobody: 'not-signed-in' } as const
const checking = { ...atVillage, own: 'not-allowed', below: 'not-allowed' } as const

permissionTests('lists', listsContract, router, () => ({ database: own.database, world }), {
  programmes: { ...everybody, input: () => undefined },
  templates: { ...everybody, input: () => ({}) },
  template: { ...everybody, input: () => ({ code: 'sample-list' }) },
  lists: { ...everybody, input: () => ({}) },
  list: { ...reached, input: async () => ({ id: (await issued()).list }) },
  create: { ...fromAbove, input: () => ({ issuer: world.eastTown1, programme: 'sample', year: 2018, title: '清单' }) },
  update: { ...fromAbove, input: async () => ({ ...(await draft()), title: '新名', clause: null }) },
  remove: { ...fromAbove, input: () => draft() },
  addItem: { ...fromAbove, input: async () => ({ list: (await draft()).list, item: sampleItem({ lead: world.eastTown1, within: world.eastTown1 }) }) },
  addBelow: {
    ...fromAbove,
    input: async () => ({ parentItem: (await issued({ audience: { classes: ['township'], within: [world.east] } }, world.east)).item, issuer: world.eastTown1, item: sampleItem({ lead: world.eastTown1, within: world.eastTown1 }) }),
  },
  updateItem: { ...fromAbove, input: async () => ({ item: (await draft()).item, version: 1, to: sampleItem({ lead: world.eastTown1, within: world.eastTown1 }) }) },
  removeItem: { ...fromAbove, input: async () => ({ item: (await draft()).item, version: 1 }) },
  moveItem: { ...fromAbove, input: async () => ({ item: (await draft()).item, version: 1, to: 1 }) },
  cost: { ...fromAbove, input: async () => ({ id: (await draft()).list }) },
  issue: { ...fromAbove, input: () => draft() },
  cancelItem: { ...fromAbove, input: async () => ({ item: (await issued()).item, version: 2, reason: '停办' }) },
  closeItem: {
    ...fromAbove,
    input: async () => {
      const { item } = await issued()
      await sql`update task set state = 'cancelled', reason = '停办' where item_id = ${item}`.execute(own.db)
      return { item, version: 2 }
    },
  },
  deadline: { ...everybody, input: () => ({ from: '2018-07-02', days: 3 }) },
  matrix: { ...fromAbove, input: async () => ({ id: (await issued()).list, unit: world.eastTown1 }) },
  tasks: { ...fromAbove, input: () => ({ unit: world.eastTown1 }) },
  task: { ...atVillage, input: async () => ({ id: (await task()).task }) },
  sign: { ...atVillage, input: () => task() },
  work: { ...atVillage, input: async () => ({ ...(await task(signed())), progress: 50 }) },
  report: { ...atVillage, input: async () => ({ ...(await task(signed())), result: '好' }) },
  verify: { ...checking, input: () => task(signed(), reported()) },
  close: { ...checking, input: verified },
  sendBack: { ...checking, input: async () => ({ ...(await task(signed(), reported())), reason: '核实' }) },
  cancel: { ...checking, input: async () => ({ ...(await task()), reason: '不适用' }) },
  askDeferral: { ...atVillage, input: async () => ({ ...(await task()), to: '2018-10-31', reason: '汛期' }) },
  // Decided at the issuer, which is the township.
  decideDeferral: { ...fromAbove, input: async () => ({ ...(await task(['askDeferral', world.eastTown1Village1, { to: '2018-10-31', reason: '汛期' }])), grant: true }) },
  comment: { ...atVillage, input: async () => ({ task: (await task()).task, text: '收到' }) },
  remind: { ...checking, input: async () => ({ tasks: [(await task()).task] }) },
})

describe('GET /lists/{id}/workbook', () => {
  test.each([
    ['eastTown1', 'ok'],
    ['east', 'ok'],
    ['eastTown1Village1', 'ok'],
    ['eastTown2', 'not-allowed'],
    ['westTown1', 'not-allowed'],
  ] as const)('%s → %s', async (seat, expected) => {
    const { list } = await issued()
    const response = Object.assign(new Writable({ write: (_chunk, _encoding, done) => done() }), { setHeader: () => response })
    const call = { params: { id: String(list) }, actor: holder(world[seat]), database: own.database, now: new Date('2018-07-02T09:00:00+08:00'), response }
    const got = await tasksWorkbookRoute.handle(call as never).then(() => 'ok', (error: unknown) => (isProblem(error) ? error.code : Promise.reject(error)))
    expect(got).toBe(expected)
  })
})
