import { periodText } from '../../rules/period.ts'
import { json, later, many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import { inSubtree, type Condition, type Unit } from '../units/units.reads.ts'
import type { DataItemDefinition, ResolvedForm } from './form-definition.ts'
import type { Values } from './ledgers.contract.ts'

export type FormState = 'draft' | 'review' | 'registered' | 'issued' | 'expired' | 'withdrawn'
export type FormNow = {
  code: string
  nameZh: string
  nameEn: string
  state: FormState
  version: number
  minutes: number
  expires: string | null
  pack: string | null
  registeredBy: string | null
  /** The unit that registered it; null for a form of a pack. */
  owner: number | null
  approval: { by: string; on: string; number?: string } | null
  /** The newest period in which it is asked of anybody. */
  askedLast: number | null
  definition: ResolvedForm
}

const formColumns = sql`f.code, f.name_zh as "nameZh", f.name_en as "nameEn", f.state, f.current_version as version,
  f.minutes::float8 as minutes, f.expires, f.pack, f.registered_by as "registeredBy", f.owner_unit as owner,
  case when f.approved_on is not null then jsonb_strip_nulls(jsonb_build_object('by', f.approved_by, 'on', f.approved_on, 'number', f.approval_number)) end as approval,
  (select max(period) from form_period p where p.form = f.code) as "askedLast", v.definition`

/** @returns the form as it is asked now */
export function formNow(tx: Tx, code: string): Promise<FormNow | undefined> {
  return maybe<FormNow>(
    tx,
    sql`select ${formColumns} from form f join form_version v on v.form = f.code and v.version = f.current_version where f.code = ${code}`,
  )
}

export async function findForms(tx: Tx, { q, unitClass, limit, offset }: { q?: string | undefined; unitClass?: string | undefined; limit: number; offset: number }) {
  const where = sql`(${q ?? null}::text is null or f.name_zh ilike '%' || ${q ?? ''}::text || '%' or f.name_en ilike '%' || ${q ?? ''}::text || '%' or f.code ilike ${q ?? ''}::text || '%')
    and (${unitClass ?? null}::text is null or ${unitClass ?? ''}::text = any(f.audience))`
  const rows = await many<FormNow>(
    tx,
    sql`select ${formColumns} from form f join form_version v on v.form = f.code and v.version = f.current_version
        where ${where} order by f.code limit ${limit} offset ${offset}`,
  )
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total from form f where ${where}`)
  return { rows, total }
}

export function formVersion(tx: Tx, form: string, version: number): Promise<{ definition: ResolvedForm } | undefined> {
  return maybe(tx, sql`select definition from form_version where form = ${form} and version = ${version}`)
}

export async function versionsOf(tx: Tx, form: string): Promise<number[]> {
  const rows = await many<{ version: number }>(tx, sql`select version from form_version where form = ${form} order by version`)
  return rows.map((row) => row.version)
}

/** @returns the canonical aggregates of a form in slot order */
export async function measuresOf(tx: Tx, form: string): Promise<string[]> {
  const rows = await many<{ aggregate: string }>(tx, sql`select aggregate from form_measure where form = ${form} order by slot`)
  return rows.map((row) => row.aggregate)
}

export async function addMeasures(tx: Tx, form: string, aggregates: readonly string[]): Promise<void> {
  await run(
    tx,
    sql`insert into form_measure (form, slot, aggregate)
        select ${form}::text, (select coalesce(max(slot), 0) from form_measure where form = ${form}) + n, aggregate
        from unnest(${aggregates}::text[]) with ordinality as new(aggregate, n)`,
  )
}

/** How a form comes into the register: by whom, for which unit, out of which pack, and with whose yes. */
export type Registration = {
  state: FormState
  by: string | null
  pack: string | null
  unit?: number | undefined
  approval?: { by: string; on: string; number?: string | undefined } | undefined
}

// ---- data items

export async function itemsByCode(tx: Tx, codes: readonly string[]): Promise<Map<string, DataItemDefinition & { ownerForm: string | null }>> {
  const rows = await many<{ definition: DataItemDefinition; owner: string | null }>(
    tx,
    sql`select definition_json as definition, owner_form as owner from data_item where code = any(${codes}::text[])`,
  )
  return new Map(rows.map((row) => [row.definition.code, { ...row.definition, ownerForm: row.owner }]))
}

/** @returns which form asks each of these items now, with its name */
export async function ownersOf(tx: Tx, codes: readonly string[]): Promise<Map<string, { form: string; name: string }>> {
  const rows = await many<{ code: string; form: string; name: string }>(
    tx,
    sql`select d.code, f.code as form, f.name_zh as name from data_item d join form f on f.code = d.owner_form
        where d.code = any(${codes}::text[]) and f.state not in ('expired', 'withdrawn')`,
  )
  return new Map(rows.map(({ code, form, name }) => [code, { form, name }]))
}

export async function findItems(tx: Tx, { q, limit, offset }: { q?: string | undefined; limit: number; offset: number }) {
  const where = sql`(${q ?? null}::text is null or d.name_zh ilike '%' || ${q ?? ''}::text || '%' or d.name_en ilike '%' || ${q ?? ''}::text || '%' or d.code ilike ${q ?? ''}::text || '%')`
  const rows = await many<{ definition: DataItemDefinition; owner: string | null }>(
    tx,
    sql`select d.definition_json as definition, d.owner_form as owner from data_item d where ${where} order by d.code limit ${limit} offset ${offset}`,
  )
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total from data_item d where ${where}`)
  return { rows: rows.map((row) => ({ ...row.definition, ownerForm: row.owner })), total }
}

