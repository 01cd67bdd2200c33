import { beforeAll, beforeEach, expect, test } from 'vitest'
import { Problem } from '../rules/problem.ts'
import { ownDatabase } from '../tests/world.ts'
import { many, one, run, sql } from './db.ts'
import { alone, joined, type Joint } from './joint.ts'

type Added = { name: string; about?: string }

const own = ownDatabase()
const joint: Joint<Added, { id: number }> = {
  alike: () => 'add',
  about: ({ name, about }) => about ?? name,
  async answerAll(tx, calls) {
    if (calls.some(({ name }) => name === 'bug')) throw new Error('a bug')
    const good = calls.filter(({ name }) => name !== 'refused')
    const rows = await many<{ id: number; name: string }>(tx, sql`insert into added (name) select * from unnest(${good.map(({ name }) => name)}::text[]) returning id, name`)
    const ids = new Map(rows.map(({ id, name }) => [name, id]))
    return calls.map(({ name }) => (ids.has(name) ? { id: ids.get(name)! } : new Problem('not-allowed')))
  },
}
const add = joined(joint)
const call = (name: string, key?: string, hash = name, about?: string) => add(own.database, { call: { name, ...(about !== undefined && { about }) }, account: 'somebody', key, hash })
const names = async () => (await many<{ name: string }>(own.db, sql`select name from added order by name`)).map(({ name }) => name)

beforeAll(async () => {
  await run(own.db, sql`create table added (id integer generated always as identity, name text check (name <> 'forbidden'), transaction xid8 default pg_current_xact_id())`)
})
beforeEach(async () => {
  await run(own.db, sql`truncate added`)
  await run(own.db, sql`truncate answered`)
})

test('calls of one moment share transactions, and each is told its own answer', async () => {
  const wanted = Array.from({ length: 100 }, (_, n) => `n${n}`)
  const ids = await Promise.all(wanted.map((name) => call(name, `key of ${name}`)))
  const rows = await many<{ id: number; name: string }>(own.db, sql`select id, name from added`)
  expect(new Map(rows.map(({ id, name }) => [name, id]))).toEqual(new Map(wanted.map((name, at) => [name, ids[at]!.id])))
  const { n } = await one<{ n: number }>(own.db, sql`select count(distinct transaction)::int as n from added`)
  expect(n).toBeLessThan(10)
})

test('one that is refused does not hurt the others, and its key stays free', async () => {
  const answers = await Promise.allSettled([call('a', '1'), call('refused', '2'), call('b', '3')])
  expect(answers).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'not-allowed' } }, { status: 'fulfilled' }])
  expect(await names()).toEqual(['a', 'b'])
  expect(await many(own.db, sql`select key from answered order by key`)).toEqual([{ key: '1' }, { key: '3' }])
})

test('when all are refused nothing is left', async () => {
  await expect(call('refused', '1')).rejects.toMatchObject({ code: 'not-allowed' })
  expect(await many(own.db, sql`select key from answered`)).toEqual([])
})

test('what one does wrong, in the handler or in the database, is told to that one only', async () => {
  const answers = await Promise.allSettled(['a', 'bug', 'b', 'forbidden', 'c'].map((name) => call(name)))
  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'])
  expect(answers[1]).toMatchObject({ reason: { message: 'a bug' } })
  expect(answers[3]).toMatchObject({ reason: { code: '23514' } })
  expect(await names()).toEqual(['a', 'b', 'c'])
})

test('the same key is answered once: in one moment, later, and beside new ones', async () => {
  const twins = await Promise.all([call('a', '1'), call('a', '1'), call('b', '2')])
  expect(twins[0]).toEqual(twins[1])
  expect(await Promise.all([call('a', '1'), call('c', '3')])).toMatchObject([twins[0]!, {}])
  await expect(call('other', '1')).rejects.toMatchObject({ code: 'idempotency-mismatch' })
  expect(await names()).toEqual(['a', 'b', 'c'])
})

test('calls about the same thing come one after the other, in their order', async () => {
  await Promise.all(['first', 'second', 'third'].map((name) => call(name, undefined, '', 'the same')))
  const rows = await many<{ name: string; transaction: string }>(own.db, sql`select name, transaction::text from added order by id`)
  expect(rows.map(({ name }) => name)).toEqual(['first', 'second', 'third'])
  expect(new Set(rows.map(({ transaction }) => transaction)).size).toBe(3)
})

test('where the connection broke, nobody knows what became of it: all are told, and the same keys find out', async () => {
  let breaks = true
  const breaking = joined<Added, { id: number }>({
    ...joint,
    async answerAll(tx, calls) {
      const answers = await joint.answerAll(tx, calls)
      if (breaks) await many(tx, sql`select pg_terminate_backend(pg_backend_pid())`)
      return answers
    },
  })
  const both = () => ['a', 'b'].map((name) => breaking(own.database, { call: { name }, account: 'somebody', key: name, hash: name }))
  expect((await Promise.allSettled(both())).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  breaks = false
  await Promise.all(both())
  expect(await names()).toEqual(['a', 'b'])
})

test('a handler that throws at once refuses like any other, also beside a key that was used before', async () => {
  const throwing = joined<Added, { id: number }>({
    ...joint,
    answerAll() {
      throw new Problem('period-invalid')
    },
  })
  await call('a', '1')
  const again = throwing(own.database, { call: { name: 'a' }, account: 'somebody', key: '1', hash: 'a' })
  expect(await again).toMatchObject({ id: expect.any(Number) })
  await expect(throwing(own.database, { call: { name: 'b' }, account: 'somebody', key: '2', hash: 'b' })).rejects.toMatchObject({ code: 'period-invalid' })
})

test('who waits behind companies that hang leaves beside them', async () => {
  let letGo = () => {}
  const free = new Promise<void>((resolve) => (letGo = resolve))
  const hanging = joined<Added, { id: number }>({
    ...joint,
    async answerAll(tx, calls) {
      if (calls.some(({ name }) => name.startsWith('hang'))) await free
      return joint.answerAll(tx, calls)
    },
  })
  const hang = (name: string) => hanging(own.database, { call: { name }, account: 'somebody', key: undefined, hash: undefined })
  const first = hang('hang 1')
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  const second = hang('hang 2')
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  await hang('a')
  expect(await names()).toEqual(['a'])
  letGo()
  await Promise.all([first, second])
  expect(await names()).toEqual(['a', 'hang 1', 'hang 2'])
})

test('one call by itself is undone when it throws', async () => {
  const work = alone(own.database, { call: 0, account: 'somebody', key: '1', hash: '' }, async (tx) => {
    await run(tx, sql`insert into added (name) values ('a')`)
    throw new Problem('stale-version')
  })
  await expect(work).rejects.toMatchObject({ code: 'stale-version' })
  expect(await names()).toEqual([])
  expect(await many(own.db, sql`select key from answered`)).toEqual([])
})
