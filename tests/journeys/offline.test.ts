import ExifReader from 'exifreader'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { registerForm } from '../../capabilities/ledgers/forms.server.ts'
import { many, one, run, sql } from '../../server/db.ts'
import { asPerson } from '../../tools/sample-city/as-person.ts'
import { holder } from '../people.ts'
import { openLine, type Line } from './line.ts'
import { chooseFile, signInOn, startPhone, untilAtHand, type Phone } from './phone.ts'
import { isTooWide, openStage, today, violations, type Stage } from './stage.ts'

// A village clerk's phone: the line falls, the browser is killed, the session ends, others use the phone, forms change meanwhile.
let stage: Stage
let line: Line
let phone: Phone
let profile = ''
let village = 0
const at = (path: string) => `http://localhost:${line.port}${path}`
const month = () => `/returns/${village}/village-month/2026-11`

beforeAll(async () => {
  stage = await openStage()
  line = await openLine(Number(new URL(stage.platform.url).port))
  profile = await mkdtemp(join(tmpdir(), 'sanji-phone-'))
  village = (await one<{ id: number }>(stage.platform.database.db, sql`select id from unit where code = '990121100201'`)).id
  phone = await startPhone(profile)
})
afterAll(async () => {
  await phone?.kill()
  await line?.close()
  await stage?.close()
  await rm(profile, { recursive: true, force: true })
})

const served = () => phone.page.getByLabel(/^服务到的户数/)
const send = () => phone.page.getByRole('button', { name: '报送', exact: true })
const db = () => stage.platform.database.db
/** How often the return of November was submitted. */
const submitted = async () => (await one<{ count: number }>(db(), sql`select count(*)::int as count from event where kind = 'record.submitted' and subject = ${`record:${village}:village-month:2026-11`}`)).count
const record = () => one<{ version: number; served: string; state: string }>(db(), sql`select version, vals->>'householdsServed' as served, state from record where unit_id = ${village} and form = 'village-month' and period = 202611`)

const ask = (username: string, path: string, body: Record<string, unknown>) => stage.ask(username, path, body)
const key = () => ({ unit: village, form: 'village-month', period: '2026-11' })
const sendBack = async () => ask('zhen', '/ledgers/returns/send-back', { ...key(), version: (await record()).version, reasons: { '': '请核对' } })

/** The return is opened with a line, then the line falls, a figure is filled in and it is submitted: it waits on the device. */
async function submitWithoutLine(figure: string): Promise<void> {
  const { page } = phone
  line.rise()
  await page.goto(at(month()))
  await page.getByText('请核对').first().waitFor({ timeout: 60_000 })
  await served().waitFor()
  line.fall()
  await served().fill(figure)
  await send().click()
  await page.getByText('已存入待发送').first().waitFor({ timeout: 60_000 })
}
/** A browser that is killed within half a minute of signing in has not written its cookie down yet: then one signs in again. */
async function signInIfAsked(username: string): Promise<void> {
  const { page } = phone
  await page.goto(at('/'))
  const [asked, inside] = [page.locator('input[name=username]'), page.locator('.frame .bell')]
  for (const until = Date.now() + 60_000; Date.now() < until;) {
    if (await asked.isVisible()) return signInOn(page, username)
    const me = await page.evaluate<number>(`fetch('/api/access/me').then((answer) => answer.status, () => 0)`)
    if (me === 200 && (await inside.isVisible())) return undefined
    await page.waitForTimeout(200)
  }
  throw new Error('neither signed in nor asked to')
}
async function restart(folder = profile): Promise<void> {
  await phone.kill()
  phone = await startPhone(folder)
}

