import { z } from 'zod'
import { CivilDate, endpoint, MoveNow, pageOf, paging, PeriodText, type RoomContract } from '../endpoint.ts'
import { Burden } from '../ledgers/ledgers.contract.ts'
import { Words } from '../ledgers/form-definition.ts'
import { Audience } from '../units/audience.ts'
import { ListTemplateDefinition, ProgrammeDefinition } from './list-definition.ts'

const unit = z.number().int()
const id = z.number().int()
const version = z.number().int().min(1)
const Reason = z.string().trim().min(1).max(500)
const Pillar = z.enum(['organisation', 'foundation', 'ability'])

export const ListState = z.enum(['draft', 'issued', 'closed', 'cancelled'])
export const TaskState = z.enum(['issued', 'accepted', 'running', 'submitted', 'verified', 'closed', 'returned', 'cancelled'])
export const LightNow = z.enum(['green', 'yellow', 'red', 'done'])

/** How far something is: counts of tasks by what they still need. */
export const Progress = z.object({
  tasks: z.number().int(),
  closed: z.number().int(),
  submitted: z.number().int(),
  unsigned: z.number().int(),
  overdue: z.number().int(),
  deferred: z.number().int(),
  /** Σ w·done / Σ w, 0…100 with one decimal. */
  percent: z.string(),
  light: LightNow,
})
export type Progress = z.infer<typeof Progress>

export const ListRow = z.object({
  id,
  programme: z.string(),
  year: z.number().int(),
  title: z.string(),
  issuer: unit,
  issuerName: z.string(),
  state: ListState,
  version,
  items: z.number().int(),
  issuedAt: z.string().nullable(),
  progress: Progress.nullable(),
})
export type ListRow = z.infer<typeof ListRow>

/** What an officer writes for one item. Incomplete is fine while the list is a draft; issuing names what is missing. */
export const ItemInput = z.object({
  head: z.string().max(100).nullable().default(null),
  title: z.string().trim().min(1).max(200),
  detail: z.string().max(4000).default(''),
  deliverable: z.string().max(300).default(''),
  measure: z.string().max(300).default(''),
  pillar: Pillar.nullable().default(null),
  weight: z.number().positive().max(1000).default(1),
  lead: unit.nullable().default(null),
  coUnits: z.array(unit).max(50).default([]),
  audience: Audience.nullable().default(null),
  /** Either a date, or working days counted from the day after `dueFrom` (by default the day of issue). */
  due: CivilDate.nullable().default(null),
  dueFrom: CivilDate.nullable().default(null),
  dueWorkingDays: z.number().int().min(1).max(500).nullable().default(null),
  form: z.string().max(80).nullable().default(null),
  period: PeriodText.nullable().default(null),
})
export type ItemInput = z.infer<typeof ItemInput>

/** A deadline with its working: what was counted, what was skipped, and the notices that say so. */
export const DeadlineShown = z.object({
  due: CivilDate,
  from: CivilDate,
  days: z.number().int(),
  counted: z.array(CivilDate),
  skipped: z.array(z.object({ date: CivilDate, why: z.enum(['weekend', 'holiday']), name: z.string() })),
  worked: z.array(z.object({ date: CivilDate, name: z.string() })),
  notices: z.array(z.string()),
})
export type DeadlineShown = z.infer<typeof DeadlineShown>

export const Item = ItemInput.extend({
  id,
  list: id,
  ordinal: z.number().int(),
  parentItem: id.nullable(),
  state: ListState,
  version,
  leadName: z.string().nullable(),
  coUnitNames: z.array(z.string()),
  /** The audience in plain words. */
  audienceText: z.string().nullable(),
  formName: Words.nullable(),
  deadline: DeadlineShown.nullable(),
  progress: Progress.nullable(),
  /** Codes of what must be filled before issue: `lead`, `deliverable`, … */
  missing: z.array(z.string()),
  reason: z.string().nullable(),
  moves: z.array(MoveNow),
})
export type Item = z.infer<typeof Item>

