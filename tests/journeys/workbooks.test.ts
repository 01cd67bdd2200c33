import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { registerForm } from '../../capabilities/ledgers/forms.server.ts'
import { many, one, run, sql } from '../../server/db.ts'
import { bookOf, editedByLibreOffice, everyKind, everyKindItems, fileOf, libreOffice, sheetOf, zipOf } from '../workbooks.ts'
import { isTooWide, openStage, settled, violations, type Person, type Stage } from './stage.ts'

// A township clerk fills in for her villages with her own spreadsheet program: out, edited by LibreOffice, back in.
let stage: Stage
let clerk: Person
let filled: Buffer
let at: Record<string, string>
const form = everyKind.code
const period = '2026-11'
const village = (n: number) => `9901211002${String(n).padStart(2, '0')}`

beforeAll(async () => {
  stage = await openStage()
  const { db } = stage.platform.database
  await registerForm(db, everyKind, everyKindItems, { state: 'registered', by: 'test', pack: null })
  await run(db, sql`insert into form_period (form, period, opens, due) values (${form}, 202611, '2026-11-01', '2026-12-10')`)
  await run(db, sql`insert into expected_return (form, period, county_id, unit_id, due) select ${form}, 202611, l3, id, '2026-12-10' from unit where code between ${village(1)} and ${village(12)}`)
  clerk = await stage.person('zhentai', 1440)
})
afterAll(() => stage?.close())

/** Looks at the page as it stands, at the desk and on the phone. */
async function look(person: Person): Promise<void> {
  // Nobody is told that the line is broken while it is not, however long the page has been open.
  expect(await person.page.locator('.offline').allInnerTexts()).toEqual([])
  for (const width of [1440, 360]) {
    await person.page.setViewportSize({ width, height: width === 360 ? 740 : 900 })
    expect([width, await violations(person.page), await isTooWide(person.page)]).toEqual([width, [], false])
  }
  await person.page.setViewportSize({ width: 1440, height: 900 })
}
const choose = (person: Person, name: string, buffer: Buffer) => person.page.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer })
const records = () => many<{ code: string; submission: number; vals: any }>(stage.platform.database.db, sql`select u.code, r.submission, r.vals from record r join unit u on u.id = r.unit_id where r.form = ${form} order by u.code`)
const download = async (name: RegExp) => {
  const [got] = await Promise.all([clerk.page.waitForEvent('download'), clerk.page.getByRole('link', { name }).first().click()])
  return readFile(await got.path())
}

