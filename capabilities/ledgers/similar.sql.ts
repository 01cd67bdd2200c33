import { many, maybe, run, sql, type Tx } from '../../server/db.ts'
import type { DataItemDefinition, Words } from './form-definition.ts'

export type HeldNow = { definition: DataItemDefinition; ownerForm: string | null; ownerName: Words | null; audience: string[] | null }

/** @returns everything that is held: each data item with the form that asks it now and whom that form asks */
export function heldNow(tx: Tx): Promise<HeldNow[]> {
  return many<HeldNow>(
    tx,
    sql`select d.definition_json as definition, f.code as "ownerForm", f.audience,
          case when f.code is null then null else jsonb_build_object('zh', f.name_zh, 'en', f.name_en) end as "ownerName"
        from data_item d left join form f on f.code = d.owner_form and f.state not in ('expired', 'withdrawn')
        order by d.code`,
  )
}

export function synonymGroups(tx: Tx): Promise<{ code: string; words: string[] }[]> {
  return many(tx, sql`select code, words from synonym_group order by code`)
}

export async function saveSynonyms(tx: Tx, { code, words }: { code: string; words: readonly string[] }, pack: string): Promise<'added' | 'changed' | 'same'> {
  const before = await maybe<{ same: boolean }>(tx, sql`select words = ${words}::text[] as same from synonym_group where code = ${code}`)
  if (before?.same) return 'same'
  await run(
    tx,
    sql`insert into synonym_group (code, words, pack) values (${code}, ${words}::text[], ${pack})
        on conflict (code) do update set words = excluded.words, pack = excluded.pack`,
  )
  return before ? 'changed' : 'added'
}

/** Takes back the groups of a pack that its new version has not. @returns their codes */
export async function removeSynonyms(tx: Tx, pack: string, kept: readonly string[]): Promise<string[]> {
  const rows = await many<{ code: string }>(tx, sql`delete from synonym_group where pack = ${pack} and not code = any(${kept}::text[]) returning code`)
  return rows.map((row) => row.code)
}
