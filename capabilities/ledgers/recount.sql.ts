import type { RawBuilder } from 'kysely'
import { many, one, run, sql, type Tx } from '../../server/db.ts'
import { contributionsOf } from './contributions.ts'
import type { Values } from './ledgers.contract.ts'

/** @returns the forms that have kept figures */
export async function formsWithFigures(tx: Tx): Promise<string[]> {
  return (await many<{ form: string }>(tx, sql`select distinct form from kept_figure order by form`)).map((row) => row.form)
}

type Leaf = { period: number; county: number; unit: number; values: Values; counted: (string | null)[]; unitClass: string }

/** Most records recounted at once; enough to be quick, few enough for memory. */
const batch = 5_000

/** @returns counted records of a form after a place in the order (period, county, unit), with the values that count */
function leavesAfter(tx: Tx, form: string, after: { period: number; county: number; unit: number }): Promise<Leaf[]> {
  return many<Leaf>(
    tx,
    sql`select r.period, r.county_id as county, r.unit_id as unit, coalesce(f.vals, r.vals) as "values", r.counted::text[] as counted, u.class as "unitClass"
        from record r join unit u on u.id = r.unit_id
        left join record_former f on r.counted_submission <> r.submission and f.period = r.period and f.county_id = r.county_id
          and f.unit_id = r.unit_id and f.form = r.form and f.submission = r.counted_submission
        where r.form = ${form} and r.counted is not null and (r.period, r.county_id, r.unit_id) > (${after.period}, ${after.county}, ${after.unit})
        order by r.period, r.county_id, r.unit_id limit ${batch}`,
  )
}

const same = (a: string | null | undefined, b: string | null | undefined) =>
  a === b || (a !== null && b !== null && a !== undefined && b !== undefined && Number(a) === Number(b) && a.replace(/\.?0+$/, '') === b.replace(/\.?0+$/, ''))

/**
 * Computes anew what each counted record of a form adds, and brings what differs to its right value when `repair`.
 * @returns how many records were looked at and how many differed (the first ones named)
 */
export async function recountLeaves(
  tx: Tx,
  form: string,
  { repair, onProgress }: { repair: boolean; onProgress?: (done: number) => void },
): Promise<{ records: number; wrong: number; named: { unit: number; period: number }[] }> {
  const measures = await many<{ aggregate: string }>(tx, sql`select aggregate from form_measure where form = ${form} order by slot`)
  const texts = measures.map((row) => row.aggregate)
  let at = { period: -1, county: -1, unit: -1 }
  const outcome = { records: 0, wrong: 0, named: [] as { unit: number; period: number }[] }
  for (;;) {
    const leaves = await leavesAfter(tx, form, at)
    const last = leaves.at(-1)
    if (!last) return outcome
    at = last
    const wrong = leaves
      .map((leaf) => ({ ...leaf, right: contributionsOf(texts, leaf.values, leaf.unitClass) }))
      .filter(({ right, counted }) => right.length !== counted.length || right.some((value, slot) => !same(value, counted[slot])))
    outcome.records += leaves.length
    outcome.wrong += wrong.length
    outcome.named.push(...wrong.slice(0, 20 - Math.min(20, outcome.named.length)).map(({ unit, period }) => ({ unit, period })))
    if (repair && wrong.length > 0) {
      await run(
        tx,
        sql`update record r set counted = x.counted from (
              select p, c, n, string_to_array(v, ',', 'null')::numeric[] as counted
              from unnest(${wrong.map((leaf) => leaf.period)}::int[], ${wrong.map((leaf) => leaf.county)}::int[], ${wrong.map((leaf) => leaf.unit)}::int[],
                ${wrong.map((leaf) => leaf.right.map((value) => value ?? 'null').join(','))}::text[]) as w(p, c, n, v)) x
            where r.form = ${form} and r.period = x.p and r.county_id = x.c and r.unit_id = x.n`,
      )
    }
    onProgress?.(outcome.records)
  }
}

// What kept figures should be, from the records and the expected returns: of a form, or of all forms of some counties.
const shouldBe = (form: string) => shouldBeOf(sql`form = ${form}`)
const shouldBeOf = (these: RawBuilder<unknown>) => sql`
  select coalesce(e.form, r.form) as form, coalesce(e.period, r.period) as period, coalesce(e.county_id, r.county_id) as county_id, k.id as unit_id, k.level,
    count(e.unit_id)::int as expected, count(r.counted)::int as reported, sum_sums(coalesce(r.counted, '{}')) as sums
  from (select * from expected_return where ${these}) e
  full join (select * from record where ${these} and counted is not null) r
    on r.form = e.form and r.period = e.period and r.county_id = e.county_id and r.unit_id = e.unit_id
  join unit u on u.id = coalesce(e.unit_id, r.unit_id)
  join unit k on k.id in (u.l4, coalesce(e.county_id, r.county_id))
  group by 1, 2, 3, 4, 5`

