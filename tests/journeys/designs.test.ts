import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { one, sql } from '../../server/db.ts'
import { isTooWide, openStage, settled, violations, type Person, type Stage } from './stage.ts'

let stage: Stage
let designer: Person
let officer: Person
beforeAll(async () => {
  stage = await openStage()
  designer = await stage.person('shengxietiao', 1440)
  officer = await stage.person('jianfu', 1440)
})
afterAll(() => stage?.close())

const editor = () => designer.page.locator('.field-editor')
async function newField(name: string, definition: string, unit: string): Promise<void> {
  const { page } = designer
  await page.getByRole('button', { name: '添加字段' }).click()
  await page.getByRole('menuitem', { name: /新的数据项/ }).click()
  await editor().getByLabel('名称', { exact: false }).first().fill(name)
  await editor().getByLabel('口径', { exact: false }).first().fill(definition)
  await editor().getByLabel('计量单位', { exact: false }).fill(unit)
}
const names = () => designer.page.locator('.field-name > span:first-child').allInnerTexts()

describe('a form is drawn, costs what it shows, and is in force after the burden review', () => {
  test('a field that repeats what is held is told while it is drawn, and one press shows the held one instead', async () => {
    const { page } = designer
    await designer.go('/designs/new')
    await page.getByLabel('名称', { exact: false }).first().fill('村机井')
    await page.getByLabel('名称（英文）', { exact: false }).first().fill('Village wells')
    await page.getByRole('button', { name: '开始设计' }).click()
    await page.getByRole('button', { name: '新增表单' }).click()
    await page.getByLabel('村', { exact: true }).check()
    await newField('全村家庭户数', '月末户籍家庭', '户')
    await page.getByRole('button', { name: '用已有的（带出）' }).first().click({ timeout: 30_000 })
    await page.frameLocator('.phone iframe').getByText('已有数据，不用再填').waitFor()
    expect(await names()).toEqual(['户数'])
  })

  test('fields are moved by the keyboard, and the burden counts each at once', async () => {
    const { page } = designer
    await newField('机井眼数', '年末能出水的机井', '眼')
    await newField('坏井眼数', '年末不出水的机井', '眼')
    await page.locator('.field-line').nth(2).locator('[data-act=up]').focus()
    await page.keyboard.press('Enter')
    expect(await names()).toEqual(['户数', '坏井眼数', '机井眼数'])
    await page.locator('.field-line').nth(1).locator('[data-act=open]').focus()
    await page.keyboard.press('Alt+ArrowDown')
    expect(await names()).toEqual(['户数', '机井眼数', '坏井眼数'])
    expect(await page.locator('.burden-now dd strong').innerText()).toBe('2')
    const { villages } = await one<{ villages: number }>(stage.platform.database.db, sql`select count(*)::int as villages from unit where class = 'village' and state = 'active'`)
    await page.locator('.burden-now').getByText((villages * 2).toLocaleString('en-US'), { exact: true }).waitFor()
  })

  test('the formula editor marks the fault in plain words, completes names, and tries the check out on the phone', async () => {
    const { page } = designer
    await page.getByRole('button', { name: '添加校验' }).click()
    const formula = page.getByLabel('应成立的条件')
    await formula.click()
    await page.keyboard.type('item2 <= itemx')
    await page.getByText('没有字段“itemx”').first().waitFor()
    await page.keyboard.press('Backspace')
    await page.keyboard.press('Control+Space')
    await page.getByRole('option', { name: /^item/ }).first().waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('结果是是否').waitFor()
    await page.locator('.check').getByLabel('不成立时的提示', { exact: false }).first().fill('坏井多于机井，请核对')
    const phone = page.frameLocator('.phone iframe')
    await phone.getByLabel('机井眼数', { exact: false }).fill('3')
    await phone.getByLabel('坏井眼数', { exact: false }).fill('8')
    await phone.getByText('坏井多于机井，请核对').first().waitFor()
    expect(await violations(page)).toEqual([])
  })

  test('lists of words and days are typed key by key, with their separators and lines', async () => {
    const { page } = designer
    const { pathname } = new URL(page.url())
    await designer.go(`${pathname}?tab=more&part=synonyms`)
    await page.getByRole('button', { name: '新增一组同义词' }).click()
    const words = page.getByLabel('第 1 组', { exact: false })
    await words.pressSequentially('外出户、务工户、')
    expect(await words.inputValue()).toBe('外出户、务工户、')
    await page.getByRole('button', { name: '从设计里拿掉' }).click()
    await page.getByLabel('哪一部分').selectOption('calendar')
    await page.getByRole('button', { name: '新增一年' }).click()
    const days = page.getByRole('textbox', { name: /^放假/ })
    await days.pressSequentially('2031-01-01 元旦\n2031-01-22 春节')
    expect(await days.inputValue()).toBe('2031-01-01 元旦\n2031-01-22 春节')
    await page.getByRole('button', { name: '从设计里拿掉' }).click()
    await page.getByText('这份设计里还没有。').waitFor()
    await designer.go(pathname)
  })

  test('submitted, it waits for the burden officer, who reads what it costs and registers it; its pack can be taken away', async () => {
    const { page } = designer
    await page.getByRole('button', { name: '送减负审核' }).click()
    await page.locator('dialog').getByRole('button', { name: '送减负审核' }).click()
    await page.getByText('待减负审核').waitFor()
    await officer.go('/inbox')
    await officer.page.getByRole('link', { name: /村机井/ }).click()
    await officer.page.getByText('新表单，登记为第 1 版').waitFor()
    await officer.page.getByRole('button', { name: '通过并登记' }).click()
    await officer.page.locator('dialog').getByRole('button', { name: '通过并登记' }).click()
    await officer.page.getByText('登记在内容包 village-wells').waitFor()
    const form = await one<{ state: string; fields: number }>(stage.platform.database.db, sql`select f.state, jsonb_array_length(v.definition->'fields') as fields from form f join form_version v on v.form = f.code where f.code = 'village-wells'`)
    expect(form).toEqual({ state: 'registered', fields: 3 })
    const [, id] = /designs\/(\d+)/.exec(page.url())!
    const answer = await page.request.get(`${stage.platform.url}/api/designs/${id}/pack`)
    expect([answer.status(), answer.headers()['content-type']]).toEqual([200, 'application/zip'])
    await settled(page)
    expect([...designer.complaints, ...officer.complaints]).toEqual([])
  })
  test.each([['zh-CN', 1440], ['zh-CN', 360], ['en', 360]] as const)('every page of it has its texts and no violation: %s at %i px', async (language, width) => {
    const person = await stage.person('shengxietiao', width, language)
    const { drawn } = await one<{ drawn: number }>(stage.platform.database.db, sql`select min(id) as drawn from design where state = 'draft'`)
    const wrong: string[] = []
    for (const path of ['/designs', '/designs/new', `/designs/${drawn}`, `/designs/${drawn}?tab=more&part=burdenRules`, `/designs/${drawn}?tab=held`, `/designs/${drawn}?tab=review`]) {
      await person.go(path)
      const untold = (await person.page.locator('main').first().innerText()).match(/\b(?:designs|ledgers|inbox|ui|shell):[a-zA-Z.]+/)?.[0]
      if (untold) wrong.push(`${path}: no text for ${untold}`)
      for (const violation of await violations(person.page)) wrong.push(`${path}: ${violation}`)
      if (await isTooWide(person.page)) wrong.push(`${path}: wider than ${width} px`)
    }
    await person.context.close()
    expect([...wrong, ...person.complaints]).toEqual([])
  })
})
