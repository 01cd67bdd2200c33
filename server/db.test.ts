import fc from 'fast-check'
import { PostgresQueryCompiler } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ownDatabase } from '../tests/world.ts'
import { connect, json, later, many, one, run, sql, statementOf, type Database, type Query, type Tx } from './db.ts'

const own = ownDatabase()
const count = async () => (await one<{ n: number }>(own.db, sql`select count(*)::int as n from thing`)).n

beforeAll(async () => {
  await run(own.db, sql`create table thing (id integer primary key, name text not null, bigger integer references thing deferrable initially deferred)`)
})

describe('a transaction', () => {
  test('is committed when its work returns, and undone when it throws', async () => {
    await own.database.transaction((tx) => run(tx, sql`insert into thing values (1, ${'one'}, null)`))
    await expect(
      own.database.transaction(async (tx) => {
        await run(tx, sql`insert into thing values (2, ${'two'}, null)`)
        throw new Error('thought better of it')
      }),
    ).rejects.toThrow('thought better of it')
    expect(await count()).toBe(1)
  })

  test('that does nothing costs nothing', async () => {
    expect(await own.database.transaction(async () => 'nothing')).toBe('nothing')
  })

  test('sees what it has sent before without having waited for it', async () => {
    const seen = await own.database.transaction(async (tx) => {
      await later(tx, sql`insert into thing values (${3}, 'three', null)`)
      return one<{ name: string }>(tx, sql`select name from thing where id = ${3}`)
    })
    expect(seen.name).toBe('three')
  })

  test('fails with the cause when a statement that nobody waited for fails', async () => {
    const before = await count()
    const again = own.database.transaction(async (tx) => {
      await later(tx, sql`insert into thing values (${4}, 'four', null)`)
      await later(tx, sql`insert into thing values (${1}, 'one again', null)`)
      return 'done'
    })
    await expect(again).rejects.toMatchObject({ code: '23505' })
    const noticed = own.database.transaction(async (tx) => {
      await later(tx, sql`insert into thing values (${1}, 'one again', null)`)
      return many(tx, sql`select ${'the transaction is aborted by now'}::text`)
    })
    await expect(noticed).rejects.toMatchObject({ code: '23505' })
    expect(await count()).toBe(before)
  })

  test('fails when the commit itself is refused', async () => {
    const before = await count()
    await expect(own.database.transaction((tx) => run(tx, sql`insert into thing values (5, 'five', ${99})`))).rejects.toMatchObject({ code: '23503' })
    expect(await count()).toBe(before)
  })

  test('cannot be committed by a handler that goes on after a failed statement', async () => {
    const swallowed = own.database.transaction((tx) => run(tx, sql`insert into thing values (1, 'one', ${null}::int)`).catch(() => 0))
    await expect(swallowed).rejects.toThrow('aborted')
  })

  test('leaves its connection usable, whatever became of it', async () => {
    for (let n = 0; n < 20; n++) await own.database.transaction((tx) => run(tx, sql`insert into thing values (1, 'one', null)`)).catch(() => undefined)
    expect((await one<{ n: number }>(own.db, sql`select ${1}::int as n`)).n).toBe(1)
    expect(own.database.pool.waitingCount).toBe(0)
  })
})

describe('statements that are prepared travel in one company', () => {
  // A pool of one: the second time its connection has prepared everything.
  let single: Database
  beforeAll(() => {
    single = connect(own.url, { size: 1 })
  })
  afterAll(() => single.close())
  const add = (tx: Tx, id: number) => later(tx, sql`insert into thing values (${id}, 'in company', null)`)
  const find = (tx: Tx, id: number) => many<{ id: number; on: string }>(tx, sql`select id, date '2018-06-29' as on from thing where id = ${id}`)

  test('each sees what those before it did; values and empty answers are read as ever', async () => {
    for (const id of [101, 102, 103]) {
      const seen = await single.transaction(async (tx) => {
        await add(tx, id)
        const found = find(tx, id)
        const [none, changed] = await Promise.all([find(tx, -id), run(tx, sql`update thing set name = name where id = ${id}`)])
        return { found: await found, none, changed }
      })
      expect(seen).toEqual({ found: [{ id, on: '2018-06-29' }], none: [], changed: 1 })
    }
  })

  test('one that fails is the cause; nothing of the company is kept, and the connection goes on', async () => {
    const before = await count()
    for (const id of [111, 112, 113]) {
      const failing = single.transaction(async (tx) => {
        await add(tx, id)
        await later(tx, sql`insert into thing values (${101}, 'in company', ${null}::int)`)
        await add(tx, id + 10)
        return find(tx, id)
      })
      await expect(failing).rejects.toMatchObject({ code: '23505' })
    }
    expect(await count()).toBe(before)
    expect(await find(single.db, 101)).toHaveLength(1)
  })

  test('a value that cannot be written stops the company', async () => {
    const before = await count()
    const endless: unknown[] = []
    endless.push({ endless })
    for (const [at, value] of ['{}', '{}', endless[0]].entries()) {
      const asked = single.transaction(async (tx) => {
        await add(tx, 130 + at)
        await later(tx, sql`update thing set name = ${value}::text where id = ${101}`)
        await add(tx, 140 + at)
      })
      await (at < 2 ? asked : expect(asked).rejects.toThrow(/circular/i))
    }
    expect(await count()).toBe(before + 4)
  })

  test('a connection that is cut in between is told to whoever waits', async () => {
    await single.transaction((tx) => find(tx, 101))
    const cut = single.transaction(async (tx) => {
      const [{ pid }] = await many<{ pid: number }>(tx, sql`select pg_backend_pid() as pid where ${1}::int = 1`) as [{ pid: number }]
      await run(own.db, sql`select pg_terminate_backend(${pid}::int)`)
      return find(tx, 101)
    })
    await expect(cut).rejects.toThrow()
    expect(await find(single.db, 101)).toHaveLength(1)
  })
})

describe('outside a transaction', () => {
  test('a statement for later is done when the call returns', async () => {
    await later(own.db, sql`insert into thing values (${6}, 'six', null)`)
    expect((await one<{ n: number }>(own.db, sql`select count(*)::int as n from thing where id = ${6}`)).n).toBe(1)
  })

  test('a statement can also be run the library’s way', async () => {
    expect((await sql<{ a: number }>`select ${7}::int as a`.execute(own.db)).rows).toEqual([{ a: 7 }])
    expect((await sql`update thing set name = name where id = ${6}`.execute(own.db)).numAffectedRows).toBe(1n)
  })
})

test('a statement is compiled as the library compiles it', () => {
  const compiler = new PostgresQueryCompiler()
  const piece: fc.Arbitrary<Query<unknown>> = fc.letrec<{ piece: Query<unknown> }>((tie) => ({
    piece: fc.oneof(
      { maxDepth: 3 },
      fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.boolean(), fc.array(fc.integer())).map((value) => sql`x = ${value}`),
      fc.constantFrom(sql.ref('u.id'), sql.lit('text'), sql.raw('now()'), json({ a: [1] })),
      fc.array(tie('piece'), { minLength: 1, maxLength: 4 }).map((parts) => sql`(${sql.join(parts, sql` or `)})`),
      fc.tuple(tie('piece'), tie('piece')).map(([a, b]) => sql`${a} and ${b} and ${5}`),
    ),
  })).piece
  fc.assert(
    fc.property(piece, (query) => {
      const { sql: text, parameters } = compiler.compileQuery(query.toOperationNode() as never, { queryId: '' } as never)
      expect(statementOf(query)).toEqual({ text, values: [...parameters] })
    }),
  )
})
