import { many, maybe, one, sql, type Tx } from '../../server/db.ts'
import { inSubtree, type Condition, type Unit } from '../units/units.reads.ts'
import type { AskedEvent, AskedForm, AskedItem } from './burden.contract.ts'
import type { Weights } from './meter.ts'

export type Span = { from: string; to: string }

// ---- one unit

export type AskedFormRow = Omit<AskedForm, 'formName' | 'period'> & { zh: string; en: string; period: number }
/** @returns the returns whose deadline lies in the span, by who asks */
export function askedOf(tx: Tx, unit: number, { from, to }: Span): Promise<AskedFormRow[]> {
  return many<AskedFormRow>(
    tx,
    sql`select a.form, a.name_zh as zh, a.name_en as en, a.period, a.due, a.issuer_unit as issuer, i.name as "issuerName", a.asked, a.shown, a.minutes::float8 as minutes,
          a.typed, a.carried, a.submissions, a.state,
          (select count(*)::int from objection o where o.unit_id = a.unit_id and o.form = a.form and o.state = 'open') as objections
        from asked_return a left join unit i on i.id = a.issuer_unit
        where a.unit_id = ${unit} and a.due between ${from}::date and ${to}::date order by i.name nulls first, a.due, a.form`,
  )
}

/** @returns the meetings, visits and documents of the span that take the unit's time */
export function eventsOf(tx: Tx, unit: number, { from, to }: Span): Promise<AskedEvent[]> {
  return many<AskedEvent>(
    tx,
    sql`select a.id, a.kind, a.title, x.on_date as on, a.minutes, a.issuer_unit as issuer, i.name as "issuerName",
          (select count(*)::int from objection o where o.asking_id = a.id and o.unit_id = x.unit_id and o.state = 'open') as objections
        from asking_unit x join asking a on a.id = x.asking_id join unit i on i.id = a.issuer_unit
        where x.unit_id = ${unit} and a.state = 'registered' and x.on_date between ${from}::date and ${to}::date order by x.on_date, a.id`,
  )
}

/** @returns the tasks without a form that are due at the unit in the span */
export function itemsOf(tx: Tx, unit: number, { from, to }: Span): Promise<AskedItem[]> {
  return many<AskedItem>(
    tx,
    sql`select s.item_id as item, s.id as task, s.title, l.title as "listTitle", l.issuer_unit as issuer, i.name as "issuerName", s.due, s.live_state as state,
          (select count(*)::int from objection o where o.item_id = s.item_id and o.unit_id = s.unit_id and o.state = 'open') as objections
        from task_state s join list l on l.id = s.list_id join unit i on i.id = l.issuer_unit
        where s.unit_id = ${unit} and s.form is null and s.state <> 'cancelled' and s.due between ${from}::date and ${to}::date order by s.due, s.id`,
  )
}

export type MonthRow = { month: string; forms: number; asked: number; typed: number; meetings: number; visits: number; documents: number; minutes: number }
/** @returns one line for each of the months that end with `month`, oldest first; a month without anything is there with zeros, as nothing was asked */
export function monthsOf(tx: Tx, unit: number, month: string, count: number): Promise<MonthRow[]> {
  return many<MonthRow>(
    tx,
    sql`select to_char(m, 'YYYY-MM') as month, coalesce(a.forms, 0)::int as forms, coalesce(a.asked, 0)::int as asked, coalesce(a.typed, 0)::int as typed,
          coalesce(e.meetings, 0)::int as meetings, coalesce(e.visits, 0)::int as visits, coalesce(e.documents, 0)::int as documents, (coalesce(a.minutes, 0) + coalesce(e.minutes, 0))::float8 as minutes
        from generate_series(${`${month}-01`}::date - make_interval(months => ${count - 1}::int), ${`${month}-01`}::date, '1 month') m
        left join (select date_trunc('month', due) as month, count(*) as forms, sum(asked) as asked, sum(typed) as typed, sum(minutes) as minutes
                   from asked_return where unit_id = ${unit} group by 1) a on a.month = m
        left join (select date_trunc('month', x.on_date) as month, count(*) filter (where k.kind = 'meeting') as meetings, count(*) filter (where k.kind = 'visit') as visits, count(*) filter (where k.kind = 'document') as documents, sum(k.minutes) as minutes
                   from asking_unit x join asking k on k.id = x.asking_id where x.unit_id = ${unit} and k.state = 'registered' group by 1) e on e.month = m
        order by m`,
  )
}

