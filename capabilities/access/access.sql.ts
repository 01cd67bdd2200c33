import { maybe, many, one, run, sql, type Tx } from '../../server/db.ts'
import type { AdminRole } from './admin-roles.ts'
import type { Grant } from './permission.ts'
import type { Condition } from '../units/units.reads.ts'

export type SessionRow = {
  session: string
  account: string
  username: string
  name: string
  locale: 'zh-CN' | 'en'
  mustChangePassword: boolean
  disabled: boolean
  stale: boolean
  wants: 'code' | 'enrol' | null
  grants: Grant[]
}

/**
 * Who a session belongs to and what his posts allow on `today`, in one query: it runs on every request that is not cached.
 * A session that was idle for longer than `idleSeconds` is none.
 */
export function sessionWithGrants(
  tx: Tx,
  { token, today, idleSeconds }: { token: string; today: string; idleSeconds: number },
): Promise<SessionRow | undefined> {
  return maybe<SessionRow>(
    tx,
    sql`select s.id as session, u.id as account, u.username, u.name, u.locale, s.wants,
          -- Whoever comes through the provider uses no password of ours, so none has to be changed.
          u."mustChangePassword" and s."signedInBy" = 'password' as "mustChangePassword", u.disabled,
          s."updatedAt" < now() - interval '1 minute' as stale,
          coalesce((
            select json_agg(json_build_object('post', p.id, 'kind', p.kind, 'title', p.title, 'unit', p.unit_id,
                     'unitName', p.unit_name, 'level', p.level, 'verbs', p.verbs, 'acting', h.acting) order by p.level, p.id)
            from holding h join post_now p on p.id = h.post_id
            where h.account = u.id and h.valid_from <= ${today}::date and (h.valid_to is null or h.valid_to > ${today}::date)
              and p.valid_from <= ${today}::date and (p.valid_to is null or p.valid_to > ${today}::date)
          ), '[]') as grants
        from auth_session s join auth_user u on u.id = s."userId"
        where s.token = ${token} and s."expiresAt" > now() and (s.wants is distinct from 'code' or s."createdAt" > now() - interval '10 minutes')
           and s."updatedAt" > now() - make_interval(secs => ${idleSeconds})`,
  )
}

/** Moves the idle time-out of a session that is in use. */
export function touchSession(tx: Tx, session: string): Promise<number> {
  return run(tx, sql`update auth_session set "updatedAt" = now() where id = ${session} and "updatedAt" < now() - interval '1 minute'`)
}

/** Tells every process of the platform to forget what it knows of this account ('*': of everybody), when the transaction commits. */
export async function tellAccessChanged(tx: Tx, account: string): Promise<void> {
  await run(tx, sql`select pg_notify('access_changed', ${account}::text)`)
}

export type AttemptRow = { failures: number; lockedUntil: string | null }

/**
 * Counts an attempt to sign in before the password is looked at, so that many at once cannot pass the limit. A count
 * whose last attempt is older than the lock-out starts anew. A locked name is not counted on.
 */
export function countAttempt(tx: Tx, username: string, lockMinutes: number): Promise<AttemptRow> {
  return one<AttemptRow>(
    tx,
    sql`insert into sign_in_failure as f (username, failures, last_at) values (${username}, 1, now())
        on conflict (username) do update set
          failures = case when f.locked_until > now() then f.failures
                          when f.locked_until is not null or f.last_at < now() - make_interval(mins => ${lockMinutes}) then 1
                          else f.failures + 1 end,
          locked_until = case when f.locked_until > now() then f.locked_until end,
          last_at = case when f.locked_until > now() then f.last_at else now() end
        returning failures, locked_until as "lockedUntil"`,
  )
}

export async function lockName(tx: Tx, username: string, lockMinutes: number): Promise<string> {
  const { until } = await one<{ until: string }>(
    tx,
    sql`update sign_in_failure set locked_until = now() + make_interval(mins => ${lockMinutes}) where username = ${username}
        returning locked_until as until`,
  )
  return until
}

