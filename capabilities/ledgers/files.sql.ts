import { maybe, one, sql, type Tx } from '../../server/db.ts'

export type FileRow = { id: string; sha256: string; bytes: number; name: string; type: string; unit: number }

export function fileOf(tx: Tx, id: string): Promise<FileRow | undefined> {
  return maybe<FileRow>(tx, sql`select id, sha256, bytes, name, type, unit_id as unit from file where id = ${id}::uuid`)
}

export async function insertFile(tx: Tx, file: Omit<FileRow, 'id'> & { by: string; at: Date }): Promise<string> {
  return (await one<{ id: string }>(
    tx,
    sql`insert into file (sha256, bytes, name, type, unit_id, created_by, created_at)
        values (${file.sha256}, ${file.bytes}, ${file.name}, ${file.type}, ${file.unit}, ${file.by}, ${file.at}) returning id`,
  )).id
}
