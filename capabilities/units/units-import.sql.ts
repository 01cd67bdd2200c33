import { many, one, run, sql, type Tx } from '../../server/db.ts'
import { decidedByChanges } from '../changes/history.reads.ts'
import { writeLinePaths, writeTallies } from './units.sql.ts'

export type Wrong = { line: number; code: string; why: 'duplicate' | 'class-unknown' | 'parent-unknown' | 'parent-rank' | 'line-parent-missing'; value: string }

/** Makes the table that an import is first copied into; it is dropped whatever happens. */
export function createStaging(tx: Tx, table: string): Promise<number> {
  return run(
    tx,
    sql`create unlogged table ${sql.ref(table)} (line integer, code text, name text, initials text, kind text, class text, area_parent text, line_parent text, management text, valid_from date, residents integer)`,
  )
}

export function dropStaging(tx: Tx, table: string): Promise<number> {
  return run(tx, sql`drop table if exists ${sql.ref(table)}`)
}

/** @returns the rows that cannot be imported, the first hundred by line, and how many there are */
export async function wrongRows(tx: Tx, table: string): Promise<{ total: number; first: Wrong[] }> {
  const staged = sql.ref(table)
  await run(tx, sql`create index on ${staged} (code)`)
  await run(tx, sql`analyze ${staged}`)
  const first = await many<Wrong & { total: number }>(
    tx,
    sql`with wrong as (
          select line, code, 'duplicate' as why, code as value from (select line, code, row_number() over (partition by code order by line) as n from ${staged}) d where n > 1
          union all
          select s.line, s.code, 'class-unknown', s.class from ${staged} s where not exists (select from unit_class c where c.code = s.class)
          union all
          select s.line, s.code, 'parent-unknown', p.code from ${staged} s cross join lateral (values (s.area_parent), (s.line_parent)) p(code)
          where p.code is not null and not exists (select from ${staged} o where o.code = p.code) and not exists (select from unit u where u.code = p.code)
          union all
          select s.line, s.code, 'parent-rank', o.code from ${staged} s join unit_class c on c.code = s.class
          join ${staged} o on o.code in (s.area_parent, s.line_parent) join unit_class oc on oc.code = o.class where oc.level >= c.level
          union all
          select s.line, s.code, 'line-parent-missing', s.management from ${staged} s where s.management = 'line' and s.line_parent is null
        ) select *, count(*) over ()::int as total from wrong order by line limit 100`,
  )
  return { total: first[0]?.total ?? 0, first: first.map(({ total: _total, ...row }) => row) }
}

/**
 * Brings the staged units in: known ones by their name (`kept`: those whose name a change has decided), new ones whole. Ids, parents and paths are worked out beside the
 * units' table, so that each new row, with its indexes, is written once.
 */
export async function takeStaged(tx: Tx, table: string): Promise<{ added: number; renamed: number; kept: number }> {
  const staged = sql.ref(table)
  await run(tx, sql`set local work_mem = '256MB'`)
  await run(tx, sql`set local maintenance_work_mem = '256MB'`)
  const other = await many<{ code: string }>(tx, sql`select u.code from unit u join ${staged} s on s.code = u.code where s.name <> u.name`)
  // A name that a change has given, and that of an ended unit, is history: a list of former days does not write it back.
  const kept = (await decidedByChanges(tx, other.map((row) => row.code))).filter((one) => one.renamed || one.state !== 'active').map((one) => one.code)
  const renamed = await run(
    tx,
    sql`update unit u set name = s.name, initials = s.initials, version = u.version + 1 from ${staged} s where u.code = s.code and u.name <> s.name and u.code <> all(${kept}::text[])`,
  )
  await run(
    tx,
    sql`create temporary table new_unit on commit drop as
        select nextval(pg_get_serial_sequence('unit', 'id'))::int as id, s.*, c.level from ${staged} s join unit_class c on c.code = s.class
        where not exists (select from unit u where u.code = s.code) order by c.level, s.code`,
  )
  await run(tx, sql`create index on new_unit (code)`)
  await run(tx, sql`analyze new_unit`)
  // Each parent is another new unit or one that is there; along which tree it rolls up decides the path.
  await run(
    tx,
    sql`create temporary table hung_unit on commit drop as
        select h.*, case when h.management = 'line' then h.line_id else h.area_id end as above_id
        from (select n.*, coalesce(na.id, ua.id) as area_id, coalesce(nl.id, ul.id) as line_id
              from new_unit n left join new_unit na on na.code = n.area_parent left join unit ua on ua.code = n.area_parent
              left join new_unit nl on nl.code = n.line_parent left join unit ul on ul.code = n.line_parent) h`,
  )
  await run(tx, sql`create index on hung_unit (above_id)`)
  await run(tx, sql`analyze hung_unit`)
  const { added, lines } = await one<{ added: number; lines: number }>(
    tx,
    sql`with recursive placed as (
          select h.id, h.level, case when u.id is null then array[null, null, null, null, null]::int[] else array[u.l1, u.l2, u.l3, u.l4, u.l5] end as above
          from hung_unit h left join unit u on u.id = h.above_id where h.above_id is null or u.id is not null
          union all
          select h.id, h.level, p.above[1:p.level - 1] || p.id || p.above[p.level + 1:5] from placed p join hung_unit h on h.above_id = p.id
        ), written as (
          insert into unit (id, code, name, initials, kind, class, level, area_parent, line_parent, management, valid_from, residents, l1, l2, l3, l4, l5)
          select h.id, h.code, h.name, h.initials, h.kind, h.class, h.level, h.area_id, h.line_id, h.management, h.valid_from, h.residents,
            case when h.level = 1 then h.id else p.above[1] end, case when h.level = 2 then h.id else p.above[2] end, case when h.level = 3 then h.id else p.above[3] end,
            case when h.level = 4 then h.id else p.above[4] end, case when h.level = 5 then h.id end
          from hung_unit h join placed p on p.id = h.id order by h.id returning line_parent
        ) select count(*)::int as added, count(line_parent)::int as lines from written`,
  )
  if (added > 0) {
    await run(tx, sql`analyze unit`)
    if (lines > 0) await writeLinePaths(tx)
    await writeTallies(tx)
  }
  return { added, renamed, kept: kept.length }
}
