import { many, one, sql, type Tx } from '../../server/db.ts'

export { lockCounties, rebuildCounties } from './recount.sql.ts'

// What becomes of returns, records and figures when units change (C1). Records stay under the unit that gave them.

export type OpenReturnRow = { unit: number; form: string; zh: string; en: string; period: number; county: number; due: string; issue: number | null; begun: boolean; draft: boolean; audience: string[] }

/** @returns returns of these units that are expected and not accepted */
export function openReturnsOf(tx: Tx, units: readonly number[]): Promise<OpenReturnRow[]> {
  return many(
    tx,
    sql`select e.unit_id as unit, e.form, f.name_zh as zh, f.name_en as en, e.period, e.county_id as county, e.due, e.issue_id as issue, f.audience,
          exists (select from record_draft d where d.unit_id = e.unit_id and d.form = e.form and d.period = e.period) as draft,
          r.state is not null or exists (select from record_draft d where d.unit_id = e.unit_id and d.form = e.form and d.period = e.period) as begun
        from expected_return e join form f on f.code = e.form
        left join record r on r.period = e.period and r.county_id = e.county_id and r.unit_id = e.unit_id and r.form = e.form
        where e.unit_id = any(${units}::int[]) and (r.state is null or r.state <> 'accepted') order by e.period, e.form, e.unit_id`,
  )
}

/** @returns forms and periods that one of these units has reported or begun */
export function begunBy(tx: Tx, units: readonly number[]): Promise<{ form: string; period: number }[]> {
  return many(
    tx,
    sql`select form, period from record where unit_id = any(${units}::int[]) union select form, period from record_draft where unit_id = any(${units}::int[])`,
  )
}

/** @returns how many reports these units have given */
export async function recordsGiven(tx: Tx, units: readonly number[]): Promise<Map<number, number>> {
  const rows = await many<{ unit: number; n: number }>(tx, sql`select unit_id as unit, count(*)::int as n from record where unit_id = any(${units}::int[]) group by 1`)
  return new Map(rows.map((row) => [row.unit, row.n]))
}

