import { many, sql, type Tx } from '../../server/db.ts'

export { fileOf } from './files.sql.ts'

/** @returns whether this can be the id of a file at all */
export const isFileId = (id: string | undefined): id is string => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id ?? '')

/** @returns those of `ids` that this account gave for the unit, in the order asked */
export async function filesGiven(tx: Tx, given: { unit: number; by: string; ids: readonly string[] }): Promise<{ id: string; name: string }[]> {
  if (given.ids.length === 0) return []
  const rows = await many<{ id: string; name: string }>(tx, sql`select id, name from file where unit_id = ${given.unit} and created_by = ${given.by} and id = any(${given.ids}::uuid[])`)
  return given.ids.flatMap((id) => rows.find((row) => row.id === id) ?? [])
}