export async function saveItem(tx: Tx, item: DataItemDefinition, pack: string | null): Promise<'added' | 'changed' | 'same'> {
  const before = await maybe<{ same: boolean }>(
    tx,
    sql`select definition_json = ${json(item)} as same from data_item where code = ${item.code}`,
  )
  if (before?.same) return 'same'
  await run(
    tx,
    sql`insert into data_item (code, name_zh, name_en, type, unit, definition, cycle, sensitivity, definition_json, pack)
        values (${item.code}, ${item.name.zh}, ${item.name.en}, ${item.type}, ${item.unit ?? null}, ${item.definition.zh}, ${item.cycle}, ${item.sensitivity}, ${json(item)}, ${pack})
        on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, type = excluded.type, unit = excluded.unit,
          definition = excluded.definition, cycle = excluded.cycle, sensitivity = excluded.sensitivity, definition_json = excluded.definition_json, pack = excluded.pack`,
  )
  return before ? 'changed' : 'added'
}

// ---- forms

export async function saveForm(
  tx: Tx,
  form: ResolvedForm,
  { expires, state, by, pack, unit, approval }: Registration & { expires: string },
): Promise<void> {
  // A form in use stays in use only with a yes to what it asks now: changed without one, it cannot be issued again (C2).
  await run(
    tx,
    sql`insert into form (code, name_zh, name_en, audience, cycle, state, current_version, minutes, expires, registered_by, pack, owner_unit, approved_by, approved_on, approval_number)
        values (${form.code}, ${form.name.zh}, ${form.name.en}, ${form.audience}::text[], ${form.cycle}, ${state}, ${form.version}, ${form.minutes}, ${expires}, ${by}, ${pack},
          ${unit ?? null}, ${approval?.by ?? null}, ${approval?.on ?? null}, ${approval?.number ?? null})
        on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, audience = excluded.audience, cycle = excluded.cycle,
          state = case when form.state = 'issued' and excluded.state = 'registered' then form.state else excluded.state end,
          current_version = excluded.current_version, minutes = excluded.minutes, expires = excluded.expires, registered_by = excluded.registered_by, pack = excluded.pack,
          owner_unit = coalesce(excluded.owner_unit, form.owner_unit), approved_by = excluded.approved_by, approved_on = excluded.approved_on, approval_number = excluded.approval_number`,
  )
  await run(
    tx,
    sql`insert into form_version (form, version, definition) values (${form.code}, ${form.version}, ${json(form)}) on conflict do nothing`,
  )
  const asked = form.fields.filter((field) => field.kind === 'asks').map((field) => field.item)
  await run(tx, sql`update data_item set owner_form = null where owner_form = ${form.code} and not code = any(${asked}::text[])`)
  await run(tx, sql`update data_item set owner_form = ${form.code} where code = any(${asked}::text[])`)
}

export function setFormState(tx: Tx, form: string, state: FormState): Promise<number> {
  return run(tx, sql`update form set state = ${state} where code = ${form}`)
}

/** The burden officer's yes to a form as it is now. */
export function approveForm(tx: Tx, form: string, { by, on }: { by: string; on: string }): Promise<number> {
  return run(tx, sql`update form set state = 'registered', approved_by = ${by}, approved_on = ${on}, approval_number = null where code = ${form}`)
}

