import type { AnyRouter } from '@orpc/server'
import { describe, expect, test } from 'vitest'
import type { RoomContract } from '../capabilities/endpoint.ts'
import { isProblem, type ProblemCode } from '../rules/problem.ts'
import type { Database } from '../server/db.ts'
import { asking, holder, type SmallWorld } from './world.ts'

/** Where the asker's post is, seen from the unit the request is about. */
export const relations = ['own', 'above', 'below', 'sibling', 'otherBranch', 'nobody'] as const
export type Relation = (typeof relations)[number]

export type Expected = 'ok' | ProblemCode
export type PermissionCase = {
  /** The unit the request is about; by default the township eastTown1. */
  about?: keyof SmallWorld
  /** Made anew for each relation; may put rows in place first. */
  input: (world: SmallWorld, database: Database) => unknown
} & Record<Relation, Expected>

const seats: Record<string, Record<Exclude<Relation, 'nobody'>, keyof SmallWorld>> = {
  eastTown1: { own: 'eastTown1', above: 'east', below: 'eastTown1Village1', sibling: 'eastTown2', otherBranch: 'westTown1' },
  eastTown1Village1: { own: 'eastTown1Village1', above: 'eastTown1', below: 'eastTown1Village1', sibling: 'eastTown1Village2', otherBranch: 'westTown1Village1' },
  east: { own: 'east', above: 'city', below: 'eastTown1', sibling: 'west', otherBranch: 'westTown1' },
  city: { own: 'city', above: 'province', below: 'east', sibling: 'cityBureau', otherBranch: 'eastBureau' },
}

/**
 * One test per endpoint and relation: own unit, unit above, unit below, sibling, other branch, not signed in.
 * The cases must name every endpoint of the contract: a missing one is a type error.
 */
export function permissionTests<Contract extends RoomContract>(
  room: string,
  _contract: Contract,
  router: AnyRouter,
  ready: () => { database: Database; world: SmallWorld },
  cases: Record<keyof Contract & string, PermissionCase>,
): void {
  describe(`who may ask what of ${room}`, () => {
    for (const [name, item] of Object.entries(cases) as [string, PermissionCase][]) {
      test.each(relations.map((relation) => [relation, item[relation]] as const))(`${name}: %s → %s`, async (relation, expected) => {
        const { database, world } = ready()
        const ask = asking(router, database)
        const seat = seats[item.about ?? 'eastTown1']
        if (!seat) throw new Error(`no seats are laid for ${item.about}`)
        const actor = relation === 'nobody' ? undefined : holder(world[seat[relation]])
        const input = await item.input(world, database)
        const got = await ask(actor, `${room}.${name}`, input).then(
          () => 'ok',
          (error: unknown) => (isProblem(error) ? error.code : Promise.reject(error)),
        )
        expect(got).toBe(expected)
      })
    }
  })
}
