import { json, many, maybe, run, sql, type Tx } from '../../server/db.ts'
import type { Actor, Grant } from './permission.ts'
import type { Verb } from './verbs.ts'

export type Holder = { post: number; holding: number; account: string; name: string; acting: boolean; since: string }

/** @returns who holds these posts on `today`, the regular holder of a post first */
export function holdersOf(tx: Tx, posts: readonly number[], today: string): Promise<Holder[]> {
  return many<Holder>(
    tx,
    sql`select h.post_id as post, h.id as holding, h.account, a.name, h.acting, h.valid_from as since
        from holding h join auth_user a on a.id = h.account
        where h.post_id = any(${posts}::int[]) and h.valid_from <= ${today}::date and (h.valid_to is null or h.valid_to > ${today}::date)
        order by h.post_id, h.acting, h.id`,
  )
}

/** @returns since when each of these posts has nobody who holds it regularly; posts that are held are not in it */
export async function vacantSince(tx: Tx, posts: readonly number[], today: string): Promise<Map<number, string>> {
  const rows = await many<{ post: number; since: string }>(
    tx,
    sql`select p.id as post, greatest(p.valid_from, max(h.valid_to)) as since
        from post p left join holding h on h.post_id = p.id and not h.acting
        where p.id = any(${posts}::int[])
        group by p.id
        having not coalesce(bool_or(h.valid_from <= ${today}::date and (h.valid_to is null or h.valid_to > ${today}::date)), false)`,
  )
  return new Map(rows.map((row) => [row.post, row.since]))
}

/** Ends what is still held of these posts, because the posts end. @returns the accounts that lose a post */
export async function endHoldingsOfPosts(tx: Tx, posts: readonly number[], on: string): Promise<string[]> {
  const rows = await many<{ account: string }>(
    tx,
    sql`update holding set valid_to = greatest(valid_from, ${on}::date)
        where post_id = any(${posts}::int[]) and (valid_to is null or valid_to > ${on}::date) returning account`,
  )
  const accounts = [...new Set(rows.map((row) => row.account))]
  for (const account of accounts) await run(tx, sql`select pg_notify('access_changed', ${account}::text)`)
  return accounts
}

/**
 * @returns the names of accounts by id, for pages that say who did something. With `on`, who stood in (代) when something
 * happened to that subject is marked behind the name.
 */
export async function accountNames(
  tx: Tx,
  accounts: readonly string[],
  on?: { subject: string; locale: 'zh-CN' | 'en' },
): Promise<Map<string, string>> {
  const rows = await many<{ id: string; name: string; acting: boolean }>(
    tx,
    sql`select id, name, ${on?.subject ?? null}::text is not null and exists (
            select 1 from event e where e.subject = ${on?.subject ?? ''} and e.facts ? 'acting' and e.actor = a.id) as acting
        from auth_user a where id = any(${accounts}::text[])`,
  )
  return new Map(rows.map(({ id, name, acting }) => [id, acting ? markedActing(name, on?.locale) : name]))
}

/** Who did something to a subject, as in the trail: `task:12`. */
export type Act = { account: string; subject: string }

/** @returns of each of these acts the name of who did it, marked when he stood in (代) */
export async function signedNames(tx: Tx, acts: readonly Act[], locale: 'zh-CN' | 'en'): Promise<(act: Act) => string> {
  const rows = await many<Act & { name: string }>(
    tx,
    sql`select x.account, x.subject, signed_name(x.account, x.subject, ${locale}) as name from jsonb_to_recordset(${json(acts)}) x(account text, subject text)`,
  )
  const names = new Map(rows.map((row) => [keyOfAct(row), row.name]))
  return (act) => names.get(keyOfAct(act)) ?? act.account
}
const keyOfAct = ({ account, subject }: Act) => `${account} ${subject}`

/** @returns a name with the mark of who stands in: 李某（代） */
export function markedActing(name: string, locale: 'zh-CN' | 'en' | undefined): string {
  return locale === 'en' ? `${name} (acting)` : `${name}（代）`
}

