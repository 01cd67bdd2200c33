import { json, many, maybe, run, sql, type Tx } from '../../server/db.ts'
import type { BurdenRules } from './burden-definition.ts'

/** @returns the codes among these that are unit classes */
export async function knownClasses(tx: Tx, codes: readonly string[]): Promise<Set<string>> {
  return new Set((await many<{ code: string }>(tx, sql`select code from unit_class where code = any(${codes}::text[])`)).map((row) => row.code))
}

export async function rulesBefore(tx: Tx, rules: BurdenRules): Promise<'none' | 'same' | 'other'> {
  const found = await maybe<{ same: boolean }>(tx, sql`select definition = ${json(rules)} as same from burden_rules`)
  return !found ? 'none' : found.same ? 'same' : 'other'
}

export function saveRules(tx: Tx, rules: BurdenRules, pack: string | null): Promise<number> {
  return run(tx, sql`insert into burden_rules (one, definition, pack) values (true, ${json(rules)}, ${pack}) on conflict (one) do update set definition = excluded.definition, pack = excluded.pack`)
}
