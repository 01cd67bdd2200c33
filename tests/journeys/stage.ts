import AxeBuilder from '@axe-core/playwright'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'
import { readConfig } from '../../server/config.ts'
import { startPlatform, type RunningPlatform } from '../../server/main.ts'
import { loadSample, samplePassword } from '../../tools/sample-city/load.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The day of the journeys: the calendar pack reaches it, and the sample follows it. */
export const today = '2026-11-23'
/** Half past ten in the morning there. */
const morning = Date.parse(`${today}T02:30:00Z`)

/** The whole platform on an empty folder, with the sample city, the built pages and a real browser. */
export type Stage = {
  platform: RunningPlatform
  browser: Browser
  /** A person in his own browser at a width, signed in. Problems in his console are collected. */
  person: (username: string, width: 360 | 1440, language?: 'zh-CN' | 'en', options?: BrowserContextOptions) => Promise<Person>
  /** Asks the API as another device of a person would. */
  ask: (username: string, path: string, body: Record<string, unknown>) => Promise<any>
  /** The moment at which the platform stands, in milliseconds. */
  now: () => number
  /** Puts the platform at another moment; whoever is signed in stays so. */
  setNow: (moment: string) => void
  close: () => Promise<void>
}
export type Person = { page: Page; context: BrowserContext; complaints: string[]; go: (path: string) => Promise<void> }

/** @param settings beside those of every journey, such as a mail server */
export async function openStage({ sample = true, settings = {} }: { sample?: boolean; settings?: Record<string, string> } = {}): Promise<Stage> {
  let moment = morning
  const clock = () => new Date(moment)
  // vitest names its surroundings “test”, in which the pages would be built for development and without the service worker.
  const built = spawnSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'error'], { cwd: root, encoding: 'utf8', env: { ...process.env, NODE_ENV: 'production' } })
  if (built.status !== 0) throw new Error(`the pages were not built:\n${built.stderr}`)
  const folder = await mkdtemp(join(tmpdir(), 'sanji-journey-'))
  const platform = await startPlatform(readConfig({ DATA_DIR: folder, PORT: process.env.JOURNEY_PORT ?? '3400', LOG_LEVEL: 'silent', ...settings }), { clock })
  if (sample) await loadSample(platform.database, { today, report: () => undefined })
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage'] })

  async function person(username: string, width: 360 | 1440, language: 'zh-CN' | 'en' = 'zh-CN', options: BrowserContextOptions = {}): Promise<Person> {
    const context = await browser.newContext({ viewport: { width, height: width === 360 ? 740 : 900 }, locale: language, ...options })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      // The question “who am I” before signing in is answered with 401; browsers write every refused request down.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) complaints.push(message.text())
    })
    await page.addInitScript(`localStorage.setItem('sanji.language', '${language}')`)
    const go = async (path: string) => {
      await page.goto(`${platform.url}${path}`)
      await page.locator('#page-title').waitFor()
      await settled(page)
    }
    await page.goto(platform.url)
    await page.locator('input').first().fill(username)
    await page.locator('input[type=password]').fill(samplePassword)
    await page.keyboard.press('Enter')
    await page.locator('#page-title').waitFor()
    return { page, context, complaints, go }
  }

  async function ask(username: string, path: string, body: Record<string, unknown>): Promise<any> {
    const post = (to: string, sent: object, cookie = '') => fetch(`${platform.url}/api${to}`, { method: 'POST', headers: { 'content-type': 'application/json', cookie }, body: JSON.stringify(sent) })
    const entered = await post('/auth/sign-in/username', { username, password: samplePassword })
    const answer = await post(path, body, entered.headers.getSetCookie().map((one) => one.split(';')[0]).join('; '))
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }

  return {
    platform,
    browser,
    person,
    ask,
    now: () => moment,
    setNow: (next) => {
      moment = Date.parse(next)
    },
    close: async () => {
      await browser.close()
      await platform.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Waits until nothing is being loaded any more; the live notices stay open for ever, so the network never rests. */
export async function settled(page: Page): Promise<void> {
  await page.locator('.loading').first().waitFor({ state: 'detached', timeout: 20_000 }).catch(() => undefined)
  await page.waitForTimeout(150)
}

/** @returns violations of accessibility rules on the page as it stands, as short lines */
export async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze()
  return found.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(' | ')}`)
}

/** @returns whether the page is wider than the window: it would have to be pushed sideways */
export async function isTooWide(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth > window.innerWidth + 1')
}
