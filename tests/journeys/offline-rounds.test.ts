import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAccount } from '../../capabilities/access/accounts.server.ts'
import { registerForm } from '../../capabilities/ledgers/forms.server.ts'
import { saveUnits } from '../../capabilities/units/units.sql.ts'
import { readConfig } from '../../server/config.ts'
import { many, one, run, sql } from '../../server/db.ts'
import { startPlatform, type RunningPlatform } from '../../server/main.ts'
import { asPerson } from '../../tools/sample-city/as-person.ts'
import { contract } from '../../vite.config.ts'
import { villageItems, villageMonth } from '../forms.ts'
import { holder, smallWorld } from '../world.ts'
import { openLine, type Cut, type Line } from './line.ts'

// A clerk's phone on a line that breaks at any byte, in either direction, with tabs that are closed in the middle: 200 returns,
// a fifth of them with a file. What was written arrives, and arrives once.
const rounds = 200
const period = '2018-06'
const password = 'Qinghe-2018-ceshi'
const form = { ...villageMonth, sections: [{ ...villageMonth.sections[0]!, fields: [...villageMonth.sections[0]!.fields, { code: 'sheet', asks: 'sheet', required: false }] }] }
const sheet = { code: 'sheet', name: { zh: '附表', en: 'Sheet' }, type: 'file', definition: { zh: '附表', en: 'Sheet' }, cycle: 'month', precision: 0, hedged: false, sensitivity: 'open' } as const

/** What `queue-page/queue-page.ts` puts into the page. */
declare const queuePage: {
  take: (account: string, unit: number, name: string, text: string) => Promise<{ id: string; name: string }>
  write: (written: unknown, patienceMs: number) => Promise<unknown>
  waiting: (account: string) => Promise<unknown[]>
  untilEmpty: (account: string) => Promise<number>
}

let folder = ''
let pages = ''
let platform: RunningPlatform
let line: Line
let browser: Browser
let context: BrowserContext
let account = ''
let units: number[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sanji-rounds-'))
  pages = await mkdtemp(join(tmpdir(), 'sanji-queue-page-'))
  await build({ configFile: false, logLevel: 'error', root: fileURLToPath(new URL('queue-page', import.meta.url)), plugins: [contract()], build: { outDir: pages, emptyOutDir: true, target: 'es2022' } })
  platform = await startPlatform(readConfig({ DATA_DIR: folder, PORT: process.env.JOURNEY_PORT ?? '3480', LOG_LEVEL: 'silent' }), { pages, clock: () => new Date('2018-07-02T02:00:00Z') })
  const { database } = platform
  await database.transaction(async (tx) => {
    const world = await smallWorld(tx)
    await run(tx, sql`insert into pack (code, version, title_zh, title_en, hash, content) values ('p', '1', 'p', 'p', '', '{}')`)
    await saveUnits(tx, Array.from({ length: rounds }, (_, n) => ({ code: `K${n}`, name: `第${n}村`, initials: 'k', kind: 'selfGovernment', class: 'village', areaParent: '990121101000', management: 'area', validFrom: '2017-01-01' })), 'p')
    await registerForm(tx, form, [...villageItems, sheet], { state: 'registered', by: 'test', pack: null })
    account = await createAccount(tx, { username: 'clerk', name: '测试台账员', unit: world.eastTown1, password, mustChangePassword: false })
    await run(tx, sql`insert into post_kind (code, name_zh, name_en, verbs) values ('tester', '测试岗', 'Tester', array['record.fill', 'record.read'])`)
    await run(tx, sql`with p as (insert into post (unit_id, kind, title, valid_from) values (${world.eastTown1}, 'tester', '测试岗', '2017-01-01') returning id)
                      insert into holding (post_id, account, valid_from) select id, ${account}, '2017-01-01' from p`)
    units = (await many<{ id: number }>(tx, sql`select id from unit where code like 'K%' order by id`)).map((unit) => unit.id)
  })
  const { id: province } = await one<{ id: number }>(database.db, sql`select id from unit where level = 1`)
  await asPerson(database, holder(province), new Date('2018-07-02T02:00:00Z')).ledgers.openPeriod({ form: form.code, period, audience: { classes: ['village'], within: [province] }, due: '2018-07-10' })
  line = await openLine(Number(new URL(platform.url).port))
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  context = await browser.newContext()
  const entered = await context.request.post(`http://localhost:${new URL(platform.url).port}/api/auth/sign-in/username`, { data: { username: 'clerk', password } })
  if (!entered.ok()) throw new Error(await entered.text())
})
afterAll(async () => {
  await browser?.close()
  await line?.close()
  await platform?.close()
  for (const made of [folder, pages]) await rm(made, { recursive: true, force: true })
})

