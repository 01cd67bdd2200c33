import { many, one, run, sql, type Tx } from '../../server/db.ts'
import { writePaths, writeTallies } from './units.sql.ts'

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

/** Brings the staged units in: new ones with their parents, known ones by their name. Then paths and tallies of all. */
export async function takeStaged(tx: Tx, table: string): Promise<{ added: number; renamed: number }> {
  const staged = sql.ref(table)
  await run(tx, sql`set local work_mem = '256MB'`)
  const renamed = await run(
    tx,
    sql`update unit u set name = s.name, initials = s.initials, version = u.version + 1 from ${staged} s where u.code = s.code and u.name <> s.name`,
  )
  const { added } = await one<{ added: number }>(
    tx,
    sql`with new as (
          insert into unit (code, name, initials, kind, class, level, management, valid_from, residents)
          select s.code, s.name, s.initials, s.kind, s.class, c.level, s.management, s.valid_from, s.residents
          from ${staged} s join unit_class c on c.code = s.class where not exists (select from unit u where u.code = s.code)
          order by s.code returning 1
        ) select count(*)::int as added from new`,
  )
  if (added > 0) {
    await run(tx, sql`analyze unit`)
    await run(
      tx,
      sql`update unit u set area_parent = a.id, line_parent = l.id from ${staged} s left join unit a on a.code = s.area_parent left join unit l on l.code = s.line_parent
          where u.code = s.code and u.area_parent is null and u.line_parent is null and (a.id is not null or l.id is not null)`,
    )
    await writePaths(tx)
    await writeTallies(tx)
  }
  return { added, renamed }
}
