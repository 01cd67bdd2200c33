import { json, many, maybe, run, sql, type Tx } from '../../server/db.ts'
import { unitColumns, type Unit } from './units.reads.ts'

/** What the room of changes may do to units and posts: each is a statement of this room, in the caller's transaction. */
export {
  classOf, insertPost, insertUnit, keepFormer, liesBelow, lockStructure, saveEnded, saveName, saveParents, unitForUpdate, writeHeirPaths, writePaths, writeTallies,
} from './units.sql.ts'
export { initialsOf } from './initials.ts'

// ---- trees

/** @returns the active units that hang directly below one of these, in either tree */
export function childrenOfAny(tx: Tx, ids: readonly number[]): Promise<Unit[]> {
  return many<Unit>(tx, sql`select ${unitColumns()} from unit u where (u.area_parent = any(${ids}::int[]) or u.line_parent = any(${ids}::int[])) and u.state = 'active' order by u.code for update`)
}

/** @returns these units and everything below them in the roll-up tree, ended ones too */
export async function withAllBelow(tx: Tx, ids: readonly number[]): Promise<number[]> {
  const rows = await many<{ id: number }>(
    tx,
    sql`select u.id from unit u where u.id = any(${ids}::int[]) or u.l1 = any(${ids}::int[]) or u.l2 = any(${ids}::int[]) or u.l3 = any(${ids}::int[]) or u.l4 = any(${ids}::int[]) order by u.id`,
  )
  return rows.map((row) => row.id)
}

/** @returns every unit that came before one of these, and before those */
export async function allBefore(tx: Tx, ids: readonly number[]): Promise<number[]> {
  const rows = await many<{ id: number }>(
    tx,
    sql`with recursive before(id) as (
          select unit_id from unit_successor where successor_id = any(${ids}::int[]) union select s.unit_id from before b join unit_successor s on s.successor_id = b.id
        ) select id from before order by id`,
  )
  return rows.map((row) => row.id)
}

/**
 * Hangs every ended unit where the unit hangs that carries it on, so that on today's tree its reports count there.
 * Where nobody of its own rank carries it on (it was abolished), it stays where it hung.
 * @param touched units that ended or were hung elsewhere: only they and those before them can hang wrong
 * @returns the units that were hung elsewhere
 */
export async function hangWithHeirs(tx: Tx, touched: readonly number[]): Promise<number[]> {
  const rows = await many<{ id: number }>(
    tx,
    sql`with recursive before(id) as (
          select unnest(${touched}::int[]) union select s.unit_id from before b join unit_successor s on s.successor_id = b.id
        ), on_by(id, heir, depth) as (
          select s.unit_id, s.successor_id, 1 from before b join unit_successor s on s.unit_id = b.id join unit u on u.id = s.unit_id and u.state <> 'active'
            join unit_change c on c.id = s.change_id and c.kind in ('merge', 'split') where s.main
          union all
          select o.id, s.successor_id, o.depth + 1 from on_by o join unit u on u.id = o.heir and u.state <> 'active' join unit_successor s on s.unit_id = o.heir and s.main
            join unit_change c on c.id = s.change_id and c.kind in ('merge', 'split') where o.depth < 100
        ), last as (select distinct on (id) id, heir from on_by order by id, depth desc)
        update unit u set area_parent = h.area_parent, line_parent = h.line_parent, management = h.management
        from last l join unit h on h.id = l.heir
        where u.id = l.id and u.level = h.level and (u.area_parent, u.line_parent, u.management) is distinct from (h.area_parent, h.line_parent, h.management)
        returning u.id`,
  )
  return rows.map((row) => row.id)
}

// ---- as it stood, for undoing

export type UnitBefore = { id: number; name: string; initials: string; areaParent: number | null; lineParent: number | null; management: string; state: string; validFrom: string; validTo: string | null; residents: number | null; version: number }
export type FormerBefore = { unit: number; validFrom: string; validTo: string; name: string; class: string; areaParent: number | null; lineParent: number | null; management: string; state: string; reason: string }

export function unitsBefore(tx: Tx, ids: readonly number[]): Promise<UnitBefore[]> {
  return many(
    tx,
    sql`select id, name, initials, area_parent as "areaParent", line_parent as "lineParent", management, state, valid_from as "validFrom", valid_to as "validTo", residents, version
        from unit where id = any(${ids}::int[]) order by id`,
  )
}

export function formersBefore(tx: Tx, ids: readonly number[]): Promise<FormerBefore[]> {
  return many(
    tx,
    sql`select unit_id as unit, valid_from as "validFrom", valid_to as "validTo", name, class, area_parent as "areaParent", line_parent as "lineParent", management, state, reason
        from unit_former where unit_id = any(${ids}::int[]) order by 1, 2`,
  )
}

/** Brings units back to how they stood; their versions go on. */
export async function restoreUnits(tx: Tx, units: readonly UnitBefore[], formers: readonly FormerBefore[]): Promise<void> {
  await run(
    tx,
    sql`update unit u set name = x.name, initials = x.initials, area_parent = x."areaParent", line_parent = x."lineParent", management = x.management, state = x.state,
          valid_from = x."validFrom", valid_to = x."validTo", residents = x.residents, heir_path = '{}', version = u.version + 1
        from jsonb_to_recordset(${json(units)}) x(id int, name text, initials text, "areaParent" int, "lineParent" int, management text, state text, "validFrom" date, "validTo" date, residents int)
        where u.id = x.id`,
  )
  await run(tx, sql`delete from unit_former where unit_id = any(${units.map((one) => one.id)}::int[])`)
  await run(
    tx,
    sql`insert into unit_former (unit_id, valid_from, valid_to, name, class, area_parent, line_parent, management, state, reason)
        select unit, "validFrom", "validTo", name, class, "areaParent", "lineParent", management, state, reason
        from jsonb_to_recordset(${json(formers)}) x(unit int, "validFrom" date, "validTo" date, name text, class text, "areaParent" int, "lineParent" int, management text, state text, reason text)`,
  )
}

