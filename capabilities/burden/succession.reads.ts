import { many, run, sql, type Tx } from '../../server/db.ts'

/** One row that went to another unit: where it was named. */
export type BurdenHanded = { table: 'asking' | 'objection' | 'suggestion' | 'burden_exception'; column: 'unit_id' | 'issuer_unit' | 'officer_unit'; id: number }

/** Of each table what is still under way; what is decided stays where it was. */
const underWay = {
  asking: sql`t.state in ('review', 'registered')`,
  objection: sql`t.state = 'open'`,
  suggestion: sql`t.state = 'open'`,
  burden_exception: sql`t.state in ('asked', 'granted')`,
}
const places: readonly [BurdenHanded['table'], BurdenHanded['column']][] = [
  ['asking', 'issuer_unit'], ['objection', 'unit_id'], ['objection', 'issuer_unit'], ['objection', 'officer_unit'], ['suggestion', 'unit_id'], ['suggestion', 'officer_unit'],
  ['burden_exception', 'issuer_unit'], ['burden_exception', 'officer_unit'],
]

/**
 * Askings, objections, suggestions and exceptions under way of a unit that ends go to who comes after it (C1). The same
 * objection of two predecessors to one form stays one at the successor and one with the unit that raised it.
 * @returns what went, for undoing
 */
export async function handBurden(tx: Tx, from: number, to: number): Promise<BurdenHanded[]> {
  const handed: BurdenHanded[] = []
  for (const [table, column] of places) {
    const twin =
      table === 'objection' && column === 'unit_id'
        ? sql`and not exists (select from objection o where o.unit_id = ${to} and o.form is not distinct from t.form and o.field is not distinct from t.field and o.asking_id is not distinct from t.asking_id and o.item_id is not distinct from t.item_id and o.state = 'open')`
        : table === 'burden_exception' && column === 'issuer_unit'
          ? sql`and not exists (select from burden_exception o where o.issuer_unit = ${to} and o.form = t.form and o.cap = t.cap and o.state = 'asked')`
          : sql``
    const rows = await many<{ id: number }>(tx, sql`update ${sql.ref(table)} t set ${sql.ref(column)} = ${to} where t.${sql.ref(column)} = ${from} and ${underWay[table]} ${twin} returning t.id`)
    handed.push(...rows.map(({ id }) => ({ table, column, id })))
  }
  return handed
}

/** Gives them back to the unit that had them. */
export async function returnBurden(tx: Tx, to: number, handed: readonly BurdenHanded[]): Promise<void> {
  for (const { table, column, id } of handed) await run(tx, sql`update ${sql.ref(table)} set ${sql.ref(column)} = ${to} where id = ${id}`)
}
