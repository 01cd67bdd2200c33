import type { Actor } from '../../capabilities/access/permission.ts'
import type { Verb } from '../../capabilities/access/verbs.ts'
import { keepTyping } from '../../capabilities/burden/typing.reads.ts'
import { json, many, one, run, sql, type Tx } from '../../server/db.ts'

export type PlacedUnit = { id: number; code: string; class: string; county: number; township: number | null; residents: number | null; name: string }

/** @returns the sample's units by code, in the order of codes */
export async function placedUnits(tx: Tx, codes: readonly string[]): Promise<PlacedUnit[]> {
  return many<PlacedUnit>(
    tx,
    sql`select id, code, class, coalesce(l3, l2, l1, id) as county, l4 as township, residents, name from unit where code = any(${codes}::text[]) order by code`,
  )
}

/** Gives each account the one post of its unit and kind. @returns how many posts are held now that were not before */
export async function fillPosts(tx: Tx, people: readonly { username: string; unit: string; kind: string; ab?: 'A' | 'B' | undefined }[], from: string): Promise<number> {
  return run(
    tx,
    sql`insert into holding (post_id, account, valid_from)
        select p.id, a.id, ${from}::date from jsonb_array_elements(${json(people)}) x
        join auth_user a on a.username = x->>'username' join unit u on u.code = x->>'unit' join post p on p.unit_id = u.id and p.kind = x->>'kind' and p.ab is not distinct from x->>'ab'
        where not exists (select from holding h where h.post_id = p.id and h.valid_to is null)`,
  )
}

/** @returns account ids by unit id, of the holders of a kind of post; of a pair, that of A */
export async function holdersByUnit(tx: Tx, kind: string): Promise<Map<number, string>> {
  const rows = await many<{ unit: number; account: string }>(
    tx,
    sql`select p.unit_id as unit, h.account from holding h join post p on p.id = h.post_id where p.kind = ${kind} and h.valid_to is null and not h.acting order by p.ab desc nulls first`,
  )
  return new Map(rows.map((row) => [row.unit, row.account]))
}

/** @returns the person as a request would know him */
export async function personOf(tx: Tx, username: string): Promise<Actor> {
  const account = await one<{ id: string; name: string; locale: 'zh-CN' | 'en' }>(tx, sql`select id, name, locale from auth_user where username = ${username}`)
  const grants = await many<{ post: number; kind: string; title: string; unit: number; unitName: string; level: number; verbs: Verb[]; acting: boolean }>(
    tx,
    sql`select p.id as post, p.kind, p.title, p.unit_id as unit, p.unit_name as "unitName", p.level, p.verbs, h.acting
        from holding h join post_now p on p.id = h.post_id where h.account = ${account.id} and h.valid_to is null`,
  )
  return { account: account.id, name: account.name, locale: account.locale, mustChangePassword: false, grants, username }
}

export async function openPeriods(tx: Tx, form: string, periods: readonly { period: number; opens: string; due: string }[], units: readonly { id: number; county: number }[], issuer: { unit: number; account: string }): Promise<void> {
  await run(
    tx,
    sql`insert into form_period (form, period, opens, due)
        select ${form}, (x->>'period')::int, (x->>'opens')::date, (x->>'due')::date from jsonb_array_elements(${json(periods)}) x on conflict do nothing`,
  )
  await run(
    tx,
    sql`insert into form_issue (form, period, issuer_unit, audience, units, fields_new, fields_held, minutes, issued_on, due, issued_by)
        select f.code, (x->>'period')::int, ${issuer.unit}::int, jsonb_build_object('classes', f.audience, 'within', jsonb_build_array(${issuer.unit}::int)), ${units.length}::int, s.asked, s.shown, f.minutes,
          (x->>'opens')::date, (x->>'due')::date, ${issuer.account}
        from jsonb_array_elements(${json(periods)}) x join form f on f.code = ${form} join form_size s on s.form = f.code`,
  )
  await run(
    tx,
    sql`insert into expected_return (form, period, county_id, unit_id, due, issue_id)
        select ${form}, (x->>'period')::int, u.county, u.id, (x->>'due')::date, (select max(i.id) from form_issue i where i.form = ${form} and i.period = (x->>'period')::int)
        from jsonb_array_elements(${json(periods)}) x cross join unnest(${units.map((unit) => unit.id)}::int[], ${units.map((unit) => unit.county)}::int[]) u(id, county)
        on conflict do nothing`,
  )
  await run(tx, sql`update form set state = 'issued' where code = ${form}`)
}

export type SampleRecord = {
  period: number
  county: number
  unit: number
  state: 'accepted' | 'submitted' | 'sentBack'
  version: number
  values: Record<string, unknown>
  counted: (string | null)[] | null
  by: string
  at: string
  decidedBy: string | null
  decidedAt: string | null
  reasons: Record<string, string> | null
  late: boolean
  note: string | null
}

export async function insertRecords(tx: Tx, form: string, formVersion: number, records: readonly SampleRecord[]): Promise<void> {
  for (let at = 0; at < records.length; at += 2_000) {
    await run(
      tx,
      sql`insert into record (period, county_id, unit_id, form, state, version, submission, form_version, vals, counted, counted_submission, late, submitted_by, submitted_at, decided_by, decided_at, reasons, note)
          select (x->>'period')::int, (x->>'county')::int, (x->>'unit')::int, ${form}, x->>'state', (x->>'version')::int, 1, ${formVersion}, x->'values',
            case when x->'counted' = 'null' then null else (select array_agg(c::numeric order by n) from jsonb_array_elements_text(x->'counted') with ordinality e(c, n)) end,
            case when x->'counted' = 'null' then null else 1 end, (x->>'late')::boolean, x->>'by', (x->>'at')::timestamptz, x->>'decidedBy', (x->>'decidedAt')::timestamptz,
            nullif(x->'reasons', 'null'), x->>'note'
          from jsonb_array_elements(${json(records.slice(at, at + 2_000))}) x on conflict do nothing`,
    )
  }
  for (const [period, units] of Map.groupBy(records, (one) => one.period)) await keepTyping(tx, { form, formVersion, period, units })
}

export async function insertDrafts(tx: Tx, form: string, formVersion: number, drafts: readonly { unit: number; period: number; values: Record<string, unknown>; by: string; at: string }[]): Promise<void> {
  await run(
    tx,
    sql`insert into record_draft (unit_id, form, period, form_version, vals, saved_by, saved_at)
        select (x->>'unit')::int, ${form}, (x->>'period')::int, ${formVersion}, x->'values', x->>'by', (x->>'at')::timestamptz from jsonb_array_elements(${json(drafts)}) x on conflict do nothing`,
  )
}

export async function isEmpty(tx: Tx): Promise<boolean> {
  return (await one<{ empty: boolean }>(tx, sql`select not exists (select from unit) as empty`)).empty
}

/** @returns the first two villages of a township in the last county that have both reported a period */
export function twoVillages(tx: Tx, form: string, period: number): Promise<{ id: number; code: string; name: string }[]> {
  return many(
    tx,
    sql`with reported as (
          select u.id, u.code, u.name, u.l4, count(*) over (partition by u.l4) as beside, row_number() over (partition by u.l4 order by u.code) as n
          from unit u join record r on r.unit_id = u.id and r.form = ${form} and r.period = ${period} and r.state = 'accepted'
          where u.l3 = (select id from unit where class in ('county', 'district') order by code desc limit 1)
        ) select id, code, name from reported where beside > 1 and n < 3 order by l4, n limit 2`,
  )
}
