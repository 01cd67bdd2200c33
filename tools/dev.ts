import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The server, started again at every change, and vite's own server for the pages beside it. Open vite's address: it
 * passes /api on to the server at PORT.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const port = process.env.PORT ?? '3000'
const env = { ...process.env, PORT: port }

const watched = ['server', 'capabilities', 'rules', 'db', 'packs'].map((folder) => `--watch-path=${join(root, folder)}`)
const children = [start(['--watch', ...watched, '--watch-preserve-output', join(root, 'tools/sanji.ts'), 'start', '--port', port])]
if (existsSync(join(root, 'vite.config.ts'))) children.push(start([join(root, 'node_modules/vite/bin/vite.js')]))
else console.log('no vite.config.ts: only the server runs')

function start(flags: string[]) {
  const child = spawn(process.execPath, flags, { cwd: root, stdio: 'inherit', env })
  // One without the other is no use.
  child.once('exit', (code) => {
    process.exitCode ||= code ?? 0
    end()
  })
  return child
}

function end(): void {
  for (const child of children) child.kill('SIGTERM')
}
process.on('SIGINT', end)
process.on('SIGTERM', end)
