import type { ServerResponse } from 'node:http'
import { randomUUID } from 'node:crypto'
import { todayIn, type CivilDate } from '../../rules/civil-date.ts'
import { Problem, type Finding } from '../../rules/problem.ts'
import type { Tx } from '../../server/db.ts'
import { record, recordMany } from '../../server/events.ts'
import type { RawCall, RawRoute } from '../../server/raw.ts'
import { inScope } from '../units/units.reads.ts'
import { handedBook, mostRows, readAccountBook, templateBook, uploaded, type Handed } from './account-book.server.ts'
import { findTwice, readRow, type CellFinding, type ReadRow } from './account-rows.ts'
import { insertAccounts, savePassword } from './access.sql.ts'
import { firstPassword, hashPassword } from './accounts.server.ts'
import { accountsOfNames, unitsOfCodes, unitsToCopy, type KnownAccount, type NamedUnit } from './bulk-accounts.sql.ts'
import { mustHold, type Actor } from './permission.ts'

const copiedUnits = 2_000

/** What becomes of a row: a new account, one that is there already just so, or nothing as long as a cell is wrong. */
type Judged = ReadRow & { unitFound?: NamedUnit | undefined; known?: KnownAccount | undefined; becomes: 'new' | 'same' | 'bad' }

/** Judges every row by the units and accounts that there are; nothing is written. */
async function judge(tx: Tx, actor: Actor, rows: ReadRow[], today: CivilDate): Promise<Judged[]> {
  const scope = await inScope(tx, 'u', mustHold(actor, 'account.manage'))
  const units = new Map((await unitsOfCodes(tx, rows.map((row) => row.unit), scope, today)).map((unit) => [unit.code.toUpperCase(), unit]))
  const accounts = new Map((await accountsOfNames(tx, rows.map((row) => row.username))).map((account) => [account.username, account]))
  return rows.map((row) => {
    const unitFound = units.get(row.unit)
    const known = accounts.get(row.username)
    const findings = [...row.findings, ...unitFindings(row, unitFound)]
    if (known && (known.name !== row.name || known.unit !== unitFound?.id) && findings.length === 0) {
      // The name of an account that is not the asker's to see stays unsaid.
      findings.push({ column: 'username', fault: 'account-exists', facts: { value: row.username } })
    }
    return { ...row, findings, unitFound, known, becomes: findings.length > 0 ? 'bad' : known ? 'same' : 'new' }
  })
}

function unitFindings(row: ReadRow, unit: NamedUnit | undefined): CellFinding[] {
  if (row.unit === '' || row.findings.some(({ column }) => column === 'unit')) return []
  if (!unit) return [{ column: 'unit', fault: 'unit-unknown', facts: { value: row.unit } }]
  if (unit.state !== 'active') return [{ column: 'unit', fault: 'unit-closed', facts: { value: row.unit, name: unit.name } }]
  if (!unit.mine) return [{ column: 'unit', fault: 'unit-not-yours', facts: { value: row.unit } }]
  const findings: CellFinding[] = []
  if (row.unitName !== '' && row.unitName !== unit.name) findings.push({ column: 'unitName', fault: 'unit-name-differs', facts: { value: row.unitName, name: unit.name } })
  if (row.post !== '' && !unit.posts.includes(row.post)) findings.push({ column: 'post', fault: 'post-unknown', facts: { value: row.post, posts: unit.posts, unit: unit.name } })
  return findings
}

type Read = { sheet: string; letters: Record<string, string>; rows: Judged[] }

async function readAndJudge(tx: Tx, actor: Actor, file: Buffer, today: CivilDate): Promise<Read> {
  const { sheet, letters, rows } = await readAccountBook(file)
  const read = rows.map(readRow)
  findTwice(read)
  return { sheet, letters, rows: await judge(tx, actor, read, today) }
}

const findingsOf = ({ sheet, letters, rows }: Read): Finding[] =>
  rows.flatMap((row) =>
    row.findings.map(({ column, fault, facts }) => ({ code: `account-${fault}`, path: `${sheet}!${letters[column]}${row.row}`, facts })),
  )

const count = (rows: readonly Judged[], becomes: Judged['becomes']) => rows.filter((row) => row.becomes === becomes).length

/** What an upload would do, for the person to look at. Nothing is written. */
export async function previewAccounts(tx: Tx, actor: Actor, file: Buffer, today: CivilDate) {
  const read = await readAndJudge(tx, actor, file, today)
  return {
    rows: read.rows.map(({ row, username, name, unit, unitFound, post, becomes }) => ({ row, username, name, unit, unitName: unitFound?.name ?? '', post, becomes })),
    fresh: count(read.rows, 'new'),
    same: count(read.rows, 'same'),
    bad: count(read.rows, 'bad'),
    /** Accounts of this file that nobody has used yet: their first passwords can be given anew, when the workbook was lost. */
    unused: read.rows.filter((row) => row.becomes === 'same' && row.known?.neverUsed && !row.known.disabled).length,
    findings: findingsOf(read),
  }
}

