import { many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import type { Condition } from '../units/units.reads.ts'

export type MeetingRow = {
  id: number; body: number | null; bodyName: string; unit: number; unitName: string; subject: string; agenda: string; on: string; minutes: number; state: 'planned' | 'held' | 'cancelled'; version: number
  askingId: number; asking: string; members: number; list: number | null; listState: string | null; reason: string | null
}
const columns = sql`m.id, m.body_id as body, m.body_name as "bodyName", m.unit_id as unit, u.name as "unitName", m.subject, m.agenda, m.on_date as on, m.minutes, m.state, m.version,
  m.asking_id as "askingId", a.state as asking, (select count(*) from joint_meeting_member x where x.meeting_id = m.id)::int as members, m.list_id as list, l.state as "listState", m.reason`
const from = sql`from joint_meeting m join unit u on u.id = m.unit_id join asking a on a.id = m.asking_id left join list l on l.id = m.list_id`

export type MeetingFilter = { state?: string | undefined; q?: string | undefined; limit: number; offset: number }
/** Where a meeting is read: at the unit that convenes and at its members, and above both. */
const visible = (scope: Condition) => sql<boolean>`exists (select from unit s where (s.id = m.unit_id or s.id in (select x.unit_id from joint_meeting_member x where x.meeting_id = m.id)) and ${scope})`

/** @param scope a condition on alias `s` */
export async function meetingsIn(tx: Tx, scope: Condition, { state, q, limit, offset }: MeetingFilter) {
  const where = sql`${visible(scope)} and (${state ?? null}::text is null or m.state = ${state ?? ''}) and (${q ?? null}::text is null or m.subject ilike '%' || ${q ?? ''}::text || '%' or m.body_name ilike '%' || ${q ?? ''}::text || '%')`
  const rows = await many<MeetingRow>(tx, sql`select ${columns} ${from} where ${where} order by m.on_date desc, m.id desc limit ${limit} offset ${offset}`)
  return { rows, ...(await one<{ total: number }>(tx, sql`select count(*)::int as total ${from} where ${where}`)) }
}

export function meetingOf(tx: Tx, id: number): Promise<MeetingRow | undefined> {
  return maybe(tx, sql`select ${columns} ${from} where m.id = ${id}`)
}
export function meetingForUpdate(tx: Tx, id: number): Promise<MeetingRow | undefined> {
  return maybe(tx, sql`select ${columns} ${from} where m.id = ${id} for update of m`)
}
export async function meetingVisible(tx: Tx, id: number, scope: Condition): Promise<boolean> {
  return (await maybe(tx, sql`select 1 as yes from joint_meeting m where m.id = ${id} and ${visible(scope)}`)) !== undefined
}

export function membersOf(tx: Tx, id: number): Promise<{ id: number; name: string }[]> {
  return many(tx, sql`select u.id, u.name from joint_meeting_member m join unit u on u.id = m.unit_id where m.meeting_id = ${id} order by u.code`)
}

export async function addMeeting(tx: Tx, of: { body: number; bodyName: string; unit: number; subject: string; agenda: string; on: string; minutes: number; asking: number; members: readonly number[]; by: string; at: Date }): Promise<{ id: number; version: number }> {
  const added = await one<{ id: number; version: number }>(
    tx,
    sql`insert into joint_meeting (body_id, body_name, unit_id, subject, agenda, on_date, minutes, asking_id, convened_by, convened_at)
        values (${of.body}, ${of.bodyName}, ${of.unit}, ${of.subject}, ${of.agenda}, ${of.on}, ${of.minutes}, ${of.asking}, ${of.by}, ${of.at}) returning id, version`,
  )
  await run(tx, sql`insert into joint_meeting_member (meeting_id, unit_id) select ${added.id}::int, x from unnest(${of.members}::int[]) x on conflict do nothing`)
  return added
}

export function moveMeeting(tx: Tx, id: number, to: { state: string; reason?: string; list?: number }): Promise<number> {
  return run(tx, sql`update joint_meeting set state = ${to.state}, reason = coalesce(${to.reason ?? null}::text, reason), list_id = coalesce(${to.list ?? null}::int, list_id), version = version + 1 where id = ${id}`)
}

export type Body = { id: number; name: string; unit: number; unitName: string; members: { id: number; name: string }[] }
const bodyColumns = sql`b.id, b.name, b.unit_id as unit, u.name as "unitName",
  coalesce((select json_agg(json_build_object('id', x.id, 'name', x.name) order by x.code) from coordinating_member cm join unit x on x.id = cm.unit_id where cm.body_id = b.id and x.state = 'active'), '[]') as members`
export function bodiesIn(tx: Tx, scope: Condition): Promise<Body[]> {
  return many(tx, sql`select ${bodyColumns} from coordinating_body b join unit u on u.id = b.unit_id where u.state = 'active' and ${scope} order by u.level, u.code, b.id`)
}
export function bodyOf(tx: Tx, id: number): Promise<Body | undefined> {
  return maybe(tx, sql`select ${bodyColumns} from coordinating_body b join unit u on u.id = b.unit_id where b.id = ${id}`)
}
