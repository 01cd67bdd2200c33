import { many, maybe, sql, type Tx } from '../../server/db.ts'

const parentOf = (alias: string) => sql`case when ${sql.ref(`${alias}.management`)} = 'line' then ${sql.ref(`${alias}.line_parent`)} else ${sql.ref(`${alias}.area_parent`)} end`

/** @returns the unit directly above in the roll-up tree; null at the top */
export async function parentNow(tx: Tx, unit: number): Promise<number | null> {
  return (await maybe<{ parent: number | null }>(tx, sql`select ${parentOf('u')} as parent from unit u where u.id = ${unit}`))?.parent ?? null
}

/** @returns the units directly above, by unit */
export async function parentsNow(tx: Tx, units: readonly number[]): Promise<Map<number, number>> {
  const rows = await many<{ id: number; parent: number | null }>(tx, sql`select u.id, ${parentOf('u')} as parent from unit u where u.id = any(${units}::int[])`)
  return new Map(rows.flatMap(({ id, parent }) => (parent === null ? [] : [[id, parent] as const])))
}

export type WaitingMatter = { title: string; unit: number; unitName: string; due: string | null }
/** @returns reports that nobody has acknowledged, from the units directly below these (asked with units on which a post is held) */
export function waitingMatters(tx: Tx, units: readonly number[]): Promise<WaitingMatter[]> {
  return many(
    tx,
    sql`select m.title, u.id as unit, u.name as "unitName", m.due from major_matter m join unit u on u.id = m.unit_id
        where m.state = 'reported' and ${parentOf('u')} = any(${units}::int[]) order by m.due, m.id limit 500`,
  )
}

/** @returns how many matters were reported of each of these kinds */
export async function mattersOfKinds(tx: Tx, kinds: readonly string[]): Promise<Map<string, number>> {
  const rows = await many<{ kind: string; n: number }>(tx, sql`select kind, count(*)::int as n from major_matter where kind = any(${kinds}::text[]) group by 1`)
  return new Map(rows.map(({ kind, n }) => [kind, n]))
}
