import { json, many, sql, type Tx } from '../../server/db.ts'
import type { AdminRole } from './admin-roles.ts'
import type { Condition } from '../units/units.reads.ts'

export type NamedUnit = { id: number; code: string; name: string; state: string; mine: boolean; posts: string[] }

/** The units of these codes, whether they are the asker's to look after, and the titles of their posts. */
export function unitsOfCodes(tx: Tx, codes: readonly string[], scope: Condition, today: string): Promise<NamedUnit[]> {
  return many<NamedUnit>(
    tx,
    sql`select u.id, u.code, u.name, u.state, ${scope} as mine,
          coalesce((select array_agg(distinct p.title order by p.title) from post p where p.unit_id = u.id and (p.valid_to is null or p.valid_to > ${today}::date)), '{}') as posts
        from unit u where upper(u.code) = any(${codes}::text[])`,
  )
}

/** Units that the asker looks after, with their codes to copy from: the nearest to the top first, no more than `limit`. */
export function unitsToCopy(tx: Tx, scope: Condition, today: string, limit: number): Promise<{ code: string; name: string; posts: string[] }[]> {
  return many(
    tx,
    sql`select u.code, u.name,
          coalesce((select array_agg(distinct p.title order by p.title) from post p where p.unit_id = u.id and (p.valid_to is null or p.valid_to > ${today}::date)), '{}') as posts
        from unit u where ${scope} and u.state = 'active' order by u.level, u.code limit ${limit}`,
  )
}

export type KnownAccount = { id: string; username: string; name: string; unit: number; unitName: string; disabled: boolean; neverUsed: boolean }

/** Accounts of these user names. `neverUsed`: the first password is still waiting and nobody has ever signed in with it. */
export function accountsOfNames(tx: Tx, usernames: readonly string[]): Promise<KnownAccount[]> {
  return many<KnownAccount>(
    tx,
    sql`select a.id, a.username, a.name, a."unitId" as unit, u.name as "unitName", a.disabled,
          a."mustChangePassword" and a."mustChangeWhy" is null
            and not exists (select 1 from event e where e.subject = 'account:' || a.id and e.kind = 'access.signedIn') as "neverUsed"
        from auth_user a join unit u on u.id = a."unitId" where a.username = any(${usernames}::text[])`,
  )
}

export type NamedPost = { id: number; unit: number; title: string; admin: AdminRole | null; /** Who holds it regularly. */ holder: string | null }

/** Posts of these units that have not ended, in their order (A before B), with who holds each from a day on. */
export function postsOfUnits(tx: Tx, units: readonly number[], today: string): Promise<NamedPost[]> {
  return many<NamedPost>(
    tx,
    sql`select p.id, p.unit_id as unit, p.title, p.admin,
          (select a.name from holding h join auth_user a on a.id = h.account where h.post_id = p.id and not h.acting and (h.valid_to is null or h.valid_to > ${today}::date) order by h.id limit 1) as holder
        from post_now p join post o on o.id = p.id where p.unit_id = any(${units}::int[]) and (p.valid_to is null or p.valid_to > ${today}::date) order by p.unit_id, o.ab nulls first, p.id`,
  )
}

/** Puts people into posts that nobody holds, from a day on. @returns the posts that were given */
export async function grantVacant(tx: Tx, wanted: readonly { post: number; account: string }[], from: string): Promise<number[]> {
  // The posts' rows are the turn: two workbooks at once do not both find them vacant.
  await many(tx, sql`select 1 from post where id = any(${wanted.map((one) => one.post)}::int[]) order by id for update`)
  const rows = await many<{ post: number }>(
    tx,
    sql`insert into holding (post_id, account, acting, valid_from)
        select x.post, x.account, false, ${from}::date from jsonb_to_recordset(${json(wanted)}) x(post int, account text)
        where not exists (select from holding h where h.post_id = x.post and not h.acting and (h.valid_to is null or h.valid_to > ${from}::date))
        on conflict do nothing returning post_id as post`,
  )
  return rows.map((row) => row.post)
}