// ---- the units below

export type SumRow = { forms: number; answered: number; asked: number; shown: number; typed: number; carried: number; ahead: number; minutes: number; meetings: number; visits: number; documents: number }
const sumColumns = sql`coalesce(sum(p.forms), 0)::int as forms, coalesce(sum(p.answered), 0)::int as answered, coalesce(sum(p.asked), 0)::int as asked, coalesce(sum(p.shown), 0)::int as shown,
  coalesce(sum(p.typed), 0)::int as typed, coalesce(sum(p.carried), 0)::int as carried, coalesce(sum(p.ahead), 0)::int as ahead, coalesce(sum(p.minutes), 0)::float8 as minutes,
  coalesce(sum(p.meetings), 0)::int as meetings, coalesce(sum(p.visits), 0)::int as visits, coalesce(sum(p.documents), 0)::int as documents`

/** One line per active unit of the class below `within`: what it was asked in the span. */
function perUnit(within: Unit, cls: string, { from, to }: Span, weights: Weights) {
  // At a county and below, all that was asked lies under one key; further up nearly everything of the month is wanted.
  const inCounty = within.l3 === null ? sql`true` : sql`a.county_id = ${within.l3}::int`
  return sql`
    these as materialized (select u.id, u.l1, u.l2, u.l3, u.l4, coalesce(u.l3, u.l2, u.l1, u.id) as county from unit u where u.class = ${cls} and u.state = 'active' and ${inSubtree('u', within)}),
    asked as (
      select a.unit_id, count(*) as forms, count(a.typed) as answered, sum(a.asked) as asked, sum(a.shown) as shown, sum(a.typed) as typed, sum(a.carried) as carried,
        sum(a.asked) filter (where a.typed is null) as ahead, sum(a.minutes) as minutes
      from asked_return a where ${inCounty} and a.due between ${from}::date and ${to}::date group by 1),
    events as (
      select x.unit_id, count(*) filter (where k.kind = 'meeting') as meetings, count(*) filter (where k.kind = 'visit') as visits, count(*) filter (where k.kind = 'document') as documents, sum(k.minutes) as minutes
      from asking_unit x join asking k on k.id = x.asking_id where k.state = 'registered' and x.on_date between ${from}::date and ${to}::date and x.unit_id in (select id from these) group by 1),
    per as materialized (
      select t.*, coalesce(a.forms, 0) as forms, coalesce(a.answered, 0) as answered, coalesce(a.asked, 0) as asked, coalesce(a.shown, 0) as shown, coalesce(a.typed, 0) as typed, coalesce(a.carried, 0) as carried,
        coalesce(a.ahead, 0) as ahead, coalesce(a.minutes, 0) + coalesce(e.minutes, 0) as minutes, coalesce(e.meetings, 0) as meetings, coalesce(e.visits, 0) as visits, coalesce(e.documents, 0) as documents,
        coalesce(a.typed, 0) + coalesce(e.meetings, 0) * ${weights.meetingWeight}::numeric + coalesce(e.visits, 0) * ${weights.visitWeight}::numeric + coalesce(e.documents, 0) * ${weights.documentWeight}::numeric as burden
      from these t left join asked a on a.unit_id = t.id left join events e on e.unit_id = t.id)`
}

