import react from '@vitejs/plugin-react'
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { defineConfig, type Plugin } from 'vite'

const root = fileURLToPath(new URL('.', import.meta.url))
const run = promisify(execFile)

/**
 * `virtual:contract`: every room's contract without its schemas (method, path and what it needs), so that the browser
 * calls typed endpoints and loads no validation library. A process of its own reads it, so that it is never an old one.
 */
function contract(): Plugin {
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

export default defineConfig({
  root: 'web',
  plugins: [react(), contract()],
  build: { outDir: '../dist', emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 1200 },
  server: {
    port: 5173,
    fs: { allow: [root] },
    proxy: { '/api': `http://localhost:${process.env.PORT ?? 3000}`, '/health': `http://localhost:${process.env.PORT ?? 3000}` },
  },
})
