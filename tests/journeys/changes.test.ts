import ExcelJS from 'exceljs'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { many, one, sql } from '../../server/db.ts'
import { later } from '../../server/queue.ts'
import { columns } from '../../capabilities/changes/change-rows.ts'
import { openStage, violations, isTooWide, type Person, type Stage } from './stage.ts'

// A county's coordinating office merges villages: looked at first, done, compared, taken back; by workbook; and ahead.
let stage: Stage
let county: Person
let ids: { county: number; town: number; from: number }
const db = () => stage.platform.database.db
const villages = ['990121100202', '990121101201'] as const
const period = '2026-10'

beforeAll(async () => {
  stage = await openStage()
  ids = await one(db(), sql`select (select id from unit where code = '990121000000') as county, (select id from unit where code = '990121100000') as town, (select id from unit where code = '990121101000') as from`)
  county = await stage.person('xian', 1440)
})
afterAll(() => stage?.close())

const nameOf = async (code: string) => (await one<{ name: string }>(db(), sql`select name from unit where code = ${code}`)).name
type Sum = { num: string; den: string; expected: number }
/** The figure on the tree of its period and on today's, as the page asks for it. */
async function beside(unit: number): Promise<{ was: Sum; now: Sum; bridge: { more: number; fewer: number; num: string }[] }> {
  const response = await county.page.request.get(`${stage.platform.url}/api/indicators/households-served/beside?unit=${unit}&period=${period}`)
  expect(response.status()).toBe(200)
  return response.json()
}
async function looksRight(place: string): Promise<void> {
  const wrong: string[] = []
  for (const width of [1440, 360]) {
    await county.page.setViewportSize({ width, height: 900 })
    for (const violation of await violations(county.page)) wrong.push(`${place} at ${width} px: ${violation}`)
    if (await isTooWide(county.page)) wrong.push(`${place}: wider than ${width} px`)
  }
  await county.page.setViewportSize({ width: 1440, height: 900 })
  expect(wrong).toEqual([])
}
/** Fills in the wizard for a merge of these two villages from a day on, and asks for its preview. */
async function previewMerge(codes: readonly string[], into: { name: string; code: string }, on: string): Promise<void> {
  const { page } = county
  await county.go('/changes/new')
  await page.getByLabel('生效日期').fill(on)
  for (const code of codes) {
    await page.getByRole('combobox').first().fill(code)
    await page.getByRole('option').filter({ hasText: code }).click()
  }
  await page.getByLabel('新名称').fill(into.name)
  await page.getByRole('textbox', { name: /^代码/ }).fill(into.code)
  await page.getByRole('button', { name: '预览', exact: true }).click()
  await page.getByText(/以下是预览，尚未执行/).waitFor()
}
async function confirm(document: string, reason: string, button: string): Promise<void> {
  await county.page.getByLabel('文号').fill(document)
  await county.page.getByLabel('事由').fill(reason)
  await county.page.getByRole('button', { name: button, exact: true }).click()
}

test('two villages become one: everything that moves is shown first, then it is done', async () => {
  const { page } = county
  await previewMerge(villages, { name: '合营村', code: '990121100290' }, '2026-11-01')
  for (const [label, least] of [['转移的待办任务', 1], ['可查的历史填报', 26], ['撤销的岗位', 4]] as const) {
    expect(Number(await page.locator('.change-sums div', { hasText: label }).locator('dd').innerText()), label).toBeGreaterThanOrEqual(least)
  }
  await page.locator('summary', { hasText: '撤销的岗位和人员' }).click()
  expect(await page.getByRole('table', { name: '撤销的岗位和人员' }).getByText('村台账员').count()).toBe(2)
  expect(await many(db(), sql`select 1 from unit where code = '990121100290'`)).toEqual([])
  await looksRight('the preview')
  await confirm('东政发〔2026〕8号', '两村合并', '确认办理')
  await page.getByText('已办理 1 项变动').waitFor()
  await page.getByText('已生效').first().waitFor()
  await looksRight('the change')
})

test('the figure of a month stands beside itself on both trees, and the bridge says which village makes the difference', async () => {
  const { page } = county
  const [got, gave] = [await beside(ids.town), await beside(ids.from)]
  // The village that came brings its households to the township it is in now; above both nothing has moved.
  expect(Number(got.now.den)).toBeGreaterThan(Number(got.was.den))
  expect(Number(got.now.den) - Number(got.was.den)).toBe(Number(gave.was.den) - Number(gave.now.den))
  expect(got.bridge).toMatchObject([{ more: 1, fewer: 0 }])
  const whole = await beside(ids.county)
  expect([whole.now, whole.bridge]).toEqual([whole.was, []])
  await county.go(`/indicators/households-served?unit=${ids.town}&period=${period}&tab=beside`)
  await page.getByRole('heading', { name: '差额来自哪些变动' }).waitFor()
  expect(await page.getByRole('table').last().innerText()).toMatch(/\+1 个单位（合并）[\s\S]*\+\d/)
  await looksRight('both trees')
})

