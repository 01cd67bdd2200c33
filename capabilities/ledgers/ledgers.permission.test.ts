import { beforeAll } from 'vitest'
import { answer } from '../../server/answer.ts'
import { sql } from '../../server/db.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { permissionTests } from '../../tests/permission.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { registerForm } from './forms.server.ts'
import { ledgersContract } from './ledgers.contract.ts'
import { ledgersAnswers } from './ledgers.server.ts'

const own = ownDatabase()
const router = { ledgers: answer(ledgersContract, ledgersAnswers) }
const form = villageMonth.code
let world: SmallWorld

beforeAll(async () => {
  world = await smallWorld(own.db)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
  await asking(router, own.database)(holder(world.province), 'ledgers.openPeriod', { form, period: '2018-06', audience: { classes: ['village'], within: [world.province] }, due: '2018-07-10' })
})

const village = () => ({ unit: world.eastTown1Village1, form, period: '2018-06' })
const township = () => ({ unit: world.eastTown1, form, period: '2018-06' })
/** The village's return as somebody else has just submitted it. */
async function submitted() {
  await sql`delete from record where unit_id = ${world.eastTown1Village1}`.execute(own.db)
  await asking(router, own.database)({ ...holder(world.eastTown1Village1), account: 'the clerk' }, 'ledgers.submit', { ...village(), formVersion: 1, values: { households: '9', covered: '3' }, version: 0 })
}
async function nothing() {
  await sql`delete from record where unit_id = ${world.eastTown1Village1}`.execute(own.db)
  await sql`delete from record_draft where unit_id = ${world.eastTown1Village1}`.execute(own.db)
}

const everybody = { own: 'ok', above: 'ok', below: 'ok', sibling: 'ok', otherBranch: 'ok', nobody: 'not-signed-in' } as const
/** About the township: held there or above. */
const fromAbove = { own: 'ok', above: 'ok', below: 'not-allowed', sibling: 'not-allowed', otherBranch: 'not-allowed', nobody: 'not-signed-in' } as const
/** About the village, which has nothing below it: `below` is the village itself. */
const atVillage = { about: 'eastTown1Village1', own: 'ok', above: 'ok', below: 'ok', sibling: 'not-allowed', otherBranch: 'not-allowed', nobody: 'not-signed-in' } as const
const checking = { ...atVillage, own: 'not-allowed', below: 'not-allowed' } as const
let next = 0

permissionTests('ledgers', ledgersContract, router, () => ({ database: own.database, world }), {
  items: { ...everybody, input: () => ({}) },
  forms: { ...everybody, input: () => ({}) },
  form: { ...everybody, input: () => ({ code: form }) },
  similar: { ...everybody, input: () => ({ name: '户数', type: 'number', unit: '户' }) },
  registerForm: {
    ...everybody,
    input: () => {
      const code = `count${next++}`
      const item = { ...villageItems[0]!, code }
      const sections = [{ name: { zh: '一', en: 'One' }, fields: [{ code, asks: code, required: true }] }]
      return { definition: { ...villageMonth, code: `form-${code.toLowerCase()}`, sections, checks: [] }, items: [item] }
    },
  },
  approveForm: {
    ...everybody,
    input: async () => {
      await sql`insert into form (code, name_zh, name_en, audience, cycle, state, current_version, minutes, registered_by) values ('waiting', '待审表', 'Waiting form', '{village}', 'month', 'review', 1, 1, 'somebody')
        on conflict (code) do update set state = 'review'`.execute(own.db)
      await sql`insert into form_version (form, version, definition) select 'waiting', 1, definition from form_version where form = ${form} on conflict do nothing`.execute(own.db)
      return { code: 'waiting', approve: true }
    },
  },
  burden: { ...everybody, input: () => ({ form, unit: world.eastTown1 }) },
  openPeriod: { ...fromAbove, input: () => ({ form, period: '2018-07', audience: { classes: ['village'], within: [world.eastTown1] }, due: '2018-08-10' }) },
  mine: { ...everybody, input: () => ({}) },
  open: { ...atVillage, input: village },
  saveDraft: { ...atVillage, input: async () => (await nothing(), { ...village(), formVersion: 1, values: {}, version: 0 }) },
  dropDraft: { ...atVillage, input: village },
  submit: { ...atVillage, input: async () => (await nothing(), { ...village(), formVersion: 1, values: { households: '9', covered: '3' }, version: 0 }) },
  queue: { ...fromAbove, input: () => ({ unit: world.eastTown1 }) },
  accept: { ...checking, input: async () => (await submitted(), { ...village(), version: 1 }) },
  // Each row is judged by itself, so the request as a whole is answered.
  acceptMany: { ...everybody, input: () => ({ form, period: '2018-06', rows: [{ unit: world.eastTown1Village1, version: 1 }] }) },
  sendBack: { ...checking, input: async () => (await submitted(), { ...village(), version: 1, reasons: { covered: '核实' } }) },
  coverage: { ...fromAbove, input: township },
  missing: { ...fromAbove, input: township },
  remind: { ...fromAbove, input: township },
  take: { ...fromAbove, input: township },
})
