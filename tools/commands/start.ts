import { InvalidArgumentError } from 'commander'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { one, sql, type Database } from '../../server/db.ts'
import { startPlatform } from '../../server/main.ts'
import { settings, tell, type AddCommand, type Common } from '../command.ts'

type StartFlags = Common & { open?: boolean; port?: number; demo: boolean }
type Demo = { loadDemoIfEmpty: (database: Database, report: (line: string) => void) => Promise<unknown> }

/** `sanji start`: the whole platform in one process, until it is told to end. */
export const addStart: AddCommand = (program) => {
  program
    .command('start')
    .description('启动平台 / start the platform')
    .option('--open', '启动后打开浏览器 / open the browser')
    .option('--port <number>', '端口 / port', portNumber)
    .option('--no-demo', '空库不载入示范数据 / leave an empty database empty')
    .option('--json', 'answer as JSON')
    .action(start)
}

function portNumber(text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('0–65535')
  return port
}

async function start(flags: StartFlags): Promise<void> {
  const { env } = process
  const config = settings()
  // Somebody who looks at a terminal wants the address, not a line for each request.
  if (process.stdout.isTTY && !env.LOG_LEVEL) config.LOG_LEVEL = 'warn'
  if (flags.port !== undefined) config.PORT = flags.port
  const report = (line: string) => void (flags.json || console.log(line))
  report('正在启动…… / Starting…')
  const platform = await startPlatform(config, { portIsFixed: flags.port !== undefined || env.PORT !== undefined, report })
  endOnSignal(platform.close)
  try {
    if (flags.demo) await loadDemo(platform.database, report)
  } catch (error) {
    await platform.close()
    throw error
  }
  tell(flags, { url: platform.url, process: process.pid }, `三基已就绪 / Sanji is ready: ${platform.url}\n按 Ctrl-C 结束 / Ctrl-C ends it`)
  if (flags.open) openBrowser(platform.url)
}

/** A second signal does not wait. */
function endOnSignal(close: () => Promise<void>): void {
  let asked = false
  const end = () => {
    if (asked) process.exit(1)
    asked = true
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(2)
      },
    )
  }
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
}

async function loadDemo(database: Database, report: (line: string) => void): Promise<void> {
  const file = new URL('demo.ts', import.meta.url)
  const { filled } = await one<{ filled: boolean }>(database.db, sql`select exists (select from unit) as filled`)
  if (filled || !existsSync(file)) return
  const demo = (await import(file.href)) as Demo
  await demo.loadDemoIfEmpty(database, report)
}

/** Nobody sits before a server without a screen: that no browser is there is no failure. */
function openBrowser(url: string): void {
  const { platform, env } = process
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return
  const [program, ...flags] = platform === 'darwin' ? ['open'] : platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open']
  const child = spawn(program!, [...flags, url], { stdio: 'ignore', detached: true })
  child.on('error', () => undefined)
  child.unref()
}
