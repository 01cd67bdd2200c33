import { beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { giveProgramme, sampleItem } from '../../tests/lists.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { registerForm } from '../ledgers/forms.server.ts'
import { ledgersContract } from '../ledgers/ledgers.contract.ts'
import { ledgersAnswers } from '../ledgers/ledgers.server.ts'
import { listsContract } from '../lists/lists.contract.ts'
import { listsAnswers } from '../lists/lists.server.ts'
import { inboxContract } from './inbox.contract.ts'
import { inboxAnswers } from './inbox.server.ts'

const own = ownDatabase()
const router = { inbox: answer(inboxContract, inboxAnswers), ledgers: answer(ledgersContract, ledgersAnswers), lists: answer(listsContract, listsAnswers) }
const form = villageMonth.code
let world: SmallWorld
let ask: ReturnType<typeof asking>

beforeAll(async () => {
  ask = asking(router, own.database)
  world = await smallWorld(own.db)
  await giveProgramme(own.db)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
  const issuer = holder(world.east)
  const { id } = await ask(issuer, 'lists.create', { issuer: world.east, programme: 'sample', year: 2018, title: '样例清单' })
  await ask(issuer, 'lists.addItem', { list: id, item: sampleItem({ lead: world.east, within: world.east, title: '填报村月报', form, period: '2018-06', due: '2018-07-10' }) })
  await ask(issuer, 'lists.addItem', { list: id, item: sampleItem({ lead: world.east, within: world.east, title: '摸清底数', due: '2018-07-06' }) })
  const list = await ask(issuer, 'lists.list', { id })
  await ask(issuer, 'lists.issue', { list: id, version: list.version })
})

const waiting = (unit: number, more: object = {}) => ask(holder(unit), 'inbox.waiting', more)

describe('what waits', () => {
  test('a village sees one list, the nearest deadline first; a task with a form waits once, as its return', async () => {
    const { rows, total } = await waiting(world.eastTown1Village1)
    expect(rows.map((one: { kind: string; title: string; due: string; light: string }) => [one.kind, one.title, one.due, one.light])).toEqual([
      ['sign', '摸清底数', '2018-07-06', 'yellow'],
      ['fill', '村月报', '2018-07-10', 'yellow'],
    ])
    expect(total).toBe(2)
    expect(rows[1].minutes).toBe(5)
  })

  test('a township sees its queue as one line, and other townships see nothing of it', async () => {
    for (const unit of [world.eastTown1Village1, world.eastTown1Village2]) {
      await ask(holder(unit), 'ledgers.submit', { unit, form, period: '2018-06', formVersion: 1, values: { households: '9', covered: '3' }, version: 0 })
    }
    const { rows } = await waiting(world.eastTown1, { kind: 'check' })
    expect(rows).toMatchObject([{ kind: 'check', count: 2, form, period: '2018-06', unit: world.eastTown1 }])
    expect((await waiting(world.eastTown2, { kind: 'check' })).rows).toEqual([])
    expect((await waiting(world.east, { kind: 'check' })).rows).toEqual([])
  })

  test('what was sent back comes first on its day, and the village hears of it', async () => {
    const unit = world.eastTown1Village1
    await ask(holder(world.eastTown1), 'ledgers.sendBack', { unit, form, period: '2018-06', version: 1, reasons: { covered: '与走访不符' } })
    expect((await waiting(unit)).rows.map((one: { kind: string }) => one.kind)).toEqual(['sign', 'redo'])
    const { rows, unseen } = await ask(holder(unit), 'inbox.notices', {})
    expect(rows.map((one: { kind: string }) => one.kind)).toEqual(['sentBack', 'issued'])
    expect(unseen).toBe(2)
    expect(await ask(holder(unit), 'inbox.seen', { ids: [rows[0].id] })).toEqual({ unseen: 1 })
    expect(await ask(holder(unit), 'inbox.seen', { allUntil: rows[0].id })).toEqual({ unseen: 0 })
    expect((await ask(holder(world.eastTown1Village2), 'inbox.notices', {})).rows.map((one: { kind: string }) => one.kind)).toEqual(['issued'])
  })
})
