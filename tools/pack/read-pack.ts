import { parse as parseCsv, CsvError } from 'csv-parse/sync'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type YAMLError } from 'yaml'
import { z } from 'zod'
import { Slug, Words } from '../../capabilities/ledgers/form-definition.ts'
import type { PackPart } from '../../server/pack.ts'
import { csvSection, setAt } from './csv-section.ts'

/** What stands at the head of every pack, in `pack.yaml`. */
export const PackHead = z.strictObject({
  code: Slug,
  version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.-]{0,39}$/),
  title: Words,
  /** Everything in it is invented and marked so wherever it is shown. */
  sample: z.boolean().default(false),
  /** Codes of packs that must be applied before this one. */
  requires: z.array(Slug).default([]),
})
export type PackHead = z.infer<typeof PackHead>

/** 1-based. In a CSV file `column` is the number of the field. */
export type Place = { file: string; line: number; column: number }

/** Something wrong at one place. `id` is the thing it is about, such as the code of a form. */
export type RawFinding = Place & { code: string; id?: string | undefined; facts: Record<string, unknown>; where?: Where | undefined }

/** The same place in the values: which section, and the way into it. Pages point with it. */
export type Where = { section: string; path: readonly string[] }

/** A value with the place it was read from. Members are keyed by property name or index. */
export type Placed = { value?: unknown; at: Place; keyAt?: Place; members?: Map<string, Placed>; list?: boolean }

/** A pack as read from its folder: nothing is validated yet beyond syntax. */
export type ReadPack = {
  folder: string
  /** pack.yaml as read, or undefined when it cannot be. */
  head: unknown
  /** The sections by name, as plain values. */
  sections: Record<string, unknown>
  /** Same content, same hash, however it is laid out in files. */
  hash: string
  /** The tree of places; `pack` holds pack.yaml, the others are the sections. */
  placed: ReadonlyMap<string, Placed>
  /** Syntax errors, unknown files, joins that do not fit. */
  findings: RawFinding[]
}

const headFile = 'pack.yaml'
const besides = /^(README(\.zh)?\.md|LICENSE|\..*)$/

/** Where the files of a pack are read from: a folder, or what came in one upload. */
type Source = {
  /** Names at the top; undefined: there is no such folder. */
  top: () => Promise<{ name: string; isFolder: boolean }[] | undefined>
  /** Names of the files in a folder at the top. */
  inside: (folder: string) => Promise<string[]>
  text: (file: string) => Promise<string>
}

function folderSource(folder: string): Source {
  return {
    async top() {
      const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
        return undefined
      })
      return entries?.map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }))
    },
    inside: (below) => readdir(join(folder, below)),
    text: (file) => readFile(join(folder, file), 'utf8'),
  }
}

function filesSource(files: ReadonlyMap<string, string>): Source {
  const names = [...files.keys()]
  return {
    top: async () => [
      ...names.filter((name) => !name.includes('/')).map((name) => ({ name, isFolder: false })),
      ...new Set(names.filter((name) => name.includes('/')).map((name) => name.slice(0, name.indexOf('/')))),
    ].map((entry) => (typeof entry === 'string' ? { name: entry, isFolder: true } : entry)),
    inside: async (folder) => names.filter((name) => name.startsWith(`${folder}/`)).map((name) => name.slice(folder.length + 1)),
    text: async (file) => files.get(file) ?? '',
  }
}

/** Reads a pack from the texts of its files by their paths (`forms/village-month.yaml`), as `readPack` does from a folder. */
export function readPackFiles(files: ReadonlyMap<string, string>, parts: readonly PackPart<any>[]): Promise<ReadPack> {
  return readFrom('', filesSource(files), parts)
}

/** @returns a pack made of values that stand in no file yet; its places are told by `where` alone */
export function packOfValues(head: unknown, sections: Readonly<Record<string, unknown>>): ReadPack {
  const placed = new Map<string, Placed>([['pack', placedValue(head, { file: headFile, line: 1, column: 1 })]])
  for (const [name, section] of Object.entries(sections)) placed.set(name, placedValue(section, { file: `${name}.yaml`, line: 1, column: 1 }))
  return { folder: '', head, sections: { ...sections }, hash: hashOf({ head, sections }), placed, findings: [] }
}

