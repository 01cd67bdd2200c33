import { compareDates } from '../../rules/civil-date.ts'
import { isProblem } from '../../rules/problem.ts'
import { workingDaysBetween, type WorkCalendar } from '../../rules/working-days.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { scopeOf, type Actor } from '../access/permission.ts'
import { waitingDesigns } from '../designs/designs.reads.ts'
import { waitingForOfficer } from '../burden/burden.reads.ts'
import { waitingChecks, waitingReturns } from '../ledgers/ledgers.reads.ts'
import { workCalendarOf } from '../lists/calendar.reads.ts'
import { waitingMatters } from '../promises/promises.reads.ts'
import { withPredecessors } from '../units/units.reads.ts'
import { waitingDeferrals, waitingReplies, waitingTasks, waitingVerify } from '../lists/lists.reads.ts'
import type { inboxContract, Waiting } from './inbox.contract.ts'
import * as queries from './inbox.sql.ts'

type Bare = Omit<Waiting, 'workingDaysLeft' | 'light'>
const nothing = { titleWords: null, draft: false, minutes: null, form: null, period: null, task: null, design: null } as const

/** Everything that waits for the holder's own posts, from all rooms. A township sees its queue as one line per form and period. */
async function gather(tx: Tx, actor: Actor, today: string): Promise<Bare[]> {
  const [fill, check, work, verify] = [scopeOf(actor, 'record.fill'), scopeOf(actor, 'record.check'), scopeOf(actor, 'task.work'), scopeOf(actor, 'task.check')]
  const approve = scopeOf(actor, 'burden.approve')
  // Asked in one moment, so that they travel together.
  const [returns, checks, tasks, checkTasks, deferrals, replies, officer, designs, matters] = await Promise.all([
    withPredecessors(tx, fill).then((units) => waitingReturns(tx, units)),
    waitingChecks(tx, check),
    waitingTasks(tx, work),
    waitingVerify(tx, verify),
    waitingDeferrals(tx, verify),
    waitingReplies(tx, [...new Set([...work, ...verify])]),
    waitingForOfficer(tx, approve, today),
    waitingDesigns(tx, approve, actor.account),
    waitingMatters(tx, verify),
  ])
  return [
    ...returns.map((one): Bare => ({
      ...nothing,
      kind: one.state === 'sentBack' ? 'redo' : 'fill',
      title: one.zh,
      titleWords: { zh: one.zh, en: one.en },
      unit: one.unit,
      unitName: one.unitName,
      due: one.due,
      count: 1,
      draft: one.draft,
      minutes: one.minutes,
      form: one.form,
      period: one.period,
    })),
    ...checks.map((one): Bare => ({
      ...nothing,
      kind: 'check',
      title: one.zh,
      titleWords: { zh: one.zh, en: one.en },
      unit: one.unit,
      unitName: one.unitName,
      due: one.due,
      count: one.count,
      form: one.form,
      period: one.period,
    })),
    ...tasks.map((one): Bare => ({ ...nothing, kind: one.kind, title: one.title, unit: one.unit, unitName: one.unitName, due: one.due, count: 1, task: one.task })),
    ...checkTasks.map((one): Bare => ({ ...nothing, kind: 'verify', title: one.title, unit: one.unit, unitName: one.unitName, due: one.due, count: one.count, task: one.task })),
    ...deferrals.map((one): Bare => ({ ...nothing, kind: 'decide', title: one.title, unit: one.unit, unitName: one.unitName, due: one.due, count: 1, task: one.task })),
    ...replies.map((one): Bare => ({ ...nothing, kind: 'reply', title: one.title, unit: one.unit, unitName: one.unitName, due: one.replyBy, count: 1, task: one.task })),
    ...officer.map(({ titleEn, ...one }): Bare => ({ ...nothing, ...one, titleWords: { zh: one.title, en: titleEn } })),
    ...designs.map((one): Bare => ({ ...nothing, kind: 'design', title: one.title, titleWords: { zh: one.title, en: one.titleEn }, unit: one.unit, unitName: one.unitName, due: null, count: 1, design: one.design })),
    ...matters.map((one): Bare => ({ ...nothing, ...one, kind: 'acknowledge', count: 1 })),
  ]
}

function lit(bare: Bare, today: string, calendar: WorkCalendar): Waiting {
  if (bare.due === null) return { ...bare, workingDaysLeft: null, light: 'green' }
  if (compareDates(bare.due, today) < 0) return { ...bare, workingDaysLeft: 0, light: 'red' }
  try {
    const left = workingDaysBetween(calendar, today, bare.due)
    return { ...bare, workingDaysLeft: left, light: left <= 10 ? 'yellow' : 'green' }
  } catch (error) {
    // Without that year's notice nobody can say how many working days are left; the date itself is shown.
    if (isProblem(error, 'calendar-missing')) return { ...bare, workingDaysLeft: null, light: 'green' }
    throw error
  }
}

const yearOf = (date: string) => Number(date.slice(0, 4))
const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
const { compare } = new Intl.Collator('zh-CN')

/** Nearest deadline first; what was sent back before what is new on the same day; without a deadline last. */
const order = (a: Waiting, b: Waiting) =>
  compareText(a.due ?? '9999', b.due ?? '9999') || Number(b.kind === 'redo') - Number(a.kind === 'redo') || compare(a.title, b.title) || a.unit - b.unit

/** Older notices are history: the trail has them. */
const halfYearBefore = (now: Date) => new Date(now.getTime() - 183 * 86_400_000)

export const inboxAnswers: Answers<typeof inboxContract> = {
  async waiting({ tx, actor, input, today }) {
    const bare = await gather(tx, actor, today)
    const calendar = await workCalendarOf(tx, { from: yearOf(today), to: Math.max(yearOf(today), ...bare.map(({ due }) => yearOf(due ?? today))) })
    const all = bare.map((one) => lit(one, today, calendar)).sort(order)
    const found = all.filter((one) => (input.kind === undefined || one.kind === input.kind) && (!input.q || `${one.title}${one.unitName}`.includes(input.q)))
    const byKind: Record<string, number> = {}
    for (const one of all) byKind[one.kind] = (byKind[one.kind] ?? 0) + one.count
    return {
      rows: found.slice(input.offset, input.offset + input.limit),
      total: found.length,
      overdue: all.filter((one) => one.light === 'red').length,
      dueSoon: all.filter((one) => one.light === 'yellow').length,
      byKind,
    }
  },

  async notices({ tx, actor, input, now }) {
    const rows = await queries.noticesOf(tx, actor, halfYearBefore(now), { unseen: input.unseen, before: input.before, limit: input.limit + 1 })
    const shown = rows.slice(0, input.limit)
    return { rows: shown, unseen: await queries.unseenCount(tx, actor, halfYearBefore(now)), next: rows.length > input.limit ? (shown.at(-1)?.id ?? null) : null }
  },

  async seen({ tx, actor, input, now }) {
    await queries.markSeen(tx, actor, { ids: input.ids, allUntil: input.allUntil }, now)
    return { unseen: await queries.unseenCount(tx, actor, halfYearBefore(now)) }
  },
}
