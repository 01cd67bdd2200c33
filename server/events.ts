import { json, later, sql, type Tx } from './db.ts'

/** An account and the post in which it acts; `acting` when the caller knows already whether it only stands in there. */
export type Doer = { account: string; post?: number | undefined; acting?: boolean | undefined }

export type Happened = {
  /** Who and in which post; null: the platform itself. */
  by: Doer | null
  unit?: number | undefined
  /** What it is about, such as `task:991`. */
  subject: string
  reason?: string | undefined
  /** From, to, figures: never personal data. */
  facts?: Record<string, unknown>
}

/**
 * Writes one line of the trail in the caller's transaction; it travels with the commit. Called once, visibly, by each handler that changes
 * something. Whoever acts in a post in which he only stands in (代) is marked: the facts carry `acting`.
 */
export async function record(tx: Tx, kind: string, { by, unit, subject, reason, facts = {} }: Happened): Promise<void> {
  const known = by?.post === undefined ? false : by.acting
  const marked = known === undefined ? sql`${json(facts)} || acting_mark(${by!.account}::text, ${by!.post}::int)` : json(known ? { ...facts, acting: true } : facts)
  await later(
    tx,
    sql`insert into event (actor, post_id, unit_id, kind, subject, reason, facts)
        values (${by?.account ?? null}, ${by?.post ?? null}, ${unit ?? null}, ${kind}, ${subject}, ${reason ?? null}, ${marked})`,
  )
}

/** Writes one line of the trail for each of many like things, in one statement. */
export async function recordMany(tx: Tx, kind: string, happened: readonly Happened[]): Promise<void> {
  const known = happened.every(({ by }) => by?.post === undefined || by.acting !== undefined)
  const lines = happened.map(({ by, unit, subject, reason, facts = {} }) => ({
    actor: by?.account,
    post_id: by?.post,
    unit_id: unit,
    subject,
    reason,
    facts: known && by?.post !== undefined && by.acting ? { ...facts, acting: true } : facts,
  }))
  await later(
    tx,
    sql`insert into event (actor, post_id, unit_id, kind, subject, reason, facts)
        select actor, post_id, unit_id, ${kind}, subject, reason, ${known ? sql`facts` : sql`facts || acting_mark(actor, post_id)`}
        from jsonb_to_recordset(${json(lines)}) as x(actor text, post_id int, unit_id int, subject text, reason text, facts jsonb)`,
  )
}