// ---- periods and who is expected

export type Opened = { added: number; expected: number }

/**
 * Expects an answer from every addressed unit that is not expected yet, and lays the expected counts into the kept
 * figures of township and county, in one statement.
 * @param issue through which issue of the form the units are asked
 */
export async function expectReturns(tx: Tx, form: string, period: number, audience: Condition, opens: string, due: string, issue: number): Promise<Opened> {
  await run(
    tx,
    sql`insert into form_period (form, period, opens, due) values (${form}, ${period}, ${opens}, ${due})
        on conflict (form, period) do update set due = greatest(form_period.due, excluded.due)`,
  )
  const { added } = await one<{ added: number }>(
    tx,
    sql`with added as (
          insert into expected_return (form, period, county_id, unit_id, due, issue_id)
          select ${form}::text, ${period}::int, coalesce(u.l3, u.l2, u.l1, u.id), u.id, ${due}::date, ${issue}::int from unit u where ${audience}
          on conflict do nothing returning county_id, unit_id
        ), laid as (
          insert into kept_figure (form, period, county_id, unit_id, level, expected)
          select ${form}::text, ${period}::int, a.county_id, k.id, k.level, count(*)
          from added a join unit u on u.id = a.unit_id
          join unit k on k.id in (u.l4, a.county_id)
          group by a.county_id, k.id, k.level order by a.county_id, k.id
          on conflict (form, period, county_id, unit_id) do update set expected = kept_figure.expected + excluded.expected
        )
        select count(*)::int as added from added`,
  )
  const { expected } = await one<{ expected: number }>(
    tx,
    sql`select coalesce(sum(expected), 0)::int as expected from kept_figure where form = ${form} and period = ${period} and unit_id = county_id`,
  )
  return { added, expected }
}

export function expectedOf(tx: Tx, unit: number, form: string, period: number): Promise<{ due: string } | undefined> {
  return maybe(tx, sql`select due from expected_return where unit_id = ${unit} and form = ${form} and period = ${period}`)
}

// ---- records

export type RecordRow = {
  state: 'submitted' | 'accepted' | 'sentBack'
  version: number
  submission: number
  formVersion: number
  values: Values
  counted: (string | null)[] | null
  countedSubmission: number | null
  late: boolean
  submittedBy: string
  submittedAt: string
  decidedBy: string | null
  decidedAt: string | null
  reasons: Record<string, string> | null
  note: string | null
}

const recordColumns = sql`r.state, r.version, r.submission, r.form_version as "formVersion", r.vals as "values",
  r.counted::text[] as counted, r.counted_submission as "countedSubmission", r.late,
  r.submitted_by as "submittedBy", r.submitted_at as "submittedAt", r.decided_by as "decidedBy", r.decided_at as "decidedAt", r.reasons, r.note`

type Key = { unit: number; county: number; form: string; period: number }
const isKey = ({ unit, county, form, period }: Key) =>
  sql`r.period = ${period} and r.county_id = ${county} and r.unit_id = ${unit} and r.form = ${form}`

export function recordOf(tx: Tx, key: Key): Promise<RecordRow | undefined> {
  return maybe<RecordRow>(tx, sql`select ${recordColumns} from record r where ${isKey(key)}`)
}

export type Former = Omit<RecordRow, 'version' | 'counted' | 'countedSubmission' | 'late'>
export function formersOf(tx: Tx, key: Key): Promise<Former[]> {
  return many<Former>(
    tx,
    sql`select r.submission, r.state, r.form_version as "formVersion", r.vals as "values", r.submitted_by as "submittedBy", r.submitted_at as "submittedAt",
          r.decided_by as "decidedBy", r.decided_at as "decidedAt", r.reasons, r.note
        from record_former r where ${isKey(key)} order by r.submission desc`,
  )
}

