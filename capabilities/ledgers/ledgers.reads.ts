import { periodText } from '../../rules/period.ts'
import { Problem } from '../../rules/problem.ts'
import { many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import type { Audience } from '../units/audience.ts'
import { signedNames } from '../access/access.reads.ts'
import { inSubtree, unitsByAudience, type Condition, type Unit } from '../units/units.reads.ts'
import { burdenOf } from './burden.ts'
import { aggregatesNeeded } from './check-form.ts'
import type { DataItemDefinition, ResolvedForm, Words } from './form-definition.ts'
import type { Burden } from './ledgers.contract.ts'
import { addIssue, settleIssue, type Issuing } from './issues.sql.ts'
import { addMeasures, expectReturns, formNow, itemsByCode, measuresOf, setFormState, type Opened } from './ledgers.sql.ts'
import { recountForm } from './recount.sql.ts'
import { subjectOf } from './place.ts'

// ---- forms

/** @returns the form as it is asked now. Throws Problem `not-found`. */
export async function formOf(tx: Tx, code: string): Promise<ResolvedForm> {
  const form = await formNow(tx, code)
  if (!form) throw new Problem('not-found', { facts: { what: 'form', code } })
  return form.definition
}

/** @returns the form as it is asked now, or undefined when there is none */
export async function findForm(tx: Tx, code: string): Promise<ResolvedForm | undefined> {
  return (await formNow(tx, code))?.definition
}

/** @returns names by form code, for the codes that exist */
export async function formNames(tx: Tx, codes: readonly string[]): Promise<Map<string, Words>> {
  const rows = await many<{ code: string; zh: string; en: string }>(tx, sql`select code, name_zh as zh, name_en as en from form where code = any(${codes}::text[])`)
  return new Map(rows.map(({ code, zh, en }) => [code, { zh, en }]))
}

/** @returns the data items that exist among these, by code */
export function dataItemsOf(tx: Tx, codes: readonly string[]): Promise<Map<string, DataItemDefinition>> {
  return itemsByCode(tx, codes)
}

/** @returns how many active units the rule addresses */
export async function countAudience(tx: Tx, audience: Audience): Promise<number> {
  const condition = await unitsByAudience(tx, 'u', audience)
  return (await one<{ n: number }>(tx, sql`select count(*)::int as n from unit u where ${condition}`)).n
}

/** What asking a form of an audience costs the units (C2). Throws Problem `not-found`. */
export async function burdenFor(tx: Tx, form: string, audience: Audience): Promise<Burden> {
  return burdenOf(await formOf(tx, form), await countAudience(tx, audience))
}

/** Throws Problem `form-not-registered` or `form-expired` unless the form may be issued on `today` (C2). */
export async function mustBeIssuable(tx: Tx, form: string, today: string): Promise<void> {
  const now = await formNow(tx, form)
  if (!now) throw new Problem('form-not-registered', { facts: { form, name: form } })
  if (now.state !== 'registered' && now.state !== 'issued') throw new Problem('form-not-registered', { facts: { form, name: now.nameZh, state: now.state } })
  if (now.expires && now.expires < today) throw new Problem('form-expired', { facts: { form, name: now.nameZh, expires: now.expires } })
}

/**
 * Asks a form of an audience for a period, from `today` until `due`, and keeps the issue with its cost (C2 FormIssue).
 * @returns how many units are newly expected, and in all; `issue` is the id of the issue
 */
export async function askForm(tx: Tx, form: string, period: number, audience: Audience, to: Omit<Issuing, 'period'>): Promise<Opened & { issue: number }> {
  await mustBeIssuable(tx, form, to.today)
  const issue = await addIssue(tx, await formOf(tx, form), audience, { ...to, period })
  const opened = await expectReturns(tx, form, period, await unitsByAudience(tx, 'u', audience), to.today, to.due, issue)
  await settleIssue(tx, issue, opened.added)
  await setFormState(tx, form, 'issued')
  return { ...opened, issue }
}

/** @returns the units that have asked a form or registered it, each once */
export async function formAskers(tx: Tx, form: string): Promise<number[]> {
  const rows = await many<{ unit: number }>(tx, sql`select issuer_unit as unit from form_issue where form = ${form} union select owner_unit from form where code = ${form} and owner_unit is not null`)
  return rows.map((row) => row.unit)
}

/** Takes a form out of use: it cannot be issued any more, and returns that nobody has begun to give wait no longer. */
export function withdrawForm(tx: Tx, form: string): Promise<number> {
  return setFormState(tx, form, 'withdrawn')
}

/**
 * Makes sure that a form keeps the aggregates these formulas need. New slots are counted over all records at once.
 * Throws Problem `formula-invalid`.
 */
export async function keepMeasures(tx: Tx, code: string, formulas: readonly string[]): Promise<void> {
  const form = await formOf(tx, code)
  const needed = new Set(formulas.flatMap((formula) => aggregatesNeeded(formula, form)))
  const kept = new Set(await measuresOf(tx, code))
  const added = [...needed].filter((aggregate) => !kept.has(aggregate))
  if (added.length === 0) return
  await addMeasures(tx, code, added)
  await recountForm(tx, code)
}

/** @returns the slot (0-based) of each kept aggregate of a form */
export async function slotsOf(tx: Tx, form: string): Promise<Map<string, number>> {
  return new Map((await measuresOf(tx, form)).map((aggregate, slot) => [aggregate, slot]))
}

// ---- figures

/** What is kept for one unit and period: coverage, and the sums by slot. */
export type Kept = { unit: number; period: number; expected: number; reported: number; sums: (string | null)[] }

/**
 * Kept figures of these units, which must all be of one rank; periods without anything expected or reported are missing.
 * @param slots the slots that are wanted (0-based): a form keeps many, a figure needs two
 */
export function keptOf(tx: Tx, form: string, periods: readonly number[], units: readonly Pick<Unit, 'id' | 'level'>[], slots?: readonly number[]): Promise<Kept[]> {
  const level = units[0]?.level
  if (level === undefined) return Promise.resolve([])
  return keptWhere(tx, form, periods, level, { ids: units.map((unit) => unit.id) }, slots)
}

/** Kept figures of all units of a rank that roll up to `within`, in the order of codes. */
export function keptBelow(tx: Tx, form: string, periods: readonly number[], within: Unit, level: number, slots?: readonly number[]): Promise<Kept[]> {
  return keptWhere(tx, form, periods, level, { within }, slots)
}

/**
 * Township and county figures are kept; cities and provinces are summed from the county rows; villages are their own
 * records. So a figure is fresh at every level, and no level is a hot spot.
 */
async function keptWhere(tx: Tx, form: string, periods: readonly number[], level: number, of: { ids: number[] } | { within: Unit }, slots?: readonly number[]): Promise<Kept[]> {
  const rows = await many<Kept>(tx, keptQuery(form, periods, level, of, slots))
  if (!slots) return rows
  return rows.map((row) => {
    const sums: (string | null)[] = []
    slots.forEach((slot, at) => (sums[slot] = row.sums[at] ?? null))
    return { ...row, sums }
  })
}

function keptQuery(form: string, periods: readonly number[], level: number, of: { ids: number[] } | { within: Unit }, slots?: readonly number[]) {
  const inside = (alias: string) => ('within' in of ? inSubtree(alias, of.within) : sql<boolean>`true`)
  /** The sums of a row, or of its wanted slots, each made with `made`. */
  const sumsOf = (column: Condition, made: (slot: Condition) => Condition) => {
    if (slots?.length === 0) return sql`'{}'::text[]`
    return slots ? sql`array[${sql.join(slots.map((slot) => made(sql`${column}[${slot + 1}::int]`)))}]::text[]` : undefined
  }
  const plain = (slot: Condition) => slot
  const inOrder = 'within' in of ? sql`order by u.code` : sql``
  if (level === 5) {
    const these = 'ids' in of ? sql`e.unit_id = any(${of.ids}::int[])` : sql`true`
    return sql<Kept>`select e.unit_id as unit, e.period, 1 as expected, (r.counted is not null)::int as reported, ${sumsOf(sql`r.counted`, plain) ?? sql`coalesce(r.counted::text[], '{}')`} as sums
        from expected_return e join unit u on u.id = e.unit_id
        left join record r on r.period = e.period and r.county_id = e.county_id and r.unit_id = e.unit_id and r.form = e.form
        where e.form = ${form} and e.period = any(${periods}::int[]) and u.level = 5 and ${these} and ${inside('u')} ${inOrder}`
  }
  if (level >= 3) {
    const these = 'ids' in of ? sql`k.unit_id = any(${of.ids}::int[])` : sql`true`
    const asked = sql`k.form = ${form} and k.period = any(${periods}::int[]) and k.level = ${level} and ${these}`
    // Figures lie together by county: a province's are found by its counties, one after the other, whatever else the
    // database holds. (Left to itself the planner reads the rank of the whole nation, or all units.)
    const kept =
      'within' in of && of.within.level <= 3
        ? sql`unit c cross join lateral (select * from kept_figure k where k.county_id = c.id and ${asked} offset 0) k join unit u on u.id = k.unit_id
            where c.level <= 3 and ${inside('c')} and ${inside('u')}`
        : sql`kept_figure k join unit u on u.id = k.unit_id where ${asked} and ${inside('u')}`
    return sql<Kept>`select k.unit_id as unit, k.period, k.expected, k.reported, ${sumsOf(sql`k.sums`, plain) ?? sql`k.sums::text[]`} as sums from ${kept} ${inOrder}`
  }
  const at = level === 1 ? sql`u.l1` : sql`u.l2`
  const these = 'ids' in of ? sql`${at} = any(${of.ids}::int[])` : sql`${at} is not null`
  return sql<Kept>`select ${at} as unit, k.period, sum(k.expected)::int as expected, sum(k.reported)::int as reported, ${sumsOf(sql`k.sums`, (slot) => sql`sum(${slot})`) ?? sql`sum_sums(k.sums)::text[]`} as sums
      from kept_figure k join unit u on u.id = k.county_id
      where k.form = ${form} and k.period = any(${periods}::int[]) and k.unit_id = k.county_id and u.level <= 3 and ${these} and ${inside('u')}
      group by 1, 2 order by min(u.code)`
}

/** How a slot that does not add up is made of the leaves. */
export type LeafKind = 'min' | 'max' | 'latest'

/** @returns min, max or the newest accepted value of one slot over all records that roll up to each child of a rank */
export function leafFigures(tx: Tx, form: string, periods: readonly number[], within: Unit, level: number, slot: number, kind: LeafKind) {
  const at = level === 5 ? sql`u.id` : sql.ref(`u.l${level}`)
  const value = sql`r.counted[${slot + 1}::int]`
  const aggregate = kind === 'min' ? sql`min(${value})` : kind === 'max' ? sql`max(${value})` : sql`(array_agg(${value} order by r.decided_at desc, r.unit_id) filter (where ${value} is not null))[1]`
  return many<{ unit: number; period: number; value: string | null }>(
    tx,
    sql`select ${at} as unit, r.period, ${aggregate}::text as value from record r join unit u on u.id = r.unit_id
        where r.form = ${form} and r.period = any(${periods}::int[]) and r.counted is not null and ${at} is not null and ${inSubtree('u', within)}
        group by 1, 2`,
  )
}

/** @returns the periods of a form in which something is expected below the unit, newest first */
export async function periodsOf(tx: Tx, form: string | undefined, { limit = 60 } = {}): Promise<{ form: string; period: number; reported: boolean }[]> {
  return many(
    tx,
    sql`select p.form, p.period, exists (select from kept_figure k where k.form = p.form and k.period = p.period and k.reported > 0) as reported
        from form_period p where ${form ?? null}::text is null or p.form = ${form ?? ''} order by p.period desc, p.form limit ${limit}`,
  )
}

export type CountedRecord = {
  unit: number
  unitName: string
  parentName: string
  period: number
  submission: number
  submittedBy: string
  acceptedBy: string | null
  acceptedAt: string | null
  counted: (string | null)[]
}

/** @returns the records that a figure is made of, in the order of unit codes */
export async function countedRecords(tx: Tx, form: string, periods: readonly number[], within: Unit, { q, limit, offset }: { q?: string | undefined; limit: number; offset: number }, locale: 'zh-CN' | 'en') {
  const these = sql`r.form = ${form} and r.period = any(${periods}::int[]) and r.counted is not null and ${inSubtree('u', within)}
      and (${q ?? null}::text is null or u.name ilike '%' || ${q ?? ''}::text || '%')`
  const rows = await many<CountedRecord>(
    tx,
    sql`select x.unit, x."unitName", coalesce(p.name, '') as "parentName", x.period, x.submission,
          x.submitted_by as "submittedBy", x.decided_by as "acceptedBy", x.decided_at as "acceptedAt", x.counted
        from (select u.id as unit, u.code, u.name as "unitName", u.area_parent, r.period, r.counted_submission as submission, r.counted::text[] as counted,
                coalesce(f.submitted_by, r.submitted_by) as submitted_by, coalesce(f.decided_by, r.decided_by) as decided_by, coalesce(f.decided_at, r.decided_at) as decided_at
              from record r join unit u on u.id = r.unit_id
              left join record_former f on f.period = r.period and f.county_id = r.county_id and f.unit_id = r.unit_id and f.form = r.form and f.submission = r.counted_submission
              where ${these}
              order by u.code, r.period limit ${limit} offset ${offset}) x
        left join unit p on p.id = x.area_parent order by x.code, x.period`,
  )
  const subject = (row: CountedRecord) => subjectOf({ unit: row.unit, form, period: row.period })
  const acts = rows.flatMap((row) => [row.submittedBy, row.acceptedBy].filter((account) => account !== null).map((account) => ({ account, subject: subject(row) })))
  const nameOf = await signedNames(tx, acts, locale)
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total from record r join unit u on u.id = r.unit_id where ${these}`)
  const named = (account: string | null, row: CountedRecord) => (account === null ? null : nameOf({ account, subject: subject(row) }))
  return { rows: rows.map((row) => ({ ...row, submittedBy: named(row.submittedBy, row)!, acceptedBy: named(row.acceptedBy, row) })), total }
}

/** @returns what one record counts now, if it counts */
export function countedOf(tx: Tx, unit: number, form: string, period: number): Promise<{ counted: (string | null)[] | null } | undefined> {
  return maybe(tx, sql`select counted::text[] as counted from record where unit_id = ${unit} and form = ${form} and period = ${period}`)
}

export type Taken = { reported: number; expected: number; at: string; missing: string[] }
/** @returns the figure as the level took it with its gaps named, if it did */
export function takenOf(tx: Tx, form: string, period: number, unit: number): Promise<Taken | undefined> {
  return maybe<Taken>(
    tx,
    sql`select t.reported, t.expected, t.taken_at as at, array(select u.name from unit u where u.id = any(t.missing) order by u.code) as missing
        from taken_figure t where t.form = ${form} and t.period = ${period} and t.unit_id = ${unit}`,
  )
}

export type Missing = { code: string; name: string; parentName: string; period: string }
/** @returns whose return of these periods is not in the figures of `unit`: how many there are, and the first of them by code */
export async function missingBelow(tx: Tx, unit: Unit, form: string, periods: readonly number[], limit: number): Promise<{ total: number; first: Missing[] }> {
  const from = sql`from expected_return e join unit u on u.id = e.unit_id
    left join record r on r.period = e.period and r.county_id = e.county_id and r.unit_id = e.unit_id and r.form = e.form
    where e.form = ${form} and e.period = any(${periods}::int[]) and ${inSubtree('u', unit)} and r.counted is null`
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total ${from}`)
  const first = await many<Omit<Missing, 'period'> & { period: number }>(
    tx,
    sql`select u.code, u.name, coalesce((select p.name from unit p where p.id = u.area_parent), '') as "parentName", e.period ${from} order by e.period, u.code limit ${limit}`,
  )
  return { total, first: first.map((row) => ({ ...row, period: periodText(row.period) })) }
}

