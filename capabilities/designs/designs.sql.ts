import { json, many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import type { Condition } from '../units/units.reads.ts'
import type { Content, DesignState } from './design.ts'

export type DesignLine = {
  id: number
  unit: number
  unitName: string
  pack: string
  titleZh: string
  titleEn: string
  state: DesignState
  version: number
  content: Content
  bases: Record<string, number>
  reasons: Record<string, string>
  createdBy: string
  savedBy: string
  savedAt: string
  submittedBy: string | null
  submittedAt: string | null
  note: string | null
  decidedBy: string | null
  decidedAt: string | null
  reason: string | null
}

const columns = sql`d.id, d.unit_id as unit, u.name as "unitName", d.pack, d.title_zh as "titleZh", d.title_en as "titleEn", d.state, d.version,
  d.bases, d.reasons, d.created_by as "createdBy", d.saved_by as "savedBy", d.saved_at as "savedAt", d.submitted_by as "submittedBy",
  d.submitted_at as "submittedAt", d.note, d.decided_by as "decidedBy", d.decided_at as "decidedAt", d.reason`

export function designOf(tx: Tx, id: number): Promise<DesignLine | undefined> {
  return maybe(tx, sql`select ${columns}, d.content from design d join unit u on u.id = d.unit_id where d.id = ${id}`)
}

/** Locks the design until the transaction ends. */
export function designToChange(tx: Tx, id: number): Promise<DesignLine | undefined> {
  return maybe(tx, sql`select ${columns}, d.content from design d join unit u on u.id = d.unit_id where d.id = ${id} for update of d`)
}

export type DesignShort = Omit<DesignLine, 'content'> & { forms: number; indicators: number; lists: number }

export async function findDesigns(tx: Tx, scope: Condition, { q, state, limit, offset }: { q?: string | undefined; state?: DesignState | undefined; limit: number; offset: number }) {
  const count = (section: string) => sql`coalesce(jsonb_array_length(d.content->'sections'->${section}::text), 0)`
  const from = sql`from design d join unit u on u.id = d.unit_id
    where ${scope} and (${state ?? null}::text is null or d.state = ${state ?? ''})
      and (${q ?? null}::text is null or d.title_zh ilike '%' || ${q ?? ''}::text || '%' or d.title_en ilike '%' || ${q ?? ''}::text || '%' or d.pack ilike ${q ?? ''}::text || '%')`
  const rows = await many<DesignShort>(
    tx,
    sql`select ${columns}, ${count('forms')} as forms, ${count('indicators')} as indicators, ${count('listTemplates')} as lists ${from}
        order by (d.state = 'registered'), d.saved_at desc, d.id limit ${limit} offset ${offset}`,
  )
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total ${from}`)
  return { rows, total }
}

export async function addDesign(tx: Tx, design: { unit: number; content: Content; bases: Record<string, number>; by: string; at: Date }): Promise<number> {
  const { head } = design.content
  const { id } = await one<{ id: number }>(
    tx,
    sql`insert into design (unit_id, pack, title_zh, title_en, content, bases, created_by, created_at, saved_by, saved_at)
        values (${design.unit}, ${head.code}, ${head.title.zh}, ${head.title.en}, ${json(design.content)}, ${json(design.bases)}, ${design.by}, ${design.at}, ${design.by}, ${design.at})
        returning id`,
  )
  return id
}

/** A design that is only looked at and never kept. */
export function asLine({ unit, content, bases }: { unit: number; content: Content; bases: Record<string, number> }): DesignLine {
  const nobody = { createdBy: '', savedBy: '', savedAt: '', submittedBy: null, submittedAt: null, note: null, decidedBy: null, decidedAt: null, reason: null }
  return { id: 0, unit, unitName: '', pack: content.head.code, titleZh: content.head.title.zh, titleEn: content.head.title.en, state: 'draft', version: 1, content, bases, reasons: {}, ...nobody }
}

export function saveDesign(tx: Tx, id: number, to: { content: Content; reasons: Record<string, string>; by: string; at: Date }): Promise<{ version: number; savedAt: string }> {
  const { head } = to.content
  return one(
    tx,
    sql`update design set content = ${json(to.content)}, reasons = ${json(to.reasons)}, pack = ${head.code}, title_zh = ${head.title.zh}, title_en = ${head.title.en},
          saved_by = ${to.by}, saved_at = ${to.at}, version = version + 1
        where id = ${id} returning version, saved_at as "savedAt"`,
  )
}

export function submitDesign(tx: Tx, id: number, { by, at, note }: { by: string; at: Date; note: string | null }): Promise<{ version: number }> {
  return one(tx, sql`update design set state = 'review', submitted_by = ${by}, submitted_at = ${at}, note = ${note}, reason = null, version = version + 1 where id = ${id} returning version`)
}

export function decideDesign(tx: Tx, id: number, to: { state: DesignState; by: string; at: Date; reason: string | null; content?: Content }): Promise<{ version: number }> {
  return one(
    tx,
    sql`update design set state = ${to.state}, decided_by = ${to.by}, decided_at = ${to.at}, reason = ${to.reason}, content = coalesce(${to.content ? json(to.content) : null}::jsonb, content),
          version = version + 1 where id = ${id} returning version`,
  )
}

export function returnToDraft(tx: Tx, id: number): Promise<{ version: number }> {
  return one(tx, sql`update design set state = 'draft', version = version + 1 where id = ${id} returning version`)
}

export function removeDesign(tx: Tx, id: number): Promise<number> {
  return run(tx, sql`delete from design where id = ${id}`)
}

/** @returns the unit that brought a pack into being by a design; undefined when it came by the command line */
export function makerOf(tx: Tx, pack: string): Promise<{ unit: number; name: string } | undefined> {
  return maybe(tx, sql`select d.unit_id as unit, u.name from design d join unit u on u.id = d.unit_id where d.pack = ${pack} and d.state = 'registered' order by d.decided_at, d.id limit 1`)
}

/** Which pack each of these definitions belongs to now, by code; definitions without a pack are left out. */
export async function packsOf(tx: Tx, table: 'data_item' | 'form' | 'indicator' | 'programme' | 'list_template' | 'synonym_group', codes: readonly string[]): Promise<Map<string, string>> {
  const rows = await many<{ code: string; pack: string }>(tx, sql`select code, pack from ${sql.table(table)} where code = any(${codes}::text[]) and pack is not null`)
  return new Map(rows.map(({ code, pack }) => [code, pack]))
}

/** Writes down which unit the forms of a design belong to. */
export function ownForms(tx: Tx, forms: readonly string[], unit: number): Promise<number> {
  return run(tx, sql`update form set owner_unit = ${unit} where code = any(${forms}::text[])`)
}
