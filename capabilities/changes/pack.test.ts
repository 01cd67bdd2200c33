import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { many, one, run, sql } from '../../server/db.ts'
import { packParts } from '../../server/rooms.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { applyPack } from '../../tools/pack/apply-pack.ts'
import { diffPack, diffText } from '../../tools/pack/diff-pack.ts'
import { readPack } from '../../tools/pack/read-pack.ts'
import { importUnits, unitsOfCsv } from '../units/units-import.server.ts'
import { changesContract, type ChangeInput } from './changes.contract.ts'
import { changesAnswers } from './changes.server.ts'

// A pack brought the villages; then they changed; then the pack comes again with something else in it.
const own = ownDatabase()
const router = { changes: answer(changesContract, changesAnswers) }
let world: SmallWorld
let folder: string
beforeAll(async () => {
  world = await smallWorld(own.db)
  await run(own.db, sql`insert into post_kind (code, name_zh, name_en, verbs) values ('clerk', '台账员', 'Clerk', '{record.fill}')`)
  folder = await mkdtemp(join(tmpdir(), 'sanji-keeps-'))
})
afterAll(() => rm(folder, { recursive: true }))

const villages: [code: string, name: string, residents: number][] = [['P-1', '柳湾村', 300], ['P-2', '石桥村', 400], ['P-3', '杨庄村', 500], ['P-4', '桃源村', 600]]
async function packAs(version: string, renamed: Record<string, string> = {}) {
  await writeFile(join(folder, 'pack.yaml'), `code: keeps\nversion: '${version}'\ntitle: { zh: 单位, en: Units }\n`)
  const unit = ([code, name, residents]: (typeof villages)[number]) => `- { code: ${code}, name: ${renamed[code] ?? name}, kind: selfGovernment, class: village, areaParent: '990121101000', validFrom: '2017-01-01', residents: ${residents} }`
  await writeFile(join(folder, 'units.yaml'), `${villages.map(unit).join('\n')}\n`)
  await writeFile(join(folder, 'posts.yaml'), `${villages.map(([code]) => `- { unit: ${code}, kind: clerk, title: 台账员, required: true, validFrom: '2017-01-01' }`).join('\n')}\n`)
  await writeFile(join(folder, 'bodies.yaml'), `- { unit: '990121101000', name: 工作专班, members: [P-1, P-3] }\n`)
  return readPack(folder, packParts)
}
const units = () => many<{ code: string; name: string; state: string; residents: number }>(own.db, sql`select code, name, state, residents from unit where code like 'P-%' order by code`)
const posts = () => many(own.db, sql`select u.code from post p join unit u on u.id = p.unit_id where u.code like 'P-%' and p.valid_to is null order by 1`)
const members = () => many(own.db, sql`select u.code from coordinating_member m join unit u on u.id = m.unit_id order by 1`)

test('a pack that comes again writes nothing back over what a change has decided, and its difference says so', async () => {
  await applyPack(own.database, await packAs('1.0'), { parts: packParts })
  const ask = asking(router, own.database)
  const ids = new Map((await many<{ code: string; id: number }>(own.db, sql`select code, id from unit where code like 'P-%'`)).map((row) => [row.code, row.id]))
  const changes: ChangeInput[] = [
    { kind: 'merge', on: '2018-07-01', units: [ids.get('P-1')!, ids.get('P-2')!], into: { unit: ids.get('P-2')! } },
    { kind: 'rename', on: '2018-07-01', unit: ids.get('P-3')!, name: '杨庄新村' },
  ]
  const { fingerprint } = await ask(holder(world.province), 'changes.preview', { changes })
  await ask(holder(world.province), 'changes.make', { changes, fingerprint, reason: '合并、更名', document: '测发〔2018〕7号' })
  const decided = await units()
  expect(decided).toMatchObject([{ code: 'P-1', state: 'merged' }, { code: 'P-2', name: '石桥村', residents: 700 }, { code: 'P-3', name: '杨庄新村' }, { code: 'P-4', name: '桃源村' }])

  const again = await packAs('1.1', { 'P-4': '新桃源村' })
  const diff = await diffPack(own.db, again, packParts)
  expect(diff.stays.map(({ section, id, path, pack, stands }) => [section, id, path, pack, stands])).toEqual([
    ['units', 'P-1', 'state', 'active', 'merged → P-2'],
    ['units', 'P-2', 'residents', 400, 700],
    ['units', 'P-3', 'name', '杨庄村', '杨庄新村'],
    ['posts', 'P-1/clerk/台账员', 'post', '台账员', null],
    ['bodies', '990121101000/工作专班', 'members', 'P-1', 'P-2'],
  ])
  expect(diffText(diff)).toMatch(/= units P-3 name: 杨庄新村（2018-07-01 测发〔2018〕7号），内容包 \/ the pack: 杨庄村/)

  await applyPack(own.database, again, { parts: packParts })
  expect(await units()).toEqual(decided.map((unit) => (unit.code === 'P-4' ? { ...unit, name: '新桃源村' } : unit)))
  expect(await posts()).toEqual([{ code: 'P-2' }, { code: 'P-3' }, { code: 'P-4' }])
  expect(await members()).toEqual([{ code: 'P-2' }, { code: 'P-3' }])
})

test('a list of units that is imported again leaves such names alone too and counts them', async () => {
  const before = await units()
  const lines = ['code,name,kind,class,areaParent,lineParent,management,validFrom,residents', ...villages.map(([code, name]) => `${code},${name},selfGovernment,village,990121101000,,,2017-01-01,`)]
  const file = join(folder, 'units.csv')
  await writeFile(file, `${lines.join('\n')}\n`)
  const { renamed, kept } = await importUnits(own.database, unitsOfCsv(file, []), { source: 'units.csv', findings: [] })
  expect([renamed, kept]).toEqual([1, 1])
  expect(await units()).toEqual(before.map((unit) => (unit.code === 'P-4' ? { ...unit, name: '桃源村' } : unit)))
})

test('a change that was taken back has decided nothing', async () => {
  const { id } = await one<{ id: number }>(own.db, sql`select max(id) as id from unit_change`)
  await asking(router, own.database)(holder(world.province), 'changes.undo', { id, reason: '误' })
  expect((await diffPack(own.db, await packAs('1.2'), packParts)).stays.filter((one_) => one_.id === 'P-3')).toEqual([])
})
