import ExcelJS from 'exceljs'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { one, sql } from '../../server/db.ts'
import { bookOf, fileOf, sheetOf } from '../workbooks.ts'
import { isTooWide, openStage, violations, type Stage } from './stage.ts'
import { samplePassword } from '../../tools/sample-city/load.ts'

// Every page, on the phone and at the desk, in both languages: a title, no error, no violation, nothing pushed sideways.
let stage: Stage
/** A workbook with rows of every kind that somebody brought back. */
let brought: number
let ids: { village: number; township: number; list: number; task: number; meeting: number; pairing: number; change: number; plan: number; merged: number; ended: number }
beforeAll(async () => {
  stage = await openStage()
  ids = await one(
    stage.platform.database.db,
    sql`select (select id from unit where code = '990121100201') as village, (select id from unit where code = '990121100000') as township,
          (select max(id) from list where id not in (select list_id from joint_meeting where list_id is not null)) as list, (select min(id) from joint_meeting) as meeting, (select min(id) from pairing) as pairing, (select max(id) from unit_change) as change, (select max(id) from planned_change) as plan, (select min(successor_id) from unit_successor) as merged, (select min(unit_id) from unit_successor) as ended, (select min(t.id) from task t join item i on i.id = t.item_id where i.form is null and t.unit_id = (select id from unit where code = '990121100201')) as task`,
  )
  brought = await broughtWorkbook()
})
afterAll(() => stage?.close())

/** The year of the township's villages: one row is good, one has a figure that is none. */
async function broughtWorkbook(): Promise<number> {
  const person = await stage.person('zhentai', 1440)
  const { request } = person.page
  const url = `${stage.platform.url}/api/workbooks`
  const book = await bookOf(await (await request.get(`${url}/out?form=village-year&period=2026&unit=${ids.township}`)).body())
  const { cell } = sheetOf(book)
  for (const [code, lectures] of [['990121100203', 4], ['990121100204', '好几次']] as const) cell(code, 'lectures').value = lectures
  const answer = await request.post(`${url}/in?unit=${ids.township}&name=${encodeURIComponent('村年报.xlsx')}`, { data: await fileOf(book), headers: { 'content-type': 'application/octet-stream' } })
  const { id } = (await answer.json()) as { id: number }
  for (;;) {
    const { state } = await one<{ state: string }>(stage.platform.database.db, sql`select state from workbook_import where id = ${id}`)
    if (state === 'read') break
    if (state === 'refused') throw new Error('the workbook was refused')
    await new Promise((done) => setTimeout(done, 100))
  }
  await person.context.close()
  return id
}

const pages: Record<string, () => string[]> = {
  cun: () => ['/', '/inbox', '/outbox', '/notices', '/reach', '/returns', `/returns/${ids.village}/village-month/2026-11`, `/returns/${ids.village}/village-month/2026-10`, '/tasks', `/tasks/${ids.task}`, '/indicators', '/forms', '/workbooks', '/promises', '/promises/matters', `/promises/pairings/${ids.pairing}`, '/access/me', '/month', '/burden/mine', '/burden/objections?view=mine', '/burden/suggestions'],
  zhentai: () => ['/workbooks', `/workbooks/${brought}`],
  zhen: () => ['/', '/inbox', '/queue', `/queue?only=odd`, `/returns/${ids.village}/village-month/2026-10`, '/coverage', `/tasks?unit=${ids.township}`, '/lists', '/indicators', '/units', '/burden/below'],
  sheng: () => ['/', '/lists', '/lists/new', `/lists/${ids.list}`, `/lists/${ids.list}/matrix`, '/tasks', '/programmes', '/indicators', '/indicators/income-below-50k', '/forms', '/forms/village-month', '/coverage', '/units', '/burden/caused', '/burden/register', '/burden/rules'],
  jianfu: () => ['/inbox', '/burden/register?state=review', '/burden/objections?view=open', '/burden/suggestions?view=open', '/burden/below'],
  xitong: () => ['/', '/access/accounts', '/access/accounts/bulk'],
  shengxietiao: () => ['/promises/meetings', `/promises/meetings/${ids.meeting}`, '/promises/pairings', `/changes/${ids.change}`, `/changes/ahead/${ids.plan}`, '/changes', '/changes/new', '/changes/workbook', `/units/${ids.ended}`, `/indicators/income-below-50k?unit=${ids.merged}&period=2025&tab=beside`],
  anquan: () => ['/access/grants', '/access/grants/bulk', '/access/security'],
  shenji: () => ['/access/trail'],
}

