#!/usr/bin/env node
// Starts the command line with Node 24 from node_modules, whatever Node the machine has.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const node24 = fileURLToPath(new URL(`../node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`, import.meta.url))
if (!existsSync(node24)) await import('./bootstrap.js')
const program = fileURLToPath(new URL('sanji.ts', import.meta.url))
const child = spawn(node24, [program, ...process.argv.slice(2)], { stdio: 'inherit' })
// Ctrl-C reaches the child by itself; a signal to this process alone is passed on.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
process.on('SIGINT', () => undefined)
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