/** Takes one attempt back: its password was right, and the code that is still awaited is counted by itself. */
export async function uncountAttempt(tx: Tx, username: string): Promise<void> {
  await run(tx, sql`update sign_in_failure set failures = failures - 1 where username = ${username} and failures > 0`)
}

/** @returns until when the name is locked, if it is */
export async function lockedUntil(tx: Tx, username: string): Promise<string | undefined> {
  const row = await maybe<{ until: string }>(tx, sql`select locked_until as until from sign_in_failure where username = ${username} and locked_until > now()`)
  return row?.until
}

/** @returns how many locks or counts were forgotten: 0 or 1 */
export function forgetFailures(tx: Tx, username: string): Promise<number> {
  return run(tx, sql`delete from sign_in_failure where username = ${username}`)
}

/**
 * Ends the sessions of an account beyond the newest `keep`, and those that are over anyway. One that still awaits its
 * second factor counts for nothing and lasts ten minutes. @returns how many live ones it ended
 */
export async function endOldSessions(tx: Tx, account: string, keep: number, idleSeconds: number): Promise<number> {
  await run(
    tx,
    sql`delete from auth_session where "userId" = ${account}
        and ("expiresAt" <= now() or "updatedAt" <= now() - make_interval(secs => ${idleSeconds})
             or wants = 'code' and "createdAt" <= now() - interval '10 minutes')`,
  )
  return run(
    tx,
    sql`delete from auth_session where id in
          (select id from auth_session where "userId" = ${account} and wants is distinct from 'code' order by "createdAt" desc, id offset ${keep})`,
  )
}

export type OwnSession = { id: string; startedAt: string; lastSeenAt: string; endsAt: string; device: string }

export function sessionsOf(tx: Tx, account: string, idleSeconds: number): Promise<OwnSession[]> {
  return many<OwnSession>(
    tx,
    sql`select id, "createdAt" as "startedAt", "updatedAt" as "lastSeenAt", "expiresAt" as "endsAt", coalesce("userAgent", '') as device
        from auth_session where "userId" = ${account} and "expiresAt" > now()
          and "updatedAt" > now() - make_interval(secs => ${idleSeconds}) order by "createdAt" desc`,
  )
}

/** Ends one session of the account, or all but `except`. @returns how many */
export function endSessions(
  tx: Tx,
  account: string,
  { only, except }: { only?: string; except?: string | undefined } = {},
): Promise<number> {
  return run(
    tx,
    sql`delete from auth_session where "userId" = ${account}
        and (${only ?? null}::text is null or id = ${only ?? null}) and id is distinct from ${except ?? null}`,
  )
}

export type AccountRow = {
  id: string
  username: string
  name: string
  unit: number
  unitName: string
  disabled: boolean
  mustChangePassword: boolean
  sample: boolean
  createdAt: string
  lockedUntil: string | null
  mustChangeWhy: 'expired' | 'too-weak' | null
  /** A second factor is in force. */
  secondFactor: boolean
  /** An identity of the provider is tied to it. */
  identity: boolean
}

const accountColumns = sql`a.id, a.username, a.name, a."unitId" as unit, u.name as "unitName", a.disabled, a."mustChangePassword", a.sample,
  a."createdAt", f.locked_until as "lockedUntil", a."mustChangeWhy",
  exists (select 1 from second_factor s where s.account = a.id and s.confirmed_at is not null) as "secondFactor",
  exists (select 1 from auth_account i where i."userId" = a.id and i."providerId" = 'oidc') as identity`
const accountTables = sql`auth_user a join unit u on u.id = a."unitId"
  left join sign_in_failure f on f.username = a.username and f.locked_until > now()`

export function findAccount(tx: Tx, id: string): Promise<AccountRow | undefined> {
  return maybe<AccountRow>(tx, sql`select ${accountColumns} from ${accountTables} where a.id = ${id}`)
}

