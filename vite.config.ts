import react from '@vitejs/plugin-react'
import { execFile } from 'node:child_process'
import { globSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { createHash } from 'node:crypto'
import { build, defineConfig, type Plugin, type Rolldown } from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))
const run = promisify(execFile)

/**
 * `virtual:contract`: every room's contract without its schemas (method, path and what it needs), so that the browser
 * calls typed endpoints and loads no validation library. A process of its own reads it, so that it is never an old one.
 */
export function contract(): Plugin {
  const name = 'virtual:contract'
  const script = `
    import { minifyContractRouter } from '@orpc/contract'
    import { contracts } from ${JSON.stringify(new URL('capabilities/contracts.ts', import.meta.url).href)}
    const slim = (at) => {
      if (at['~orpc']) delete at['~orpc'].route.summary
      else for (const part of Object.values(at)) slim(part)
      return at
    }
    console.log(JSON.stringify(slim(structuredClone(minifyContractRouter(contracts)))))`
  return {
    name: 'sanji-contract',
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    async load(id) {
      if (id !== `\0${name}`) return undefined
      const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: root })
      return `export default ${stdout}`
    },
    configureServer(server) {
      server.watcher.on('change', (path) => {
        if (!path.endsWith('.contract.ts') && !path.endsWith('contracts.ts')) return
        const module = server.moduleGraph.getModuleById(`\0${name}`)
        if (module) server.moduleGraph.invalidateModule(module)
        server.ws.send({ type: 'full-reload' })
      })
    },
  }
}

/** What the rooms' routes name: path, file of the page, title and menu label, and what works without a line. Read as text, so that nothing has to run. */
async function routesOfRooms() {
  const files = globSync('capabilities/*/pages/routes.tsx', { cwd: root })
  const texts = await Promise.all(files.map(async (file) => ({ file, text: await readFile(join(root, file), 'utf8') })))
  return {
    files: files.map((file) => join(root, file)),
    pages: texts.flatMap(({ file, text }) =>
      [...text.matchAll(/path: '([^']+)'[\s\S]*?import\('\.\/([^']+)'\)/g)].map(([, path, page]) => ({ path: path!, page: join(root, file, '..', page!) }))),
    offline: texts.flatMap(({ file, text }) => [
      ...[...text.matchAll(/path: '[^']+'(?:(?!path: ')[\s\S])*?import\('\.\/([^']+)'\)(?:(?!path: ')[\s\S])*?offline: true/g)].map(([, page]) => join(root, file, '..', page!)),
      // The start page draws all cards that a person may see.
      ...[...text.matchAll(/card: \(\) => import\('\.\/([^']+)'\)/g)].map(([, card]) => join(root, file, '..', card!)),
    ]),
    labels: texts.flatMap(({ text }) => [...text.matchAll(/\b(?:title|label): '([^']+)'/g)].map(([, key]) => key!)),
  }
}

/**
 * `virtual:menu-texts/<language>`: the titles of all rooms' pages, cut out of the rooms' texts, so that the menu does
 * not wait for every room's file on a thin line. Keys are the rooms' own: ledgers → queue → title.
 */
function menuTexts(): Plugin {
  const name = 'virtual:menu-texts/'
  return {
    name: 'sanji-menu-texts',
    resolveId: (id) => (id.startsWith(name) ? `\0${id}` : undefined),
    async load(id) {
      if (!id.startsWith(`\0${name}`)) return undefined
      const language = id.slice(name.length + 1)
      const { labels, files } = await routesOfRooms()
      for (const file of files) this.addWatchFile(file)
      const out: Record<string, unknown> = {}
      for (const label of labels) {
        const [room, path] = label.split(':') as [string, string]
        const file = join(root, `web/locales/${language}/${room}.json`)
        this.addWatchFile(file)
        let from: unknown = JSON.parse(await readFile(file, 'utf8'))
        let to = (out[room] ??= {}) as Record<string, unknown>
        const parts = path.split('.')
        for (const [at, part] of parts.entries()) {
          from = (from as Record<string, unknown>)[part]
          if (at === parts.length - 1) to[part] = from
          else to = (to[part] ??= {}) as Record<string, unknown>
        }
        if (typeof from !== 'string') this.error(`${label} has no text in ${language}`)
      }
      return `export default ${JSON.stringify(out)}`
    },
  }
}

