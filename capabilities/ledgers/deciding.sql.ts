import { json, later, many, run, sql, type Tx } from '../../server/db.ts'
import { formTurn } from './recount.sql.ts'
import type { Unit } from '../units/units.reads.ts'
import type { Values } from './ledgers.contract.ts'

/** The form and period in which records are decided together. */
export type Batch = { form: string; period: number }

/** A unit and its record, as deciding needs them; `state` is null when nothing was submitted. */
export type ToDecide = Pick<Unit, 'id' | 'l1' | 'l2' | 'l3' | 'l4' | 'l5' | 'linePath' | 'heirPath'> & {
  county: number
  state: 'submitted' | 'accepted' | 'sentBack' | null
  version: number
  submission: number
  submittedBy: string
  /** Whether the figures above hold an accepted submission of it already. */
  counts: boolean
  /** Rank of the unit that carries the county's figures. */
  countyLevel: number
  /** Whether what the record offers has a figure for each slot that the form has by now. */
  fits: boolean
}

const county = sql`coalesce(u.l3, u.l2, u.l1, u.id)`
const countyLevel = sql`case when u.l3 is not null then 3 when u.l2 is not null then 2 when u.l1 is not null then 1 else u.level end`

// A join, whatever their number: PostgreSQL then keeps one plan instead of making it anew for each list.
const asked = (units: readonly number[]) => sql`unnest(${units}::int[]) a(id) join unit u on u.id = a.id`

/**
 * Takes the turn of the form and of the units' counties for this period, which keeps a recount away, then locks the units'
 * records in the order of ids. Figures are locked afterwards, in the order of counties and ids, as whoever opens a period
 * does: nothing waits in a circle.
 * @returns the units that exist, in the order of ids
 */
export async function recordsToDecide(tx: Tx, { form, period }: Batch, units: readonly number[]): Promise<ToDecide[]> {
  // A statement of its own: what follows it sees all that was done in the turn before.
  await later(
    tx,
    sql`select pg_advisory_xact_lock_shared(${formTurn(form)}), pg_advisory_xact_lock_shared(${period}::int, x.county)
        from (select distinct ${county} as county from ${asked(units)} order by 1) x`,
  )
  return many<ToDecide>(
    tx,
    sql`select u.id, u.l1, u.l2, u.l3, u.l4, u.l5, u.line_path as "linePath", u.heir_path as "heirPath", ${county} as county,
          r.state, r.version, r.submission, r.submitted_by as "submittedBy", r.counted is not null as counts, ${countyLevel} as "countyLevel",
          coalesce(cardinality(r.offered), -1) = coalesce((select max(m.slot) from form_measure m where m.form = ${form}), 0) as fits
        from (select u.* from ${asked(units)} order by u.id) u left join lateral (
          select * from record r where r.period = ${period} and r.county_id = ${county} and r.unit_id = u.id and r.form = ${form}
          for no key update) r on true
        order by u.id`,
  )
}

/** Who decided, and when. */
export type Decision = { by: string; at: Date }

/** The records as rows, with where their figures are kept and what goes with each: who decides it. */
const given = (found: readonly ToDecide[], decisions: readonly Decision[]) =>
  sql`unnest(${found.map((one) => one.id)}::int[], ${found.map((one) => one.county)}::int[], ${found.map((one) => (one.l4 === one.county ? null : one.l4))}::int[],
        ${found.map((one) => one.countyLevel)}::int[], ${decisions.map(({ by }) => by)}::text[],
        ${decisions.map(({ at }) => at.toISOString())}::timestamptz[]) as x(unit, county, township, level, by, at)`

const these = ({ form, period }: Batch) => sql`r.period = ${period} and r.form = ${form} and r.county_id = x.county and r.unit_id = x.unit`

/** @returns what these records were filled with, for computing what they offer */
export function valuesOf(tx: Tx, batch: Batch, found: readonly ToDecide[]) {
  return many<{ unit: number; county: number; values: Values; unitClass: string }>(
    tx,
    sql`select r.unit_id as unit, r.county_id as county, r.vals as "values", u.class as "unitClass"
        from ${given(found, [])} join record r on ${these(batch)} join unit u on u.id = r.unit_id`,
  )
}

