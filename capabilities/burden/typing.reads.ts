import { later, sql, type Tx } from '../../server/db.ts'

/** Submissions of units to one form and period, as they were just saved; `county` is the key under which they lie. */
export type JustSubmitted = { form: string; formVersion: number; period: number; units: readonly { unit: number; county: number }[] }

/**
 * Counts what was typed (F-14): per submission the fields asked and shown, the fields that stayed as the page came with
 * them, and the cells typed anew. A table counts by its cells; what equals the prefilled value counts nothing. Sent once
 * by whatever saves submissions, for one or for a batch, behind the save in the same transaction: it travels with the
 * commit. A submission is counted once, however often this is sent.
 *
 * The page came with the submission before, otherwise with the newest earlier period that was not sent back.
 */
export function keepTyping(tx: Tx, { form, formVersion, period, units }: JustSubmitted): Promise<void> {
  // One unit is asked for plainly: PostgreSQL then keeps the plan instead of making it anew for each list.
  const these = units.length === 1
    ? sql`record r where r.county_id = ${units[0]!.county} and r.unit_id = ${units[0]!.unit}`
    : sql`unnest(${units.map((one) => one.unit)}::int[], ${units.map((one) => one.county)}::int[]) x(unit, county) join record r on r.county_id = x.county and r.unit_id = x.unit where true`
  return later(
    tx,
    sql`insert into record_typing (period, county_id, unit_id, form, submission, asked, shown, carried, typed)
        with fields as materialized (
          select f.code, f.kind, f.type from form_version v cross join lateral jsonb_to_recordset(v.definition->'fields') as f(code text, kind text, type text)
          where v.form = ${form} and v.version = ${formVersion}
        ), came as materialized (
          select r.period, r.county_id, r.unit_id, r.form, r.submission, r.vals, coalesce(
              (select p.vals from record_former p where p.period = r.period and p.county_id = r.county_id and p.unit_id = r.unit_id and p.form = r.form and p.submission = r.submission - 1),
              (select l.vals from record l where l.unit_id = r.unit_id and l.form = r.form and l.period < r.period and l.state <> 'sentBack' order by l.period desc limit 1),
              '{}') as pre
          from ${these} and r.period = ${period} and r.form = ${form} and r.form_version = ${formVersion}
        )
        select a.period, a.county_id, a.unit_id, a.form, a.submission,
          count(*) filter (where f.kind = 'asks'), count(*) filter (where f.kind = 'shows'),
          count(*) filter (where f.kind = 'asks' and filled and same),
          coalesce(sum(case when same or not filled then 0 when jsonb_typeof(now_) <> 'array' then 1 else cells_typed(f.type, now_, before_) end) filter (where f.kind = 'asks'), 0)
        from came a cross join fields f
        cross join lateral (select a.vals->f.code as now_, a.pre->f.code as before_ offset 0) c
        cross join lateral (select now_ is not null and now_ not in ('null', '""', '[]') as filled, now_ is not distinct from before_ as same offset 0) d
        group by a.period, a.county_id, a.unit_id, a.form, a.submission
        on conflict do nothing`,
  )
}