export type GivenRecord = { form: string; zh: string; en: string; period: number; state: 'submitted' | 'accepted' | 'sentBack'; submittedAt: string }
/** @returns what a unit has reported, the newest first */
export async function recordsOfUnit(tx: Tx, unit: number, { limit, offset }: { limit: number; offset: number }): Promise<{ rows: GivenRecord[]; total: number }> {
  const rows = await many<GivenRecord>(
    tx,
    sql`select r.form, f.name_zh as zh, f.name_en as en, r.period, r.state, r.submitted_at as "submittedAt" from record r join form f on f.code = r.form
        where r.unit_id = ${unit} order by r.submitted_at desc, r.form limit ${limit} offset ${offset}`,
  )
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total from record where unit_id = ${unit}`)
  return { rows, total }
}

export type Asked = { form: string; period: number; county: number; unit: number; due: string; issue: number | null }

/** Asks no longer for these returns. @returns what was taken away */
export function withdrawReturns(tx: Tx, returns: readonly { form: string; period: number; unit: number }[]): Promise<Asked[]> {
  return many(
    tx,
    sql`delete from expected_return e using unnest(${returns.map((one) => one.form)}::text[], ${returns.map((one) => one.period)}::int[], ${returns.map((one) => one.unit)}::int[]) x(form, period, unit)
        where e.form = x.form and e.period = x.period and e.unit_id = x.unit
        returning e.form, e.period, e.county_id as county, e.unit_id as unit, e.due, e.issue_id as issue`,
  )
}

/** Asks for returns; who is asked already keeps his deadline. @returns what is asked anew */
export function askReturns(tx: Tx, returns: readonly Asked[]): Promise<Asked[]> {
  return many(
    tx,
    sql`insert into expected_return (form, period, county_id, unit_id, due, issue_id)
        select * from unnest(${returns.map((one) => one.form)}::text[], ${returns.map((one) => one.period)}::int[], ${returns.map((one) => one.county)}::int[],
          ${returns.map((one) => one.unit)}::int[], ${returns.map((one) => one.due)}::date[], ${returns.map((one) => one.issue)}::int[])
        on conflict do nothing returning form, period, county_id as county, unit_id as unit, due, issue_id as issue`,
  )
}

/** Rows of these units move to the county in which they stand now, where they are found and summed. @returns the counties they left */
export async function moveToCounties(tx: Tx, units: readonly number[]): Promise<number[]> {
  const left = new Set<number>()
  for (const table of ['expected_return', 'record', 'record_former', 'record_typing'] as const) {
    const rows = await many<{ county: number }>(
      tx,
      sql`with moved as (
            select t.ctid as at, t.county_id as before, coalesce(u.l3, u.l2, u.l1, u.id) as county from ${sql.ref(table)} t join unit u on u.id = t.unit_id
            where u.id = any(${units}::int[]) and t.county_id <> coalesce(u.l3, u.l2, u.l1, u.id)
          ), done as (update ${sql.ref(table)} t set county_id = m.county from moved m where t.ctid = m.at)
          select distinct before as county from moved`,
    )
    for (const { county } of rows) left.add(county)
  }
  return [...left]
}

/** Forms that an ended unit keeps go to who comes after it. @returns their codes */
export async function handForms(tx: Tx, from: number, to: number): Promise<string[]> {
  return (await many<{ code: string }>(tx, sql`update form set owner_unit = ${to} where owner_unit = ${from} returning code`)).map((row) => row.code)
}

/** @returns how far these units have come with their reports and drafts: it changes with every step */
export async function reportsStamp(tx: Tx, units: readonly number[]): Promise<string> {
  const { stamp } = await one<{ stamp: string }>(
    tx,
    sql`select (select count(*) || '.' || coalesce(sum(version), 0) from record where unit_id = any(${units}::int[])) || '-' ||
          (select count(*) || '.' || coalesce(sum(version), 0) from record_draft where unit_id = any(${units}::int[])) as stamp`,
  )
  return stamp
}

// ---- figures of any set of units, for the tree as it was

export type SetFigures = { period: number; expected: number; reported: number; sums: (string | null)[] }

/** @returns per period what these units have reported, summed: the units are any set, on no tree */
export function figuresOfSet(tx: Tx, form: string, periods: readonly number[], units: readonly number[]): Promise<SetFigures[]> {
  return many(
    tx,
    sql`select coalesce(e.period, r.period) as period, count(e.unit_id)::int as expected, count(r.counted)::int as reported, sum_sums(coalesce(r.counted, '{}'))::text[] as sums
        from (select * from expected_return where form = ${form} and period = any(${periods}::int[]) and unit_id = any(${units}::int[])) e
        full join (select * from record where form = ${form} and period = any(${periods}::int[]) and unit_id = any(${units}::int[]) and counted is not null) r
          on r.period = e.period and r.unit_id = e.unit_id
        group by 1`,
  )
}

export type UnitFigures = SetFigures & { unit: number }

/** @returns per unit and period what it has reported */
export function figuresOfEach(tx: Tx, form: string, periods: readonly number[], units: readonly number[]): Promise<UnitFigures[]> {
  return many(
    tx,
    sql`select coalesce(e.unit_id, r.unit_id) as unit, coalesce(e.period, r.period) as period, (e.unit_id is not null)::int as expected,
          (r.counted is not null)::int as reported, coalesce(r.counted::text[], '{}') as sums
        from (select * from expected_return where form = ${form} and period = any(${periods}::int[]) and unit_id = any(${units}::int[])) e
        full join (select * from record where form = ${form} and period = any(${periods}::int[]) and unit_id = any(${units}::int[]) and counted is not null) r
          on r.period = e.period and r.unit_id = e.unit_id`,
  )
}

/** @returns per period min, max or the newest accepted value of one slot over these units */
export function leafFiguresOfSet(tx: Tx, form: string, periods: readonly number[], units: readonly number[], slot: number, kind: 'min' | 'max' | 'latest') {
  const value = sql`r.counted[${slot + 1}::int]`
  const aggregate = kind === 'min' ? sql`min(${value})` : kind === 'max' ? sql`max(${value})` : sql`(array_agg(${value} order by r.decided_at desc, r.unit_id) filter (where ${value} is not null))[1]`
  return many<{ period: number; value: string | null }>(
    tx,
    sql`select r.period, ${aggregate}::text as value from record r
        where r.form = ${form} and r.period = any(${periods}::int[]) and r.counted is not null and r.unit_id = any(${units}::int[]) group by 1`,
  )
}
