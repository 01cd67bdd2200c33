import { beforeAll } from 'vitest'
import { answer } from '../../server/answer.ts'
import { run, sql } from '../../server/db.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { giveProgramme, sampleItem } from '../../tests/lists.ts'
import { permissionTests } from '../../tests/permission.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { registerForm } from '../ledgers/forms.server.ts'
import { ledgersContract } from '../ledgers/ledgers.contract.ts'
import { ledgersAnswers } from '../ledgers/ledgers.server.ts'
import { listsContract } from '../lists/lists.contract.ts'
import { listsAnswers } from '../lists/lists.server.ts'
import { burdenContract } from './burden.contract.ts'
import { burdenAnswers } from './burden.server.ts'

const own = ownDatabase()
const router = { burden: answer(burdenContract, burdenAnswers), ledgers: answer(ledgersContract, ledgersAnswers), lists: answer(listsContract, listsAnswers) }
const form = villageMonth.code
let world: SmallWorld
let ask: ReturnType<typeof asking>
let list = 0

beforeAll(async () => {
  ask = asking(router, own.database)
  world = await smallWorld(own.db)
  await giveProgramme(own.db)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
  await ask(holder(world.eastTown1), 'ledgers.openPeriod', { form, period: '2018-06', audience: { classes: ['village'], within: [world.eastTown1] }, due: '2018-07-10' })
  list = (await ask(holder(world.eastTown1), 'lists.create', { issuer: world.eastTown1, programme: 'sample', year: 2018, title: '样例' })).id
  await ask(holder(world.eastTown1), 'lists.addItem', { list, item: sampleItem({ lead: world.eastTown1, within: world.eastTown1 }) })
})

const everybody = { own: 'ok', above: 'ok', below: 'ok', sibling: 'ok', otherBranch: 'ok', nobody: 'not-signed-in' } as const
/** About the township: held there or above. */
const fromAbove = { own: 'ok', above: 'ok', below: 'not-allowed', sibling: 'not-allowed', otherBranch: 'not-allowed', nobody: 'not-signed-in' } as const
/** About the village, which has nothing below it: `below` is the village itself. */
const atVillage = { about: 'eastTown1Village1', own: 'ok', above: 'ok', below: 'ok', sibling: 'not-allowed', otherBranch: 'not-allowed', nobody: 'not-signed-in' } as const

const event = () => ({ kind: 'visit', issuer: world.eastTown1, title: '走访', audience: { classes: ['village'], within: [world.eastTown1] }, on: '2018-07-20', minutes: 30 })
/** A visit of the township that waits for a yes, registered by somebody else. */
const waiting = async () => {
  const { id } = await ask({ ...holder(world.eastTown1), account: 'the registrar' }, 'burden.registerEvent', event())
  return { id, version: 1 }
}
const exception = async () => {
  await run(own.db, sql`delete from burden_exception`)
  const { id } = await ask({ ...holder(world.eastTown1), account: 'the registrar' }, 'burden.askException', { issuer: world.eastTown1, form, cap: 'formsYear', until: '2018-12-31', reason: '临时' })
  return { id, version: 1 }
}
/** An objection of the village to a form that the township asked; no burden officer holds a post, so it is decided at the township or above. */
const objection = async () => {
  await run(own.db, sql`delete from objection`)
  const { id } = await ask({ ...holder(world.eastTown1Village1), account: 'the clerk' }, 'burden.object', { unit: world.eastTown1Village1, form, ground: 'cannotKnow' })
  return { id, version: 1 }
}
const suggestion = async () => {
  const { id } = await ask({ ...holder(world.eastTown1), account: 'somebody' }, 'burden.suggest', { unit: world.eastTown1, kind: 'fault', title: '打不开' })
  return { id, version: 1 }
}

permissionTests('burden', burdenContract, router, () => ({ database: own.database, world }), {
  rules: { ...everybody, input: () => ({}) },
  unit: { ...atVillage, input: () => ({ unit: world.eastTown1Village1, month: '2018-07' }) },
  below: { ...fromAbove, input: () => ({ unit: world.eastTown1, month: '2018-07' }) },
  caused: { ...fromAbove, input: () => ({ unit: world.eastTown1, year: 2018 }) },
  before: { ...fromAbove, input: () => ({ list }) },
  register: { ...everybody, input: () => ({}) },
  registerEvent: { ...fromAbove, input: event },
  registerList: { ...fromAbove, input: async () => (await run(own.db, sql`delete from asking where list_id = ${list}`), { list }) },
  decide: { ...fromAbove, input: async () => ({ ...(await waiting()), approve: true }) },
  withdraw: { ...fromAbove, input: async () => ({ ...(await waiting()), reason: '改期' }) },
  // Everybody asks for what lies in his own scope.
  exceptions: { ...everybody, input: () => ({}) },
  askException: { ...fromAbove, input: async () => (await run(own.db, sql`delete from burden_exception`), { issuer: world.eastTown1, form, cap: 'formsYear', until: '2018-12-31', reason: '临时' }) },
  decideException: { ...fromAbove, input: async () => ({ ...(await exception()), grant: true, reason: '同意' }) },
  object: { ...atVillage, input: async () => (await run(own.db, sql`delete from objection`), { unit: world.eastTown1Village1, form, ground: 'cannotKnow' }) },
  objections: { ...everybody, input: () => ({}) },
  takeBack: { ...atVillage, input: objection },
  decideObjection: { ...fromAbove, input: async () => ({ ...(await objection()), uphold: false, answer: '应当知道' }) },
  // One suggests from a unit where one holds a post.
  suggest: { own: 'ok', above: 'not-allowed', below: 'not-allowed', sibling: 'not-allowed', otherBranch: 'not-allowed', nobody: 'not-signed-in', input: () => ({ unit: world.eastTown1, kind: 'suggestion', title: '少报一张表' }) },
  suggestions: { ...everybody, input: () => ({}) },
  answerSuggestion: { ...fromAbove, input: async () => ({ ...(await suggestion()), answer: '已修好' }) },
})
