import { randomUUID } from 'node:crypto'
import { pino } from 'pino'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inFolder } from '../../server/file-store.ts'
import { IndicatorDefinition } from '../../capabilities/indicators/indicator-definition.ts'
import { indicatorsPart } from '../../capabilities/indicators/indicators.pack.ts'
import { registerForm } from '../../capabilities/ledgers/forms.server.ts'
import type { Actor } from '../../capabilities/access/permission.ts'
import { sql } from '../../server/db.ts'
import { asPerson } from '../../tools/sample-city/as-person.ts'
import { usualSettings } from '../../server/answer.ts'
import { httpServer } from '../../server/http.ts'
import { jobs, rawRoutes, router } from '../../server/rooms.ts'
import { villageItems, villageMonth } from '../forms.ts'
import { giveProgramme, sampleItem } from '../lists.ts'
import { relations, type Relation } from '../permission.ts'
import { bookOf, fileOf, sheetOf } from '../workbooks.ts'
import { holder, ownDatabase, smallWorld, type SmallWorld } from '../world.ts'

// The routes that stream have no contract, so they are asked over HTTP, each from every relation.
const own = ownDatabase()
let world: SmallWorld
let url = ''
let actor: Actor | undefined
let running: ReturnType<typeof httpServer>
let list = 0
let file = ''
let photo = ''
let design = 0
let folder = ''
let workbook: Buffer
let broughtWorkbook = 0

beforeAll(async () => {
  world = await smallWorld(own.db)
  await giveProgramme(own.db)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
  const words = { zh: '覆盖', en: 'Coverage' }
  await indicatorsPart.apply(own.db, [IndicatorDefinition.parse({ code: 'covered', name: words, pillar: 'foundation', form: villageMonth.code, num: 'sum(covered)', population: words })], { pack: null as never, by: undefined })
  const issuer = asPerson(own.database, holder(world.eastTown1), new Date('2018-07-02T01:00:00Z'))
  list = (await issuer.lists.create({ issuer: world.eastTown1, programme: 'sample', year: 2018, title: '样例' })).id
  await issuer.lists.addItem({ list, item: sampleItem({ lead: world.eastTown1, within: world.eastTown1 }) })
  await issuer.lists.issue({ list, version: (await issuer.lists.list({ id: list })).version })
  await sql`insert into pack (code, version, title_zh, title_en, hash, content) values ('kept', '1', '', '', '', '{"head": {"code": "kept"}, "sections": {}}')`.execute(own.db)
  design = (await issuer.designs.create({ unit: world.eastTown1, from: { kind: 'empty', code: 'lamps', title: { zh: '路灯', en: 'Lamps' } } })).id
  folder = await mkdtemp(join(tmpdir(), 'sanji-files-'))
  running = httpServer({
    database: own.database,
    router,
    raw: rawRoutes,
    signIn: async (_request, response) => void response.end(),
    actorOf: async () => actor,
    outside: async (_request, response) => void response.end(),
    log: pino({ level: 'silent' }),
    clock: () => new Date('2018-07-02T09:00:00+08:00'),
    dataDir: folder, files: inFolder(join(folder, 'files')),
  }).listen(0)
  url = `http://127.0.0.1:${(running.address() as AddressInfo).port}/api`
  actor = holder(world.eastTown1)
  file = (await give('说明.txt', '内容')).id
  // A paper that hangs on the task of the village.
  photo = (await give('走访.txt', '内容', world.eastTown1Village1)).id
  const { rows } = await issuer.lists.tasks({ list, unit: world.eastTown1Village1 })
  await issuer.lists.comment({ task: rows[0]!.id, text: '看过', files: [photo] })
  await asPerson(own.database, holder(world.province), new Date('2018-07-02T01:00:00Z')).ledgers.openPeriod({ form: villageMonth.code, period: '2018-06', audience: { classes: ['village'], within: [world.province] }, due: '2018-07-10' })
  workbook = Buffer.from(await (await fetch(`${url}/workbooks/out?form=${villageMonth.code}&period=2018-06&unit=${world.eastTown1}`)).arrayBuffer())
  const wrong = await bookOf(workbook)
  sheetOf(wrong).cell('990121101201', 'covered').value = '三'
  broughtWorkbook = ((await (await fetch(`${url}/workbooks/in?unit=${world.eastTown1}&name=a.xlsx`, { method: 'POST', body: (await fileOf(wrong)) as never })).json()) as { id: number }).id
  await jobs['workbooks:read']!({ id: broughtWorkbook }, { database: own.database, dataDir: folder, files: inFolder(join(folder, 'files')), settings: usualSettings, now: new Date('2018-07-02T01:00:00Z'), log: pino({ level: 'silent' }) })
})
afterAll(async () => {
  running.close()
  await rm(folder, { recursive: true, force: true })
})

