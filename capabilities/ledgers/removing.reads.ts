import { many, run, sql, type Tx } from '../../server/db.ts'
import type { Words } from './form-definition.ts'

// For designs: what rests on forms and items, and taking them out of use. Returns that were given stay readable for good.

/** @returns the forms in force that ask or show each of these items */
export async function formsNaming(tx: Tx, items: readonly string[]): Promise<Map<string, { form: string; name: Words; kind: 'asks' | 'shows' }[]>> {
  const rows = await many<{ item: string; form: string; zh: string; en: string; kind: 'asks' | 'shows' }>(
    tx,
    sql`select x->>'item' as item, f.code as form, f.name_zh as zh, f.name_en as en, x->>'kind' as kind
        from form f join form_version v on v.form = f.code and v.version = f.current_version cross join lateral jsonb_array_elements(v.definition->'fields') x
        where f.state <> 'withdrawn' and x->>'item' = any(${items}::text[]) order by f.code`,
  )
  return new Map([...Map.groupBy(rows, (row) => row.item)].map(([item, of]) => [item, of.map(({ form, zh, en, kind }) => ({ form, name: { zh, en }, kind }))]))
}

/** @returns the items that each of these forms asks */
export async function itemsAskedBy(tx: Tx, forms: readonly string[]): Promise<Map<string, string[]>> {
  const rows = await many<{ form: string; code: string }>(tx, sql`select owner_form as form, code from data_item where owner_form = any(${forms}::text[]) order by code`)
  return new Map([...Map.groupBy(rows, (row) => row.form)].map(([form, of]) => [form, of.map((row) => row.code)]))
}

/** @returns for each form how many returns were given, and how many are expected and not given yet */
export async function returnsOfForms(tx: Tx, forms: readonly string[]): Promise<Map<string, { given: number; open: number }>> {
  const rows = await many<{ form: string; given: number; open: number }>(
    tx,
    sql`select e.form, count(r.unit_id)::int as given, (count(*) - count(r.unit_id))::int as open from expected_return e
        left join record r on r.period = e.period and r.county_id = e.county_id and r.unit_id = e.unit_id and r.form = e.form
        where e.form = any(${forms}::text[]) group by e.form`,
  )
  return new Map(rows.map(({ form, given, open }) => [form, { given, open }]))
}

/** Takes forms out of use and out of their pack: nobody can ask them, what is not given waits no longer; the items they asked have no owner. */
export async function takeOutForms(tx: Tx, forms: readonly string[]): Promise<void> {
  await run(tx, sql`update form set state = 'withdrawn', pack = null where code = any(${forms}::text[])`)
  await run(tx, sql`update data_item set owner_form = null where owner_form = any(${forms}::text[])`)
}

/** Forgets items that no form in force names; the versions of forms keep what they were asked with. */
export async function takeOutItems(tx: Tx, items: readonly string[]): Promise<void> {
  await run(tx, sql`delete from data_item where code = any(${items}::text[])`)
}
