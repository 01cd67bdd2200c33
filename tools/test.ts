import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/**
 * All tests, with one closing line. `--only rules,rooms` runs some parts; `--also-postgres <url>` runs the rooms a
 * second time on that PostgreSQL.
 */
const parts = ['types', 'rules', 'rooms', 'journeys'] as const
type Part = (typeof parts)[number]
type Count = { passed: number; failed: number }

const root = fileURLToPath(new URL('..', import.meta.url))
const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

const { values } = parseArgs({ options: { only: { type: 'string' }, 'also-postgres': { type: 'string' } } })
const wanted = (values.only?.split(',') ?? parts) as Part[]
const unknown = wanted.filter((part) => !parts.includes(part))
if (unknown.length > 0) {
  console.error(`no such part: ${unknown.join(', ')}; there are ${parts.join(', ')}`)
  process.exit(2)
}

const total: Count = { passed: 0, failed: 0 }
for (const part of wanted) add(await runPart(part))
const second = values['also-postgres']
if (second) add(await runTests('rooms', { TEST_DATABASE_URL: second }))
console.log(`${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0

function add({ passed, failed }: Count): void {
  total.passed += passed
  total.failed += failed
}

async function runPart(part: Part): Promise<Count> {
  if (part === 'types') return checkTypes()
  if (part !== 'journeys') return runTests(part)
  const browser = process.env.CHROMIUM ?? browsers.find((path) => existsSync(path))
  if (browser && existsSync(browser)) return runTests(part, { CHROMIUM: browser })
  console.error(`journeys cannot run: no Chromium at ${browser ?? browsers.join(', ')}; install it or set CHROMIUM to its path`)
  return { passed: 0, failed: 1 }
}

/** Each of the two type projects counts as one test. */
async function checkTypes(): Promise<Count> {
  const count = { passed: 0, failed: 0 }
  for (const project of ['tsconfig.server.json', 'tsconfig.web.json']) {
    const isFine = (await run('typescript/bin/tsc', ['-p', project])) === 0
    console.log(`types of ${project}: ${isFine ? 'passed' : 'failed'}`)
    count[isFine ? 'passed' : 'failed']++
  }
  return count
}

/** Runs one vitest project and counts from its own report; a run that ends badly without a failed test is one failure. */
async function runTests(project: string, env: Record<string, string> = {}): Promise<Count> {
  if (!(await hasTests(project))) {
    console.error(`${project}: there are no tests`)
    return { passed: 0, failed: 1 }
  }
  const folder = await mkdtemp(join(tmpdir(), 'sanji-report-'))
  const report = join(folder, 'report.json')
  try {
    const flags = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const code = await run('vitest/vitest.mjs', flags, env)
    if (!existsSync(report)) return { passed: 0, failed: 1 }
    const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(await readFile(report, 'utf8')) as Record<string, number>
    // A file that cannot be loaded, or a hook that fails, has no failed test of its own.
    const failed = numFailedTests || numFailedTestSuites || (code === 0 ? 0 : 1)
    return { passed: numPassedTests ?? 0, failed }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** An empty set of journeys must not look like one that passed. */
async function hasTests(project: string): Promise<boolean> {
  if (project !== 'journeys') return true
  const names = await readdir(join(root, 'tests/journeys'), { recursive: true }).catch(() => [])
  return names.some((name) => name.endsWith('.test.ts'))
}

function run(program: string, flags: string[], env: Record<string, string> = {}): Promise<number> {
  return new Promise((ended, failed) => {
    const path = join(root, 'node_modules', program)
    const child = spawn(process.execPath, [path, ...flags], { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } })
    child.once('error', failed)
    child.once('exit', (code) => ended(code ?? 1))
  })
}