const bytesFollow = { 'content-type': 'application/offset+octet-stream' }
function announcing(id: string, name: string, bytes: number, unit = world.eastTown1): Record<string, string> {
  const metadata = Object.entries({ id, name, unit: String(unit) }).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
  return { 'tus-resumable': '1.0.0', 'upload-length': String(bytes), 'upload-metadata': metadata.join(','), ...bytesFollow }
}
/** Gives a whole file in one request. */
async function give(name: string, body: string, unit?: number): Promise<{ id: string; status: number }> {
  const id = randomUUID()
  const { status } = await fetch(`${url}/ledgers/files`, { method: 'POST', headers: announcing(id, name, Buffer.byteLength(body), unit), body })
  return { id, status }
}

const seats: Record<Exclude<Relation, 'nobody'>, keyof SmallWorld> = { own: 'eastTown1', above: 'east', below: 'eastTown1Village1', sibling: 'eastTown2', otherBranch: 'westTown1' }
const everybody = { own: 200, above: 200, below: 200, sibling: 200, otherBranch: 200, nobody: 401 }
const fromAbove = { own: 200, above: 200, below: 403, sibling: 403, otherBranch: 403, nobody: 401 }

/** What each raw route answers, seen from each relation to the township it is asked about. */
const mine = { own: 200, above: 404, below: 404, sibling: 404, otherBranch: 404, nobody: 401 }
const cases: Record<string, { path: () => string; method?: string; headers?: () => Record<string, string>; body?: string | (() => Buffer) } & Record<Relation, number>> = {
  'POST /ledgers/files': { own: 201, above: 201, below: 403, sibling: 403, otherBranch: 403, nobody: 401, path: () => '/ledgers/files', method: 'POST', headers: () => announcing(randomUUID(), 'a.txt', 1), body: 'a' },
  // An upload is its sender's alone.
  'HEAD /ledgers/files/{id}': { ...mine, path: () => `/ledgers/files/${file}`, method: 'HEAD' },
  'PATCH /ledgers/files/{id}': { ...mine, own: 409, path: () => `/ledgers/files/${file}`, method: 'PATCH', headers: () => ({ 'upload-offset': '0', ...bytesFollow }), body: 'a' },
  'DELETE /ledgers/files/{id}': { ...mine, own: 409, path: () => `/ledgers/files/${file}`, method: 'DELETE' },
  'GET /ledgers/files/{id}': { ...fromAbove, path: () => `/ledgers/files/${file}` },
  'GET /lists/files/{id}': { ...fromAbove, below: 200, path: () => `/lists/files/${photo}` },
  'GET /indicators/{code}/workbook': { ...fromAbove, path: () => `/indicators/covered/workbook?unit=${world.eastTown1}&period=2018-06` },
  // The stream itself is everybody's; it carries no content, only “look again”.
  'GET /inbox/live': { ...everybody, path: () => '/inbox/live' },
  'GET /changes/workbook': { ...fromAbove, path: () => `/changes/workbook?unit=${world.eastTown1}` },
  // Who may not is told so; who may is told that this is no workbook.
  'POST /changes/workbook': { method: 'POST', own: 415, above: 415, below: 403, sibling: 403, otherBranch: 403, nobody: 401, path: () => `/changes/workbook?unit=${world.eastTown1}`, body: 'no workbook at all, only text' },
  'POST /changes/workbook/marked': { method: 'POST', own: 415, above: 415, below: 403, sibling: 403, otherBranch: 403, nobody: 401, path: () => `/changes/workbook/marked?unit=${world.eastTown1}`, body: 'no workbook at all, only text' },
  // The token is the key, not the person: a wrong one finds nothing, whoever asks (reach.test.ts has the right one).
  'GET /reach/calendar/{token}': { own: 404, above: 404, below: 404, sibling: 404, otherBranch: 404, nobody: 404, path: () => `/reach/calendar/${'x'.repeat(43)}.ics` },
  // A village that the list reached reads its own part of it.
  'GET /designs/{id}/pack': { ...fromAbove, path: () => `/designs/${design}/pack` },
  // What is in force is no secret; to carry it elsewhere takes the verb.
  'GET /packs/{code}/export': { ...everybody, path: () => '/packs/kept/export' },
  'GET /workbooks/out': { ...fromAbove, path: () => `/workbooks/out?form=${villageMonth.code}&period=2018-06&unit=${world.eastTown1}` },
  'POST /workbooks/in': { own: 201, above: 201, below: 403, sibling: 403, otherBranch: 403, nobody: 401, path: () => `/workbooks/in?unit=${world.eastTown1}&name=a.xlsx`, method: 'POST', body: () => workbook },
  'GET /workbooks/imports/{id}/marked': { ...fromAbove, path: () => `/workbooks/imports/${broughtWorkbook}/marked` },
  'GET /lists/{id}/workbook': { ...fromAbove, below: 200, path: () => `/lists/${list}/workbook` },
  // Whose posts reach nothing of a file still reads the empty form; rows about other units are named as not theirs.
  'GET /access/accounts/template': { ...everybody, path: () => '/access/accounts/template' },
  'POST /access/accounts/preview': { ...everybody, own: 415, above: 415, below: 415, sibling: 415, otherBranch: 415, path: () => '/access/accounts/preview', method: 'POST', body: 'no workbook' },
  'GET /access/grants/template': { ...everybody, path: () => '/access/grants/template' },
  'POST /access/grants/preview': { ...everybody, own: 415, above: 415, below: 415, sibling: 415, otherBranch: 415, path: () => '/access/grants/preview', method: 'POST', body: 'no workbook' },
  'POST /access/grants/import': { ...everybody, own: 415, above: 415, below: 415, sibling: 415, otherBranch: 415, path: () => '/access/grants/import?reason=x', method: 'POST', body: 'no workbook' },
  'POST /access/accounts/import': { ...everybody, own: 415, above: 415, below: 415, sibling: 415, otherBranch: 415, path: () => '/access/accounts/import', method: 'POST', body: 'no workbook' },
}

