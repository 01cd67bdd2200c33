import { z } from 'zod'
import { endpoint, CivilDate, MoveNow, pageOf, paging, PeriodText, type RoomContract } from '../endpoint.ts'
import { Audience } from '../units/audience.ts'
import { Cycle, DataItemDefinition, FormDefinition, ItemType, ResolvedForm, Words } from './form-definition.ts'

const unit = z.number().int()
const form = z.string().max(80)
/** Which return: one unit × form × period. */
const key = { unit, form, period: PeriodText }

/**
 * Values by field code: decimal text for number and money (分), text, civil date, boolean, a choice's value, rows of a
 * table, `{id, name}` of files, or `{value, approx}` for a hedged figure. Null or missing: not filled.
 */
export const Values = z.record(z.string(), z.unknown())
export type Values = z.infer<typeof Values>

export const RecordState = z.enum(['none', 'submitted', 'accepted', 'sentBack'])

/** Something that is wrong or odd at a field. `message` is the check's own sentence; `code` has one in `ledgers` locales. */
export const FieldFinding = z.object({
  field: z.string(),
  /** Row of a table (0-based) and column, when the place is inside one. */
  row: z.number().int().optional(),
  column: z.string().optional(),
  level: z.enum(['error', 'warning']),
  code: z.string(),
  message: Words.optional(),
  facts: z.record(z.string(), z.unknown()).default({}),
})
export type FieldFinding = z.infer<typeof FieldFinding>

export const Submission = z.object({
  submission: z.number().int(),
  state: RecordState,
  formVersion: z.number().int(),
  values: Values,
  submittedBy: z.string(),
  submittedAt: z.string(),
  decidedBy: z.string().nullable(),
  decidedAt: z.string().nullable(),
  /** Field → reason; '' is the whole form. */
  reasons: z.record(z.string(), z.string()).nullable(),
  note: z.string().nullable(),
})
export type Submission = z.infer<typeof Submission>

/** Where a prefilled value comes from. */
export const Origin = z.object({
  from: z.enum(['held', 'last']),
  form: z.string(),
  formName: Words,
  period: PeriodText,
})
export type Origin = z.infer<typeof Origin>

export const ReturnPage = z.object({
  ...key,
  unitName: z.string(),
  path: z.array(z.string()),
  definition: ResolvedForm,
  due: CivilDate.nullable(),
  state: RecordState,
  /** Version of the record for the stale-page check; 0: there is none yet. */
  version: z.number().int(),
  submission: z.number().int(),
  /** What the page starts with: the draft, else the record, else what is held or was reported last time. */
  values: Values,
  origins: z.record(z.string(), Origin),
  draft: z.object({ version: z.number().int(), savedAt: z.string(), savedBy: z.string() }).nullable(),
  /** Values of the former period, for the checks and for the eye. */
  last: z.object({ period: PeriodText, values: Values }).nullable(),
  reasons: z.record(z.string(), z.string()).nullable(),
  history: z.array(Submission),
  /** Whether the accepted values of an earlier submission are in the figures now. */
  countedSubmission: z.number().int().nullable(),
  late: z.boolean(),
  moves: z.array(MoveNow),
})
export type ReturnPage = z.infer<typeof ReturnPage>

/** One changed field, as the checker sees it. `percent` only where a base above 0 exists. */
export const Change = z.object({
  field: z.string(),
  name: Words,
  type: ItemType,
  unit: z.string().nullable(),
  from: z.unknown(),
  to: z.unknown(),
  percent: z.string().nullable(),
})
export type Change = z.infer<typeof Change>

export const QueueRow = z.object({
  unit,
  unitName: z.string(),
  parentName: z.string(),
  form,
  formName: Words,
  period: PeriodText,
  state: RecordState,
  version: z.number().int(),
  submission: z.number().int(),
  submittedBy: z.string(),
  submittedAt: z.string(),
  late: z.boolean(),
  /** Against the former period; empty when nothing changed. `first`: there is no former period. */
  changes: z.array(Change),
  first: z.boolean(),
  /** Warnings of the form's checks and jumps. */
  odd: z.array(FieldFinding),
  note: z.string().nullable(),
  /** The signed-in person submitted it: somebody else must decide. */
  own: z.boolean(),
})
export type QueueRow = z.infer<typeof QueueRow>

export const Decided = z.object({ unit, state: RecordState, version: z.number().int() })
/** The outcome per row of a bulk decision: done, or the problem's code. */
export const BulkOutcome = z.object({
  done: z.number().int(),
  rows: z.array(z.object({ unit, code: z.string().nullable(), facts: z.record(z.string(), z.unknown()) })),
})

