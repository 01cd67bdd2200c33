import { json, many, maybe, run, sql, type Tx } from '../../server/db.ts'
import type { Unit } from '../units/units.reads.ts'
import type { IndicatorDefinition } from './indicator-definition.ts'

export async function definitionOf(tx: Tx, code: string): Promise<IndicatorDefinition | undefined> {
  const found = await maybe<{ definition: IndicatorDefinition }>(
    tx,
    sql`select definition from indicator where code = ${code}`,
  )
  return found?.definition
}

type Filter = { form?: string | undefined; pillar?: string | undefined; q?: string | undefined }

/** @returns indicators in their order; `q` is looked for in both names */
export async function definitions(tx: Tx, { form, pillar, q }: Filter = {}): Promise<IndicatorDefinition[]> {
  const rows = await many<{ definition: IndicatorDefinition }>(
    tx,
    sql`select definition from indicator
        where (${form ?? null}::text is null or form = ${form ?? ''}::text)
          and (${pillar ?? null}::text is null or pillar = ${pillar ?? ''}::text)
          and (${q ?? null}::text is null or strpos(lower(name_zh), lower(${q ?? ''}::text)) > 0
               or strpos(lower(name_en), lower(${q ?? ''}::text)) > 0)
        order by ordinal, code`,
  )
  return rows.map((row) => row.definition)
}

/** @returns the codes that exist among these */
export async function knownIndicators(tx: Tx, codes: readonly string[]): Promise<Set<string>> {
  const rows = await many<{ code: string }>(tx, sql`select code from indicator where code = any(${codes}::text[])`)
  return new Set(rows.map((row) => row.code))
}

export async function saveDefinition(
  tx: Tx,
  definition: IndicatorDefinition,
  unitClass: string,
  pack: string | null,
): Promise<'added' | 'changed' | 'same'> {
  const { code, name, pillar, form, ordinal } = definition
  const before = await maybe<{ same: boolean }>(
    tx,
    sql`select definition = ${json(definition)} as same from indicator where code = ${code}`,
  )
  if (before?.same) return 'same'
  await run(
    tx,
    sql`insert into indicator (code, name_zh, name_en, pillar, class, form, definition, ordinal, pack)
        values (${code}, ${name.zh}, ${name.en}, ${pillar}, ${unitClass}, ${form}, ${json(definition)},
          ${ordinal}, ${pack})
        on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en,
          pillar = excluded.pillar, class = excluded.class, form = excluded.form, definition = excluded.definition,
          ordinal = excluded.ordinal, pack = excluded.pack`,
  )
  return before ? 'changed' : 'added'
}

/** Removes the indicators of a pack that it no longer has, with their targets. @returns their codes */
export async function removeOthers(tx: Tx, pack: string, codes: readonly string[]): Promise<string[]> {
  const rows = await many<{ code: string }>(
    tx,
    sql`delete from indicator where pack = ${pack} and code <> all(${codes}::text[]) returning code`,
  )
  return rows.map((row) => row.code)
}

// ---- targets

/** Brings the targets that hold for everybody to what the definition says. */
export async function saveGeneralTargets(
  tx: Tx,
  code: string,
  targets: Readonly<Record<string, string>>,
): Promise<void> {
  const years = Object.keys(targets).map(Number)
  await run(
    tx,
    sql`delete from indicator_target where indicator = ${code} and unit_id is null and year <> all(${years}::int[])`,
  )
  for (const [year, value] of Object.entries(targets)) await saveTarget(tx, code, Number(year), null, value)
}

/** @param value null takes the target away */
export async function saveTarget(
  tx: Tx,
  code: string,
  year: number,
  unit: number | null,
  value: string | null,
): Promise<void> {
  if (value === null) {
    await run(
      tx,
      sql`delete from indicator_target
          where indicator = ${code} and year = ${year} and unit_id is not distinct from ${unit}::int`,
    )
    return
  }
  await run(
    tx,
    sql`insert into indicator_target (indicator, year, unit_id, value) values (${code}, ${year}, ${unit}, ${value})
        on conflict (indicator, year, unit_id) do update set value = excluded.value`,
  )
}

export type TargetRow = { indicator: string; year: number; unit: number; value: string }

/** @returns the rows that were new or differed */
export function saveTargets(tx: Tx, rows: readonly TargetRow[]): Promise<(TargetRow & { added: boolean })[]> {
  return many(
    tx,
    sql`insert into indicator_target (indicator, year, unit_id, value)
        select * from unnest(${rows.map((row) => row.indicator)}::text[], ${rows.map((row) => row.year)}::int[],
          ${rows.map((row) => row.unit)}::int[], ${rows.map((row) => row.value)}::numeric[])
        on conflict (indicator, year, unit_id) do update set value = excluded.value
          where indicator_target.value <> excluded.value
        returning indicator, year, unit_id as unit, value::text as value, xmax = 0 as added`,
  )
}

/** Whoever sets a target of an indicator waits here for the one before. */
export function lockTargets(tx: Tx, code: string): Promise<number> {
  return run(tx, sql`select 1 from indicator where code = ${code} for no key update`)
}

type Placed = Pick<Unit, 'id' | 'l1' | 'l2' | 'l3' | 'l4' | 'l5'>

/**
 * @param inherited whether a target holds for the units below as well: of a share it does, of a sum it does not
 * @returns the target that holds for each unit: its own, else the nearest above it, else the general one
 */
export type TargetOf = (unit: Placed, inherited: boolean) => string | undefined

/** @returns by code of the indicator, what tells the target of a unit */
export async function targetsOf(tx: Tx, codes: readonly string[], year: number): Promise<(code: string) => TargetOf> {
  const rows = await many<{ indicator: string; unit: number | null; value: string }>(
    tx,
    sql`select indicator, unit_id as unit, trim_scale(value)::text as value from indicator_target
        where indicator = any(${codes}::text[]) and year = ${year}`,
  )
  const byCode = Map.groupBy(rows, (row) => row.indicator)
  return (code) => {
    const byUnit = new Map((byCode.get(code) ?? []).map((row) => [row.unit, row.value]))
    return (unit, inherited) => {
      if (byUnit.size === 0) return undefined
      const holders = inherited ? [unit.id, unit.l5, unit.l4, unit.l3, unit.l2, unit.l1] : [unit.id]
      const nearest = holders.find((id) => id !== null && byUnit.has(id))
      return byUnit.get(nearest ?? (inherited ? null : unit.id))
    }
  }
}

// ---- lists of units

export type ListedUnit = Placed & Pick<Unit, 'name' | 'code' | 'level'> & { parentName: string; hasChildren: boolean }

/** @returns what a list shows of these units, in the order of codes */
export function unitsListed(tx: Tx, ids: readonly number[]): Promise<ListedUnit[]> {
  return many<ListedUnit>(
    tx,
    sql`select u.id, u.name, u.code, u.level, u.l1, u.l2, u.l3, u.l4, u.l5, u.level < 5 as "hasChildren",
          coalesce(p.name, '') as "parentName"
        from unit u
        left join unit p on p.id = case when u.management = 'line' then u.line_parent else u.area_parent end
        where u.id = any(${ids}::int[]) order by u.code`,
  )
}

export function unitsPlaced(tx: Tx, ids: readonly number[]): Promise<(Placed & { name: string })[]> {
  return many(tx, sql`select id, name, l1, l2, l3, l4, l5 from unit where id = any(${ids}::int[])`)
}
