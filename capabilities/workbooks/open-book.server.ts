import { posix } from 'node:path'
import type { Readable } from 'node:stream'
import { SaxesParser } from 'saxes'
import { Problem } from '../../rules/problem.ts'
import { openParts, refused, type Parts } from './open-zip.server.ts'
import type { RawCell } from './read-cell.ts'

/** A row as it stands in the file; `cells` by column, 1 is A. Rows without a cell do not come. */
export type SheetRow = { number: number; hidden: boolean; cells: (RawCell | undefined)[] }
/** Cells that somebody merged: rows and columns from 1, both ends included. */
export type Merge = { top: number; left: number; bottom: number; right: number }

export type Sheet = {
  name: string
  hidden: boolean
  /** Inflates the sheet once without reading it: how many rows there are, and what is merged (a file says that last). */
  survey: () => Promise<{ rows: number; merges: Merge[] }>
  /** Rows in the order of the file, some at a time: the sheet is never held whole. */
  rows: () => AsyncGenerator<SheetRow[]>
}

export type Book = { sheets: Sheet[]; close: () => void }

/**
 * Opens an .xlsx for reading. It reads the parts that the zip's directory names and no others, keeps what a clerk’s
 * program says about a cell (per cent, date, kept result of a formula, merged) and holds texts that repeat, not rows.
 * Throws Problem `workbook-refused`.
 */
export async function openBook(path: string): Promise<Book> {
  const parts = await openParts(path)
  try {
    const targets = await relations(parts)
    const { sheets, from1904 } = await sheetList(parts)
    const formats = parts.has('xl/styles.xml') ? await cellFormats(parts) : []
    const strings = await sharedStrings(parts, targets)
    return {
      sheets: sheets.flatMap(({ name, hidden, relation }) => {
        const part = targets.get(relation)
        // Charts and macros are sheets too; only worksheets hold cells.
        if (!part || !part.includes('worksheets/')) return []
        return [{ name, hidden, survey: () => survey(parts, part), rows: () => rowsOf(parts, part, { formats, strings, from1904 }) }]
      }),
      close: parts.close,
    }
  } catch (error) {
    parts.close()
    throw told(error)
  }
}

/** An error of the XML or of the zip is the file's fault, not the program's. */
function told(error: unknown): Error {
  if (error instanceof Problem) return error
  const { message = '', code = '' } = error as { message?: string; code?: string }
  const fromFile = code.startsWith('Z_') || /^\d+:\d+: |XML|bytes in the stream|compressed|zip|directory record|local file header/i.test(message)
  return fromFile ? refused('damaged') : (error as Error)
}

type Tag = { name: string; attributes: Record<string, string> }
type Seen = { open?: (tag: Tag) => void; close?: (name: string) => void; text?: (text: string) => void }

/** Parts of the Office formats may carry a prefix on every name: `x:row`. */
const bare = (name: string) => (name.includes(':') ? name.slice(name.indexOf(':') + 1) : name)

function parser(seen: Seen): SaxesParser {
  const sax = new SaxesParser({ xmlns: false, position: false })
  sax.on('error', (error) => {
    throw error
  })
  if (seen.open) sax.on('opentag', ({ name, attributes }) => seen.open!({ name: bare(name), attributes: attributes as Record<string, string> }))
  if (seen.close) sax.on('closetag', ({ name }) => seen.close!(bare(name)))
  if (seen.text) sax.on('text', seen.text)
  return sax
}

async function parse(stream: Readable, seen: Seen): Promise<void> {
  const sax = parser(seen)
  stream.setEncoding('utf8')
  for await (const chunk of stream) sax.write(chunk as string)
  sax.close()
}

async function relations(parts: Parts): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  await parse(await parts.open('xl/_rels/workbook.xml.rels'), {
    open: ({ name, attributes }) => {
      const { Id, Target, Type = '' } = attributes
      if (name !== 'Relationship' || !Id || !Target) return
      const part = Target.startsWith('/') ? Target.slice(1) : posix.normalize(`xl/${Target}`)
      found.set(Id, part)
      if (Type.endsWith('/sharedStrings')) found.set('sharedStrings', part)
    },
  })
  return found
}

