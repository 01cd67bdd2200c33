import type { Tx } from '../../server/db.ts'
import type { IndicatorDefinition } from './indicator-definition.ts'
import { definitions } from './indicators.sql.ts'

/** @returns the indicators that read a form, whatever pack brought them */
export function indicatorsOn(tx: Tx, form: string): Promise<IndicatorDefinition[]> {
  return definitions(tx, { form })
}