for (const language of ['zh-CN', 'en'] as const) {
  test.each(Object.keys(pages))(`${language}: the pages of %s, at the desk and on the phone`, async (username) => {
    const person = await stage.person(username, 1440, language)
    const wrong: string[] = []
    for (const path of pages[username]!()) {
      await person.page.setViewportSize({ width: 1440, height: 900 })
      await person.go(path)
      const title = (await person.page.locator('#page-title').textContent())?.trim()
      if (!title || /[a-z]+:[a-z]+\.|^[a-z]+\.[a-z]+/i.test(title)) wrong.push(`${path}: its title is “${title}”`)
      // A text key that nobody wrote a text for shows as it is.
      const untold = (await person.page.locator('main').innerText()).match(/\b(?:ledgers|workbooks|promises|lists|indicators|inbox|burden|units|access|ui|shell):[a-zA-Z.]+/)?.[0]
      if (untold) wrong.push(`${path}: no text for ${untold}`)
      for (const width of [1440, 360]) {
        await person.page.setViewportSize({ width, height: width === 360 ? 740 : 900 })
        for (const violation of await violations(person.page)) wrong.push(`${path} at ${width} px: ${violation}`)
        if (await isTooWide(person.page)) wrong.push(`${path}: wider than ${width} px`)
      }
    }
    await person.context.close()
    expect([...wrong, ...person.complaints]).toEqual([])
  })
}

test('a second factor is set up on the account page and asked at the next signing in, on the phone', async () => {
  const person = await stage.person('shequ', 360)
  const { page } = person
  const wrong: string[] = []
  const look = async (place: string) => {
    for (const violation of await violations(page)) wrong.push(`${place}: ${violation}`)
    if (await isTooWide(page)) wrong.push(`${place}: too wide`)
  }
  await person.go('/access/me')
  await page.getByRole('button', { name: '设置动态验证码' }).click()
  await page.locator('dialog input[type=password]').fill(samplePassword)
  await page.keyboard.press('Enter')
  await page.locator('img.qr').waitFor()
  await look('the key')
  const key = (await page.locator('dialog code').innerText()).replaceAll(' ', '')
  await page.locator('dialog input').fill(new TOTP({ secret: Secret.fromBase32(key), digits: 6, period: 30 }).generate({ timestamp: stage.now() }))
  await page.keyboard.press('Enter')
  await page.locator('.codes code').first().waitFor()
  await look('the backup codes')
  const code = await page.locator('.codes code').first().innerText()
  await person.context.clearCookies()
  await page.goto(stage.platform.url)
  await page.locator('input[name=username]').fill('shequ')
  await page.locator('input[name=password]').fill(samplePassword)
  await page.keyboard.press('Enter')
  await page.locator('input[name=code]').waitFor()
  await look('the second step')
  await page.locator('input[name=code]').fill('000000')
  await page.keyboard.press('Enter')
  await page.locator('[role=alert]').waitFor()
  await page.locator('input[name=code]').fill(code)
  await page.keyboard.press('Enter')
  await page.locator('#page-title').waitFor()
  await person.context.close()
  expect([...wrong, ...person.complaints]).toEqual([])
})

