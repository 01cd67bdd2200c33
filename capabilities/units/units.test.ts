import { beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { run, sql } from '../../server/db.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { initialsOf } from './initials.ts'
import { unitsContract } from './units.contract.ts'
import { bodiesPart, postKindsPart, postsPart, unitClassesPart, unitsPart } from './units.pack.ts'
import { unitsAnswers } from './units.server.ts'

const own = ownDatabase()
let world: SmallWorld
let ask: ReturnType<typeof asking>
const me = () => holder(world.province)

beforeAll(async () => {
  ask = asking({ units: answer(unitsContract, unitsAnswers) }, own.database)
  world = await smallWorld(own.db)
  await run(own.db, sql`update unit set initials = 'dcx' where id = ${world.east}`)
  await run(own.db, sql`insert into post_kind (code, name_zh, name_en, verbs) values ('clerk', '台账员', 'Clerk', '{record.fill}')`)
})

describe('units are found', () => {
  test.each([
    ['东川县', 'by name'],
    ['dcx', 'by pinyin initials'],
    ['990121000', 'by code'],
  ])('%s: %s', async (q) => {
    expect((await ask(me(), 'units.search', { q })).rows[0].id).toBe(world.east)
  })

  test('only in what the reader may see', async () => {
    const { rows } = await ask(holder(world.west), 'units.search', { q: '镇' })
    expect(rows.every((row: { name: string }) => row.name.startsWith('西川'))).toBe(true)
  })

  test('initials are those of the characters', () => {
    expect([initialsOf('东川县'), initialsOf('青河市农业局'), initialsOf('第3村')]).toEqual(['dcx', 'qhsnyj', 'd3c'])
  })
})

describe('the trees', () => {
  test('a reader starts at the tops of his scope and opens level by level', async () => {
    const tops = await ask(holder(world.city), 'units.children', {})
    expect(tops.rows.map((row: { id: number }) => row.id)).toEqual([world.city])
    const counties = await ask(holder(world.city), 'units.children', { unit: world.city, tree: 'rollUp' })
    expect(counties.rows.map((row: { id: number; children: number }) => [row.id, row.children])).toEqual([[world.east, 3], [world.west, 2], [world.cityBureau, 0]])
    expect(counties.rows[0].below).toContainEqual({ class: 'village', name: { zh: '村', en: 'Village' }, units: 6 })
  })

  test('the line tree shows the county bureau below the city bureau', async () => {
    const line = await ask(me(), 'units.children', { unit: world.cityBureau, tree: 'line' })
    expect(line.rows.map((row: { id: number }) => row.id)).toEqual([world.eastBureau])
  })

  test('an audience says whom it addresses in words and numbers', async () => {
    const audience = await ask(me(), 'units.audience', { classes: 'village', within: `${world.east},${world.west}`, except: String(world.eastTown1) })
    expect([audience.units, audience.text.zh]).toEqual([9, '东川县、西川县的全部村（东川1镇除外）'])
  })
})

describe('structure changes keep what was', () => {
  test('a new unit has its path, and its code once', async () => {
    const unit = { code: '990121101299', name: '新村', kind: 'selfGovernment', class: 'village', areaParent: world.eastTown1, from: '2018-07-01', reason: '新设' }
    const created = await ask(me(), 'units.create', unit)
    expect(created.path.map((one: { name: string }) => one.name)).toEqual(['云岭省', '青河市', '东川县', '东川1镇', '新村'])
    await expect(ask(me(), 'units.create', unit)).rejects.toMatchObject({ code: 'unit-duplicate', field: 'code' })
  })

  test('a post is vacant from the day it exists until somebody holds it', async () => {
    const created = await ask(me(), 'units.createPost', { unit: world.east, kind: 'clerk', title: '台账员', required: true, from: '2018-03-01', reason: '设岗' })
    expect(created.posts[0]).toMatchObject({ title: '台账员', holders: [], vacantSince: '2018-03-01' })
    const ended = await ask(me(), 'units.endPost', { post: created.posts[0].id, version: 1, on: '2018-07-02', reason: '撤岗' })
    expect(ended.posts).toEqual([])
  })
})

describe('units of a pack', () => {
  const by = { pack: 'p', by: undefined }
  const units = [
    { code: 'P-1', name: '示例省', kind: 'government' as const, class: 'province', management: 'area' as const, validFrom: '2017-01-01' },
    { code: 'P-1-1', name: '示例市', kind: 'government' as const, class: 'city', areaParent: 'P-1', management: 'area' as const, validFrom: '2017-01-01' },
    { code: 'P-1-2', name: '示例局', kind: 'organ' as const, class: 'department', areaParent: 'P-1-1', management: 'area' as const, validFrom: '2017-01-01' },
  ]

  test('they come with paths and tallies; applying twice changes nothing', async () => {
    await run(own.db, sql`insert into pack (code, version, title_zh, title_en, hash, content) values ('p', '1', 'p', 'p', '', '{}')`)
    await unitClassesPart.apply(own.db, [{ code: 'county', name: { zh: '县', en: 'County' }, level: 3, ordinal: 3 }], by)
    expect((await unitsPart.apply(own.db, units, by)).added).toEqual(['P-1', 'P-1-1', 'P-1-2'])
    expect(await unitsPart.apply(own.db, units, by)).toMatchObject({ added: [], changed: [], same: 3 })
    const kinds = [{ code: 'checker', name: { zh: '审核员', en: 'Checker' }, verbs: ['record.check' as const] }]
    expect((await postKindsPart.apply(own.db, kinds, by)).added).toEqual(['checker'])
    const posts = [{ unit: 'P-1-1', kind: 'checker', title: '审核员', required: true, validFrom: '2017-01-01' }]
    expect(await postsPart.apply(own.db, posts, by)).toMatchObject({ added: ['1'], same: 0 })
    expect(await postsPart.apply(own.db, posts, by)).toMatchObject({ added: [], same: 1 })
    const bodies = [{ unit: 'P-1-1', name: '领导小组', office: 'P-1-2', members: ['P-1-2'] }]
    expect((await bodiesPart.apply(own.db, bodies, by)).added).toEqual(['领导小组'])
    expect((await bodiesPart.apply(own.db, bodies, by)).same).toBe(1)
  })

  test('a parent nobody knows, a parent of the wrong rank and an administrator’s verb elsewhere are named', async () => {
    const known = { tx: own.db, pack: 'p', sections: { unitClasses: [{ code: 'city', level: 2 }, { code: 'department', level: 3 }] } }
    const findings = await unitsPart.check([{ ...units[1]!, areaParent: 'P-9' }, { ...units[2]!, code: 'P-7' }, { ...units[1]!, code: 'P-8', areaParent: 'P-7' }], known)
    expect(findings.map((finding) => [finding.code, finding.path])).toEqual([['parent-unknown', '0.areaParent'], ['parent-rank', '2.areaParent']])
    expect(await postKindsPart.check([{ code: 'odd', name: { zh: '岗', en: 'Post' }, verbs: ['audit.read', 'unit.read'] }], known)).toMatchObject([{ code: 'verbs-out-of-role', path: '0.verbs' }])
  })
})
