import { json, many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import type { AdminRole } from './admin-roles.ts'
import { securitySettings, type SecuritySettings } from './security-settings.ts'

type VersionRow = { version: number; settings: SecuritySettings; reason: string | null; byName: string | null; at: string | null }

/** @returns what holds now; version 0 when nobody has decided anything yet */
export async function settingsNow(tx: Tx): Promise<{ version: number; settings: SecuritySettings }> {
  const row = await maybe<{ version: number; settings: SecuritySettings }>(
    tx,
    sql`select version, content as settings from security_setting order by version desc limit 1`,
  )
  return row ?? { version: 0, settings: securitySettings }
}

export async function settingsVersions(tx: Tx, limit: number): Promise<VersionRow[]> {
  const rows = await many<VersionRow>(
    tx,
    sql`select s.version, s.content as settings, s.reason, coalesce(a.name, s.by) as "byName", s.at
        from security_setting s left join auth_user a on a.id = s.by order by s.version desc limit ${limit}`,
  )
  return rows.length > 0 ? rows : [{ version: 0, settings: securitySettings, reason: null, byName: null, at: null }]
}

/** @returns whether it was saved: false when somebody else has saved this version in between */
export async function insertSettings(tx: Tx, row: { version: number; settings: SecuritySettings; reason: string; by: string }): Promise<boolean> {
  const saved = await run(
    tx,
    sql`insert into security_setting (version, content, reason, by) values (${row.version}, ${json(row.settings)}, ${row.reason}, ${row.by})
        on conflict (version) do nothing`,
  )
  return saved > 0
}

export function postKinds(tx: Tx): Promise<{ code: string; zh: string; en: string }[]> {
  return many(tx, sql`select code, name_zh as zh, name_en as en from post_kind order by code`)
}

/** The kinds of the posts that an account holds on `today`. */
export function kindsHeld(tx: Tx, account: string, today: string): Promise<{ kind: string; admin: AdminRole | null }[]> {
  return many(
    tx,
    sql`select p.kind, p.admin from holding h join post_now p on p.id = h.post_id
        where h.account = ${account} and h.valid_from <= ${today}::date and (h.valid_to is null or h.valid_to > ${today}::date)`,
  )
}

// ---- passwords

export function passwordState(tx: Tx, account: string): Promise<{ username: string; name: string; changedAt: string; mustChange: boolean } | undefined> {
  return maybe(tx, sql`select username, name, "passwordChangedAt" as "changedAt", "mustChangePassword" as "mustChange" from auth_user where id = ${account}`)
}

/** The account must choose a new password before anything else, and is told why. */
export async function demandChange(tx: Tx, account: string, why: 'expired' | 'too-weak'): Promise<void> {
  await run(tx, sql`update auth_user set "mustChangePassword" = true, "mustChangeWhy" = ${why} where id = ${account}`)
}

/** The hashes of the last `n` former passwords, newest first. */
export async function formerHashes(tx: Tx, account: string, n: number): Promise<string[]> {
  const rows = await many<{ hash: string }>(tx, sql`select hash from password_former where account = ${account} order by id desc limit ${n}`)
  return rows.map((row) => row.hash)
}

/** Keeps the hash of a password that is replaced; no more of them than a rule can ever ask for. */
export async function keepFormer(tx: Tx, account: string, hash: string, atMost: number): Promise<void> {
  await run(tx, sql`insert into password_former (account, hash) values (${account}, ${hash})`)
  await run(
    tx,
    sql`delete from password_former where account = ${account}
        and id not in (select id from password_former where account = ${account} order by id desc limit ${atMost})`,
  )
}

// ---- the second factor

export type SecondFactorRow = { secret: string; confirmedAt: string | null; lastStep: number; startedAt: string }

export function findSecondFactor(tx: Tx, account: string): Promise<SecondFactorRow | undefined> {
  return maybe<SecondFactorRow>(
    tx,
    sql`select secret, confirmed_at as "confirmedAt", last_step as "lastStep", started_at as "startedAt" from second_factor where account = ${account}`,
  )
}

/** Begins anew as long as it is not confirmed. @returns false when a confirmed one is there already */
export async function startFactor(tx: Tx, account: string, secret: string): Promise<boolean> {
  const started = await run(
    tx,
    sql`insert into second_factor (account, secret) values (${account}, ${secret})
        on conflict (account) do update set secret = excluded.secret, started_at = now(), last_step = 0 where second_factor.confirmed_at is null`,
  )
  return started > 0
}

export async function confirmFactor(tx: Tx, account: string, step: number): Promise<void> {
  await run(tx, sql`update second_factor set confirmed_at = now(), last_step = ${step} where account = ${account} and confirmed_at is null`)
}

/** Uses the code of a 30-second step up. @returns false when it, or a later one, was used before: a code works once */
export async function spendStep(tx: Tx, account: string, step: number): Promise<boolean> {
  return (await run(tx, sql`update second_factor set last_step = ${step} where account = ${account} and confirmed_at is not null and last_step < ${step}`)) > 0
}

export async function removeFactor(tx: Tx, account: string): Promise<boolean> {
  return (await run(tx, sql`delete from second_factor where account = ${account}`)) > 0
}

export async function replaceBackupCodes(tx: Tx, account: string, hashes: readonly string[]): Promise<void> {
  await run(tx, sql`delete from backup_code where account = ${account}`)
  await run(tx, sql`insert into backup_code (account, hash) select ${account}, h from unnest(${hashes}::text[]) h`)
}

export async function spendBackupCode(tx: Tx, account: string, hash: string): Promise<boolean> {
  return (await run(tx, sql`update backup_code set used_at = now() where account = ${account} and hash = ${hash} and used_at is null`)) > 0
}

export function factorCounts(tx: Tx, account: string): Promise<{ codes: number; devices: number }> {
  return one(
    tx,
    sql`select (select count(*)::int from backup_code where account = ${account} and used_at is null) as codes,
          (select count(*)::int from trusted_device where account = ${account} and until > now()) as devices`,
  )
}

export async function trustDevice(tx: Tx, account: string, hash: string, days: number): Promise<void> {
  await run(tx, sql`delete from trusted_device where account = ${account} and until <= now()`)
  await run(tx, sql`insert into trusted_device (token_hash, account, until) values (${hash}, ${account}, now() + make_interval(days => ${days}))`)
}

/** Whether the device is trusted still; a shorter time that was set since counts at once. */
export async function isTrusted(tx: Tx, account: string, hash: string, days: number): Promise<boolean> {
  const row = await maybe(
    tx,
    sql`select 1 from trusted_device where token_hash = ${hash} and account = ${account} and until > now()
          and created_at > now() - make_interval(days => ${days})`,
  )
  return row !== undefined
}

export function forgetTrusted(tx: Tx, account: string): Promise<number> {
  return run(tx, sql`delete from trusted_device where account = ${account}`)
}

// ---- sessions that are not whole yet

export type SessionNow = { id: string; account: string; wants: 'code' | 'enrol' | null; signedInBy: 'password' | 'oidc'; minutes: number }

export function findSession(tx: Tx, id: string): Promise<SessionNow | undefined> {
  return maybe<SessionNow>(
    tx,
    sql`select id, "userId" as account, wants, "signedInBy", extract(epoch from now() - "createdAt")::float8 / 60 as minutes from auth_session where id = ${id}`,
  )
}

export async function saveSessionState(tx: Tx, id: string, { wants, by }: { wants: 'code' | 'enrol' | null; by?: 'password' | 'oidc' }): Promise<void> {
  await run(tx, sql`update auth_session set wants = ${wants}, "signedInBy" = coalesce(${by ?? null}, "signedInBy") where id = ${id}`)
}

export function sessionOfToken(tx: Tx, token: string): Promise<{ id: string } | undefined> {
  return maybe(tx, sql`select id from auth_session where token = ${token}`)
}
