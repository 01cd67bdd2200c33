import type { Finding } from '../../rules/problem.ts'
import { UnitEntry } from './unit-definition.ts'

/** One unit of a file with the line it stands in. */
export type UnitLine = UnitEntry & { line: number }

/** The columns of a unit file; `code`, `name`, `kind`, `class`, `validFrom` are needed. */
export const unitColumnsOfFile = ['code', 'name', 'kind', 'class', 'areaParent', 'lineParent', 'management', 'validFrom', 'residents'] as const

/** @returns the unit of one row, or what is wrong in which cell; an empty cell is no value */
export function readUnitRow(cells: Readonly<Record<string, string>>, line: number, file: string): { unit: UnitLine } | { findings: Finding[] } {
  const filled = Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, cell.trim()]).filter(([, cell]) => cell !== ''))
  const parsed = UnitEntry.safeParse(filled)
  if (parsed.success) return { unit: { ...parsed.data, line } }
  return {
    findings: parsed.error.issues.map((issue) => {
      const column = String(issue.path[0] ?? (issue.code === 'unrecognized_keys' ? issue.keys[0] : ''))
      return { code: 'import-cell', path: `${file}:${line}:${column}`, facts: { line, column, given: filled[column] ?? '', why: issue.message } }
    }),
  }
}

/** @returns the class of a division of the published code set by its 12 digits (F-17) and name, with its level's kind */
export function classOfDivision(code: string, name: string): { class: string; kind: UnitEntry['kind'] } {
  const digits = (from: number, to: number) => code.slice(from, to)
  if (digits(9, 12) !== '000') return { class: Number(digits(9, 12)) < 200 ? 'community' : 'village', kind: 'selfGovernment' }
  if (digits(6, 9) !== '000') return { class: Number(digits(6, 9)) < 100 ? 'street' : 'township', kind: 'government' }
  if (digits(4, 6) !== '00') return { class: name.endsWith('区') ? 'district' : 'county', kind: 'government' }
  return { class: digits(2, 4) !== '00' ? 'city' : 'province', kind: 'government' }
}

/** @returns a division's code in 12 digits: 11 → 110000000000 */
export const wholeCode = (code: string) => code.padEnd(12, '0')
