import { z } from 'zod'
import { Words } from '../ledgers/form-definition.ts'
import { CivilDate, Decimal, endpoint, MoveNow, pageOf, paging, type RoomContract } from '../endpoint.ts'

const unit = z.number().int()
const Name = z.string().trim().min(1).max(80)
const Code = z.string().trim().regex(/^[0-9A-Za-z-]{2,40}$/)
const Kind = z.enum(['merge', 'split', 'rename', 'abolish', 'transfer'])

const IntoInput = z.object({
  unit: unit.optional(),
  create: z.object({ code: Code, name: Name, class: z.string().max(40).optional() }).optional(),
  share: Decimal.optional(),
  children: z.array(unit).max(500).optional(),
})

/** One structure event as it is asked: n→1, 1→n, another name, an end, another parent. */
export const ChangeInput = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('merge'), on: CivilDate, units: z.array(unit).min(1).max(60), into: IntoInput }),
  z.object({ kind: z.literal('split'), on: CivilDate, unit, into: z.array(IntoInput).min(1).max(30), main: z.number().int().min(0).default(0) }),
  z.object({ kind: z.literal('rename'), on: CivilDate, unit, name: Name }),
  z.object({ kind: z.literal('abolish'), on: CivilDate, unit, heir: unit }),
  z.object({ kind: z.literal('transfer'), on: CivilDate, units: z.array(unit).min(1).max(200), areaParent: unit.nullable(), lineParent: unit.nullable(), management: z.enum(['area', 'line', 'dual']) }),
])
export type ChangeInput = z.infer<typeof ChangeInput>

/** How many of a long list are named; the number beside it is of all. */
const ReturnRow = z.object({ unitName: z.string(), form: z.string(), formName: z.string(), period: z.string(), due: CivilDate })

/** What one change moves: shown before it is confirmed, kept with it afterwards. */
export const Report = z.object({
  kind: Kind,
  on: CivilDate,
  units: z.array(z.object({ id: unit.nullable(), code: z.string(), name: z.string(), becomes: z.enum(['ended', 'created', 'takesOver', 'continues', 'renamed', 'moved']), note: z.string() })),
  /** Units below that move with it. */
  below: z.number().int(),
  tasks: z.object({ count: z.number().int(), rows: z.array(z.object({ task: z.number().int(), title: z.string(), unitName: z.string(), toName: z.string(), due: CivilDate, state: z.string() })) }),
  /** Lists this unit issued, items it leads or helps with, drafts that address it. */
  lists: z.number().int(),
  returns: z.object({
    /** Finished under the ended unit's name, by the people of `finisher`. */
    stay: z.object({ count: z.number().int(), rows: z.array(ReturnRow) }),
    /** Not asked of the ended units any more … */
    go: z.object({ count: z.number().int(), rows: z.array(ReturnRow) }),
    /** … but of these. */
    asked: z.object({ count: z.number().int(), rows: z.array(ReturnRow) }),
    drafts: z.number().int(),
  }),
  /** Reports that stay readable under the unit that gave them. */
  records: z.number().int(),
  posts: z.object({ count: z.number().int(), rows: z.array(z.object({ title: z.string(), unitName: z.string(), holders: z.array(z.string()), toName: z.string().nullable() })) }),
  bodies: z.array(z.object({ name: z.string(), unitName: z.string(), toName: z.string() })),
  accounts: z.number().int(),
  targets: z.array(z.object({ indicator: z.string(), year: z.number().int(), value: Decimal, toName: z.string() })),
  /** Counties whose kept figures are worked out anew, and how many rows they have. */
  counties: z.array(z.string()),
})
export type Report = z.infer<typeof Report>

export const ChangeRow = z.object({
  id: z.number().int(),
  kind: Kind,
  on: CivilDate,
  state: z.enum(['done', 'undone']),
  reason: z.string(),
  document: z.string(),
  by: z.string(),
  at: z.string(),
  /** Names of the units it ended or moved, and of those that came of it. */
  from: z.array(z.string()),
  to: z.array(z.string()),
})
export type ChangeRow = z.infer<typeof ChangeRow>

const Changes = z.array(ChangeInput).min(1).max(300)

/** Changes that were prepared before their day. */
export const PlanRow = z.object({
  id: z.number().int(),
  on: CivilDate,
  state: z.enum(['waiting', 'misfit', 'done', 'withdrawn']),
  reason: z.string(),
  document: z.string(),
  by: z.string(),
  at: z.string(),
  version: z.number().int(),
  /** The office that prepared it and is told of it. */
  unit,
  unitName: z.string(),
  kinds: z.array(Kind),
  changes: z.number().int(),
  /** Names of the units it names. */
  units: z.array(z.string()),
})
export type PlanRow = z.infer<typeof PlanRow>

/** What differs from the structure that was confirmed; null where there is nothing. */
const Misfit = z.discriminatedUnion('what', [
  z.object({ what: z.literal('place'), code: z.string(), was: z.string().nullable(), now: z.string().nullable() }),
  z.object({ what: z.enum(['below', 'bodies']), gone: z.array(z.string()), come: z.array(z.string()) }),
  z.object({ what: z.literal('problem'), code: z.string(), facts: z.record(z.string(), z.unknown()) }),
])
const Decided = z.object({ fingerprint: z.string().max(100), reason: z.string().trim().min(1).max(200), document: z.string().trim().min(1).max(100) })