export const CoverageRow = z.object({
  unit,
  name: z.string(),
  level: z.number().int(),
  expected: z.number().int(),
  accepted: z.number().int(),
  submitted: z.number().int(),
  sentBack: z.number().int(),
  missing: z.number().int(),
  late: z.number().int(),
})
export type CoverageRow = z.infer<typeof CoverageRow>

export const FormRow = z.object({
  code: form,
  name: Words,
  audience: z.array(z.string()),
  cycle: Cycle,
  state: z.enum(['draft', 'review', 'registered', 'issued', 'expired', 'withdrawn']),
  version: z.number().int(),
  fieldsAsked: z.number().int(),
  fieldsShown: z.number().int(),
  minutes: z.number(),
  expires: CivilDate.nullable(),
  pack: z.string().nullable(),
  /** The newest period in which it is asked; null: never yet. */
  askedLast: PeriodText.nullable(),
})
export type FormRow = z.infer<typeof FormRow>

/** What a form costs the units below (C2 burden): shown before it is issued. */
export const Burden = z.object({
  form,
  formName: Words,
  units: z.number().int(),
  /** Fields typed anew by one unit; the rest are prefilled or computed. */
  fieldsNew: z.number().int(),
  fieldsHeld: z.number().int(),
  /** Fields × units. */
  entries: z.number().int(),
  /** Minutes a month for all units together, and for one. */
  minutesMonth: z.number(),
  minutesMonthOne: z.number(),
})
export type Burden = z.infer<typeof Burden>

/** A held data item that an asking seems to repeat, with how sure it is (0…100) and why. */
export const TwinShown = z.object({
  item: DataItemDefinition,
  sure: z.number().int(),
  /** same: the held item under another code, refused as such. likely: use it, or say why it is another thing. */
  band: z.enum(['same', 'likely', 'maybe']),
  reasons: z.array(z.enum(['sameCode', 'sameName', 'likeName', 'likeDefinition', 'sameUnit', 'otherUnit', 'otherType', 'otherAudience', 'otherCycle'])),
  ownerForm: z.string().nullable(),
  ownerName: Words.nullable(),
})
export type TwinShown = z.infer<typeof TwinShown>

