import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { simpleParser, type ParsedMail } from 'mailparser'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readConfig, type Config } from '../../server/config.ts'
import { many, one, run, sql } from '../../server/db.ts'
import { answer, usualSettings } from '../../server/answer.ts'
import { createRouterClient, type AnyRouter } from '@orpc/server'
import { isProblem } from '../../rules/problem.ts'
import { problemFor, type Asked } from '../../server/answer.ts'
import { createAccount } from '../access/accounts.server.ts'
import type { Actor } from '../access/permission.ts'
import { notify } from '../inbox/inbox.reads.ts'
import { holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { deliver, mailCode } from './deliver.server.ts'
import { pino } from 'pino'
import { inFolder } from '../../server/file-store.ts'
import { httpServer } from '../../server/http.ts'
import { calendarText, feedRoute } from './feed.server.ts'
import { reachContract } from './reach.contract.ts'
import { reachAnswers } from './reach.server.ts'

// Mail goes to a real SMTP server of this test, robots are real HTTP servers.
const own = ownDatabase()
let world: SmallWorld
let smtp: SMTPServer
let inbox: ParsedMail[] = []
let refuse: string | undefined
let hook: Server
let told: { path: string; headers: Record<string, unknown>; body: any; raw: string }[] = []
let hookAnswers: { status: number; body: string } = { status: 200, body: '{"errcode":0}' }
let settings: Config
let village: Actor
let now = new Date('2018-07-02T02:00:00Z')
let said = 0

beforeAll(async () => {
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, done) => done(refuse ? new Error(refuse) : null),
    onData: (stream, _session, done) => void simpleParser(stream).then((mail) => (inbox.push(mail), done()), done),
  })
  await new Promise<void>((ready) => smtp.listen(0, '127.0.0.1', ready))
  hook = createServer((request, response) => {
    let raw = ''
    request.on('data', (chunk) => (raw += chunk)).on('end', () => {
      told.push({ path: request.url!, headers: request.headers, body: JSON.parse(raw), raw })
      response.writeHead(hookAnswers.status, { location: '/elsewhere' }).end(hookAnswers.body)
    })
  })
  await new Promise<void>((ready) => void hook.listen(0, '127.0.0.1', ready))
  const mailPort = (smtp.server.address() as AddressInfo).port
  const hookOrigin = `http://127.0.0.1:${(hook.address() as AddressInfo).port}`
  settings = readConfig({ SMTP_URL: `smtp://127.0.0.1:${mailPort}`, MAIL_FROM: '三基 <sanji@example.org>', ROBOT_HOSTS: `qyapi.weixin.qq.com,${hookOrigin}`, PUBLIC_URL: 'https://sanji.example' })
  world = await smallWorld(own.db)
  const unit = world.eastTown1Village1
  await run(own.db, sql`insert into post_kind (code, name_zh, name_en, verbs) values ('clerk', '台账员', 'Clerk', '{record.fill,task.work}')`)
  const account = await createAccount(own.db, { username: 'cun', name: '村台账员', unit, password: 'Qinghe-2018-ok', mustChangePassword: false })
  const { id } = await one<{ id: number }>(own.db, sql`insert into post (unit_id, kind, title, valid_from) values (${unit}, 'clerk', '台账员', '2018-01-01') returning id`)
  await run(own.db, sql`insert into holding (post_id, account, valid_from) values (${id}, ${account}, '2018-01-01')`)
  village = { ...holder(unit, ['record.fill', 'task.work']), account }
})
afterAll(async () => {
  await new Promise<void>((done) => smtp.close(done))
  hook.closeAllConnections()
  await new Promise((done) => hook.close(done))
})
beforeEach(async () => {
  inbox = []
  told = []
  refuse = undefined
  hookAnswers = { status: 200, body: '{"errcode":0}' }
  now = new Date('2018-07-02T02:00:00Z')
  await run(own.db, sql`truncate reach_choice, reach_confirmation, reach_robot, reach_delivery, notice restart identity cascade`)
})

