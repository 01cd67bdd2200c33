import { many, run, sql, type Tx } from '../../server/db.ts'

/** One row that went to another unit: where it was named. */
export type PromisesHanded = { table: 'commitment' | 'major_matter' | 'pairing' | 'joint_meeting'; column: 'unit_id' | 'helper_unit' | 'helped_unit'; id: number }

/** Of each table what is still under way; what is settled stays where it was. */
const places: readonly [PromisesHanded['table'], PromisesHanded['column']][] = [
  ['commitment', 'unit_id'], ['major_matter', 'unit_id'], ['joint_meeting', 'unit_id'], ['pairing', 'helper_unit'], ['pairing', 'helped_unit'],
]
const underWay = {
  commitment: sql`t.state = 'made'`,
  major_matter: sql`t.state in ('reported', 'acknowledged', 'instructed')`,
  joint_meeting: sql`t.state = 'planned'`,
  pairing: sql`t.state = 'running'`,
}

/**
 * Commitments, matters, meetings and pairings under way of a unit that ends go to who comes after it (C1). A pairing that
 * the successor has already, or that would pair it with itself, stays where it was.
 * @returns what went, for undoing
 */
export async function handPromises(tx: Tx, from: number, to: number): Promise<PromisesHanded[]> {
  const handed: PromisesHanded[] = []
  for (const [table, column] of places) {
    const other = sql.ref(column === 'helper_unit' ? 'helped_unit' : 'helper_unit')
    const twin = table === 'pairing' ? sql`and t.${other} <> ${to} and not exists (select from pairing o where o.${sql.ref(column)} = ${to} and o.${other} = t.${other} and o.state = 'running')` : sql``
    const rows = await many<{ id: number }>(tx, sql`update ${sql.ref(table)} t set ${sql.ref(column)} = ${to} where t.${sql.ref(column)} = ${from} and ${underWay[table]} ${twin} returning t.id`)
    handed.push(...rows.map(({ id }) => ({ table, column, id })))
  }
  return handed
}

/** Gives them back to the unit that had them. */
export async function returnPromises(tx: Tx, to: number, handed: readonly PromisesHanded[]): Promise<void> {
  for (const { table, column, id } of handed) await run(tx, sql`update ${sql.ref(table)} set ${sql.ref(column)} = ${to} where id = ${id}`)
}
