import { json, many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import type { UnitRow } from './units.contract.ts'
import { isChild, unitColumns, type Condition, type Tree, type Unit } from './units.reads.ts'

type Found = Omit<UnitRow, 'className'> & { zh: string; en: string }
const found = sql`u.id, u.code, u.name, u.class, c.name_zh as zh, c.name_en as en, u.level, u.state,
  (select p.name from unit p where p.id = case when u.management = 'line' then u.line_parent else u.area_parent end) as "parentName"`
const asRow = <Row extends { zh: string; en: string }>({ zh, en, ...row }: Row) => ({ ...row, className: { zh, en } })

const escaped = (text: string) => text.replace(/[\\%_]/g, '\\$&')

/** Finds units in scope: by code from its beginning, by pinyin initials from their beginning, by any part of the name. */
export async function searchUnits(
  tx: Tx,
  filter: { scope: Condition; q: string; class: string | undefined; level: number | undefined; state: string; limit: number; offset: number },
) {
  const { q } = filter
  const text = /^[0-9-]+$/.test(q)
    ? sql`u.code like ${`${escaped(q)}%`}`
    : /^[a-z0-9]+$/i.test(q)
      ? sql`(u.initials like ${`${q.toLowerCase()}%`} or u.code like ${`${escaped(q.toUpperCase())}%`} or u.name ilike ${`%${escaped(q)}%`})`
      : sql`u.name like ${`%${escaped(q)}%`}`
  const where = sql`${filter.scope} and u.state = ${filter.state} and (${q} = '' or ${text})
    and (${filter.class ?? null}::text is null or u.class = ${filter.class ?? ''}) and (${filter.level ?? null}::int is null or u.level = ${filter.level ?? 0})`
  // A short name that is all of what was typed comes first, then the higher units.
  const rows = await many<Found>(
    tx,
    sql`select ${found} from unit u join unit_class c on c.code = u.class where ${where}
        order by (u.name = ${q}) desc, u.level, length(u.name), u.code limit ${filter.limit} offset ${filter.offset}`,
  )
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total from unit u where ${where}`)
  return { rows: rows.map(asRow), total }
}

/** The condition “is one of these units”. */
export function isOneOf(alias: string, ids: readonly number[]): Condition {
  return sql`${sql.ref(`${alias}.id`)} = any(${ids}::int[])`
}

export async function unitRows(tx: Tx, ids: readonly number[]) {
  const rows = await many<Found>(tx, sql`select ${found} from unit u join unit_class c on c.code = u.class where u.id = any(${ids}::int[]) order by u.level, u.code`)
  return rows.map(asRow)
}

export async function addressed(tx: Tx, condition: Condition, limit: number) {
  const { units } = await one<{ units: number }>(tx, sql`select count(*)::int as units from unit u where ${condition}`)
  const rows = await many<Found>(tx, sql`select ${found} from unit u join unit_class c on c.code = u.class where ${condition} order by u.code limit ${limit}`)
  return { units, first: rows.map(asRow) }
}

type Below = { unit: number; class: string; zh: string; en: string; units: number }
export async function tallies(tx: Tx, ids: readonly number[]): Promise<Map<number, { class: string; name: { zh: string; en: string }; units: number }[]>> {
  const rows = await many<Below>(
    tx,
    sql`select t.unit_id as unit, t.class, c.name_zh as zh, c.name_en as en, t.units from unit_tally t join unit_class c on c.code = t.class
        where t.unit_id = any(${ids}::int[]) and t.units > 0 order by c.level, c.ordinal`,
  )
  const perUnit = new Map<number, { class: string; name: { zh: string; en: string }; units: number }[]>()
  for (const { unit, class: code, zh, en, units } of rows) perUnit.set(unit, [...(perUnit.get(unit) ?? []), { class: code, name: { zh, en }, units }])
  return perUnit
}

type FoundChild = Found & { management: 'area' | 'line' | 'dual'; children: number }
export async function childPage(tx: Tx, of: Condition, tree: Tree, { limit, offset }: { limit: number; offset: number }) {
  const parent = { area: sql`b.area_parent = u.id`, line: sql`b.line_parent = u.id`, rollUp: sql`(b.area_parent = u.id and b.management <> 'line' or b.line_parent = u.id and b.management = 'line')` }[tree]
  const rows = await many<FoundChild>(
    tx,
    sql`select ${found}, u.management, (select count(*)::int from unit b where ${parent} and b.state = 'active') as children
        from unit u join unit_class c on c.code = u.class where ${of} and u.state = 'active'
        order by c.level, c.ordinal, u.code limit ${limit} offset ${offset}`,
  )
  const { total } = await one<{ total: number }>(tx, sql`select count(*)::int as total from unit u where ${of} and u.state = 'active'`)
  return { rows: rows.map(asRow), total }
}

export function childCount(tx: Tx, unit: number): Promise<{ children: number }> {
  return one(tx, sql`select count(*)::int as children from unit u where ${isChild('u', unit)} and u.state = 'active'`)
}

export function classList(tx: Tx) {
  return many<{ code: string; zh: string; en: string; level: number }>(tx, sql`select code, name_zh as zh, name_en as en, level from unit_class order by level, ordinal, code`)
}

export function postKindList(tx: Tx) {
  return many<{ code: string; zh: string; en: string; verbs: string[]; admin: 'system' | 'security' | 'audit' | null }>(
    tx,
    sql`select code, name_zh as zh, name_en as en, verbs, admin from post_kind order by code`,
  )
}

export type PostRow = { id: number; unit: number; kind: string; zh: string; en: string; title: string; required: boolean; ab: 'A' | 'B' | null; version: number }
const postColumns = sql`p.id, p.unit_id as unit, p.kind, k.name_zh as zh, k.name_en as en, p.title, p.required, p.ab, p.version`
export function postsOf(tx: Tx, unit: number, today: string): Promise<PostRow[]> {
  return many<PostRow>(
    tx,
    sql`select ${postColumns} from post p join post_kind k on k.code = p.kind where p.unit_id = ${unit} and (p.valid_to is null or p.valid_to > ${today}::date) order by p.id`,
  )
}
export function postForUpdate(tx: Tx, id: number): Promise<PostRow | undefined> {
  return maybe<PostRow>(tx, sql`select ${postColumns} from post p join post_kind k on k.code = p.kind where p.id = ${id} for update of p`)
}
export async function insertPost(tx: Tx, post: { unit: number; kind: string; title: string; required: boolean; ab: string | null; from: string }): Promise<number> {
  return (await one<{ id: number }>(
    tx,
    sql`insert into post (unit_id, kind, title, required, ab, valid_from) values (${post.unit}, ${post.kind}, ${post.title}, ${post.required}, ${post.ab}, ${post.from}) returning id`,
  )).id
}
export function endPost(tx: Tx, id: number, on: string): Promise<number> {
  return run(tx, sql`update post set valid_to = greatest(valid_from, ${on}::date), version = version + 1 where id = ${id}`)
}

export function bodiesOf(tx: Tx, unit: number) {
  return many<{ id: number; name: string; officeName: string | null; members: { id: number; name: string }[] }>(
    tx,
    sql`select b.id, b.name, o.name as "officeName",
          coalesce((select json_agg(json_build_object('id', m.id, 'name', m.name) order by m.code) from coordinating_member cm join unit m on m.id = cm.unit_id where cm.body_id = b.id), '[]') as members
        from coordinating_body b left join unit o on o.id = b.office_unit where b.unit_id = ${unit} order by b.id`,
  )
}

export function formersOf(tx: Tx, unit: number) {
  return many<{ validFrom: string; validTo: string; name: string; areaParentName: string | null; lineParentName: string | null; management: 'area' | 'line' | 'dual'; state: string; reason: string }>(
    tx,
    sql`select f.valid_from as "validFrom", f.valid_to as "validTo", f.name, a.name as "areaParentName", l.name as "lineParentName", f.management, f.state, f.reason
        from unit_former f left join unit a on a.id = f.area_parent left join unit l on l.id = f.line_parent
        where f.unit_id = ${unit} order by f.valid_from desc`,
  )
}

/** The unit, locked until the transaction ends. */
export function unitForUpdate(tx: Tx, id: number): Promise<Unit | undefined> {
  return maybe<Unit>(tx, sql`select ${unitColumns()} from unit u where u.id = ${id} for update`)
}

/** Structure changes wait for each other, so that two moves at once cannot close a circle. */
export function lockStructure(tx: Tx): Promise<unknown> {
  return run(tx, sql`select pg_advisory_xact_lock(hashtext('unit structure'))`)
}

export function classOf(tx: Tx, code: string): Promise<{ level: number } | undefined> {
  return maybe(tx, sql`select level from unit_class where code = ${code}`)
}

export async function insertUnit(
  tx: Tx,
  unit: { code: string; name: string; initials: string; kind: string; class: string; level: number; areaParent: number; lineParent: number | null; management: string; from: string; residents: number | null },
): Promise<number | undefined> {
  const row = await maybe<{ id: number }>(
    tx,
    sql`insert into unit (code, name, initials, kind, class, level, area_parent, line_parent, management, valid_from, residents)
        values (${unit.code}, ${unit.name}, ${unit.initials}, ${unit.kind}, ${unit.class}, ${unit.level}, ${unit.areaParent}, ${unit.lineParent}, ${unit.management}, ${unit.from}, ${unit.residents})
        on conflict (code) do nothing returning id`,
  )
  return row?.id
}

/** Keeps what the unit was until the day before `from`. Of several changes on one day, what it was before the last is kept. */
export function keepFormer(tx: Tx, unit: Unit, from: string, reason: string): Promise<number> {
  return run(
    tx,
    sql`insert into unit_former (unit_id, valid_from, valid_to, name, class, area_parent, line_parent, management, state, reason)
        select ${unit.id}, ${unit.validFrom}, greatest(${unit.validFrom}::date, ${from}::date - 1), ${unit.name}, ${unit.class}, ${unit.areaParent}, ${unit.lineParent}, ${unit.management}, ${unit.state}, ${reason}
        on conflict (unit_id, valid_from) do update set valid_to = excluded.valid_to, name = excluded.name, class = excluded.class, area_parent = excluded.area_parent,
          line_parent = excluded.line_parent, management = excluded.management, state = excluded.state, reason = excluded.reason`,
  )
}

export function saveName(tx: Tx, id: number, name: string, initials: string, from: string): Promise<number> {
  return run(tx, sql`update unit set name = ${name}, initials = ${initials}, valid_from = ${from}, version = version + 1 where id = ${id}`)
}

export function saveParents(tx: Tx, id: number, to: { areaParent: number | null; lineParent: number | null; management: string; from: string }): Promise<number> {
  return run(
    tx,
    sql`update unit set area_parent = ${to.areaParent}, line_parent = ${to.lineParent}, management = ${to.management}, valid_from = ${to.from}, version = version + 1 where id = ${id}`,
  )
}

/** @param on the first day on which the unit is no more */
export function saveEnded(tx: Tx, id: number, state: 'merged' | 'split' | 'abolished', on: string): Promise<number> {
  return run(tx, sql`update unit set state = ${state}, valid_from = ${on}, valid_to = ${on}, version = version + 1 where id = ${id}`)
}

/** @returns whether `below` lies at or below `above` in either tree: hanging `above` below it would close a circle */
export async function liesBelow(tx: Tx, above: number, below: number): Promise<boolean> {
  const { yes } = await one<{ yes: boolean }>(
    tx,
    sql`with recursive up(id) as (
          select ${below}::int
          union select p from up join unit u on u.id = up.id, unnest(array[u.area_parent, u.line_parent]) p where p is not null
        ) select exists (select from up where id = ${above}) as yes`,
  )
  return yes
}

// A unit hangs below its line parent when it is managed by the line, below its area parent otherwise.
const rollUpParent = sql`case when u.management = 'line' then u.line_parent else u.area_parent end`

/**
 * Writes the paths of a unit and of everything below it anew: l1…l5 along the roll-up tree, `line_path` along the line.
 * `root` undefined: the whole tree (after an import).
 */
export async function writePaths(tx: Tx, root?: number): Promise<void> {
  const tops = root === undefined ? sql`${rollUpParent} is null` : sql`u.id = ${root}`
  await run(
    tx,
    sql`with recursive down as (
          select u.id, u.level, case when p.id is null then array[null, null, null, null, null]::int[] else array[p.l1, p.l2, p.l3, p.l4, p.l5] end as above
          from unit u left join unit p on p.id = ${rollUpParent} where ${tops}
          union all
          select u.id, u.level, d.above[1:d.level - 1] || d.id || d.above[d.level + 1:5]
          from down d cross join lateral (
            select c.id, c.level from unit c where c.area_parent = d.id and c.management <> 'line'
            union all select c.id, c.level from unit c where c.line_parent = d.id and c.management = 'line'
          ) u
        )
        update unit u set l1 = case when d.level = 1 then d.id else d.above[1] end, l2 = case when d.level = 2 then d.id else d.above[2] end,
          l3 = case when d.level = 3 then d.id else d.above[3] end, l4 = case when d.level = 4 then d.id else d.above[4] end, l5 = case when d.level = 5 then d.id end
        from down d where d.id = u.id`,
  )
  await writeLinePaths(tx, root)
}

/** Writes the line ancestors, nearest first, of a unit and of what hangs below it in the line (undefined: of all). */
export async function writeLinePaths(tx: Tx, root?: number): Promise<void> {
  const lines = root === undefined ? sql`u.line_parent is not null` : sql`u.line_parent is not null and (u.id = ${root} or u.id in (select id from below))`
  await run(
    tx,
    sql`with recursive below(id) as (
          select u.id from unit u where u.line_parent = ${root ?? null}::int
          union select u.id from below b join unit u on u.line_parent = b.id
        ), up as (
          select u.id, u.line_parent as parent, array[u.line_parent] as path from unit u where ${lines}
          union all
          select up.id, p.line_parent, up.path || p.line_parent from up join unit p on p.id = up.parent where p.line_parent is not null and not p.line_parent = any(up.path)
        )
        update unit u set line_path = x.path from (select distinct on (id) id, path from up order by id, cardinality(path) desc) x where x.id = u.id`,
  )
  await run(tx, sql`update unit u set line_path = '{}' where u.line_parent is null and u.line_path <> '{}' and ${root === undefined ? sql`true` : sql`u.id = ${root}`}`)
}

/**
 * Writes for ended units who came after them and still stands, with what stands above those, as far as it is not above
 * the unit itself. Called after every change of the tree.
 */
export async function writeHeirPaths(tx: Tx): Promise<void> {
  await run(
    tx,
    sql`with recursive heirs(unit, heir) as (
          select s.unit_id, s.successor_id from unit_successor s join unit u on u.id = s.unit_id where u.state <> 'active'
          union
          select h.unit, s.successor_id from heirs h join unit u on u.id = h.heir and u.state <> 'active' join unit_successor s on s.unit_id = h.heir
        ), above as (
          select distinct h.unit, a from heirs h join unit u on u.id = h.heir and u.state = 'active', unnest(array[u.id, u.l1, u.l2, u.l3, u.l4, u.l5] || u.line_path) a
          where a is not null
        ), paths as (
          select u.id, coalesce(array_agg(a.a order by a.a) filter (where a.a is not null and a.a <> all(array_remove(array[u.id, u.l1, u.l2, u.l3, u.l4, u.l5] || u.line_path, null))), '{}') as path
          from (select distinct unit from heirs) h join unit u on u.id = h.unit left join above a on a.unit = u.id group by u.id
        )
        update unit u set heir_path = p.path from paths p where p.id = u.id and u.heir_path is distinct from p.path`,
  )
}

/** Counts the active units of each class in the subtree of these units (undefined: of all) anew. */
export async function writeTallies(tx: Tx, ids?: readonly number[]): Promise<void> {
  const these = ids === undefined ? sql`true` : sql`a = any(${ids}::int[])`
  await run(tx, ids === undefined ? sql`delete from unit_tally` : sql`delete from unit_tally where unit_id = any(${ids}::int[])`)
  // Of a given unit, the path column of its own rank finds what is below it by index.
  const inside = ids === undefined ? sql`true` : sql`(u.l1 = any(${ids}::int[]) or u.l2 = any(${ids}::int[]) or u.l3 = any(${ids}::int[]) or u.l4 = any(${ids}::int[]) or u.l5 = any(${ids}::int[]))`
  await run(
    tx,
    sql`with counted as (
          select u.class, u.l1, u.l2, u.l3, u.l4, u.l5, count(*)::int as n from unit u where u.state = 'active' and ${inside} group by 1, 2, 3, 4, 5, 6
        )
        insert into unit_tally (unit_id, class, units)
        select a, class, sum(n)::int from (
          select l1 as a, class, n from counted union all select l2, class, n from counted union all select l3, class, n from counted
          union all select l4, class, n from counted union all select l5, class, n from counted
        ) x where a is not null and ${these} group by 1, 2`,
  )
}

// ---- packs

export async function saveClasses(tx: Tx, classes: readonly { code: string; name: { zh: string; en: string }; level: number; ordinal: number }[], pack: string) {
  return many<{ code: string; added: boolean }>(
    tx,
    sql`insert into unit_class as c (code, name_zh, name_en, level, ordinal, pack)
        select x->>'code', x->'name'->>'zh', x->'name'->>'en', (x->>'level')::int, (x->>'ordinal')::int, ${pack} from jsonb_array_elements(${json(classes)}) x
        on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, level = excluded.level, ordinal = excluded.ordinal, pack = excluded.pack
        where (c.name_zh, c.name_en, c.level, c.ordinal) is distinct from (excluded.name_zh, excluded.name_en, excluded.level, excluded.ordinal)
        returning code, xmax = 0 as added`,
  )
}

export async function savePostKinds(tx: Tx, kinds: readonly { code: string; name: { zh: string; en: string }; verbs: readonly string[]; admin?: string | undefined }[], pack: string) {
  return many<{ code: string; added: boolean }>(
    tx,
    sql`insert into post_kind as k (code, name_zh, name_en, verbs, admin, pack)
        select x->>'code', x->'name'->>'zh', x->'name'->>'en', array(select jsonb_array_elements_text(x->'verbs')), x->>'admin', ${pack} from jsonb_array_elements(${json(kinds)}) x
        on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, verbs = excluded.verbs, admin = excluded.admin, pack = excluded.pack
        where (k.name_zh, k.name_en, k.verbs, k.admin) is distinct from (excluded.name_zh, excluded.name_en, excluded.verbs, excluded.admin)
        returning code, xmax = 0 as added`,
  )
}

/** Units by code with parents by code: inserted without parents first, then hung, then paths and tallies for all. */
export async function saveUnits(
  tx: Tx,
  units: readonly { code: string; name: string; initials: string; kind: string; class: string; areaParent?: string | undefined; lineParent?: string | undefined; management: string; validFrom: string; residents?: number | undefined }[],
  pack: string,
  /** Codes whose name, and those whose residents, a change has decided. */
  keep: { names: readonly string[]; residents: readonly string[] } = { names: [], residents: [] },
) {
  const changed = await many<{ code: string; added: boolean }>(
    tx,
    sql`insert into unit as t (code, name, initials, kind, class, level, management, valid_from, residents, pack)
        select x->>'code', x->>'name', x->>'initials', x->>'kind', x->>'class', c.level, x->>'management', (x->>'validFrom')::date, (x->>'residents')::int, ${pack}
        from jsonb_array_elements(${json(units)}) x join unit_class c on c.code = x->>'class'
        on conflict (code) do update set
          name = case when t.code = any(${keep.names}::text[]) then t.name else excluded.name end,
          initials = case when t.code = any(${keep.names}::text[]) then t.initials else excluded.initials end,
          residents = case when t.code = any(${keep.residents}::text[]) then t.residents else excluded.residents end
        where (t.code <> all(${keep.names}::text[]) and t.name is distinct from excluded.name)
           or (t.code <> all(${keep.residents}::text[]) and t.residents is distinct from excluded.residents)
        returning code, xmax = 0 as added`,
  )
  const added = changed.filter((row) => row.added).map((row) => row.code)
  if (added.length > 0) {
    await run(
      tx,
      sql`update unit u set area_parent = a.id, line_parent = l.id
          from jsonb_array_elements(${json(units)}) x left join unit a on a.code = x->>'areaParent' left join unit l on l.code = x->>'lineParent'
          where u.code = x->>'code' and u.code = any(${added}::text[])`,
    )
    await writePaths(tx)
    await writeTallies(tx)
  }
  return changed
}

export async function residentsByCode(tx: Tx, codes: readonly string[]): Promise<Map<string, number | null>> {
  return new Map((await many<{ code: string; residents: number | null }>(tx, sql`select code, residents from unit where code = any(${codes}::text[])`)).map((row) => [row.code, row.residents]))
}

export async function savePosts(tx: Tx, posts: readonly { unit: string; kind: string; title: string; required: boolean; ab?: string | undefined; validFrom: string }[]) {
  const { added } = await one<{ added: number }>(
    tx,
    sql`with new as (
          insert into post (unit_id, kind, title, required, ab, valid_from)
          select u.id, x->>'kind', x->>'title', (x->>'required')::boolean, x->>'ab', (x->>'validFrom')::date
          from jsonb_array_elements(${json(posts)}) with ordinality e(x, n) join unit u on u.code = x->>'unit'
          where not exists (select from post p where p.unit_id = u.id and p.kind = x->>'kind' and p.title = x->>'title' and p.ab is not distinct from x->>'ab' and p.valid_to is null)
          order by n returning 1
        ) select count(*)::int as added from new`,
  )
  return added
}

export async function saveBodies(tx: Tx, bodies: readonly { unit: string; name: string; office?: string | undefined; members: readonly string[] }[], pack: string) {
  let added = 0
  for (const body of bodies) {
    const before = await maybe<{ id: number }>(tx, sql`select b.id from coordinating_body b join unit u on u.id = b.unit_id where u.code = ${body.unit} and b.name = ${body.name}`)
    const id =
      before?.id ??
      (await one<{ id: number }>(
        tx,
        sql`insert into coordinating_body (unit_id, name, office_unit, pack)
            select u.id, ${body.name}, (select o.id from unit o where o.code = ${body.office ?? null}), ${pack} from unit u where u.code = ${body.unit} returning id`,
      )).id
    if (!before) added++
    await run(tx, sql`delete from coordinating_member where body_id = ${id} and not unit_id in (select id from unit where code = any(${body.members}::text[]))`)
    await run(tx, sql`insert into coordinating_member (body_id, unit_id) select ${id}, u.id from unit u where u.code = any(${body.members}::text[]) on conflict do nothing`)
  }
  return added
}

/** @returns which of these codes exist, per table */
export async function knownCodes(tx: Tx, codes: { units?: readonly string[]; classes?: readonly string[]; kinds?: readonly string[] }) {
  const of = async (table: 'unit' | 'unit_class' | 'post_kind', list: readonly string[] | undefined) =>
    list ? new Set((await many<{ code: string }>(tx, sql`select code from ${sql.ref(table)} where code = any(${list}::text[])`)).map((row) => row.code)) : new Set<string>()
  return { units: await of('unit', codes.units), classes: await of('unit_class', codes.classes), kinds: await of('post_kind', codes.kinds) }
}
