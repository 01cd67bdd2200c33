import { isUsername, plainUsername } from './username.ts'

/** What a workbook of accounts asks for in one row, as it was typed. `row` is its number in the sheet. */
export type TypedRow = { row: number; hidden: boolean; cells: Record<AccountColumn, TypedCell> }
/** A cell as far as accounts need it: text, a number as the file shows it, or why it cannot be read. */
export type TypedCell = { text: string; fault?: 'formula' | 'merged' | 'unreadable' }

export const accountColumns = ['username', 'name', 'unit', 'unitName', 'post'] as const
export type AccountColumn = (typeof accountColumns)[number]

export type RowFault =
  | 'needed' | 'formula' | 'merged' | 'unreadable' | 'row-hidden' | 'username-invalid' | 'too-long' | 'unit-code-short' | 'unit-unknown'
  | 'unit-closed' | 'unit-not-yours' | 'unit-name-differs' | 'post-unknown' | 'twice' | 'account-exists'
  // when posts are granted
  | 'account-unknown' | 'account-closed' | 'grant-yourself' | 'name-differs' | 'grant-not-yours' | 'post-filled' | 'roles-separate'

/** One wrong cell: its place and what stands there, for a sentence with the way out. */
export type CellFinding = { column: AccountColumn; fault: RowFault; facts: Record<string, unknown> }
export type ReadRow = { row: number; username: string; name: string; unit: string; unitName: string; post: string; findings: CellFinding[] }

/** Heads of the columns in both languages; a head is found whatever stands around it (＊, spaces). */
export const heads: Record<AccountColumn, { zh: string; en: string }> = {
  username: { zh: '用户名', en: 'User name' },
  name: { zh: '姓名', en: 'Name' },
  unit: { zh: '单位代码', en: 'Unit code' },
  unitName: { zh: '单位名称', en: 'Unit' },
  post: { zh: '岗位', en: 'Post' },
}

const plain = (text: string) => text.normalize('NFKC').replace(/[\s*()（）]/g, '').toLowerCase()

/** @returns which column a head names, if it names one */
export function columnOf(head: string): AccountColumn | undefined {
  const wanted = plain(head)
  return accountColumns.find((column) => wanted === plain(heads[column].zh) || wanted === plain(heads[column].en))
}

/**
 * Reads one row: what has one meaning is understood (full-width letters and digits, spaces, a code that the program
 * kept as a number), everything else is named with its cell. What is known of units and accounts is judged elsewhere.
 */
export function readRow({ row, hidden, cells }: TypedRow): ReadRow {
  const findings: CellFinding[] = []
  const find = (column: AccountColumn, fault: RowFault, facts: Record<string, unknown> = {}) => findings.push({ column, fault, facts })
  const text = (column: AccountColumn) => cells[column].text.normalize('NFKC').trim()
  for (const column of accountColumns) if (cells[column].fault) find(column, cells[column].fault)
  const spoiled = (column: AccountColumn) => cells[column].fault !== undefined
  if (hidden) find('username', 'row-hidden', { row })
  const username = plainUsername(text('username'))
  const name = text('name').replace(/\s+/g, ' ')
  const unit = text('unit').replace(/\s/g, '').toUpperCase()
  for (const [column, value] of [['username', username], ['name', name], ['unit', unit]] as const) if (value === '' && !spoiled(column)) find(column, 'needed')
  if (username !== '' && !isUsername(username)) find('username', 'username-invalid', { value: username })
  if (name.length > 40) find('name', 'too-long', { most: 40 })
  // A program that took the code for a number dropped its leading zeros or its end: it is not guessed.
  if (/^\d+$/.test(unit) && unit.length !== 12) find('unit', 'unit-code-short', { value: unit, digits: unit.length })
  if (/\d[.]?\d*E[+]\d+/i.test(unit)) find('unit', 'unit-code-short', { value: unit, digits: 0 })
  return { row, username, name, unit, unitName: text('unitName'), post: text('post'), findings }
}

/** Names rows whose user name stands in the file already; the first one counts. */
export function findTwice(rows: readonly ReadRow[]): void {
  const first = new Map<string, number>()
  for (const row of rows) {
    if (row.username === '') continue
    const before = first.get(row.username)
    if (before === undefined) first.set(row.username, row.row)
    else row.findings.push({ column: 'username', fault: 'twice', facts: { value: row.username, row: before } })
  }
}