/** First submission, or one after it was sent back. Answers 0 rows when somebody was quicker. */
export function saveSubmission(
  tx: Tx,
  key: Key,
  to: { formVersion: number; values: Values; offered: readonly (string | null)[]; late: boolean; by: string; at: Date; note: string | null; version: number },
): Promise<{ version: number; submission: number } | undefined> {
  const { unit, county, form, period } = key
  if (to.version === 0) {
    return maybe(
      tx,
      sql`insert into record (period, county_id, unit_id, form, state, form_version, vals, offered, late, submitted_by, submitted_at, note)
          values (${period}, ${county}, ${unit}, ${form}, 'submitted', ${to.formVersion}, ${json(to.values)}, ${to.offered}::numeric[], ${to.late}, ${to.by}, ${to.at}, ${to.note})
          on conflict do nothing returning version, submission`,
    )
  }
  return maybe(
    tx,
    // Locked first: of two who submit at once the second finds another version, and keeps no former one twice.
    sql`with locked as (
          select r.* from record r where ${isKey(key)} and r.version = ${to.version} for no key update
        ), former as (
          insert into record_former (period, county_id, unit_id, form, submission, state, form_version, vals, submitted_by, submitted_at, decided_by, decided_at, reasons, note)
          select r.period, r.county_id, r.unit_id, r.form, r.submission, r.state, r.form_version, r.vals, r.submitted_by, r.submitted_at, r.decided_by, r.decided_at, r.reasons, r.note
          from locked r
        )
        update record r set state = 'submitted', version = r.version + 1, submission = r.submission + 1, form_version = ${to.formVersion},
          vals = ${json(to.values)}, offered = ${to.offered}::numeric[], submitted_by = ${to.by}, submitted_at = ${to.at}, decided_by = null, decided_at = null, reasons = null, note = ${to.note}
        from locked l where r.period = l.period and r.county_id = l.county_id and r.unit_id = l.unit_id and r.form = l.form returning r.version, r.submission`,
  )
}

// ---- drafts

export type Draft = { values: Values; version: number; formVersion: number; savedBy: string; savedAt: string }
export function draftOf(tx: Tx, unit: number, form: string, period: number): Promise<Draft | undefined> {
  return maybe<Draft>(
    tx,
    sql`select vals as "values", version, form_version as "formVersion", saved_by as "savedBy", saved_at as "savedAt"
        from record_draft where unit_id = ${unit} and form = ${form} and period = ${period}`,
  )
}

export function saveDraft(
  tx: Tx,
  { unit, form, period }: Omit<Key, 'county'>,
  to: { values: Values; formVersion: number; version: number; by: string; at: Date },
): Promise<{ version: number; savedAt: string } | undefined> {
  if (to.version === 0) {
    return maybe(
      tx,
      sql`insert into record_draft (unit_id, form, period, form_version, vals, saved_by, saved_at)
          values (${unit}, ${form}, ${period}, ${to.formVersion}, ${json(to.values)}, ${to.by}, ${to.at})
          on conflict do nothing returning version, saved_at as "savedAt"`,
    )
  }
  return maybe(
    tx,
    sql`update record_draft set vals = ${json(to.values)}, form_version = ${to.formVersion}, version = version + 1, saved_by = ${to.by}, saved_at = ${to.at}
        where unit_id = ${unit} and form = ${form} and period = ${period} and version = ${to.version} returning version, saved_at as "savedAt"`,
  )
}

const deletingDraft = (unit: number, form: string, period: number) => sql`delete from record_draft where unit_id = ${unit} and form = ${form} and period = ${period}`

export function dropDraft(tx: Tx, unit: number, form: string, period: number): Promise<number> {
  return run(tx, deletingDraft(unit, form, period))
}

/** What was submitted is no draft any more; nobody asks how many there were, so it travels with the commit. */
export function dropSubmittedDraft(tx: Tx, unit: number, form: string, period: number): Promise<void> {
  return later(tx, deletingDraft(unit, form, period))
}

// ---- what is known already

/** @returns the unit's newest return of a form before or in a period that was not sent back */
export function newestValues(tx: Tx, unit: number, form: string, until: number, { before = false } = {}) {
  return maybe<{ period: number; values: Values }>(
    tx,
    sql`select period, vals as "values" from record
        where unit_id = ${unit} and form = ${form} and state <> 'sentBack' and ${before ? sql`period < ${until}` : sql`period <= ${until}`}
        order by period desc limit 1`,
  )
}

/** @returns where shown items are held: the owner form, its name, and the field it asks the item with */
export function holdersOfItems(tx: Tx, items: readonly string[]) {
  return many<{ item: string; form: string; nameZh: string; nameEn: string; field: string }>(
    tx,
    sql`select d.code as item, f.code as form, f.name_zh as "nameZh", f.name_en as "nameEn", x->>'code' as field
        from data_item d join form f on f.code = d.owner_form join form_version v on v.form = f.code and v.version = f.current_version
        cross join lateral jsonb_array_elements(v.definition->'fields') x
        where d.code = any(${items}::text[]) and x->>'item' = d.code and x->>'kind' = 'asks'`,
  )
}