const differs = sql`k.expected is distinct from s.expected or k.reported is distinct from s.reported
  or trim_sums(coalesce(k.sums, '{}')) is distinct from trim_sums(coalesce(s.sums, '{}'))`

/** @returns how many kept figures of a form there are, and which differ from the sum of their records (the first 20) */
export async function compareKept(tx: Tx, form: string) {
  const { kept } = await one<{ kept: number }>(tx, sql`select count(*)::int as kept from kept_figure where form = ${form}`)
  const wrong = await many<{ period: number; unit: number; all: number }>(
    tx,
    sql`select coalesce(k.period, s.period) as period, coalesce(k.unit_id, s.unit_id) as unit, count(*) over ()::int as all
        from (${shouldBe(form)}) s full join (select * from kept_figure where form = ${form}) k
          on k.period = s.period and k.county_id = s.county_id and k.unit_id = s.unit_id
        where ${differs} order by 1, 2 limit 20`,
  )
  return { kept, wrong: wrong[0]?.all ?? 0, named: wrong.map(({ period, unit }) => ({ period, unit })) }
}

/** Brings the kept figures of a form to the sum of their records. @returns how many rows were written */
export function rebuildKept(tx: Tx, form: string): Promise<number> {
  return run(
    tx,
    sql`with gone as (delete from kept_figure where form = ${form} returning 1), waited as (select count(*) from gone)
        insert into kept_figure (form, period, county_id, unit_id, level, expected, reported, sums)
        select ${form}::text, s.period, s.county_id, s.unit_id, s.level, s.expected, s.reported, s.sums from waited, (${shouldBe(form)}) s
        on conflict (form, period, county_id, unit_id) do update set expected = excluded.expected, reported = excluded.reported, sums = excluded.sums`,
  )
}

/** The turn of a form, as the key of a lock. Whoever moves figures of the form shares it; whoever counts them anew has it alone. */
export const formTurn = (form: string) => sql`hashtextextended(${form}, 1)`

// Who counts a whole form anew and who counts whole counties anew would write the same rows.
const recounts = sql`hashtextextended('sanji recount', 0)`

/**
 * Takes the turn of the form alone: no acceptance of it runs until this transaction ends. One lock, however many counties
 * and periods there are: a lock for each would be more than the server's table of locks holds, for the nation and a year.
 */
export function lockForm(tx: Tx, form: string): Promise<number> {
  return run(tx, sql`select pg_advisory_xact_lock(${recounts}), pg_advisory_xact_lock(${formTurn(form)})`)
}

/** After new slots: what every record adds, and every kept figure, once more from the values. */
export async function recountForm(tx: Tx, form: string): Promise<void> {
  // The turns come first: an acceptance that is under way is seen once it has ended.
  await lockForm(tx, form)
  const { any } = await one<{ any: boolean }>(tx, sql`select exists (select from record where form = ${form} and counted is not null) as any`)
  if (!any) return
  await recountLeaves(tx, form, { repair: true })
  await rebuildKept(tx, form)
}

/** Takes the turn of every county among these, for all its periods, in the order that accept takes them. */
export async function lockCounties(tx: Tx, counties: readonly number[]): Promise<number> {
  await run(tx, sql`select pg_advisory_xact_lock_shared(${recounts})`)
  return run(
    tx,
    sql`select pg_advisory_xact_lock(x.period, x.county_id)
        from (select period, county_id from expected_return where county_id = any(${counties}::int[])
              union select period, county_id from record where county_id = any(${counties}::int[]) order by period, county_id) x`,
  )
}

/** Brings the kept figures of all forms of these counties to the sum of their records. @returns how many rows were written */
export async function rebuildCounties(tx: Tx, counties: readonly number[]): Promise<number> {
  await run(tx, sql`delete from kept_figure where county_id = any(${counties}::int[])`)
  return run(
    tx,
    sql`insert into kept_figure (form, period, county_id, unit_id, level, expected, reported, sums)
        select s.form, s.period, s.county_id, s.unit_id, s.level, s.expected, s.reported, s.sums from (${shouldBeOf(sql`county_id = any(${counties}::int[])`)}) s
        order by 1, 2, 3, 4`,
  )
}
