import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, request as ask } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contracts } from '../capabilities/contracts.ts'
import { isProblem } from '../rules/problem.ts'
import { ownDatabase } from '../tests/world.ts'
import { readConfig } from './config.ts'
import { sql } from './db.ts'
import { startPlatform, type RunningPlatform } from './main.ts'
import { rawRoutes } from './rooms.ts'

const settings = (more: Record<string, string>) => readConfig({ PORT: '0', LOG_LEVEL: 'silent', ...more })
const get = (url: string, path: string, headers: Record<string, string> = {}) => fetch(url + path, { headers })

/** Asks again until the answer has that status. */
async function until(url: string, path: string, status: number): Promise<{ body: any }> {
  for (const end = performance.now() + 40_000; performance.now() < end; await sleep(50)) {
    const answer = await get(url, path)
    const body = await answer.json()
    if (answer.status === status) return { body }
  }
  throw new Error(`${path} never answered ${status}`)
}

describe('a platform with its own database', () => {
  let folder = ''
  let pages = ''
  let platform: RunningPlatform

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sanji-main-'))
    pages = await mkdtemp(join(tmpdir(), 'sanji-pages-'))
    platform = await startPlatform(settings({ DATA_DIR: folder }), { pages })
  })
  afterAll(async () => {
    await platform?.close()
    await Promise.all([folder, pages].map((path) => rm(path, { recursive: true, force: true })))
  })

  test('it says that it lives and that its database answers', async () => {
    const answer = await get(platform.url, '/health')
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ live: true, database: true })
  })

  test('it describes every endpoint in OpenAPI 3.1', async () => {
    const answer = await get(platform.url, '/api/openapi.json')
    expect(answer.status).toBe(200)
    const described = (await answer.json()) as { openapi: string; info: object; paths: Record<string, Record<string, { responses: object }>> }
    expect(described.openapi).toMatch(/^3\.1\.\d+$/)
    expect(described.info).toMatchObject({ title: expect.any(String), version: expect.any(String) })
    const wanted = [
      ...Object.values(contracts as Record<string, Record<string, any>>).flatMap((room) => Object.values(room).map((each) => each['~orpc'].route)),
      ...rawRoutes,
      { method: 'POST', path: '/auth/sign-in/username' },
      { method: 'GET', path: '/openapi.json' },
    ]
    for (const { method, path } of wanted) expect(described.paths[path]?.[method.toLowerCase()], `${method} ${path}`).toBeDefined()
    for (const operations of Object.values(described.paths)) {
      for (const operation of Object.values(operations)) expect(operation.responses).toHaveProperty('default')
    }
  })

  test('the description is readable without any other site', async () => {
    const page = await (await get(platform.url, '/api')).text()
    const sources = [...page.matchAll(/src="(.+?)"/g)].map(([, source]) => source!)
    expect(sources).toEqual(['/api/reference.js'])
    expect(page).not.toMatch(/https?:\/\//)
    const program = await get(platform.url, sources[0]!)
    expect(program.headers.get('content-type')).toMatch('text/javascript')
    expect(await program.text()).toContain('createApiReference')
  })

  test('its figures are for this machine only, even when a proxy on this machine asks for somebody else', async () => {
    const answer = await get(platform.url, '/metrics')
    expect(answer.status).toBe(200)
    const text = await answer.text()
    expect(text).toContain('sanji_request_seconds_bucket')
    expect(text).toContain('sanji_pool_connections')
    expect((await get(platform.url, '/metrics', { 'x-forwarded-for': '203.0.113.9' })).status).toBe(403)
  })

  test('who is not signed in is told so by an address that does not exist and by sign-in alike, as problem details', async () => {
    const unknown = await get(platform.url, '/api/nowhere')
    expect(unknown.status).toBe(404)
    expect(await unknown.json()).toMatchObject({ code: 'not-found', requestId: expect.any(String) })
    const refused = await fetch(`${platform.url}/api/auth/sign-in/username`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'nobody', password: 'wrong' }),
    })
    expect(refused.status).toBe(401)
    expect(await refused.json()).toMatchObject({ code: 'sign-in-failed' })
  })

  test('pages are found once they are built; a page is never kept, its files are kept for good', async () => {
    expect((await get(platform.url, '/units/1')).status).toBe(503)
    await writeFile(join(pages, 'index.html'), '<!doctype html><title>三基</title>')
    await writeFile(join(pages, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
    for (const path of ['/', '/units/1', '/indicators/GDP.total']) {
      const page = await get(platform.url, path)
      expect(page.status, path).toBe(200)
      expect(page.headers.get('cache-control')).toBe('no-store')
      expect(await page.text()).toContain('三基')
    }
    expect((await get(platform.url, '/icon.svg')).headers.get('content-type')).toBe('image/svg+xml')
    expect((await get(platform.url, '/assets/gone-1234.js')).status).toBe(404)
  })

  test('a file of the built pages is sent as it was compressed when it was built', async () => {
    const { mkdir } = await import('node:fs/promises')
    const { brotliCompressSync } = await import('node:zlib')
    await mkdir(join(pages, 'assets'))
    await writeFile(join(pages, 'assets/app-1234.js'), 'export default 1')
    await writeFile(join(pages, 'assets/app-1234.js.br'), brotliCompressSync('export default 1'))
    const file = await get(platform.url, '/assets/app-1234.js', { 'accept-encoding': 'br' })
    expect(file.headers.get('content-encoding')).toBe('br')
    expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(await file.text()).toBe('export default 1')
  })

  test('an address cannot lead out of the folder of the built pages', async () => {
    const { hostname, port } = new URL(platform.url)
    const status = await new Promise((done, failed) => {
      // fetch would tidy the address before it is sent.
      ask({ hostname, port, path: '/assets/..%2f..%2f..%2fetc%2fpasswd' }, (answer) => done(answer.statusCode)).on('error', failed).end()
    })
    expect(status).toBe(404)
  })

  test('a second start on the same data folder is refused, and the first goes on', async () => {
    const second = await startPlatform(settings({ DATA_DIR: folder })).catch((error: unknown) => error)
    expect(isProblem(second, 'folder-in-use')).toBe(true)
    expect(second).toMatchObject({ facts: { process: process.pid } })
    expect((await get(platform.url, '/health')).status).toBe(200)
  })

  test('a port that was asked for and is taken is a problem; otherwise the next one is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((done) => other.once('listening', done))
    const { port } = other.address() as AddressInfo
    const elsewhere = await mkdtemp(join(tmpdir(), 'sanji-main-'))
    try {
      const config = settings({ DATA_DIR: elsewhere, PORT: String(port) })
      await expect(startPlatform(config, { portIsFixed: true })).rejects.toMatchObject({ code: 'port-in-use', facts: { port } })
      // What was started before the refusal was ended: the same folder can be used at once.
      const next = await startPlatform(config)
      expect(Number(new URL(next.url).port)).toBeGreaterThan(port)
      expect((await get(next.url, '/health')).status).toBe(200)
      await next.close()
      await expect(get(next.url, '/health')).rejects.toThrow()
    } finally {
      other.close()
      await rm(elsewhere, { recursive: true, force: true })
    }
  })

  test('when the database is killed in the middle of work, requests are told so, and all works again when it is back', async () => {
    const before = platform.databaseProcess()!
    const working = platform.database.transaction((tx) => sql`select pg_sleep(30)`.execute(tx)).catch((error: unknown) => error)
    await sleep(200)
    process.kill(before, 'SIGKILL')
    const away = await until(platform.url, '/health', 503)
    expect(away.body).toMatchObject({ code: 'database-away', status: 503 })
    expect(await working).toBeInstanceOf(Error)
    await until(platform.url, '/health', 200)
    expect(platform.databaseProcess()).not.toBe(before)
    const refused = await fetch(`${platform.url}/api/auth/sign-in/username`, { method: 'POST', body: '{"username":"nobody","password":"x"}' })
    expect(refused.status).toBe(401)
  }, 90_000)
})

describe('a platform on a PostgreSQL that it is given', () => {
  const own = ownDatabase()

  test('it starts, answers and leaves the server running when it ends', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sanji-main-'))
    const platform = await startPlatform(settings({ DATA_DIR: folder, DATABASE_URL: own.url }))
    expect(platform.databaseProcess()).toBeUndefined()
    expect((await get(platform.url, '/health')).status).toBe(200)
    await platform.close()
    expect((await sql<{ one: number }>`select 1 as one`.execute(own.db)).rows).toEqual([{ one: 1 }])
    await rm(folder, { recursive: true, force: true })
  })
})
