import type { ServerResponse } from 'node:http'
import { todayIn, type CivilDate } from '../../rules/civil-date.ts'
import { Problem, type Finding } from '../../rules/problem.ts'
import type { Tx } from '../../server/db.ts'
import { record, recordMany } from '../../server/events.ts'
import type { RawCall, RawRoute } from '../../server/raw.ts'
import { sendsBook } from '../../server/xlsx.ts'
import { inScope } from '../units/units.reads.ts'
import { mostRows, readAccountBook, templateBook, uploaded } from './account-book.server.ts'
import { readRow, type CellFinding, type ReadRow } from './account-rows.ts'
import { holdingsOfMany, tellAccessChanged, type HoldingRow } from './access.sql.ts'
import { mayAlsoHold } from './admin-roles.ts'
import { accountsOfNames, grantVacant, postsOfUnits, unitsOfCodes, unitsToCopy, type KnownAccount, type NamedPost, type NamedUnit } from './bulk-accounts.sql.ts'
import { mustHold, type Actor } from './permission.ts'

const copiedUnits = 2_000
const longestReason = 200

/** What becomes of a row: the post is granted, is held by that person already, or nothing as long as a cell is wrong. */
type Judged = ReadRow & { unitFound?: NamedUnit | undefined; account?: KnownAccount | undefined; grants?: NamedPost | undefined; becomes: 'new' | 'same' | 'bad' }
type Read = { sheet: string; letters: Record<string, string>; rows: Judged[] }

/**
 * Judges every row by the accounts, units and posts that there are: only posts that the asker may grant (F-13), vacant ones,
 * to people who may hold them. Rows are judged in their order: a post that one row takes is not there for the next.
 */
async function judge(tx: Tx, actor: Actor, rows: ReadRow[], today: CivilDate): Promise<Judged[]> {
  const scope = await inScope(tx, 'u', mustHold(actor, 'grant.manage'))
  const units = new Map((await unitsOfCodes(tx, rows.map((row) => row.unit), scope, today)).map((unit) => [unit.code.toUpperCase(), unit]))
  const accounts = new Map((await accountsOfNames(tx, rows.map((row) => row.username))).map((account) => [account.username, account]))
  const posts = Map.groupBy(await postsOfUnits(tx, [...units.values()].map((unit) => unit.id), today), (post) => post.unit)
  const known = await holdingsOfMany(tx, [...accounts.values()].map(({ id }) => id), today)
  const held = new Map([...accounts.values()].map(({ id }) => [id, known.get(id) ?? []]))
  const taken = new Set<number>()
  /** What each account will hold when the rows before are done. */
  const will = new Map([...held].map(([id, rows_]) => [id, [...rows_] as { admin: HoldingRow['admin'] }[]]))
  return rows.map((row): Judged => {
    const unitFound = units.get(row.unit)
    const account = accounts.get(row.username)
    const findings = [...row.findings, ...accountFindings(row, account, actor), ...unitFindings(row, unitFound)]
    if (row.post === '' && !findings.some(({ column }) => column === 'post')) findings.push({ column: 'post', fault: 'needed', facts: {} })
    const base = { ...row, findings, unitFound, account }
    if (findings.length > 0 || !unitFound || !account) return { ...base, becomes: 'bad' }
    const named = (posts.get(unitFound.id) ?? []).filter((post) => post.title === row.post)
    const own = held.get(account.id)!
    if (named.some((post) => own.some((one) => one.post === post.id && !one.acting))) return { ...base, becomes: 'same' }
    const vacant = named.find((post) => post.holder === null && !taken.has(post.id))
    if (!vacant) {
      const [first] = named
      findings.push({ column: 'post', fault: 'post-filled', facts: { value: row.post, unit: unitFound.name, holder: first?.holder ?? '' } })
      return { ...base, becomes: 'bad' }
    }
    if (!mayAlsoHold(will.get(account.id)!, vacant)) {
      findings.push({ column: 'post', fault: 'roles-separate', facts: { value: row.post } })
      return { ...base, becomes: 'bad' }
    }
    taken.add(vacant.id)
    will.get(account.id)!.push(vacant)
    return { ...base, grants: vacant, becomes: 'new' }
  })
}

function accountFindings(row: ReadRow, account: KnownAccount | undefined, actor: Actor): CellFinding[] {
  if (row.username === '' || row.findings.some(({ column }) => column === 'username')) return []
  const at = (column: CellFinding['column'], fault: CellFinding['fault']): CellFinding[] => [{ column, fault, facts: { value: row[column === 'name' ? 'name' : 'username'] } }]
  if (!account) return at('username', 'account-unknown')
  if (account.disabled) return at('username', 'account-closed')
  if (account.id === actor.account) return at('username', 'grant-yourself')
  // Which name the account has stays unsaid: it may be that of somebody else.
  return row.name !== '' && row.name !== account.name ? at('name', 'name-differs') : []
}

function unitFindings(row: ReadRow, unit: NamedUnit | undefined): CellFinding[] {
  if (row.unit === '' || row.findings.some(({ column }) => column === 'unit')) return []
  if (!unit) return [{ column: 'unit', fault: 'unit-unknown', facts: { value: row.unit } }]
  if (unit.state !== 'active') return [{ column: 'unit', fault: 'unit-closed', facts: { value: row.unit, name: unit.name } }]
  if (!unit.mine) return [{ column: 'unit', fault: 'grant-not-yours', facts: { value: row.unit } }]
  const findings: CellFinding[] = []
  if (row.unitName !== '' && row.unitName !== unit.name) findings.push({ column: 'unitName', fault: 'unit-name-differs', facts: { value: row.unitName, name: unit.name } })
  if (row.post !== '' && !unit.posts.includes(row.post)) findings.push({ column: 'post', fault: 'post-unknown', facts: { value: row.post, posts: unit.posts, unit: unit.name } })
  return findings
}

