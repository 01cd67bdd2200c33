import { Big } from 'big.js'
import { parseHedged } from '../../rules/approx.ts'
import { parseCivilDate } from '../../rules/civil-date.ts'
import { halfWidth, parseDecimal } from '../../rules/decimal.ts'
import { parseMoney } from '../../rules/money.ts'
import { isProblem } from '../../rules/problem.ts'
import type { ResolvedField } from '../ledgers/form-definition.ts'

/**
 * A cell as the file has it. `text` of a number is its text in the file: '43280', '1.40101E+17'. `format` says what
 * the cell's number format makes of it. A formula's cell carries the result that was kept with it, `none` when none was.
 */
export type RawCell =
  | { kind: 'text'; text: string; formula?: true }
  | { kind: 'number'; text: string; format?: 'date' | 'percent'; formula?: true }
  | { kind: 'boolean'; value: boolean; formula?: true }
  | { kind: 'error'; text: string; formula?: true }
  | { kind: 'none' }

export type CellWords = { code: string; facts: Record<string, unknown> }
/** A value as a record keeps it (null: empty) with what the person should look at, or why the cell cannot be read. */
export type ReadCell = { value: unknown; notes: readonly CellWords[] } | { bad: CellWords }

export type CellKind = Pick<ResolvedField, 'type' | 'unit' | 'hedged'> & { choices: readonly { value: string; name: { zh: string; en: string } }[] | null }

const nothing: ReadCell = { value: null, notes: [] }
const none: readonly CellWords[] = []
const bad = (code: string, facts: Record<string, unknown> = {}): ReadCell => ({ bad: { code, facts } })

/** A spreadsheet keeps 15 digits; the rest of a longer number is gone before the file is read. */
const exactDigits = 15

/**
 * Reads one cell for one field (mechanism C2). What has one meaning is understood: full-width digits, thousands
 * separators, dates as people write them, 12.5万 in a column of yuan, 是/否. Where the cell was not plainly the value
 * (a scale written out, a serial number, a per cent format, a formula's kept result) a note says what was understood,
 * for the person to confirm. What may mean two things is refused with the reason.
 */
export function readCell(kind: CellKind, cell: RawCell | undefined): ReadCell {
  if (cell === undefined) return nothing
  if (cell.kind === 'none') return bad('formula-without-result')
  if (cell.kind === 'error') return bad('cell-error', { given: cell.text })
  const read = readPlain(kind, cell)
  if (!cell.formula || 'bad' in read || read.value === null) return read
  return { value: read.value, notes: [{ code: 'formula', facts: { value: shown(kind, read.value) } }, ...read.notes] }
}

type Plain = Exclude<RawCell, { kind: 'none' | 'error' }>

function readPlain(kind: CellKind, cell: Plain): ReadCell {
  if (cell.kind === 'text' && blank(cell.text)) return nothing
  switch (kind.type) {
    case 'number':
      return readNumber(kind, cell)
    case 'money':
      return readMoney(cell)
    case 'date':
      return readDate(cell)
    case 'yesNo':
      return readYesNo(cell)
    case 'choice':
      return readChoice(kind, cell)
    default:
      return readText(cell)
  }
}

// ---- figures

const wholeNumber = /^-?(?:0|[1-9]\d{0,14})$/
/** A decimal that is its own shortest form: nothing is lost, and nothing is to be rounded. */
const plainDecimal = /^-?(?:0|[1-9]\d{0,9})\.\d{0,3}[1-9]$/

/** @returns the decimal that a number cell stands for, without the noise of its binary form; null when digits are lost */
function decimalOf(text: string): string | null {
  if (wholeNumber.test(text) || plainDecimal.test(text)) return text
  const number = Number(text)
  if (!Number.isFinite(number)) return null
  if (Number.isInteger(number) && Math.abs(number) >= 10 ** exactDigits) return null
  return new Big(number.toPrecision(exactDigits)).toFixed()
}

