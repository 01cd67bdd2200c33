import ExcelJS from 'exceljs'
import { buffer } from 'node:stream/consumers'
import { inflateRawSync } from 'node:zlib'
import { todayIn } from '../../rules/civil-date.ts'
import { isProblem, Problem, type Finding } from '../../rules/problem.ts'
import type { Database } from '../../server/db.ts'
import type { RawCall, RawRoute } from '../../server/raw.ts'
import { markBook, sendsBook } from '../../server/xlsx.ts'
import english from '../../web/locales/en/problem.json' with { type: 'json' }
import chinese from '../../web/locales/zh-CN/problem.json' with { type: 'json' }
import { mustBeAble, type Actor } from '../access/permission.ts'
import { pathOf, pathOfUnit, unitOf } from '../units/units.reads.ts'
import { sentenceIn } from '../workbooks/finding-words.ts'
import { previewChanges, type Previewed } from './ahead.server.ts'
import { cellFor, cellName, columns, kindChoices, managementChoices, readChanges, type ColumnKey, type ColumnPlaces, type KnownUnits, type Line } from './change-rows.ts'
import type { ChangeInput } from './changes.contract.ts'
import * as queries from './changes.sql.ts'

/** What a sheet of changes may be: a county's changes are a few hundred lines. */
const limits = { bytes: 2 * 1024 * 1024, inflated: 60 * 1024 * 1024, lines: 1_000, changes: 300 }
/** Lines that get drop-downs; more may be typed below them. */
const prepared = 300

/** An empty sheet for changes below a unit, with its units and their codes on a second sheet. */
export async function writeChangeBook(database: Database, actor: Actor, unit: number): Promise<Buffer> {
  const en = actor.locale === 'en'
  const below = await queries.unitsForBook(database.db, await unitOf(database.db, unit))
  const book = new ExcelJS.Workbook()
  const sheet = book.addWorksheet(en ? 'Changes' : '机构变动', { views: [{ state: 'frozen', ySplit: 1 }] })
  sheet.columns = columns.map((column) => ({ header: en ? column.en : column.zh, key: column.key, width: column.width }))
  sheet.getRow(1).font = { bold: true }
  // A code is not a number: as one it would lose its leading zeros and, past 15 digits, its end.
  for (const key of ['group', 'on', 'fromCode', 'toCode', 'areaCode', 'lineCode', 'share']) sheet.getColumn(key).numFmt = '@'
  for (let row = 2; row <= prepared; row++) {
    sheet.getCell(row, 2).dataValidation = { type: 'list', allowBlank: true, formulae: [`"${kindChoices.join(',')}"`] }
    sheet.getCell(row, 9).dataValidation = { type: 'list', allowBlank: true, formulae: ['"是"'] }
    sheet.getCell(row, 12).dataValidation = { type: 'list', allowBlank: true, formulae: [`"${managementChoices.join(',')}"`] }
  }
  const known = book.addWorksheet(en ? 'Units' : '单位代码表', { views: [{ state: 'frozen', ySplit: 1 }] })
  known.columns = [{ header: en ? 'Code' : '代码', width: 18 }, { header: en ? 'Name' : '名称', width: 24 }, { header: en ? 'Class' : '类别', width: 12 }, { header: en ? 'Belongs to' : '所属', width: 24 }]
  known.getColumn(1).numFmt = '@'
  for (const one of below) known.addRow([one.code, one.name, en ? one.en : one.zh, one.parentName ?? ''])
  await known.protect('', {})
  const help = book.addWorksheet(en ? 'How to fill in' : '填写说明')
  help.getColumn(1).width = 100
  for (const line of en ? helpEn : helpZh) help.addRow([line])
  return Buffer.from(await book.xlsx.writeBuffer())
}

const helpZh = [
  '同一项变动的各行写同一个组号；只有一行的变动，组号可以不写。类别、生效日期写在第一行即可。',
  '合并：每个被合并的单位一行，写原单位代码；新单位代码、名称写一次。代码是现有单位的，就并入该单位；否则新设。',
  '拆分：每个新单位一行，原单位代码写在第一行；份额要么都写且合计为 1，要么都不写；由谁承接未办结事项，在该行写“是”，不写则为第一行。',
  '更名：写原单位代码和新单位名称。撤销：写原单位代码，新单位代码写承接单位。隶属调整：写原单位代码和新的块（条）上级代码。',
  '单位代码表列出本级以下的现有单位，可复制代码。交回后先预览，任何一格有误都会逐格列出，确认前什么也不会改动。',
]
const helpEn = [
  'Lines of one change have the same group; a change of one line needs none. Kind and date on the first line are enough.',
  'Merge (合并): a line for each unit that ends, with its code; code and name of the new unit once. The code of a standing unit means that unit takes over.',
  'Split (拆分): a line for each new unit, the code of the old one on the first line; shares for all, together 1, or for none; 是 where open matters go, by default the first.',
  'Rename (更名): old code and new name. Abolish (撤销): old code, and as new code the unit that takes over. Transfer (隶属调整): old code and the code of the new parent.',
  'The sheet of units lists what stands below; copy codes from it. What comes back is previewed first; every wrong cell is listed, and nothing changes before it is confirmed.',
]

