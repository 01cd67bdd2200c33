import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { checkCoverage } from './check/coverage.ts'
import { checkEndpoints } from './check/endpoints.ts'
import { root, type Offence } from './check/files.ts'
import { checkInStep } from './check/in-step.ts'
import { checkLinks } from './check/links.ts'
import { checkWalls } from './check/walls.ts'
import { checkWords } from './check/words.ts'

/**
 * `npm run check`: what must hold before anything lands. `--write` writes the made files (API, schema) anew,
 * `--only walls,words` runs some of the checks.
 */
const flags = process.argv.slice(2)
const write = flags.includes('--write')
const only = flags[flags.indexOf('--only') + 1]?.split(',')
const wanted = (name: string) => !flags.includes('--only') || only!.includes(name)

function program(name: string, ...args: string[]): Offence[] {
  const ended = spawnSync(join(root, 'node_modules/.bin', name), args, { cwd: root, encoding: 'utf8' })
  if (ended.status === 0) return []
  return [{ file: `${name} ${args.join(' ')}`, says: `${ended.stdout}${ended.stderr}`.trim() }]
}

const checks: [name: string, what: string, run: () => Offence[] | Promise<Offence[]>][] = [
  ['types', 'types of the server', () => program('tsc', '-p', 'tsconfig.server.json')],
  ['types', 'types of the browser', () => program('tsc', '-p', 'tsconfig.web.json')],
  ['lint', 'lint', () => program('oxlint')],
  ['walls', 'walls', () => checkWalls(root)],
  ['words', 'red lines', () => checkWords(root)],
  ['links', 'links in documents', () => checkLinks(root)],
  ['endpoints', 'verbs and permission tests', () => checkEndpoints(root)],
  ['coverage', 'docs/coverage.csv', () => checkCoverage(root)],
  ['step', 'API and schema in step', () => checkInStep(root, { write })],
]

let wrong = 0
for (const [name, what, run] of checks) {
  if (!wanted(name)) continue
  const started = performance.now()
  const offences = await run()
  wrong += offences.length
  console.log(`${offences.length === 0 ? '✓' : '✗'} ${what} (${Math.round(performance.now() - started)} ms)`)
  for (const { file, line, says } of offences) console.log(`  ${file}${line ? `:${line}` : ''}  ${says}`)
}
console.log(wrong === 0 ? 'check: green' : `check: ${wrong} to put right`)
process.exitCode = wrong === 0 ? 0 : 1
