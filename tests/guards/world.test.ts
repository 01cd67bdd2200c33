import { expect, test } from 'vitest'
import { one, sql } from '../../server/db.ts'
import { ownDatabase, smallWorld } from '../world.ts'

const own = ownDatabase()

test('the small world has twelve villages below the city, each with its whole path', async () => {
  const world = await smallWorld(own.db)
  const { n } = await one<{ n: number }>(own.db, sql`select count(*) as n from unit where l2 = ${world.city} and level = 5 and l1 = ${world.province} and l3 is not null and l4 is not null`)
  expect(n).toBe(12)
})
