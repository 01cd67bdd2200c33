import type { Values } from '../ledgers/ledgers.contract.ts'
import type { RowStamp } from './stamp.ts'

/** Something about a cell: where it stands, and what. `note`: understood, to be looked at. */
export type CellFinding = {
  level: 'error' | 'warning' | 'note'
  code: string
  facts: Record<string, unknown>
  message?: { zh: string; en: string }
  sheet: string
  /** Such as D7; missing when the file has no cell for it. */
  cell?: string
  field?: string
  column?: string
  /** What the cell has, for the workbook that goes back. */
  raw?: string
}

/** What the file says about one unit. */
export type FileRow = {
  sheet: string
  row: number
  code: string | undefined
  mark: RowStamp | undefined
  /** Values that could be read, null for an empty cell; a field without a cell in the file is missing. */
  mine: Values
  findings: CellFinding[]
} & CellPlaces

/** Where the fields of a row stand in the file. */
export type CellPlaces = {
  row: number
  /** Columns of the fields that stand in the row itself: one object for all rows of a sheet. */
  columns: Readonly<Record<string, string>>
  /** Addresses of what stands elsewhere: lines of tables (`rooms.0`), and all of a sheet with a row a field. */
  cells: Record<string, string>
}

/** @returns the address of a field’s cell, such as D7; undefined when the file has none */
export function cellOf({ row, columns, cells }: CellPlaces, field: string): string | undefined {
  return cells[field] ?? (columns[field] === undefined ? undefined : `${columns[field]}${row}`)
}

/** @returns where a finding about the whole row is shown */
export function firstCellOf({ row, columns, cells }: CellPlaces): string {
  for (const field in columns) return `${columns[field]}${row}`
  return Object.values(cells)[0] ?? `A${row}`
}