const router = { reach: answer(reachContract, reachAnswers) }
async function ask(actor: Actor, name: keyof typeof reachContract, input?: unknown): Promise<any> {
  const context: Asked = { database: own.database, actor: async () => actor, idempotencyKey: undefined, clock: () => now, settings }
  const client = createRouterClient(router as AnyRouter, { context: () => context }) as any
  try {
    return await client.reach[name](input)
  } catch (error) {
    throw isProblem(problemFor(error), 'bug') ? error : problemFor(error)
  }
}
const send = () => deliver({ database: own.database, now, settings })
/** Says something to the village; the notice's own time is the test's. */
async function say(kind: string, title: string, at = now): Promise<number> {
  await own.database.transaction((tx) => notify(tx, { units: [world.eastTown1Village1], verb: 'record.fill', kind, subject: `task:${++said}`, facts: { title } }))
  const { id } = await one<{ id: number }>(own.db, sql`update notice set at = ${at} where id = (select max(id) from notice) returning id`)
  return id
}
/** The code that waits on the queue, as the mail would carry it. */
async function codeMailed(): Promise<string> {
  const { payload } = await one<{ payload: Parameters<typeof mailCode>[0] }>(own.db, sql`select j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id where t.identifier = 'reach:mailCode' order by j.id desc limit 1`)
  await mailCode(payload, settings)
  return /\d{6}/.exec(inbox.at(-1)!.text!)![0]
}
async function withMail(choice: object = {}): Promise<void> {
  await ask(village, 'askEmail', { email: 'clerk@example.org' })
  await ask(village, 'confirmEmail', { code: await codeMailed() })
  const { version } = await ask(village, 'choice')
  await ask(village, 'saveChoice', { mode: 'each', quietFrom: 20, quietTo: 8, digestHour: 8, muted: [], ...choice, version })
  inbox = []
}

describe('a mail address', () => {
  test('counts only when its owner has typed the code that was mailed there', async () => {
    const asked = await ask(village, 'askEmail', { email: 'clerk@example.org' })
    expect(asked).toMatchObject({ email: null, unconfirmed: 'clerk@example.org' })
    await expect(ask(village, 'askEmail', { email: 'other@example.org' })).rejects.toMatchObject({ code: 'wait-a-moment', facts: { seconds: 60 } })
    const code = await codeMailed()
    expect(inbox[0]).toMatchObject({ subject: '三基：邮箱验证码' })
    const wrong = code === '000000' ? '000001' : '000000'
    expect(await ask(village, 'confirmEmail', { code: wrong })).toMatchObject({ confirmed: false, triesLeft: 4 })
    expect(await ask(village, 'confirmEmail', { code })).toMatchObject({ confirmed: true, choice: { email: 'clerk@example.org', unconfirmed: null } })
  })

  test('after five wrong codes, or half an hour, the code is worth nothing', async () => {
    await ask(village, 'askEmail', { email: 'clerk@example.org' })
    const code = await codeMailed()
    const wrong = code === '000000' ? '000001' : '000000'
    for (let n = 0; n < 5; n++) await ask(village, 'confirmEmail', { code: wrong })
    await expect(ask(village, 'confirmEmail', { code })).rejects.toMatchObject({ code: 'code-expired' })
    now = new Date(now.getTime() + 120_000)
    await ask(village, 'askEmail', { email: 'clerk@example.org' })
    const second = await codeMailed()
    now = new Date(now.getTime() + 31 * 60_000)
    await expect(ask(village, 'confirmEmail', { code: second })).rejects.toMatchObject({ code: 'code-expired' })
  })

  test('nothing is mailed without one, and a stale page is told so', async () => {
    await expect(ask(village, 'saveChoice', { mode: 'each', quietFrom: 20, quietTo: 8, digestHour: 8, muted: [], version: 1 })).rejects.toMatchObject({ code: 'email-not-confirmed' })
    await withMail()
    await expect(ask(village, 'saveChoice', { mode: 'off', quietFrom: 20, quietTo: 8, digestHour: 8, muted: [], version: 1 })).rejects.toMatchObject({ code: 'stale-version', facts: { values: { mode: 'each' } } })
    await say('reminder', '摸清底数')
    await ask(village, 'removeEmail')
    expect(await send()).toEqual({ planned: 0, sent: 0 })
    expect(inbox).toEqual([])
  })
})

