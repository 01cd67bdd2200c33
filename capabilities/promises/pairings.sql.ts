import { many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import type { Condition } from '../units/units.reads.ts'
import type { PairingDone } from './promises.contract.ts'

export type PairingRow = {
  id: number; helper: number; helperName: string; helped: number; helpedName: string; purpose: string; from: string; until: string; state: 'running' | 'ended'; version: number; reason: string | null
  resources: number; needs: number; done: number
}
const columns = sql`p.id, p.helper_unit as helper, a.name as "helperName", p.helped_unit as helped, b.name as "helpedName", p.purpose, p.from_date as from, p.until_date as until, p.state, p.version, p.reason,
  (select count(*) from pairing_entry e where e.pairing_id = p.id and e.kind = 'resource' and e.state = 'open')::int as resources,
  (select count(*) from pairing_entry e where e.pairing_id = p.id and e.kind = 'need' and e.state = 'open')::int as needs,
  (select count(*) from pairing_done d where d.pairing_id = p.id)::int as done`
const from = sql`from pairing p join unit a on a.id = p.helper_unit join unit b on b.id = p.helped_unit`

/** How a pairing stands: its last day ends it for the time being, nobody types it. */
const standing = (today: string) => sql`case when p.state = 'ended' then 'ended' when p.until_date < ${today}::date then 'expired' else 'running' end`

/** @param scope a condition on alias `s`: either side, or somebody above one of them, reads it */
export async function pairingsIn(tx: Tx, scope: Condition, today: string, { state, q, limit, offset }: { state?: string | undefined; q?: string | undefined; limit: number; offset: number }) {
  const where = sql`exists (select from unit s where s.id in (p.helper_unit, p.helped_unit) and ${scope}) and (${state ?? null}::text is null or ${standing(today)} = ${state ?? ''})
    and (${q ?? null}::text is null or a.name ilike '%' || ${q ?? ''}::text || '%' or b.name ilike '%' || ${q ?? ''}::text || '%' or p.purpose ilike '%' || ${q ?? ''}::text || '%')`
  const rows = await many<PairingRow>(tx, sql`select ${columns} ${from} where ${where} order by (p.state = 'running') desc, p.until_date, p.id limit ${limit} offset ${offset}`)
  return { rows, ...(await one<{ total: number }>(tx, sql`select count(*)::int as total ${from} where ${where}`)) }
}

export function pairingOf(tx: Tx, id: number): Promise<PairingRow | undefined> {
  return maybe(tx, sql`select ${columns} ${from} where p.id = ${id}`)
}
export function pairingForUpdate(tx: Tx, id: number): Promise<PairingRow | undefined> {
  return maybe(tx, sql`select ${columns} ${from} where p.id = ${id} for update of p`)
}

/** @returns the new pairing; undefined when the two are paired in this way already */
export function addPairing(tx: Tx, of: { helper: number; helped: number; purpose: string; from: string; until: string; by: string; at: Date }): Promise<{ id: number; version: number } | undefined> {
  return maybe(
    tx,
    sql`insert into pairing (helper_unit, helped_unit, purpose, from_date, until_date, made_by, made_at) values (${of.helper}, ${of.helped}, ${of.purpose}, ${of.from}, ${of.until}, ${of.by}, ${of.at})
        on conflict do nothing returning id, version`,
  )
}

export function movePairing(tx: Tx, id: number, to: { state: string; until?: string; reason?: string }): Promise<number> {
  return run(
    tx,
    sql`update pairing set state = ${to.state}, until_date = coalesce(${to.until ?? null}::date, until_date), told_before = case when ${to.until ?? null}::date is null then told_before end,
          reason = coalesce(${to.reason ?? null}::text, reason), version = version + 1 where id = ${id}`,
  )
}

export type EntryRow = { id: number; pairing: number; kind: 'resource' | 'need'; text: string; state: 'open' | 'met' | 'withdrawn'; addedOn: string; reason: string | null; used: number }
const entryColumns = sql`e.id, e.pairing_id as pairing, e.kind, e.text, e.state, e.added_on as "addedOn", e.reason, (select count(*) from pairing_done d where d.resource_id = e.id or d.need_id = e.id)::int as used`
export function entriesOf(tx: Tx, pairing: number): Promise<EntryRow[]> {
  return many(tx, sql`select ${entryColumns} from pairing_entry e where e.pairing_id = ${pairing} order by e.id`)
}
export function entryForUpdate(tx: Tx, pairing: number, id: number): Promise<EntryRow | undefined> {
  return maybe(tx, sql`select ${entryColumns} from pairing_entry e where e.pairing_id = ${pairing} and e.id = ${id} for update of e`)
}
export async function addEntry(tx: Tx, of: { pairing: number; kind: string; text: string; by: string; on: string }): Promise<number> {
  return (await one<{ id: number }>(tx, sql`insert into pairing_entry (pairing_id, kind, text, added_by, added_on) values (${of.pairing}, ${of.kind}, ${of.text}, ${of.by}, ${of.on}) returning id`)).id
}
export function moveEntry(tx: Tx, id: number, state: string, reason: string | null): Promise<number> {
  return run(tx, sql`update pairing_entry set state = ${state}, reason = ${reason} where id = ${id}`)
}

export async function addDone(tx: Tx, of: { pairing: number; resource: number; need: number; on: string; result: string; by: string; at: Date }): Promise<number> {
  return (await one<{ id: number }>(tx, sql`insert into pairing_done (pairing_id, resource_id, need_id, done_on, result, by, at) values (${of.pairing}, ${of.resource}, ${of.need}, ${of.on}, ${of.result}, ${of.by}, ${of.at}) returning id`)).id
}
export function doneOf(tx: Tx, pairing: number): Promise<PairingDone[]> {
  return many(
    tx,
    sql`select d.id, r.text as resource, n.text as need, d.done_on as on, d.result from pairing_done d join pairing_entry r on r.id = d.resource_id join pairing_entry n on n.id = d.need_id
        where d.pairing_id = ${pairing} order by d.done_on desc, d.id desc`,
  )
}

/** Marks what ends by `until` as told, once. */
export function tellPairingsEnd(tx: Tx, today: string, until: string): Promise<{ id: number; helper: number; helped: number; purpose: string; until: string }[]> {
  return many(
    tx,
    sql`update pairing set told_before = ${today} where state = 'running' and told_before is null and until_date between ${today}::date and ${until}::date
        returning id, helper_unit as helper, helped_unit as helped, purpose, until_date as until`,
  )
}
