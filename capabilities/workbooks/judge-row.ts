import { checkRecord } from '../ledgers/check-record.ts'
import type { ResolvedField, ResolvedForm } from '../ledgers/form-definition.ts'
import type { Values } from '../ledgers/ledgers.contract.ts'
import { startValues, type Known } from '../ledgers/start-values.ts'
import { cellOf, firstCellOf, type CellFinding, type CellPlaces, type FileRow } from './file-row.ts'
import { changesOf, mergeRow, type CellChange, type Conflict } from './merge-row.ts'
import { isBase } from './stamp.ts'

/** How the unit's return stands on the platform. */
export type Standing = Known & { active: boolean; state: 'none' | 'submitted' | 'accepted' | 'sentBack'; version: number; draftVersion: number }

/**
 * same: the file changes nothing. good: it can go in. conflict: a cell that both sides changed waits for a choice.
 * bad: cells must be mended. refused: it cannot go in as things stand, whatever its cells say.
 */
export type RowState = 'same' | 'good' | 'conflict' | 'bad' | 'refused'

export type Judged = {
  state: RowState
  findings: CellFinding[]
  conflicts: Conflict[]
  /** The values as they would go in as a draft. */
  values: Values
  /** The same as a submission has them: cleaned, shown and computed ones with them; of a good row. */
  clean: Values
  /** It changes an accepted return: a reason is needed. */
  correction: boolean
}

/** What the file wants to change; kept, so that the same row can be judged again against what is there then. */
export type Wanted = CellPlaces & { changes: Record<string, CellChange>; findings: CellFinding[]; sheet: string; /** The sheets of the tables, by field. */ tables?: Record<string, string> }

/** @returns what a row of the file changes, with what was found while its cells were read */
export function wantedOf(file: FileRow, form: Pick<ResolvedForm, 'fields'>, readable: ReadonlySet<string>): Wanted {
  const asked = form.fields.filter((field) => field.kind === 'asks' && readable.has(field.code))
  const findings = file.findings.filter(({ field }) => field === undefined || readable.has(field) || isShown(form, field))
  for (const field of form.fields) {
    if (field.kind !== 'shows' || !file.mark || !(field.code in file.mark.b) || !(field.code in file.mine)) continue
    if (isBase(field, file.mark.b[field.code], file.mine[field.code])) continue
    findings.push({ level: 'note', code: 'known-elsewhere', facts: { name: field.name }, sheet: file.sheet, field: field.code, ...cellAt(file, field.code) })
  }
  return { changes: changesOf(asked, file.mine, file.mark?.b), findings, columns: file.columns, cells: file.cells, sheet: file.sheet, row: file.row }
}

const isShown = (form: Pick<ResolvedForm, 'fields'>, code: string) => form.fields.some((field) => field.code === code && field.kind === 'shows')
function cellAt(places: CellPlaces, field: string): { cell?: string } {
  const cell = cellOf(places, field)
  return cell === undefined ? {} : { cell }
}

/** Merges a row into the return as it stands and checks the result by the rules of the page. */
export function judgeRow(form: ResolvedForm, wanted: Wanted, now: Standing, choices: Readonly<Record<string, 'mine' | 'theirs'>> = {}): Judged {
  const theirs = startValues(form, now)
  const untouched = now.draft === null && now.record === null
  const { values, conflicts, moved } = mergeRow(form.fields, wanted.changes, theirs, { untouched, choices })
  const findings = [...wanted.findings]
  const unreadable = findings.some(({ level }) => level === 'error')
  let clean: Values = {}
  const judged = (state: RowState): Judged => ({ state, findings, conflicts, values, clean, correction: now.state === 'accepted' })
  if (moved.length === 0 && !unreadable) return judged('same')
  const whole = (code: string) => findings.push({ level: 'error', code, facts: {}, sheet: wanted.sheet, cell: firstCellOf(wanted) })
  if (!now.active) whole('unit-closed')
  if (now.state === 'submitted') whole('waits-for-check')
  if (!now.active || now.state === 'submitted') return judged('refused')
  const known = new Set(findings.filter(({ level }) => level === 'error').map(({ field }) => field))
  const checked = checkRecord(form, values, { last: now.last, held: now.held })
  clean = checked.values
  for (const finding of checked.findings) {
    // A cell that could not be read is missing for that reason, and not for another.
    if (known.has(finding.field)) continue
    findings.push({
      level: finding.level, code: finding.code, facts: finding.facts, sheet: wanted.tables?.[finding.field] ?? wanted.sheet, field: finding.field,
      ...cellAt(wanted, finding.row === undefined ? finding.field : `${finding.field}.${finding.row}`),
      ...(finding.message ? { message: finding.message } : {}), ...(finding.column === undefined ? {} : { column: finding.column }),
    })
  }
  if (findings.some(({ level }) => level === 'error')) return judged('bad')
  return judged(conflicts.length > 0 ? 'conflict' : 'good')
}

/** @returns the draft that a row leaves: what is asked, and nothing that another form holds */
export function draftValues(form: { fields: readonly ResolvedField[] }, values: Values): Values {
  return Object.fromEntries(form.fields.filter((field) => field.kind === 'asks' && values[field.code] !== undefined && values[field.code] !== null).map((field) => [field.code, values[field.code]]))
}
