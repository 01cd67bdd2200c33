import { beforeAll, expect, test } from 'vitest'
import { one, run, sql } from '../../server/db.ts'
import { router } from '../../server/rooms.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { giveProgramme, sampleItem } from '../../tests/lists.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import type { ChangeInput } from '../changes/changes.contract.ts'
import { registerForm } from '../ledgers/forms.server.ts'
import { actorOfAccount } from './access.reads.ts'
import type { Actor } from './permission.ts'
import { verbs } from './verbs.ts'

// Whoever stands in is marked behind the name wherever it is shown (代), in lists as on the page of one thing.
const own = ownDatabase()
const today = '2018-07-02'
let world: SmallWorld
let ask: ReturnType<typeof asking>
const name = '代理李'
beforeAll(async () => {
  ask = asking(router, own.database)
  world = await smallWorld(own.db)
  await giveProgramme(own.db)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
  await run(own.db, sql`insert into post_kind (code, name_zh, name_en, verbs) values ('everything', '样样', 'Everything', ${Object.keys(verbs)}::text[]), ('clerk', '台账员', 'Clerk', '{record.fill}') on conflict do nothing`)
  await run(own.db, sql`insert into auth_user (id, name, email, username, "unitId") values ('deputy', ${name}, 'd@x', 'deputy', ${world.east})`)
})

/** The deputy, standing in at a post of this unit. */
async function standingInAt(unit: number): Promise<Actor> {
  await run(own.db, sql`delete from holding where account = 'deputy'`)
  const { id } = await one<{ id: number }>(own.db, sql`insert into post (unit_id, kind, title, valid_from) values (${unit}, 'everything', '样样岗', '2018-01-01') returning id`)
  await run(own.db, sql`insert into holding (post_id, account, acting, valid_from) values (${id}, 'deputy', true, '2018-01-01')`)
  return actorOfAccount(own.db, 'deputy', today)
}
const english = (actor: Actor): Actor => ({ ...actor, locale: 'en' })

test('in the queue of returns and among the records of a figure', async () => {
  await ask(holder(world.province), 'ledgers.openPeriod', { form: 'village-month', period: '2018-06', audience: { classes: ['village'], within: [world.province] }, due: '2018-07-10' })
  const deputy = await standingInAt(world.eastTown1Village1)
  await ask(deputy, 'ledgers.submit', { unit: world.eastTown1Village1, form: 'village-month', period: '2018-06', formVersion: 1, values: { households: '10', covered: '7' }, version: 0 })
  await ask(holder(world.eastTown1Village2), 'ledgers.submit', { unit: world.eastTown1Village2, form: 'village-month', period: '2018-06', formVersion: 1, values: { households: '10', covered: '7' }, version: 0 })
  const shown = async (who: Actor) => (await ask(who, 'ledgers.queue', {})).rows.map((row: { submittedBy: string }) => row.submittedBy)
  expect(await shown(holder(world.eastTown1))).toEqual([`${name}（代）`, `测试员@${world.eastTown1Village2}`])
  expect((await shown(english(holder(world.eastTown1))))[0]).toBe(`${name} (acting)`)
})

test('at a list, in its comments and deferrals', async () => {
  const deputy = await standingInAt(world.eastTown1)
  const list = (await ask(deputy, 'lists.create', { issuer: world.eastTown1, programme: 'sample', year: 2018, title: '代理下发的清单' })).id
  await ask(deputy, 'lists.addItem', { list, item: sampleItem({ lead: world.eastTown1, within: world.eastTown1 }) })
  await ask(deputy, 'lists.issue', { list, version: (await ask(deputy, 'lists.list', { id: list })).version })
  expect((await ask(holder(world.east), 'lists.list', { id: list })).createdBy).toBe(`${name}（代）`)
  const { rows } = await ask(holder(world.eastTown1Village1), 'lists.tasks', { list })
  const task = rows[0].id
  await ask(deputy, 'lists.comment', { task, text: '请抓紧', needsReply: false, replyBy: null, replyTo: null })
  const page = await ask(holder(world.eastTown1Village1), 'lists.task', { id: task })
  expect(page.comments.map((one_: { by: string }) => one_.by)).toEqual([`${name}（代）`])
})

test('at structure changes, made and prepared', async () => {
  const deputy = await standingInAt(world.west)
  const rename = (on: string, unit: number): ChangeInput => ({ kind: 'rename', on, unit, name: '新名村' })
  for (const [act, change] of [['make', rename('2018-07-01', world.westTown1Village1)], ['prepare', rename('2018-09-01', world.westTown1Village2)]] as const) {
    const { fingerprint } = await ask(deputy, 'changes.preview', { changes: [change] })
    await ask(deputy, `changes.${act}`, { changes: [change], fingerprint, reason: '更名', document: '1号' })
  }
  expect((await ask(holder(world.west), 'changes.list', {})).rows.map((row: { by: string }) => row.by)).toEqual([`${name}（代）`])
  expect((await ask(holder(world.west), 'changes.plans', {})).rows.map((row: { by: string }) => row.by)).toEqual([`${name}（代）`])
})
