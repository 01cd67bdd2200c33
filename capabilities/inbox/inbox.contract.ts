import { z } from 'zod'
import { CivilDate, endpoint, pageOf, paging, PeriodText, type RoomContract } from '../endpoint.ts'
import { Words } from '../ledgers/form-definition.ts'
import { LightNow } from '../lists/lists.contract.ts'

/**
 * One thing that waits for me, whatever room it is in. `fill`: a return to give; `redo`: one that was sent back;
 * `check`: returns of one form and period that wait for my decision, as one line with their number; `sign`, `report`,
 * `verify`, `decide`: tasks to sign for, to report, to check, deferrals to decide; `reply`: a comment that wants an answer;
 * `objection`, `suggestion`, `approve`: what a burden officer decides; `acknowledge`: reports of major matters.
 */
export const Waiting = z.object({
  kind: z.enum(['fill', 'redo', 'check', 'sign', 'report', 'verify', 'decide', 'reply', 'objection', 'suggestion', 'approve', 'design', 'acknowledge']),
  title: z.string(),
  titleWords: Words.nullable(),
  unit: z.number().int(),
  unitName: z.string(),
  /** Nearest first; null for things without a deadline. */
  due: CivilDate.nullable(),
  workingDaysLeft: z.number().int().nullable(),
  light: LightNow,
  /** How many: 1, or the number of returns that wait in the queue. */
  count: z.number().int(),
  /** How far a draft is, for a return that has been begun. */
  draft: z.boolean(),
  minutes: z.number().nullable(),
  form: z.string().nullable(),
  period: PeriodText.nullable(),
  task: z.number().int().nullable(),
  /** A design that waits for the burden officer. */
  design: z.number().int().nullable().default(null),
})
export type Waiting = z.infer<typeof Waiting>

export const Notice = z.object({
  id: z.number().int(),
  kind: z.string(),
  unit: z.number().int(),
  unitName: z.string(),
  subject: z.string(),
  facts: z.record(z.string(), z.unknown()),
  by: z.string().nullable(),
  at: z.string(),
  seen: z.boolean(),
})
export type Notice = z.infer<typeof Notice>

export const inboxContract = {
  waiting: endpoint('signedIn', { method: 'GET', path: '/inbox/waiting', summary: 'What waits for me, nearest deadline first' })
    .input(z.object({ kind: Waiting.shape.kind.optional(), q: z.string().max(60).optional(), ...paging }))
    .output(pageOf(Waiting).extend({ overdue: z.number().int(), dueSoon: z.number().int(), byKind: z.record(z.string(), z.number().int()) })),
  notices: endpoint('signedIn', { method: 'GET', path: '/inbox/notices', summary: 'Notices to my posts, newest first' })
    .input(z.object({ unseen: z.boolean().default(false), before: z.number().int().optional(), limit: z.number().int().min(1).max(100).default(30) }))
    .output(z.object({ rows: z.array(Notice), unseen: z.number().int(), next: z.number().int().nullable() })),
  seen: endpoint('signedIn', { method: 'POST', path: '/inbox/notices/seen', summary: 'I have read these notices' })
    .input(z.object({ ids: z.array(z.number().int()).max(500).optional(), allUntil: z.number().int().optional() }))
    .output(z.object({ unseen: z.number().int() })),
} satisfies RoomContract