describe('without a line, on the phone', () => {
  test('after the first visit a return opens, and says since when what is shown is from', async () => {
    const { page } = phone
    await page.goto(at('/'))
    await signInOn(page, 'cun')
    await page.locator('#page-title').waitFor()
    await untilAtHand(page, 'village-month', '2026-11')
    line.fall()
    await page.goto(at(month()))
    await served().waitFor({ timeout: 60_000 })
    await page.getByText('显示的是这台设备上保存的内容').waitFor({ timeout: 60_000 })
    expect(await violations(page)).toEqual([])
    expect(await isTooWide(page)).toBe(false)
  })

  test('what was typed is there again after the browser was killed', async () => {
    await served().fill('311')
    await phone.page.getByText(/已存在本机|有未保存的修改/).first().waitFor({ timeout: 60_000 })
    await restart()
    await phone.page.goto(at(month()))
    await phone.page.getByText('已接着这台设备上次填写的内容').waitFor({ timeout: 60_000 })
    expect(await served().inputValue()).toBe('311')
  })

  test('submitted, it waits on the device; killed and started again, it waits still', async () => {
    await send().click()
    await phone.page.getByText('已存入待发送').first().waitFor({ timeout: 60_000 })
    await restart()
    await phone.page.goto(at('/outbox'))
    await phone.page.getByText('等网络').waitFor({ timeout: 60_000 })
    expect(await violations(phone.page)).toEqual([])
    expect(await isTooWide(phone.page)).toBe(false)
    await phone.page.goto(at('/returns'))
    await phone.page.getByText('待发送', { exact: true }).first().waitFor({ timeout: 60_000 })
    expect(await submitted()).toBe(0)
  })

  test('when the line is back it is submitted, once', async () => {
    line.rise()
    await signInIfAsked('cun')
    await expect.poll(submitted, { timeout: 90_000, interval: 500 }).toBe(1)
    await phone.page.goto(at('/outbox'))
    await phone.page.getByText('没有待发送的内容').waitFor({ timeout: 60_000 })
    await phone.page.reload()
    await phone.page.getByText('没有待发送的内容').waitFor({ timeout: 60_000 })
    expect(await submitted()).toBe(1)
    expect((await record()).served).toBe('311')
  })
})

describe('the phone is not alone', () => {
  test('the session ended meanwhile, and another person signs in: he neither sees nor sends it; its writer does', async () => {
    await sendBack()
    await submitWithoutLine('312')
    const { page } = phone
    await page.context().clearCookies()
    line.rise()
    await page.goto(at('/'))
    await signInOn(page, 'shequ')
    await page.locator('#page-title').waitFor({ timeout: 60_000 })
    await page.goto(at('/outbox'))
    await page.getByText('没有待发送的内容').waitFor({ timeout: 60_000 })
    expect(await submitted()).toBe(1)
    await page.getByRole('button', { name: /的菜单/ }).click()
    await page.getByRole('menuitem', { name: '退出登录' }).click()
    await page.locator('input[name=username]').waitFor({ timeout: 60_000 })
    await signInOn(page, 'cun')
    await expect.poll(submitted, { timeout: 90_000, interval: 500 }).toBe(2)
    expect(await record()).toMatchObject({ served: '312', state: 'submitted' })
  })

  test('somebody submitted in between: both versions are shown, and one is chosen for each field', async () => {
    await sendBack()
    await submitWithoutLine('320')
    const { values } = await one<{ values: Record<string, unknown> }>(db(), sql`select vals as "values" from record where unit_id = ${village} and form = 'village-month' and period = 202611`)
    await ask('cun', '/ledgers/returns/submit', { ...key(), formVersion: (await one<{ version: number }>(db(), sql`select current_version as version from form where code = 'village-month'`)).version, values: { ...values, householdsServed: '330' }, version: (await record()).version })
    await sendBack()
    line.rise()
    const { page } = phone
    await page.getByText('1 项没有被接收').waitFor({ timeout: 90_000 })
    await page.goto(at(month()))
    const both = page.getByRole('group', { name: '服务到的户数' })
    await both.getByText('320').waitFor({ timeout: 60_000 })
    expect(await both.getByText('330').count()).toBe(1)
    expect(await violations(page)).toEqual([])
    expect(await isTooWide(page)).toBe(false)
    await both.getByRole('radio').nth(1).check()
    await page.getByRole('button', { name: '按选择的填好' }).click()
    expect(await served().inputValue()).toBe('330')
    await send().click()
    await expect.poll(submitted, { timeout: 90_000, interval: 500 }).toBe(4)
    expect(await record()).toMatchObject({ served: '330', state: 'submitted' })
    await page.goto(at('/outbox'))
    await page.getByText('没有待发送的内容').waitFor({ timeout: 60_000 })
  })

  test('back after 40 days with a form that was withdrawn: a plain answer, and what was typed can be taken along', async () => {
    await sendBack()
    await submitWithoutLine('340')
    await run(db(), sql`update form set state = 'withdrawn' where code = 'village-month'`)
    stage.setNow('2027-01-02T02:30:00Z')
    // Whoever was away so long has to sign in again.
    const { page } = phone
    await page.context().clearCookies()
    line.rise()
    await signInIfAsked('cun')
    await page.getByText('1 项没有被接收').waitFor({ timeout: 90_000 })
    await page.goto(at('/outbox'))
    await page.getByText('这张表已经停用').waitFor({ timeout: 60_000 })
    const [taken] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '导出' }).click()])
    const file = join(profile, 'taken.txt')
    await taken.saveAs(file)
    expect(await readFile(file, 'utf8')).toContain('服务到的户数：340 户')
    await run(db(), sql`update form set state = 'issued' where code = 'village-month'`)
    stage.setNow(`${today}T03:00:00Z`)
  })

  test('signing out says that something has not been sent', async () => {
    const { page } = phone
    await page.getByRole('button', { name: /的菜单/ }).click()
    await page.getByRole('menuitem', { name: '退出登录' }).click()
    await page.getByText('这台设备上有 1 项还没有发出').waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: '先不退出' }).click()
    await page.getByRole('button', { name: '再发送一次' }).click()
    await expect.poll(submitted, { timeout: 90_000, interval: 500 }).toBe(5)
    expect((await record()).served).toBe('340')
  })
})