function placedValue(value: unknown, at: Place): Placed {
  if (Array.isArray(value)) return { at, list: true, members: new Map(value.map((item, i) => [String(i), placedValue(item, at)])) }
  if (value === null || typeof value !== 'object') return { at, value }
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  return { at, members: new Map(entries.map(([key, member]) => [key, { ...placedValue(member, at), keyAt: at }])) }
}

/**
 * Reads a pack's folder: `pack.yaml`, and for each part `<name>.yaml`, `<name>.csv` or a folder `<name>/` whose files
 * are joined. Never throws for what stands in the files: that becomes findings with file, line and column.
 * @param parts whose sections are read; a file of no part is a finding
 */
export function readPack(folder: string, parts: readonly PackPart<any>[]): Promise<ReadPack> {
  return readFrom(folder, folderSource(folder), parts)
}

async function readFrom(folder: string, from: Source, parts: readonly PackPart<any>[]): Promise<ReadPack> {
  const findings: RawFinding[] = []
  const placed = new Map<string, Placed>()
  const byName = new Map(parts.map((part) => [part.name, part]))
  const where = (file: string): Place => ({ file, line: 1, column: 1 })
  const entries = await from.top()
  if (!entries) findings.push({ ...where(headFile), code: 'folder-missing', facts: { folder } })
  if (!entries) return { folder, head: undefined, sections: {}, hash: hashOf({}), placed, findings }
  const names = entries.sort((a, b) => (a.name < b.name ? -1 : 1))

  if (!names.some((entry) => entry.name === headFile)) findings.push({ ...where(headFile), code: 'head-missing', facts: {} })
  for (const entry of names) {
    const file = entry.name
    if (besides.test(file)) continue
    const stem = file.replace(/\.(yaml|csv)$/, '')
    const part = byName.get(stem)
    if (file === headFile) {
      placed.set('pack', await readYaml(from, file, findings))
    } else if (!part || (!entry.isFolder && stem === file)) {
      findings.push({ ...where(file), code: 'file-unknown', facts: { file, known: [...byName.keys()].join(', ') } })
    } else {
      const files = entry.isFolder ? await filesIn(from, file, findings) : [file]
      for (const one of files) {
        const read = one.endsWith('.csv') ? await readCsv(from, one, keyOf(part, one), part, findings) : await readYaml(from, one, findings)
        joinTo(placed, part, one, read, findings)
      }
    }
  }
  const sections: Record<string, unknown> = {}
  for (const part of parts) if (placed.has(part.name)) sections[part.name] = plain(placed.get(part.name)!)
  const head = placed.has('pack') ? plain(placed.get('pack')!) : undefined
  return { folder, head, sections, hash: hashOf({ head, sections }), placed, findings }
}

async function filesIn(from: Source, below: string, findings: RawFinding[]): Promise<string[]> {
  const found: string[] = []
  for (const name of (await from.inside(below)).sort()) {
    const file = `${below}/${name}`
    if (/\.(yaml|csv)$/.test(name)) found.push(file)
    else if (!besides.test(name)) findings.push({ file, line: 1, column: 1, code: 'file-unknown', facts: { file, known: '*.yaml, *.csv' } })
  }
  return found
}

/** In a section of several lists, `<name>/<list>.csv` (or a bare list in `<name>/<list>.yaml`) fills the list of that name. */
function keyOf(part: PackPart<any>, file: string): string | undefined {
  const stem = /\/([^/]+)\.(yaml|csv)$/.exec(file)?.[1]
  const schema = part.schema as z.ZodType
  if (stem === undefined || !(schema instanceof z.ZodObject)) return undefined
  return stem in schema.shape ? stem : undefined
}

async function readYaml(from: Source, file: string, findings: RawFinding[]): Promise<Placed> {
  const text = await from.text(file)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  for (const error of [...document.errors, ...document.warnings]) findings.push(syntaxFinding(error, placeAt))
  const node = document.contents as Node | null
  return document.errors.length === 0 && node ? placedNode(node) : { at: placeAt(0) }

  function placedNode(found: Node): Placed {
    const node = isAlias(found) ? found.resolve(document) : found
    const at = placeAt((found.range ?? [0])[0])
    if (isMap(node)) {
      const members = new Map<string, Placed>()
      for (const pair of node.items) {
        const key = pair.key as Node
        const keyAt = placeAt((key.range ?? [0])[0])
        const name = isScalar(key) ? String(key.value) : String(key)
        members.set(name, pair.value ? { ...placedNode(pair.value as Node), keyAt } : { value: null, at: keyAt, keyAt })
      }
      return { at, members }
    }
    if (isSeq(node)) return { at, list: true, members: new Map(node.items.map((item, i) => [String(i), placedNode(item as Node)])) }
    return { at, value: isScalar(node) ? node.value : null }
  }
}

