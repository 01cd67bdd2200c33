import { beforeAll } from 'vitest'
import { answer } from '../../server/answer.ts'
import { one, run, sql } from '../../server/db.ts'
import { permissionTests } from '../../tests/permission.ts'
import { ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { unitsContract } from './units.contract.ts'
import { unitsAnswers } from './units.server.ts'

const own = ownDatabase()
let world: SmallWorld
beforeAll(async () => {
  world = await smallWorld(own.db)
  await run(own.db, sql`insert into post_kind (code, name_zh, name_en, verbs) values ('clerk', '台账员', 'Clerk', '{record.fill}')`)
})

const everybody = { own: 'ok', above: 'ok', below: 'ok', sibling: 'ok', otherBranch: 'ok', nobody: 'not-signed-in' } as const
const fromAbove = { own: 'ok', above: 'ok', below: 'not-allowed', sibling: 'not-allowed', otherBranch: 'not-allowed', nobody: 'not-signed-in' } as const
let next = 0

permissionTests('units', unitsContract, { units: answer(unitsContract, unitsAnswers) }, () => ({ database: own.database, world }), {
  search: { ...fromAbove, input: () => ({ within: world.eastTown1 }) },
  mine: { ...everybody, input: () => ({}) },
  classes: { ...everybody, input: () => ({}) },
  postKinds: { ...everybody, input: () => ({}) },
  children: { ...fromAbove, input: () => ({ unit: world.eastTown1 }) },
  audience: { ...fromAbove, input: () => ({ classes: 'village', within: String(world.eastTown1) }) },
  one: { ...fromAbove, input: () => ({ id: world.eastTown1 }) },
  create: { ...fromAbove, input: () => ({ code: `NEW-${next++}`, name: '新村', kind: 'selfGovernment', class: 'village', areaParent: world.eastTown1, from: '2018-07-01', reason: '新设' }) },
  createPost: { ...fromAbove, input: () => ({ unit: world.eastTown1, kind: 'clerk', title: `台账员${next++}`, from: '2018-07-01', reason: '设岗' }) },
  endPost: {
    ...fromAbove,
    input: async () => ({
      post: (await one<{ id: number }>(own.db, sql`insert into post (unit_id, kind, title, valid_from) values (${world.eastTown1}, 'clerk', '岗', '2018-01-01') returning id`)).id,
      version: 1,
      on: '2018-07-01',
      reason: '撤岗',
    }),
  },
})