describe('who may ask the routes that stream', () => {
  test('every raw route is asked here', () => {
    expect(Object.keys(cases).sort()).toEqual(rawRoutes.map((route) => `${route.method} ${route.path}`).sort())
  })
  for (const [name, item] of Object.entries(cases)) {
    test.each(relations.map((relation) => [relation, item[relation]] as const))(`${name}: %s → %s`, async (relation, expected) => {
      actor = relation === 'nobody' ? undefined : holder(world[seats[relation]])
      const ending = new AbortController()
      const response = await fetch(`${url}${item.path()}`, { signal: ending.signal, method: item.method ?? 'GET', ...(item.method && { headers: { 'tus-resumable': '1.0.0', ...item.headers?.() } }), ...(item.body !== undefined && { body: (typeof item.body === 'string' ? item.body : item.body()) as never }) })
      expect(response.status).toBe(expected)
      if (response.headers.get('content-type')?.startsWith('text/event-stream')) ending.abort()
      else await response.arrayBuffer()
    })
  }

  test('a file comes back as it was given, with its name; other kinds and larger ones are refused', async () => {
    actor = holder(world.eastTown1)
    const back = await fetch(`${url}/ledgers/files/${file}`)
    expect([await back.text(), back.headers.get('content-disposition')]).toEqual(['内容', `attachment; filename*=UTF-8''${encodeURIComponent('说明.txt')}`])
    expect((await give('run.html', '<b>')).status).toBe(415)
    expect((await give('big.pdf', 'x'.repeat(21 * 1024 * 1024))).status).toBe(413)
  })
})
