import { afterAll, beforeAll, expect, test } from 'vitest'
import { one, sql } from '../../server/db.ts'
import { openStage, settled, violations, type Person, type Stage } from './stage.ts'

// Bad luck before the screen: a browser that is closed in the middle, and two officers on one return.
let stage: Stage
let path = ''
beforeAll(async () => {
  stage = await openStage()
  const { id } = await one<{ id: number }>(stage.platform.database.db, sql`select id from unit where code = '990121100201'`)
  path = `/returns/${id}/village-month/2026-11`
})
afterAll(() => stage?.close())

const served = (person: Person) => person.page.getByLabel(/^服务到的户数/)

test('what was typed is there again when the browser was closed', async () => {
  const first = await stage.person('cun', 360)
  await first.go(path)
  await served(first).fill('401')
  await first.page.getByText('草稿已保存').first().waitFor()
  await first.context.close()
  const again = await stage.person('cun', 360)
  await again.go(path)
  expect(await served(again).inputValue()).toBe('401')
  expect(again.complaints).toEqual([])
  await again.context.close()
})

test('two officers on one return: the second sees both versions and loses nothing', async () => {
  const [first, second] = [await stage.person('cun', 360), await stage.person('cun', 1440)]
  await Promise.all([first.go(path), second.go(path)])
  await served(second).fill('399')
  await served(first).fill('400')
  await first.page.getByRole('button', { name: '报送', exact: true }).click()
  await first.page.getByText('已报送').first().waitFor()
  await second.page.getByRole('button', { name: '报送', exact: true }).click()
  const both = second.page.getByRole('alert').filter({ hasText: '我填的' })
  await both.first().waitFor()
  const told = await both.allInnerTexts()
  expect(told.join()).toMatch(/399/)
  expect(told.join()).toMatch(/400/)
  expect(await served(second).inputValue()).toBe('399')
  expect(await violations(second.page)).toEqual([])
  await both.getByRole('button', { name: '看现在的' }).click()
  await settled(second.page)
  await second.page.getByText('第 1 次报送').first().waitFor()
  for (const { context } of [first, second]) await context.close()
})

test('a checker in the queue decides what somebody else has touched: both versions, and the reasons are not lost', async () => {
  const { db } = stage.platform.database
  const [, , unit] = path.split('/')
  const key = { unit: Number(unit), form: 'village-month', period: '2026-11' }
  const now = () => one<{ version: number; values: Record<string, unknown>; form: number; state: string }>(db, sql`select version, vals as "values", form_version as form, state from record where unit_id = ${key.unit} and form = 'village-month' and period = 202611`)
  /** The county sends it back and the village submits another figure, while the township looks at the former one. */
  const another = async (figure: string) => {
    await stage.ask('xian', '/ledgers/returns/send-back', { ...key, version: (await now()).version, reasons: { '': '请核对' } })
    const { version, values, form } = await now()
    await stage.ask('cun', '/ledgers/returns/submit', { ...key, formVersion: form, values: { ...values, householdsServed: figure }, version })
  }
  const officer = await stage.person('zhen', 1440)
  const { page } = officer
  await officer.go(`/queue?unit=${unit}`)
  const row = page.getByRole('listitem').filter({ hasText: '村月报 · 2026年11月' })
  await row.waitFor()
  await another('421')
  await row.getByRole('button', { name: '通过', exact: true }).click()
  const both = page.getByRole('alert').filter({ hasText: '您看到的' })
  await both.waitFor()
  expect(await both.innerText()).toMatch(/400[\s\S]*421/)
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: '知道了' }).click()
  expect((await now()).state).toBe('submitted')

  await row.getByRole('button', { name: '退回', exact: true }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/整张表/).fill('数字前后不一致')
  await another('422')
  await dialog.getByRole('button', { name: '退回', exact: true }).click()
  await dialog.getByText('您看到的').waitFor()
  expect(await dialog.innerText()).toMatch(/421[\s\S]*422/)
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: '退回现在这一版' }).click()
  await dialog.waitFor({ state: 'detached' })
  await expect.poll(async () => (await now()).state, { timeout: 60_000 }).toBe('sentBack')
  await officer.context.close()
})
