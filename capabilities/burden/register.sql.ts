import { json, many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import type { Audience } from '../units/audience.ts'
import type { Condition } from '../units/units.reads.ts'
import type { Asking, VisitHint } from './burden.contract.ts'
import type { AskingState, ExceptionState } from './lives.ts'

// ---- the register

export type RegisterRow = Omit<Asking, 'title' | 'moves' | 'expired' | 'tooLong' | 'documents'> & { zh: string; en: string; registeredBy: string | null }
/** @returns what is registered, what waits for a yes first, then by kind and title */
export async function registerRows(tx: Tx, { kind, state, q, limit, offset }: { kind?: string | undefined; state?: string | undefined; q?: string | undefined; limit: number; offset: number }, locale: 'zh-CN' | 'en') {
  const where = sql`(${kind ?? null}::text is null or r.kind = ${kind ?? ''}) and (${state ?? null}::text is null or r.state = ${state ?? ''})
    and (${q ?? null}::text is null or r.zh ilike '%' || ${q ?? ''}::text || '%' or r.en ilike '%' || ${q ?? ''}::text || '%' or u.name ilike '%' || ${q ?? ''}::text || '%')`
  const rows = await many<RegisterRow>(
    tx,
    sql`select r.kind, r.id, r.zh, r.en, r.issuer_unit as issuer, u.name as "issuerName", r.classes, r.cycle, r.expires, r.state, r.minutes, r.registered_by as "registeredBy",
          signed_name(r.approved_by, case when r.kind = 'form' then 'form:' else 'asking:' end || r.id, ${locale}) as "approvedBy", r.approved_on as "approvedOn", r.approval_number as "approvalNumber", r.on_date as on, r.pack, r.version, r.reason, k.characters, coalesce(k.special, false) as special
        from asking_register r left join asking k on r.kind <> 'form' and k.id::text = r.id left join unit u on u.id = r.issuer_unit
        where ${where} order by (r.state = 'review') desc, coalesce(r.on_date, r.expires) desc, r.kind, r.zh, r.id limit ${limit} offset ${offset}`,
  )
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total from asking_register r left join unit u on u.id = r.issuer_unit where ${where}`)
  return { rows, total }
}

export type AskingRow = {
  id: number; kind: 'list' | 'meeting' | 'visit' | 'document'; list: number | null; title: string; issuer: number; audience: Audience; on: string | null; minutes: number | null; expires: string
  state: Exclude<AskingState, 'none'>; version: number; registeredBy: string
}
const askingColumns = sql`a.id, a.kind, a.list_id as list, a.title, a.issuer_unit as issuer, a.audience, a.on_date as on, a.minutes, a.expires, a.state, a.version, a.registered_by as "registeredBy"`

export function askingForUpdate(tx: Tx, id: number): Promise<AskingRow | undefined> {
  return maybe<AskingRow>(tx, sql`select ${askingColumns} from asking a where a.id = ${id} for update`)
}

export function askingOfList(tx: Tx, list: number): Promise<AskingRow | undefined> {
  return maybe<AskingRow>(tx, sql`select ${askingColumns} from asking a where a.list_id = ${list} for update`)
}

export type NewAsking = { kind: 'list' | 'meeting' | 'visit' | 'document'; characters?: number | undefined; special?: boolean | undefined; list?: number; title: string; issuer: number; audience: Audience; on: string | null; minutes: number | null; expires: string; units: number; state: 'review' | 'registered'; by: string; at: Date }
/** @returns the entry's id; a list that was refused before is registered anew under its old number */
export async function addAsking(tx: Tx, of: NewAsking): Promise<{ id: number; version: number }> {
  return one(
    tx,
    sql`insert into asking (kind, list_id, title, issuer_unit, audience, on_date, minutes, characters, special, expires, units, state, registered_by, registered_at)
        values (${of.kind}, ${of.list ?? null}, ${of.title}, ${of.issuer}, ${json(of.audience)}, ${of.on}, ${of.minutes}, ${of.characters ?? null}, ${of.special ?? false}, ${of.expires}, ${of.units}, ${of.state}, ${of.by}, ${of.at})
        on conflict (list_id) do update set title = excluded.title, audience = excluded.audience, expires = excluded.expires, units = excluded.units, state = excluded.state,
          registered_by = excluded.registered_by, registered_at = excluded.registered_at, decided_by = null, decided_at = null, reason = null, version = asking.version + 1
        returning id, version`,
  )
}

export function settleAsking(tx: Tx, id: number, to: { state: string; by: string; at: Date; reason: string | null }): Promise<number> {
  return run(tx, sql`update asking set state = ${to.state}, decided_by = ${to.by}, decided_at = ${to.at}, reason = ${to.reason}, version = version + 1 where id = ${id}`)
}

/** Lays a meeting, visit or document on the units that it addresses. @returns their ids */
export async function layOnUnits(tx: Tx, id: number, on: string, audience: Condition): Promise<number[]> {
  const rows = await many<{ unit: number }>(tx, sql`insert into asking_unit (asking_id, unit_id, on_date) select ${id}::int, u.id, ${on}::date from unit u where ${audience} on conflict do nothing returning unit_id as unit`)
  await run(tx, sql`update asking set units = ${rows.length} where id = ${id}`)
  return rows.map((row) => row.unit)
}

/** Takes a meeting or visit from one of its units. */
export async function takeFromUnit(tx: Tx, id: number, unit: number): Promise<void> {
  const gone = await run(tx, sql`delete from asking_unit where asking_id = ${id} and unit_id = ${unit}`)
  await run(tx, sql`update asking set units = greatest(units - ${gone}, 0) where id = ${id}`)
}

/** @returns the units on which it lies */
export async function unitsOfAsking(tx: Tx, id: number): Promise<number[]> {
  return (await many<{ unit: number }>(tx, sql`select unit_id as unit from asking_unit where asking_id = ${id}`)).map((row) => row.unit)
}

export function takeFromUnits(tx: Tx, id: number): Promise<number> {
  return run(tx, sql`delete from asking_unit where asking_id = ${id}`)
}

export async function countUnits(tx: Tx, audience: Condition, scope: Condition): Promise<{ units: number; outside: number }> {
  return one(tx, sql`select count(*)::int as units, count(*) filter (where not ${scope})::int as outside from unit u where ${audience}`)
}

const hinted = 5
/** @returns units of the audience that have another registered or waiting visit within `days` of the day (C6: visits that should be one) */
export async function visitsNear(tx: Tx, audience: Condition, on: string, days: number, except: number): Promise<Omit<VisitHint, 'days'>> {
  const near = sql`from unit u join asking k on k.kind = 'visit' and k.state = 'registered' and k.id <> ${except} and abs(k.on_date - ${on}::date) <= ${days}::int
    join asking_unit x on x.asking_id = k.id and x.unit_id = u.id join unit i on i.id = k.issuer_unit where ${audience}`
  const first = await many<VisitHint['first'][number]>(tx, sql`select u.id as unit, u.name, k.title as other, i.name as "issuerName", k.on_date as on ${near} order by abs(k.on_date - ${on}::date), u.code, k.id limit ${hinted}`)
  const { units } = await one<{ units: number }>(tx, sql`select count(distinct u.id)::int as units ${near}`)
  return { units, first }
}

/** @returns for one unit: visits in the span that have another one within `days` before or after */
export async function visitsOfUnitNear(tx: Tx, unit: number, { from, to }: { from: string; to: string }, days: number): Promise<Omit<VisitHint, 'days'>> {
  const first = await many<VisitHint['first'][number]>(
    tx,
    sql`select u.id as unit, u.name, k.title as other, i.name as "issuerName", k.on_date as on
        from asking_unit x join asking k on k.id = x.asking_id join unit u on u.id = x.unit_id join unit i on i.id = k.issuer_unit
        where x.unit_id = ${unit} and k.kind = 'visit' and k.state = 'registered' and x.on_date between ${from}::date and ${to}::date
          and exists (select from asking_unit y join asking o on o.id = y.asking_id where y.unit_id = x.unit_id and o.kind = 'visit' and o.state = 'registered' and o.id <> k.id and abs(y.on_date - x.on_date) <= ${days}::int)
        order by x.on_date, k.id limit ${hinted}`,
  )
  return { units: first.length > 0 ? 1 : 0, first }
}

// ---- who decides

/**
 * @returns the unit of the nearest burden officer at or above a unit (its own id first, then its ancestors, nearest first);
 *   null when nobody holds the post there
 */
export async function officerUnitOf(tx: Tx, path: readonly number[], today: string): Promise<number | null> {
  const found = await maybe<{ unit: number }>(
    tx,
    sql`select p.unit_id as unit from unnest(${path}::int[]) with ordinality w(unit, n) join post_now p on p.unit_id = w.unit
        where 'burden.approve' = any(p.verbs) and p.valid_from <= ${today}::date and (p.valid_to is null or p.valid_to > ${today}::date) order by w.n limit 1`,
  )
  return found?.unit ?? null
}

// ---- exceptions

export type ExceptionRow = {
  id: number; issuer: number; issuerName: string; form: string; zh: string; en: string; cap: 'formsYear' | 'fieldsMonth'; until: string; reason: string; state: Exclude<ExceptionState, 'none'>; version: number
  askedBy: string; askedAt: string; decidedAt: string | null; decisionReason: string | null
}
const exceptionColumns = sql`x.id, x.issuer_unit as issuer, u.name as "issuerName", x.form, f.name_zh as zh, f.name_en as en, x.cap, x.until, x.reason, x.state, x.version, x.asked_by as "askedBy", x.asked_at as "askedAt",
  x.decided_at as "decidedAt", x.decision_reason as "decisionReason"`

export async function exceptionsIn(tx: Tx, scope: Condition, { state, limit, offset }: { state?: string | undefined; limit: number; offset: number }) {
  const from = sql`from burden_exception x join unit u on u.id = x.issuer_unit join form f on f.code = x.form where ${scope} and (${state ?? null}::text is null or x.state = ${state ?? ''})`
  const rows = await many<ExceptionRow>(tx, sql`select ${exceptionColumns} ${from} order by (x.state = 'asked') desc, x.id desc limit ${limit} offset ${offset}`)
  return { rows, ...(await one<{ total: number }>(tx, sql`select count(*)::int as total ${from}`)) }
}

export async function exceptionForUpdate(tx: Tx, id: number): Promise<ExceptionRow | undefined> {
  return maybe<ExceptionRow>(tx, sql`select ${exceptionColumns} from burden_exception x join unit u on u.id = x.issuer_unit join form f on f.code = x.form where x.id = ${id} for update of x`)
}

/** @returns the new request; undefined when one waits already */
export function addException(tx: Tx, of: { issuer: number; form: string; cap: string; until: string; reason: string; by: string; at: Date; officer: number | null }): Promise<{ id: number; version: number } | undefined> {
  return maybe(
    tx,
    sql`insert into burden_exception (issuer_unit, form, cap, until, reason, state, asked_by, asked_at, officer_unit)
        values (${of.issuer}, ${of.form}, ${of.cap}, ${of.until}, ${of.reason}, 'asked', ${of.by}, ${of.at}, ${of.officer}) on conflict do nothing returning id, version`,
  )
}

export function settleException(tx: Tx, id: number, to: { state: string; by: string; at: Date; reason: string }): Promise<number> {
  return run(tx, sql`update burden_exception set state = ${to.state}, decided_by = ${to.by}, decided_at = ${to.at}, decision_reason = ${to.reason}, version = version + 1 where id = ${id}`)
}