describe('notices by mail', () => {
  test('each is sent once, in the words of the page, with the way to the page', async () => {
    await withMail()
    await say('reminder', '摸清底数')
    expect(await send()).toEqual({ planned: 1, sent: 1 })
    expect(await send()).toEqual({ planned: 0, sent: 0 })
    expect(inbox).toHaveLength(1)
    expect(inbox[0]!.subject).toBe('三基：催办：摸清底数')
    expect(inbox[0]!.text).toContain('东川1镇第1村：催办：摸清底数\n  https://sanji.example/tasks/')
    expect(inbox[0]!.to).toMatchObject({ text: 'clerk@example.org' })
    expect((await ask(village, 'sent', {})).rows).toMatchObject([{ kind: 'reminder', state: 'sent', attempts: 1 }])
  })

  test('what was read on the page, what is muted, and what was said before mail was chosen is not sent', async () => {
    await say('reminder', '以前的', new Date(now.getTime() - 60_000))
    await withMail({ muted: ['comment'] })
    await say('comment', '不想要的')
    const read = await say('reminder', '已经读过的')
    await run(own.db, sql`insert into notice_seen (account, notice_id) values (${village.account}, ${read})`)
    expect(await send()).toEqual({ planned: 1, sent: 0 })
    expect(inbox).toEqual([])
    expect((await ask(village, 'sent', {})).rows).toMatchObject([{ state: 'seen' }])
  })

  test('each notice is looked at once: whoever takes the post or wants it later is not told what was said before', async () => {
    const left = async () => (await one<{ n: number }>(own.db, sql`select count(*)::int as n from notice where not reached`)).n
    await withMail({ muted: ['reminder'] })
    await say('reminder', '不想要的')
    expect(await left()).toBe(1)
    expect(await send()).toEqual({ planned: 0, sent: 0 })
    expect(await left()).toBe(0)
    const { version } = await ask(village, 'choice')
    await ask(village, 'saveChoice', { mode: 'each', quietFrom: 20, quietTo: 8, digestHour: 8, muted: [], version })
    expect(await send()).toEqual({ planned: 0, sent: 0 })
    await say('reminder', '想要的')
    expect(await send()).toEqual({ planned: 1, sent: 1 })
    // What a platform that stood still finds a day later stays in the page.
    await say('reminder', '昨天的', new Date(now.getTime() - 25 * 3_600_000))
    expect([await send(), await left()]).toEqual([{ planned: 0, sent: 0 }, 0])
  })

  test('at night they wait for the morning and come together', async () => {
    await withMail()
    now = new Date('2018-07-02T14:00:00Z')
    await say('reminder', '一')
    await say('sentBack', '二')
    expect(await send()).toEqual({ planned: 2, sent: 0 })
    now = new Date('2018-07-02T23:59:00Z')
    expect((await send()).sent).toBe(0)
    now = new Date('2018-07-03T00:00:00Z')
    expect((await send()).sent).toBe(2)
    expect(inbox.map((mail) => mail.subject)).toEqual(['三基：2 条新通知'])
    expect(inbox[0]!.text!.match(/·/g)).toHaveLength(2)
  })

  test('a digest comes once a day', async () => {
    await withMail({ mode: 'digest', digestHour: 17 })
    for (const title of ['一', '二', '三']) await say('reminder', title)
    expect(await send()).toEqual({ planned: 3, sent: 0 })
    now = new Date('2018-07-02T09:00:00Z')
    await say('reminder', '正好五点')
    expect((await send()).sent).toBe(3)
    expect(inbox).toHaveLength(1)
  })

  test('a mail server that refuses is asked again later, given up in the end, and the page says so', async () => {
    await withMail()
    await say('reminder', '摸清底数')
    refuse = 'mailbox full'
    let asked = 0
    for (let n = 0; n < 40; n++) {
      await send()
      const [row] = (await ask(village, 'sent', {})).rows
      asked = row.attempts
      if (row.state === 'failed') break
      expect(row).toMatchObject({ state: 'waiting', error: expect.stringContaining('mailbox full') })
      now = new Date(row.sendAt)
    }
    expect(asked).toBe(7)
    expect((await ask(village, 'sent', {})).rows).toMatchObject([{ state: 'failed' }])
    expect(inbox).toEqual([])
  })

  test('what was on its way when the process was killed is not sent twice', async () => {
    await withMail()
    await say('reminder', '摸清底数')
    await own.database.transaction(async (tx) => {
      const { planDeliveries, takeDue } = await import('./reach.sql.ts')
      await planDeliveries(tx, [{ notice: 1, account: village.account, robot: null, sendAt: now }])
      expect(await takeDue(tx, now, 10)).toHaveLength(1)
    })
    now = new Date(now.getTime() + 16 * 60_000)
    expect(await send()).toEqual({ planned: 0, sent: 0 })
    expect((await ask(village, 'sent', {})).rows).toMatchObject([{ state: 'unsure' }])
    expect(inbox).toEqual([])
  })

  test('two senders at once send each notice once', async () => {
    await withMail()
    for (let n = 0; n < 30; n++) await say('reminder', `第${n}件`)
    await Promise.all([send(), send(), send()])
    const lines = inbox.flatMap((mail) => mail.text!.split('\n').filter((line) => line.startsWith('·')))
    expect(lines).toHaveLength(30)
    expect(new Set(lines).size).toBe(30)
  })
})

