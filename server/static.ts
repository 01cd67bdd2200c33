import { existsSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import sirv from 'sirv'
import { Problem } from '../rules/problem.ts'

const notBuilt = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>三基 Sanji</title>
<p>页面还没有构建：请运行 <code>npm run build</code>。接口说明见 <a href="/api">/api</a>。</p>
<p lang="en">The pages are not built yet: run <code>npm run build</code>. The API is described at <a href="/api">/api</a>.</p></html>`

/**
 * Answers with the built pages: files under /assets carry a hash in their name and are kept for good; every other path
 * is a page of the one-page app and gets index.html, which is never kept.
 */
export function staticFiles(folder: string): (request: IncomingMessage, response: ServerResponse) => void {
  // `dev` looks at the disk for each request: pages may be built again while the platform runs, and a file that sirv
  // remembers and that is gone would end the process.
  const serve = sirv(folder, {
    dev: true,
    etag: true,
    brotli: true,
    gzip: true,
    extensions: [],
    setHeaders: (response, path) =>
      void response.setHeader('Cache-Control', path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'),
  })
  // Without settings of its own: the headers that are set below stay.
  const serveIndex = sirv(folder, { dev: true, brotli: true, gzip: true })
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw new Problem('not-found', { facts: {} })
    const path = new URL(request.url ?? '/', 'http://local').pathname
    if (path !== '/' && path !== '/index.html') {
      let found = true
      serve(request, response, () => void (found = false))
      if (found) return
      // A page that was open before an update asks for a file of the old build: index.html in its place would only confuse.
      if (path.startsWith('/assets/')) throw new Problem('not-found', { facts: {} })
    }
    response.setHeader('Content-Security-Policy', `frame-ancestors 'none'`)
    response.setHeader('Cache-Control', 'no-store')
    if (!existsSync(join(folder, 'index.html'))) {
      response.writeHead(503, { 'content-type': 'text/html; charset=utf-8' })
      return void response.end(notBuilt)
    }
    request.url = '/index.html'
    serveIndex(request, response)
  }
}
