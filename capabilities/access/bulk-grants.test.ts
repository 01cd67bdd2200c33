import ExcelJS from 'exceljs'
import { beforeAll, describe, expect, test } from 'vitest'
import { many, one, sql } from '../../server/db.ts'
import { holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { templateBook } from './account-book.server.ts'
import { createAccount } from './accounts.server.ts'
import { previewGrants, takeGrants } from './bulk-grants.server.ts'
import type { Actor } from './permission.ts'

const own = ownDatabase()
let world: SmallWorld
let security: Actor
const village = '990121101201'
const next = '990121101202'
beforeAll(async () => {
  world = await smallWorld(own.db)
  security = holder(world.east, ['grant.manage'], '安全管理员')
  await sql`insert into post_kind (code, name_zh, name_en, verbs, admin) values ('clerk', '台账员', 'Clerk', '{record.fill}', null), ('systemAdmin', '系统管理员', 'System', '{account.manage}', 'system')`.execute(own.db)
  await sql`insert into post (unit_id, kind, title, ab, valid_from) values (${world.eastTown1Village1}, 'clerk', '村台账员', null, '2018-01-01'), (${world.eastTown1Village2}, 'clerk', '台账A岗', 'A', '2018-01-01'),
    (${world.eastTown1Village2}, 'clerk', '值班岗', 'A', '2018-01-01'), (${world.eastTown1Village2}, 'clerk', '值班岗', 'B', '2018-01-01'), (${world.eastTown1}, 'systemAdmin', '系统管理岗', null, '2018-01-01'), (${world.westTown1Village1}, 'clerk', '村台账员', null, '2018-01-01')`.execute(own.db)
  for (const [username, name] of [['wang1', '王一'], ['wang2', '王二'], ['wang3', '王三'], ['wang4', '王四']] as const) await createAccount(own.db, { username, name, unit: world.eastTown1Village1, password: 'Green-River-2018' })
  await sql`update auth_user set disabled = true where username = 'wang4'`.execute(own.db)
})

async function workbook(rows: (string | number | null)[][]): Promise<Buffer> {
  const book = new ExcelJS.Workbook()
  await book.xlsx.load((await templateBook([], 'zh-CN')) as never)
  for (const row of rows) book.worksheets[0]!.addRow(row)
  return Buffer.from(await book.xlsx.writeBuffer())
}
const preview = (file: Buffer, actor = security) => previewGrants(own.db, actor, file, '2018-07-02')
const take = (file: Buffer, { all = true, reason = '换届', actor = security } = {}) => takeGrants({ database: own.database, actor, now: new Date('2018-07-02T09:00:00+08:00') }, file, { all, reason })
const holders = () => many<{ username: string; title: string; ab: string | null }>(own.db, sql`select a.username, p.title, p.ab from holding h join auth_user a on a.id = h.account join post p on p.id = h.post_id where h.valid_to is null order by 1, 2, 3`)
const places = (found: { findings: { path: string; code: string }[] }) => found.findings.map(({ path, code }) => `${path} ${code}`)

describe('posts of a workbook of accounts', () => {
  test('a preview names every bad cell with its place, posts the importer may not grant among them, and writes nothing', async () => {
    const found = await preview(await workbook([
      ['wang1', '王一', village, null, '村台账员'],
      ['wang2', '王二', village, null, '村台账员'],
      ['nobody', '某人', village, null, '村台账员'],
      ['wang3', '王二', next, null, '台账A岗'],
      ['wang3', '王三', '990122101201', null, '村台账员'],
      ['wang3', '王三', next, null, '主任'],
      ['wang3', '王三', next, null, null],
      ['wang4', '王四', next, null, '台账A岗'],
      ['wang1', '王一', '990121101000', null, '系统管理岗'],
    ]))
    expect([found.fresh, found.same, found.bad]).toEqual([1, 0, 8])
    expect(places(found)).toEqual([
      '账号!E3 account-post-filled', '账号!A4 account-account-unknown', '账号!B5 account-name-differs', '账号!C6 account-grant-not-yours', '账号!E7 account-post-unknown', '账号!E8 account-needed', '账号!A9 account-account-closed',
      // Who is a clerk by the first row cannot be an administrator by the last.
      '账号!E10 account-roles-separate',
    ])
    expect(await holders()).toEqual([])
  })

  test('all or the good ones; each grant stands in the trail by itself; the same file again changes nothing', async () => {
    const file = await workbook([['wang1', '王一', village, null, '村台账员'], ['wang1', '王一', next, null, '值班岗'], ['wang2', '王二', next, null, '值班岗'], ['wang3', null, next, null, '值班岗']])
    await expect(take(file)).rejects.toMatchObject({ code: 'import-refused' })
    await expect(take(file, { all: false, reason: '  ' })).rejects.toMatchObject({ code: 'reason-needed' })
    expect(await take(file, { all: false })).toEqual({ granted: 3 })
    // Two posts of one title are an A and a B: each row takes the next vacant one.
    expect(await holders()).toEqual([{ username: 'wang1', title: '值班岗', ab: 'A' }, { username: 'wang1', title: '村台账员', ab: null }, { username: 'wang2', title: '值班岗', ab: 'B' }])
    const trail = await many(own.db, sql`select kind, reason, count(*)::int as n from event where kind like 'access.%rant%' group by 1, 2 order by 1`)
    expect(trail).toEqual([{ kind: 'access.grantsImported', reason: '换届', n: 1 }, { kind: 'access.postGranted', reason: '换届', n: 3 }])
    await expect(take(file, { all: false })).rejects.toMatchObject({ code: 'nothing-to-import', facts: { same: 3 } })
  })

  test('nobody grants himself a post, and two workbooks at once grant a post once', async () => {
    const { id } = await one<{ id: string }>(own.db, sql`select id from auth_user where username = 'wang3'`)
    const file = await workbook([['wang3', '王三', next, null, '台账A岗']])
    expect(places(await preview(file, { ...security, account: id }))).toEqual(['账号!A2 account-grant-yourself'])
    const other = await workbook([['wang2', '王二', next, null, '台账A岗']])
    const both = await Promise.allSettled([take(file), take(other)])
    const granted = both.reduce((all, done) => all + (done.status === 'fulfilled' ? done.value.granted : 0), 0)
    expect([granted, (await holders()).filter((row) => row.title === '台账A岗').length]).toEqual([1, 1])
  })
})
