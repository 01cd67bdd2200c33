import ExcelJS from 'exceljs'
import { deflateRawSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { many, one, sql } from '../../server/db.ts'
import { holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { handedBook, readAccountBook, templateBook, type Handed } from './account-book.server.ts'
import { createAccount, verifyPassword } from './accounts.server.ts'
import { passwordHashOf } from './access.sql.ts'
import { previewAccounts, takeAccounts } from './bulk-accounts.server.ts'
import type { Actor } from './permission.ts'

const own = ownDatabase()
const today = '2018-07-02'
let world: SmallWorld
let admin: Actor
beforeAll(async () => {
  world = await smallWorld(own.db)
  admin = holder(world.east, ['account.manage'], '系统管理员')
  await sql`insert into post_kind (code, name_zh, name_en, verbs) values ('clerk', '台账员', 'Clerk', '{record.fill}') on conflict do nothing`.execute(own.db)
  await sql`insert into post (unit_id, kind, title, valid_from) values (${world.eastTown1Village1}, 'clerk', '村台账员', '2018-01-01')`.execute(own.db)
})

type Cell = string | number | { formula: string; result: string } | null
/** A workbook as somebody would make it: the template, filled in. */
async function workbook(rows: Cell[][], change: (sheet: ExcelJS.Worksheet) => void = () => undefined): Promise<Buffer> {
  const book = new ExcelJS.Workbook()
  await book.xlsx.load((await templateBook([], 'zh-CN')) as never)
  const sheet = book.worksheets[0]!
  for (const row of rows) sheet.addRow(row as never)
  change(sheet)
  return Buffer.from(await book.xlsx.writeBuffer())
}
const village = '990121101201'
const preview = (file: Buffer, actor = admin) => previewAccounts(own.db, actor, file, today)
const take = (file: Buffer, { all = true, again = false } = {}) => takeAccounts({ database: own.database, actor: admin, now: new Date('2018-07-02T09:00:00+08:00') }, file, { all, again })
const accounts = async () => (await one<{ n: number }>(own.db, sql`select count(*)::int as n from auth_user`)).n
const places = (found: { findings: { path: string; code: string }[] }) => found.findings.map(({ path, code }) => `${path} ${code}`)

describe('accounts of a workbook', () => {
  test('a preview names what is new and every bad cell with its place, and writes nothing', async () => {
    await createAccount(own.db, { username: 'taken', name: '别人', unit: world.eastTown1, password: 'Green-River-2018' })
    const before = await accounts()
    const file = await workbook([
      ['wang1', '王一', village, '东川1镇第1村', '村台账员'],
      ['ｗａｎｇ２', '王二', 990121101202, null, null],
      ['wang3', '王三', '990121101999'],
      ['wang4', '王四', '990122101201'],
      ['wang5', '王五', village, '东川1镇第2村', '村长'],
      ['wang1', '王一一', village],
      ['taken', '王六', village],
      [null, '王七', '99012110120'],
      ['wang8', { formula: 'A2&"x"', result: 'wang1x' }, village],
    ])
    const found = await preview(file)
    expect([found.fresh, found.same, found.bad]).toEqual([2, 0, 7])
    expect(found.rows[1]).toMatchObject({ username: 'wang2', unit: '990121101202', unitName: '东川1镇第2村', becomes: 'new' })
    expect(places(found)).toEqual([
      '账号!C4 account-unit-unknown', '账号!C5 account-unit-not-yours', '账号!D6 account-unit-name-differs', '账号!E6 account-post-unknown', '账号!A7 account-twice',
      '账号!A8 account-account-exists', '账号!A9 account-needed', '账号!C9 account-unit-code-short', '账号!B10 account-formula',
    ])
    expect(found.findings[4]!.facts).toEqual({ row: 2, value: 'wang1' })
    expect(await accounts()).toBe(before)
  })

  test('all or the good ones: the person decides; each gets a first password of its own that fits, and only its hash is kept', async () => {
    const file = await workbook([['li1', '李一', village, null, '村台账员'], ['li2', '李二', village], ['li3', '李三', '1']])
    await expect(take(file)).rejects.toMatchObject({ code: 'import-refused', facts: { total: 1 }, findings: [{ path: '账号!C4' }] })
    const handed = await take(file, { all: false })
    expect(handed.map(({ username, unitName, post }) => [username, unitName, post])).toEqual([['li1', '东川1镇第1村', '村台账员'], ['li2', '东川1镇第1村', '']])
    expect(new Set(handed.map(({ password }) => password)).size).toBe(2)
    for (const { username, password } of handed) {
      const { id, must } = await one<{ id: string; must: boolean }>(own.db, sql`select id, "mustChangePassword" as must from auth_user where username = ${username}`)
      expect([must, await verifyPassword({ hash: (await passwordHashOf(own.db, id))!, password })]).toEqual([true, true])
      const kept = await many(own.db, sql`select 1 from answered where response::text like ${`%${password}%`} union all select 1 from event where facts::text like ${`%${password}%`}`)
      expect(kept).toEqual([])
    }
    const trail = await many<{ kind: string; n: number }>(own.db, sql`select kind, count(*)::int as n from event where kind like 'access.account%' group by kind order by kind`)
    expect(trail).toEqual([{ kind: 'access.accountCreated', n: 2 }, { kind: 'access.accountsImported', n: 1 }])
  })

  test('the same file again changes nothing; a lost workbook is made anew for accounts that nobody has used', async () => {
    const file = await workbook([['zhao1', '赵一', village], ['zhao2', '赵二', village]])
    const [first] = await take(file)
    const before = await one(own.db, sql`select md5(string_agg(a::text || b::text, '' order by a.id)) as all from auth_user a join auth_account b on b."userId" = a.id`)
    await expect(take(file)).rejects.toMatchObject({ code: 'nothing-to-import', facts: { same: 2 } })
    expect(await one(own.db, sql`select md5(string_agg(a::text || b::text, '' order by a.id)) as all from auth_user a join auth_account b on b."userId" = a.id`)).toEqual(before)
    await sql`insert into event (actor, kind, subject) select id, 'access.signedIn', 'account:' || id from auth_user where username = 'zhao2'`.execute(own.db)
    expect((await preview(file)).unused).toBe(1)
    const again = await take(file, { again: true })
    expect(again.map(({ username }) => username)).toEqual(['zhao1'])
    expect(again[0]!.password).not.toBe(first!.password)
  })

  test('two who bring the same file at the same moment make each account once', async () => {
    const file = await workbook([['qian1', '钱一', village], ['qian2', '钱二', village]])
    const both = await Promise.allSettled([take(file), take(file)])
    const handed = both.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
    expect(handed.map(({ username }) => username).sort()).toEqual(['qian1', 'qian2'])
  })

  test('hidden rows and merged cells are named; columns may stand in any order under other sheets', async () => {
    const hidden = await preview(await workbook([['sun1', '孙一', village], ['sun2', '孙二', village], ['sun3', '孙二', village]], (sheet) => {
      sheet.getRow(2).hidden = true
      sheet.mergeCells('B3:B4')
    }))
    expect(places(hidden)).toEqual(['账号!A2 account-row-hidden', '账号!B3 account-merged', '账号!B4 account-merged'])
    const book = new ExcelJS.Workbook()
    book.addWorksheet('封面').addRow(['二〇一八年账号表'])
    const sheet = book.addWorksheet('Sheet2')
    sheet.addRow(['某县账号'])
    sheet.addRow(['单位代码', '姓名 ', '用户名*'])
    sheet.addRow([village, '周一', 'zhou1'])
    expect((await preview(Buffer.from(await book.xlsx.writeBuffer()))).rows).toMatchObject([{ row: 3, username: 'zhou1', name: '周一', becomes: 'new' }])
  })
})

describe('files that are none', () => {
  test.each([
    ['a renamed PDF', Buffer.from('%PDF-1.4 nothing')],
    ['an empty file', Buffer.alloc(0)],
    ['a zip cut in half', Buffer.from('504b0304', 'hex')],
  ])('%s is refused plainly', async (_what, file) => {
    await expect(readAccountBook(file)).rejects.toMatchObject({ code: 'not-a-file-of-that-kind' })
  })

  test('a workbook without the heads says which ones it wants', async () => {
    const book = new ExcelJS.Workbook()
    book.addWorksheet('别的').addRow(['甲', '乙'])
    await expect(readAccountBook(Buffer.from(await book.xlsx.writeBuffer()))).rejects.toMatchObject({ code: 'not-a-file-of-that-kind', facts: { heads: ['用户名', '姓名', '单位代码'] } })
  })

  test('a zip that blows up is refused before it is kept, whatever it says of its sizes', async () => {
    await expect(readAccountBook(bomb(64 * 1024 * 1024))).rejects.toMatchObject({ code: 'too-large' })
  })

  test('more rows than one file may have are refused with the number', async () => {
    const rows = Array.from({ length: 501 }, (_, at) => [`x${at}`, '甲', village])
    await expect(readAccountBook(await workbook(rows))).rejects.toMatchObject({ code: 'too-large', facts: { rows: 501, most: 500 } })
  })
})

test('the workbook that goes back carries codes as text and one first password a row', async () => {
  const one: Handed = { username: 'a1', name: '甲', unit: village, unitName: '村', post: '', password: 'abcd-2345-efghj' }
  const book = new ExcelJS.Workbook()
  await book.xlsx.load((await handedBook([one], 'zh-CN')) as never)
  const row = book.worksheets[0]!.getRow(2)
  expect([row.getCell(3).value, row.getCell(3).numFmt, row.getCell(6).value]).toEqual([village, '@', one.password])
})

/** A zip with one part that inflates to `bytes` zeros and says of itself that it is 10 bytes. */
function bomb(bytes: number): Buffer {
  const name = Buffer.from('xl/workbook.xml')
  const data = deflateRawSync(Buffer.alloc(bytes))
  const head = Buffer.alloc(26)
  head.writeUInt16LE(20, 0)
  head.writeUInt16LE(8, 4)
  head.writeUInt32LE(data.length, 14)
  head.writeUInt32LE(10, 18)
  head.writeUInt16LE(name.length, 22)
  const local = Buffer.concat([Buffer.from('504b0304', 'hex'), head, name, data])
  const entry = Buffer.alloc(42)
  entry.writeUInt16LE(20, 0)
  head.copy(entry, 2, 0, 24)
  const directory = Buffer.concat([Buffer.from('504b0102', 'hex'), entry, name])
  const end = Buffer.alloc(18)
  end.writeUInt16LE(1, 4)
  end.writeUInt16LE(1, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(local.length, 12)
  return Buffer.concat([local, directory, Buffer.from('504b0506', 'hex'), end])
}