function readNumber(kind: CellKind, cell: Plain): ReadCell {
  if (cell.kind === 'boolean') return bad('not-a-number', { given: cell.value ? 'TRUE' : 'FALSE' })
  if (cell.kind === 'number') {
    if (cell.format === 'date') return bad('date-in-number', { given: dateOf(cell.text) ?? cell.text })
    const value = decimalOf(cell.text)
    if (value === null) return bad('digits-lost', { given: cell.text })
    if (cell.format !== 'percent') return { value, notes: none }
    const percent = new Big(value).times(100).toFixed()
    if (kind.unit !== '%') return bad('percent-in-number', { given: `${percent}%`, unit: kind.unit })
    return { value: percent, notes: [{ code: 'percent', facts: { value: percent } }] }
  }
  const given = halfWidth(cell.text)
  const plain = exactly(() => parseDecimal(given))
  if (plain !== undefined) return { value: plain, notes: none }
  const figure = exactly(() => parseHedged(given))
  if (!figure) return bad('not-a-number', { given: short(cell.text) })
  const unit = figure.unit ?? ''
  if (unit !== '' && unit !== kind.unit) return bad(unit === '%' ? 'percent-in-number' : 'other-unit', { given: short(cell.text), unit: kind.unit, found: unit })
  const scale = /[百千万亿]/.exec(given)?.[0]
  // 12.5万 in a column of 万元: ten thousand yuan, or ten thousand times as many?
  if (scale && kind.unit && /[百千万亿]/.test(kind.unit)) return bad('scale-ambiguous', { given: short(cell.text), unit: kind.unit })
  if (figure.approx !== 'exact' && !kind.hedged) return bad('not-hedged', { given: short(cell.text) })
  const value = figure.approx === 'exact' ? figure.value : { value: figure.value, approx: figure.approx }
  return { value, notes: scale ? [{ code: 'scaled', facts: { given: short(cell.text), value: figure.value, unit: kind.unit } }] : none }
}

function readMoney(cell: Plain): ReadCell {
  if (cell.kind === 'boolean') return bad('not-a-number', { given: cell.value ? 'TRUE' : 'FALSE' })
  if (cell.kind === 'number') {
    if (cell.format === 'date') return bad('date-in-number', { given: dateOf(cell.text) ?? cell.text })
    if (cell.format === 'percent') return bad('percent-in-number', { given: `${cell.text}`, unit: '元' })
    const yuan = decimalOf(cell.text)
    if (yuan === null) return bad('digits-lost', { given: cell.text })
    const fen = wholeNumber.test(yuan) ? (yuan === '0' ? '0' : `${yuan}00`) : fenOf(yuan)
    return fen === undefined ? bad('too-precise', { precision: 2, given: yuan }) : { value: fen, notes: none }
  }
  try {
    const fen = parseMoney(cell.text)
    const scaled = /[万亿]/.test(cell.text)
    return { value: fen, notes: scaled ? [{ code: 'scaled', facts: { given: short(cell.text), value: yuanOf(fen), unit: '元' } }] : none }
  } catch (error) {
    if (!isProblem(error)) throw error
    if (error.facts.precision !== undefined) return bad('too-precise', { precision: error.facts.precision, given: short(cell.text) })
    const hedged = exactly(() => parseHedged(cell.text))
    return bad(hedged && hedged.approx !== 'exact' ? 'not-hedged' : hedged?.unit ? 'other-unit' : 'not-a-number', { given: short(cell.text), unit: '元', found: hedged?.unit })
  }
}

function fenOf(yuan: string): string | undefined {
  const plain = /^([1-9]\d{0,9})\.(\d\d?)$/.exec(yuan)
  if (plain) return plain[1]! + plain[2]!.padEnd(2, '0')
  const fen = new Big(yuan).times(100)
  return fen.eq(fen.round(0)) ? fen.toFixed() : undefined
}

/** @returns 分 as yuan: '12345' → '123.45' */
export const yuanOf = (fen: string): string => new Big(fen).div(100).toFixed()

// ---- dates, choices, texts

const isSerial = (serial: number) => serial >= 20_000 && serial < 80_000

function dateOf(text: string): string | undefined {
  return exactly(() => parseCivilDate(Number(text)))
}

function readDate(cell: Plain): ReadCell {
  if (cell.kind === 'boolean') return bad('not-a-date', { given: cell.value ? 'TRUE' : 'FALSE' })
  if (cell.kind === 'number') {
    const date = dateOf(cell.text)
    if (cell.format === 'date') return date === undefined ? bad('not-a-date', { given: cell.text }) : { value: date, notes: none }
    const compact = compactDate(cell.text)
    if (compact) return { value: compact, notes: [{ code: 'read-as-date', facts: { given: cell.text, value: compact } }] }
    // A plain number is the serial of a day only where such days are spoken of (1954 to 2119).
    if (date === undefined || !isSerial(Number(cell.text))) return bad('not-a-date', { given: short(cell.text) })
    return { value: date, notes: [{ code: 'read-as-date', facts: { given: cell.text, value: date } }] }
  }
  const text = halfWidth(cell.text).replace(/\s*[T ]?\d{1,2}:\d{2}(:\d{2})?(\.\d+)?Z?$/, '')
  const date = exactly(() => parseCivilDate(text)) ?? compactDate(text)
  if (date !== undefined) return { value: date, notes: none }
  if (/^\d{5}(\.\d+)?$/.test(text)) return readDate({ kind: 'number', text })
  return bad('not-a-date', { given: short(cell.text) })
}

