import { json, run, sql, type Tx } from '../../server/db.ts'
import type { Verb } from '../access/verbs.ts'

export type ToTell = {
  /** Who hears it: holders of this verb on the unit. */
  units: readonly number[]
  verb: Verb
  kind: string
  subject: string
  facts?: Record<string, unknown>
  by?: string | undefined
}

/** Tells units something, in the caller's transaction: what is rolled back was never said. Open pages hear it at once. */
export async function notify(tx: Tx, { units, verb, kind, subject, facts = {}, by }: ToTell): Promise<void> {
  if (units.length === 0) return
  await run(
    tx,
    sql`insert into notice (unit_id, verb, kind, subject, facts, by)
        select u, ${verb}, ${kind}, ${subject}, ${json(facts)}, ${by ?? null} from unnest(${units}::int[]) u`,
  )
}
