import { many, maybe, one, run, sql, type Tx } from '../../server/db.ts'

export type FileRow = { id: string; sha256: string; bytes: number; name: string; type: string; unit: number; by: string }

export function fileOf(tx: Tx, id: string): Promise<FileRow | undefined> {
  return maybe<FileRow>(tx, sql`select id, sha256, bytes, name, type, unit_id as unit, created_by as by from file where id = ${id}::uuid`)
}

export async function insertFile(tx: Tx, file: FileRow & { at: Date }): Promise<void> {
  await run(
    tx,
    sql`insert into file (id, sha256, bytes, name, type, unit_id, created_by, created_at)
        values (${file.id}, ${file.sha256}, ${file.bytes}, ${file.name}, ${file.type}, ${file.unit}, ${file.by}, ${file.at})`,
  )
}

/** @returns those of `ids` that are files of the unit */
export async function filesOfUnit(tx: Tx, unit: number, ids: readonly string[]): Promise<Set<string>> {
  const rows = await many<{ id: string }>(tx, sql`select id from file where unit_id = ${unit} and id = any(${ids}::uuid[])`)
  return new Set(rows.map((row) => row.id))
}

// ---- on their way

export type UploadRow = { id: string; account: string; unit: number; name: string; bytes: number }

export function uploadOf(tx: Tx, id: string): Promise<UploadRow | undefined> {
  return maybe<UploadRow>(tx, sql`select id, account, unit_id as unit, name, bytes from upload where id = ${id}::uuid`)
}

/** @returns whether the upload is new; the same one announced again is the same one */
export async function insertUpload(tx: Tx, upload: UploadRow & { at: Date }): Promise<boolean> {
  const made = await run(
    tx,
    sql`insert into upload (id, account, unit_id, name, bytes, created_at)
        values (${upload.id}, ${upload.account}, ${upload.unit}, ${upload.name}, ${upload.bytes}, ${upload.at}) on conflict do nothing`,
  )
  return made > 0
}

/** @returns how many uploads of this account are unfinished */
export async function unfinishedOf(tx: Tx, account: string): Promise<number> {
  return (await one<{ count: number }>(tx, sql`select count(*)::int as count from upload where account = ${account}`)).count
}

/** @returns whether it was there */
export async function deleteUpload(tx: Tx, id: string): Promise<boolean> {
  return (await run(tx, sql`delete from upload where id = ${id}::uuid`)) > 0
}

/** @returns the ids of the unfinished uploads that began before `until`, oldest first; they are forgotten */
export async function forgetUploadsBefore(tx: Tx, until: Date): Promise<string[]> {
  const rows = await many<{ id: string }>(tx, sql`delete from upload where created_at < ${until} returning id`)
  return rows.map((row) => row.id)
}
