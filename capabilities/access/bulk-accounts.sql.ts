import { many, sql, type Tx } from '../../server/db.ts'
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
