import { many, one, sql, type Tx } from '../../server/db.ts'
import { inSubtree, type Unit } from '../units/units.reads.ts'
import type { ChangeKind } from './change.ts'
import type { KinLink } from './kin.ts'

/**
 * @param date a civil date
 * @returns the unit and everything that rolled up to it on that date, by the versions of the units (C1); an ended unit
 *   that had gone into this one by then belongs to it
 */
export async function unitsBelowAt(tx: Tx, unit: number, date: string): Promise<number[]> {
  const rows = await many<{ id: number }>(
    tx,
    sql`with recursive placed as (
          select u.id, case when f.unit_id is null then (case when u.management = 'line' then u.line_parent else u.area_parent end)
            when f.management = 'line' then f.line_parent else f.area_parent end as parent
          from unit u left join lateral (
            select * from unit_former f where f.unit_id = u.id and f.valid_to >= ${date}::date order by f.valid_from limit 1) f on u.valid_from > ${date}::date
        ), kin(id) as (
          select ${unit}::int union
          select s.unit_id from kin k join unit_successor s on s.successor_id = k.id join unit_change c on c.id = s.change_id
          where c.kind = 'merge' and c.on_date <= ${date}::date
        ), below(id) as (select id from kin union select p.id from below b join placed p on p.parent = b.id)
        select id from below order by id`,
  )
  return rows.map((row) => row.id)
}

/** @returns the unit and everything that rolls up to it today, ended units where those hang that carry them on */
export async function unitsBelowNow(tx: Tx, unit: Unit): Promise<number[]> {
  return (await many<{ id: number }>(tx, sql`select u.id from unit u where ${inSubtree('u', unit)} order by u.id`)).map((row) => row.id)
}

/**
 * @returns by unit, who came after it, as far as it matters for the figures of `unit` and what is below: of every ended
 *   unit whose way leads through a split with shares, and of those that went into `unit`
 */
export async function kinLinks(tx: Tx, unit: number): Promise<Map<number, KinLink[]>> {
  const links = await many<KinLink>(
    tx,
    sql`with recursive before(id) as (
          select unit_id from unit_successor where share is not null or successor_id = ${unit}
          union select s.unit_id from before b join unit_successor s on s.successor_id = b.id
        ), way(id) as (
          select id from before union select s.successor_id from way w join unit_successor s on s.unit_id = w.id
        )
        select s.unit_id as unit, s.successor_id as successor, trim_scale(s.share)::text as share, s.main, c.kind
        from way w join unit_successor s on s.unit_id = w.id join unit_change c on c.id = s.change_id and c.kind in ('merge', 'split')
        join unit u on u.id = s.unit_id and u.state <> 'active' order by s.unit_id, s.main desc, s.successor_id`,
  )
  return Map.groupBy(links, (link) => link.unit)
}

export type MovedBy = { unit: number; change: number; kind: ChangeKind; on: string; document: string }
/** @returns by unit, the last change after the date that moved it */
export async function movedAfter(tx: Tx, units: readonly number[], date: string): Promise<Map<number, MovedBy>> {
  const rows = await many<MovedBy>(
    tx,
    sql`select distinct on (cu.unit_id) cu.unit_id as unit, c.id as change, c.kind, c.on_date as on, c.document
        from unit_change_unit cu join unit_change c on c.id = cu.change_id and c.state = 'done'
        where cu.unit_id = any(${units}::int[]) and c.on_date > ${date}::date order by cu.unit_id, c.on_date desc, c.id desc`,
  )
  return new Map(rows.map((row) => [row.unit, row]))
}

/** @returns who came directly after a unit */
export function afterUnit(tx: Tx, unit: number): Promise<{ unit: number; name: string; share: string | null }[]> {
  return many(tx, sql`select u.id as unit, u.name, trim_scale(s.share)::text as share from unit_successor s join unit u on u.id = s.successor_id where s.unit_id = ${unit} order by s.main desc, u.code`)
}

/** @returns since when a unit is there that a merge or split has made; null: it was there before the register */
export async function firstDayOf(tx: Tx, unit: number): Promise<string | null> {
  const { born } = await one<{ born: string | null }>(
    tx,
    sql`with first as (select least(u.valid_from, (select min(f.valid_from) from unit_former f where f.unit_id = u.id)) as day from unit u where u.id = ${unit})
        select (select first.day from first where exists (
          select from unit_successor s join unit_change c on c.id = s.change_id where s.successor_id = ${unit} and c.kind in ('merge', 'split') and c.on_date = first.day)) as born`,
  )
  return born
}

/** What a change has decided about a unit and no file may write back. */
export type Decided = {
  code: string
  name: string
  state: 'active' | 'merged' | 'split' | 'abolished'
  /** Its name was given by a change, or its residents were put together by one. */
  renamed: boolean
  summed: boolean
  change: number
  on: string
  document: string
  /** Of an ended unit: the code of the standing unit that carries on what was open. */
  heir: string | null
}

/** @returns of these units those that a change which stands has ended, renamed, or given the residents of others */
export function decidedByChanges(tx: Tx, codes: readonly string[]): Promise<Decided[]> {
  return many<Decided>(
    tx,
    sql`with recursive told as (
          select u.id, u.code, u.name, u.state, c.id as change, c.on_date as on, c.document, c.kind, cu.role
          from unit u join unit_change_unit cu on cu.unit_id = u.id join unit_change c on c.id = cu.change_id and c.state = 'done'
          where u.code = any(${codes}::text[])
        ), decided as (
          select id, code, name, state, bool_or(kind = 'rename' and role = 'moved') as renamed, bool_or(kind = 'merge' and role = 'successor') as summed,
            (array_agg(change order by change desc))[1] as change, (array_agg("on" order by change desc))[1] as on, (array_agg(document order by change desc))[1] as document
          from told where (kind = 'rename' and role = 'moved') or (kind = 'merge' and role = 'successor') or (role = 'predecessor' and state <> 'active')
          group by id, code, name, state
        ), way(id, at, depth) as (
          select id, id, 0 from decided where state <> 'active'
          union all select w.id, s.successor_id, w.depth + 1 from way w join unit x on x.id = w.at and x.state <> 'active' join unit_successor s on s.unit_id = w.at and s.main where w.depth < 100
        )
        select d.code, d.name, d.state, d.renamed, d.summed, d.change, d.on, d.document,
          (select h.code from way w join unit h on h.id = w.at and h.state = 'active' where w.id = d.id limit 1) as heir
        from decided d order by d.code`,
  )
}