describe('a group robot', () => {
  const manager = () => holder(world.eastTown1Village1)
  const origin = () => settings.ROBOT_HOSTS[1]!
  const save = (more: object) => ask(manager(), 'saveRobot', { unit: world.eastTown1Village1, name: '工作群', ...more })

  test('of our own kind gets signed JSON that can be checked', async () => {
    const robot = await save({ shape: 'plain', url: `${origin()}/hook`, secret: 'a-long-secret' })
    expect(JSON.stringify(robot)).not.toContain('a-long-secret')
    expect(robot).toMatchObject({ address: '127.0.0.1/…hook', signs: true, active: true })
    await say('reminder', '摸清底数')
    expect(await send()).toEqual({ planned: 1, sent: 1 })
    expect(await send()).toEqual({ planned: 0, sent: 0 })
    const [{ headers, body, raw }] = told as [(typeof told)[0]]
    const expected = createHmac('sha256', 'a-long-secret').update(`${headers['x-sanji-timestamp']}.${raw}`).digest('hex')
    expect(headers['x-sanji-signature']).toBe(`sha256=${expected}`)
    expect(body).toMatchObject({ title: '三基通知（1 条）', notices: [{ kind: 'reminder', unit: '东川1镇第1村', text: '催办：摸清底数' }] })
  })

  test('of DingTalk is signed in its address, of WeCom gets markdown; a refusal in their answer is a refusal', async () => {
    await save({ shape: 'dingtalk', url: `${origin()}/robot/send?access_token=x`, secret: 'SECdingtalk' })
    await save({ shape: 'wecom', url: `${origin()}/cgi-bin/webhook/send?key=y` })
    await say('reminder', '一')
    await say('issued', '二')
    expect((await send()).sent).toBe(4)
    const ding = told.find(({ path }) => path.startsWith('/robot/send'))!
    const query = new URL(ding.path, 'http://local').searchParams
    expect(query.get('access_token')).toBe('x')
    expect(query.get('sign')).toBe(createHmac('sha256', 'SECdingtalk').update(`${query.get('timestamp')}\nSECdingtalk`).digest('base64'))
    expect(ding.body).toMatchObject({ msgtype: 'markdown', markdown: { title: '三基通知（2 条）' } })
    const wecom = told.find(({ path }) => path.startsWith('/cgi-bin'))!
    expect(wecom.body.markdown.content).toContain('下发了清单《二》')
    hookAnswers = { status: 200, body: '{"errcode":45009,"errmsg":"api freq out of limit"}' }
    await say('reminder', '三')
    expect((await send()).sent).toBe(0)
    const { rows } = await ask(manager(), 'robots', { unit: world.eastTown1Village1 })
    expect(rows[0]).toMatchObject({ waiting: 1, lastError: '45009 api freq out of limit' })
  })

  test('is tried before it is trusted, follows no redirect, and goes only where the administrator allows', async () => {
    const robot = await save({ shape: 'plain', url: `${origin()}/hook`, secret: 'a-long-secret' })
    expect(await ask(manager(), 'tryRobot', { unit: world.eastTown1Village1, id: robot.id })).toEqual({ delivered: true, error: null })
    hookAnswers = { status: 302, body: '' }
    expect(await ask(manager(), 'tryRobot', { unit: world.eastTown1Village1, id: robot.id })).toMatchObject({ delivered: false })
    expect(told.map(({ path }) => path)).toEqual(['/hook', '/hook'])
    for (const url of ['http://169.254.169.254/latest', 'https://127.0.0.1/x', 'https://qyapi.weixin.qq.com.evil.example/']) {
      await expect(save({ shape: 'plain', url, secret: 'a-long-secret' })).rejects.toMatchObject({ code: 'robot-address', field: 'url' })
    }
    await expect(save({ shape: 'plain', url: `${origin()}/hook`, secret: 'short' })).rejects.toMatchObject({ code: 'robot-secret' })
  })

  test('keeps its address and secret when only the name changes; a stale page is told so', async () => {
    const robot = await save({ shape: 'plain', url: `${origin()}/hook`, secret: 'a-long-secret' })
    const changed = await save({ id: robot.id, version: 1, shape: 'plain', name: '新群名' })
    expect(changed).toMatchObject({ name: '新群名', address: '127.0.0.1/…hook', signs: true, version: 2 })
    await expect(save({ id: robot.id, version: 1, shape: 'plain', name: '旧页面' })).rejects.toMatchObject({ code: 'stale-version', facts: { values: { name: '新群名' } } })
    expect(await ask(manager(), 'dropRobot', { unit: world.eastTown1Village1, id: robot.id, version: 2 })).toEqual({ dropped: true })
  })
})

