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
  undo: { ...fromAbove, input: async () => ({ id: await made(), reason: '误' }) },
  list: { ...readers, input: () => ({ unit: world.eastTown1 }) },
  one: { ...readers, input: async () => ({ id: await made() }) },
  records: { ...readers, input: () => ({ unit: world.eastTown1 }) },
  history: { ...readers, input: () => ({ unit: world.eastTown1 }) },
})