export type BookRead = {
  lines: number
  /** One per wrong cell, `path` is its name (D5); empty when all can be previewed. */
  findings: Finding[]
  changes: ChangeInput[]
  /** The preview, when nothing is wrong. */
  preview: Previewed | null
}

/**
 * Reads a sheet of changes and previews them: nothing is changed. Every wrong cell is named, also what only the structure
 * can refuse (a rank, a permission). Throws Problem `not-a-file-of-that-kind` or `too-large`.
 */
export async function readChangeBook(database: Database, actor: Actor, bytes: Buffer, now: Date): Promise<BookRead> {
  mustBeSmallBook(bytes)
  const { lines, places } = await linesOf(bytes)
  if (lines.length > limits.lines) throw new Problem('too-large', { facts: { limit: limits.lines } })
  const codes = [...new Set(lines.flatMap((line) => [line.fromCode, line.toCode, line.areaCode, line.lineCode]).filter(Boolean))]
  const known: KnownUnits = new Map((await queries.standingByCode(database.db, codes)).map((unit) => [unit.code, unit]))
  const { changes, rows, wrong } = readChanges(lines, known)
  const findings: Finding[] = wrong.map((one) => ({ code: one.code, path: cellName(one, places), facts: { ...one.facts, cell: cellName(one, places) } }))
  if (lines.length === 0) findings.push({ code: 'sheet-empty', path: 'A2', facts: { cell: 'A2' } })
  if (changes.length > limits.changes) throw new Problem('too-large', { facts: { limit: limits.changes } })
  let preview: BookRead['preview'] = null
  if (changes.length > 0) {
    const undo = new Error('previewed')
    await database
      .transaction(async (tx) => {
        const today = todayIn(now.getTime())
        const found = await previewChanges({ tx, actor, today, now }, changes)
        if (findings.length === 0) preview = found
        throw undo
      })
      .catch((error: unknown) => {
        if (error === undo) return
        if (!isProblem(error)) throw error
        const all = isProblem(error, 'change-invalid') && error.findings.length > 0 ? error.findings : [{ code: error.code, path: `changes.0.${error.field ?? ''}`, facts: error.facts }]
        for (const one of all) {
          const [, index, ...rest] = one.path.startsWith('changes.') ? one.path.split('.') : ['', '0', ...one.path.split('.')]
          const cell = cellName(cellFor(rest.join('.'), rows[Number(index)]!), places)
          findings.push({ code: one.code, path: cell, facts: { ...one.facts, cell } })
        }
      })
  }
  return { lines: lines.length, findings, changes: changes as ChangeInput[], preview }
}

/** The sheet as it was given, with each wrong cell coloured and the reason and the way out in its comment. */
export async function markChangeBook(bytes: Buffer, findings: readonly Finding[], locale: Actor['locale']): Promise<Buffer> {
  const texts = locale === 'en' ? english : chinese
  return markBook(bytes, findings.map(({ code, path, facts = {} }) => ({ cell: path, text: sentenceIn(texts, { code, facts }, locale) ?? code })))
}

/** The lines of the first sheet, by the words of its heading: columns may have been moved or added. */
async function linesOf(bytes: Buffer): Promise<{ lines: Line[]; places: ColumnPlaces }> {
  const book = new ExcelJS.Workbook()
  await book.xlsx.load(bytes as never).catch(() => {
    throw notABook()
  })
  const sheet = book.worksheets[0]
  if (!sheet) throw notABook()
  const places = new Map<ColumnKey, number>()
  sheet.getRow(1).eachCell((cell, at) => {
    const word = textOf(cell)
    const column = columns.find((one) => one.zh === word || one.en === word)
    if (column && !places.has(column.key)) places.set(column.key, at)
  })
  if (!places.has('kind') || !places.has('fromCode')) throw notABook()
  const lines: Line[] = []
  sheet.eachRow((row, number) => {
    if (number === 1) return
    const cells = Object.fromEntries(columns.map(({ key }) => [key, places.has(key) ? textOf(row.getCell(places.get(key)!)) : ''])) as Omit<Line, 'row'>
    if (Object.values(cells).some((text) => text !== '')) lines.push({ ...cells, row: number })
  })
  return { lines, places }
}