export const Cost = z.object({
  items: z.array(z.object({ item: id, title: z.string(), units: z.number().int(), tasks: z.number().int(), burden: Burden.nullable() })),
  units: z.number().int(),
  tasks: z.number().int(),
  entries: z.number().int(),
  fieldsHeld: z.number().int(),
  minutesMonth: z.number(),
})
export type Cost = z.infer<typeof Cost>

export const TaskRow = z.object({
  id,
  item: id,
  list: id,
  listTitle: z.string(),
  title: z.string(),
  unit,
  unitName: z.string(),
  parentName: z.string(),
  issuerName: z.string(),
  state: TaskState,
  progress: z.number().int(),
  due: CivilDate,
  workingDaysLeft: z.number().int().nullable(),
  light: LightNow,
  deferrals: z.number().int(),
  form: z.string().nullable(),
  period: PeriodText.nullable(),
  signedAt: z.string().nullable(),
  reportedAt: z.string().nullable(),
  doneAt: z.string().nullable(),
  /** The unit it was issued to, when that has ended and this one came after it. */
  formerName: z.string().nullable(),
  /** Whose return a task with a form follows. */
  returnUnit: unit,
  version,
})
export type TaskRow = z.infer<typeof TaskRow>

export const Comment = z.object({
  id,
  by: z.string(),
  at: z.string(),
  text: z.string(),
  needsReply: z.boolean(),
  replyBy: CivilDate.nullable(),
  replyTo: id.nullable(),
  files: z.array(z.object({ id: z.string(), name: z.string() })),
})
export const Deferral = z.object({
  id,
  askedBy: z.string(),
  askedAt: z.string(),
  from: CivilDate,
  to: CivilDate,
  reason: z.string(),
  granted: z.boolean().nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: z.string().nullable(),
  decisionReason: z.string().nullable(),
})
/** One line of the trail of a task: who, when, from, to, why. */
export const TrailLine = z.object({
  at: z.string(),
  kind: z.string(),
  by: z.string().nullable(),
  reason: z.string().nullable(),
  facts: z.record(z.string(), z.unknown()),
})

export const Task = TaskRow.extend({
  detail: z.string(),
  deliverable: z.string(),
  measure: z.string(),
  leadName: z.string().nullable(),
  coUnitNames: z.array(z.string()),
  deadline: DeadlineShown.nullable(),
  result: z.string().nullable(),
  reason: z.string().nullable(),
  signedBy: z.string().nullable(),
  submittedBy: z.string().nullable(),
  verifiedBy: z.string().nullable(),
  comments: z.array(Comment),
  deferralsAsked: z.array(Deferral),
  trail: z.array(TrailLine),
  /** Items that levels between have hung below this one, with what is still open. */
  children: z.array(z.object({ item: id, title: z.string(), open: z.number().int(), tasks: z.number().int() })),
  moves: z.array(MoveNow),
})
export type Task = z.infer<typeof Task>

const taskMove = { task: id, version }
/** Files given before (ids of `POST /ledgers/files` for the task's unit), never demanded. */
const givenFiles = z.array(z.uuid()).max(10).default([])

