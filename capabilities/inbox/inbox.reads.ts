import { json, many, run, sql, type Tx } from '../../server/db.ts'
import type { Verb } from '../access/verbs.ts'

export type ToTell = {
  /** Who hears it: holders of this verb on the unit. */
  units: readonly number[]
  verb: Verb
  kind: string
  subject: string
  facts?: Record<string, unknown>
  by?: string | undefined
}

/** Tells units something, in the caller's transaction: what is rolled back was never said. Open pages hear it at once. */
export async function notify(tx: Tx, { units, verb, kind, subject, facts = {}, by }: ToTell): Promise<void> {
  if (units.length === 0) return
  await run(
    tx,
    sql`insert into notice (unit_id, verb, kind, subject, facts, by)
        select u, ${verb}, ${kind}, ${subject}, ${json(facts)}, ${by ?? null} from unnest(${units}::int[]) u`,
  )
}

export type FreshNotice = { id: number; kind: string; unit: number; verb: Verb; at: string }

/**
 * Takes notices that nobody has looked at yet for whom they reach outside the page, the oldest first: each is given out once.
 * What the caller's transaction rolls back is given out again; two callers at once get different ones.
 */
export async function takeFreshNotices(tx: Tx, limit: number): Promise<FreshNotice[]> {
  const rows = await many<FreshNotice>(
    tx,
    sql`update notice n set reached = true where n.id in (select id from notice where not reached order by id limit ${limit} for update skip locked)
        returning n.id, n.kind, n.unit_id as unit, n.verb, n.at`,
  )
  return rows.sort((a, b) => Number(a.id) - Number(b.id))
}

export type NoticeToSay = { id: number; kind: string; unitName: string; subject: string; facts: Record<string, unknown>; at: string }

/** @returns these notices with what their words need */
export function noticesToSay(tx: Tx, ids: readonly number[]): Promise<NoticeToSay[]> {
  return many<NoticeToSay>(
    tx,
    sql`select n.id, n.kind, u.name as "unitName", n.subject, n.facts, n.at from notice n join unit u on u.id = n.unit_id where n.id = any(${ids}::bigint[]) order by n.id`,
  )
}

/** @returns which of these notices the account has read, as `account:notice` */
export async function seenAmong(tx: Tx, accounts: readonly string[], notices: readonly number[]): Promise<Set<string>> {
  const rows = await many<{ account: string; notice: number }>(
    tx,
    sql`select account, notice_id as notice from notice_seen where account = any(${accounts}::text[]) and notice_id = any(${notices}::bigint[])`,
  )
  return new Set(rows.map((row) => `${row.account}:${row.notice}`))
}