const notABook = () => new Problem('not-a-file-of-that-kind', { field: 'file', facts: { kinds: ['xlsx'] } })

/** A cell as text: what a formula gave, dates as they are written, full-width figures as plain ones. */
function textOf(cell: ExcelJS.Cell): string {
  const value = cell.value as unknown
  const plain = (given: unknown): string => {
    if (given === null || given === undefined) return ''
    if (given instanceof Date) return given.toISOString().slice(0, 10)
    if (typeof given === 'object') {
      const held = given as { result?: unknown; text?: unknown; richText?: { text: string }[] }
      if (held.richText) return held.richText.map((part) => part.text).join('')
      return plain(held.result ?? held.text)
    }
    return String(given as string | number | boolean)
  }
  return plain(value).normalize('NFKC').trim()
}

/**
 * Inflates every part once with a bound, so that a file that unfolds to gigabytes is refused before anything holds it.
 * Throws Problem `not-a-file-of-that-kind` or `too-large`.
 */
function mustBeSmallBook(bytes: Buffer): void {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (bytes.readUInt32LE(0) !== 0x04034b50 || end < 0 || end + 20 > bytes.length) throw notABook()
  let left = limits.inflated
  let at = bytes.readUInt32LE(end + 16)
  try {
    for (let part = bytes.readUInt16LE(end + 10); part > 0; part--) {
      const method = bytes.readUInt16LE(at + 10)
      const size = bytes.readUInt32LE(at + 20)
      const local = bytes.readUInt32LE(at + 42)
      const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28)
      const held = bytes.subarray(start, start + size)
      left -= method === 0 ? held.length : inflateRawSync(held, { maxOutputLength: Math.max(left, 1) }).length
      if (left <= 0) throw new Problem('too-large', { facts: { limit: limits.inflated } })
      at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
    }
  } catch (error) {
    if (isProblem(error)) throw error
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw new Problem('too-large', { facts: { limit: limits.inflated } })
    throw notABook()
  }
}

export const changeBookRoute: RawRoute = {
  method: 'GET',
  path: '/changes/workbook',
  needs: 'unit.manage',
  summary: 'A workbook to fill in with changes below a unit (?unit), with its units and codes',
  async handle({ query, actor, database, response }: RawCall) {
    const unit = unitIn(query)
    mustBeAble(actor, 'unit.manage', pathOfUnit(await unitOf(database.db, unit)))
    const bytes = await writeChangeBook(database, actor, unit)
    sendsBook(response, actor.locale === 'en' ? 'structure-changes' : '机构变动')
    response.end(bytes)
  },
}

export const changeBookBackRoute: RawRoute = {
  method: 'POST',
  path: '/changes/workbook',
  needs: 'unit.manage',
  summary: 'Reads a filled workbook of changes (?unit) and previews it; every wrong cell is named, nothing is changed',
  async handle({ request, query, actor, database, response, now }: RawCall) {
    mustBeAble(actor, 'unit.manage', await pathOf(database.db, unitIn(query)))
    const read = await readChangeBook(database, actor, await given(request), now)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(read))
  },
}

export const changeBookMarkedRoute: RawRoute = {
  method: 'POST',
  path: '/changes/workbook/marked',
  needs: 'unit.manage',
  summary: 'The filled workbook of changes (?unit) given back with its wrong cells marked and the reason in each; nothing is changed',
  async handle({ request, query, actor, database, response, now }: RawCall) {
    mustBeAble(actor, 'unit.manage', await pathOf(database.db, unitIn(query)))
    const bytes = await given(request)
    const { findings } = await readChangeBook(database, actor, bytes, now)
    sendsBook(response, actor.locale === 'en' ? 'structure-changes-marked' : '机构变动（待改）')
    response.end(await markChangeBook(bytes, findings, actor.locale))
  },
}

/** The file that was sent. Throws Problem `too-large` or `not-a-file-of-that-kind`. */
async function given(request: RawCall['request']): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > limits.bytes) throw new Problem('too-large', { facts: { limit: limits.bytes } })
  const bytes = await buffer(request)
  if (bytes.length > limits.bytes) throw new Problem('too-large', { facts: { limit: limits.bytes } })
  if (bytes.length < 22) throw notABook()
  return bytes
}

function unitIn(query: URLSearchParams): number {
  const text = query.get('unit') ?? ''
  if (!/^\d{1,9}$/.test(text)) throw new Problem('unit-unknown', { field: 'unit', facts: { unit: text } })
  return Number(text)
}
