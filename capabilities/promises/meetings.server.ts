import { Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { grantFor, mustBeAble, mustHold, type Actor, type Grant } from '../access/permission.ts'
import { meetingInRegister, registerMeeting, withdrawMeeting } from '../burden/meetings.reads.ts'
import { notify } from '../inbox/inbox.reads.ts'
import { resolveIntoDraft, standingOfItems, type ItemStanding } from '../lists/resolutions.reads.ts'
import { activeUnitOf, inScope, pathOf, pathOfUnit, unitsOf } from '../units/units.reads.ts'
import { bearer, movesNow, mustBeClean, mustBeFresh } from './deciding.ts'
import { meetingLife } from './lives.ts'
import * as queries from './meetings.sql.ts'
import type { Meeting, promisesContract } from './promises.contract.ts'

type Names = 'bodies' | 'meetings' | 'meeting' | 'convene' | 'hold' | 'cancelMeeting' | 'resolve'

async function meetingToChange(tx: Tx, actor: Actor, input: { id: number; version: number }): Promise<{ row: queries.MeetingRow; grant: Grant }> {
  const row = await queries.meetingForUpdate(tx, input.id)
  if (!row) throw new Problem('not-found', { facts: { what: 'meeting', id: input.id } })
  const grant = mustBeAble(actor, 'list.issue', await pathOf(tx, row.unit))
  mustBeFresh(input.version, row)
  return { row, grant }
}

function shown({ askingId: _asking, agenda: _agenda, ...row }: queries.MeetingRow, items: readonly ItemStanding[]): Meeting {
  const own = items.filter((item) => item.list === row.list)
  return { ...row, resolutions: own.length, closed: own.filter((item) => item.state === 'closed').length, overdue: own.filter((item) => item.state === 'overdue').length }
}

export const meetingAnswers: Pick<Answers<typeof promisesContract>, Names> = {
  async bodies({ tx, actor }) {
    return queries.bodiesIn(tx, await inScope(tx, 'u', mustHold(actor, 'list.issue')))
  },

  async meetings({ tx, input, actor, today }) {
    const { rows, total } = await queries.meetingsIn(tx, await inScope(tx, 's', mustHold(actor, 'list.read')), input)
    const items = await standingOfItems(tx, rows.flatMap((row) => row.list ?? []), today)
    return { total, rows: rows.map((row) => shown(row, items)) }
  },

  async meeting({ tx, input, actor, today }) {
    const row = await queries.meetingOf(tx, input.id)
    if (!row) throw new Problem('not-found', { facts: { what: 'meeting', id: input.id } })
    const scope = mustHold(actor, 'list.read')
    if (!(await queries.meetingVisible(tx, row.id, await inScope(tx, 's', scope)))) throw new Problem('not-allowed', { facts: { verb: 'list.read', unit: row.unit } })
    const items = await standingOfItems(tx, row.list === null ? [] : [row.list], today)
    const may = grantFor(actor, 'list.issue', await pathOf(tx, row.unit)) !== undefined
    return {
      ...shown(row, items), agenda: row.agenda, memberUnits: await queries.membersOf(tx, row.id),
      resolved: items.map(({ list: _list, ...item }) => item),
      moves: movesNow(meetingLife, row.state, (move) => {
        if (!may) return 'not-allowed'
        if (move === 'hold' && row.asking !== 'registered') return 'meeting-not-registered'
        return move === 'resolve' && row.listState !== null && row.listState !== 'draft' ? 'meeting-list-issued' : undefined
      }),
    }
  },

  async convene({ tx, input, actor, today, now }) {
    const body = await queries.bodyOf(tx, input.body)
    if (!body) throw new Problem('not-found', { field: 'body', facts: { what: 'body', id: input.body } })
    const unit = await activeUnitOf(tx, body.unit)
    const grant = mustBeAble(actor, 'list.issue', pathOfUnit(unit))
    mustBeClean({ subject: input.subject, agenda: input.agenda })
    if (input.on < today) throw new Problem('date-invalid', { field: 'on', facts: { given: input.on, from: today } })
    const state = meetingLife.next('none', 'convene')
    const by = bearer(actor, grant)
    const members = [...new Set(input.members)]
    const asking = await registerMeeting(tx, { title: input.subject, issuer: unit.id, units: members, on: input.on, minutes: input.minutes, by, today, now })
    const { id, version } = await queries.addMeeting(tx, { ...input, members, bodyName: body.name, unit: unit.id, asking: asking.id, by: actor.account, at: now })
    await record(tx, 'meeting.convened', { by, unit: unit.id, subject: `meeting:${id}`, facts: { title: input.subject, on: input.on, units: members.length } })
    return { id, state, version }
  },

  async hold({ tx, input, actor, today }) {
    const { row, grant } = await meetingToChange(tx, actor, input)
    const to = meetingLife.next(row.state, 'hold')
    if ((await meetingInRegister(tx, row.askingId)) !== 'registered') throw new Problem('meeting-not-registered', { facts: { title: row.subject, state: row.asking } })
    if (row.on > today) throw new Problem('date-invalid', { field: 'on', facts: { given: row.on, to: today } })
    await queries.moveMeeting(tx, row.id, { state: to })
    await record(tx, 'meeting.held', { by: bearer(actor, grant), unit: row.unit, subject: `meeting:${row.id}`, facts: { from: row.state, to, title: row.subject } })
    return { id: row.id, state: to, version: row.version + 1 }
  },

  async cancelMeeting({ tx, input, actor, now }) {
    const { row, grant } = await meetingToChange(tx, actor, input)
    const to = meetingLife.next(row.state, 'cancel', input.reason)
    mustBeClean({ reason: input.reason })
    const by = bearer(actor, grant)
    await withdrawMeeting(tx, row.askingId, { by, reason: input.reason, now })
    await queries.moveMeeting(tx, row.id, { state: to, reason: input.reason })
    const members = await queries.membersOf(tx, row.id)
    await notify(tx, { units: members.map((unit) => unit.id), verb: 'task.work', kind: 'meetingCancelled', subject: `meeting:${row.id}`, facts: { title: row.subject, on: row.on, reason: input.reason }, by: actor.account })
    await record(tx, 'meeting.cancelled', { by, unit: row.unit, subject: `meeting:${row.id}`, reason: input.reason, facts: { from: row.state, to, title: row.subject } })
    return { id: row.id, state: to, version: row.version + 1 }
  },

  async resolve({ tx, input, actor, now }) {
    const { row, grant } = await meetingToChange(tx, actor, input)
    const to = meetingLife.next(row.state, 'resolve')
    if (row.listState !== null && row.listState !== 'draft') throw new Problem('meeting-list-issued', { facts: { title: row.subject } })
    mustBeClean({ title: input.title, deliverable: input.deliverable, measure: input.measure })
    if ((input.due === null) === (input.dueWorkingDays === null)) throw new Problem('invalid-input', { field: 'due', findings: [{ code: input.due === null ? 'missing' : 'deadline-twice', path: 'due' }] })
    const units = await unitsOf(tx, [input.lead, ...input.coUnits])
    const missing = [input.lead, ...input.coUnits].find((id) => !units.has(id))
    if (missing !== undefined) throw new Problem('unit-unknown', { field: missing === input.lead ? 'lead' : 'coUnits', facts: { unit: missing } })
    const lead = units.get(input.lead)!
    const by = bearer(actor, grant)
    const { list, item } = await resolveIntoDraft(tx, {
      list: row.list, issuer: row.unit, programme: input.programme, year: Number(row.on.slice(0, 4)), title: row.subject, by, now,
      // One unit leads, and the item is laid on it alone.
      item: { title: input.title, lead: lead.id, coUnits: input.coUnits.filter((id) => id !== lead.id), audience: { classes: [lead.class], within: [lead.id] }, deliverable: input.deliverable, measure: input.measure, due: input.due, dueWorkingDays: input.dueWorkingDays },
    })
    await queries.moveMeeting(tx, row.id, { state: to, list })
    await record(tx, 'meeting.resolved', { by, unit: row.unit, subject: `meeting:${row.id}`, facts: { title: input.title, list, item } })
    return { id: row.id, state: to, version: row.version + 1, list, item }
  },
}