/** mulberry32: the same cuts at every run. */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Connections that are open may be about to break: they are ended, and new ones do not. */
function whole(): void {
  line.cutNext()
  line.fall()
  line.rise()
}

/** Loads the page anew: whatever ran in the tab ends where it is. */
async function loadAnew(page: Page): Promise<void> {
  await page.goto(`http://localhost:${line.port}/`, { timeout: 60_000 })
  await page.waitForFunction(() => 'queuePage' in globalThis, undefined, { timeout: 60_000 })
}

test(`${rounds} returns over a line that breaks anywhere: nothing is lost and nothing is done twice`, async () => {
  const random = chance(20_180_629)
  const below = (most: number) => Math.floor(random() * most)
  const seen = { cut: 0, closed: 0, twoTabs: 0, arrivedUnheard: 0, files: 0 }
  const written = new Map<number, { households: string; file: string | undefined }>()
  const [page, other] = [await context.newPage(), await context.newPage()]
  for (const tab of [page, other]) await loadAnew(tab)
  for (let round = 0; round < rounds; round++) {
    const unit = units[round]!
    const households = String(1 + below(900))
    const text = round % 5 === 0 ? `${randomUUID()}\n`.repeat(200 + below(2_000)) : undefined
    // Connections that are open are known to the browser and would not be cut where this round says.
    whole()
    const cuts: Cut[] = Array.from({ length: below(4) }, () => (random() < 0.5 ? { up: below(text ? 40_000 : 2_500) } : { down: below(900) }))
    line.cutNext(...cuts)
    if (cuts.length > 0) seen.cut++
    const file = text === undefined ? undefined : await page.evaluate(({ account, unit, text }) => queuePage.take(account, unit, '附表.csv', text), { account, unit, text })
    if (file) seen.files++
    written.set(unit, { households, file: file?.id })
    const entry = {
      account, act: 'ledgers.submit' as const, place: `/returns/${unit}/${form.code}/${period}`, title: form.name, where: '村', period, text: '', files: file ? [file.id] : [],
      input: { unit, form: form.code, period, formVersion: 1, version: 0, values: { households, covered: '1', ...(file && { sheet: [file] }) } },
    }
    const ending = random()
    if (ending < 0.2) {
      // The page goes away while it sends; what counts is in the queue by then, or was never said to be.
      const sending = page.evaluate((entry) => queuePage.write(entry, 5_000), entry).catch(() => undefined)
      await expect.poll(() => page.evaluate(async (account) => (await queuePage.waiting(account)).length, account).catch(() => 0).then((waits) => waits > 0 || arrived(unit)), { interval: 5 }).toBe(true)
      await new Promise((done) => setTimeout(done, below(40)))
      whole()
      await loadAnew(page)
      await sending
      seen.closed++
    } else {
      await page.evaluate((entry) => queuePage.write(entry, 150), entry)
    }
    if ((await arrived(unit)) && (await page.evaluate((account) => queuePage.waiting(account), account)).length > 0) seen.arrivedUnheard++
    if (ending > 0.9) {
      await Promise.all([page, other].map((tab) => tab.evaluate((account) => queuePage.untilEmpty(account), account)))
      seen.twoTabs++
    } else {
      await page.evaluate((account) => queuePage.untilEmpty(account), account)
    }
  }

  const { db } = platform.database
  const records = await many<{ unit: number; version: number; submission: number; households: string; file: string | null }>(
    db,
    sql`select unit_id as unit, version, submission, vals->>'households' as households, vals#>>'{sheet,0,id}' as file from record order by unit_id`,
  )
  expect(records).toEqual(units.map((unit) => ({ unit, version: 1, submission: 1, households: written.get(unit)!.households, file: written.get(unit)!.file ?? null })))
  const { submitted } = await one<{ submitted: number }>(db, sql`select count(*)::int as submitted from event where kind = 'record.submitted'`)
  expect(submitted).toBe(rounds)
  const { given, files } = await one<{ given: number; files: number }>(db, sql`select (select count(*)::int from event where kind = 'file.given') as given, (select count(*)::int from file) as files`)
  expect([given, files]).toEqual([seen.files, seen.files])
  expect(await many(db, sql`select id from upload`)).toEqual([])
  // The rounds met what they are there for: also answers that were lost after the work was done.
  for (const [name, count] of Object.entries(seen)) expect([name, count]).not.toEqual([name, 0])
  expect(seen.cut).toBeGreaterThan(rounds / 2)
}, 300_000)

async function arrived(unit: number): Promise<boolean> {
  return (await many(platform.database.db, sql`select 1 from record where unit_id = ${unit}`)).length > 0
}
