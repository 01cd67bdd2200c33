import { json, later, many, run, sql, type Tx } from '../../server/db.ts'
import { formTurn } from './recount.sql.ts'
import type { Unit } from '../units/units.reads.ts'
import type { Values } from './ledgers.contract.ts'

/** Where the records stand that are decided together: one form and period of one county. */
export type Batch = { form: string; period: number; county: number }

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

/** One unit is asked for plainly: PostgreSQL then keeps the plan instead of making it anew for each list. */
const oneOf = (units: readonly number[]) => (units.length === 1 ? sql`= ${units[0]}::int` : sql`= any(${units}::int[])`)

const countyLevel = sql`case when u.l3 is not null then 3 when u.l2 is not null then 2 when u.l1 is not null then 1 else u.level end`

// A statement of its own: what follows it sees all that was done in the turn before. One record beside another may be
// decided at once: each locks its own, then its township's and county's figures in the order of ids. Many at once go alone.
const turnOf = (form: string, period: number, units: readonly number[]) =>
  units.length === 1
    ? sql`select pg_advisory_xact_lock_shared(${formTurn(form)}), pg_advisory_xact_lock_shared(${period}::int, ${county}) from unit u where u.id = ${units[0]}`
    : sql`select pg_advisory_xact_lock_shared(${formTurn(form)}), pg_advisory_xact_lock(${period}::int, x.county)
          from (select distinct ${county} as county from unit u where u.id = any(${units}::int[]) order by 1) x`

/**
 * Takes the turn of the form and of the units' counties for this period, in the order of counties, then locks the units'
 * records. Everything that moves figures takes the turn first, so that nothing waits in a circle.
 * @returns the units that exist, in the order of ids
 */
export async function recordsToDecide(tx: Tx, form: string, period: number, units: readonly number[]): Promise<ToDecide[]> {
  await later(tx, turnOf(form, period, units))
  return many<ToDecide>(
    tx,
    sql`select u.id, u.l1, u.l2, u.l3, u.l4, u.l5, u.line_path as "linePath", u.heir_path as "heirPath", ${county} as county,
          r.state, r.version, r.submission, r.submitted_by as "submittedBy", r.counted is not null as counts, ${countyLevel} as "countyLevel",
          coalesce(cardinality(r.offered), -1) = coalesce((select max(m.slot) from form_measure m where m.form = ${form}), 0) as fits
        from unit u left join lateral (
          select * from record r where r.period = ${period} and r.county_id = ${county} and r.unit_id = u.id and r.form = ${form}
          for no key update) r on true
        where u.id ${oneOf(units)} order by u.id`,
  )
}

const these = ({ form, period, county: key }: Batch, units: readonly number[]) =>
  sql`r.period = ${period} and r.county_id = ${key} and r.form = ${form} and r.unit_id ${oneOf(units)}`

/** @returns what these records were filled with, for computing what they offer */
export function valuesOf(tx: Tx, batch: Batch, units: readonly number[]) {
  return many<{ unit: number; values: Values; unitClass: string }>(
    tx,
    sql`select r.unit_id as unit, r.vals as "values", u.class as "unitClass" from record r join unit u on u.id = r.unit_id where ${these(batch, units)}`,
  )
}

export async function saveOffered(tx: Tx, batch: Batch, offers: readonly { unit: number; offered: readonly (string | null)[] }[]): Promise<void> {
  await run(
    tx,
    sql`update record r set offered = string_to_array(x.offered, ',', 'null')::numeric[]
        from unnest(${offers.map((one) => one.unit)}::int[], ${offers.map((one) => one.offered.map((value) => value ?? 'null').join(','))}::text[]) x(unit, offered)
        where ${these(batch, offers.map((one) => one.unit))} and r.unit_id = x.unit`,
  )
}

export type Decision = { by: string; at: Date }

/** Accepts records that are locked, and moves the kept figures of township and county by the difference, in one statement. */
export function acceptRecords(tx: Tx, batch: Batch, found: readonly ToDecide[], decision: Decision): Promise<void> {
  const [only] = found
  if (found.length === 1 && !only!.counts) return acceptFirst(tx, batch, only!, decision)
  return later(
    tx,
    sql`with decided as (
          ${accepting(decision)}
          ${asItWas(batch, found.map((one) => one.id))}
        ) ${moved(batch)}`,
  )
}

