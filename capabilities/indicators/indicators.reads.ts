import { many, run, sql, type Tx } from '../../server/db.ts'
import type { IndicatorDefinition } from './indicator-definition.ts'
import { definitions } from './indicators.sql.ts'

/** @returns the indicators that read a form, whatever pack brought them */
export function indicatorsOn(tx: Tx, form: string): Promise<IndicatorDefinition[]> {
  return definitions(tx, { form })
}

/** @returns for each of these indicators how many units have a target of their own */
export async function unitTargets(tx: Tx, indicators: readonly string[]): Promise<Map<string, number>> {
  const rows = await many<{ indicator: string; n: number }>(tx, sql`select indicator, count(*)::int as n from indicator_target where indicator = any(${indicators}::text[]) and unit_id is not null group by 1`)
  return new Map(rows.map(({ indicator, n }) => [indicator, n]))
}

/** Takes targets of units back that a pack brought. @param targets as the pack tells them apart: `indicator year unit-code` */
export async function takeOutTargets(tx: Tx, targets: readonly string[]): Promise<void> {
  await run(
    tx,
    sql`delete from indicator_target t using unit u where u.id = t.unit_id and t.indicator || ' ' || t.year || ' ' || u.code = any(${targets}::text[])`,
  )
}
