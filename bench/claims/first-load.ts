import { gzipSync } from 'node:zlib'
import { one, sql } from '../../server/db.ts'
import { openStage, today } from '../../tests/journeys/stage.ts'
import { print, summary } from '../measure.ts'

/** What the clerk's page loads at first, and how soon it can be filled in on a slow phone and a thin line: without what the service worker would answer from the device. */
export async function firstLoad(): Promise<void> {
  const stage = await openStage()
  const { id } = await one<{ id: number }>(stage.platform.database.db, sql`select id from unit where code = '990121100201'`)
  const sizes: number[] = []
  const ready: number[] = []
  for (let round = 0; round < 3; round++) {
    const { page, context } = await stage.person('cun', 360, 'zh-CN', { serviceWorkers: 'block' })
    const session = await context.newCDPSession(page)
    await session.send('Network.enable')
    await session.send('Network.clearBrowserCache')
    await session.send('Emulation.setCPUThrottlingRate', { rate: 4 })
    await session.send('Network.emulateNetworkConditions', { offline: false, latency: 40, downloadThroughput: (1.6 * 1024 * 1024) / 8, uploadThroughput: (0.75 * 1024 * 1024) / 8 })
    let bytes = 0
    page.on('response', async (response) => {
      if (!/\.js(\?|$)/.test(response.url())) return
      const body = await response.body().catch(() => undefined)
      if (body) bytes += gzipSync(body).length
    })
    const started = performance.now()
    await page.goto(`${stage.platform.url}/returns/${id}/village-month/${today.slice(0, 7)}`)
    await page.locator('form input').first().waitFor()
    ready.push(performance.now() - started)
    await page.waitForTimeout(500)
    sizes.push(bytes / 1000)
    await context.close()
  }
  await stage.close()
  const [size, time] = [summary('scripts of the return page, gzip', 'kB', sizes), summary('until the form is there', 'ms', ready)]
  print({ claim: 'the clerk’s first page', bar: '≤ 200 kB gzip of script', measured: 'Chromium, no cache', ratio: size.median / 200, holds: size.median <= 200, figures: [size] })
  print({ claim: 'the clerk’s first page on a slow phone (CPU ÷ 4, 1.6 Mbit/s)', bar: 'ready in ≤ 2 s', measured: 'the form can be filled in', ratio: time.median / 2000, holds: time.median <= 2000, figures: [time] })
}