/** The account, locked until the transaction ends. */
export async function accountForUpdate(tx: Tx, id: string): Promise<AccountRow | undefined> {
  await run(tx, sql`select 1 from auth_user where id = ${id} for update`)
  return findAccount(tx, id)
}

export type AccountFilter = {
  scope: Condition
  text: string
  state: 'active' | 'disabled' | 'locked' | undefined
  limit: number
  offset: number
}

export async function searchAccounts(tx: Tx, filter: AccountFilter): Promise<{ rows: AccountRow[]; total: number }> {
  const like = `%${filter.text.replace(/[\\%_]/g, '\\$&')}%`
  const where = sql`${filter.scope}
    and (${filter.text} = '' or a.name like ${like} or a.username like ${like.toLowerCase()} or u.name like ${like})
    and (${filter.state ?? null}::text is null
         or ${filter.state ?? null} = 'active' and not a.disabled
         or ${filter.state ?? null} = 'disabled' and a.disabled
         or ${filter.state ?? null} = 'locked' and f.locked_until is not null)`
  const rows = await many<AccountRow>(
    tx,
    sql`select ${accountColumns} from ${accountTables} where ${where} order by a.username limit ${filter.limit} offset ${filter.offset}`,
  )
  const { total } = await one<{ total: number }>(tx, sql`select count(*) as total from ${accountTables} where ${where}`)
  return { rows, total }
}

/** @returns since when an identity of the provider is tied to the account; undefined: none is */
export async function identityOf(tx: Tx, account: string): Promise<string | undefined> {
  return (await maybe<{ since: string }>(tx, sql`select "createdAt" as since from auth_account where "userId" = ${account} and "providerId" = 'oidc'`))?.since
}

/** Takes the identity of the provider from an account. @returns whether there was one */
export async function removeIdentity(tx: Tx, account: string): Promise<boolean> {
  return (await run(tx, sql`delete from auth_account where "userId" = ${account} and "providerId" = 'oidc'`)) > 0
}

export function findUsername(tx: Tx, username: string): Promise<{ id: string } | undefined> {
  return maybe<{ id: string }>(tx, sql`select id from auth_user where username = ${username}`)
}

export type NewAccount = {
  /** Made when missing; a sample gives its own so that it stays the same each time. */
  id: string
  username: string
  name: string
  unit: number
  locale: 'zh-CN' | 'en'
  sample: boolean
}

/** Adds accounts that share one password hash (a first password). Existing user names are left as they are. @returns the ids added */
export async function insertAccounts(
  tx: Tx,
  accounts: readonly NewAccount[],
  { passwordHash, mustChangePassword }: { passwordHash: string; mustChangePassword: boolean },
): Promise<string[]> {
  const added = await many<{ id: string }>(
    tx,
    sql`insert into auth_user (id, name, email, username, "displayUsername", "mustChangePassword", sample, locale, "unitId")
        select r.id, r.name, r.username || '@local.invalid', r.username, r.username, ${mustChangePassword}, r.sample, r.locale, r.unit
        from jsonb_to_recordset(${JSON.stringify(accounts)}::jsonb) r (id text, username text, name text, unit integer, locale text, sample boolean)
        on conflict (username) do nothing returning id`,
  )
  const ids = added.map((row) => row.id)
  await run(
    tx,
    sql`insert into auth_account (id, "accountId", "providerId", "userId", password)
        select 'credential-' || id, id, 'credential', id, ${passwordHash} from unnest(${ids}::text[]) id`,
  )
  return ids
}

export async function passwordHashOf(tx: Tx, account: string): Promise<string | undefined> {
  const row = await maybe<{ password: string | null }>(
    tx,
    sql`select password from auth_account where "userId" = ${account} and "providerId" = 'credential'`,
  )
  return row?.password ?? undefined
}