export const listsContract = {
  programmes: endpoint('list.read', { method: 'GET', path: '/lists/programmes', summary: 'Programmes with pillars, yearly goals and bundles' })
    .output(z.array(ProgrammeDefinition)),
  templates: endpoint('list.read', { method: 'GET', path: '/lists/templates', summary: 'Lists that a pack offers' })
    .input(z.object({ programme: z.string().optional() }))
    .output(z.array(z.object({ code: z.string(), programme: z.string(), year: z.number().int(), name: Words, heads: z.number().int(), items: z.number().int() }))),
  template: endpoint('list.read', { method: 'GET', path: '/lists/templates/{code}', summary: 'One list that a pack offers' })
    .input(z.object({ code: z.string() }))
    .output(ListTemplateDefinition),

  lists: endpoint('list.read', { method: 'GET', path: '/lists', summary: 'Lists that I issue or that reach my units' })
    .input(
      z.object({
        q: z.string().max(60).optional(),
        state: ListState.optional(),
        year: z.number().int().optional(),
        issuer: unit.optional(),
        ...paging,
      }),
    )
    .output(pageOf(ListRow)),
  list: endpoint('list.read', { method: 'GET', path: '/lists/{id}', summary: 'One list with its items' })
    .input(z.object({ id }))
    .output(ListRow.extend({ clause: z.string().nullable(), template: z.string().nullable(), createdBy: z.string(), entries: z.array(Item), moves: z.array(MoveNow) })),
  create: endpoint('list.issue', { method: 'POST', path: '/lists', summary: 'Write a list, empty or from a pack' })
    .input(
      z.object({
        issuer: unit,
        programme: z.string(),
        year: z.number().int().min(2000).max(2100),
        title: z.string().trim().min(1).max(200),
        clause: z.string().max(200).nullable().default(null),
        template: z.string().nullable().default(null),
      }),
    )
    .output(z.object({ id })),
  update: endpoint('list.issue', { method: 'POST', path: '/lists/update', summary: 'Change title and clause of a draft' })
    .input(z.object({ list: id, version, title: z.string().trim().min(1).max(200), clause: z.string().max(200).nullable() }))
    .output(ListRow),
  remove: endpoint('list.issue', { method: 'POST', path: '/lists/remove', summary: 'Throw a draft away' })
    .input(z.object({ list: id, version }))
    .output(z.object({ removed: z.boolean() })),
  addItem: endpoint('list.issue', { method: 'POST', path: '/lists/items', summary: 'Add an item to a draft' })
    .input(z.object({ list: id, item: ItemInput, after: z.number().int().optional() }))
    .output(Item),
  /** A level between hangs its own item below one that came from above: it makes a list of its own for it. */
  addBelow: endpoint('list.issue', { method: 'POST', path: '/lists/items/below', summary: 'Hang an own item below one from above' })
    .input(z.object({ parentItem: id, issuer: unit, item: ItemInput }))
    .output(z.object({ list: id, item: id })),
  updateItem: endpoint('list.issue', { method: 'POST', path: '/lists/items/update', summary: 'Change an item of a draft' })
    .input(z.object({ item: id, version, to: ItemInput }))
    .output(Item),
  removeItem: endpoint('list.issue', { method: 'POST', path: '/lists/items/remove', summary: 'Take an item out of a draft' })
    .input(z.object({ item: id, version }))
    .output(z.object({ removed: z.boolean() })),
  moveItem: endpoint('list.issue', { method: 'POST', path: '/lists/items/move', summary: 'Put an item at another place of a draft' })
    .input(z.object({ item: id, version, to: z.number().int().min(1) }))
    .output(z.object({ moved: z.boolean() })),
  cost: endpoint('list.issue', { method: 'GET', path: '/lists/{id}/cost', summary: 'What issuing will cost below: entries, minutes, held fields' })
    .input(z.object({ id }))
    .output(Cost),
  issue: endpoint('list.issue', { method: 'POST', path: '/lists/issue', summary: 'Issue a list: every addressed unit gets its items' })
    .input(z.object({ list: id, version }))
    .output(z.object({ list: id, state: ListState, tasks: z.number().int(), units: z.number().int() })),
  cancelItem: endpoint('list.issue', { method: 'POST', path: '/lists/items/cancel', summary: 'Cancel an issued item with a reason' })
    .input(z.object({ item: id, version, reason: Reason }))
    .output(Item),
  closeItem: endpoint('list.issue', { method: 'POST', path: '/lists/items/close', summary: 'Close an item whose tasks are all closed' })
    .input(z.object({ item: id, version }))
    .output(Item),
  deadline: endpoint('list.read', { method: 'GET', path: '/lists/deadline', summary: 'A limit in working days, with its working shown' })
    .input(z.object({ from: CivilDate, days: z.number().int().min(1).max(500) }))
    .output(DeadlineShown),

  matrix: endpoint('list.read', { method: 'GET', path: '/lists/{id}/matrix', summary: 'Coverage matrix: child units × items' })
    .input(z.object({ id, unit, ...paging }))
    .output(
      pageOf(z.object({ unit, name: z.string(), cells: z.array(Progress.nullable()) })).extend({
        items: z.array(z.object({ item: id, ordinal: z.number().int(), title: z.string() })),
        /** Owned cells / (units × items). */
        owned: z.number().int(),
        cells: z.number().int(),
      }),
    ),
  tasks: endpoint('list.read', { method: 'GET', path: '/lists/tasks', summary: 'Tasks of my units: who has not signed, not reported, is late' })
    .input(
      z.object({
        unit: unit.optional(),
        list: id.optional(),
        item: id.optional(),
        state: TaskState.optional(),
        only: z.enum(['all', 'open', 'unsigned', 'unreported', 'overdue', 'dueSoon', 'toCheck', 'deferralAsked', 'done']).default('all'),
        q: z.string().max(60).optional(),
        sort: z.enum(['due', 'unit', 'state']).default('due'),
        ...paging,
      }),
    )
    .output(pageOf(TaskRow)),
  task: endpoint('list.read', { method: 'GET', path: '/lists/tasks/{id}', summary: 'One task with comments, deferrals and its trail' })
    .input(z.object({ id }))
    .output(Task),
  sign: endpoint('task.work', { method: 'POST', path: '/lists/tasks/sign', summary: 'Sign for a task' }).input(z.object(taskMove)).output(Task),
  work: endpoint('task.work', { method: 'POST', path: '/lists/tasks/work', summary: 'Say how far a task is' })
    .input(z.object({ ...taskMove, progress: z.number().int().min(0).max(100), note: z.string().max(500).default('') }))
    .output(Task),
  report: endpoint('task.work', { method: 'POST', path: '/lists/tasks/report', summary: 'Report a task as done' })
    .input(z.object({ ...taskMove, result: z.string().trim().min(1).max(2000) }))
    .output(Task),
  verify: endpoint('task.check', { method: 'POST', path: '/lists/tasks/verify', summary: 'Check a reported task; it closes when its children are closed' })
    .input(z.object({ ...taskMove, note: z.string().max(500).default(''), files: givenFiles }))
    .output(Task),
  close: endpoint('task.check', { method: 'POST', path: '/lists/tasks/close', summary: 'Close a verified task once its children are closed' })
    .input(z.object(taskMove))
    .output(Task),
  sendBack: endpoint('task.check', { method: 'POST', path: '/lists/tasks/send-back', summary: 'Send a reported task back with a reason' })
    .input(z.object({ ...taskMove, reason: Reason, files: givenFiles }))
    .output(Task),
  cancel: endpoint('task.check', { method: 'POST', path: '/lists/tasks/cancel', summary: 'Cancel one unit’s task with a reason (not applicable)' })
    .input(z.object({ ...taskMove, reason: Reason }))
    .output(Task),
  askDeferral: endpoint('task.work', { method: 'POST', path: '/lists/deferrals', summary: 'Ask for a later deadline' })
    .input(z.object({ ...taskMove, to: CivilDate, reason: Reason }))
    .output(Task),
  /** Only the issuer's side decides (C4). */
  decideDeferral: endpoint('task.check', { method: 'POST', path: '/lists/deferrals/decide', summary: 'Grant or refuse a deferral' })
    .input(z.object({ ...taskMove, deferral: id, grant: z.boolean(), reason: z.string().max(500).default('') }))
    .output(Task),
  comment: endpoint('task.comment', { method: 'POST', path: '/lists/comments', summary: 'Comment on a task, with or without a reply due' })
    .input(z.object({ task: id, text: z.string().trim().min(1).max(2000), needsReply: z.boolean().default(false), replyBy: CivilDate.nullable().default(null), replyTo: id.nullable().default(null), files: givenFiles }))
    .output(Task),
  remind: endpoint('task.check', { method: 'POST', path: '/lists/remind', summary: 'Remind units of open tasks; a unit is reminded of a task once a day' })
    .input(z.object({ tasks: z.array(id).min(1).max(500), text: z.string().max(300).default('') }))
    .output(z.object({ reminded: z.number().int(), alreadyToday: z.number().int(), notOpen: z.number().int() })),
} satisfies RoomContract