test('on its day it is taken back, and every figure is as it was', async () => {
  const { page } = county
  await county.go('/changes?q=合营')
  await page.getByRole('link', { name: /^合并：/ }).first().click()
  await page.getByRole('button', { name: '撤回这项变动' }).click()
  await page.getByRole('dialog').locator('textarea').fill('文号录错')
  await page.getByRole('dialog').getByRole('button', { name: '撤回这项变动' }).click()
  await page.getByText('已撤回，一切恢复原样').waitFor()
  const back = await beside(ids.town)
  expect([back.now, back.bridge]).toEqual([back.was, []])
  expect(await many(db(), sql`select 1 from unit where code = any(${villages as unknown as string[]}::text[]) and state = 'active'`)).toHaveLength(2)
})

test('a county’s changes come in one workbook: a wrong cell is named, and the mended book is carried out whole', async () => {
  const { page } = county
  const [first, second, third] = ['990121102201', '990121102202', '990121103201']
  const filled = async (lines: Record<string, string>[]) => {
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: '下载模板' }).click()
    const book = new ExcelJS.Workbook()
    await book.xlsx.load((await readFile(await (await download).path())) as never)
    for (const [at, line] of lines.entries()) for (const [key, value] of Object.entries(line)) book.worksheets[0]!.getCell(at + 2, columns.findIndex((column) => column.key === key) + 1).value = value
    return { name: '机构变动.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: Buffer.from(await book.xlsx.writeBuffer()) }
  }
  const lines = (name: string): Record<string, string>[] => [
    { group: '1', kind: '合并', on: '2026-11-01', fromCode: first!, toCode: '990121102290', toName: '同乐村' },
    { group: '1', fromCode: second! },
    { group: '2', kind: '更名', on: '2026-11-01', fromCode: third!, fromName: name, toName: '新泉村' },
  ]
  await county.go('/changes/workbook')
  await page.locator('input[type=file]').setInputFiles(await filled(lines('没有这个村')))
  const table = page.getByRole('table', { name: '单元格' })
  await table.waitFor()
  expect(await table.innerText()).toMatch(/E4/)
  await looksRight('the wrong cells')
  const [marked] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '下载标好的工作簿' }).click()])
  const back = new ExcelJS.Workbook()
  await back.xlsx.load((await readFile(await marked.path())) as never)
  expect(JSON.stringify(back.worksheets[0]!.getCell('E4').note)).toContain('请核对代码和名称')
  await page.locator('input[type=file]').setInputFiles(await filled(lines(await nameOf(third!))))
  await page.getByText('读到 3 行、2 项变动').waitFor()
  await confirm('东政发〔2026〕9号', '全县村合并', '确认办理')
  await page.getByText('已办理 2 项变动').waitFor()
  expect([await nameOf('990121102290'), await nameOf(third!)]).toEqual(['同乐村', '新泉村'])
})

test('prepared for New Year it waits in sight, is carried out on its day by itself, and the office hears of it', async () => {
  const { page } = county
  await previewMerge(villages, { name: '合营村', code: '990121100291' }, '2027-01-01')
  await page.getByText(/按 2027年1月1日 生效预览/).waitFor()
  await looksRight('the preview ahead')
  await confirm('东政发〔2026〕10号', '两村合并', '确认预备')
  await page.getByText('等待生效').first().waitFor()
  await looksRight('what is prepared')
  await county.go('/changes')
  await page.getByRole('table', { name: '待生效的变动' }).getByRole('link', { name: /^合并：/ }).first().waitFor()
  await county.go(`/units/${(await one<{ id: number }>(db(), sql`select id from unit where code = ${villages[0]}`)).id}`)
  await page.getByText('预备的变动：').waitFor()

  stage.setNow('2026-12-31T16:05:00Z')
  await stage.platform.database.transaction((tx) => later(tx, 'changes:carryOut', {}))
  await expect.poll(() => many(db(), sql`select 1 from unit where code = '990121100291' and state = 'active'`), { timeout: 60_000 }).toHaveLength(1)
  await county.go('/notices')
  await page.getByText(/预备的机构变动已自动办理/).first().click()
  await page.getByText('到期自动办理').waitFor()
  expect(await many(db(), sql`select 1 from unit_change where document = '东政发〔2026〕10号'`)).toHaveLength(1)
  expect(county.complaints).toEqual([])
})