export async function savePassword(tx: Tx, account: string, hash: string, { mustChange }: { mustChange: boolean }): Promise<void> {
  await run(
    tx,
    sql`update auth_account set password = ${hash}, "updatedAt" = now() where "userId" = ${account} and "providerId" = 'credential'`,
  )
  await run(
    tx,
    sql`update auth_user set "mustChangePassword" = ${mustChange}, "mustChangeWhy" = null, "passwordChangedAt" = now(), "updatedAt" = now()
        where id = ${account}`,
  )
}

export async function saveDisabled(tx: Tx, account: string, disabled: boolean): Promise<void> {
  await run(tx, sql`update auth_user set disabled = ${disabled}, "updatedAt" = now() where id = ${account}`)
}

export async function saveLocale(tx: Tx, account: string, locale: string): Promise<void> {
  await run(tx, sql`update auth_user set locale = ${locale}, "updatedAt" = now() where id = ${account}`)
}

/** @returns a post that exists on `today`, with the administrator's role that it gives */
export function postNow(tx: Tx, id: number, today: string): Promise<{ unit: number; title: string; admin: AdminRole | null } | undefined> {
  return maybe(tx, sql`select unit_id as unit, title, admin from post_now where id = ${id} and (valid_to is null or valid_to > ${today}::date)`)
}

export type HoldingRow = {
  id: number
  post: number
  postKind: string
  title: string
  unit: number
  unitName: string
  admin: AdminRole | null
  account: string
  name: string
  username: string
  acting: boolean
  validFrom: string
  validTo: string | null
}

const holdingColumns = sql`h.id, h.post_id as post, p.kind as "postKind", p.title, p.unit_id as unit, p.unit_name as "unitName", p.admin,
  h.account, a.name, a.username, h.acting, h.valid_from as "validFrom", h.valid_to as "validTo"`
const holdingTables = sql`holding h join post_now p on p.id = h.post_id join auth_user a on a.id = h.account`

/** Holdings of an account that have not ended by `today`, those that start later included. */
export function holdingsOf(tx: Tx, account: string, today: string): Promise<HoldingRow[]> {
  return many<HoldingRow>(
    tx,
    sql`select ${holdingColumns} from ${holdingTables} where h.account = ${account} and (h.valid_to is null or h.valid_to > ${today}::date)
        order by h.valid_from, h.id`,
  )
}

/** The same of many accounts, by account. */
export async function holdingsOfMany(tx: Tx, accounts: readonly string[], today: string): Promise<Map<string, HoldingRow[]>> {
  const rows = await many<HoldingRow>(
    tx,
    sql`select ${holdingColumns} from ${holdingTables} where h.account = any(${accounts}::text[]) and (h.valid_to is null or h.valid_to > ${today}::date)
        order by h.valid_from, h.id`,
  )
  return Map.groupBy(rows, (row) => row.account)
}

/** All holdings, past ones too, of an account or of the posts of a unit; newest first. */
export function holdingHistory(tx: Tx, of: { account?: string | undefined; unit?: number | undefined }): Promise<HoldingRow[]> {
  return many<HoldingRow>(
    tx,
    sql`select ${holdingColumns} from ${holdingTables}
        where (${of.account ?? null}::text is null or h.account = ${of.account ?? null})
          and (${of.unit ?? null}::int is null or p.unit_id = ${of.unit ?? null})
        order by h.valid_to desc nulls first, h.valid_from desc, h.id desc limit 500`,
  )
}

export function findHolding(tx: Tx, id: number): Promise<HoldingRow | undefined> {
  return maybe<HoldingRow>(tx, sql`select ${holdingColumns} from ${holdingTables} where h.id = ${id}`)
}

/** The holder of the post (not acting) whose time overlaps `from`, if there is one. */
export function findHolder(tx: Tx, post: number, from: string): Promise<{ name: string; since: string } | undefined> {
  return maybe<{ name: string; since: string }>(
    tx,
    sql`select a.name, h.valid_from as since from holding h join auth_user a on a.id = h.account
        where h.post_id = ${post} and not h.acting and (h.valid_to is null or h.valid_to > ${from}::date) limit 1`,
  )
}