function syntaxFinding(error: YAMLError, placeAt: (offset: number) => Place): RawFinding {
  const says = error.message.split(/ at line |\n/)[0]!
  return { ...placeAt(error.pos[0]), code: error.code === 'DUPLICATE_KEY' ? 'key-twice' : 'yaml-syntax', facts: { says } }
}

async function readCsv(from: Source, file: string, key: string | undefined, part: PackPart<any>, findings: RawFinding[]): Promise<Placed> {
  const text = await from.text(file)
  const start: Place = { file, line: 1, column: 1 }
  const list: Placed = { at: start, list: true, members: new Map() }
  try {
    // csv-parse gives the line on which a record ends; the line it begins on is one after the end of the one before.
    const rows = parseCsv(text, { bom: true, info: true, skip_empty_lines: true, comment: '#', comment_no_infix: true, relax_column_count: true }) as unknown as {
      record: string[]
      info: { lines: number }
    }[]
    const [header, ...records] = rows
    if (!header) return list
    const typed = csvSection(part.schema, key)
    for (const { record, info } of records) {
      const line = info.lines - record.reduce((breaks, cell) => breaks + (cell.match(/\n/g)?.length ?? 0), 0)
      if (record.length !== header.record.length) {
        const facts = { cells: record.length, columns: header.record.length }
        findings.push({ file, line, column: Math.min(record.length, header.record.length) + 1, code: 'csv-cells', facts })
        continue
      }
      const row: Placed = { at: { file, line, column: 1 }, members: new Map() }
      record.forEach((cell, i) => {
        if (cell !== '') setAt(row, header.record[i]!.trim(), typed(header.record[i]!.trim(), cell), { file, line, column: i + 1 })
      })
      list.members!.set(String(list.members!.size), row)
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    findings.push({ ...start, line: Number((error as { lines?: number }).lines ?? 1), code: 'csv-syntax', facts: { says: error.message } })
  }
  return list
}

/** Adds what one file holds to its section: lists are joined, maps of lists are joined list by list. */
function joinTo(placed: Map<string, Placed>, part: PackPart<any>, file: string, read: Placed, findings: RawFinding[]): void {
  const key = read.list ? keyOf(part, file) : undefined
  const add: Placed = key === undefined ? read : { at: read.at, members: new Map([[key, read]]) }
  const so = placed.get(part.name)
  if (!so) {
    placed.set(part.name, { ...add, ...(add.members ? { members: new Map(add.members) } : {}) })
    return
  }
  if (!joinLists(so, add)) findings.push({ ...read.at, code: 'join-not-possible', facts: { section: part.name, file, first: so.at.file } })
}

function joinLists(so: Placed, add: Placed): boolean {
  if (!so.members || !add.members || so.list !== add.list) return add.members === undefined && add.value === undefined
  if (so.list) {
    for (const item of add.members.values()) so.members.set(String(so.members.size), item)
    return true
  }
  let fits = true
  for (const [name, value] of add.members) {
    const there = so.members.get(name)
    if (!there) so.members.set(name, value)
    else if (there.list && value.list) {
      const both = { ...there, members: new Map(there.members) }
      joinLists(both, value)
      so.members.set(name, both)
    } else fits = false
  }
  return fits
}

/** @returns the plain value of a placed tree */
export function plain(placed: Placed): unknown {
  if (!placed.members) return placed.value ?? null
  if (placed.list) return [...placed.members.values()].map(plain)
  return Object.fromEntries([...placed.members].map(([key, member]) => [key, plain(member)]))
}

/** @returns the place of the value at `path`, or of the nearest thing around it that is there */
export function placeOf(pack: ReadPack, section: string, path: readonly PropertyKey[], ofKey = false): Place {
  const root = pack.placed.get(section)
  if (!root) return { file: section === 'pack' ? headFile : `${section}.yaml`, line: 1, column: 1 }
  let at: Placed = root
  for (const step of path) {
    const next: Placed | undefined = at.members?.get(String(step))
    if (!next) return at.at
    at = next
  }
  return (ofKey && at.keyAt) || at.at
}

/** sha256 of a value, whatever the order of its keys. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex')
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null'
  const entries = Object.entries(value).filter(([, member]) => member !== undefined).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).join(',')}}`
}
