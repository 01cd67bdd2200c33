import { spawn, type ChildProcess } from 'node:child_process'
import { chromium, type Browser, type Page } from 'playwright-core'
import { samplePassword } from '../../tools/sample-city/load.ts'

/** A phone: Chromium as a process of its own with a profile that outlives it, so that it can be killed and started again. */
export type Phone = { page: Page; kill: () => Promise<void> }

/** @param hoursFast by how much the phone's clock is ahead of the time */
export async function startPhone(profile: string, { hoursFast = 0 } = {}): Promise<Phone> {
  const child = spawn(process.env.CHROMIUM ?? '/usr/bin/chromium', [
    '--headless=new', '--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--no-first-run', '--remote-debugging-port=0', `--user-data-dir=${profile}`, '--lang=zh-CN', 'about:blank',
  ], { stdio: ['ignore', 'ignore', 'pipe'] })
  const browser = await chromium.connectOverCDP(await addressOf(child))
  const page = await pageOf(browser)
  await page.setViewportSize({ width: 360, height: 740 })
  await page.addInitScript(`localStorage.setItem('sanji.language', 'zh-CN')`)
  if (hoursFast !== 0) {
    await page.addInitScript(`{ const Real = Date, fast = ${hoursFast} * 3600000
      globalThis.Date = class extends Real { constructor(...parts) { parts.length ? super(...parts) : super(Real.now() + fast) } static now() { return Real.now() + fast } } }`)
  }
  return {
    page,
    kill: async () => {
      const gone = new Promise((exited) => child.once('exit', exited))
      child.kill('SIGKILL')
      await gone
      await browser.close().catch(() => undefined)
    },
  }
}

async function pageOf(browser: Browser): Promise<Page> {
  const context = browser.contexts()[0]!
  return context.pages()[0] ?? context.newPage()
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((found, failed) => {
    let said = ''
    child.stderr!.on('data', (bytes: Buffer) => {
      said += bytes.toString()
      const address = /DevTools listening on (ws:\/\/\S+)/.exec(said)?.[1]
      if (address) found(address)
    })
    child.once('exit', (code) => failed(new Error(`Chromium ended with ${code}: ${said}`)))
  })
}

export async function signInOn(page: Page, username: string): Promise<void> {
  await page.locator('input[name=username]').fill(username)
  await page.locator('input[name=password]').fill(samplePassword)
  await page.keyboard.press('Enter')
}

/** Chooses a file as a person would, of any size: playwright itself hands a browser it is connected to 50 MB at most. */
export async function chooseFile(page: Page, selector: string, path: string): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const { root } = await session.send('DOM.getDocument')
  const { nodeId } = await session.send('DOM.querySelector', { nodeId: root.nodeId, selector })
  await session.send('DOM.setFileInputFiles', { nodeId, files: [path] })
  await session.detach()
}

/** Runs in the page: whether the service worker is at work, and the keys of the reads that are kept. */
export const atHand = `(async () => {
  const worker = await navigator.serviceWorker.getRegistration()
  const names = (await indexedDB.databases()).map((one) => one.name)
  if (worker?.active?.state !== 'activated' || !navigator.serviceWorker.controller || !names.includes('sanji-reads')) return []
  return new Promise((done) => {
    const asked = indexedDB.open('sanji-reads')
    asked.addEventListener('success', () => {
      const all = asked.result.transaction('reads').objectStore('reads').getAllKeys()
      all.addEventListener('success', () => {
        asked.result.close()
        done(all.result)
      })
    })
  })
})()`

/** Waits until the phone has what it needs without a line: the pages, and the read whose key holds these words. */
export async function untilAtHand(page: Page, ...words: string[]): Promise<void> {
  for (let n = 0; n < 200; n++) {
    const keys = await page.evaluate<string[]>(atHand)
    if (keys.some((key) => words.every((word) => key.includes(word)))) return
    await page.waitForTimeout(300)
  }
  throw new Error(`not kept on the phone within a minute: ${words.join(' ')}`)
}
