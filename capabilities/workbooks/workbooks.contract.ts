import { z } from 'zod'
import { CivilDate, endpoint, MoveNow, pageOf, paging, PeriodText, type RoomContract } from '../endpoint.ts'
import { Words } from '../ledgers/form-definition.ts'

const id = z.number().int()
const Named = z.object({ field: z.string(), name: Words })

/** Something about a cell, with its place in the file. `code` has its sentence in the `workbooks` or `ledgers` locales; `message` is the check's own. */
export const CellFinding = z.object({
  level: z.enum(['error', 'warning', 'note']),
  code: z.string(),
  facts: z.record(z.string(), z.unknown()),
  message: Words.optional(),
  sheet: z.string(),
  cell: z.string().optional(),
  field: z.string().optional(),
  fieldName: Words.optional(),
  column: z.string().optional(),
  raw: z.string().optional(),
})
export type CellFinding = z.infer<typeof CellFinding>

export const ImportState = z.enum(['waiting', 'reading', 'read', 'puttingIn', 'refused', 'dropped'])
export const ImportRowState = z.enum(['good', 'bad', 'conflict', 'refused', 'in'])

export const ImportLine = z.object({
  id,
  unit: id,
  unitName: z.string(),
  form: z.string(),
  formName: Words,
  period: PeriodText,
  name: z.string(),
  bytes: z.number().int(),
  state: ImportState,
  rowsTotal: z.number().int(),
  rowsRead: z.number().int(),
  broughtBy: z.string(),
  broughtAt: z.string(),
  /** Rows by what they are; `same`: they change nothing. */
  counts: z.object({ same: z.number().int(), good: z.number().int(), bad: z.number().int(), conflict: z.number().int(), refused: z.number().int(), in: z.number().int() }),
})
export type ImportLine = z.infer<typeof ImportLine>

export const ImportPage = ImportLine.extend({
  layout: z.enum(['many', 'one']),
  /** Of the good rows: those in which something was understood, and those that change an accepted return. */
  noted: z.number().int(),
  corrections: z.number().int(),
  about: z.object({
    formVersion: z.number().int(),
    versionNow: z.number().int(),
    added: z.array(Named),
    removed: z.array(Named),
    strangeColumns: z.array(z.string()),
    hiddenRows: z.number().int(),
  }),
  problem: z.object({ code: z.string(), facts: z.record(z.string(), z.unknown()), findings: z.array(z.object({ code: z.string(), path: z.string(), facts: z.record(z.string(), z.unknown()) })) }).nullable(),
  moves: z.array(MoveNow),
})
export type ImportPage = z.infer<typeof ImportPage>

export const ImportRow = z.object({
  n: z.number().int(),
  unit: id.nullable(),
  code: z.string().nullable(),
  name: z.string().nullable(),
  state: ImportRowState,
  findings: z.array(CellFinding),
  conflicts: z.array(z.object({ field: z.string(), name: Words, mine: z.unknown(), theirs: z.unknown(), chosen: z.enum(['mine', 'theirs']).nullable() })),
  /** How many fields the row changes. */
  changes: z.number().int(),
  correction: z.boolean(),
  doneAs: z.enum(['draft', 'submit']).nullable(),
})
export type ImportRow = z.infer<typeof ImportRow>

export const workbooksContract = {
  offers: endpoint('record.fill', { method: 'GET', path: '/workbooks/offers', summary: 'Forms and periods that can be taken out as a workbook, for the units I fill in for' })
    .input(z.object({ ...paging }))
    .output(pageOf(z.object({ form: z.string(), formName: Words, period: PeriodText, due: CivilDate, expected: z.number().int(), open: z.number().int() }))),
  imports: endpoint('record.fill', { method: 'GET', path: '/workbooks/imports', summary: 'Workbooks that were brought back, the newest first' })
    .input(z.object({ unit: id.optional(), ...paging }))
    .output(pageOf(ImportLine)),
  import: endpoint('record.fill', { method: 'GET', path: '/workbooks/imports/{id}', summary: 'How far a workbook is that was brought back, and what was found' })
    .input(z.object({ id }))
    .output(ImportPage),
  rows: endpoint('record.fill', { method: 'GET', path: '/workbooks/imports/{id}/rows', summary: 'Rows of a workbook with sheet, cell, reason and way out' })
    .input(z.object({ id, state: ImportRowState.optional(), noted: z.boolean().optional(), ...paging }))
    .output(pageOf(ImportRow)),
  choose: endpoint('record.fill', { method: 'POST', path: '/workbooks/imports/{id}/choose', summary: 'Choose between both values of cells that both sides changed' })
    .input(
      z.object({
        id,
        choices: z.array(z.object({ n: z.number().int(), field: z.string().max(80), take: z.enum(['mine', 'theirs']) })).max(2_000).default([]),
        /** For every cell that still waits for a choice. */
        all: z.enum(['mine', 'theirs']).optional(),
      }),
    )
    .output(z.object({ chosen: z.number().int() })),
  putIn: endpoint('record.fill', { method: 'POST', path: '/workbooks/imports/{id}/put-in', summary: 'Put the good rows in, as drafts or as submissions; the others wait' })
    .input(
      z.object({
        id,
        as: z.enum(['draft', 'submit']),
        /** What was understood (12.5万, a formula’s kept result) has been looked at: those rows go in too. */
        confirmed: z.boolean().default(false),
        /** Why accepted returns are corrected; without it those rows wait. */
        note: z.string().max(500).optional(),
      }),
    )
    .output(z.object({ state: ImportState })),
  drop: endpoint('record.fill', { method: 'POST', path: '/workbooks/imports/{id}/drop', summary: 'Drop what waits of a workbook; what went in stays' })
    .input(z.object({ id }))
    .output(z.object({ state: ImportState })),
} satisfies RoomContract
