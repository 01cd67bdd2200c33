import ExifReader from 'exifreader'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inFolder } from '../../server/file-store.ts'
import { many, one, run, sql } from '../../server/db.ts'
import { httpServer } from '../../server/http.ts'
import { rawRoutes, router } from '../../server/rooms.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import type { Actor } from '../access/permission.ts'
import { forgetUploads } from './files.server.ts'
import type { FormDefinition } from './form-definition.ts'
import { registerForm } from './forms.server.ts'

const own = ownDatabase()
let world: SmallWorld
let actor: Actor
let folder = ''
let url = ''
let running: ReturnType<typeof httpServer>
const now = new Date('2018-07-02T01:00:00Z')

beforeAll(async () => {
  world = await smallWorld(own.db)
  actor = holder(world.eastTown1Village1)
  folder = await mkdtemp(join(tmpdir(), 'sanji-files-'))
  running = httpServer({
    database: own.database, router, raw: rawRoutes, dataDir: folder, files: inFolder(join(folder, 'files')), clock: () => now, log: pino({ level: 'silent' }),
    signIn: async (_request, response) => void response.end(), actorOf: async () => actor, outside: async (_request, response) => void response.end(),
  }).listen(0)
  url = `http://127.0.0.1:${(running.address() as AddressInfo).port}/api/ledgers/files`
})
afterAll(async () => {
  running.closeAllConnections()
  running.close()
  await rm(folder, { recursive: true, force: true })
})

const sample = (name: string) => readFile(new URL(`../../tests/files/${name}`, import.meta.url))
const tus = { 'tus-resumable': '1.0.0' }
function announce(id: string, name: string, bytes: number) {
  const metadata = Object.entries({ id, name, unit: String(world.eastTown1Village1) }).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
  return fetch(url, { method: 'POST', headers: { ...tus, 'upload-length': String(bytes), 'upload-metadata': metadata.join(',') } })
}
const send = (id: string, offset: number, bytes: Uint8Array) =>
  fetch(`${url}/${id}`, { method: 'PATCH', headers: { ...tus, 'upload-offset': String(offset), 'content-type': 'application/offset+octet-stream' }, body: bytes as never })
const offsetOf = async (id: string) => Number((await fetch(`${url}/${id}`, { method: 'HEAD', headers: tus })).headers.get('upload-offset'))
async function give(name: string, bytes: Uint8Array) {
  const id = randomUUID()
  await announce(id, name, bytes.length)
  return { id, answer: await send(id, 0, bytes) }
}
const bytesOf = async (id: string) => new Uint8Array(await (await fetch(`${url}/${id}`)).arrayBuffer())
const given = async (id: string) => (await one<{ count: number }>(own.db, sql`select count(*)::int as count from event where subject = ${`file:${id}`}`)).count

describe('a file comes in parts', () => {
  test('broken off anywhere, it goes on from there, and is given once', async () => {
    const id = randomUUID()
    const whole = Buffer.from('%PDF-1.4\n' + 'x'.repeat(300_000))
    expect((await announce(id, '台账.pdf', whole.length)).status).toBe(201)
    expect((await send(id, 0, whole.subarray(0, 100_000))).status).toBe(204)
    expect(await offsetOf(id)).toBe(100_000)
    // The answer to the announcement was lost: announcing again is the same upload, and nothing starts anew.
    expect((await announce(id, '台账.pdf', whole.length)).status).toBe(201)
    expect((await send(id, 0, whole)).status).toBe(409)
    expect(await offsetOf(id)).toBe(100_000)
    expect((await send(id, 100_000, whole.subarray(100_000))).status).toBe(204)
    // The last answer was lost: it is whole, and says so.
    expect(await offsetOf(id)).toBe(whole.length)
    expect((await announce(id, '台账.pdf', whole.length)).status).toBe(201)
    expect(Buffer.from(await bytesOf(id)).equals(whole)).toBe(true)
    expect(await given(id)).toBe(1)
  })

  test('its sender alone goes on with it, and may give it up', async () => {
    const id = randomUUID()
    await announce(id, 'a.txt', 10)
    actor = holder(world.eastTown1Village1, undefined, '别人')
    expect((await fetch(`${url}/${id}`, { method: 'HEAD', headers: tus })).status).toBe(404)
    expect((await send(id, 0, Buffer.from('0123456789'))).status).toBe(404)
    expect((await announce(id, 'a.txt', 10)).status).toBe(403)
    actor = holder(world.eastTown1Village1)
    expect((await fetch(`${url}/${id}`, { method: 'DELETE', headers: tus })).status).toBe(204)
    expect((await fetch(`${url}/${id}`, { method: 'HEAD', headers: tus })).status).toBe(404)
  })

  test('what nobody went on with for a week is forgotten, row and bytes', async () => {
    const id = randomUUID()
    await announce(id, 'old.txt', 100)
    await send(id, 0, Buffer.from('half'))
    const coming = join(folder, 'files', '.coming')
    expect(await forgetUploads(own.database, folder, new Date(now.getTime() + 6 * 86_400_000))).toBe(0)
    expect(await readdir(coming)).toContain(id)
    expect(await forgetUploads(own.database, folder, new Date(now.getTime() + 8 * 86_400_000))).toBeGreaterThan(0)
    expect((await readdir(coming)).filter((name) => name.startsWith(id))).toEqual([])
    expect((await fetch(`${url}/${id}`, { method: 'HEAD', headers: tus })).status).toBe(404)
  })

  test('nobody fills the disk with beginnings', async () => {
    await run(own.db, sql`delete from upload`)
    const answers: number[] = []
    for (let n = 0; n < 41; n++) answers.push((await announce(randomUUID(), 'a.txt', 10)).status)
    expect([answers.filter((status) => status === 201).length, answers.at(-1)]).toEqual([40, 409])
    await run(own.db, sql`delete from upload`)
  })

  test('60 MB, nothing at all and a kind that is not taken are refused before a byte is sent', async () => {
    expect((await announce(randomUUID(), 'photo.jpg', 60 * 1024 * 1024)).status).toBe(413)
    expect((await announce(randomUUID(), 'empty.txt', 0)).status).toBe(422)
    expect((await announce(randomUUID(), 'run.exe', 10)).status).toBe(415)
    expect(await many(own.db, sql`select 1 from upload`)).toEqual([])
  })
})