export async function saveOffered(tx: Tx, batch: Batch, offers: readonly { unit: number; county: number; offered: readonly (string | null)[] }[]): Promise<void> {
  await run(
    tx,
    sql`update record r set offered = string_to_array(x.offered, ',', 'null')::numeric[]
        from unnest(${offers.map((one) => one.unit)}::int[], ${offers.map((one) => one.county)}::int[],
          ${offers.map((one) => one.offered.map((value) => value ?? 'null').join(','))}::text[]) x(unit, county, offered)
        where ${these(batch)}`,
  )
}

/** Accepts records that are locked, each as it was decided, and moves the kept figures of township and county by the difference, in one statement. */
export function acceptRecords(tx: Tx, batch: Batch, found: readonly ToDecide[], decisions: readonly Decision[]): Promise<void> {
  const accepting = sql`update record r set state = 'accepted', version = r.version + 1, decided_by = x.by, decided_at = x.at, reasons = null,
        counted = r.offered, counted_submission = r.submission, offered = null`
  // Most acceptances are of records that were never counted: what they offer is all they add.
  if (found.every((one) => !one.counts)) {
    return later(
      tx,
      sql`with decided as (
            ${accepting} from ${given(found, decisions)} where ${these(batch)}
            returning x.county, x.township, x.level, 1 as reported, r.counted as difference
          ) ${moved(batch)}`,
    )
  }
  return later(tx, sql`with changed as (${accepting} ${asItWas(batch, found, decisions)}), ${differing} ${moved(batch)}`)
}

/** Sends records back that are locked. An accepted one leaves the figures; of a correction the former values stay in them. */
export function sendBackRecords(tx: Tx, batch: Batch, found: readonly ToDecide[], decision: Decision, reasons: Record<string, string>): Promise<void> {
  return later(
    tx,
    sql`with changed as (
          update record r set state = 'sentBack', version = r.version + 1, decided_by = x.by, decided_at = x.at, reasons = ${json(reasons)}, offered = null,
            counted = case when r.state = 'submitted' then r.counted end,
            counted_submission = case when r.state = 'submitted' then r.counted_submission end
          ${asItWas(batch, found, found.map(() => decision))}
        ), ${differing} ${moved(batch)}`,
  )
}

const asItWas = (batch: Batch, found: readonly ToDecide[], decisions: readonly Decision[]) =>
  sql`from ${given(found, decisions)}, record b
      where ${these(batch)} and b.period = r.period and b.county_id = r.county_id and b.unit_id = r.unit_id and b.form = r.form
      returning x.county, x.township, x.level, b.counted as before, r.counted as after`

const differing = sql`decided as (
        select county, township, level, (after is not null)::int - (before is not null)::int as reported,
          case when before is null then after else (
            select array_agg(coalesce(v.after, 0) - coalesce(v.before, 0) order by v.slot) from unnest(after, before) with ordinality as v(after, before, slot)
          ) end as difference
        from changed where before is distinct from after
      )`

// What a record adds is its difference; of several at one place the differences are summed slot by slot.
const moved = ({ form, period }: Batch) =>
  sql`, change as (
        select d.county, p.id, p.level, d.reported, d.difference from decided d cross join lateral (values (d.township, 4), (d.county, d.level)) p(id, level)
        where p.id is not null
      )
      insert into kept_figure as k (form, period, county_id, unit_id, level, reported, sums)
      select ${form}::text, ${period}::int, c.county, c.id, c.level, sum(c.reported),
        coalesce(case when count(*) = 1 then min(c.difference) else (
          select array_agg(s.sum order by s.slot) from (
            select v.slot, sum(v.value) as sum from change x cross join unnest(x.difference) with ordinality as v(value, slot) where x.county = c.county and x.id = c.id group by 1) s
        ) end, '{}')
      from change c group by c.county, c.id, c.level order by c.county, c.id
      on conflict (form, period, county_id, unit_id) do update set reported = k.reported + excluded.reported, sums = array(
        select coalesce(v.a, 0) + coalesce(v.b, 0) from unnest(k.sums, excluded.sums) as v(a, b))`