test('a village sends its month from one page and objects to a form; the burden officer’s answer is read everywhere below', async () => {
  const cun = await stage.person('cun', 360)
  await cun.go('/month')
  await cun.page.locator('.month-form form').nth(1).waitFor()
  const households = cun.page.locator('.month-form', { has: cun.page.getByRole('heading', { name: '村月报', exact: true }) }).locator('input').first()
  await households.click()
  // The figure that came filled in is typed over, and Enter goes on instead of sending.
  await cun.page.keyboard.type('512')
  await cun.page.keyboard.press('Enter')
  expect(await households.inputValue()).toBe('512')
  expect(await households.evaluate((element: unknown) => (element as { matches: (what: string) => boolean }).matches(':focus'))).toBe(false)
  await cun.page.getByRole('button', { name: /^全部报送/ }).click()
  await cun.page.getByText('都报了').waitFor()
  const sent = await one(stage.platform.database.db, sql`select count(*)::int as n, max(vals->>'households') filter (where form = 'village-month') as households from record where unit_id = ${ids.village} and state = 'submitted' and period in (202611, 202600)`)
  expect(sent).toEqual({ n: 2, households: '512' })

  await cun.go('/burden/mine')
  await cun.page.getByRole('region', { name: '本月的表单' }).getByRole('button', { name: /^提意见/ }).last().click()
  await cun.page.getByText('不是我们的职责').click()
  await cun.page.getByRole('button', { name: '提交意见' }).click()
  await cun.page.getByText(/已提交，/).waitFor()
  await cun.page.getByText('已提意见').last().waitFor()

  const officer = await stage.person('jianfu', 1440)
  await officer.go('/burden/objections?view=open')
  const objection = officer.page.locator('li.panel', { hasText: '不是我们的职责' })
  await objection.getByRole('button', { name: '采纳', exact: true }).click()
  await officer.page.getByText('修改表单').click()
  await officer.page.getByRole('dialog').locator('textarea').fill('下月起由县里填写')
  await officer.page.getByRole('dialog').getByRole('button', { name: '采纳' }).click()
  await officer.page.getByText('已答复，结果已公开').waitFor()

  // An objection that was upheld before: the form's next version is looked at and made with one press.
  await officer.go('/burden/objections?view=decided')
  await officer.page.locator('li.panel', { hasText: '场所功能' }).getByRole('button', { name: '出下一版' }).click()
  const preview = officer.page.getByRole('dialog')
  await preview.getByText('“场所功能”不再要').waitFor()
  await preview.getByRole('button', { name: '出下一版' }).click()
  await officer.page.getByText('新版本已生效，意见已落实').waitFor()

  const neighbour = await stage.person('clerk.990121100202', 360)
  await neighbour.go('/burden/objections?view=decided')
  const outcome = neighbour.page.locator('li.panel', { hasText: '下月起由县里填写' })
  await outcome.getByText('待落实').waitFor()
  expect(await outcome.innerText()).not.toContain('云营村')
  await neighbour.page.locator('li.panel', { hasText: '场所功能' }).getByText('第 2 版起生效').waitFor()
  expect([...cun.complaints, ...officer.complaints, ...neighbour.complaints]).toEqual([])
  for (const { context } of [cun, officer, neighbour]) await context.close()
})

test('a county registers a visit that counts once the burden officer has said yes, and hears which visits should be one', async () => {
  const xian = await stage.person('xian', 1440)
  await xian.go('/burden/register')
  await xian.page.getByRole('button', { name: '登记会议、检查或文件' }).click()
  const dialog = xian.page.getByRole('dialog')
  await dialog.getByText('检查走访', { exact: true }).click()
  await dialog.getByRole('textbox', { name: '名称' }).fill('年底走访')
  await dialog.getByLabel('日期').fill('2026-11-27')
  await dialog.locator('label.choice', { hasText: /^村$/ }).click()
  await dialog.getByRole('button', { name: '提交审核' }).click()
  await xian.page.getByText(/个单位在 30 天内已有检查走访/).waitFor()
  await xian.page.getByRole('button', { name: '知道了' }).click()
  const officer = await stage.person('jianfu', 1440)
  await officer.go('/burden/register?state=review')
  await officer.page.locator('tr', { hasText: '年底走访' }).getByRole('button', { name: '同意', exact: true }).click()
  await officer.page.getByText('已同意').first().waitFor()
  const counted = await one(stage.platform.database.db, sql`select count(*)::int as n from asking_unit x join asking a on a.id = x.asking_id where a.title = '年底走访' and x.unit_id = ${ids.village}`)
  expect(counted).toEqual({ n: 1 })
  expect([...xian.complaints, ...officer.complaints]).toEqual([])
  for (const { context } of [xian, officer]) await context.close()
})

