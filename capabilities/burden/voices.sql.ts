import { many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import type { Condition } from '../units/units.reads.ts'
import type { Objection, Suggestion } from './burden.contract.ts'

type Paged = { limit: number; offset: number }

// ---- objections

export type ObjectionRow = Omit<Objection, 'title' | 'fieldName' | 'overdue' | 'workingDaysLeft' | 'own' | 'moves' | 'unit' | 'unitName' | 'text'> & {
  unit: number; unitName: string; text: string; zh: string; en: string; formVersion: number | null; fieldZh: string | null; fieldEn: string | null; officer: number | null; issuer: number | null; raisedBy: string
}
// Carried out: the form is withdrawn, the field is asked no more, or (for a changed form) there is a newer version than the
// one objected to. Whatever is no form is taken back, or the unit spared, with the decision itself.
const columns = sql`o.id, o.unit_id as unit, u.name as "unitName", o.text, o.form, o.form_version as "formVersion", o.asking_id as asking, o.item_id as item, coalesce(a.kind, case when o.item_id is null then 'form' else 'item' end) as kind,
  coalesce(f.name_zh, a.title, t.title) as zh, coalesce(f.name_en, a.title, t.title) as en, o.field, x.field->'name'->>'zh' as "fieldZh", x.field->'name'->>'en' as "fieldEn",
  o.issuer_unit as issuer, i.name as "issuerName", o.officer_unit as officer, o.ground, o.state, o.outcome, o.version, o.raised_on as "raisedOn", o.due, o.decided_at as "decidedAt", o.answer, o.raised_by as "raisedBy",
  o.carried_version as "carriedVersion", o.carried_on as "carriedOn",
  (o.state = 'upheld' and (o.form is null or f.state = 'withdrawn' or (o.outcome = 'formChanged' and f.current_version > o.form_version)
    or (o.outcome in ('fieldDropped', 'prefilled') and not exists (select from form_version v cross join lateral jsonb_array_elements(v.definition->'fields') y
      where v.form = o.form and v.version = f.current_version and y->>'code' = o.field and y->>'kind' = 'asks')))) as "carriedOut"`
const from = sql`from objection o join unit u on u.id = o.unit_id left join form f on f.code = o.form left join asking a on a.id = o.asking_id left join item t on t.id = o.item_id left join unit i on i.id = o.issuer_unit
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
  of: { unit: number; form: string | null; field: string | null; formVersion: number | null; asking: number | null; item: number | null; issuer: number | null; officer: number | null; ground: string; text: string; by: string; on: string; at: Date; due: string | null },
): Promise<{ id: number; version: number } | undefined> {
  return maybe(
    tx,
    sql`insert into objection (unit_id, form, field, form_version, asking_id, item_id, issuer_unit, officer_unit, ground, text, state, raised_by, raised_on, raised_at, due)
        values (${of.unit}, ${of.form}, ${of.field}, ${of.formVersion}, ${of.asking}, ${of.item}, ${of.issuer}, ${of.officer}, ${of.ground}, ${of.text}, 'open', ${of.by}, ${of.on}, ${of.at}, ${of.due})
        on conflict do nothing returning id, version`,
  )
}

/** The next version of the form holds what was decided. */
export function noteCarriedOut(tx: Tx, id: number, { formVersion, on }: { formVersion: number; on: string }): Promise<number> {
  return run(tx, sql`update objection set carried_version = ${formVersion}, carried_on = ${on}, version = version + 1 where id = ${id}`)
}

/** @returns the meeting or visit of the register that takes time of the unit, or that did; undefined when it never asked the unit */
export function askingOfUnit(tx: Tx, unit: number, asking: number): Promise<{ title: string; issuer: number } | undefined> {
  return maybe(tx, sql`select a.title, a.issuer_unit as issuer from asking a join asking_unit x on x.asking_id = a.id where a.id = ${asking} and x.unit_id = ${unit} and a.state = 'registered'`)
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