/** @returns whether anything hangs below one of these units, or a body is kept there, besides the units named */
export async function hangsAnything(tx: Tx, ids: readonly number[], known: readonly number[]): Promise<boolean> {
  return (
    (await maybe(
      tx,
      sql`select 1 as yes from unit where (area_parent = any(${ids}::int[]) or line_parent = any(${ids}::int[])) and id <> all(${known}::int[]) limit 1`,
    )) !== undefined
  )
}

/** Takes a unit away that was made today by a change that is undone; nothing may refer to it. */
export async function removeUnit(tx: Tx, id: number): Promise<void> {
  await run(tx, sql`update post set successor = null where successor in (select id from post where unit_id = ${id})`)
  await run(tx, sql`delete from post where unit_id = ${id}`)
  await run(tx, sql`delete from unit_tally where unit_id = ${id}`)
  await run(tx, sql`delete from notice_seen where notice_id in (select id from notice where unit_id = ${id})`)
  await run(tx, sql`delete from notice where unit_id = ${id}`)
  await run(tx, sql`delete from unit where id = ${id}`)
}

export function addResidents(tx: Tx, id: number, residents: number): Promise<number> {
  return run(tx, sql`update unit set residents = coalesce(residents, 0) + ${residents} where id = ${id}`)
}

// ---- posts

export type OpenPost = { id: number; unit: number; kind: string; title: string; required: boolean; ab: 'A' | 'B' | null }

/** @returns posts of these units that have not ended on `on` */
export function openPostsOf(tx: Tx, units: readonly number[], on: string): Promise<OpenPost[]> {
  return many(
    tx,
    sql`select p.id, p.unit_id as unit, p.kind, p.title, p.required, p.ab from post p where p.unit_id = any(${units}::int[]) and (p.valid_to is null or p.valid_to > ${on}::date) order by p.unit_id, p.id`,
  )
}

/** Ends a post because its unit ends, and says which post takes its place. */
export function endPostFor(tx: Tx, id: number, { on, successor, reason }: { on: string; successor: number | null; reason: string }): Promise<number> {
  return run(tx, sql`update post set valid_to = greatest(valid_from, ${on}::date), successor = ${successor}, end_reason = ${reason}, version = version + 1 where id = ${id}`)
}

export function reopenPosts(tx: Tx, ids: readonly number[]): Promise<number> {
  return run(tx, sql`update post set valid_to = null, successor = null, end_reason = null, version = version + 1 where id = any(${ids}::int[])`)
}

export function removePosts(tx: Tx, ids: readonly number[]): Promise<number> {
  return run(tx, sql`delete from post where id = any(${ids}::int[])`)
}

// ---- coordinating bodies

export type BodyHanded = { id: number; name: string; place: 'unit' | 'office' | 'member'; /** The successor was a member already. */ was: boolean }

/** Bodies of the unit, those whose office it keeps and those it is a member of go on with who comes after it. */
export async function handBodies(tx: Tx, from: number, to: number): Promise<BodyHanded[]> {
  const own = await many<{ id: number; name: string }>(tx, sql`update coordinating_body set unit_id = ${to} where unit_id = ${from} returning id, name`)
  const office = await many<{ id: number; name: string }>(tx, sql`update coordinating_body set office_unit = ${to} where office_unit = ${from} returning id, name`)
  const member = await many<{ id: number; name: string; was: boolean }>(
    tx,
    sql`with gone as (delete from coordinating_member where unit_id = ${from} returning body_id),
          known as (select m.body_id from coordinating_member m where m.unit_id = ${to}),
          added as (insert into coordinating_member (body_id, unit_id) select body_id, ${to}::int from gone on conflict do nothing)
        select b.id, b.name, exists (select from known k where k.body_id = b.id) as was from gone g join coordinating_body b on b.id = g.body_id order by b.id`,
  )
  return [
    ...own.map((one) => ({ ...one, place: 'unit' as const, was: false })),
    ...office.map((one) => ({ ...one, place: 'office' as const, was: false })),
    ...member.map((one) => ({ ...one, place: 'member' as const })),
  ]
}

/** Bodies go back from `from` to `to`. */
export async function returnBodies(tx: Tx, from: number, to: number, handed: readonly BodyHanded[]): Promise<void> {
  for (const { id, place, was } of handed) {
    if (place === 'unit') await run(tx, sql`update coordinating_body set unit_id = ${to} where id = ${id}`)
    else if (place === 'office') await run(tx, sql`update coordinating_body set office_unit = ${to} where id = ${id}`)
    else {
      if (!was) await run(tx, sql`delete from coordinating_member where body_id = ${id} and unit_id = ${from}`)
      await run(tx, sql`insert into coordinating_member (body_id, unit_id) values (${id}, ${to}) on conflict do nothing`)
    }
  }
}
