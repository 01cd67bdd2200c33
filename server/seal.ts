import { createHash } from 'node:crypto'
import { many, maybe, one, run, sql, type Database, type Tx } from './db.ts'

/** The hash before the first seal. */
const genesis = '0'.repeat(64)
/** Whole transactions are taken until a seal has about this many events. */
const batch = 20_000

type Seal = { id: number; from_tx: string; to_tx: string; events: number; previous: string; hash: string }

export type Verified = {
  ok: boolean
  seals: number
  events: number
  /** Events that no seal covers yet. */
  unsealed: number
  /** The first place where what is kept differs from what was sealed. */
  broken?: { seal: number; from: string; to: string; reason: 'gap' | 'chain' | 'count' | 'content'; firstEvent?: string }
}

/**
 * Seals what has happened since the last seal: whole transactions below the oldest one that still runs, in the order of
 * (transaction, id). An event of a transaction that is still running cannot be missed: its number is not below that
 * horizon, so a later seal takes it. Two processes at once: the second finds nothing to do.
 * @returns the number of events sealed
 */
export async function sealEvents(database: Database): Promise<number> {
  let sealed = 0
  for (;;) {
    const events = await database.transaction(sealOnce)
    sealed += events
    if (events === 0) return sealed
  }
}

async function sealOnce(tx: Tx): Promise<number> {
  await run(tx, sql`select pg_advisory_xact_lock(hashtext('sanji seal'))`)
  const last = await maybe<Pick<Seal, 'to_tx' | 'hash'>>(tx, sql`select to_tx::text, hash from event_seal order by id desc limit 1`)
  const from = last?.to_tx ?? '0'
  const span = await one<{ to_tx: string | null; events: number }>(tx, spanOf(from))
  if (!span.to_tx || span.events === 0) return 0
  const previous = last?.hash ?? genesis
  const hash = await hashOf(tx, previous, from, span.to_tx)
  await run(
    tx,
    sql`insert into event_seal (from_tx, to_tx, events, previous, hash)
        values (${from}::text::xid8, ${span.to_tx}::text::xid8, ${span.events}, ${previous}, ${hash})`,
  )
  return span.events
}

/** From the last seal to the horizon, or to the end of the transaction that fills the batch. */
function spanOf(from: string) {
  return sql<{ to_tx: string | null; events: number }>`
    with waiting as (
      select tx from event
      where tx >= ${from}::text::xid8 and tx < event_tx(pg_snapshot_xmin(pg_current_snapshot()))
      order by tx, id limit ${batch}),
    edge as (select max(tx) as last from waiting)
    select (edge.last::text::numeric + 1)::text as to_tx,
           (select count(*) from event where tx >= ${from}::text::xid8 and tx <= edge.last) as events
    from edge`
}

/**
 * sha256(previous hash, events in order), each event as one line of JSON with the database's own text of every column.
 * The line's columns are named, so a column that is added later does not change old hashes.
 */
async function hashOf(tx: Tx, previous: string, from: string, to: string): Promise<string> {
  const hash = createHash('sha256').update(previous)
  for (let after: { tx: string; id: number } | undefined = { tx: from, id: -1 }; after; ) {
    const rows: { tx: string; id: number; line: string }[] = await many(tx, linesOf(after, to))
    for (const row of rows) hash.update('\n').update(row.line)
    after = rows.at(-1)
  }
  return hash.digest('hex')
}

function linesOf(after: { tx: string; id: number }, to: string) {
  return sql<{ tx: string; id: number; line: string }>`
    select tx::text as tx, id,
           jsonb_build_array(id, tx::text, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), actor, post_id, unit_id,
                             kind, subject, reason, facts)::text as line
    from event
    where (tx, id) > (${after.tx}::text::xid8, ${after.id}::bigint) and tx < ${to}::text::xid8
    order by tx, id limit 5000`
}

