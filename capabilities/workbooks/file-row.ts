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
  /** Where each field stands. */
  cells: Record<string, string>
}
