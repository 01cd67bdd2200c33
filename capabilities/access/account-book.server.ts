import ExcelJS from 'exceljs'
import type { Readable } from 'node:stream'
import yauzl from 'yauzl'
import { isProblem, Problem } from '../../rules/problem.ts'
import { accountColumns, columnOf, heads, type AccountColumn, type TypedCell, type TypedRow } from './account-rows.ts'

type Locale = 'zh-CN' | 'en'
/** Nobody types more in one go; more rows are a second file. */
export const mostRows = 500
/** Bytes of an upload, and of what it may inflate to: a workbook of accounts is small. */
const uploadLimit = 2 * 1024 * 1024
const inflatedLimit = 30 * 1024 * 1024
const say = (locale: Locale, words: { zh: string; en: string }) => (locale === 'en' ? words.en : words.zh)

/** The whole upload. Throws Problem `too-large`; what is over the limit is not read. */
export async function uploaded(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += (chunk as Buffer).length
    if (size > uploadLimit) throw new Problem('too-large', { facts: { limit: uploadLimit } })
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks)
}

/**
 * Inflates every part once and counts, because what a zip says about its own sizes may be a lie: a file that would blow
 * up is refused before anything of it is kept. Throws Problem `too-large`, and the zip's own errors.
 */
async function mustBeSmall(file: Buffer): Promise<void> {
  const zip = await yauzl.fromBufferPromise(file, { validateEntrySizes: false })
  let inflated = 0
  for await (const entry of zip.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue
    const part = await zip.openReadStreamPromise(entry)
    for await (const chunk of part) {
      inflated += (chunk as Buffer).length
      if (inflated > inflatedLimit) {
        part.destroy()
        throw new Problem('too-large', { facts: { limit: inflatedLimit } })
      }
    }
  }
}

/**
 * Reads the rows of a workbook of accounts: the first sheet whose first ten rows carry the heads, in whatever order.
 * Throws Problems `not-a-file-of-that-kind` (a renamed or damaged file, or no such heads), `too-large`.
 */
export async function readAccountBook(file: Buffer): Promise<{ sheet: string; letters: Record<AccountColumn, string>; rows: TypedRow[] }> {
  const book = new ExcelJS.Workbook()
  try {
    await mustBeSmall(file)
    await book.xlsx.load(file as never)
  } catch (error) {
    // What the zip or the XML complains of is the file's fault.
    throw isProblem(error) ? error : new Problem('not-a-file-of-that-kind', { facts: { wanted: '.xlsx' } })
  }
  for (const sheet of book.worksheets) {
    const found = headsOf(sheet)
    if (!found) continue
    const rows: TypedRow[] = []
    sheet.eachRow((row, number) => {
      if (number <= found.row) return
      const cells = Object.fromEntries(accountColumns.map((column) => [column, typedCell(found.at[column] === undefined ? undefined : row.getCell(found.at[column]))])) as Record<AccountColumn, TypedCell>
      if (accountColumns.every((column) => cells[column].text === '' && !cells[column].fault)) return
      rows.push({ row: number, hidden: row.hidden === true, cells })
    })
    if (rows.length > mostRows) throw new Problem('too-large', { facts: { rows: rows.length, most: mostRows } })
    const letters = Object.fromEntries(accountColumns.map((column) => [column, sheet.getColumn(found.at[column] ?? 1).letter])) as Record<AccountColumn, string>
    return { sheet: sheet.name, letters, rows }
  }
  throw new Problem('not-a-file-of-that-kind', { facts: { heads: accountColumns.slice(0, 3).map((column) => heads[column].zh) } })
}

function headsOf(sheet: ExcelJS.Worksheet): { row: number; at: Partial<Record<AccountColumn, number>> } | undefined {
  for (let number = 1; number <= Math.min(10, sheet.rowCount); number++) {
    const at: Partial<Record<AccountColumn, number>> = {}
    sheet.getRow(number).eachCell((cell, column) => {
      const named = columnOf(cell.text)
      if (named && at[named] === undefined) at[named] = column
    })
    if (at.username !== undefined && at.name !== undefined && at.unit !== undefined) return { row: number, at }
  }
  return undefined
}