export const changesContract = {
  preview: endpoint('unit.manage', { method: 'POST', path: '/changes/preview', summary: 'What merging, splitting, renaming, abolishing or transferring units would move; changes nothing' })
    .input(z.object({ changes: Changes, plan: z.number().int().optional() }))
    .output(
      z.object({
        fingerprint: z.string(),
        reports: z.array(Report),
        /** The day, when it lies ahead: then the changes can be prepared, not made. */
        ahead: CivilDate.nullable(),
        /** What is prepared already for one of these units, besides `plan`. */
        coming: z.array(PlanRow),
      }),
    ),
  make: endpoint('unit.manage', { method: 'POST', path: '/changes', summary: 'Carry out previewed changes, all or none' })
    .input(Decided.extend({ changes: Changes }))
    .output(z.object({ ids: z.array(z.number().int()), reports: z.array(Report) })),
  undo: endpoint('unit.manage', { method: 'POST', path: '/changes/undo', summary: 'Take a change back on the day it was made, while nothing new hangs on it' })
    .input(z.object({ id: z.number().int(), reason: z.string().trim().min(1).max(200) }))
    .output(z.object({ id: z.number().int() })),
  prepare: endpoint('unit.manage', { method: 'POST', path: '/changes/ahead', summary: 'Prepare previewed changes for a day that lies ahead: they wait and are carried out on it' })
    .input(Decided.extend({ changes: Changes }))
    .output(z.object({ id: z.number().int(), version: z.number().int() })),
  plans: endpoint('unit.read', { method: 'GET', path: '/changes/ahead', summary: 'Changes prepared for a day that lies ahead, the next one first' })
    .input(z.object({ unit: unit.optional(), state: z.enum(['coming', 'all']).default('coming'), ...paging }))
    .output(pageOf(PlanRow)),
  plan: endpoint('unit.read', { method: 'GET', path: '/changes/ahead/{id}', summary: 'One prepared change: what was shown when it was confirmed, and why it does not fit any more' })
    .input(z.object({ id: z.number().int() }))
    .output(
      PlanRow.extend({
        asked: z.array(ChangeInput),
        reports: z.array(Report),
        misfit: z.array(Misfit),
        lookedAt: z.string().nullable(),
        became: z.array(z.object({ id: z.number().int(), kind: Kind })),
        ended: z.object({ by: z.string().nullable(), at: z.string(), reason: z.string() }).nullable(),
        moves: z.array(MoveNow),
      }),
    ),
  renew: endpoint('unit.manage', { method: 'POST', path: '/changes/ahead/{id}/renew', summary: 'Confirm anew a prepared change that did not fit any more; when its day has come it is carried out' })
    .input(z.object({ id: z.number().int(), version: z.number().int(), fingerprint: z.string().max(100) }))
    .output(z.object({ id: z.number().int(), version: z.number().int(), became: z.array(z.number().int()) })),
  withdraw: endpoint('unit.manage', { method: 'POST', path: '/changes/ahead/{id}/withdraw', summary: 'Take back a change that is prepared and not carried out' })
    .input(z.object({ id: z.number().int(), version: z.number().int(), reason: z.string().trim().min(1).max(200) }))
    .output(z.object({ id: z.number().int(), version: z.number().int() })),
  list: endpoint('unit.read', { method: 'GET', path: '/changes', summary: 'Structure changes in my scope, the newest first' })
    .input(z.object({ unit: unit.optional(), kind: Kind.optional(), q: z.string().max(60).optional(), ...paging }))
    .output(pageOf(ChangeRow)),
  one: endpoint('unit.read', { method: 'GET', path: '/changes/{id}', summary: 'One change with everything it moved' })
    .input(z.object({ id: z.number().int() }))
    .output(
      ChangeRow.extend({
        report: Report,
        undone: z.object({ by: z.string(), at: z.string(), reason: z.string() }).nullable(),
        moves: z.array(MoveNow),
      }),
    ),
  history: endpoint('unit.read', { method: 'GET', path: '/changes/of-unit/{unit}', summary: 'Predecessors and successors of a unit, and what was done to it' })
    .input(z.object({ unit }))
    .output(
      z.object({
        predecessors: z.array(z.object({ id: unit, name: z.string(), code: z.string(), state: z.string(), on: CivilDate, change: z.number().int(), kind: Kind, share: Decimal.nullable(), records: z.number().int() })),
        successors: z.array(z.object({ id: unit, name: z.string(), code: z.string(), state: z.string(), on: CivilDate, change: z.number().int(), kind: Kind, share: Decimal.nullable(), main: z.boolean() })),
        changes: z.array(ChangeRow),
        /** What is prepared for it. */
        coming: z.array(PlanRow),
      }),
    ),
  records: endpoint('record.read', { method: 'GET', path: '/changes/of-unit/{unit}/records', summary: 'What a unit has reported, the newest first; of an ended unit too' })
    .input(z.object({ unit, ...paging }))
    .output(pageOf(z.object({ form: z.string(), formName: Words, period: z.string(), state: z.enum(['submitted', 'accepted', 'sentBack']), submittedAt: z.string() }))),
} satisfies RoomContract
