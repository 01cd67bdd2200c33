import { json, many, maybe, run, sql, type Tx } from '../../server/db.ts'
import { inSubtree, type Unit } from '../units/units.reads.ts'
import type { IndicatorDefinition } from './indicator-definition.ts'

export async function definitionOf(tx: Tx, code: string): Promise<IndicatorDefinition | undefined> {
  return (await maybe<{ definition: IndicatorDefinition }>(tx, sql`select definition from indicator where code = ${code}`))?.definition
}

export async function definitions(tx: Tx, { form, pillar, q }: { form?: string | undefined; pillar?: string | undefined; q?: string | undefined } = {}): Promise<IndicatorDefinition[]> {
  const rows = await many<{ definition: IndicatorDefinition }>(
    tx,
    sql`select definition from indicator where (${form ?? null}::text is null or form = ${form ?? ''}) and (${pillar ?? null}::text is null or pillar = ${pillar ?? ''})
          and (${q ?? null}::text is null or name_zh ilike '%' || ${q ?? ''}::text || '%' or name_en ilike '%' || ${q ?? ''}::text || '%')
        order by ordinal, code`,
  )
  return rows.map((row) => row.definition)
}

export async function saveDefinition(tx: Tx, definition: IndicatorDefinition, unitClass: string, pack: string | null): Promise<'added' | 'changed' | 'same'> {
  const before = await maybe<{ same: boolean }>(tx, sql`select definition = ${json(definition)} as same from indicator where code = ${definition.code}`)
  if (before?.same) return 'same'
  await run(
    tx,
    sql`insert into indicator (code, name_zh, name_en, pillar, class, form, definition, ordinal, pack)
        values (${definition.code}, ${definition.name.zh}, ${definition.name.en}, ${definition.pillar}, ${unitClass}, ${definition.form}, ${json(definition)}, ${definition.ordinal}, ${pack})
        on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, pillar = excluded.pillar, class = excluded.class,
          form = excluded.form, definition = excluded.definition, ordinal = excluded.ordinal, pack = excluded.pack`,
  )
  return before ? 'changed' : 'added'
}

export async function saveTarget(tx: Tx, code: string, year: number, unit: number | null, value: string | null): Promise<void> {
  if (value === null) {
    await run(tx, sql`delete from indicator_target where indicator = ${code} and year = ${year} and unit_id is not distinct from ${unit}::int`)
    return
  }
  await run(
    tx,
    sql`insert into indicator_target (indicator, year, unit_id, value) values (${code}, ${year}, ${unit}, ${value})
        on conflict (indicator, year, unit_id) do update set value = excluded.value`,
  )
}

/** @returns the target that holds for each unit: its own, else the nearest above it, else the general one */
export async function targetsFor(tx: Tx, code: string, year: number, units: readonly Pick<Unit, 'id' | 'l1' | 'l2' | 'l3' | 'l4' | 'l5'>[]): Promise<Map<number, string>> {
  const rows = await many<{ unit: number | null; value: string }>(tx, sql`select unit_id as unit, value::text as value from indicator_target where indicator = ${code} and year = ${year}`)
  const byUnit = new Map(rows.map((row) => [row.unit, row.value]))
  const found = new Map<number, string>()
  if (byUnit.size === 0) return found
  for (const unit of units) {
    const up: (number | null)[] = [unit.id, unit.l5, unit.l4, unit.l3, unit.l2, unit.l1].filter((id) => id !== null)
    const nearest = [...up, null].find((id) => byUnit.has(id))
    if (nearest !== undefined) found.set(unit.id, byUnit.get(nearest)!)
  }
  return found
}

export type ListedUnit = { id: number; name: string; code: string; level: number; parentName: string; hasChildren: boolean } & Pick<Unit, 'l1' | 'l2' | 'l3' | 'l4' | 'l5'>

/** @returns units of a rank below one that are named, in the order of codes */
export function unitsNamed(tx: Tx, ids: readonly number[]): Promise<ListedUnit[]> {
  return many<ListedUnit>(
    tx,
    sql`select u.id, u.name, u.code, u.level, u.l1, u.l2, u.l3, u.l4, u.l5, u.level < 5 as "hasChildren",
          coalesce((select p.name from unit p where p.id = case when u.management = 'line' then u.line_parent else u.area_parent end), '') as "parentName"
        from unit u where u.id = any(${ids}::int[]) order by u.code`,
  )
}

/** @returns the ranks at which units stand that have something expected below `within`, the highest first */
export async function ranksBelow(tx: Tx, form: string, within: Unit): Promise<number[]> {
  const rows = await many<{ level: number }>(
    tx,
    sql`select distinct level from (
          select k.level::int as level from kept_figure k join unit u on u.id = k.unit_id where k.form = ${form} and ${inSubtree('u', within)} and k.unit_id <> ${within.id}
        ) x order by level`,
  )
  return rows.map((row) => row.level)
}