async function read(file: Buffer): Promise<{ sheet: string; letters: Record<string, string>; typed: ReadRow[] }> {
  const { sheet, letters, rows } = await readAccountBook(file)
  return { sheet, letters, typed: rows.map(readRow) }
}

const findingsOf = ({ sheet, letters, rows }: Read): Finding[] =>
  rows.flatMap((row) => row.findings.map(({ column, fault, facts }) => ({ code: `account-${fault}`, path: `${sheet}!${letters[column]}${row.row}`, facts })))
const count = (rows: readonly Judged[], becomes: Judged['becomes']) => rows.filter((row) => row.becomes === becomes).length

/** What granting the posts of a workbook would do, for the person to look at. Nothing is written. */
export async function previewGrants(tx: Tx, actor: Actor, file: Buffer, today: CivilDate) {
  const { typed, ...found } = await read(file)
  const rows = await judge(tx, actor, typed, today)
  return {
    rows: rows.map(({ row, username, name, unit, unitFound, account, post, becomes }) => ({ row, username, name: name || (becomes === 'bad' ? '' : (account?.name ?? '')), unit, unitName: unitFound?.name ?? '', post, becomes })),
    fresh: count(rows, 'new'), same: count(rows, 'same'), bad: count(rows, 'bad'), findings: findingsOf({ ...found, rows }),
  }
}

/**
 * Grants the posts of the good rows from today on (all, or none when `all` is wanted and a row is bad), each with a line in the
 * trail as if it had been granted by itself. The same file again changes nothing. Throws Problems `import-refused`,
 * `nothing-to-import`, `reason-needed`.
 * @returns how many posts were granted
 */
export async function takeGrants(
  { database, actor, now }: Pick<RawCall, 'database' | 'actor' | 'now'>,
  file: Buffer,
  { all, reason }: { all: boolean; reason: string },
): Promise<{ granted: number }> {
  const why = reason.trim().slice(0, longestReason)
  if (why === '') throw new Problem('reason-needed', { field: 'reason' })
  const today = todayIn(now.getTime())
  const { typed, ...found } = await read(file)
  return database.transaction(async (tx) => {
    const rows = await judge(tx, actor, typed, today)
    const bad = findingsOf({ ...found, rows })
    if (all && bad.length > 0) throw new Problem('import-refused', { facts: { total: count(rows, 'bad') }, findings: bad.slice(0, 100) })
    const wanted = rows.filter((row) => row.grants !== undefined)
    if (wanted.length === 0) throw new Problem('nothing-to-import', { facts: { same: count(rows, 'same'), bad: count(rows, 'bad') } })
    // A post that somebody has taken at this very moment stays with him.
    const granted = new Set(await grantVacant(tx, wanted.map((row) => ({ post: row.grants!.id, account: row.account!.id })), today))
    const done = wanted.filter((row) => granted.has(row.grants!.id))
    for (const account of new Set(done.map((row) => row.account!.id))) await tellAccessChanged(tx, account)
    const by = { account: actor.account }
    await recordMany(tx, 'access.postGranted', done.map((row) => ({
      by, unit: row.unitFound!.id, subject: `account:${row.account!.id}`, reason: why, facts: { post: row.grants!.id, title: row.post, acting: false, from: today, way: 'workbook' },
    })))
    await record(tx, 'access.grantsImported', { by, subject: 'accounts', reason: why, facts: { rows: rows.length, granted: done.length, bad: count(rows, 'bad') } })
    return { granted: done.length }
  })
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
  response.end(JSON.stringify(body))
}

export const grantRoutes: RawRoute[] = [
  {
    method: 'GET',
    path: '/access/grants/template',
    needs: 'grant.manage',
    summary: 'The workbook of accounts, with the units and posts that I may grant to copy from',
    async handle({ database, actor, now, response }) {
      const units = await unitsToCopy(database.db, await inScope(database.db, 'u', mustHold(actor, 'grant.manage')), todayIn(now.getTime()), copiedUnits)
      sendsBook(response, actor.locale === 'en' ? 'grants' : '批量授岗')
      response.end(await templateBook(units, actor.locale))
    },
  },
  {
    method: 'POST',
    path: '/access/grants/preview',
    needs: 'grant.manage',
    summary: `Which posts a workbook of accounts would grant, with every bad cell named; nothing is written (at most ${mostRows} rows)`,
    async handle({ database, actor, now, request, response }) {
      sendJson(response, await previewGrants(database.db, actor, await uploaded(request), todayIn(now.getTime())))
    },
  },
  {
    method: 'POST',
    path: '/access/grants/import',
    needs: 'grant.manage',
    summary: 'Grants the posts of a workbook of accounts (?reason; ?good=1 leaves bad rows out)',
    async handle(call) {
      const file = await uploaded(call.request)
      sendJson(call.response, await takeGrants(call, file, { all: call.query.get('good') !== '1', reason: call.query.get('reason') ?? '' }))
    },
  },
]