test('no event of this room carries an address, a code or a secret', async () => {
  const rows = await many<{ line: string }>(own.db, sql`select row_to_json(e)::text as line from event e where kind like 'reach.%'`)
  expect(rows.length).toBeGreaterThan(5)
  for (const { line } of rows) expect(line).not.toMatch(/example\.org|a-long-secret|127\.0\.0\.1/)
})

test('the feed of a clerk shows what is due to whoever has its address, and nothing when it has ended', async () => {
  const { url } = await ask(village, 'makeFeed')
  const token = new URL(url).pathname.split('/').at(-1)!
  const unit = world.eastTown1Village1
  await run(own.db, sql`insert into form (code, name_zh, name_en, audience, cycle, current_version, minutes) values ('village-month', '村月报', 'Village month', '{village}', 'month', 1, 5) on conflict do nothing`)
  await run(own.db, sql`insert into expected_return (form, period, county_id, unit_id, due) values ('village-month', 201806, ${world.east}, ${unit}, '2018-07-10')`)
  const server = httpServer({
    database: own.database, router: {}, raw: [feedRoute], settings, dataDir: '.', files: inFolder('.'), clock: () => now, log: pino({ level: 'silent' }),
    signIn: async () => undefined, actorOf: async () => undefined, outside: async () => undefined,
  }).listen(0, '127.0.0.1')
  await new Promise((ready) => server.once('listening', ready))
  const fetchFeed = (name: string) => fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/reach/calendar/${name}`)
  const answer = await fetchFeed(token)
  expect(answer.headers.get('content-type')).toMatch('text/calendar')
  const text = (await answer.text()).replaceAll('\r\n ', '')
  expect(text).toContain('SUMMARY:填报：村月报 2018-06\r\n')
  expect(text).toContain('DTSTART;VALUE=DATE:20180710\r\n')
  await ask(village, 'endFeed')
  expect((await fetchFeed(token)).status).toBe(404)
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
})

test('a calendar has one all-day entry for each deadline, with the way to its page', () => {
  const text = calendarText('我的期限', [{ id: 'task-9', title: '办理：摸清底数', unit: '东川1镇第1村', due: '2018-07-31', link: 'https://sanji.example/tasks/9' }]).replaceAll('\r\n ', '')
  expect(text).toMatch(/^BEGIN:VCALENDAR\r\nVERSION:2\.0\r\n/)
  for (const line of ['DTSTART;VALUE=DATE:20180731', 'DTEND;VALUE=DATE:20180801', 'SUMMARY:办理：摸清底数', 'LOCATION:东川1镇第1村', 'UID:task-9', 'URL;VALUE=URI:https://sanji.example/tasks/9', 'TRIGGER:-PT15H']) expect(text).toContain(`${line}\r\n`)
  expect(usualSettings.SMTP_URL).toBeUndefined()
})
