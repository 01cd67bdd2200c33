import { simpleParser, type ParsedMail } from 'mailparser'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { one, run, sql } from '../../server/db.ts'
import { later } from '../../server/queue.ts'
import { isTooWide, openStage, violations, type Person, type Stage } from './stage.ts'

// Notices by mail, from the page where they are asked for to the mail server and back to the page that they are about.
let smtp: SMTPServer
let stage: Stage
let village: Person
let township: Person
let task: { id: number; title: string }
const inbox: ParsedMail[] = []

beforeAll(async () => {
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => void simpleParser(stream).then((mail) => (inbox.push(mail), done()), done),
  })
  await new Promise<void>((ready) => smtp.listen(0, '127.0.0.1', ready))
  stage = await openStage({ settings: { SMTP_URL: `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`, MAIL_FROM: '三基 <sanji@example.org>' } })
  task = await one(stage.platform.database.db, sql`select t.id, i.title from task t join item i on i.id = t.item_id where i.form is null and t.state <> 'closed' and t.unit_id = (select id from unit where code = '990121100201') order by t.id limit 1`)
  await at('2026-11-23T02:30:00Z')
  village = await stage.person('cun', 360)
  township = await stage.person('zhen', 1440)
})
afterAll(async () => {
  await stage?.close()
  await new Promise<void>((done) => smtp.close(done))
})

/** Puts the platform at a moment; a notice is of that moment too, although the database has a clock of its own. */
async function at(moment: string): Promise<void> {
  stage.setNow(moment)
  await run(stage.platform.database.db, sql`${sql.raw(`alter table notice alter column at set default '${moment}'`)}`)
}
/** What runs every minute, now. @returns once the queue has done it */
async function everyMinute(): Promise<void> {
  const { database } = stage.platform
  await database.transaction((tx) => later(tx, 'reach:deliver', {}, { key: 'now' }))
  const waits = () => one<{ n: number }>(database.db, sql`select count(*)::int as n from graphile_worker.jobs where key = 'now'`)
  await expect.poll(async () => (await waits()).n, { timeout: 60_000 }).toBe(0)
}
const mails = (count: number) => expect.poll(() => inbox.length, { timeout: 60_000 }).toBe(count)
async function comment(text: string): Promise<void> {
  await township.go(`/tasks/${task.id}`)
  await township.page.getByLabel('写点评').fill(text)
  await township.page.getByRole('button', { name: '发送', exact: true }).click()
  await township.page.locator('.comment', { hasText: text }).waitFor()
}
async function choose(mode: string, more: () => Promise<unknown> = async () => undefined): Promise<void> {
  await village.go('/reach')
  await village.page.getByText(mode, { exact: true }).click()
  await more()
  await village.page.getByRole('button', { name: '保存', exact: true }).click()
  await village.page.getByText('已保存').first().waitFor()
}

test('a clerk gives an address, types the code that was mailed there, and switches mail on', async () => {
  const { page } = village
  // What the sample has said is looked at before anybody wants mail.
  await everyMinute()
  await village.go('/reach')
  await page.getByLabel('邮箱', { exact: true }).fill('clerk@example.org')
  await page.getByRole('button', { name: '发送验证码' }).click()
  await mails(1)
  await page.getByLabel('验证码', { exact: true }).fill(/\d{6}/.exec(inbox[0]!.text!)![0])
  await page.getByRole('button', { name: '确认邮箱' }).click()
  await page.getByText('通知发往 clerk@example.org').waitFor()
  await choose('有通知就发')
  expect(await violations(page)).toEqual([])
  expect(await isTooWide(page)).toBe(false)
})

test('a comment comes by mail, and its link opens the task that it is about', async () => {
  inbox.length = 0
  await comment('请补上会议记录')
  await everyMinute()
  await mails(1)
  expect(inbox[0]!.subject).toContain(task.title)
  const link = new URL(/https?:\/\/\S+\/tasks\/\d+/.exec(inbox[0]!.text!)![0])
  // The platform calls itself localhost where nothing else is set; the clerk is signed in by the address of the stage.
  expect(link.port).toBe(new URL(stage.platform.url).port)
  await village.page.goto(new URL(link.pathname, stage.platform.url).href)
  await village.page.getByRole('heading', { name: task.title }).first().waitFor()
  await village.page.locator('.comment', { hasText: '请补上会议记录' }).waitFor()
  await village.go('/reach')
  await village.page.getByText('已发出').first().waitFor()
})

test('what is said late in the evening waits until the quiet hours are over, and the page says so', async () => {
  inbox.length = 0
  await at('2026-11-23T14:00:00Z')
  await comment('明早再看也行')
  await everyMinute()
  await village.go('/reach')
  await village.page.getByText('待发送').first().waitFor()
  expect(inbox).toEqual([])
  await at('2026-11-24T00:01:00Z')
  await everyMinute()
  await mails(1)
})

test('as a digest the day’s notices come in one mail at the hour that was chosen', async () => {
  inbox.length = 0
  await choose('每天汇总一次', () => village.page.getByLabel('汇总时间').selectOption('17'))
  await at('2026-11-24T03:00:00Z')
  await comment('第一件')
  await comment('第二件')
  await everyMinute()
  expect(inbox).toEqual([])
  await at('2026-11-24T09:01:00Z')
  await everyMinute()
  await mails(1)
  expect(inbox[0]!.subject).toBe('三基：2 条新通知')
  expect([...village.complaints, ...township.complaints]).toEqual([])
})
