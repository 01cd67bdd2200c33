import { beforeAll } from 'vitest'
import { answer } from '../../server/answer.ts'
import { one, run, sql } from '../../server/db.ts'
import { permissionTests } from '../../tests/permission.ts'
import { ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { unitsContract } from './units.contract.ts'
import { unitOf } from './units.reads.ts'
import { unitsAnswers } from './units.server.ts'

const own = ownDatabase()
let world: SmallWorld
beforeAll(async () => {
  world = await smallWorld(own.db)
  await run(own.db, sql`insert into post_kind (code, name_zh, name_en, verbs) values ('clerk', '台账员', 'Clerk', '{record.fill}')`)
})

const everybody = { own: 'ok', above: 'ok', below: 'ok', sibling: 'ok', otherBranch: 'ok', nobody: 'not-signed-in' } as const
const fromAbove = { own: 'ok', above: 'ok', below: 'not-allowed', sibling: 'not-allowed', otherBranch: 'not-allowed', nobody: 'not-signed-in' } as const
const version = async (id: number) => (await unitOf(own.db, id)).version
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
  rename: { ...fromAbove, input: async () => ({ unit: world.eastTown1, version: await version(world.eastTown1), name: '新名镇', from: '2018-07-01', reason: '更名' }) },
  // Both the unit and its new parent must be managed, so the township's own manager cannot take it out of the county.
  reparent: { ...fromAbove, own: 'not-allowed', input: async () => ({ unit: world.eastTown1, version: await version(world.eastTown1), areaParent: world.east, lineParent: null, management: 'area', from: '2018-07-01', reason: '调整' }) },
  close: {
    ...fromAbove,
    input: async () => {
      const { id } = await one<{ id: number }>(
        own.db,
        sql`insert into unit (code, name, initials, kind, class, level, area_parent, valid_from, l1, l2, l3, l4)
            select ${`END-${next++}`}, '旧村', 'jc', 'selfGovernment', 'village', 5, id, '2017-01-01', l1, l2, l3, l4 from unit where id = ${world.eastTown1} returning id`,
      )
      return { unit: id, version: 1, on: '2018-07-01', reason: '撤销' }
    },
  },
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
