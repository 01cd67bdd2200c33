import { createRouterClient, type AnyRouter } from '@orpc/server'
import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, inject } from 'vitest'
import type { Actor } from '../capabilities/access/permission.ts'
import { connect, one, run, sql, type Database, type Tx } from '../server/db.ts'
import { problemFor, type Asked } from '../server/answer.ts'
import { withDatabase } from './postgres.ts'

export { holder } from './people.ts'

/** A test file's own database, cloned from the migrated template and dropped afterwards. Call it at the top of a file. */
export function ownDatabase(): { readonly database: Database; readonly db: Tx; readonly url: string } {
  const name = `t_${randomUUID().replaceAll('-', '').slice(0, 16)}`
  const server = inject('databaseServer')
  let database: Database | undefined
  const own = {
    get database(): Database {
      if (!database) throw new Error('the database is there from beforeAll on')
      return database
    },
    get db(): Tx {
      return own.database.db
    },
    url: withDatabase(server, name),
  }
  beforeAll(async () => {
    await onServer(server, `create database ${name} template sanji_template`)
    database = connect(own.url, { size: 8 })
  })
  afterAll(async () => {
    await database?.close()
    await onServer(server, `drop database if exists ${name} with (force)`)
  })
  return own
}

async function onServer(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  // Two files that clone the template at the same moment would disturb each other.
  await client.query(`select pg_advisory_lock(7)`)
  await client.query(statement)
  await client.end()
}

/**
 * The small invented world of the tests: 云岭省 → 青河市 → 东川县 / 西川县 → two townships each → three villages each,
 * and a city department with its county bureau below it in the line tree. Names carry their place: eastTown1Village2.
 */
export type SmallWorld = Record<
  | 'province' | 'city' | 'east' | 'west'
  | 'eastTown1' | 'eastTown2' | 'westTown1' | 'westTown2'
  | 'eastTown1Village1' | 'eastTown1Village2' | 'eastTown1Village3'
  | 'eastTown2Village1' | 'eastTown2Village2' | 'eastTown2Village3'
  | 'westTown1Village1' | 'westTown1Village2' | 'westTown1Village3'
  | 'westTown2Village1' | 'westTown2Village2' | 'westTown2Village3'
  | 'cityBureau' | 'eastBureau',
  number
>

export async function smallWorld(tx: Tx): Promise<SmallWorld> {
  await run(
    tx,
    sql`insert into unit_class (code, name_zh, name_en, level, ordinal) values
        ('province','省','Province',1,1), ('city','市','City',2,2), ('county','县','County',3,3), ('township','乡镇','Township',4,4),
        ('village','村','Village',5,5), ('community','社区','Community',5,6), ('department','部门','Department',3,7)
        on conflict do nothing`,
  )
  const world: Record<string, number> = {}
  const paths: Record<string, (number | null)[]> = {}
  async function add(key: string, parent: string | null, level: number, cls: string, name: string, code: string, line: string | null = null) {
    const { id } = await one<{ id: number }>(
      tx,
      sql`insert into unit (code, name, initials, kind, class, level, area_parent, line_parent, valid_from)
          values (${code}, ${name}, ${key.toLowerCase()}, ${level === 5 ? 'selfGovernment' : cls === 'department' ? 'organ' : 'government'}, ${cls}, ${level},
                  ${parent ? world[parent] : null}, ${line ? world[line] : null}, '2017-01-01') returning id`,
    )
    world[key] = id
    const path = parent ? [...paths[parent]!] : [null, null, null, null, null]
    path[level - 1] = id
    paths[key] = path
    await run(
      tx,
      sql`update unit set l1 = ${path[0]}, l2 = ${path[1]}, l3 = ${path[2]}, l4 = ${path[3]}, l5 = ${path[4]},
          line_path = ${line ? [world[line]] : []}::int[] where id = ${id}`,
    )
  }
  await add('province', null, 1, 'province', '云岭省', '990000000000')
  await add('city', 'province', 2, 'city', '青河市', '990100000000')
  for (const [c, county, name] of [[1, 'east', '东川县'], [2, 'west', '西川县']] as const) {
    await add(county, 'city', 3, 'county', name, `99012${c}000000`)
    for (const t of [1, 2]) {
      await add(`${county}Town${t}`, county, 4, 'township', `${name.slice(0, 2)}${t}镇`, `99012${c}10${t}000`)
      for (const v of [1, 2, 3]) {
        await add(`${county}Town${t}Village${v}`, `${county}Town${t}`, 5, 'village', `${name.slice(0, 2)}${t}镇第${v}村`, `99012${c}10${t}20${v}`)
      }
    }
  }
  await add('cityBureau', 'city', 3, 'department', '青河市农业局', 'QH-NY')
  await add('eastBureau', 'east', 4, 'department', '东川县农业局', 'DC-NY', 'cityBureau')
  await run(
    tx,
    sql`insert into unit_tally (unit_id, class, units)
        select a.id, u.class, count(*) from unit a join unit u on a.id in (u.l1, u.l2, u.l3, u.l4, u.l5) group by 1, 2`,
  )
  return world as SmallWorld
}

/** Calls endpoints as a person would: through validation, permission, idempotency and the transaction. */
export function asking(router: AnyRouter, database: Database, { now = '2018-07-02T09:00:00+08:00' } = {}) {
  return async (actor: Actor | undefined, path: string, input: unknown, idempotencyKey?: string): Promise<any> => {
    const context: Asked = { database, actor: async () => actor, idempotencyKey, clock: () => new Date(now), sealingKey: 'the sealing key of the tests, long enough' }
    const client = createRouterClient(router, { context: () => context }) as any
    const endpoint = path.split('.').reduce((at, part) => at[part], client)
    try {
      return await endpoint(input)
    } catch (error) {
      const problem = problemFor(error)
      throw problem.code === 'bug' ? error : problem
    }
  }
}
