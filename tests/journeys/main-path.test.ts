import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { one, sql } from '../../server/db.ts'
import { openStage, settled, violations, type Person, type Stage } from './stage.ts'

let stage: Stage
let clerk: Person
let township: Person
let province: Person
let village: { id: number; province: number }
const period = '2026-11'

beforeAll(async () => {
  stage = await openStage()
  village = await one<{ id: number; province: number }>(stage.platform.database.db, sql`select id, l1 as province from unit where code = '990121100201'`)
  clerk = await stage.person('cun', 360)
  township = await stage.person('zhen', 1440)
  province = await stage.person('sheng', 1440)
})
afterAll(() => stage?.close())

/** The figure “households served” of the province, asked as the page asks. */
async function served(): Promise<{ num: string; reported: number; expected: number }> {
  const response = await province.page.request.get(`${stage.platform.url}/api/indicators/households-served?unit=${village.province}&period=${period}`)
  return (await response.json()).judged.figure
}

describe('a list goes down to a village, and its figure comes up', () => {
  test('the clerk sees on the phone what waits, and opens one prefilled page', async () => {
    const { page } = clerk
    await clerk.go('/')
    await page.getByRole('link', { name: /村月报/ }).first().click()
    await page.locator('form').waitFor()
    expect(await page.locator('h1').textContent()).toBe('村月报')
    // What is known from last month is there already.
    expect(await page.getByLabel('户数', { exact: false }).first().inputValue()).not.toBe('')
    expect(await violations(page)).toEqual([])
  })

  test('what was typed survives a closed browser', async () => {
    const { page } = clerk
    const field = page.locator('form input').nth(1)
    await field.fill('123')
    await page.getByText('草稿已保存').waitFor({ timeout: 10_000 })
    await clerk.go(`/returns/${village.id}/village-month/${period}`)
    expect(await page.locator('form input').nth(1).inputValue()).toBe('123')
  })

  test('a wrong figure is told beside its field in plain words, and nothing is sent', async () => {
    const { page } = clerk
    const households = await page.locator('form input').nth(0).inputValue()
    await page.locator('form input').nth(1).fill(String(Number(households) + 5))
    await page.getByRole('button', { name: '报送' }).click()
    await page.getByText('服务到的户数多于户数').first().waitFor()
    await page.locator('form input').nth(1).fill(String(Number(households) - 3))
    expect(await page.getByText('服务到的户数多于户数').count()).toBe(0)
  })

  test('submitted, it waits at the township; the figure has not moved', async () => {
    const before = await served()
    await clerk.page.getByRole('button', { name: '报送' }).click()
    await clerk.page.getByText('已报送').first().waitFor()
    expect(await served()).toEqual(before)
  })

  test('the township sends it back with a reason for one field', async () => {
    const { page } = township
    await township.go(`/returns/${village.id}/village-month/${period}`)
    await page.getByRole('button', { name: '退回' }).click()
    await page.getByRole('button', { name: '＋ 服务到的户数' }).or(page.getByRole('button', { name: /＋/ }).nth(1)).first().click()
    await page.locator('dialog textarea').first().fill('与走访记录不符')
    await page.locator('dialog').getByRole('button', { name: '退回' }).click()
    await page.getByText('已退回').first().waitFor()
    expect(await page.getByText('与走访记录不符').count()).toBeGreaterThan(0)
  })

  test('the clerk hears of it, sees the reason beside the field, corrects and submits again', async () => {
    const { page } = clerk
    await clerk.go('/')
    await page.getByText('退回重报').first().waitFor()
    await clerk.go(`/returns/${village.id}/village-month/${period}`)
    await page.getByText('与走访记录不符').first().waitFor()
    const households = await page.locator('form input').nth(0).inputValue()
    await page.locator('form input').nth(1).fill(String(Number(households) - 4))
    await page.getByRole('button', { name: '报送' }).click()
    await page.getByText('已报送').first().waitFor()
    expect(new URL(page.url()).pathname).toBe('/')
  })

  test('accepted by the township, every figure above has moved at once', async () => {
    const before = await served()
    const { page } = township
    await township.go('/queue')
    await page.getByRole('listitem').filter({ hasText: '第 2 次报送' }).first().getByRole('button', { name: '通过' }).click()
    await page.getByText('各级数字已更新').first().waitFor()
    const after = await served()
    expect(after.reported).toBe(before.reported + 1)
    expect(Number(after.num)).toBeGreaterThan(Number(before.num))
    expect(after.expected).toBe(600)
  })

  test('both submissions stay, with who decided what when', async () => {
    const { page } = clerk
    await clerk.go(`/returns/${village.id}/village-month/${period}`)
    await page.getByText('第 1 次报送').first().waitFor()
    expect(await page.getByText('第 2 次报送').count()).toBeGreaterThan(0)
    expect(await page.getByText('与走访记录不符').count()).toBeGreaterThan(0)
  })

  test('the province opens the figure: coverage, rank, drill down to the village', async () => {
    const { page } = province
    await province.go(`/indicators/households-served?unit=${village.province}&period=${period}`)
    await page.getByText(/应报 600/).first().waitFor()
    expect(await violations(page)).toEqual([])
  })

  test('the trail names each step', async () => {
    const auditor = await stage.person('shenji', 1440)
    await auditor.go('/access/trail')
    await settled(auditor.page)
    const { kinds } = await one<{ kinds: string[] }>(
      stage.platform.database.db,
      sql`select array_agg(kind order by id) as kinds from event where subject = ${`record:${village.id}:village-month:${period}`}`,
    )
    expect(kinds).toEqual(['record.submitted', 'record.sentBack', 'record.submitted', 'record.accepted'])
    await auditor.context.close()
  })
})
