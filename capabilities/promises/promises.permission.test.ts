import { beforeAll } from 'vitest'
import { answer } from '../../server/answer.ts'
import { one, run, sql } from '../../server/db.ts'
import { giveProgramme } from '../../tests/lists.ts'
import { permissionTests } from '../../tests/permission.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { burdenContract } from '../burden/burden.contract.ts'
import { burdenAnswers } from '../burden/burden.server.ts'
import { promisesContract } from './promises.contract.ts'
import { promisesAnswers } from './promises.server.ts'

const own = ownDatabase()
const router = { promises: answer(promisesContract, promisesAnswers), burden: answer(burdenContract, burdenAnswers) }
let world: SmallWorld
let ask: ReturnType<typeof asking>
let body = 0

beforeAll(async () => {
  ask = asking(router, own.database)
  world = await smallWorld(own.db)
  await giveProgramme(own.db)
  await run(own.db, sql`insert into matter_kind (code, name_zh, name_en, acknowledge_working_days, ordinal) values ('facility', '设施', 'Facility', 3, 0)`)
  body = (await one<{ id: number }>(own.db, sql`insert into coordinating_body (unit_id, name) values (${world.eastTown1}, '联席会议') returning id`)).id
})

const everybody = { own: 'ok', above: 'ok', below: 'ok', sibling: 'ok', otherBranch: 'ok', nobody: 'not-signed-in' } as const
/** About the township: held there or above. */
const fromAbove = { own: 'ok', above: 'ok', below: 'not-allowed', sibling: 'not-allowed', otherBranch: 'not-allowed', nobody: 'not-signed-in' } as const
/** In a post of the township itself: nobody promises or reports for another. */
const ownOnly = { ...fromAbove, above: 'not-allowed' } as const
/** Strictly above the township. */
const aboveOnly = { ...fromAbove, own: 'not-allowed' } as const
/** Two villages of the township are paired: `sibling` is the village that helps. */
const atVillages = { about: 'eastTown1Village1', own: 'ok', above: 'ok', below: 'ok', sibling: 'ok', otherBranch: 'not-allowed', nobody: 'not-signed-in' } as const

const other = () => ({ ...holder(world.eastTown1), account: 'somebody else' })
const commitment = async () => ({ id: (await ask(other(), 'promises.commit', { unit: world.eastTown1, text: '修好便民桥', measure: '通车', by: '2018-08-01' })).id as number, version: 1 })
const convening = () => ({ body, subject: '防汛联席会议', on: '2018-07-02', minutes: 60, members: [world.eastTown1Village1, world.eastTown1Village2] })
const meeting = async () => ({ id: (await ask(other(), 'promises.convene', convening())).id as number, version: 1 })
const approved = async () => {
  const made = await meeting()
  const { asking: id } = await one<{ asking: number }>(own.db, sql`select asking_id as asking from joint_meeting where id = ${made.id}`)
  await ask(holder(world.east), 'burden.decide', { id, version: 1, approve: true })
  return made
}
const held = async () => {
  const { id, version } = await approved()
  await ask(other(), 'promises.hold', { id, version })
  return { id, version: 2 }
}
const report = () => ({ unit: world.eastTown1, kind: 'facility', title: '水塔停用', happenedOn: '2018-07-01', what: '水塔开裂，停止供水' })
const matter = async () => ({ id: (await ask(other(), 'promises.reportMatter', report())).id as number, version: 1 })
const acknowledged = async () => {
  const { id, version } = await matter()
  await ask(holder(world.city), 'promises.acknowledgeMatter', { id, version })
  return { id, version: 2 }
}
const pairingOfVillages = async () => {
  await run(own.db, sql`update pairing set state = 'ended', reason = '测试' where state = 'running'`)
  return ask(holder(world.eastTown1), 'promises.pair', { helper: world.eastTown1Village2, helped: world.eastTown1Village1, purpose: '共建', from: '2018-07-01', until: '2018-12-31' })
}
const pairing = async () => ({ id: (await pairingOfVillages()).id as number, version: 1 })
const entry = async (kind: 'resource' | 'need', id: number) => (await ask(holder(world.eastTown1), 'promises.addEntry', { id, kind, text: '会议室' })).entry as number