describe('what a phone brings along', () => {
  test('a clock that is a day fast is told, and decides nothing', async () => {
    await phone.kill()
    phone = await startPhone(profile, { hoursFast: 24 })
    await signInIfAsked('cun')
    await phone.page.getByText('这台设备的时间快了约 24 小时').waitFor({ timeout: 60_000 })
    // The day by the phone's clock is tomorrow; what is due is told by the server all the same.
    await phone.page.goto(at('/outbox'))
    await phone.page.getByText('没有待发送的内容').waitFor({ timeout: 60_000 })
    await phone.page.getByText('这台设备的时间快了约 24 小时').waitFor({ timeout: 60_000 })
    expect(await violations(phone.page)).toEqual([])
    expect(await isTooWide(phone.page)).toBe(false)
  })

  test('a photo of 60 MB is drawn smaller on the phone, and its place stays there', async () => {
    const sheet = { code: 'sheetPhoto', name: { zh: '单据', en: 'Slip' }, type: 'file', definition: { zh: '单据照片，可以不交', en: 'Photo of the slip, may be left out' }, cycle: 'month', precision: 0, hedged: false, sensitivity: 'open' } as const
    const form = { code: 'slip', name: { zh: '单据表', en: 'Slips' }, audience: ['village'], cycle: 'month', minutes: 1, expires: '2027-12-31', approval: { by: '测试', on: '2026-01-01' }, sections: [{ name: { zh: '单据', en: 'Slips' }, fields: [{ code: 'sheetPhoto', asks: 'sheetPhoto', required: false }] }], checks: [] } as const
    await registerForm(db(), form as never, [sheet], { state: 'registered', by: 'test', pack: null })
    await asPerson(stage.platform.database, holder(village), new Date(`${today}T02:00:00Z`)).ledgers.openPeriod({ form: 'slip', period: '2026-11', audience: { classes: ['village'], within: [village] }, due: '2026-11-30' })
    // A real photo with its place, made as large as phones make them by what they write beside the picture.
    const photo = await readFile(new URL('../files/place.jpg', import.meta.url))
    const beside = Buffer.concat([Buffer.from([0xff, 0xef, 0xff, 0xfe]), Buffer.alloc(65_532, 'x')])
    const large = join(profile, 'large.jpg')
    await writeFile(large, Buffer.concat([photo.subarray(0, 2), ...Array.from({ length: 960 }, () => beside), photo.subarray(2)]))
    expect((await stat(large)).size).toBeGreaterThan(60 * 1024 * 1024)
    const { page } = phone
    await page.goto(at(`/returns/${village}/slip/2026-11`))
    await page.locator('input[type=file]').waitFor({ timeout: 60_000 })
    await chooseFile(page, 'input[type=file]', large)
    await page.getByRole('link', { name: 'large.jpg' }).waitFor({ timeout: 60_000 })
    const { id, bytes } = await one<{ id: string; bytes: number }>(db(), sql`select id, bytes from file where name = 'large.jpg'`)
    expect(bytes).toBeLessThan(100_000)
    const kept = await page.context().request.get(at(`/api/ledgers/files/${id}`))
    expect(Object.keys(ExifReader.load(await kept.body())).filter((tag) => /^(GPS|Make|Model|DateTime)/.test(tag))).toEqual([])
    await send().click()
    await page.getByText('已报送').first().waitFor({ timeout: 60_000 })
  })

  test('on the page of the month a form that waits says so; its file goes on from where the line broke', async () => {
    const api = asPerson(stage.platform.database, holder(village), new Date(`${today}T02:00:00Z`))
    await api.ledgers.openPeriod({ form: 'slip', period: '2026-10', audience: { classes: ['village'], within: [village] }, due: '2026-11-30' })
    const { page } = phone
    await page.goto(at('/month'))
    const slip = page.getByRole('region', { name: '单据表' }).filter({ hasText: '2026年10月' })
    await slip.locator('input[type=file]').waitFor({ timeout: 60_000 })
    line.fall()
    const paper = join(profile, '附表.txt')
    await writeFile(paper, '一行\n'.repeat(150_000))
    await slip.locator('input[type=file]').setInputFiles(paper)
    await slip.getByText('附表.txt').first().waitFor({ timeout: 60_000 })
    await page.getByRole('button', { name: /全部报送/ }).click()
    await slip.getByText('待发送', { exact: true }).first().waitFor({ timeout: 60_000 })
    expect(await violations(page)).toEqual([])
    expect(await isTooWide(page)).toBe(false)
    const offsets: number[] = []
    page.on('request', (request) => {
      if (request.method() === 'PATCH') offsets.push(Number(request.headers()['upload-offset']))
    })
    // Every connection breaks after 600 kB: the file needs two, and each goes on after what has come.
    line.cutNext(...Array.from({ length: 40 }, () => ({ up: 600_000 })))
    line.rise()
    await slip.getByText('已报送').waitFor({ timeout: 90_000 })
    line.cutNext()
    expect(Math.max(...offsets)).toBeGreaterThan(0)
    const { bytes, count } = await one<{ bytes: number; count: number }>(db(), sql`select max(bytes) as bytes, count(*)::int as count from file where name = '附表.txt'`)
    expect({ bytes, count }).toEqual({ bytes: (await stat(paper)).size, count: 1 })
  })
})