export const ledgersContract = {
  // what is asked
  items: endpoint('signedIn', { method: 'GET', path: '/ledgers/items', summary: 'Data items with their owner form' })
    .input(z.object({ q: z.string().max(60).optional(), ...paging }))
    .output(pageOf(DataItemDefinition.extend({ ownerForm: z.string().nullable() }))),
  forms: endpoint('signedIn', { method: 'GET', path: '/ledgers/forms', summary: 'Registered forms' })
    .input(z.object({ q: z.string().max(60).optional(), class: z.string().optional(), ...paging }))
    .output(pageOf(FormRow)),
  form: endpoint('signedIn', { method: 'GET', path: '/ledgers/forms/{code}', summary: 'One form as it is asked now' })
    .input(z.object({ code: form }))
    .output(z.object({ row: FormRow, definition: ResolvedForm, versions: z.array(z.number().int()), measures: z.array(z.string()) })),
  similar: endpoint('signedIn', { method: 'GET', path: '/ledgers/similar', summary: 'Held data items that an asking seems to repeat, with how sure it is' })
    .input(
      z.object({
        /** As it would be asked, in Chinese. */
        name: z.string().trim().min(1).max(200),
        definition: z.string().max(500).optional(),
        type: ItemType,
        unit: z.string().max(30).optional(),
        cycle: Cycle.optional(),
        code: z.string().max(60).optional(),
        /** Classes of the units that would be asked. */
        classes: z.array(z.string().max(60)).max(30).default([]),
        limit: z.number().int().min(1).max(20).default(5),
      }),
    )
    .output(z.object({ twins: z.array(TwinShown) })),
  registerForm: endpoint('form.register', {
    method: 'POST',
    path: '/ledgers/forms',
    summary: 'Register a form; refused when it asks what another form owns, or what must not be asked',
  })
    .input(z.object({ definition: FormDefinition, items: z.array(DataItemDefinition).default([]) }))
    .output(FormRow),
  approveForm: endpoint('burden.approve', { method: 'POST', path: '/ledgers/forms/approve', summary: 'Approve a form as burden officer' })
    .input(z.object({ code: form, approve: z.boolean(), reason: z.string().max(500).default('') }))
    .output(FormRow),
  burden: endpoint('signedIn', { method: 'GET', path: '/ledgers/burden/{form}', summary: 'What a form costs the units below a unit' })
    .input(z.object({ form, unit }))
    .output(Burden),
  openPeriod: endpoint('list.issue', {
    method: 'POST',
    path: '/ledgers/periods',
    summary: 'Ask a form of an audience for a period: every addressed unit is expected to answer',
  })
    .input(z.object({ form, period: PeriodText, audience: Audience, due: CivilDate }))
    .output(z.object({ added: z.number().int(), expected: z.number().int() })),

  // filling in
  mine: endpoint('record.fill', { method: 'GET', path: '/ledgers/returns/mine', summary: 'Returns that my units are expected to give' })
    .input(z.object({ state: z.enum(['open', 'done', 'all']).default('open'), ...paging }))
    .output(
      pageOf(
        z.object({
          ...key,
          unitName: z.string(),
          formName: Words,
          due: CivilDate,
          state: RecordState,
          draft: z.boolean(),
          minutes: z.number(),
          late: z.boolean(),
        }),
      ),
    ),
  open: endpoint('record.read', { method: 'GET', path: '/ledgers/returns/open', summary: 'One return as a page: prefilled, with its checks' })
    .input(z.object(key))
    .output(ReturnPage),
  saveDraft: endpoint('record.fill', { method: 'PUT', path: '/ledgers/returns/draft', summary: 'Keep what was typed so far' })
    .input(z.object({ ...key, formVersion: z.number().int(), values: Values, version: z.number().int().min(0) }))
    .output(z.object({ version: z.number().int(), savedAt: z.string() })),
  dropDraft: endpoint('record.fill', { method: 'POST', path: '/ledgers/returns/draft/drop', summary: 'Throw the draft away' })
    .input(z.object(key))
    .output(z.object({ dropped: z.boolean() })),
  submit: endpoint('record.fill', { method: 'POST', path: '/ledgers/returns/submit', summary: 'Submit a return, or correct an accepted one' })
    .input(
      z.object({
        ...key,
        formVersion: z.number().int(),
        values: Values,
        /** Version of the record that the page showed; 0 when there was none. */
        version: z.number().int().min(0),
        /** Why an odd value is right, or why an accepted return is corrected. */
        note: z.string().max(500).optional(),
      }),
    )
    .output(z.object({ state: RecordState, version: z.number().int(), submission: z.number().int(), warnings: z.array(FieldFinding) })),

  // checking
  queue: endpoint('record.check', { method: 'GET', path: '/ledgers/queue', summary: 'Returns that wait for checking, with what changed' })
    .input(
      z.object({
        unit: unit.optional(),
        form: form.optional(),
        period: PeriodText.optional(),
        /** Only rows with something odd, or only rows without. */
        only: z.enum(['all', 'odd', 'plain']).default('all'),
        ...paging,
      }),
    )
    .output(pageOf(QueueRow)),
  accept: endpoint('record.check', { method: 'POST', path: '/ledgers/returns/accept', summary: 'Accept a return: every figure above moves' })
    .input(z.object({ ...key, version: z.number().int() }))
    .output(Decided),
  acceptMany: endpoint('record.check', { method: 'POST', path: '/ledgers/returns/accept-many', summary: 'Accept many returns of one form and period' })
    .input(z.object({ form, period: PeriodText, rows: z.array(z.object({ unit, version: z.number().int() })).min(1).max(500) }))
    .output(BulkOutcome),
  sendBack: endpoint('record.check', { method: 'POST', path: '/ledgers/returns/send-back', summary: 'Send a return back with a reason per field' })
    .input(z.object({ ...key, version: z.number().int(), reasons: z.record(z.string(), z.string().trim().min(1).max(500)) }))
    .output(Decided),

  // overview
  coverage: endpoint('record.read', { method: 'GET', path: '/ledgers/coverage', summary: 'Reported n of N per child unit' })
    .input(z.object(key))
    .output(z.object({ total: CoverageRow, rows: z.array(CoverageRow) })),
  missing: endpoint('record.read', { method: 'GET', path: '/ledgers/missing', summary: 'Who has not reported' })
    .input(z.object({ ...key, ...paging }))
    .output(pageOf(z.object({ unit, name: z.string(), parentName: z.string(), state: RecordState, due: CivilDate, late: z.boolean() }))),
  remind: endpoint('record.check', { method: 'POST', path: '/ledgers/remind', summary: 'Remind units below that have not reported; a unit is reminded of a return once a day' })
    .input(
      z.object({
        ...key,
        /** Only these units; without it all that are missing. */
        units: z.array(unit).min(1).max(500).optional(),
        text: z.string().trim().max(300).default(''),
      }),
    )
    .output(z.object({ missing: z.number().int(), reminded: z.number().int(), alreadyToday: z.number().int() })),
  take: endpoint('record.check', { method: 'POST', path: '/ledgers/take', summary: 'Take a figure with its gaps named: 1,337 of 1,340' })
    .input(z.object({ ...key, note: z.string().max(500).default('') }))
    .output(
      z.object({ expected: z.number().int(), reported: z.number().int(), missing: z.array(z.object({ unit, name: z.string() })), takenAt: z.string() }),
    ),
} satisfies RoomContract