async function sheetList(parts: Parts) {
  const sheets: { name: string; hidden: boolean; relation: string }[] = []
  let from1904 = false
  await parse(await parts.open('xl/workbook.xml'), {
    open: ({ name, attributes }) => {
      if (name === 'workbookPr') from1904 = attributes.date1904 === '1' || attributes.date1904 === 'true'
      if (name === 'sheet') sheets.push({ name: attributes.name ?? '', hidden: (attributes.state ?? 'visible') !== 'visible', relation: attributes['r:id'] ?? Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1] ?? '' })
    },
  })
  return { sheets, from1904 }
}

type Format = 'date' | 'percent' | undefined
const dateFormats = new Set([14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 45, 46, 47, 50, 51, 52, 53, 54, 55, 56, 57, 58])

/** What each style of a cell makes of a number. */
async function cellFormats(parts: Parts): Promise<Format[]> {
  const codes = new Map<number, string>()
  const formats: Format[] = []
  let inCells = false
  await parse(await parts.open('xl/styles.xml'), {
    open: ({ name, attributes }) => {
      if (name === 'numFmt') codes.set(Number(attributes.numFmtId), attributes.formatCode ?? '')
      if (name === 'cellXfs') inCells = true
      if (name === 'xf' && inCells) formats.push(formatOf(Number(attributes.numFmtId ?? 0), codes))
    },
    close: (name) => {
      if (name === 'cellXfs') inCells = false
    },
  })
  return formats
}

function formatOf(id: number, codes: ReadonlyMap<number, string>): Format {
  if (id === 9 || id === 10) return 'percent'
  const code = codes.get(id)
  if (code === undefined) return dateFormats.has(id) ? 'date' : undefined
  // Words in quotes, colours and languages in brackets are not the format.
  const said = code.replace(/"[^"]*"|\[[^\]]*\]|\\.|_.|\*.|general/gi, '')
  if (said.includes('%')) return 'percent'
  return /[ymdhs]/i.test(said) ? 'date' : undefined
}

async function sharedStrings(parts: Parts, targets: ReadonlyMap<string, string>): Promise<string[]> {
  const part = targets.get('sharedStrings') ?? 'xl/sharedStrings.xml'
  const strings: string[] = []
  if (!parts.has(part)) return strings
  let text = ''
  let taking = false
  // How Chinese is pronounced (rPh) is not part of the text.
  let spoken = 0
  await parse(await parts.open(part), {
    open: ({ name }) => {
      if (name === 'si') text = ''
      if (name === 'rPh') spoken++
      taking = name === 't' && spoken === 0
    },
    close: (name) => {
      if (name === 't') taking = false
      if (name === 'rPh') spoken--
      if (name === 'si') strings.push(unescaped(text))
    },
    text: (piece) => {
      if (taking) text += piece
    },
  })
  return strings
}

/** Office writes signs that XML cannot carry as _x000D_. */
const unescaped = (text: string) => (text.includes('_x') ? text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))) : text)

async function survey(parts: Parts, part: string): Promise<{ rows: number; merges: Merge[] }> {
  let rows = 0
  const merges: Merge[] = []
  let rest = ''
  try {
    const stream = await parts.open(part)
    stream.setEncoding('latin1')
    for await (const chunk of stream) {
      const text = rest + (chunk as string)
      let from = 0
      for (let at = text.indexOf('<', 0); at >= 0; at = text.indexOf('<', from)) {
        const end = text.indexOf('>', at)
        if (end < 0) break
        from = end + 1
        const next = text.charCodeAt(at + 1)
        // r of row, m of mergeCell; with a prefix the name comes later.
        if (next !== 114 && next !== 109 && next !== 120) continue
        const tag = text.slice(at + 1, end)
        if (/^(\w+:)?row[\s/>]?/.test(tag) && !/^(\w+:)?rowBreaks/.test(tag)) rows++
        else if (/^(\w+:)?mergeCell\s/.test(tag)) {
          const merge = mergeOf(/\bref="([^"]+)"/.exec(tag)?.[1])
          if (merge) merges.push(merge)
        }
      }
      rest = text.slice(from)
      if (rest.length > 1_000_000) rest = rest.slice(-1_000_000)
    }
  } catch (error) {
    throw told(error)
  }
  return { rows, merges }
}

function mergeOf(ref: string | undefined): Merge | undefined {
  const [first, last] = (ref ?? '').split(':').map(addressOf)
  return first && last ? { top: first.row, left: first.column, bottom: last.row, right: last.column } : undefined
}