/** 20180629, as forms without separators write it. */
function compactDate(text: string): string | undefined {
  const [, year, month, day] = /^(19\d{2}|20\d{2})(\d{2})(\d{2})$/.exec(text) ?? []
  return year ? exactly(() => parseCivilDate(`${year}-${month}-${day}`)) : undefined
}

const yes = new Set(['是', '有', '对', '√', '✓', '✔', 'y', 'yes', 'true', '1'])
const no = new Set(['否', '无', '没有', '不是', '×', '✗', '✘', 'n', 'no', 'false', '0'])

function readYesNo(cell: Plain): ReadCell {
  if (cell.kind === 'boolean') return { value: cell.value, notes: none }
  const text = halfWidth(cell.text).toLowerCase()
  if (yes.has(text)) return { value: true, notes: none }
  if (no.has(text)) return { value: false, notes: none }
  return bad('not-yes-or-no', { given: short(cell.text) })
}

function readChoice(kind: CellKind, cell: Plain): ReadCell {
  const given = cell.kind === 'boolean' ? String(cell.value) : cell.text
  const wanted = plainWords(given)
  const choice = kind.choices?.find(({ value, name }) => [value, name.zh, name.en].some((word) => plainWords(word) === wanted))
  if (choice) return { value: choice.value, notes: none }
  return bad('not-a-choice', { given: short(given), choices: (kind.choices ?? []).map(({ name }) => name) })
}

/** @returns a word as it is compared: half-width, without spaces, in small letters */
export const plainWords = (text: string): string => halfWidth(text).replace(/\s+/g, '').toLowerCase()

function readText(cell: Plain): ReadCell {
  if (cell.kind === 'boolean') return { value: cell.value ? '是' : '否', notes: none }
  if (cell.kind === 'text') {
    // A long code typed into a cell that was not text: what is left of it is 1.40101E+17.
    if (/^\d(\.\d+)?e\+\d{1,3}$/i.test(cell.text.trim())) return bad('digits-lost', { given: short(cell.text) })
    return { value: trimmed(cell.text), notes: none }
  }
  if (cell.format === 'date') return { value: dateOf(cell.text) ?? cell.text, notes: none }
  const value = decimalOf(cell.text)
  return value === null ? bad('digits-lost', { given: cell.text }) : { value, notes: none }
}

/** @returns a unit's code as a cell has it, or why it cannot be read; undefined: the cell is empty */
export function readCode(cell: RawCell | undefined): string | { bad: CellWords } | undefined {
  if (cell === undefined || (cell.kind === 'text' && blank(cell.text))) return undefined
  if (cell.kind === 'none') return { bad: { code: 'formula-without-result', facts: {} } }
  if (cell.kind === 'error' || cell.kind === 'boolean') return { bad: { code: 'cell-error', facts: { given: cell.kind === 'error' ? cell.text : String(cell.value) } } }
  const read = readText(cell)
  if ('bad' in read) return read
  return halfWidth(String(read.value)).replace(/\s+/g, '')
}

const outer = /^[\s\u00A0\u3000\u200B\uFEFF]+|[\s\u00A0\u3000\u200B\uFEFF]+$/g
const trimmed = (text: string): string => text.replace(outer, '')
const blank = (text: string): boolean => trimmed(text) === ''
/** What a cell had, for the sentence about it; never a whole page of text. */
const short = (text: string): string => (text.length > 40 ? `${trimmed(text).slice(0, 40)}…` : trimmed(text))

function shown(kind: CellKind, value: unknown): unknown {
  if (kind.type === 'money' && typeof value === 'string') return yuanOf(value)
  if (kind.type === 'choice') return kind.choices?.find((choice) => choice.value === value)?.name ?? value
  return typeof value === 'object' && value !== null && 'value' in value ? value.value : value
}

function exactly<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (isProblem(error)) return undefined
    throw error
  }
}
