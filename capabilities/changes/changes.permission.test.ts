import { beforeAll } from 'vitest'
import { answer } from '../../server/answer.ts'
import { one, run, sql } from '../../server/db.ts'
import { permissionTests } from '../../tests/permission.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { changesContract } from './changes.contract.ts'
import { changesAnswers } from './changes.server.ts'

const own = ownDatabase()
const router = { changes: answer(changesContract, changesAnswers) }
let world: SmallWorld
beforeAll(async () => {
  world = await smallWorld(own.db)
})

// What changes the structure is done from above the unit: nobody merges, moves or abolishes himself.
const fromAbove = { own: 'not-allowed', above: 'ok', below: 'not-allowed', sibling: 'not-allowed', otherBranch: 'not-allowed', nobody: 'not-signed-in' } as const
const readers = { ...fromAbove, own: 'ok' } as const
let next = 0

/** A new township beside eastTown1, so that each case has one of its own to change. */
async function town(): Promise<number> {
  const { id } = await one<{ id: number }>(
    own.db,
    sql`insert into unit (code, name, initials, kind, class, level, area_parent, valid_from, l1, l2, l3)
        select ${`P-${++next}`}, '某镇', 'mz', 'government', 'township', 4, area_parent, '2017-01-01', l1, l2, l3 from unit where id = ${world.eastTown1} returning id`,
  )
  await run(own.db, sql`update unit set l4 = id where id = ${id}`)
  return id
}
/** eastTown1 takes over another township. */
const absorb = async () => [{ kind: 'merge' as const, on: '2018-07-01', units: [await town()], into: { unit: world.eastTown1 } }]
const county = () => asking(router, own.database)
async function made(): Promise<number> {
  const changes = await absorb()
  const { fingerprint } = await county()(holder(world.east), 'changes.preview', { changes })
  return (await county()(holder(world.east), 'changes.make', { changes, fingerprint, reason: '调整', document: '1号' })).ids[0]
}

/** eastTown1 takes over another township on a day that lies ahead. */
const ahead = async () => (await absorb()).map((change) => ({ ...change, on: '2018-09-01' }))
async function prepared(): Promise<number> {
  const changes = await ahead()
  const { fingerprint } = await county()(holder(world.east), 'changes.preview', { changes })
  const { id } = await county()(holder(world.east), 'changes.prepare', { changes, fingerprint, reason: '调整', document: '1号' })
  return id
}
/** One that the timetable found not to fit. */
async function misfit() {
  const id = await prepared()
  const changes = (await county()(holder(world.east), 'changes.plan', { id })).asked
  await run(own.db, sql`update planned_change set state = 'misfit', misfit = '[]' where id = ${id}`)
  return { id, version: 1, fingerprint: (await county()(holder(world.east), 'changes.preview', { changes, plan: id })).fingerprint }
}
/** Each case prepares for eastTown1 anew: what waits for it is put aside. */
const alone = () => run(own.db, sql`delete from planned_change_unit`)

permissionTests('changes', changesContract, router, () => ({ database: own.database, world }), {
  preview: { ...fromAbove, input: async () => ({ changes: await absorb() }) },
  make: {
    ...fromAbove,
    input: async () => {
      const changes = await absorb()
      const { fingerprint } = await county()(holder(world.east), 'changes.preview', { changes })
      return { changes, fingerprint, reason: '调整', document: '1号' }
    },
  },
  prepare: {
    ...fromAbove,
    input: async () => {
      await alone()
      const changes = await ahead()
      const { fingerprint } = await county()(holder(world.east), 'changes.preview', { changes })
      return { changes, fingerprint, reason: '调整', document: '1号' }
    },
  },
  plans: { ...readers, input: () => ({ unit: world.eastTown1 }) },
  plan: { ...readers, input: async () => (await alone(), { id: await prepared() }) },
  renew: { ...fromAbove, input: async () => (await alone(), misfit()) },
  withdraw: { ...fromAbove, input: async () => (await alone(), { id: await prepared(), version: 1, reason: '误' }) },
  undo: { ...fromAbove, input: async () => ({ id: await made(), reason: '误' }) },
  list: { ...readers, input: () => ({ unit: world.eastTown1 }) },
  one: { ...readers, input: async () => ({ id: await made() }) },
  records: { ...readers, input: () => ({ unit: world.eastTown1 }) },
  history: { ...readers, input: () => ({ unit: world.eastTown1 }) },
})
