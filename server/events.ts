import { json, run, sql, type Tx } from './db.ts'

export type Happened = {
  /** Who and in which post; null: the platform itself. */
  by: { account: string; post?: number | undefined } | null
  unit?: number | undefined
  /** What it is about, such as `task:991`. */
  subject: string
  reason?: string | undefined
  /** From, to, figures: never personal data. */
  facts?: Record<string, unknown>
}

/** Writes one line of the trail in the caller's transaction. Called once, visibly, by each handler that changes something. */
export async function record(tx: Tx, kind: string, { by, unit, subject, reason, facts = {} }: Happened): Promise<void> {
  await run(
    tx,
    sql`insert into event (actor, post_id, unit_id, kind, subject, reason, facts)
        values (${by?.account ?? null}, ${by?.post ?? null}, ${unit ?? null}, ${kind}, ${subject}, ${reason ?? null}, ${json(facts)})`,
  )
}