// ---- overviews

export type MyReturn = { unit: number; unitName: string; form: string; nameZh: string; nameEn: string; period: number; due: string; state: string; draft: boolean; minutes: number; late: boolean }

/** @returns the returns expected of these units themselves (not of those below), nearest deadline first */
export async function returnsOf(tx: Tx, units: readonly number[], state: 'open' | 'done' | 'all', today: string, { limit, offset }: { limit: number; offset: number }) {
  const from = sql`from expected_return e join form f on f.code = e.form join unit u on u.id = e.unit_id
    left join record r on r.period = e.period and r.county_id = e.county_id and r.unit_id = e.unit_id and r.form = e.form
    where e.unit_id = any(${units}::int[]) and (f.state <> 'withdrawn' or r.state is not null)
      and (${state} = 'all' or (${state} = 'open') = (coalesce(r.state, 'none') in ('none', 'sentBack')))`
  const rows = await many<MyReturn>(
    tx,
    sql`select e.unit_id as unit, u.name as "unitName", e.form, f.name_zh as "nameZh", f.name_en as "nameEn", e.period, e.due,
          coalesce(r.state, 'none') as state, f.minutes::float8 as minutes,
          exists (select from record_draft d where d.unit_id = e.unit_id and d.form = e.form and d.period = e.period) as draft,
          coalesce(r.late, e.due < ${today}::date) as late
        ${from} order by (coalesce(r.state, 'none') in ('none', 'sentBack')) desc, e.due, e.period desc, u.code, e.form limit ${limit} offset ${offset}`,
  )
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total ${from}`)
  return { rows, total }
}

export type QueueRecord = RecordRow & { unit: number; unitName: string; parentName: string; form: string; period: number; definition: ResolvedForm; lastValues: Values | null }

/** @returns submitted returns in scope with the former period's values, oldest submission first; those of `own` units are the level above's */
export async function queueOf(
  tx: Tx,
  scope: Condition,
  own: readonly number[],
  { form, period, limit, offset }: { form: string | undefined; period: number | undefined; limit: number; offset: number },
) {
  const from = sql`from record r join unit u on u.id = r.unit_id
    where r.state = 'submitted' and ${scope} and not r.unit_id = any(${own}::int[]) and (${form ?? null}::text is null or r.form = ${form ?? ''}) and (${period ?? null}::int is null or r.period = ${period ?? 0})`
  const rows = await many<QueueRecord>(
    tx,
    sql`select r.unit_id as unit, u.name as "unitName", coalesce(p.name, '') as "parentName", r.form, r.period, v.definition, ${recordColumns},
          (select l.vals from record l where l.unit_id = r.unit_id and l.form = r.form and l.period < r.period and l.state <> 'sentBack' order by l.period desc limit 1) as "lastValues"
        from (select r.* ${from} order by r.submitted_at, r.unit_id limit ${limit} offset ${offset}) r
        join unit u on u.id = r.unit_id left join unit p on p.id = u.area_parent
        join form_version v on v.form = r.form and v.version = r.form_version
        order by r.submitted_at, r.unit_id`,
  )
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total ${from}`)
  return { rows, total }
}

export type CoverageCount = { expected: number; accepted: number; submitted: number; sentBack: number; missing: number; late: number }
const counts = sql`count(*)::int as expected, count(*) filter (where r.state = 'accepted')::int as accepted,
  count(*) filter (where r.state = 'submitted')::int as submitted, count(*) filter (where r.state = 'sentBack')::int as "sentBack",
  count(*) filter (where r.state is null)::int as missing`

/** @returns for each child of the unit (by the roll-up path) how many of its expected returns are where */
export function coverageOf(tx: Tx, unit: Unit, form: string, period: number, today: string) {
  // The child's level: the next one below the unit at which the reporting unit has an ancestor.
  const path = [sql`u.l1`, sql`u.l2`, sql`u.l3`, sql`u.l4`, sql`u.l5`].slice(unit.level)
  const child = path.length > 0 ? sql`coalesce(${sql.join(path)}, u.id)` : sql`u.id`
  return many<CoverageCount & { unit: number; name: string; level: number }>(
    tx,
    sql`select c.id as unit, c.name, c.level, x.* from (
          select ${child} as child, ${counts}, count(*) filter (where r.late or (coalesce(r.state, 'sentBack') = 'sentBack' and e.due < ${today}::date))::int as late
          from expected_return e join unit u on u.id = e.unit_id
          left join record r on r.period = e.period and r.county_id = e.county_id and r.unit_id = e.unit_id and r.form = e.form
          where e.form = ${form} and e.period = ${period} and ${inSubtree('u', unit)} group by 1) x
        join unit c on c.id = x.child order by c.code`,
  )
}

