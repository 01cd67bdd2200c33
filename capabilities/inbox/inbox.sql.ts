import { many, one, run, sql, type Tx } from '../../server/db.ts'
import type { Actor } from '../access/permission.ts'

export type NoticeRow = { id: number; kind: string; unit: number; unitName: string; subject: string; facts: Record<string, unknown>; by: string | null; at: string; seen: boolean }

/** The condition “this notice is for one of the actor's posts”: the unit of the post itself, and the verb it needs. */
function isForMe(actor: Actor) {
  const pairs = actor.grants.flatMap((grant) => grant.verbs.map((verb) => `${grant.unit}:${verb}`))
  const units = [...new Set(actor.grants.map((grant) => grant.unit))]
  return sql`n.unit_id = any(${units}::int[]) and (n.unit_id || ':' || n.verb) = any(${pairs}::text[])`
}

/** @returns notices to my posts since a moment, newest first */
export function noticesOf(tx: Tx, actor: Actor, since: Date, { unseen, before, limit }: { unseen: boolean; before: number | undefined; limit: number }): Promise<NoticeRow[]> {
  return many<NoticeRow>(
    tx,
    sql`select n.id, n.kind, n.unit_id as unit, u.name as "unitName", n.subject, n.facts, signed_name(n.by, n.subject, ${actor.locale}) as by, n.at, s.notice_id is not null as seen
        from notice n join unit u on u.id = n.unit_id left join notice_seen s on s.notice_id = n.id and s.account = ${actor.account}
        where ${isForMe(actor)} and n.at > ${since} and (${before ?? null}::bigint is null or n.id < ${before ?? 0}) and (not ${unseen} or s.notice_id is null)
        order by n.id desc limit ${limit}`,
  )
}

export async function unseenCount(tx: Tx, actor: Actor, since: Date): Promise<number> {
  const { n } = await one<{ n: number }>(
    tx,
    sql`select count(*)::int as n from notice n where ${isForMe(actor)} and n.at > ${since}
          and not exists (select from notice_seen s where s.notice_id = n.id and s.account = ${actor.account})`,
  )
  return n
}

/** Marks these notices, or all up to one, as read by the account; only those that are for it. */
export function markSeen(tx: Tx, actor: Actor, { ids, allUntil }: { ids: readonly number[] | undefined; allUntil: number | undefined }, at: Date): Promise<number> {
  return run(
    tx,
    sql`insert into notice_seen (account, notice_id, at)
        select ${actor.account}, n.id, ${at} from notice n
        where ${isForMe(actor)} and (n.id = any(${ids ?? []}::bigint[]) or n.id <= ${allUntil ?? 0}::bigint) on conflict do nothing`,
  )
}