// ---- what waits (for the inbox)

export type WaitingReturn = { unit: number; unitName: string; form: string; zh: string; en: string; period: string; due: string; state: 'none' | 'sentBack'; draft: boolean; minutes: number }

/** @returns open returns of these units themselves */
export async function waitingReturns(tx: Tx, units: readonly number[]): Promise<WaitingReturn[]> {
  const rows = await many<Omit<WaitingReturn, 'period'> & { period: number }>(
    tx,
    sql`select e.unit_id as unit, u.name as "unitName", e.form, f.name_zh as zh, f.name_en as en, e.period, e.due, coalesce(r.state, 'none') as state,
          f.minutes::float8 as minutes,
          exists (select from record_draft d where d.unit_id = e.unit_id and d.form = e.form and d.period = e.period) as draft
        from ${rowsOf(units)} join expected_return e on e.unit_id = a.id join form f on f.code = e.form join unit u on u.id = e.unit_id
        left join record r on r.period = e.period and r.county_id = e.county_id and r.unit_id = e.unit_id and r.form = e.form
        where coalesce(r.state, 'none') in ('none', 'sentBack') and (f.state <> 'withdrawn' or r.state is not null)
        order by e.due, e.form limit 500`,
  )
  return rows.map((row) => ({ ...row, period: periodText(row.period) }))
}