permissionTests('promises', promisesContract, router, () => ({ database: own.database, world }), {
  // Commitments are public.
  commitments: { ...everybody, input: () => ({ unit: world.eastTown1 }) },
  commitmentCounts: { ...everybody, input: () => ({ unit: world.eastTown1 }) },
  commitmentSteps: { ...everybody, input: async () => ({ id: (await commitment()).id }) },
  commit: { ...ownOnly, input: () => ({ unit: world.eastTown1, text: '修好便民桥', measure: '通车', by: '2018-08-01' }) },
  keep: { ...fromAbove, input: async () => ({ ...(await commitment()), on: '2018-07-02', result: '已通车' }) },
  withdrawCommitment: { ...ownOnly, input: async () => ({ ...(await commitment()), reason: '改由县里修' }) },

  // Everybody asks for what lies in his own scope.
  bodies: { ...everybody, input: () => ({}) },
  meetings: { ...everybody, input: () => ({}) },
  // The village is a member; the other township and its branch are not.
  meeting: { ...fromAbove, below: 'ok', input: async () => ({ id: (await meeting()).id }) },
  convene: { ...fromAbove, input: convening },
  hold: { ...fromAbove, input: approved },
  cancelMeeting: { ...fromAbove, input: async () => ({ ...(await meeting()), reason: '改为书面征求意见' }) },
  resolve: { ...fromAbove, input: async () => ({ ...(await held()), title: '清理河道', lead: world.eastTown1Village1, deliverable: '清理记录', measure: '全段', due: '2018-08-01' }) },

  matterKinds: { ...everybody, input: () => ({}) },
  matters: { ...everybody, input: () => ({}) },
  matterSteps: { ...fromAbove, input: async () => ({ id: (await matter()).id }) },
  reportMatter: { ...ownOnly, input: report },
  withdrawMatter: { ...ownOnly, input: async () => ({ ...(await matter()), reason: '误报' }) },
  acknowledgeMatter: { ...aboveOnly, input: matter },
  instructMatter: { ...aboveOnly, input: async () => ({ ...(await acknowledged()), text: '先架临时供水' }) },
  closeMatter: { ...aboveOnly, input: async () => ({ ...(await acknowledged()), outcome: '已修复' }) },

  pairings: { ...everybody, input: () => ({}) },
  pairing: { ...atVillages, input: async () => ({ id: (await pairing()).id }) },
  pair: { ...atVillages, own: 'not-allowed', below: 'not-allowed', sibling: 'not-allowed', input: async () => (await pairing(), await run(own.db, sql`update pairing set state = 'ended', reason = '测试' where state = 'running'`), { helper: world.eastTown1Village2, helped: world.eastTown1Village1, purpose: '共建', from: '2018-07-01', until: '2018-12-31' }) },
  // A need is written by the helped unit or above it.
  addEntry: { ...atVillages, sibling: 'not-allowed', input: async () => ({ id: (await pairing()).id, kind: 'need', text: '会议室' }) },
  withdrawEntry: { ...atVillages, sibling: 'not-allowed', input: async () => { const { id } = await pairing(); return { id, entry: await entry('need', id), reason: '不再需要' } } },
  match: { ...atVillages, input: async () => { const { id } = await pairing(); return { id, resource: await entry('resource', id), need: await entry('need', id), on: '2018-07-02', result: '已借用' } } },
  prolong: { ...atVillages, own: 'not-allowed', below: 'not-allowed', sibling: 'not-allowed', input: async () => ({ ...(await pairing()), until: '2019-06-30' }) },
  endPairing: { ...atVillages, own: 'not-allowed', below: 'not-allowed', sibling: 'not-allowed', input: async () => ({ ...(await pairing()), reason: '任务完成' }) },
})