export async function insertHolding(
  tx: Tx,
  holding: { post: number; account: string; acting: boolean; from: string; /** The first day on which it is no longer held. */ to?: string },
): Promise<number> {
  const { id } = await one<{ id: number }>(
    tx,
    sql`insert into holding (post_id, account, acting, valid_from, valid_to)
        values (${holding.post}, ${holding.account}, ${holding.acting}, ${holding.from}, ${holding.to ?? null}) returning id`,
  )
  return id
}

export async function saveHoldingEnd(tx: Tx, id: number, on: string): Promise<void> {
  await run(tx, sql`update holding set valid_to = ${on} where id = ${id}`)
}

export type EventRow = {
  tx: string
  id: number
  at: string
  actor: string | null
  actorName: string | null
  post: number | null
  postTitle: string | null
  unit: number | null
  unitName: string | null
  kind: string
  subject: string
  reason: string | null
  facts: Record<string, unknown>
  sealed: boolean
}

export type EventFilter = {
  scope: Condition
  /** Events that happened at no unit (packs applied, the platform's own work) are for those who see a whole tree. */
  wholeTree: boolean
  unit: Condition | undefined
  kind: string | undefined
  subject: string | undefined
  from: string | undefined
  to: string | undefined
  before: { tx: string; id: number } | undefined
  limit: number
}

/** Events newest first, in the order of sealing. */
export function searchEvents(tx: Tx, filter: EventFilter): Promise<EventRow[]> {
  const kindLike = filter.kind === undefined ? null : `${filter.kind.replace(/[\\%_]/g, '\\$&')}%`
  return many<EventRow>(
    tx,
    sql`select e.tx::text as tx, e.id, e.at, e.actor, a.name as "actorName", e.post_id as post, p.title as "postTitle",
          e.unit_id as unit, u.name as "unitName", e.kind, e.subject, e.reason, e.facts,
          e.tx < coalesce((select max(to_tx) from event_seal), '0'::xid8) as sealed
        from event e left join unit u on u.id = e.unit_id left join auth_user a on a.id = e.actor left join post p on p.id = e.post_id
        where (${filter.scope} or ${filter.wholeTree} and e.unit_id is null)
          and ${filter.unit ?? sql`true`}
          and (${kindLike}::text is null or e.kind like ${kindLike})
          and (${filter.subject ?? null}::text is null or e.subject = ${filter.subject ?? null})
          and (${filter.from ?? null}::date is null or e.at >= ${filter.from ?? null}::timestamp at time zone 'Asia/Shanghai')
          and (${filter.to ?? null}::date is null or e.at < (${filter.to ?? null}::date + 1)::timestamp at time zone 'Asia/Shanghai')
          and (${filter.before?.tx ?? null}::text is null
               or (e.tx, e.id) < (${filter.before?.tx ?? '0'}::xid8, ${filter.before?.id ?? 0}::bigint))
        order by e.tx desc, e.id desc limit ${filter.limit}`,
  )
}

export type SealRow = { id: number; events: number; hash: string; previous: string; sealedAt: string }

export function sealsPage(tx: Tx, limit: number, offset: number): Promise<SealRow[]> {
  return many<SealRow>(
    tx,
    sql`select id, events, hash, previous, sealed_at as "sealedAt" from event_seal order by id desc limit ${limit} offset ${offset}`,
  )
}

export async function countSeals(tx: Tx): Promise<{ seals: number; waiting: number }> {
  return one(
    tx,
    sql`select (select count(*) from event_seal) as seals,
          (select count(*) from event where tx >= coalesce((select max(to_tx) from event_seal), '0'::xid8)) as waiting`,
  )
}

/** Whether one of the units stands at the top of its tree: such an administrator looks after the whole platform. */
export async function holdsWholeTree(tx: Tx, scope: readonly number[]): Promise<boolean> {
  const { whole } = await one<{ whole: boolean }>(
    tx,
    sql`select exists (select 1 from unit where id = any(${scope}::int[]) and area_parent is null and line_parent is null) as whole`,
  )
  return whole
}