export type WaitingCheck = { unit: number; unitName: string; form: string; zh: string; en: string; period: string; count: number; oldest: string; due: string | null }

/** One unit, as most people have, is asked for plainly: PostgreSQL then keeps the plan, and making it takes longer than running it. */
const rowsOf = (units: readonly number[]) => (units.length === 1 ? sql`(select ${units[0]}::int) a(id)` : sql`unnest(${[...new Set(units)]}::int[]) a(id)`)

/**
 * @returns returns that wait for a decision, one line per form and period and direct child of the level that checks:
 * each holder of `record.check` sees those that wait directly below the unit of his post
 */
export async function waitingChecks(tx: Tx, units: readonly number[]): Promise<WaitingCheck[]> {
  if (units.length === 0) return []
  const rows = await many<Omit<WaitingCheck, 'period'> & { period: number }>(
    tx,
    sql`select c.id as unit, c.name as "unitName", r.form, f.name_zh as zh, f.name_en as en, r.period, count(*)::int as count, min(r.submitted_at) as oldest,
          (select p.due from form_period p where p.form = r.form and p.period = r.period) as due
        from ${rowsOf(units)} join unit c on c.id = a.id
        -- said twice: in the words of the indexes, so that only the units right below are looked at
        join unit u on (u.area_parent = a.id or u.line_parent = a.id) and a.id = case when u.management = 'line' then u.line_parent else u.area_parent end
        join record r on r.unit_id = u.id join form f on f.code = r.form
        where r.state = 'submitted'
        group by c.id, c.name, r.form, f.name_zh, f.name_en, r.period order by due limit 500`,
  )
  return rows.map((row) => ({ ...row, period: periodText(row.period) }))
}

/** Moves the deadline of one expected return: its deferral was granted. */
export function extendReturn(tx: Tx, unit: number, form: string, period: number, due: string): Promise<number> {
  return run(tx, sql`update expected_return set due = greatest(due, ${due}::date) where unit_id = ${unit} and form = ${form} and period = ${period}`)
}