test('the security administrator grants posts from the accounts workbook, and the system administrator unlinks an identity', async () => {
  const db = stage.platform.database.db
  const free = await one<{ username: string; name: string; code: string }>(db, sql`select a.username, a.name, u.code from auth_user a join unit e on e.id = ${ids.ended} and a.username = 'principal.' || lower(e.code) join unit u on u.id = ${ids.merged}`)
  const book = new ExcelJS.Workbook()
  book.addWorksheet('账号').addRows([['用户名', '姓名', '单位代码', '单位名称', '岗位'], [free.username, free.name, free.code, '', '村主要负责人'], ['nobody-there', '某人', free.code, '', '村主要负责人']])
  const anquan = await stage.person('anquan', 1440)
  await anquan.go('/access/grants/bulk')
  await anquan.page.locator('input[type=file]').setInputFiles({ name: '账号.xlsx', mimeType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', buffer: Buffer.from(await book.xlsx.writeBuffer()) })
  await anquan.page.getByText('账号!A3').waitFor()
  await anquan.page.getByText('没有用户名“nobody-there”').waitFor()
  expect(await violations(anquan.page)).toEqual([])
  await anquan.page.getByLabel('事由').fill('合并后任职')
  await anquan.page.getByRole('button', { name: '先授予没问题的 1 个' }).click()
  await anquan.page.getByText('已授予 1 个岗位').waitFor()
  await anquan.page.getByText('可授予 0 个岗位，已任职 1 行').waitFor()

  await sql`insert into auth_account (id, "accountId", "providerId", "userId") select 'of-cun', 'of-cun', 'oidc', id from auth_user where username = 'cun'`.execute(db)
  const xitong = await stage.person('xitong', 1440)
  await xitong.go('/access/accounts?text=cun')
  await xitong.page.getByRole('button', { name: '解除身份关联' }).click()
  await xitong.page.getByRole('dialog').locator('textarea').fill('关联错了人')
  await xitong.page.getByRole('dialog').getByRole('button', { name: '解除身份关联' }).click()
  await xitong.page.getByText('已解除身份关联').first().waitFor()
  expect(await one(db, sql`select count(*)::int as n from auth_account where id = 'of-cun'`)).toEqual({ n: 0 })
  expect([...anquan.complaints, ...xitong.complaints]).toEqual([])
  for (const { context } of [anquan, xitong]) await context.close()
})

test('a resolution of a joint meeting names who leads and who helps', async () => {
  const db = stage.platform.database.db
  // The meeting that is planned has been held.
  const { id } = await one<{ id: number }>(db, sql`update joint_meeting set state = 'held' where id = (select max(id) from joint_meeting where state = 'planned') returning id`)
  const shi = await stage.person('shi', 360)
  const { page } = shi
  await shi.go(`/promises/meetings/${id}`)
  await page.getByRole('button', { name: '记一项议定事项' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel(/^议定什么/).fill('合并两张村级报表')
  await dialog.getByLabel(/^牵头单位/).selectOption({ index: 1 })
  expect(await violations(page)).toEqual([])
  const helper = dialog.getByRole('group', { name: '协办单位' }).locator('label').first()
  const name = (await helper.innerText()).trim()
  await helper.click()
  await dialog.getByLabel(/^成果/).fill('合并后的报表')
  await dialog.getByLabel(/^怎样算完成/).fill('少一张表')
  await dialog.getByLabel(/^截止/).fill('2026-12-20')
  await dialog.getByRole('button', { name: '记一项议定事项' }).click()
  await page.getByText(`协办单位：${name}`).waitFor()
  expect(shi.complaints).toEqual([])
  await shi.context.close()
})
