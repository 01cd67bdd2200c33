import { many, run, sql, type Tx } from '../../server/db.ts'
import { isOpen } from './task-conditions.sql.ts'

// For designs: what lists rest on, and taking templates and programmes out.

type Named = { code: string; zh: string; en: string }

/** @returns the list templates that name each of these forms */
export async function templatesNaming(tx: Tx, forms: readonly string[]): Promise<Map<string, Named[]>> {
  const rows = await many<Named & { form: string }>(
    tx,
    sql`select distinct x->>'form' as form, t.code, t.name_zh as zh, t.name_en as en from list_template t cross join lateral jsonb_array_elements(t.definition->'items') x
        where x->>'form' = any(${forms}::text[]) order by t.code`,
  )
  return Map.groupBy(rows, (row) => row.form)
}

/** @returns how many open items of drafted or issued lists ask each of these forms */
export function openItemsOfForms(tx: Tx, forms: readonly string[]): Promise<Map<string, number>> {
  return counts(tx, sql`select i.form as id, count(*)::int as n from item i where i.form = any(${forms}::text[]) and i.state in ('draft', 'issued') group by 1`)
}

/** @returns how many lists were taken over from each of these templates */
export function listsFrom(tx: Tx, templates: readonly string[]): Promise<Map<string, number>> {
  return counts(tx, sql`select template as id, count(*)::int as n from list where template = any(${templates}::text[]) group by 1`)
}

/** @returns how many lists belong to each of these programmes */
export function listsOf(tx: Tx, programmes: readonly string[]): Promise<Map<string, number>> {
  return counts(tx, sql`select programme as id, count(*)::int as n from list where programme = any(${programmes}::text[]) group by 1`)
}

/** @returns the templates of each of these programmes */
export async function templatesOf(tx: Tx, programmes: readonly string[]): Promise<Map<string, Named[]>> {
  const rows = await many<Named & { programme: string }>(tx, sql`select programme, code, name_zh as zh, name_en as en from list_template where programme = any(${programmes}::text[]) order by code`)
  return Map.groupBy(rows, (row) => row.programme)
}

/** @returns how many open tasks are due in each of these years */
export function openTasksIn(tx: Tx, years: readonly number[]): Promise<Map<string, number>> {
  return counts(tx, sql`select extract(year from s.due)::int::text as id, count(*)::int as n from task_state s where extract(year from s.due)::int = any(${years}::int[]) and ${isOpen} group by 1`)
}

async function counts(tx: Tx, query: ReturnType<typeof sql<{ id: string; n: number }>>): Promise<Map<string, number>> {
  return new Map((await many<{ id: string; n: number }>(tx, query)).map(({ id, n }) => [id, n]))
}

/** Takes templates out; lists that were taken over from them stay as they are. */
export async function takeOutTemplates(tx: Tx, codes: readonly string[]): Promise<void> {
  await run(tx, sql`update list set template = null where template = any(${codes}::text[])`)
  await run(tx, sql`delete from list_template where code = any(${codes}::text[])`)
}

/** Takes programmes out that no list and no template belongs to. */
export async function takeOutProgrammes(tx: Tx, codes: readonly string[]): Promise<void> {
  await run(tx, sql`delete from programme where code = any(${codes}::text[])`)
}
