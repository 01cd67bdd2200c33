import { many, run, sql, type Tx } from '../../server/db.ts'
import { addsUp } from './figure.ts'
import type { IndicatorDefinition } from './indicator-definition.ts'

export type HandedTarget = { indicator: string; year: number; value: string; before: string | null }

/**
 * Targets of units that merge, from the year of the merge on: of a figure that adds up, the successor's target is the
 * sum; of a share there is no sum, and the target of the level above holds. The predecessors' own stay readable.
 * @returns what the successor was set, and what it had before
 */
export async function handTargets(tx: Tx, from: readonly number[], to: number, year: number): Promise<HandedTarget[]> {
  const rows = await many<{ indicator: string; year: number; value: string; before: string | null; definition: IndicatorDefinition }>(
    tx,
    sql`select t.indicator, t.year, trim_scale(sum(t.value) + coalesce(o.value, 0))::text as value, trim_scale(o.value)::text as before, i.definition
        from indicator_target t join indicator i on i.code = t.indicator
        left join indicator_target o on o.indicator = t.indicator and o.year = t.year and o.unit_id = ${to}
        where t.unit_id = any(${from}::int[]) and t.year >= ${year} group by t.indicator, t.year, o.value, i.definition order by 1, 2`,
  )
  const handed = rows.filter((row) => addsUp(row.definition)).map(({ definition: _definition, ...row }) => row)
  for (const { indicator, year: of, value } of handed) {
    await run(
      tx,
      sql`insert into indicator_target (indicator, year, unit_id, value) values (${indicator}, ${of}, ${to}, ${value}) on conflict (indicator, year, unit_id) do update set value = excluded.value`,
    )
  }
  return handed
}

/** Sets the successor's targets back to what they were. */
export async function returnTargets(tx: Tx, unit: number, handed: readonly HandedTarget[]): Promise<void> {
  for (const { indicator, year, before } of handed) {
    await run(
      tx,
      before === null
        ? sql`delete from indicator_target where indicator = ${indicator} and year = ${year} and unit_id = ${unit}`
        : sql`update indicator_target set value = ${before} where indicator = ${indicator} and year = ${year} and unit_id = ${unit}`,
    )
  }
}