/**
 * Reads the whole trail again and compares it with its seals, in one snapshot.
 * @param progress told the number of events read so far
 * @returns what was checked, and the first seal that does not hold with the first event it covers
 */
export async function verifyEvents(database: Database, progress: (events: number) => void = () => undefined): Promise<Verified> {
  return database.transaction(async (tx) => {
    await run(tx, sql`set transaction isolation level repeatable read, read only`)
    const seals = await many<Seal>(
      tx,
      sql`select id, from_tx::text, to_tx::text, events, previous, hash from event_seal order by id`,
    )
    let before = { to_tx: '0', hash: genesis }
    let events = 0
    for (const [index, seal] of seals.entries()) {
      const reason = await whatIsWrong(tx, seal, before)
      if (reason) return { ok: false, seals: index, events, unsealed: await unsealedSince(tx, before.to_tx), broken: await placeOf(tx, seal, reason) }
      events += seal.events
      before = seal
      progress(events)
    }
    return { ok: true, seals: seals.length, events, unsealed: await unsealedSince(tx, before.to_tx) }
  })
}

async function whatIsWrong(tx: Tx, seal: Seal, before: { to_tx: string; hash: string }) {
  if (seal.from_tx !== before.to_tx) return 'gap'
  if (seal.previous !== before.hash) return 'chain'
  const { n } = await one<{ n: number }>(
    tx,
    sql`select count(*) as n from event where tx >= ${seal.from_tx}::text::xid8 and tx < ${seal.to_tx}::text::xid8`,
  )
  if (n !== seal.events) return 'count'
  return (await hashOf(tx, seal.previous, seal.from_tx, seal.to_tx)) === seal.hash ? undefined : 'content'
}

async function placeOf(tx: Tx, seal: Seal, reason: NonNullable<Verified['broken']>['reason']): Promise<Verified['broken']> {
  const first = await maybe<{ event: string }>(
    tx,
    sql`select kind || ' ' || subject || ' (id ' || id || ')' as event from event
        where tx >= ${seal.from_tx}::text::xid8 and tx < ${seal.to_tx}::text::xid8 order by tx, id limit 1`,
  )
  return { seal: seal.id, from: seal.from_tx, to: seal.to_tx, reason, ...(first && { firstEvent: first.event }) }
}

async function unsealedSince(tx: Tx, to: string): Promise<number> {
  const { n } = await one<{ n: number }>(tx, sql`select count(*) as n from event where tx >= ${to}::text::xid8`)
  return n
}

/**
 * A database that came from another server counts its transactions from below the trail's: without this its new events
 * would stand before what is sealed and would never be sealed. Called after every start's migration, when nobody works yet.
 * @returns true when the base was raised
 */
export async function keepCounting(database: Database): Promise<boolean> {
  return database.transaction(async (tx) => {
    const { raise } = await one<{ raise: string | null }>(
      tx,
      sql`with latest as (select greatest((select max(tx) from event), (select to_tx from event_seal order by id desc limit 1)) as tx)
          select case when tx >= event_tx(pg_current_xact_id())
                   then (tx::text::numeric - pg_current_xact_id()::text::numeric + 1)::text end as raise from latest`,
    )
    if (raise === null) return false
    await run(tx, sql`create or replace function event_base() returns numeric language sql immutable parallel safe as ${sql.lit(`select ${raise}::numeric`)}`)
    return true
  })
}

/** Seals every `seconds` until stopped; a failure (the database is away) is told and tried again. */
export function sealRegularly(
  database: Database,
  seconds: number,
  { sealed, failed }: { sealed: (events: number) => void; failed: (error: unknown) => void },
): { stop: () => Promise<void> } {
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const once = () => sealEvents(database).then(sealed, failed)
  const next = () => {
    if (!stopped) timer = setTimeout(() => void (running = once().then(next)), seconds * 1000)
  }
  next()
  return {
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running
      await once()
    },
  }
}