describe.skipIf(!libreOffice)('a township’s workbook (needs libreoffice-calc)', () => {
  test('comes down with a row for each village and is filled in with LibreOffice as people do', async () => {
    await clerk.go('/workbooks')
    await look(clerk)
    const given = await download(/下载工作簿 各类字段表/)
    const { cell, rowOf } = sheetOf(await bookOf(given))
    const write = (code: string, column: string, what: string | number) => `sheet.getCellRangeByName("${cell(code, column).address}").${typeof what === 'number' ? `Value = ${what}` : `String = "${what}"`}`
    const [from, to] = [rowOf(village(5)), rowOf(village(1))]
    const made = await editedByLibreOffice(given, [
      write(village(1), 'people', 12), write(village(1), 'gain', '12.5万'), write(village(1), 'heldOn', '2026年11月3日'), write(village(1), 'published', '是'),
      write(village(2), 'people', '很多'), write(village(2), 'gain', 100),
      write(village(3), 'people', 20), write(village(3), 'gain', 300),
      write(village(4), 'people', 5_000), write(village(4), 'gain', 400),
      write(village(5), 'people', 7), write(village(5), 'gain', 500),
      // The fifth village's row goes to the top, and somebody needs a column for himself.
      `sheet.Rows.insertByIndex(${to - 1}, 1)`,
      `sheet.moveRange(sheet.getCellRangeByName("A${to}").CellAddress, sheet.getCellRangeByName("A${from + 1}:Z${from + 1}").RangeAddress)`,
      `sheet.Rows.removeByIndex(${from}, 1)`,
      'sheet.Columns.insertByIndex(4, 1)',
      `sheet.getCellRangeByName("E4").String = "包村干部"`,
    ])
    filled = made
    const after = sheetOf(await bookOf(made))
    expect(after.rowOf(village(5))).toBe(to)
    at = Object.fromEntries([['bad', village(2), 'people'], ['check', village(4), 'people'], ['scaled', village(1), 'gain'], ['both', village(3), 'people']].map(([key, code, column]) => [key!, after.cell(code!, column!).address]))
  }, 300_000)

  test('meanwhile a village has typed on the platform what the workbook says otherwise', async () => {
    const other = await stage.person(`clerk.${village(3)}`, 360)
    const { id } = await one<{ id: number }>(stage.platform.database.db, sql`select id from unit where code = ${village(3)}`)
    await other.go(`/returns/${id}/${form}/${period}`)
    await other.page.getByLabel('受益人数', { exact: false }).first().fill('33')
    await other.page.getByText('草稿已保存').waitFor({ timeout: 20_000 })
    expect(other.complaints).toEqual([])
    await other.context.close()
  })

  test('brought back, each finding has its sheet, its cell, the reason and the way out', async () => {
    await clerk.go('/workbooks')
    await choose(clerk, '十一月.xlsx', filled)
    await clerk.page.getByText('已读取', { exact: true }).waitFor({ timeout: 60_000 })
    await settled(clerk.page)
    await clerk.page.getByText('不认识的列没有读取：包村干部').waitFor()
    await clerk.page.getByRole('tab', { name: /要改（2）/ }).click()
    const bad = clerk.page.locator('li', { hasText: `填报 ${at.bad}` })
    expect(await bad.innerText()).toContain('“很多”不是数字。请填数字；不知道就留空。')
    expect(await clerk.page.locator('li', { hasText: `填报 ${at.check}` }).innerText()).toContain('受益人数不能超过 1000')
    await look(clerk)
    await clerk.page.getByRole('tab', { name: /要看一遍（1）/ }).click()
    expect(await clerk.page.locator('li', { hasText: `填报 ${at.scaled}` }).innerText()).toContain('“12.5万”读成 125000 元。请核对。')
  })

  test('the marked workbook has the rows that did not go in, coloured, with the reason in the cell', async () => {
    const { sheet, cell } = sheetOf(await bookOf(await download(/下载标好的工作簿/)))
    const marked = cell(village(2), 'people')
    expect([marked.value, (marked.fill as { fgColor?: { argb?: string } }).fgColor?.argb]).toEqual(['很多', 'FFFFC7CE'])
    expect(JSON.stringify(marked.note)).toContain('不是数字')
    expect([village(4), village(3)].map((code) => JSON.stringify(cell(code, 'people').note))).toEqual([expect.stringContaining('不能超过 1000'), expect.stringContaining('33')])
    let rows = 0
    sheet.eachRow((row) => void (rows += /^9901211002\d\d$/.test(String(row.getCell(2).value)) ? 1 : 0))
    expect(rows).toBe(3)
  })

  test('of a cell that both sides changed she sees both values and chooses; the good rows go in', async () => {
    await clerk.page.getByRole('tab', { name: /要选择（1）/ }).click()
    const row = clerk.page.getByRole('row', { name: new RegExp(village(3)) })
    expect(await row.innerText()).toMatch(/20[\s\S]*33|33[\s\S]*20/)
    await look(clerk)
    await row.getByText('用工作簿的').first().click()
    await clerk.page.getByText('放入 2 行；其余的留在这里等。').waitFor()
    await clerk.page.getByText('我看过了，读成的数是对的').click()
    await clerk.page.getByRole('button', { name: '放入并报送' }).click()
    await clerk.page.getByText('已放入 3').waitFor({ timeout: 60_000 })
    const put = await records()
    expect(put.map(({ code }) => code)).toEqual([village(1), village(3), village(5)])
    expect(put[0]!.vals).toMatchObject({ people: '12', gain: '12500000', heldOn: '2026-11-03', published: true })
    expect([put[1]!.vals.people, put[2]!.vals.people]).toEqual(['20', '7'])
  })

  test('she leaves and finds it again; the same file once more changes nothing', async () => {
    await clerk.go('/')
    await clerk.go('/workbooks')
    await clerk.page.getByRole('link', { name: '十一月.xlsx' }).click()
    await clerk.page.getByRole('tab', { name: /要改（2）/ }).waitFor()
    await look(clerk)
    const before = await records()
    await clerk.go('/workbooks')
    await choose(clerk, '十一月.xlsx', filled)
    await clerk.page.getByText('这份文件之前传过，没有再做一遍').waitFor({ timeout: 30_000 })
    expect(await records()).toEqual(before)
  })
})

describe('a file that is no workbook of ours gets a plain answer, and nothing is kept', () => {
  const parts = { '[Content_Types].xml': Buffer.from('<Types/>'), 'xl/workbook.xml': Buffer.from('<workbook/>') }
  test.each<[string, () => Buffer, RegExp]>([
    ['a renamed PDF', () => Buffer.from('%PDF-1.7\n…'), /PDF/],
    ['a zip bomb', () => zipOf({ ...parts, 'xl/worksheets/sheet1.xml': Buffer.alloc(30 * 1024 * 1024) }), /解开|太大|过大/],
    ['an .ods that was renamed', () => zipOf({ 'content.xml': Buffer.from('<x/>') }), /另存/],
  ])('%s', async (_what, file, told) => {
    const count = () => one<{ n: number }>(stage.platform.database.db, sql`select count(*)::int as n from workbook_import`)
    const before = await count()
    await clerk.go('/workbooks')
    await choose(clerk, '月报.xlsx', file())
    await clerk.page.getByRole('alert').filter({ hasText: told }).waitFor({ timeout: 30_000 })
    await look(clerk)
    expect(await count()).toEqual(before)
  })

  test('a workbook of another version whose field has another meaning is refused with each difference', async () => {
    const response = await clerk.page.request.get(`${stage.platform.url}/api/workbooks/out?form=${form}&period=${period}&unit=${(await one<{ id: number }>(stage.platform.database.db, sql`select id from unit where code = '990121100000'`)).id}`)
    const book = await bookOf(await response.body())
    sheetOf(book).cell(village(7), 'people').value = 8
    await registerForm(stage.platform.database.db, everyKind, everyKindItems.map((item) => (item.code === 'people' ? { ...item, unit: '人次' } : item)), { state: 'registered', by: 'test', pack: null })
    await clerk.go('/workbooks')
    await choose(clerk, '旧表.xlsx', await fileOf(book))
    await clerk.page.getByText('未接受', { exact: true }).waitFor({ timeout: 60_000 })
    const told = await clerk.page.getByRole('alert').innerText()
    expect(told).toContain('受益人数')
    await look(clerk)
  })

  test('her pages had no errors', () => expect(clerk.complaints).toEqual([]))
})
