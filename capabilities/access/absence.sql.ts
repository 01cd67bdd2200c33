import { maybe, many, one, run, sql, type Tx } from '../../server/db.ts'
import type { Condition } from '../units/units.reads.ts'
import type { AdminRole } from './admin-roles.ts'

export type HeldRow = {
  id: number
  account: string
  post: number
  kind: string
  title: string
  unit: number
  unitName: string
  admin: AdminRole | null
  ab: 'A' | 'B' | null
  acting: boolean
  validFrom: string
  validTo: string | null
}

const heldColumns = sql`h.id, h.account, h.post_id as post, p.kind, p.title, p.unit_id as unit, p.unit_name as "unitName", p.admin, p.ab,
  h.acting, h.valid_from as "validFrom", h.valid_to as "validTo"`

/** One holding, its absences locked with it, so that two browsers cannot set two that overlap. */
export async function heldForUpdate(tx: Tx, holding: number): Promise<HeldRow | undefined> {
  await run(tx, sql`select 1 from holding where id = ${holding} for update`)
  return maybe<HeldRow>(tx, sql`select ${heldColumns} from holding h join post_now p on p.id = h.post_id where h.id = ${holding}`)
}

/** What an account holds regularly and has not lost by `today`. */
export function regularlyHeld(tx: Tx, account: string, today: string): Promise<HeldRow[]> {
  return many<HeldRow>(
    tx,
    sql`select ${heldColumns} from holding h join post_now p on p.id = h.post_id
        where h.account = ${account} and not h.acting and (h.valid_to is null or h.valid_to > ${today}::date)
          and (p.valid_to is null or p.valid_to > ${today}::date)
        order by p.level, p.id`,
  )
}

export type DeputyRow = { account: string; name: string; username: string; posts: string[]; other: boolean; disabled: boolean; fits: boolean }

const deputyColumns = (held: HeldRow, today: string) => sql`a.id as account, a.name, a.username, a.disabled,
  coalesce((select array_agg(p.title order by p.id) from holding h join post_now p on p.id = h.post_id
            where h.account = a.id and p.unit_id = ${held.unit} and not h.acting and h.valid_from <= ${today}::date
              and (h.valid_to is null or h.valid_to > ${today}::date)), '{}') as posts,
  ${held.ab}::text is not null and exists (
    select 1 from holding h join post_now p on p.id = h.post_id
    where h.account = a.id and p.unit_id = ${held.unit} and p.kind = ${held.kind} and p.ab <> ${held.ab} and not h.acting
      and h.valid_from <= ${today}::date and (h.valid_to is null or h.valid_to > ${today}::date)) as other,
  a."unitId" = ${held.unit} or exists (
    select 1 from holding h join post_now p on p.id = h.post_id
    where h.account = a.id and p.unit_id = ${held.unit} and not h.acting and h.valid_from <= ${today}::date
      and (h.valid_to is null or h.valid_to > ${today}::date)) as fits`

/** Who belongs to the post's unit, by a post or by the account's own unit: the other of the A/B pair first. */
export function deputiesFor(tx: Tx, held: HeldRow, today: string): Promise<DeputyRow[]> {
  return many<DeputyRow>(
    tx,
    sql`select * from (select ${deputyColumns(held, today)} from auth_user a where not a.disabled and a.id <> ${held.account}) d
        where fits order by other desc, cardinality(posts) desc, name, username limit 100`,
  )
}

export function findDeputy(tx: Tx, account: string, held: HeldRow, today: string): Promise<DeputyRow | undefined> {
  return maybe<DeputyRow>(tx, sql`select ${deputyColumns(held, today)} from auth_user a where a.id = ${account}`)
}

export type AbsenceRow = {
  id: number
  holding: number
  account: string
  post: number
  title: string
  unit: number
  unitName: string
  holder: string
  deputy: string | null
  deputyAccount: string | null
  acting: number | null
  from: string
  to: string
  ended: boolean
}

const absenceColumns = sql`x.id, x.holding_id as holding, h.account, h.post_id as post, p.title, p.unit_id as unit, p.unit_name as "unitName",
  a.name as holder, d.name as deputy, x.deputy as "deputyAccount", x.acting_id as acting, x.valid_from as "from", (x.valid_to - 1) as "to",
  x.ended_at is not null as ended`
const absenceTables = sql`absence x join holding h on h.id = x.holding_id join post_now p on p.id = h.post_id
  join auth_user a on a.id = h.account left join auth_user d on d.id = x.deputy`

