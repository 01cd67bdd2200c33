import { daysBetween } from '../../rules/civil-date.ts'
import { periodText } from '../../rules/period.ts'
import { Problem } from '../../rules/problem.ts'
import { json, many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import { recordMany } from '../../server/events.ts'
import { keepTyping } from '../burden/typing.reads.ts'
import { inScope, inSubtree, type Condition, type Unit } from '../units/units.reads.ts'
import { contributionsOf } from './contributions.ts'
import type { ResolvedForm } from './form-definition.ts'
import type { Values } from './ledgers.contract.ts'
import { filesOfUnit } from './files.sql.ts'
import { formNow, holdersOfItems, measuresOf } from './ledgers.sql.ts'
import { subjectOf } from './place.ts'

// Returns of many units at once: for workbooks that go out and come in. The rules are those of one return.

/** A form as it was asked in one version. */
export async function formInVersion(tx: Tx, form: string, version: number): Promise<ResolvedForm | undefined> {
  return (await maybe<{ definition: ResolvedForm }>(tx, sql`select definition from form_version where form = ${form} and version = ${version}`))?.definition
}

/** Throws Problem `form-withdrawn` when nobody asks the form any more. */
export async function mustBeAsked(tx: Tx, code: string): Promise<void> {
  const form = await formNow(tx, code)
  if (form?.state === 'withdrawn') throw new Problem('form-withdrawn', { facts: { form: form.code, name: form.nameZh } })
}

/** @returns the files among these that a unit gave and that came whole */
export const wholeFiles = (tx: Tx, unit: number, ids: readonly string[]): Promise<Set<string>> => filesOfUnit(tx, unit, ids)

/** One expected return of a unit as it stands: what was typed, what was submitted, and what is known already. */
export type ReturnNow = {
  unit: number
  code: string
  name: string
  parentName: string
  unitClass: string
  /** An ended unit reports only what it left open, under its name, by those who came after it. */
  active: boolean
  county: number
  /** The unit and everything above it in both trees. */
  path: number[]
  due: string
  state: 'none' | 'submitted' | 'accepted' | 'sentBack'
  /** 0: there is no record, no draft. */
  version: number
  draftVersion: number
  record: Values | null
  draft: Values | null
  last: Values | null
  lastPeriod: string | null
  /** Values that other forms hold for the form's `shows` fields. */
  held: Values
}

/** Which returns of a form and period: of these units by code, or those below a unit in the order of codes. */
export type Which = { codes: readonly string[] } | { within: Unit; scope: readonly number[]; after: string; limit: number; open: boolean }

/**
 * In the transaction: rows are found by their indexes, and each statement is planned for the tables as they are now. While
 * a whole province goes in, the planner's picture of a table that was empty a minute ago, or the plan that was kept from
 * then, would make it read all of it for each unit: 21,892 returns took 36 s, and take 4.
 */
export const findByIndex = (tx: Tx): Promise<number> => run(tx, sql`select set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_custom_plan', true)`)

/**
 * @param hold in a transaction that writes: the units stay as they are until it ends
 * @returns the expected returns as they stand, in the order of unit codes; units from which none is expected are missing
 */
export async function returnsNow(tx: Tx, form: ResolvedForm, period: number, which: Which, { hold = false } = {}): Promise<ReturnNow[]> {
  const shows = form.fields.filter((field) => field.kind === 'shows')
  const holders = shows.length > 0 ? await holdersOfItems(tx, shows.map((field) => field.item!)) : []
  const forms = [...new Set(holders.map((holder) => holder.form))]
  const newest = (code: unknown, until: Condition) =>
    sql`(select jsonb_build_object('p', h.period, 'v', h.vals) from record h where h.unit_id = u.id and h.form = ${code}::text and h.state <> 'sentBack' and ${until} order by h.period desc limit 1)`
  const heldNow = forms.length === 0 ? sql`null::jsonb` : sql`jsonb_build_object(${sql.join(forms.flatMap((code) => [sql`${code}::text`, newest(code, sql<boolean>`h.period <= ${period}`)]))})`
  const rows = await many<Omit<ReturnNow, 'held' | 'last' | 'lastPeriod'> & { former: { p: number; v: Values } | null; others: Record<string, { v: Values } | null> | null }>(
    tx,
    sql`select u.id as unit, u.code, u.name, coalesce(p.name, '') as "parentName", u.class as "unitClass",
          u.state = 'active' or exists (select from unit_successor s where s.unit_id = u.id) as active, e.county_id as county,
          array_remove(array[u.id, u.l5, u.l4, u.l3, u.l2, u.l1], null) || u.line_path as path, e.due,
          coalesce(r.state, 'none') as state, coalesce(r.version, 0) as version, coalesce(d.version, 0) as "draftVersion", r.vals as record, d.vals as draft,
          ${newest(form.code, sql<boolean>`h.period < ${period}`)} as former, ${heldNow} as others
        from expected_return e join unit u on u.id = e.unit_id left join unit p on p.id = u.area_parent
        left join record r on r.period = e.period and r.county_id = e.county_id and r.unit_id = e.unit_id and r.form = e.form
        left join record_draft d on d.unit_id = e.unit_id and d.form = e.form and d.period = e.period
        where e.form = ${form.code} and e.period = ${period} and ${await whichCondition(tx, which)}
        order by u.code ${'limit' in which ? sql`limit ${which.limit}` : sql``} ${hold ? sql`for share of u` : sql``}`,
  )
  return rows.map(({ former, others, ...row }) => {
    const held: Values = {}
    for (const field of shows) {
      const holder = holders.find((one_) => one_.item === field.item)
      const value = holder && others?.[holder.form]?.v[holder.field]
      if (value !== undefined) held[field.code] = value
    }
    return { ...row, held, last: former?.v ?? null, lastPeriod: former ? periodText(former.p) : null }
  })
}

async function whichCondition(tx: Tx, which: Which): Promise<Condition> {
  if ('codes' in which) return sql`u.code = any(${which.codes}::text[])`
  const open = which.open ? sql`coalesce(r.state, 'none') in ('none', 'sentBack')` : sql`true`
  return sql`${inSubtree('u', which.within)} and ${await inScope(tx, 'u', which.scope)} and u.code > ${which.after} and ${open}`
}

/** @returns how many returns of a form and period are expected and reported of what `which` reaches, and whose are missing (the first of them by code) */
export async function coverageOf(tx: Tx, form: string, period: number, which: { within: Unit; scope: readonly number[] }): Promise<{ expected: number; reported: number; missing: string[] }> {
  const where = await whichCondition(tx, { ...which, after: '', limit: 0, open: false })
  const from = sql`from expected_return e join unit u on u.id = e.unit_id
    left join record r on r.period = e.period and r.county_id = e.county_id and r.unit_id = e.unit_id and r.form = e.form and r.state <> 'sentBack'
    where e.form = ${form} and e.period = ${period} and ${where}`
  const { expected, reported } = await one<{ expected: number; reported: number }>(tx, sql`select count(*)::int as expected, count(r.unit_id)::int as reported ${from}`)
  const missing = reported === expected ? [] : await many<{ name: string }>(tx, sql`select u.name ${from} and r.unit_id is null order by u.code limit 20`)
  return { expected, reported, missing: missing.map(({ name }) => name) }
}

export type AskedPeriod = { form: string; zh: string; en: string; period: number; due: string; expected: number; open: number }

/** @returns forms and periods in which returns are expected at or below the units of the scope: those still open first, then the newest */
export async function askedPeriods(tx: Tx, scope: readonly number[], { limit, offset }: { limit: number; offset: number }): Promise<{ rows: AskedPeriod[]; total: number }> {
  const from = sql`from expected_return e join unit u on u.id = e.unit_id where ${await inScope(tx, 'u', scope)}`
  const rows = await many<AskedPeriod>(
    tx,
    sql`select x.form, f.name_zh as zh, f.name_en as en, x.period, x.due, x.expected, x.open from (
          select e.form, e.period, max(e.due) as due, count(*)::int as expected,
            count(*) filter (where not exists (select from record r where r.period = e.period and r.county_id = e.county_id and r.unit_id = e.unit_id and r.form = e.form and r.state <> 'sentBack'))::int as open
          ${from} group by e.form, e.period) x join form f on f.code = x.form
        order by (x.open > 0) desc, x.period desc, x.due desc, x.form limit ${limit} offset ${offset}`,
  )
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total from (select distinct e.form, e.period ${from}) x`)
  return { rows, total }
}

// ---- writing many

export type DraftToSave = { unit: number; version: number; values: Values }

/** Saves drafts whose version is still the one named (0: there is none yet). @returns the units that were saved */
export async function saveDrafts(tx: Tx, form: ResolvedForm, period: number, drafts: readonly DraftToSave[], { by, at }: { by: string; at: Date }): Promise<Set<number>> {
  const saved = await many<{ unit: number }>(
    tx,
    sql`with given as (select (x->>'unit')::int as unit, (x->>'version')::int as version, x->'values' as vals from jsonb_array_elements(${json(drafts)}) x),
        changed as (
          update record_draft d set vals = g.vals, form_version = ${form.version}, version = d.version + 1, saved_by = ${by}, saved_at = ${at}
          from given g where d.unit_id = g.unit and d.form = ${form.code} and d.period = ${period} and d.version = g.version and g.version > 0 returning d.unit_id
        ), added as (
          insert into record_draft (unit_id, form, period, form_version, vals, saved_by, saved_at)
          select g.unit, ${form.code}::text, ${period}::int, ${form.version}::int, g.vals, ${by}::text, ${at}::timestamptz from given g where g.version = 0
          on conflict do nothing returning unit_id
        ) select unit_id as unit from changed union all select unit_id from added`,
  )
  return new Set(saved.map(({ unit }) => unit))
}

export type ReturnToSubmit = { unit: number; unitClass: string; county: number; version: number; draftVersion: number; state: ReturnNow['state']; due: string; values: Values; post: number | undefined }

/**
 * Submits checked returns whose record and draft are still those named. Leaves one event for each.
 * @returns the units that were submitted; the others have changed in between
 */
export async function submitReturns(
  tx: Tx,
  form: ResolvedForm,
  period: number,
  returns: readonly ReturnToSubmit[],
  { by, at, today, note }: { by: string; at: Date; today: string; note: string | null },
): Promise<Set<number>> {
  const measures = await measuresOf(tx, form.code)
  const given = returns.map(({ unit, unitClass, county, version, draftVersion, due, values }) => ({
    unit, county, version, draftVersion, late: daysBetween(due, today) > 0, values, offered: contributionsOf(measures, values, unitClass),
  }))
  type Saved = { unit: number; submission: number }
  const asked = (rows: typeof given) => sql`asked as (select (x->>'unit')::int as unit, (x->>'county')::int as county, (x->>'version')::int as version, (x->>'draftVersion')::int as draft,
      (x->>'late')::boolean as late, x->'values' as vals,
        (select coalesce(array_agg(c::numeric order by n), '{}') from jsonb_array_elements_text(x->'offered') with ordinality as o(c, n)) as offered from jsonb_array_elements(${json(rows)}) x),
        given as (
          select a.* from asked a where a.draft = coalesce((select d.version from record_draft d where d.unit_id = a.unit and d.form = ${form.code} and d.period = ${period}), 0)
        )`
  const first = given.filter(({ version }) => version === 0)
  const again = given.filter(({ version }) => version > 0)
  const added = first.length === 0 ? [] : await many<Saved>(
    tx,
    sql`with ${asked(first)}
        insert into record (period, county_id, unit_id, form, state, form_version, vals, offered, late, submitted_by, submitted_at, note)
        select ${period}::int, g.county, g.unit, ${form.code}::text, 'submitted', ${form.version}::int, g.vals, g.offered, g.late, ${by}::text, ${at}::timestamptz, ${note}::text from given g
        on conflict do nothing returning unit_id as unit, submission`,
  )
  const changed = again.length === 0 ? [] : await many<Saved>(
    tx,
    // Locked first, in the order of ids: one that somebody was quicker with is left out, and so is its former version.
    sql`with ${asked(again)}, locked as (
          select r.* from given g join record r on r.unit_id = g.unit and r.county_id = g.county
          where r.period = ${period} and r.form = ${form.code} and r.version = g.version order by r.unit_id for no key update of r
        ), former as (
          insert into record_former (period, county_id, unit_id, form, submission, state, form_version, vals, submitted_by, submitted_at, decided_by, decided_at, reasons, note)
          select r.period, r.county_id, r.unit_id, r.form, r.submission, r.state, r.form_version, r.vals, r.submitted_by, r.submitted_at, r.decided_by, r.decided_at, r.reasons, r.note
          from locked r
        )
        update record r set state = 'submitted', version = r.version + 1, submission = r.submission + 1, form_version = ${form.version}, vals = g.vals, offered = g.offered,
          submitted_by = ${by}, submitted_at = ${at}, decided_by = null, decided_at = null, reasons = null, note = ${note}
        from given g join locked l on l.unit_id = g.unit where r.period = l.period and r.form = l.form and r.unit_id = l.unit_id and r.county_id = l.county_id
        returning r.unit_id as unit, r.submission`,
  )
  const done = new Map([...added, ...changed].map(({ unit, submission }) => [unit, submission]))
  if (done.size === 0) return new Set()
  await keepTyping(tx, { form: form.code, formVersion: form.version, period, units: returns.filter(({ unit }) => done.has(unit)) })
  await run(tx, sql`delete from record_draft where form = ${form.code} and period = ${period} and unit_id = any(${[...done.keys()]}::int[])`)
  for (const kind of ['record.submitted', 'record.corrected']) {
    const lines = returns
      .filter(({ unit, state }) => done.has(unit) && (state === 'accepted') === (kind === 'record.corrected'))
      .map(({ unit, state, post }) => ({
        by: { account: by, post },
        unit,
        subject: subjectOf({ unit, form: form.code, period }),
        reason: note ?? undefined,
        facts: { from: state, to: 'submitted', submission: done.get(unit), workbook: true },
      }))
    if (lines.length > 0) await recordMany(tx, kind, lines)
  }
  return new Set(done.keys())
}
