import { Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { accountNames, markedActing } from '../access/access.reads.ts'
import { grantFor, mustBeAble, mustHold, type Actor, type Grant } from '../access/permission.ts'
import type { Verb } from '../access/verbs.ts'
import { notify } from '../inbox/inbox.reads.ts'
import { extendReturn } from '../ledgers/ledgers.reads.ts'
import { inScope, namesOf, pathOf, pathOfUnit, unitOf, type Unit } from '../units/units.reads.ts'
import { bearer, mustBeFresh } from './drafts.server.ts'
import { hangFiles } from './files.server.ts'
import type { listsContract, Task } from './lists.contract.ts'
import * as taskRows from './tasks.sql.ts'
import * as talk from './tasks-talk.sql.ts'
import type { TaskFull } from './tasks.sql.ts'
import { clockOf, taskDeadline, taskRow, type Clock } from './shown.server.ts'
import { byHandOnly, deferralLife, isOpen, isUnreported, taskLife, taskMoves, unreportedStates, type TaskMove } from './task.ts'

type Names =
  | 'tasks' | 'task' | 'sign' | 'work' | 'report' | 'verify' | 'close' | 'sendBack' | 'cancel'
  | 'askDeferral' | 'decideDeferral' | 'comment' | 'remind'

/** Checking is the level above's: a post on the unit itself does not give it. */
const abovePath = (unit: Unit) => pathOfUnit(unit).filter((id) => id !== unit.id)

type Held = { task: TaskFull; unit: Unit; grant: Grant }

/** Locks a task. Throws Problem `not-found`, `stale-version`, or `not-allowed` unless the verb is held on the path. */
async function taskToChange(tx: Tx, actor: Actor, input: { task: number; version: number }, verb: Verb, pathFor: (unit: Unit, task: TaskFull) => Promise<readonly number[]> | readonly number[]): Promise<Held> {
  const locked = await taskRows.lockTask(tx, input.task)
  const task = locked && (await taskRows.taskOf(tx, input.task))
  if (!task) throw new Problem('not-found', { facts: { what: 'task', id: input.task } })
  const unit = await unitOf(tx, task.unit)
  const grant = mustBeAble(actor, verb, await pathFor(unit, task))
  mustBeFresh(input.version, task)
  return { task, unit, grant }
}

/** Locks a task for one of its moves. Throws also Problem `move-not-possible` or `reason-needed`. */
async function taskToMove(tx: Tx, actor: Actor, input: { task: number; version: number; reason?: string }, move: TaskMove): Promise<Held> {
  const verb = taskLife.table[move].verb as Verb
  const held = await taskToChange(tx, actor, input, verb, verb === 'task.check' ? abovePath : pathOfUnit)
  const { state, form } = held.task
  if (form !== null && byHandOnly.includes(move)) {
    throw new Problem('move-not-possible', { facts: { life: 'task', move, state, from: [...taskLife.table[move].from], why: 'follows-form', form } })
  }
  taskLife.next(state, move, input.reason)
  return held
}

const movedFacts = (task: TaskFull, to: string, more: Record<string, unknown> = {}) => ({ from: task.state, to, ...more })

/** @returns one task with everything about it. Throws Problem `not-found`, or `not-allowed` with `list.read` missing on its unit. */
async function readTask(tx: Tx, actor: Actor, id: number, clock: Clock): Promise<Task> {
  const task = await taskRows.taskOf(tx, id)
  if (!task) throw new Problem('not-found', { facts: { what: 'task', id } })
  mustBeAble(actor, 'list.read', await pathOf(tx, task.unit))
  return taskShown(tx, actor, task, clock)
}

async function taskShown(tx: Tx, actor: Actor, task: TaskFull, clock: Clock): Promise<Task> {
  const unit = await unitOf(tx, task.unit)
  const names = await namesOf(tx, [...task.coUnits, ...(task.lead === null ? [] : [task.lead])])
  const accounts = await accountNames(tx, [task.signedBy, task.submittedBy, task.verifiedBy].flatMap((account) => account ?? []), { subject: `task:${task.id}`, locale: actor.locale })
  const name = (account: string | null) => (account === null ? null : (accounts.get(account) ?? account))
  const deferrals = await talk.deferralsOf(tx, task.id, actor.locale)
  const trail = await talk.trailOf(tx, { task: task.id, item: task.item, list: task.list })
  const open = deferrals.find((one) => one.granted === null)
  const children = await taskRows.belowTask(tx, task.item, task.unit)
  const { lead, coUnits, dueFrom, dueWorkingDays, ...rest } = task
  return {
    ...rest,
    ...taskRow(task, clock),
    leadName: lead === null ? null : (names.get(lead) ?? null),
    coUnitNames: coUnits.map((id) => names.get(id) ?? `#${id}`),
    deadline: taskDeadline(clock, { dueFrom, dueWorkingDays }),
    signedBy: name(task.signedBy),
    submittedBy: name(task.submittedBy),
    verifiedBy: name(task.verifiedBy),
    comments: await talk.commentsOf(tx, task.id, actor.locale),
    deferralsAsked: deferrals.map(({ askedByName, ...one }) => ({ ...one, askedBy: askedByName })),
    trail: trail.map(({ acting, ...line }) => ({ ...line, by: acting && line.by !== null ? markedActing(line.by, actor.locale) : line.by })),
    children,
    moves: taskMoves({
      state: task.state,
      form: task.form,
      deferralAsked: open !== undefined,
      openBelow: children.reduce((sum, child) => sum + child.open, 0),
      mayWork: grantFor(actor, 'task.work', pathOfUnit(unit)) !== undefined,
      mayCheck: grantFor(actor, 'task.check', abovePath(unit)) !== undefined,
      mayDecide: grantFor(actor, 'task.check', await pathOf(tx, task.issuer)) !== undefined,
      reported: task.submittedBy === actor.account,
      asked: open?.askedBy === actor.account,
    }),
  }
}

/** What a move answers: the task as it is now. */
async function taskNow(tx: Tx, actor: Actor, id: number, today: string): Promise<Task> {
  return taskShown(tx, actor, (await taskRows.taskOf(tx, id))!, await clockOf(tx, today))
}

/** Working on tasks, checking them, deferring, commenting and reminding (C4). */
export const taskAnswers: Pick<Answers<typeof listsContract>, Names> = {
  async tasks({ tx, input, actor, today }) {
    let scope = mustHold(actor, 'list.read')
    if (input.unit !== undefined) {
      mustBeAble(actor, 'list.read', await pathOf(tx, input.unit))
      scope = [input.unit]
    }
    const clock = await clockOf(tx, today)
    const { rows, total } = await taskRows.findTasks(tx, await inScope(tx, 'u', scope), input, clock)
    return { rows: rows.map((line) => taskRow(line, clock)), total }
  },

  task: async ({ tx, input, actor, today }) => readTask(tx, actor, input.id, await clockOf(tx, today)),

  async sign({ tx, input, actor, now, today }) {
    const { task, grant } = await taskToMove(tx, actor, input, 'sign')
    await taskRows.changeTask(tx, task.id, { to: 'accepted', at: now, signedBy: actor.account })
    await record(tx, 'task.signed', { by: bearer(actor, grant), unit: task.unit, subject: `task:${task.id}`, facts: movedFacts(task, 'accepted') })
    return taskNow(tx, actor, task.id, today)
  },

  async work({ tx, input, actor, now, today }) {
    const { task, grant } = await taskToMove(tx, actor, input, 'work')
    await taskRows.changeTask(tx, task.id, { to: 'running', at: now, progress: input.progress })
    await record(tx, 'task.worked', {
      by: bearer(actor, grant), unit: task.unit, subject: `task:${task.id}`, reason: input.note || undefined,
      facts: movedFacts(task, 'running', { progressFrom: task.progress, progress: input.progress }),
    })
    return taskNow(tx, actor, task.id, today)
  },

  async report({ tx, input, actor, now, today }) {
    const { task, grant } = await taskToMove(tx, actor, input, 'report')
    await taskRows.changeTask(tx, task.id, { to: 'submitted', at: now, result: input.result, submittedBy: actor.account })
    await record(tx, 'task.reported', { by: bearer(actor, grant), unit: task.unit, subject: `task:${task.id}`, facts: movedFacts(task, 'submitted') })
    return taskNow(tx, actor, task.id, today)
  },

  async verify({ tx, input, actor, now, today }) {
    const { task, grant } = await taskToMove(tx, actor, input, 'verify')
    if (task.submittedBy === actor.account) throw new Problem('same-person', { facts: { unit: task.unit } })
    const open = await taskRows.openBelowTask(tx, task.item, task.unit)
    const to = open.length > 0 ? 'verified' : 'closed'
    await taskRows.changeTask(tx, task.id, { to, at: now, verifiedBy: actor.account, ...(to === 'closed' ? { progress: 100 } : {}) })
    const files = await hangFiles(tx, { task: task.id, unit: task.unit, by: actor.account, ids: input.files, comment: null })
    await record(tx, 'task.verified', { by: bearer(actor, grant), unit: task.unit, subject: `task:${task.id}`, reason: input.note || undefined, facts: movedFacts(task, to, files.length > 0 ? { files } : {}) })
    return taskNow(tx, actor, task.id, today)
  },

  async close({ tx, input, actor, now, today }) {
    const { task, grant } = await taskToMove(tx, actor, input, 'close')
    const first = await taskRows.openBelowTask(tx, task.item, task.unit)
    if (first.length > 0) throw new Problem('children-open', { facts: { open: first.length, first } })
    await taskRows.changeTask(tx, task.id, { to: 'closed', at: now, progress: 100 })
    await record(tx, 'task.closed', { by: bearer(actor, grant), unit: task.unit, subject: `task:${task.id}`, facts: movedFacts(task, 'closed') })
    return taskNow(tx, actor, task.id, today)
  },

  async sendBack({ tx, input, actor, now, today }) {
    const { task, grant } = await taskToMove(tx, actor, input, 'sendBack')
    await taskRows.changeTask(tx, task.id, { to: 'returned', at: now, reason: input.reason })
    const files = await hangFiles(tx, { task: task.id, unit: task.unit, by: actor.account, ids: input.files, comment: null })
    await notify(tx, { units: [task.unit], verb: 'task.work', kind: 'sentBack', subject: `task:${task.id}`, facts: { title: task.title, reason: input.reason }, by: actor.account })
    await record(tx, 'task.sentBack', { by: bearer(actor, grant), unit: task.unit, subject: `task:${task.id}`, reason: input.reason, facts: movedFacts(task, 'returned', files.length > 0 ? { files } : {}) })
    return taskNow(tx, actor, task.id, today)
  },

  async cancel({ tx, input, actor, now, today }) {
    const { task, grant } = await taskToMove(tx, actor, input, 'cancel')
    await taskRows.changeTask(tx, task.id, { to: 'cancelled', at: now, reason: input.reason })
    await notify(tx, { units: [task.unit], verb: 'task.work', kind: 'cancelled', subject: `task:${task.id}`, facts: { title: task.title, reason: input.reason }, by: actor.account })
    await record(tx, 'task.cancelled', { by: bearer(actor, grant), unit: task.unit, subject: `task:${task.id}`, reason: input.reason, facts: movedFacts(task, 'cancelled') })
    return taskNow(tx, actor, task.id, today)
  },

  async askDeferral({ tx, input, actor, now, today }) {
    const { task, grant } = await taskToChange(tx, actor, input, 'task.work', pathOfUnit)
    if (!isUnreported(task.state)) throw new Problem('move-not-possible', { facts: { life: 'task', move: 'askDeferral', state: task.state, from: [...unreportedStates] } })
    const waits = (await talk.deferralsOf(tx, task.id)).some((one) => one.granted === null)
    deferralLife.next(waits ? 'asked' : 'none', 'ask', input.reason)
    const wrong = input.to <= task.due ? 'not-later' : input.to < today ? 'in-the-past' : undefined
    if (wrong) throw new Problem('invalid-input', { field: 'to', findings: [{ code: wrong, path: 'to', facts: { due: task.due } }] })
    await talk.addDeferral(tx, { task: task.id, by: actor.account, at: now, from: task.due, to: input.to, reason: input.reason })
    await record(tx, 'deferral.asked', { by: bearer(actor, grant), unit: task.unit, subject: `task:${task.id}`, reason: input.reason, facts: { from: task.due, to: input.to } })
    return taskNow(tx, actor, task.id, today)
  },

  async decideDeferral({ tx, input, actor, now, today }) {
    const { task, grant } = await taskToChange(tx, actor, input, 'task.check', (_unit, { issuer }) => pathOf(tx, issuer))
    const deferral = (await talk.deferralsOf(tx, task.id)).find((one) => one.id === input.deferral)
    if (!deferral || deferral.granted !== null) throw new Problem('deferral-not-asked', { facts: { task: task.id, deferral: input.deferral } })
    deferralLife.next('asked', input.grant ? 'grant' : 'refuse', input.reason)
    if (deferral.askedBy === actor.account) throw new Problem('same-person', { facts: { unit: task.unit } })
    if (!isOpen(task.state)) throw new Problem('move-not-possible', { facts: { life: 'task', move: 'decideDeferral', state: task.state, from: [...unreportedStates] } })
    await talk.decideDeferral(tx, { deferral: deferral.id, task: task.id, grant: input.grant, to: deferral.to, by: actor.account, at: now, reason: input.reason.trim() || null })
    if (input.grant && task.form !== null) await extendReturn(tx, task.unit, task.form, task.period!, deferral.to)
    const facts = { from: deferral.from, to: deferral.to, granted: input.grant }
    await notify(tx, { units: [task.unit], verb: 'task.work', kind: 'deferralDecided', subject: `task:${task.id}`, facts: { title: task.title, ...facts }, by: actor.account })
    await record(tx, input.grant ? 'deferral.granted' : 'deferral.refused', { by: bearer(actor, grant), unit: task.unit, subject: `task:${task.id}`, reason: input.reason.trim() || undefined, facts })
    return taskNow(tx, actor, task.id, today)
  },

  async comment({ tx, input, actor, now, today }) {
    const task = await taskRows.taskOf(tx, input.task)
    if (!task) throw new Problem('not-found', { facts: { what: 'task', id: input.task } })
    const unit = await unitOf(tx, task.unit)
    const grant = mustBeAble(actor, 'task.comment', pathOfUnit(unit))
    const replied = input.replyTo === null ? undefined : (await talk.commentsOf(tx, task.id)).find((one) => one.id === input.replyTo)
    if (input.replyTo !== null && !replied) throw new Problem('not-found', { facts: { what: 'comment', id: input.replyTo } })
    const needsReply = input.needsReply || input.replyBy !== null
    const id = await talk.addComment(tx, { ...input, needsReply, by: actor.account, post: grant.post || null, unit: grant.unit, at: now })
    await hangFiles(tx, { task: task.id, unit: task.unit, by: actor.account, ids: input.files, comment: id })
    // Whoever is not the unit speaks to the unit; the unit speaks to the level that asked, or else to the one above it.
    const above = unit.management === 'line' ? unit.lineParent : unit.areaParent
    const heard = grant.unit !== task.unit ? task.unit : (replied && replied.unit !== task.unit ? replied.unit : above)
    const verb = heard === task.unit ? 'task.work' : 'task.check'
    await notify(tx, { units: heard === null ? [] : [heard], verb, kind: 'comment', subject: `task:${task.id}`, facts: { title: task.title, comment: id, needsReply, replyBy: input.replyBy }, by: actor.account })
    await record(tx, 'task.commented', { by: bearer(actor, grant), unit: task.unit, subject: `task:${task.id}`, facts: { comment: id, needsReply, replyBy: input.replyBy, replyTo: input.replyTo } })
    return taskNow(tx, actor, task.id, today)
  },

  async remind({ tx, input, actor, now }) {
    const ids = [...new Set(input.tasks)]
    const tasks = await talk.tasksToRemind(tx, ids)
    const grants = new Map(tasks.map(({ id, unit, lineage }) => [id, mustBeAble(actor, 'task.check', lineage.filter((above) => above !== unit))]))
    if (tasks.length < ids.length) throw new Problem('not-found', { facts: { what: 'task', id: ids.find((id) => !grants.has(id)) } })
    const open = tasks.filter((task) => task.open).map((task) => task.id)
    const told = await talk.remind(tx, open, { text: input.text, by: actor.account, at: now })
    for (const { task, unit } of told) {
      await record(tx, 'task.reminded', { by: bearer(actor, grants.get(task)!), unit, subject: `task:${task}`, reason: input.text || undefined })
    }
    return { reminded: told.length, alreadyToday: open.length - told.length, notOpen: ids.length - open.length }
  },
}