/**
 * The page's own script and the texts are asked for while the frame's script is still on its way: a few lines in
 * index.html know which files an address will need. On a thin line that saves two round trips, one after the other.
 */
function askEarly(): Plugin {
  return {
    name: 'sanji-ask-early',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      async handler(html, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter((one): one is Rolldown.OutputChunk => one.type === 'chunk')
        const named = new Map(chunks.map((chunk) => [chunk.fileName, chunk]))
        const withImports = (file: string, seen = new Set<string>()): Set<string> => {
          if (seen.has(file)) return seen
          seen.add(file)
          for (const next of named.get(file)?.imports ?? []) withImports(next, seen)
          return seen
        }
        const entry = chunks.find((chunk) => chunk.isEntry)!
        const first = withImports(entry.fileName)
        const chunkOf = (module: string) => chunks.find((chunk) => chunk.facadeModuleId === module || chunk.moduleIds.includes(module))?.fileName
        const files: string[] = []
        const numbered = (list: Iterable<string | undefined>) =>
          [...list].filter((file) => file !== undefined && !first.has(file)).map((file) => {
            if (!files.includes(file!)) files.push(file!)
            return files.indexOf(file!)
          })
        const { pages } = await routesOfRooms()
        const rooms = new Map(pages.map(({ page }) => [page, /capabilities\/([^/]+)\//.exec(page)![1]!]))
        const byPath = pages.map(({ path, page }) => {
          const chunk = chunkOf(page)
          return [`^${path.replace(/\$\w+/g, '[^/]+')}/?$`, numbered(chunk ? withImports(chunk) : []), rooms.get(page)]
        })
        const texts = Object.fromEntries(['zh-CN', 'en'].map((language) => [language, {
          '': numbered([...['ui', 'shell', 'problem'].map((file) => chunkOf(join(root, `web/locales/${language}/${file}.json`))), chunkOf(`\0virtual:menu-texts/${language}`)]),
          ...Object.fromEntries([...new Set(rooms.values())].map((room) => [room, numbered([chunkOf(join(root, `web/locales/${language}/${room}.json`))])])),
        }]))
        const script = `(()=>{const f=${JSON.stringify(files)},p=${JSON.stringify(byPath)},t=${JSON.stringify(texts)};let l;try{l=localStorage.getItem('sanji.language')}catch{}
const x=t[l]||t['zh-CN'],r=p.find(([a])=>new RegExp(a).test(location.pathname));for(const n of new Set([...x[''],...(r?[...x[r[2]],...r[1]]:[])])){const k=document.createElement('link');k.rel='modulepreload';k.href='/'+f[n];document.head.append(k)}})()`
        return html.replace('</head>', `  <script>${script}</script>\n  </head>`)
      },
    },
  }
}

/** Every file is kept beside itself as brotli and gzip: pressed once, well, instead of at each request. */
function press(): Plugin {
  return {
    name: 'sanji-press',
    apply: 'build',
    async writeBundle({ dir }, bundle) {
      const brotli = promisify(brotliCompress)
      const zip = promisify(gzip)
      await Promise.all(Object.keys(bundle).filter((file) => /\.(js|css|svg|json)$/.test(file)).map(async (file) => {
        const path = join(dir!, file)
        const bytes = await readFile(path)
        if (bytes.length < 1_024) return
        await writeFile(`${path}.br`, await brotli(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 10, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }))
        await writeFile(`${path}.gz`, await zip(bytes, { level: 9 }))
      }))
    },
  }
}

/**
 * The service worker (`web/offline/sw.ts`) with the list of files that it keeps: the frame, the pages that routes mark
 * `offline`, the start page's cards, what these load later, and their texts in both languages. No desk page is in it.
 */
function serviceWorker(): Plugin {
  return {
    name: 'sanji-service-worker',
    apply: 'build',
    writeBundle: {
      sequential: true,
      order: 'post',
      async handler({ dir }, bundle) {
        const chunks = new Map(Object.values(bundle).filter((one): one is Rolldown.OutputChunk => one.type === 'chunk').map((chunk) => [chunk.fileName, chunk]))
        const holding = (module: string) => [...chunks.values()].find((chunk) => chunk.facadeModuleId === module || chunk.moduleIds.includes(module))
        const files = new Set<string>()
        /** A file with what it stands on; `later`: also what it, and what it stands on, loads by and by. */
        const add = (chunk: Rolldown.OutputChunk | undefined, later: boolean, seen = new Set<string>()) => {
          if (!chunk || seen.has(chunk.fileName)) return
          seen.add(chunk.fileName)
          files.add(chunk.fileName)
          for (const css of (chunk as { viteMetadata?: { importedCss: Set<string> } }).viteMetadata?.importedCss ?? []) files.add(css)
          for (const next of chunk.imports) add(chunks.get(next), later, seen)
          // The frame loads every page by and by; what a page needs is not found there.
          if (later && !frame.has(chunk.fileName)) for (const next of chunk.dynamicImports) add(chunks.get(next), true, seen)
        }
        const frame = new Set<string>()
        const { offline } = await routesOfRooms()
        add([...chunks.values()].find((chunk) => chunk.isEntry), false, frame)
        for (const module of ['bar.tsx', 'queue.ts', 'reads.ts', 'files.ts'].map((file) => join(root, 'web/offline', file))) add(holding(module), false)
        for (const module of ['start.tsx', 'sign-in.tsx'].map((file) => join(root, 'web/shell', file))) add(holding(module), false)
        for (const page of offline) {
          if (!holding(page)) this.error(`${page} is marked offline and is in no file of the build`)
          add(holding(page), true)
        }
        const rooms = new Set(offline.map((page) => /capabilities\/([^/]+)\//.exec(page)![1]!))
        for (const language of ['zh-CN', 'en']) {
          for (const name of ['ui', 'shell', 'problem', 'offline', ...rooms]) add(holding(join(root, `web/locales/${language}/${name}.json`)), false)
          add(holding(`\0virtual:menu-texts/${language}`), false)
        }
        const page = await readFile(join(dir!, 'index.html'))
        // Names of files carry a hash; index.html does not.
        const list = [...[...files].sort().map((url) => ({ url: `/${url}`, revision: null })), { url: '/index.html', revision: createHash('sha256').update(page).digest('hex').slice(0, 16) }]
        await build({
          configFile: false,
          root,
          publicDir: false,
          logLevel: 'warn',
          define: { FIELD_FILES: JSON.stringify(list), 'process.env.NODE_ENV': '"production"' },
          build: { outDir: dir!, emptyOutDir: false, target: 'es2022', copyPublicDir: false, lib: { entry: join(root, 'web/offline/sw.ts'), formats: ['iife'], name: 'sw', fileName: () => 'sw.js' } },
        })
      },
    },
  }
}

export default defineConfig({
  root: 'web',
  plugins: [react(), contract(), menuTexts(), askEarly(), press(), serviceWorker()],
  build: {
    outDir: '../dist', emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      output: {
        // Few files: each costs a round trip on a thin line. The libraries change seldom and stay kept over an update.
        codeSplitting: {
          groups: [
            { name: 'base', priority: 2, test: /node_modules\/(react|react-dom|scheduler|react-i18next|i18next|@tanstack|@orpc)\// },
            { name: 'kit', priority: 1, test: /\/web\/(api\/|i18n|ui\/(?!table|unit-picker|tabs))|\0virtual:contract|\/web\/shell\/(address|me|mark|room|language-switch)\.|\/rules\/(problem|civil-date)\.ts|access\/verbs\.ts|pages\/routes\.tsx/ },
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    fs: { allow: [root] },
    proxy: { '/api': `http://localhost:${process.env.PORT ?? 3000}`, '/health': `http://localhost:${process.env.PORT ?? 3000}` },
  },
})
