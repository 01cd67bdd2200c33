import { beforeAll } from 'vitest'
import { answer } from '../../server/answer.ts'
import { packParts } from '../../server/rooms.ts'
import { lampDesign } from '../../tests/designs.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { permissionTests } from '../../tests/permission.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { burdenContract } from '../burden/burden.contract.ts'
import { burdenAnswers } from '../burden/burden.server.ts'
import { registerForm } from '../ledgers/forms.server.ts'
import { ledgersContract } from '../ledgers/ledgers.contract.ts'
import { ledgersAnswers } from '../ledgers/ledgers.server.ts'
import { designsContract } from './designs.contract.ts'
import { designsAnswers } from './designs.server.ts'

const own = ownDatabase()
const router = { designs: answer(designsContract, designsAnswers(() => packParts)) }
let world: SmallWorld
beforeAll(async () => {
  world = await smallWorld(own.db)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
})

let next = 0
const asAuthor = (name: string, input: object) => asking(router, own.database)(holder(world.eastTown1, undefined, '作者'), `designs.${name}`, input)
/** A design of the township as somebody else has written it. */
async function draft() {
  const code = `lamps${next++}`
  const { id } = await asAuthor('create', { unit: world.eastTown1, from: { kind: 'empty', code, title: { zh: '路灯', en: 'Lamps' } } })
  const { version } = await asAuthor('save', { id, version: 1, content: lampDesign(code, next) })
  return { id, version }
}
async function inReview() {
  const { id, version } = await draft()
  const submitted = await asAuthor('submit', { id, version })
  return { id, version: submitted.version }
}

/** An upheld objection of a village to a field of a form that the township asks, decided by somebody else. */
async function upheld() {
  const code = `asked${next++}`
  const names = [`${code}a`, `${code}b`]
  const items = names.map((name, at) => ({ ...villageItems[0]!, code: name, name: { zh: `样例${code}${at}`, en: name } }))
  const fields = names.map((name) => ({ code: name, asks: name, required: true }))
  await registerForm(own.db, { ...villageMonth, code, sections: [{ name: { zh: '一', en: 'One' }, fields }], checks: [] }, items, { state: 'registered', by: 'test', pack: null })
  const somebody = (unit: number) => asking({ ledgers: answer(ledgersContract, ledgersAnswers), burden: answer(burdenContract, burdenAnswers) }, own.database).bind(null, holder(unit, undefined, '别人'))
  await somebody(world.eastTown1)('ledgers.openPeriod', { form: code, period: '2018-06', audience: { classes: ['village'], within: [world.eastTown1] }, due: '2018-07-10' })
  const { id } = await somebody(world.eastTown1Village1)('burden.object', { unit: world.eastTown1Village1, form: code, field: names[1], ground: 'alreadyReported' })
  const { version } = await asking({ burden: answer(burdenContract, burdenAnswers) }, own.database)(holder(world.eastTown1, undefined, '减负员'), 'burden.decideObjection', { id, version: 1, uphold: true, outcome: 'fieldDropped', answer: '属实' })
  return { id, version }
}

const everybody = { own: 'ok', above: 'ok', below: 'ok', sibling: 'ok', otherBranch: 'ok', nobody: 'not-signed-in' } as const
const fromAbove = { own: 'ok', above: 'ok', below: 'not-allowed', sibling: 'not-allowed', otherBranch: 'not-allowed', nobody: 'not-signed-in' } as const

permissionTests('designs', designsContract, router, () => ({ database: own.database, world }), {
  // Each sees the designs of his own scope.
  list: { ...everybody, input: () => ({}) },
  packs: { ...everybody, input: () => ({}) },
  create: { ...fromAbove, input: () => ({ unit: world.eastTown1, from: { kind: 'empty', code: `new${next++}`, title: { zh: '新', en: 'New' } } }) },
  open: { ...fromAbove, input: async () => ({ id: (await draft()).id }) },
  save: { ...fromAbove, input: async () => ({ ...(await draft()), content: lampDesign(`saved${next++}`) }) },
  check: { ...fromAbove, input: async () => ({ id: (await draft()).id }) },
  difference: { ...fromAbove, input: async () => ({ id: (await draft()).id }) },
  preview: { ...fromAbove, input: async () => ({ id: (await draft()).id, form: `lamps${next - 1}-month` }) },
  holdings: { ...fromAbove, input: async () => ({ id: (await draft()).id, section: 'forms' }) },
  submit: { ...fromAbove, input: draft },
  takeBack: { ...fromAbove, input: inReview },
  remove: { ...fromAbove, input: draft },
  sendBack: { ...fromAbove, input: async () => ({ ...(await inReview()), reason: '请合并' }) },
  approve: { ...fromAbove, input: inReview },
  objection: { ...fromAbove, input: async () => ({ id: (await upheld()).id, outcome: 'fieldDropped' }) },
  carryOut: { ...fromAbove, input: upheld },
})
