import { many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import type { RobotShape } from './robot-message.ts'

export type ChoiceRow = {
  account: string
  email: string | null
  mode: 'off' | 'each' | 'digest'
  since: string
  quietFrom: number
  quietTo: number
  digestHour: number
  muted: string[]
  hasFeed: boolean
  version: number
}
const choiceColumns = sql`c.account, c.email, c.mode, c.since, c.quiet_from as "quietFrom", c.quiet_to as "quietTo", c.digest_hour as "digestHour", c.muted,
  c.feed_hash is not null as "hasFeed", c.version`

export function choiceOf(tx: Tx, account: string): Promise<ChoiceRow | undefined> {
  return maybe<ChoiceRow>(tx, sql`select ${choiceColumns} from reach_choice c where c.account = ${account}`)
}

/** Whose notices are mailed: a confirmed address, and a wish. */
export function choicesWithMail(tx: Tx): Promise<ChoiceRow[]> {
  return many<ChoiceRow>(tx, sql`select ${choiceColumns} from reach_choice c where c.email is not null and c.mode <> 'off'`)
}

/** Makes the row of somebody who chooses for the first time. */
export function beginChoice(tx: Tx, account: string, at: Date): Promise<number> {
  return run(tx, sql`insert into reach_choice (account, since) values (${account}, ${at}) on conflict do nothing`)
}

/** @returns false when the row is of another version. Notices from before mail was switched on stay in the page. */
export async function saveChoice(tx: Tx, account: string, to: Pick<ChoiceRow, 'mode' | 'quietFrom' | 'quietTo' | 'digestHour' | 'muted' | 'version'>, at: Date): Promise<boolean> {
  const changed = await run(
    tx,
    sql`update reach_choice set since = case when mode = 'off' then ${at}::timestamptz else since end, mode = ${to.mode}, quiet_from = ${to.quietFrom}, quiet_to = ${to.quietTo},
          digest_hour = ${to.digestHour}, muted = ${to.muted}::text[], version = version + 1
        where account = ${account} and version = ${to.version}`,
  )
  return changed === 1
}

export function setEmail(tx: Tx, account: string, email: string | null): Promise<number> {
  return run(tx, sql`update reach_choice set email = ${email}, mode = case when ${email}::text is null then 'off' else mode end, version = version + 1 where account = ${account}`)
}

export function setFeed(tx: Tx, account: string, hash: string | null): Promise<number> {
  return run(tx, sql`update reach_choice set feed_hash = ${hash}, version = version + 1 where account = ${account}`)
}

export function accountOfFeed(tx: Tx, hash: string): Promise<{ account: string; locale: 'zh-CN' | 'en' } | undefined> {
  return maybe(tx, sql`select c.account, a.locale from reach_choice c join auth_user a on a.id = c.account and not a.disabled where c.feed_hash = ${hash}`)
}

// ---- an address that waits for its code

export function askConfirmation(tx: Tx, account: string, email: string, codeHash: string, until: Date): Promise<number> {
  return run(
    tx,
    sql`insert into reach_confirmation (account, email, code_hash, expires_at) values (${account}, ${email}, ${codeHash}, ${until})
        on conflict (account) do update set email = excluded.email, code_hash = excluded.code_hash, expires_at = excluded.expires_at, tries = 0`,
  )
}

export type Confirmation = { email: string; codeHash: string; expiresAt: string; tries: number }
export function confirmationOf(tx: Tx, account: string, { lock = false } = {}): Promise<Confirmation | undefined> {
  return maybe<Confirmation>(
    tx,
    sql`select email, code_hash as "codeHash", expires_at as "expiresAt", tries from reach_confirmation where account = ${account} ${lock ? sql`for update` : sql``}`,
  )
}

export function endConfirmation(tx: Tx, account: string): Promise<number> {
  return run(tx, sql`delete from reach_confirmation where account = ${account}`)
}

/** @returns how many codes have been tried for this address, this one included */
export async function countTry(tx: Tx, account: string): Promise<number> {
  return (await maybe<{ tries: number }>(tx, sql`update reach_confirmation set tries = tries + 1 where account = ${account} returning tries`))?.tries ?? 0
}

// ---- robots

export type RobotRow = {
  id: number
  unit: number
  name: string
  shape: RobotShape
  url: string
  secret: string
  muted: string[]
  active: boolean
  since: string
  version: number
}
const robotColumns = sql`r.id, r.unit_id as unit, r.name, r.shape, r.url, r.secret, r.muted, r.active, r.since, r.version`

export type RobotShown = RobotRow & { waiting: number; failed: number; lastError: string | null; lastSent: string | null }
export function robotsOf(tx: Tx, unit: number): Promise<RobotShown[]> {
  return many<RobotShown>(
    tx,
    sql`select ${robotColumns}, d.waiting, d.failed, d."lastSent",
          (select e.last_error from reach_delivery e where e.robot_id = r.id and e.last_error is not null order by e.changed_at desc limit 1) as "lastError"
        from reach_robot r cross join lateral (
          select count(*) filter (where d.state in ('waiting', 'sending'))::int as waiting, count(*) filter (where d.state in ('failed', 'unsure'))::int as failed,
            max(d.changed_at) filter (where d.state = 'sent') as "lastSent"
          from reach_delivery d where d.robot_id = r.id) d
        where r.unit_id = ${unit} order by r.id`,
  )
}

export function robotById(tx: Tx, id: number): Promise<RobotRow | undefined> {
  return maybe<RobotRow>(tx, sql`select ${robotColumns} from reach_robot r where r.id = ${id}`)
}

export function activeRobots(tx: Tx): Promise<RobotRow[]> {
  return many<RobotRow>(tx, sql`select ${robotColumns} from reach_robot r where r.active`)
}

export type RobotToSave = Omit<RobotRow, 'id' | 'since' | 'version'>
export async function insertRobot(tx: Tx, robot: RobotToSave, by: string, at: Date): Promise<number> {
  const { id } = await one<{ id: number }>(
    tx,
    sql`insert into reach_robot (unit_id, name, shape, url, secret, muted, active, since, created_by)
        values (${robot.unit}, ${robot.name}, ${robot.shape}, ${robot.url}, ${robot.secret}, ${robot.muted}::text[], ${robot.active}, ${at}, ${by}) returning id`,
  )
  return id
}

/** @returns false when the robot is of another version */
export async function updateRobot(tx: Tx, id: number, version: number, robot: RobotToSave, at: Date): Promise<boolean> {
  const changed = await run(
    tx,
    sql`update reach_robot set name = ${robot.name}, shape = ${robot.shape}, url = ${robot.url}, secret = ${robot.secret}, muted = ${robot.muted}::text[],
          since = case when active then since else ${at}::timestamptz end, active = ${robot.active}, version = version + 1
        where id = ${id} and unit_id = ${robot.unit} and version = ${version}`,
  )
  return changed === 1
}

export async function deleteRobot(tx: Tx, unit: number, id: number, version: number): Promise<boolean> {
  return (await run(tx, sql`delete from reach_robot where id = ${id} and unit_id = ${unit} and version = ${version}`)) === 1
}

// ---- deliveries

export type ToDeliver = { notice: number; account: string | null; robot: number | null; sendAt: Date }

/** Plans deliveries; one that is planned already stays as it is. @returns how many are new */
export function planDeliveries(tx: Tx, planned: readonly ToDeliver[]): Promise<number> {
  const column = <Key extends keyof ToDeliver>(key: Key) => planned.map((one) => one[key])
  return run(
    tx,
    sql`insert into reach_delivery (notice_id, account, robot_id, send_at)
        select * from unnest(${column('notice')}::bigint[], ${column('account')}::text[], ${column('robot')}::int[], ${column('sendAt').map((at) => at.toISOString())}::timestamptz[])
        on conflict do nothing`,
  )
}

export type Due = { id: number; notice: number; account: string | null; robot: number | null; attempts: number }

/**
 * Takes what is due, before it is sent: what was taken and never came back is not sent again (`lostOnTheWay`).
 * Two senders at once take different ones.
 */
export function takeDue(tx: Tx, now: Date, limit: number): Promise<Due[]> {
  return many<Due>(
    tx,
    sql`update reach_delivery d set state = 'sending', attempts = attempts + 1, changed_at = ${now}
        where d.id in (select id from reach_delivery where state = 'waiting' and send_at <= ${now} order by send_at, id limit ${limit} for update skip locked)
        returning d.id, d.notice_id as notice, d.account, d.robot_id as robot, d.attempts`,
  )
}

export function settle(tx: Tx, ids: readonly number[], to: { state: 'sent' | 'seen' | 'failed' | 'waiting'; error: string | null; sendAt: Date | undefined }, now: Date): Promise<number> {
  return run(
    tx,
    sql`update reach_delivery set state = ${to.state}, last_error = ${to.error}, send_at = coalesce(${to.sendAt ?? null}::timestamptz, send_at), changed_at = ${now}
        where id = any(${ids}::bigint[]) and state = 'sending'`,
  )
}

/** What a process took and did not answer for: whether it went out nobody knows, so it is not sent twice. */
export function lostOnTheWay(tx: Tx, before: Date, now: Date): Promise<number> {
  return run(tx, sql`update reach_delivery set state = 'unsure', changed_at = ${now} where state = 'sending' and changed_at < ${before}`)
}

/** @returns for mails: the address now; whoever switched mail off in the meantime is missing */
export async function addressesOf(tx: Tx, accounts: readonly string[]): Promise<Map<string, string>> {
  const rows = await many<{ account: string; email: string }>(
    tx,
    sql`select c.account, c.email from reach_choice c join auth_user a on a.id = c.account and not a.disabled where c.account = any(${accounts}::text[]) and c.mode <> 'off' and c.email is not null`,
  )
  return new Map(rows.map((row) => [row.account, row.email]))
}

export type SentRow = { id: number; notice: number; state: 'waiting' | 'sending' | 'sent' | 'seen' | 'unsure' | 'failed'; sendAt: string; attempts: number; error: string | null }
export async function sentTo(tx: Tx, account: string, { limit, offset }: { limit: number; offset: number }): Promise<{ rows: SentRow[]; total: number }> {
  const rows = await many<SentRow>(
    tx,
    sql`select d.id, d.notice_id as notice, d.state, d.send_at as "sendAt", d.attempts, d.last_error as error
        from reach_delivery d where d.account = ${account} order by d.id desc limit ${limit} offset ${offset}`,
  )
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total from reach_delivery where account = ${account}`)
  return { rows, total }
}
