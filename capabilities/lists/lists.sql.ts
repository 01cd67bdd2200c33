import { many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import type { Condition } from '../units/units.reads.ts'
import type { Locale } from './task-conditions.sql.ts'
import type { ListState } from './task.ts'

// ---- programmes and templates

export function programmes(tx: Tx): Promise<{ definition: unknown }[]> {
  return many(tx, sql`select definition from programme order by from_year desc, code`)
}

export async function programmeExists(tx: Tx, code: string): Promise<boolean> {
  return (await maybe(tx, sql`select 1 as yes from programme where code = ${code}`)) !== undefined
}

export function templates(tx: Tx, programme: string | undefined): Promise<{ definition: unknown }[]> {
  return many(tx, sql`select definition from list_template where ${programme ?? null}::text is null or programme = ${programme ?? ''} order by code`)
}

export function templateOf(tx: Tx, code: string): Promise<{ definition: unknown } | undefined> {
  return maybe(tx, sql`select definition from list_template where code = ${code}`)
}

// ---- lists

export type ListLine = {
  id: number
  programme: string
  year: number
  title: string
  issuer: number
  issuerName: string
  state: ListState
  version: number
  items: number
  issuedAt: string | null
  clause: string | null
  template: string | null
  createdBy: string
  createdByName: string
}

const listColumns = (locale: Locale) => sql`l.id, l.programme, l.year, l.title, l.issuer_unit as issuer, iu.name as "issuerName", l.state, l.version,
  (select count(*) from item i where i.list_id = l.id)::int as items, l.issued_at as "issuedAt", l.clause, l.template, l.created_by as "createdBy",
  signed_name(l.created_by, 'list:' || l.id, ${locale}) as "createdByName"`

/** A list is seen from its issuer's unit and above; once issued also where it is led, helped with or worked on. */
const visible = (scope: Condition) => sql`(exists (select from unit u where u.id = l.issuer_unit and ${scope})
  or l.state <> 'draft' and (
    exists (select from item i join unit u on u.id = any(array_append(i.co_units, i.lead_unit)) where i.list_id = l.id and ${scope})
    or exists (select from item i join task t on t.item_id = i.id join unit u on u.id = t.unit_id where i.list_id = l.id and ${scope})))`

export type ListFilter = { q?: string | undefined; state?: ListState | undefined; year?: number | undefined; issuer?: number | undefined; limit: number; offset: number }

export async function findLists(tx: Tx, scope: Condition, { q, state, year, issuer, limit, offset }: ListFilter, locale: Locale) {
  const where = sql`(${q ?? null}::text is null or l.title ilike '%' || ${q ?? ''}::text || '%')
    and (${state ?? null}::text is null or l.state = ${state ?? null}::text)
    and (${year ?? null}::int is null or l.year = ${year ?? null}::int)
    and (${issuer ?? null}::int is null or l.issuer_unit = ${issuer ?? null}::int) and ${visible(scope)}`
  const rows = await many<ListLine>(
    tx,
    sql`select ${listColumns(locale)} from list l join unit iu on iu.id = l.issuer_unit where ${where}
        order by coalesce(l.issued_at, l.created_at) desc, l.id desc limit ${limit} offset ${offset}`,
  )
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total from list l where ${where}`)
  return { rows, total }
}

export function listOf(tx: Tx, id: number, locale: Locale = 'zh-CN'): Promise<ListLine | undefined> {
  return maybe(tx, sql`select ${listColumns(locale)} from list l join unit iu on iu.id = l.issuer_unit where l.id = ${id}`)
}

/** Locks the list: whoever changes it or its items waits here. */
export function listToChange(tx: Tx, id: number): Promise<ListLine | undefined> {
  return maybe(tx, sql`select ${listColumns('zh-CN')} from list l join unit iu on iu.id = l.issuer_unit where l.id = ${id} for update of l`)
}

export async function listIsVisible(tx: Tx, id: number, scope: Condition): Promise<boolean> {
  return (await maybe(tx, sql`select 1 as yes from list l where l.id = ${id} and ${visible(scope)}`)) !== undefined
}

export async function addList(
  tx: Tx,
  of: { issuer: number; programme: string; year: number; title: string; clause: string | null; template: string | null; by: string; at: Date },
): Promise<number> {
  const { id } = await one<{ id: number }>(
    tx,
    sql`insert into list (programme, year, title, issuer_unit, clause, template, created_by, created_at)
        values (${of.programme}, ${of.year}, ${of.title}, ${of.issuer}, ${of.clause}, ${of.template}, ${of.by}, ${of.at}) returning id`,
  )
  return id
}

/** @returns the draft in which this issuer already collects items below `parentItem`, if there is one */
export function draftBelow(tx: Tx, issuer: number, parentItem: number): Promise<{ id: number } | undefined> {
  return maybe(
    tx,
    sql`select l.id from list l where l.issuer_unit = ${issuer} and l.state = 'draft'
        and exists (select from item i where i.list_id = l.id and i.parent_item = ${parentItem}) order by l.id limit 1`,
  )
}

export function updateList(tx: Tx, id: number, title: string, clause: string | null): Promise<number> {
  return run(tx, sql`update list set title = ${title}, clause = ${clause}, version = version + 1 where id = ${id}`)
}

/** The page that wants to issue must have shown every item as it is now. */
export function touchList(tx: Tx, id: number): Promise<number> {
  return run(tx, sql`update list set version = version + 1 where id = ${id}`)
}

export async function removeList(tx: Tx, id: number): Promise<void> {
  await run(tx, sql`delete from item where list_id = ${id}`)
  await run(tx, sql`delete from list where id = ${id}`)
}

/** Closes a list when nothing of it is under way any more. @returns its state now */
export async function settleList(tx: Tx, id: number): Promise<void> {
  await run(
    tx,
    sql`update list l set version = version + 1,
          state = case when exists (select from item i where i.list_id = l.id and i.state = 'closed') then 'closed' else 'cancelled' end
        where l.id = ${id} and l.state = 'issued' and not exists (select from item i where i.list_id = l.id and i.state not in ('closed', 'cancelled'))`,
  )
}