/** @returns row and column of an address such as AB12 */
export function addressOf(text: string): { row: number; column: number } | undefined {
  const [, letters, digits] = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/.exec(text) ?? []
  return letters && digits ? { row: Number(digits), column: columnOf(letters) } : undefined
}

function columnOf(text: string): number {
  let column = 0
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at)
    if (letter < 65 || letter > 90) break
    column = column * 26 + letter - 64
  }
  return column
}

/** @returns the letters of a column: 28 → AB */
export function lettersOf(column: number): string {
  let letters = ''
  for (let rest = column; rest > 0; rest = Math.floor((rest - 1) / 26)) letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters
  return letters
}

const days1904 = 1_462

async function* rowsOf(
  parts: Parts,
  part: string,
  { formats, strings, from1904 }: { formats: readonly Format[]; strings: readonly string[]; from1904: boolean },
): AsyncGenerator<SheetRow[]> {
  let batch: SheetRow[] = []
  let row: SheetRow | undefined
  let rowNumber = 0
  let column = 0
  let type = ''
  let style = 0
  let value: string | undefined
  let formula = false
  let formulaText: string | undefined
  let inFormula = false
  let taking = false
  let inline = ''
  let spoken = 0
  const finish = () => {
    // LibreOffice writes a plain yes or no as a formula.
    if (type === 'b' && /^(TRUE|FALSE)\(\)$/.test(formulaText ?? '')) formula = false
    const cell = cellOf(type, value ?? (type === 'inlineStr' ? inline : undefined), formula)
    if (cell && row) row.cells[column] = cell
  }
  const cellOf = (kind: string, text: string | undefined, computed: boolean): RawCell | undefined => {
    if (text === undefined) return computed ? { kind: 'none' } : undefined
    const by = computed ? { formula: true as const } : undefined
    switch (kind) {
      case 's':
        return { kind: 'text', text: strings[Number(text)] ?? '', ...by }
      case 'str':
      case 'inlineStr':
        return { kind: 'text', text: unescaped(text), ...by }
      case 'b':
        return { kind: 'boolean', value: text === '1' || text === 'true', ...by }
      case 'e':
        return { kind: 'error', text, ...by }
      case 'd':
        return { kind: 'text', text, ...by }
      default: {
        if (text === '') return computed ? { kind: 'none' } : undefined
        const format = formats[style]
        if (format === undefined) return computed ? { kind: 'number', text, formula: true } : { kind: 'number', text }
        return { kind: 'number', text: format === 'date' && from1904 ? String(Number(text) + days1904) : text, format, ...by }
      }
    }
  }
  const sax = parser({
    open: ({ name, attributes }) => {
      switch (name) {
        case 'c': {
          const { r } = attributes
          column = r === undefined ? column + 1 : columnOf(r)
          type = attributes.t ?? 'n'
          style = attributes.s === undefined ? 0 : Number(attributes.s)
          value = undefined
          formula = false
          formulaText = undefined
          inline = ''
          break
        }
        case 'v':
          value = ''
          taking = true
          break
        case 'f':
          formula = true
          formulaText = ''
          inFormula = true
          break
        case 't':
          taking = spoken === 0
          break
        case 'rPh':
          spoken++
          break
        case 'row':
          rowNumber = attributes.r === undefined ? rowNumber + 1 : Number(attributes.r)
          row = { number: rowNumber, hidden: attributes.hidden === '1' || attributes.hidden === 'true', cells: [] }
          column = 0
          break
      }
    },
    close: (name) => {
      switch (name) {
        case 'v':
        case 't':
          taking = false
          break
        case 'f':
          // What follows is the value's.
          inFormula = false
          break
        case 'c':
          finish()
          break
        case 'rPh':
          spoken--
          break
        case 'row':
          if (row && row.cells.length > 0) batch.push(row)
          row = undefined
          break
      }
    },
    text: (piece) => {
      if (inFormula) formulaText += piece
      if (!taking) return
      if (value === undefined) inline += piece
      else value += piece
    },
  })
  try {
    const stream = await parts.open(part)
    stream.setEncoding('utf8')
    for await (const chunk of stream) {
      sax.write(chunk as string)
      if (batch.length === 0) continue
      yield batch
      batch = []
    }
    sax.close()
  } catch (error) {
    throw told(error)
  }
  if (batch.length > 0) yield batch
}
