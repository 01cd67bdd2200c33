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
