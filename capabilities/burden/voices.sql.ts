import { many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import type { Condition } from '../units/units.reads.ts'
import type { Objection, Suggestion } from './burden.contract.ts'

type Paged = { limit: number; offset: number }

// ---- objections

export type ObjectionRow = Omit<Objection, 'formName' | 'fieldName' | 'overdue' | 'workingDaysLeft' | 'own' | 'moves' | 'unit' | 'unitName' | 'text'> & {
  unit: number; unitName: string; text: string; zh: string; en: string; fieldZh: string | null; fieldEn: string | null; officer: number | null; issuer: number | null; raisedBy: string
}
// Carried out: the form is withdrawn, the field is asked no more, or (for a changed form) there is a newer version than the one objected to.
const columns = sql`o.id, o.unit_id as unit, u.name as "unitName", o.text, o.form, f.name_zh as zh, f.name_en as en, o.field, x.field->'name'->>'zh' as "fieldZh", x.field->'name'->>'en' as "fieldEn",
  o.issuer_unit as issuer, i.name as "issuerName", o.officer_unit as officer, o.ground, o.state, o.outcome, o.version, o.raised_on as "raisedOn", o.due, o.decided_at as "decidedAt", o.answer, o.raised_by as "raisedBy",
  (o.state = 'upheld' and (f.state = 'withdrawn' or (o.outcome = 'formChanged' and f.current_version > o.form_version)
    or (o.outcome in ('fieldDropped', 'prefilled') and not exists (select from form_version v cross join lateral jsonb_array_elements(v.definition->'fields') y
      where v.form = o.form and v.version = f.current_version and y->>'code' = o.field and y->>'kind' = 'asks')))) as "carriedOut"`
const from = sql`from objection o join unit u on u.id = o.unit_id join form f on f.code = o.form left join unit i on i.id = o.issuer_unit
  left join lateral (select y as field from form_version v cross join lateral jsonb_array_elements(v.definition->'fields') y where v.form = o.form and v.version = o.form_version and y->>'code' = o.field) x on true`

export async function objectionsWhere(tx: Tx, where: Condition, { form, limit, offset }: Paged & { form?: string | undefined }) {
  const these = sql`${where} and (${form ?? null}::text is null or o.form = ${form ?? ''})`
  const rows = await many<ObjectionRow>(tx, sql`select ${columns} ${from} where ${these} order by (o.state = 'open') desc, case when o.state = 'open' then o.due end nulls last, o.decided_at desc nulls last, o.id limit ${limit} offset ${offset}`)
  return { rows, ...(await one<{ total: number }>(tx, sql`select count(*)::int as total ${from} where ${these}`)) }
}

export function objectionForUpdate(tx: Tx, id: number): Promise<ObjectionRow | undefined> {
  return maybe<ObjectionRow>(tx, sql`select ${columns} ${from} where o.id = ${id} for update of o`)
}

/** @returns the new objection; undefined when the same one of the unit is still open */
export function addObjection(
  tx: Tx,
  of: { unit: number; form: string; field: string | null; formVersion: number; issuer: number | null; officer: number | null; ground: string; text: string; by: string; on: string; at: Date; due: string | null },
): Promise<{ id: number; version: number } | undefined> {
  return maybe(
    tx,
    sql`insert into objection (unit_id, form, field, form_version, issuer_unit, officer_unit, ground, text, state, raised_by, raised_on, raised_at, due)
        values (${of.unit}, ${of.form}, ${of.field}, ${of.formVersion}, ${of.issuer}, ${of.officer}, ${of.ground}, ${of.text}, 'open', ${of.by}, ${of.on}, ${of.at}, ${of.due})
        on conflict do nothing returning id, version`,
  )
}

export function settleObjection(tx: Tx, id: number, to: { state: string; by: string | null; at: Date | null; answer: string | null; outcome: string | null }): Promise<number> {
  return run(tx, sql`update objection set state = ${to.state}, outcome = ${to.outcome}, decided_by = ${to.by}, decided_at = ${to.at}, answer = ${to.answer}, version = version + 1 where id = ${id}`)
}

/** @returns through whom the unit was asked for the form last; null when nobody asked it */
export async function issuerFor(tx: Tx, unit: number, form: string): Promise<{ asked: boolean; issuer: number | null }> {
  const found = await maybe<{ issuer: number | null }>(tx, sql`select a.issuer_unit as issuer from asked_return a where a.unit_id = ${unit} and a.form = ${form} order by a.period desc limit 1`)
  return { asked: found !== undefined, issuer: found?.issuer ?? null }
}

// ---- suggestions

export type SuggestionRow = Omit<Suggestion, 'overdue' | 'own' | 'moves' | 'text' | 'unitName'> & { text: string; unit: number; unitName: string; officer: number | null; raisedBy: string }
const suggestionColumns = sql`s.id, s.unit_id as unit, u.name as "unitName", s.officer_unit as officer, s.kind, s.title, s.text, s.state, s.version, s.raised_by as "raisedBy", s.raised_on as "raisedOn", s.due, s.answer, s.answered_at as "answeredAt"`
const suggestionFrom = sql`from suggestion s join unit u on u.id = s.unit_id`

export async function suggestionsWhere(tx: Tx, where: Condition, { q, limit, offset }: Paged & { q?: string | undefined }) {
  const these = sql`${where} and (${q ?? null}::text is null or s.title ilike '%' || ${q ?? ''}::text || '%')`
  const rows = await many<SuggestionRow>(tx, sql`select ${suggestionColumns} ${suggestionFrom} where ${these} order by case when s.state = 'open' then s.due end nulls last, s.id desc limit ${limit} offset ${offset}`)
  return { rows, ...(await one<{ total: number }>(tx, sql`select count(*)::int as total ${suggestionFrom} where ${these}`)) }
}

export function suggestionForUpdate(tx: Tx, id: number): Promise<SuggestionRow | undefined> {
  return maybe<SuggestionRow>(tx, sql`select ${suggestionColumns} ${suggestionFrom} where s.id = ${id} for update of s`)
}

export function addSuggestion(tx: Tx, of: { unit: number; officer: number | null; kind: string; title: string; text: string; by: string; on: string; at: Date; due: string | null }): Promise<{ id: number; version: number }> {
  return one(
    tx,
    sql`insert into suggestion (unit_id, officer_unit, kind, title, text, state, raised_by, raised_on, raised_at, due)
        values (${of.unit}, ${of.officer}, ${of.kind}, ${of.title}, ${of.text}, 'open', ${of.by}, ${of.on}, ${of.at}, ${of.due}) returning id, version`,
  )
}

export function settleSuggestion(tx: Tx, id: number, to: { by: string; at: Date; answer: string }): Promise<number> {
  return run(tx, sql`update suggestion set state = 'answered', answered_by = ${to.by}, answered_at = ${to.at}, answer = ${to.answer}, version = version + 1 where id = ${id}`)
}

// ---- conditions of who sees what

/** Objections whose outcome everybody below the asker sees: decided, and asked by one of these units or by nobody in particular; or decided by these officers. */
export const decidedBy = (issuers: readonly number[], officers: readonly number[]) =>
  sql<boolean>`o.state in ('upheld', 'rejected') and (o.issuer_unit is null or o.issuer_unit = any(${issuers}::int[]) or o.officer_unit = any(${officers}::int[]))`
export const raisedAt = (units: readonly number[]) => sql<boolean>`o.unit_id = any(${units}::int[])`
/** Open objections that one of these officers' units decides, or that were asked by one of these issuers. */
export const openFor = (officers: readonly number[], issuers: readonly number[]) => sql<boolean>`o.state = 'open' and (o.officer_unit = any(${officers}::int[]) or o.issuer_unit = any(${issuers}::int[]))`
export const answered = sql<boolean>`s.state = 'answered'`
export const suggestedBy = (account: string) => sql<boolean>`s.raised_by = ${account}`
export const suggestedTo = (officers: readonly number[]) => sql<boolean>`s.state = 'open' and s.officer_unit = any(${officers}::int[])`