/** Accounts that are kept at an ended unit go on at who comes after it; nobody loses his account. @returns their ids */
export async function moveAccounts(tx: Tx, from: number, to: number): Promise<string[]> {
  return (await many<{ id: string }>(tx, sql`update auth_user set "unitId" = ${to} where "unitId" = ${from} returning id`)).map((row) => row.id)
}

/** Accounts go back to the unit they were kept at. */
export function returnAccounts(tx: Tx, accounts: readonly string[], to: number): Promise<number> {
  return run(tx, sql`update auth_user set "unitId" = ${to} where id = any(${accounts}::text[])`)
}

export type OpenHolding = { holding: number; post: number; account: string; name: string; validTo: string | null }

/** @returns what is held of these posts and has not ended on `on` */
export function openHoldingsOf(tx: Tx, posts: readonly number[], on: string): Promise<OpenHolding[]> {
  return many(
    tx,
    sql`select h.id as holding, h.post_id as post, h.account, a.name, h.valid_to as "validTo" from holding h join auth_user a on a.id = h.account
        where h.post_id = any(${posts}::int[]) and (h.valid_to is null or h.valid_to > ${on}::date) order by h.id`,
  )
}

/** Gives posts back to who held them. */
export async function returnHoldings(tx: Tx, holdings: readonly OpenHolding[]): Promise<void> {
  for (const { holding, validTo, account } of holdings) {
    await run(tx, sql`update holding set valid_to = ${validTo}::date where id = ${holding}`)
    await run(tx, sql`select pg_notify('access_changed', ${account}::text)`)
  }
}

/** @returns whether anybody has been given one of these posts */
export async function anyHolding(tx: Tx, posts: readonly number[]): Promise<boolean> {
  return (await many(tx, sql`select 1 from holding where post_id = any(${posts}::int[]) limit 1`)).length > 0
}

/**
 * @returns the account as it would ask on `today`, with the posts it holds then; of an account that is closed or gone
 *   somebody who may do nothing. For work that somebody has ordered and the platform does later.
 */
export async function actorOfAccount(tx: Tx, account: string, today: string): Promise<Actor> {
  const row = await maybe<{ name: string; locale: 'zh-CN' | 'en' }>(tx, sql`select name, locale from auth_user where id = ${account} and not disabled`)
  const grants = await many<Grant>(
    tx,
    sql`select p.id as post, p.kind, p.title, p.unit_id as unit, p.unit_name as "unitName", p.level, p.verbs, h.acting
        from holding h join post_now p on p.id = h.post_id
        where h.account = ${account} and h.valid_from <= ${today}::date and (h.valid_to is null or h.valid_to > ${today}::date)
          and p.valid_from <= ${today}::date and (p.valid_to is null or p.valid_to > ${today}::date) order by p.level, p.id`,
  )
  return { account, name: row?.name ?? account, locale: row?.locale ?? 'zh-CN', mustChangePassword: false, grants: row ? grants : [] }
}

export type AccountGrant = { account: string; unit: number; verbs: Verb[] }

/** @returns what the posts of these accounts allow on `today`, by account and unit; of accounts that are closed nothing */
export function grantsOfAccounts(tx: Tx, accounts: readonly string[], today: string): Promise<AccountGrant[]> {
  return many<AccountGrant>(
    tx,
    sql`select h.account, p.unit_id as unit, p.verbs
        from holding h join auth_user a on a.id = h.account and not a.disabled join post_now p on p.id = h.post_id
        where h.account = any(${accounts}::text[]) and h.valid_from <= ${today}::date and (h.valid_to is null or h.valid_to > ${today}::date)
          and p.valid_from <= ${today}::date and (p.valid_to is null or p.valid_to > ${today}::date)`,
  )
}

/** @returns the language of each account */
export async function localesOf(tx: Tx, accounts: readonly string[]): Promise<Map<string, 'zh-CN' | 'en'>> {
  const rows = await many<{ id: string; locale: 'zh-CN' | 'en' }>(tx, sql`select id, locale from auth_user where id = any(${accounts}::text[])`)
  return new Map(rows.map((row) => [row.id, row.locale]))
}