/** @returns units below that have not reported, or were sent back; the longest overdue first */
export async function missingOf(tx: Tx, unit: Unit, form: string, period: number, today: string, { limit, offset }: { limit: number; offset: number }) {
  const from = sql`from expected_return e join unit u on u.id = e.unit_id
    left join record r on r.period = e.period and r.county_id = e.county_id and r.unit_id = e.unit_id and r.form = e.form
    where e.form = ${form} and e.period = ${period} and ${inSubtree('u', unit)} and coalesce(r.state, 'sentBack') = 'sentBack'`
  const rows = await many<{ unit: number; name: string; parentName: string; state: string; due: string; late: boolean }>(
    tx,
    sql`select u.id as unit, u.name, coalesce((select p.name from unit p where p.id = u.area_parent), '') as "parentName",
          coalesce(r.state, 'none') as state, e.due, e.due < ${today}::date as late
        ${from} order by e.due, u.code limit ${limit} offset ${offset}`,
  )
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total ${from}`)
  return { rows, total }
}

/**
 * Reminds units below `unit` that have not reported, or whose return was sent back, once a day (Asia/Shanghai).
 * @param chosen only these; all of them when it is undefined
 * @returns how many are missing among them, and who was reminded now
 */
export async function remindMissing(
  tx: Tx,
  unit: Unit,
  { form, period, chosen, title, text, by, at }: { form: string; period: number; chosen: readonly number[] | undefined; title: string; text: string; by: string; at: Date },
): Promise<{ missing: number; told: number[] }> {
  const among = sql`from expected_return e join unit u on u.id = e.unit_id
    left join record r on r.period = e.period and r.county_id = e.county_id and r.unit_id = e.unit_id and r.form = e.form
    where e.form = ${form} and e.period = ${period} and ${inSubtree('u', unit)} and u.id <> ${unit.id} and coalesce(r.state, 'sentBack') = 'sentBack'
      and (${chosen === undefined} or u.id = any(${chosen ?? []}::int[]))`
  const { missing } = await one<{ missing: number }>(tx, sql`select count(*)::int as missing ${among}`)
  const told = await many<{ unit: number }>(
    tx,
    sql`insert into notice (unit_id, verb, kind, subject, facts, by, at)
        select u.id, 'record.fill', 'reminder', 'record:' || u.id || ':' || e.form || ':' || ${periodText(period)}::text,
          jsonb_build_object('title', ${title}::text, 'due', e.due, 'text', ${text}::text), ${by}, ${at}::timestamptz ${among} order by u.id
        on conflict (subject, ((at at time zone 'Asia/Shanghai')::date)) where kind = 'reminder' do nothing returning unit_id as unit`,
  )
  return { missing, told: told.map((row) => row.unit) }
}

/** @returns units below whose return is not counted yet, by code */
export function uncountedOf(tx: Tx, unit: Unit, form: string, period: number) {
  return many<{ unit: number; name: string }>(
    tx,
    sql`select u.id as unit, u.name from expected_return e join unit u on u.id = e.unit_id
        left join record r on r.period = e.period and r.county_id = e.county_id and r.unit_id = e.unit_id and r.form = e.form
        where e.form = ${form} and e.period = ${period} and ${inSubtree('u', unit)} and r.counted is null order by u.code`,
  )
}

export function saveTaken(tx: Tx, taken: { form: string; period: number; unit: number; expected: number; reported: number; missing: number[]; by: string; at: Date; note: string }) {
  return run(
    tx,
    sql`insert into taken_figure (form, period, unit_id, expected, reported, missing, taken_by, taken_at, note)
        values (${taken.form}, ${taken.period}, ${taken.unit}, ${taken.expected}, ${taken.reported}, ${taken.missing}::int[], ${taken.by}, ${taken.at}, ${taken.note})
        on conflict (form, period, unit_id) do update set expected = excluded.expected, reported = excluded.reported, missing = excluded.missing,
          taken_by = excluded.taken_by, taken_at = excluded.taken_at, note = excluded.note`,
  )
}