/** Absences of an account's own posts, or those in which it stands in; what is over stays for a while. */
export function absencesOf(tx: Tx, { account, as }: { account: string; as: 'holder' | 'deputy' }, today: string): Promise<AbsenceRow[]> {
  return many<AbsenceRow>(
    tx,
    sql`select ${absenceColumns} from ${absenceTables}
        where ${as === 'holder' ? sql`h.account` : sql`x.deputy`} = ${account} and x.valid_to > ${today}::date - 90
        order by x.valid_from desc, x.id desc limit 50`,
  )
}

export async function absenceForUpdate(tx: Tx, id: number): Promise<AbsenceRow | undefined> {
  await run(tx, sql`select 1 from absence where id = ${id} for update`)
  return maybe<AbsenceRow>(tx, sql`select ${absenceColumns} from ${absenceTables} where x.id = ${id}`)
}

/** @returns the first absence of the holding, or of any post of the account, that has a day in common with the span */
export function findOverlapping(
  tx: Tx,
  of: { holding: number } | { account: string },
  { from, to }: { from: string; to: string },
): Promise<{ from: string; to: string } | undefined> {
  return maybe(
    tx,
    sql`select x.valid_from as "from", (x.valid_to - 1) as "to" from absence x join holding h on h.id = x.holding_id
        where ${'holding' in of ? sql`x.holding_id = ${of.holding}` : sql`h.account = ${of.account}`}
          and x.valid_from <= ${to}::date and x.valid_to > ${from}::date and x.valid_to > x.valid_from
        order by x.valid_from limit 1`,
  )
}

export async function insertAbsence(
  tx: Tx,
  row: { holding: number; deputy: string | null; acting: number | null; from: string; until: string },
): Promise<number> {
  const { id } = await one<{ id: number }>(
    tx,
    sql`insert into absence (holding_id, deputy, acting_id, valid_from, valid_to)
        values (${row.holding}, ${row.deputy}, ${row.acting}, ${row.from}, ${row.until}) returning id`,
  )
  return id
}

/** Ends an absence and what its deputy holds by it, on `on` or before it began. */
export async function saveAbsenceEnd(tx: Tx, id: number, on: string): Promise<void> {
  await run(
    tx,
    sql`update holding set valid_to = least(valid_to, greatest(valid_from, ${on}::date)) where id = (select acting_id from absence where id = ${id})`,
  )
  await run(tx, sql`update absence set ended_at = now(), valid_to = least(valid_to, greatest(valid_from, ${on}::date)) where id = ${id}`)
}

/** A holding ends: nobody stands in for what is no longer held. @returns the accounts that lose an acting post */
export async function endAbsencesOfHolding(tx: Tx, holding: number, on: string): Promise<string[]> {
  const rows = await many<{ id: number; deputy: string | null }>(
    tx,
    sql`select id, deputy from absence where holding_id = ${holding} and valid_to > ${on}::date for update`,
  )
  for (const row of rows) await saveAbsenceEnd(tx, row.id, on)
  return rows.flatMap((row) => row.deputy ?? [])
}

export type UncoveredRow = {
  post: number
  title: string
  unit: number
  unitName: string
  holder: string
  deputy: string | null
  why: 'none' | 'away' | 'gone'
  from: string
  to: string
}

/**
 * Posts strictly below a scope whose holder is away on `today` and for which nobody is there: no deputy was named, the
 * deputy is away as well, or has no account any more.
 */
export async function uncoveredPosts(
  tx: Tx,
  { scope, own, today, limit, offset }: { scope: Condition; own: readonly number[]; today: string; limit: number; offset: number },
): Promise<{ rows: UncoveredRow[]; total: number }> {
  const found = sql`select p.id as post, p.title, p.unit_id as unit, p.unit_name as "unitName", a.name as holder, d.name as deputy,
      case when x.deputy is null then 'none' when d.disabled or acting.id is null then 'gone' else 'away' end as why,
      x.valid_from as "from", (x.valid_to - 1) as "to"
    from absence x join holding h on h.id = x.holding_id join post_now p on p.id = h.post_id join unit u on u.id = p.unit_id
      join auth_user a on a.id = h.account left join auth_user d on d.id = x.deputy
      left join holding acting on acting.id = x.acting_id and acting.valid_from <= ${today}::date and (acting.valid_to is null or acting.valid_to > ${today}::date)
    where ${scope} and u.id <> all(${own}::int[]) and x.valid_from <= ${today}::date and x.valid_to > ${today}::date
      and (h.valid_to is null or h.valid_to > ${today}::date)
      and (x.deputy is null or d.disabled or acting.id is null
           or exists (select 1 from absence y join holding k on k.id = y.holding_id
                      where k.account = x.deputy and y.valid_from <= ${today}::date and y.valid_to > ${today}::date))`
  const rows = await many<UncoveredRow>(tx, sql`select * from (${found}) f order by "from", post limit ${limit} offset ${offset}`)
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total from (${found}) f`)
  return { rows, total }
}