const accepting = ({ by, at }: Decision) =>
  sql`update record r set state = 'accepted', version = r.version + 1, decided_by = ${by}, decided_at = ${at}, reasons = null,
        counted = r.offered, counted_submission = r.submission, offered = null`

/**
 * Most acceptances are of one record that was never counted: what it offers is added to two rows. The plan is small,
 * because a plan that is kept is still made ready each time, and that costs more than running it.
 */
function acceptFirst(tx: Tx, batch: Batch, { id, l4, countyLevel: level }: ToDecide, decision: Decision): Promise<void> {
  const { form, period, county: key } = batch
  const above = [{ unit: key, level }, ...(l4 === null || l4 === key ? [] : [{ unit: l4, level: 4 }])].sort((a, b) => a.unit - b.unit)
  return later(
    tx,
    sql`with decided as (${accepting(decision)} where ${these(batch, [id])} returning r.counted)
        insert into kept_figure as k (form, period, county_id, unit_id, level, reported, sums)
        select ${form}::text, ${period}::int, ${key}::int, p.id, p.level, 1, d.counted
        from decided d, (values ${sql.join(above.map((one) => sql`(${one.unit}::int, ${one.level}::int)`))}) p(id, level)
        on conflict (form, period, county_id, unit_id) do update set reported = k.reported + 1, sums = array(
          select coalesce(v.a, 0) + coalesce(v.b, 0) from unnest(k.sums, excluded.sums) as v(a, b))`,
  )
}

/**
 * Sends records back that are locked. An accepted one leaves the figures; of a correction the former values stay in them.
 */
export function sendBackRecords(tx: Tx, batch: Batch, units: readonly number[], { by, at }: Decision, reasons: Record<string, string>): Promise<void> {
  return later(
    tx,
    sql`with decided as (
          update record r set state = 'sentBack', version = r.version + 1, decided_by = ${by}, decided_at = ${at}, reasons = ${json(reasons)}, offered = null,
            counted = case when r.state = 'submitted' then r.counted end,
            counted_submission = case when r.state = 'submitted' then r.counted_submission end
          ${asItWas(batch, units)}
        ) ${moved(batch)}`,
  )
}

const asItWas = (batch: Batch, units: readonly number[]) =>
  sql`from record b where ${these(batch, units)} and b.period = r.period and b.county_id = r.county_id and b.unit_id = r.unit_id and b.form = r.form
      returning r.unit_id, b.counted as before, r.counted as after`

// What a record adds is its difference; of several at one place the differences are summed slot by slot.
const moved = ({ form, period, county: key }: Batch) =>
  sql`, change as (
        select p.id, p.level, (d.after is not null)::int - (d.before is not null)::int as reported,
          case when d.before is null then d.after else (
            select array_agg(coalesce(v.after, 0) - coalesce(v.before, 0) order by v.slot) from unnest(d.after, d.before) with ordinality as v(after, before, slot)
          ) end as difference
        from decided d join unit u on u.id = d.unit_id
        cross join lateral (
          values (nullif(u.l4, ${key}), 4), (${key}::int, ${countyLevel})
        ) p(id, level)
        where d.before is distinct from d.after and p.id is not null
      )
      insert into kept_figure as k (form, period, county_id, unit_id, level, reported, sums)
      select ${form}::text, ${period}::int, ${key}::int, c.id, c.level, sum(c.reported),
        coalesce(case when count(*) = 1 then min(c.difference) else (
          select array_agg(s.sum order by s.slot) from (
            select v.slot, sum(v.value) as sum from change x cross join unnest(x.difference) with ordinality as v(value, slot) where x.id = c.id group by 1) s
        ) end, '{}')
      from change c group by c.id, c.level order by c.id
      on conflict (form, period, county_id, unit_id) do update
        set reported = k.reported + excluded.reported, sums = (
          select coalesce(array_agg(coalesce(v.a, 0) + coalesce(v.b, 0) order by v.slot), '{}') from unnest(k.sums, excluded.sums) with ordinality as v(a, b, slot))`
