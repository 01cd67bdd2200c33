import { periodText } from '../../rules/period.ts'
import { Problem } from '../../rules/problem.ts'
import { deadlineShown, type WorkCalendar } from '../../rules/working-days.ts'
import type { Tx } from '../../server/db.ts'
import { grantFor, scopeOf, type Actor, type UnitPath } from '../access/permission.ts'
import type { MoveNow } from '../endpoint.ts'
import { formNames } from '../ledgers/ledgers.reads.ts'
import { audienceText, type AudienceWords } from '../units/audience.ts'
import { classNames, inScope, pathOf, pathsOf, unitsOf } from '../units/units.reads.ts'
import { workCalendarOf } from './calendar.reads.ts'
import { missingOf } from './list-item.ts'
import type { DeadlineShown, Item, ListRow, TaskRow } from './lists.contract.ts'
import * as itemRows from './items.sql.ts'
import * as queries from './lists.sql.ts'
import * as counted from './progress.sql.ts'
import type { ItemLine } from './items.sql.ts'
import type { ListLine } from './lists.sql.ts'
import type { TaskLine } from './tasks.sql.ts'
import { countdown, farFrom, lightFor, progressOf, type ProgressNow } from './progress.ts'
import { itemLife, listLife } from './task.ts'

/** What is needed to say how near a deadline is. */
export type Clock = { today: string; calendar: WorkCalendar; daysLeft: (due: string) => number | null; far: string | null }

export async function clockOf(tx: Tx, today: string): Promise<Clock> {
  const calendar = await workCalendarOf(tx)
  return { today, calendar, daysLeft: countdown(calendar, today), far: farFrom(calendar, today) }
}

/** A limit in working days with its working (F-09). Throws Problem `calendar-missing`. */
export function limitShown(calendar: WorkCalendar, from: string, days: number): DeadlineShown {
  return { from, days, ...deadlineShown(calendar, from, days) }
}

/** The same for a page that only shows it: a year without a notice leaves it out. */
function limitIfKnown({ calendar, today }: Clock, from: string | null, days: number | null): DeadlineShown | null {
  if (days === null) return null
  try {
    return limitShown(calendar, from ?? today, days)
  } catch (error) {
    if (error instanceof Problem && error.code === 'calendar-missing') return null
    throw error
  }
}

// ---- lists

export function listRow(line: ListLine, progress: ProgressNow | null): ListRow {
  const { id, programme, year, title, issuer, issuerName, state, version, items, issuedAt } = line
  return { id, programme, year, title, issuer, issuerName, state, version, items, issuedAt, progress }
}

/** @returns the list with its progress over what the actor may read */
export async function listRowOf(tx: Tx, actor: Actor, line: ListLine, clock: Clock): Promise<ListRow> {
  const sums = await counted.sumsByList(tx, [line.id], await inScope(tx, 'u', scopeOf(actor, 'list.read')), clock.today)
  return listRow(line, progressOf(sums.get(line.id), clock.today, clock.daysLeft))
}

export function listMoves(actor: Actor, line: ListLine, issuerPath: UnitPath): MoveNow[] {
  const may = grantFor(actor, 'list.issue', issuerPath) !== undefined
  return listLife.may(line.state).map(({ move, possible, from }) => {
    if (!possible) return { move, possible, from, why: 'move-not-possible' }
    return may ? { move, possible, from } : { move, possible: false, from, why: 'not-allowed' }
  })
}

// ---- items

/** @returns items of one list as pages show them, with the progress of what the actor may read */
export async function itemsShown(tx: Tx, actor: Actor, list: ListLine, lines: readonly ItemLine[], clock: Clock): Promise<Item[]> {
  const audiences = lines.flatMap((line) => (line.audience ? [line.audience] : []))
  const named = audiences.flatMap((rule) => [...rule.within, ...(rule.line ?? []), ...(rule.except ?? [])])
  const units = await unitsOf(tx, [...new Set([...named, ...lines.flatMap((line) => [...line.coUnits, ...(line.lead === null ? [] : [line.lead])])])])
  const words: AudienceWords = { units, classes: await classNames(tx, actor.locale) }
  const forms = await formNames(tx, lines.flatMap((line) => (line.form === null ? [] : [line.form])))
  const sums = await counted.sumsByItem(tx, list.id, await inScope(tx, 'u', scopeOf(actor, 'list.read')), clock.today)
  const issuerPath = await pathOf(tx, list.issuer)
  const hangs = await mayHangBelow(tx, actor, list.issuer)
  return lines.map((line): Item => {
    const { postKind: _postKind, period, ...rest } = line
    const progress = progressOf(sums.get(line.id), clock.today, clock.daysLeft)
    return {
      ...rest,
      period: period === null ? null : periodText(period),
      leadName: line.lead === null ? null : (units.get(line.lead)?.name ?? null),
      coUnitNames: line.coUnits.map((id) => units.get(id)?.name ?? `#${id}`),
      audienceText: line.audience && audienceText(line.audience, words, actor.locale),
      formName: line.form === null ? null : (forms.get(line.form) ?? null),
      deadline: limitIfKnown(clock, line.dueFrom, line.dueWorkingDays),
      progress,
      missing: missingOf(line),
      moves: itemMoves(line, { mayIssue: grantFor(actor, 'list.issue', issuerPath) !== undefined, hangs, open: progress ? progress.tasks - progress.closed : 0 }),
    }
  })
}

function itemMoves(line: ItemLine, { mayIssue, hangs, open }: { mayIssue: boolean; hangs: boolean; open: number }): MoveNow[] {
  return itemLife.may(line.state).map(({ move, possible, from }) => {
    const no = (why: string) => ({ move, possible: false, from, why })
    if (!possible) return no('move-not-possible')
    if (move === 'addBelow') return line.form !== null ? no('follows-form') : hangs ? { move, possible, from } : no('not-allowed')
    if (!mayIssue) return no('not-allowed')
    return move === 'closeItem' && open > 0 ? no('children-open') : { move, possible, from }
  })
}

/** Whether the actor issues lists at a level between: strictly below the issuer of this one. */
async function mayHangBelow(tx: Tx, actor: Actor, issuer: number): Promise<boolean> {
  const paths = await pathsOf(tx, scopeOf(actor, 'list.issue'))
  return [...paths].some(([unit, path]) => unit !== issuer && path.includes(issuer))
}

/** @returns one item as pages show it. Throws Problem `not-found`. */
export async function itemShown(tx: Tx, actor: Actor, id: number, clock: Clock): Promise<Item> {
  const line = await itemRows.itemOf(tx, id)
  const list = line && (await queries.listOf(tx, line.list))
  if (!line || !list) throw new Problem('not-found', { facts: { what: 'item', id } })
  const [item] = await itemsShown(tx, actor, list, [line], clock)
  return item!
}

// ---- tasks

export function taskRow(line: TaskLine, { today, daysLeft }: Clock): TaskRow {
  const { unitCode: _code, issuer: _issuer, period, ...row } = line
  const workingDaysLeft = line.state === 'closed' || line.state === 'cancelled' ? null : daysLeft(line.due)
  return {
    ...row,
    period: period === null ? null : periodText(period),
    workingDaysLeft,
    light: lightFor({ progress: line.progress, due: line.due, today, state: line.state, workingDaysLeft }),
  }
}

/** @returns the deadline of an item in working days, where it has one */
export function taskDeadline(clock: Clock, { dueFrom, dueWorkingDays }: { dueFrom: string | null; dueWorkingDays: number | null }): DeadlineShown | null {
  return limitIfKnown(clock, dueFrom, dueWorkingDays)
}