describe('what a camera writes beside the picture stays out', () => {
  test.each(['place.jpg', 'place.png', 'place.webp'])('%s had a place, a device and a name, and has none when it is kept', async (name) => {
    const photo = await sample(name)
    const before = ExifReader.load(photo)
    expect(before.GPSLatitude).toBeDefined()
    expect(before.Model).toBeDefined()
    const { id, answer } = await give(name, photo)
    expect(answer.status).toBe(204)
    const kept = await bytesOf(id)
    const after = ExifReader.load(Buffer.from(kept))
    expect(Object.keys(after).filter((tag) => /GPS|Make|Model|DateTime|creator/i.test(tag))).toEqual([])
    expect(Buffer.from(kept).includes('TestPhone') || Buffer.from(kept).includes('somebody')).toBe(false)
    expect(after['Image Width']?.value).toBe(before['Image Width']?.value)
    // Which side is up stays: it is all that is left of a photo's Exif.
    expect(after.Orientation?.value).toBe(before.Orientation?.value === 6 ? 6 : undefined)
  })

  test('HEIC is refused in plain words, also under another name', async () => {
    const photo = await sample('place.heic')
    const first = await announce(randomUUID(), 'photo.heic', photo.length)
    expect([first.status, ((await first.json()) as { facts: { heic: string } }).facts.heic]).toEqual([415, 'photo.heic'])
    const { id, answer } = await give('photo.jpg', photo)
    expect([answer.status, ((await answer.json()) as { code: string; facts: { heic: string } })]).toMatchObject([415, { code: 'not-a-file-of-that-kind', facts: { heic: 'photo.jpg' } }])
    expect((await fetch(`${url}/${id}`)).status).toBe(404)
  })

  test('a picture that calls itself a document, and one that ends in the middle, are refused', async () => {
    const photo = await sample('place.jpg')
    expect((await give('scan.pdf', photo)).answer.status).toBe(415)
    expect((await give('scan.txt', photo)).answer.status).toBe(415)
    expect((await give('cut.jpg', photo.subarray(0, 3_000))).answer.status).toBe(415)
    expect((await give('sheet.xlsx', Buffer.from('%PDF-1.4'))).answer.status).toBe(415)
  })
})

describe('a return names its files', () => {
  const withFile: FormDefinition = {
    ...villageMonth,
    sections: [{ ...villageMonth.sections[0]!, fields: [...villageMonth.sections[0]!.fields, { code: 'sheet', asks: 'sheet', required: false }] }],
  }
  const sheet = { code: 'sheet', name: { zh: '附表', en: 'Sheet' }, type: 'file', definition: { zh: '附表', en: 'Sheet' }, cycle: 'month', precision: 0, hedged: false, sensitivity: 'open' } as const
  const submit = (id: string) => {
    const input = { unit: world.eastTown1Village1, form: withFile.code, period: '2018-06', formVersion: 1, version: 0, values: { households: '10', covered: '5', sheet: [{ id, name: '附表.pdf' }] } }
    return asking(router, own.database, { now: now.toISOString() })(actor, 'ledgers.submit', input)
  }

  beforeAll(async () => {
    await registerForm(own.db, withFile, [...villageItems, sheet], { state: 'registered', by: 'test', pack: null })
    await asking(router, own.database)(holder(world.province), 'ledgers.openPeriod', { form: withFile.code, period: '2018-06', audience: { classes: ['village'], within: [world.province] }, due: '2018-07-10' })
  })

  test('one that did not come whole keeps it from being submitted, by name; whole, it goes', async () => {
    const { id } = await give('附表.pdf', Buffer.from('%PDF-1.4 x'))
    await expect(submit(randomUUID())).rejects.toMatchObject({ code: 'file-unknown', field: 'values.sheet', facts: { names: ['附表.pdf'] } })
    expect(await submit(id)).toMatchObject({ state: 'submitted' })
  })

  test('a form withdrawn since is told as that', async () => {
    await run(own.db, sql`update form set state = 'withdrawn' where code = ${withFile.code}`)
    await expect(submit(randomUUID())).rejects.toMatchObject({ code: 'form-withdrawn', facts: { form: withFile.code } })
  })
})