let task: { id: number; title: string }

test('a clerk reports a task as done without a line', async () => {
  task = await one<{ id: number; title: string }>(db(), sql`select id, title from task_state where unit_id = ${village} and form is null and live_state = 'accepted' order by id limit 1`)
  const { page } = phone
  await page.goto(at('/tasks'))
  await untilAtHand(page, '"lists","task"', `"id":${task.id}}`)
  line.fall()
  await page.getByRole('link', { name: task.title }).first().click()
  await page.getByRole('button', { name: '报告办结' }).click()
  await page.getByLabel(/^办理结果/).fill('已在公开栏公开')
  await page.getByRole('dialog').getByRole('button', { name: '报告办结' }).click()
  const kept = page.getByRole('region', { name: '这台设备上还没有送达的' })
  await kept.getByText('等网络').waitFor({ timeout: 60_000 })
  await kept.getByText('已在公开栏公开').waitFor()
  expect(await isTooWide(page)).toBe(false)
  line.rise()
  await expect.poll(async () => (await one<{ state: string }>(db(), sql`select live_state as state from task_state where id = ${task.id}`)).state, { timeout: 90_000, interval: 500 }).toBe('submitted')
  await kept.waitFor({ state: 'detached', timeout: 60_000 })
})

describe('an officer of the township stands in the village', () => {
  let bag = ''
  beforeAll(async () => {
    line.rise()
    await phone.kill()
    bag = await mkdtemp(join(tmpdir(), 'sanji-phone-'))
    phone = await startPhone(bag)
  })
  afterAll(() => rm(bag, { recursive: true, force: true }))

  /** A task that the village has reported, and that waits for somebody above to check it. */
  async function reportedTask(): Promise<{ id: number; title: string }> {
    const task = await one<{ id: number; title: string; version: number; state: string }>(db(), sql`select id, title, version, live_state as state from task_state where unit_id = ${village} and form is null and live_state in ('issued', 'accepted', 'running', 'returned') order by id limit 1`)
    const { version } = task.state === 'issued' ? await ask('cun', '/lists/tasks/sign', { task: task.id, version: task.version }) : task
    await ask('cun', '/lists/tasks/report', { task: task.id, version, result: '已经办好' })
    return task
  }
  const taskNow = (id: number) => one<{ state: string; version: number }>(db(), sql`select live_state as state, version from task_state where id = ${id}`)
  const checked = (id: number) => many<{ reason: string; files: { id: string }[] }>(db(), sql`select reason, facts->'files' as files from event where kind = 'task.verified' and subject = ${`task:${id}`}`)
  /** Opens a task among those to be checked, without a line. */
  async function openTask(title: string): Promise<void> {
    await phone.page.goto(at('/tasks?only=toCheck'))
    await phone.page.getByRole('link', { name: title }).first().click()
    await phone.page.getByRole('button', { name: '核验通过' }).waitFor({ timeout: 60_000 })
  }

  test('what she wrote and photographed without a line is there after the browser was killed, and waits', async () => {
    const { page } = phone
    await page.goto(at('/'))
    await signInOn(page, 'zhen')
    await page.locator('#page-title').waitFor({ timeout: 60_000 })
    await untilAtHand(page, '"lists","task"', `"id":${task.id}}`)
    await untilAtHand(page, '"ledgers","open"', `"unit":${village}`, 'village-month')
    line.fall()
    await openTask(task.title)
    await page.getByRole('button', { name: '核验通过' }).click()
    await page.getByLabel(/^说明/).fill('现场看过，台账齐全')
    await page.locator('input[type=file]').setInputFiles(fileURLToPath(new URL('../files/place.jpg', import.meta.url)))
    await page.getByText('place.jpg').first().waitFor({ timeout: 60_000 })
    expect(await violations(page)).toEqual([])
    expect(await isTooWide(page)).toBe(false)
    await restart(bag)
    await openTask(task.title)
    await phone.page.getByRole('button', { name: '核验通过' }).click()
    await expect.poll(() => phone.page.getByLabel(/^说明/).inputValue(), { timeout: 60_000 }).toBe('现场看过，台账齐全')
    await phone.page.getByRole('dialog').getByRole('button', { name: '核验通过' }).click()
    const kept = phone.page.getByRole('region', { name: '这台设备上还没有送达的' })
    await kept.getByText('等网络').waitFor({ timeout: 60_000 })
    await expect.poll(() => phone.page.getByRole('button', { name: '核验通过' }).count(), { timeout: 60_000 }).toBe(0)
    expect(await violations(phone.page)).toEqual([])
    expect(await isTooWide(phone.page)).toBe(false)
  })

  test('she accepts a return on the spot, too', async () => {
    const { page } = phone
    await page.goto(at('/queue'))
    const row = page.getByRole('listitem').filter({ hasText: '单据表 · 2026年11月' })
    await row.getByRole('button', { name: '通过', exact: true }).click()
    await row.getByText('待发送').waitFor({ timeout: 60_000 })
    expect(await isTooWide(page)).toBe(false)
    await page.goto(at('/outbox'))
    await page.getByText('审核通过').waitFor({ timeout: 60_000 })
    expect(await page.getByText('等网络').count()).toBe(2)
  })

  test('back in the line, both arrive once, the photo without its place', async () => {
    line.rise()
    await signInIfAsked('zhen')
    await expect.poll(async () => (await taskNow(task.id)).state, { timeout: 90_000, interval: 500 }).toMatch(/^(closed|verified)$/)
    await expect.poll(async () => (await one<{ state: string }>(db(), sql`select state from record where unit_id = ${village} and form = 'slip' and period = 202611`)).state, { timeout: 90_000, interval: 500 }).toBe('accepted')
    const { page } = phone
    await page.goto(at('/outbox'))
    await page.getByText('没有待发送的内容').waitFor({ timeout: 60_000 })
    const [check, ...others] = await checked(task.id)
    expect(others).toEqual([])
    expect(check!.reason).toBe('现场看过，台账齐全')
    await page.goto(at(`/tasks/${task.id}`))
    await page.getByRole('link', { name: 'place.jpg' }).waitFor({ timeout: 60_000 })
    const photo = await page.context().request.get(at(`/api/lists/files/${check!.files[0]!.id}`))
    expect(Object.keys(ExifReader.load(await photo.body())).filter((tag) => /^(GPS|Make|Model|DateTime)/.test(tag))).toEqual([])
  })

  test('somebody else sent it back meanwhile: what she wrote stays beside what is there now', async () => {
    const other = await reportedTask()
    const { page } = phone
    await page.goto(at(`/tasks/${other.id}`))
    await page.getByRole('button', { name: '核验通过' }).waitFor({ timeout: 60_000 })
    line.fall()
    await page.getByRole('button', { name: '核验通过' }).click()
    await page.getByLabel(/^说明/).fill('我看是好的')
    await page.getByRole('dialog').getByRole('button', { name: '核验通过' }).click()
    const kept = page.getByRole('region', { name: '这台设备上还没有送达的' })
    await kept.getByText('等网络').waitFor({ timeout: 60_000 })
    await ask('xian', '/lists/tasks/send-back', { task: other.id, version: (await taskNow(other.id)).version, reason: '材料不全' })
    line.rise()
    await kept.getByText('没有被接收').waitFor({ timeout: 90_000 })
    await kept.getByText('我看是好的').waitFor()
    await kept.getByText('平台上现在是').waitFor()
    await page.getByText('材料不全').first().waitFor({ timeout: 60_000 })
    expect(await violations(page)).toEqual([])
    expect(await checked(other.id)).toEqual([])
  })
})
