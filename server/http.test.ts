import { pino } from 'pino'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inFolder } from './file-store.ts'
import { z } from 'zod'
import { endpoint } from '../capabilities/endpoint.ts'
import { Problem } from '../rules/problem.ts'
import { holder, ownDatabase } from '../tests/world.ts'
import { answer } from './answer.ts'
import { many, one, run, sql } from './db.ts'
import { httpServer } from './http.ts'

const own = ownDatabase()
const contract = {
  count: endpoint('unit.read', { method: 'GET', path: '/try/count', summary: 'counts' })
    .input(z.object({ limit: z.number().int().max(10).default(3) }))
    .output(z.object({ limit: z.number() })),
  add: endpoint('signedIn', { method: 'POST', path: '/try', summary: 'adds' })
    .input(z.object({ name: z.string().min(2), fail: z.boolean().default(false) }))
    .output(z.object({ id: z.number() })),
}
const router = {
  try: answer(contract, {
    count: async ({ input }) => ({ limit: input.limit }),
    add: async ({ tx, input }) => {
      const { id } = await one<{ id: number }>(tx, sql`insert into tried (name) values (${input.name}) returning id`)
      if (input.fail) throw new Problem('stale-version', { facts: { mine: 1, theirs: 2 } })
      return { id }
    },
  }),
}
let url = ''
let signedIn = true
const server = () =>
  httpServer({
    database: own.database,
    router,
    raw: [
      { method: 'GET', path: '/try/raw/{name}', needs: 'unit.read', summary: 'raw', handle: async ({ response, params }) => void response.end(params.name) },
    ],
    signIn: async (_request, response) => void response.end('sign-in'),
    actorOf: async () => (signedIn ? holder(1) : undefined),
    outside: async (_request, response) => void response.end('page'),
    log: pino({ level: 'silent' }),
    clock: () => new Date('2018-07-02T09:00:00+08:00'),
    dataDir: '.', files: inFolder('.'),
  })
let running: ReturnType<typeof server>
beforeAll(async () => {
  await run(own.db, sql`create table tried (id int generated always as identity, name text)`)
  running = server().listen(0)
  url = `http://127.0.0.1:${(running.address() as AddressInfo).port}`
})
afterAll(() => void running.close())

const post = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${url}/api/try`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) })

test('a query string is read by the schema: numbers are numbers, defaults apply', async () => {
  expect(await (await fetch(`${url}/api/try/count?limit=7`)).json()).toEqual({ limit: 7 })
  expect(await (await fetch(`${url}/api/try/count`)).json()).toEqual({ limit: 3 })
})

test('wrong input is refused with the field and the reason, as problem details', async () => {
  const answer = await post({ name: 'x' })
  expect(answer.status).toBe(422)
  expect(await answer.json()).toMatchObject({ code: 'invalid-input', field: 'name', findings: [{ path: 'name' }] })
})

test('a refused write leaves nothing behind', async () => {
  const answer = await post({ name: 'undone', fail: true })
  expect(answer.status).toBe(409)
  expect(await answer.json()).toMatchObject({ code: 'stale-version', facts: { mine: 1, theirs: 2 } })
  expect(await many(own.db, sql`select 1 from tried where name = 'undone'`)).toEqual([])
})

test('the same key and body are answered once; the same key with another body is refused', async () => {
  const headers = { 'idempotency-key': 'k1' }
  const [a, b] = await Promise.all([post({ name: 'once' }, headers), post({ name: 'once' }, headers)])
  expect(await a.json()).toEqual(await b.json())
  expect(await many(own.db, sql`select 1 from tried where name = 'once'`)).toHaveLength(1)
  expect(await (await post({ name: 'other' }, headers)).json()).toMatchObject({ code: 'idempotency-mismatch' })
})

test('who is not signed in is told so, also on a raw route; an unknown path is a plain problem', async () => {
  signedIn = false
  expect((await fetch(`${url}/api/try/count`)).status).toBe(401)
  expect((await fetch(`${url}/api/try/raw/x`)).status).toBe(401)
  signedIn = true
  expect(await (await fetch(`${url}/api/try/raw/%E6%9D%91`)).text()).toBe('村')
  expect(await (await fetch(`${url}/api/nowhere`)).json()).toMatchObject({ code: 'not-found' })
  expect(await (await fetch(`${url}/somewhere`)).text()).toBe('page')
})

test('a body past the limit is refused as too large', async () => {
  const answer = await post({ name: 'y'.repeat(6 * 1024 * 1024) })
  expect(answer.status).toBe(413)
  expect(await answer.json()).toMatchObject({ code: 'too-large' })
})

test('what one person wrote is not sent under the name of another who has signed in since', async () => {
  const answered = await post({ name: '张村' }, { 'sanji-account': 'somebody else' })
  expect([answered.status, ((await answered.json()) as { code: string }).code]).toEqual([409, 'somebody-else'])
})

test('an empty key is no key: each write is done', async () => {
  const ids = await Promise.all(['one', 'two'].map(async (name) => (await (await post({ name }, { 'idempotency-key': '' })).json()) as { id: number }))
  expect(ids[0]!.id).not.toBe(ids[1]!.id)
})