export type Spread = SumRow & { units: number; bands: number[]; least: number | null; median: number | null; ninety: number | null; most: number | null; aboveCap: number }
/** @returns how the burden lies over all units of a class below; @param edges of the bands; @param cap fields that may be asked, if there is a cap */
export function spreadOf(tx: Tx, within: Unit, cls: string, span: Span, weights: Weights, edges: readonly number[], cap: number | null): Promise<Spread> {
  return one<Spread>(
    tx,
    sql`with ${perUnit(within, cls, span, weights)}
        select count(*)::int as units, ${sumColumns},
          (select array_agg(n order by b)::int[] from (select b, count(p2.id) as n from generate_series(0, ${edges.length}::int) b left join per p2 on width_bucket(p2.burden, ${edges}::numeric[]) = b group by b) x) as bands,
          min(p.burden)::float8 as least, percentile_cont(0.5) within group (order by p.burden)::float8 as median, percentile_cont(0.9) within group (order by p.burden)::float8 as ninety, max(p.burden)::float8 as most,
          count(*) filter (where p.asked > ${cap}::int)::int as "aboveCap"
        from per p`,
  )
}

export type ChildRow = SumRow & { unit: number; name: string; units: number }
/** @returns the same sums for each unit of the next level below that has units of the class under it, in the order of codes */
export function childrenBurden(tx: Tx, within: Unit, cls: string, span: Span, weights: Weights): Promise<ChildRow[]> {
  const path = [sql`p.l1`, sql`p.l2`, sql`p.l3`, sql`p.l4`].slice(within.level)
  if (path.length === 0) return Promise.resolve([])
  return many<ChildRow>(
    tx,
    sql`with ${perUnit(within, cls, span, weights)}
        select c.id as unit, c.name, count(*)::int as units, ${sumColumns} from per p join unit c on c.id = coalesce(${sql.join(path)}) group by c.id, c.name, c.code order by c.code`,
  )
}

/** @returns the classes of units that are asked for returns below a unit, the largest first */
export function classesBelow(tx: Tx, within: Unit): Promise<{ code: string; zh: string; en: string; units: number }[]> {
  return many(
    tx,
    sql`select c.code, c.name_zh as zh, c.name_en as en, sum(t.units)::int as units from unit_tally t join unit_class c on c.code = t.class
        where t.unit_id = ${within.id} and exists (select from form f where c.code = any(f.audience)) group by c.code, c.name_zh, c.name_en, c.ordinal order by 4 desc, c.ordinal`,
  )
}

// ---- what an issuer causes

export type CausedRow = {
  kind: 'form' | 'meeting' | 'visit' | 'document' | 'list'; id: string; zh: string; en: string; period: number | null; on: string; due: string | null; units: number; answered: number; fields: number; held: number; typed: number; minutes: number; objections: number
}
/** An objection is counted with the issue that was the newest when it was raised. @returns what a unit asked in a year: issues of forms, and registered lists, meetings and visits, the latest first */
export async function causedBy(tx: Tx, issuer: number, year: number, { limit, offset }: { limit: number; offset: number }) {
  type Totals = { total: number; allEntries: number; allTyped: number; allMinutes: number }
  const rows = await many<CausedRow & Totals>(
    tx,
    sql`with issues as materialized (select i.*, f.name_zh, f.name_en from form_issue i join form f on f.code = i.form
          where i.issuer_unit = ${issuer} and i.issued_on between make_date(${year}, 1, 1) and make_date(${year}, 12, 31)),
        given as materialized (
          select e.issue_id, count(*) filter (where y.submission = 1)::int as answered, sum(y.typed)::int as typed
          from expected_return e join record_typing y on y.period = e.period and y.county_id = e.county_id and y.unit_id = e.unit_id and y.form = e.form
          where e.issue_id in (select id from issues) group by 1),
        all_rows as (
          select 'form' as kind, i.form as id, i.name_zh as zh, i.name_en as en, i.period, i.issued_on as on, i.due, i.units,
            coalesce(g.answered, 0) as answered, i.fields_new as fields, i.fields_held as held, coalesce(g.typed, 0) as typed, (i.minutes * i.units)::float8 as minutes,
            (select count(*)::int from objection o where o.form = i.form and o.issuer_unit = i.issuer_unit and o.state <> 'withdrawn' and o.raised_on >= i.issued_on
              and not exists (select from form_issue n where n.form = i.form and n.issuer_unit = i.issuer_unit and (n.issued_on, n.id) > (i.issued_on, i.id) and n.issued_on <= o.raised_on)) as objections
          from issues i left join given g on g.issue_id = i.id
          union all
          select k.kind, k.id::text, k.title, k.title, null, coalesce(k.on_date, (k.registered_at at time zone 'Asia/Shanghai')::date), k.on_date, k.units, 0, 0, 0, 0, coalesce(k.minutes * k.units, 0)::float8,
            (select count(*)::int from objection o where o.state <> 'withdrawn' and (o.asking_id = k.id or k.list_id is not null and o.item_id in (select t.id from item t where t.list_id = k.list_id)))
          from asking k where k.issuer_unit = ${issuer} and k.state = 'registered' and extract(year from coalesce(k.on_date, (k.registered_at at time zone 'Asia/Shanghai')::date)) = ${year})
        select x.*, (count(*) over ())::int as total, (sum(x.fields * x.units) over ())::float8 as "allEntries", (sum(x.typed) over ())::float8 as "allTyped", sum(x.minutes) over () as "allMinutes"
        from all_rows x order by x.on desc, x.kind, x.id limit ${limit} offset ${offset}`,
  )
  const { total = 0, allEntries: entries = 0, allTyped: typed = 0, allMinutes: minutes = 0 } = rows[0] ?? {}
  return { rows: rows.map(({ total: _total, allEntries: _entries, allTyped: _typed, allMinutes: _minutes, ...row }) => row), total, entries, typed, minutes }
}