/**
 * Makes the accounts of the good rows (all, or none when `all` is wanted and a row is bad) and gives each its own first
 * password; with `again`, also those of this file that nobody has used yet. The same file again changes nothing.
 * Throws Problems `import-refused` (bad rows, `all`), `nothing-to-import`.
 */
export async function takeAccounts(
  { database, actor, now }: Pick<RawCall, 'database' | 'actor' | 'now'>,
  file: Buffer,
  { all, again }: { all: boolean; again: boolean },
): Promise<Handed[]> {
  const today = todayIn(now.getTime())
  const read = await readAndJudge(database.db, actor, file, today)
  const bad = findingsOf(read)
  if (all && bad.length > 0) throw new Problem('import-refused', { facts: { total: count(read.rows, 'bad') }, findings: bad.slice(0, 100) })
  const wanted = read.rows.filter((row) => row.becomes === 'new' || (again && row.becomes === 'same' && row.known?.neverUsed && !row.known.disabled))
  if (wanted.length === 0) throw new Problem('nothing-to-import', { facts: { same: count(read.rows, 'same'), bad: count(read.rows, 'bad') } })
  // Hashing takes its time by design: before the transaction, some at a time.
  const made: { row: Judged; password: string; hash: string }[] = []
  for (let at = 0; at < wanted.length; at += 4) {
    const some = wanted.slice(at, at + 4).map(async (row) => {
      const password = firstPassword()
      return { row, password, hash: await hashPassword(password) }
    })
    made.push(...(await Promise.all(some)))
  }
  return database.transaction(async (tx) => {
    const handed: Handed[] = []
    const events: { subject: string; unit: number; facts: Record<string, unknown>; kind: 'access.accountCreated' | 'access.passwordReset' }[] = []
    for (const { row, password, hash } of made) {
      const unit = row.unitFound!
      const { username, name, post } = row
      const fresh = row.becomes === 'new'
      const [id] = fresh ? await insertAccounts(tx, [{ id: randomUUID(), username, name, unit: unit.id, locale: 'zh-CN', sample: false }], { passwordHash: hash, mustChangePassword: true }) : [row.known!.id]
      // Somebody made an account of that name in between: it stays as it is, and is not in the workbook.
      if (!id) continue
      if (!fresh) await savePassword(tx, id, hash, { mustChange: true })
      events.push({ kind: fresh ? 'access.accountCreated' : 'access.passwordReset', subject: `account:${id}`, unit: unit.id, facts: { way: 'workbook' } })
      handed.push({ username, name, unit: unit.code, unitName: unit.name, post, password })
    }
    const by = { account: actor.account }
    for (const kind of ['access.accountCreated', 'access.passwordReset'] as const) {
      const lines = events.filter((event) => event.kind === kind).map(({ subject, unit, facts }) => ({ by, subject, unit, facts }))
      if (lines.length > 0) await recordMany(tx, kind, lines)
    }
    await record(tx, 'access.accountsImported', { by, subject: 'accounts', facts: { rows: read.rows.length, handed: handed.length, bad: count(read.rows, 'bad') } })
    return handed
  })
}

const say = (actor: Actor, zh: string, en: string) => (actor.locale === 'en' ? en : zh)

function sendBook(response: ServerResponse, title: string, book: Buffer): void {
  response.writeHead(200, {
    'content-type': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(`${title}.xlsx`)}`,
    // First passwords are kept nowhere, not in a browser either.
    'cache-control': 'no-store',
  })
  response.end(book)
}

export const accountTemplateRoute: RawRoute = {
  method: 'GET',
  path: '/access/accounts/template',
  needs: 'account.manage',
  summary: 'The empty workbook for new accounts, with the codes of my units to copy from',
  async handle({ database, actor, now, response }) {
    const units = await unitsToCopy(database.db, await inScope(database.db, 'u', mustHold(actor, 'account.manage')), todayIn(now.getTime()), copiedUnits)
    sendBook(response, say(actor, '账号批量导入', 'accounts'), await templateBook(units, actor.locale))
  },
}

export const accountPreviewRoute: RawRoute = {
  method: 'POST',
  path: '/access/accounts/preview',
  needs: 'account.manage',
  summary: `What a workbook of new accounts would do, with every bad cell named; nothing is written (at most ${mostRows} rows)`,
  async handle({ database, actor, now, request, response }) {
    const preview = await previewAccounts(database.db, actor, await uploaded(request), todayIn(now.getTime()))
    response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' })
    response.end(JSON.stringify(preview))
  },
}

export const accountImportRoute: RawRoute = {
  method: 'POST',
  path: '/access/accounts/import',
  needs: 'account.manage',
  summary: 'Makes the accounts of a workbook and answers a workbook with their first passwords, once (?good=1 leaves bad rows out, ?again=1 also unused ones)',
  async handle(call) {
    const file = await uploaded(call.request)
    const handed = await takeAccounts(call, file, { all: call.query.get('good') !== '1', again: call.query.get('again') === '1' })
    sendBook(call.response, say(call.actor, '初始密码', 'first passwords'), await handedBook(handed, call.actor.locale))
  },
}