function typedCell(cell: ExcelJS.Cell | undefined): TypedCell {
  if (!cell) return { text: '' }
  if (cell.isMerged) return { text: '', fault: 'merged' }
  if (cell.type === ExcelJS.ValueType.Formula) return { text: '', fault: 'formula' }
  if (cell.type === ExcelJS.ValueType.Error || cell.type === ExcelJS.ValueType.Date || cell.type === ExcelJS.ValueType.Boolean) return { text: '', fault: 'unreadable' }
  // A whole number up to 15 digits is exact, so a code that was kept as one is the code.
  if (cell.type === ExcelJS.ValueType.Number) return { text: Number.isSafeInteger(cell.value) ? String(cell.value) : cell.text }
  return { text: cell.text }
}

export type UnitLine = { code: string; name: string; posts: string[] }

/** The empty form: heads, codes kept as text, how to fill it in, and the units with their codes to copy from. */
export async function templateBook(units: readonly UnitLine[], locale: Locale): Promise<Buffer> {
  const book = new ExcelJS.Workbook()
  const sheet = book.addWorksheet(say(locale, { zh: '账号', en: 'Accounts' }), { views: [{ state: 'frozen', ySplit: 1 }] })
  writeHeads(sheet, locale, accountColumns)
  const about = book.addWorksheet(say(locale, { zh: '填写说明', en: 'How to' }))
  about.columns = [{ width: 16 }, { width: 90 }]
  const lines: [{ zh: string; en: string }, { zh: string; en: string }][] = [
    [heads.username, { zh: '必填。2 至 40 个字母、数字、点、横线或下划线，不区分大小写，全平台不能重复。', en: 'Needed. 2 to 40 letters, digits, dots, hyphens or underscores; case does not matter; unique on the platform.' }],
    [heads.name, { zh: '必填。', en: 'Needed.' }],
    [heads.unit, { zh: '必填。12 位代码或单位字母代码，见“单位”表；本列已设为文本，不会丢掉前面的 0。', en: 'Needed. The 12 digits or letters of the sheet of units; the column is text, so no leading zero is lost.' }],
    [heads.unitName, { zh: '可不填。填了就与代码核对，防止错行。', en: 'May stay empty. When given it must fit the code, so that a slipped row is found.' }],
    [heads.post, { zh: '可不填。填该单位已设的岗位名称；岗位由安全管理员授予，这里只作核对和提示。', en: 'May stay empty. The title of a post of that unit; posts are granted by the security administrator, here it is checked and noted.' }],
  ]
  for (const [head, text] of lines) about.addRow([say(locale, head), say(locale, text)])
  const list = book.addWorksheet(say(locale, { zh: '单位', en: 'Units' }), { views: [{ state: 'frozen', ySplit: 1 }] })
  list.columns = [{ width: 18, style: { numFmt: '@' } }, { width: 30 }, { width: 60 }]
  list.addRow([say(locale, heads.unit), say(locale, heads.unitName), say(locale, heads.post)]).font = { bold: true }
  for (const unit of units) list.addRow([unit.code, unit.name, unit.posts.join('、')])
  return Buffer.from(await book.xlsx.writeBuffer())
}

function writeHeads(sheet: ExcelJS.Worksheet, locale: Locale, columns: readonly AccountColumn[]): void {
  const widths: Record<AccountColumn, number> = { username: 20, name: 14, unit: 18, unitName: 26, post: 20 }
  sheet.columns = columns.map((column) => ({ width: widths[column], style: { numFmt: '@' } }))
  sheet.addRow(columns.map((column) => `${say(locale, heads[column])}${['username', 'name', 'unit'].includes(column) ? '*' : ''}`)).font = { bold: true }
}

export type Handed = { username: string; name: string; unit: string; unitName: string; post: string; password: string }

/** The workbook that goes back once: who has which first password. */
export async function handedBook(handed: readonly Handed[], locale: Locale): Promise<Buffer> {
  const book = new ExcelJS.Workbook()
  const sheet = book.addWorksheet(say(locale, { zh: '初始密码', en: 'First passwords' }), { views: [{ state: 'frozen', ySplit: 1 }] })
  writeHeads(sheet, locale, accountColumns)
  sheet.getCell(1, accountColumns.length + 1).value = say(locale, { zh: '初始密码（只在这里出现，首次登录必须修改）', en: 'First password (only here; changed at the first signing in)' })
  sheet.getCell(1, accountColumns.length + 1).font = { bold: true }
  sheet.getColumn(accountColumns.length + 1).width = 44
  for (const one of handed) sheet.addRow([...accountColumns.map((column) => one[column]), one.password])
  return Buffer.from(await book.xlsx.writeBuffer())
}