// ---- caps

/** @returns how many different forms a unit asked in a year, and whether `form` is among them; undefined when it asked none */
export function formsAsked(tx: Tx, issuer: number, year: number, form: string): Promise<{ forms: number; has: boolean } | undefined> {
  return maybe(
    tx,
    sql`select count(distinct form)::int as forms, bool_or(form = ${form}) as has from form_issue
        where issuer_unit = ${issuer} and issued_on between make_date(${year}, 1, 1) and make_date(${year}, 12, 31) having count(*) > 0`,
  )
}

/**
 * @returns per class with a cap: the most fields any addressed unit would be asked in the span with `fields` more, how many
 *   units would be above their cap, and the first of them by code. Units that are asked already for this form and period of
 *   deadline are counted once.
 */
export function fieldsWith(tx: Tx, audience: Condition, form: string, fields: number, { from, to }: Span, caps: Readonly<Record<string, number>>): Promise<{ class: string; most: number; units: number; first: string | null }[]> {
  const classes = Object.keys(caps)
  return many(
    tx,
    sql`with per as (
          select u.class, u.code, u.name, c.most as cap, ${fields}::int + coalesce((select sum(a.asked) from asked_return a where a.unit_id = u.id and a.form <> ${form} and a.due between ${from}::date and ${to}::date), 0)::int as asked
          from unit u join unnest(${classes}::text[], ${Object.values(caps)}::int[]) c(class, most) on c.class = u.class where ${audience})
        select class, max(asked)::int as most, count(*) filter (where asked > cap)::int as units, (array_agg(name order by code) filter (where asked > cap))[1] as first from per group by class`,
  )
}

/** @returns how many documents a unit sent out in a year with a yes, or has waiting for one; undefined when there were none */
export async function documentsSent(tx: Tx, issuer: number, year: number): Promise<number | undefined> {
  const found = await maybe<{ documents: number }>(
    tx,
    sql`select count(*)::int as documents from asking where kind = 'document' and state in ('review', 'registered') and issuer_unit = ${issuer}
          and on_date between make_date(${year}, 1, 1) and make_date(${year}, 12, 31) having count(*) > 0`,
  )
  return found?.documents
}

export type GrantedException = { id: number; until: string; reason: string }
/** @returns an exception that holds on `today` */
export function exceptionFor(tx: Tx, issuer: number, form: string, cap: string, today: string): Promise<GrantedException | undefined> {
  return maybe<GrantedException>(
    tx,
    sql`select id, until, reason from burden_exception where issuer_unit = ${issuer} and form = ${form} and cap = ${cap} and state = 'granted' and until >= ${today}::date order by until desc limit 1`,
  )
}
