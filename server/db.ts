import { Kysely, PostgresDialect, sql, type RawBuilder } from 'kysely'
import pg from 'pg'

export { sql }
/** The only handle to the database. Queries take it first; inside a handler it is the request's transaction. */
export type Tx = Kysely<unknown>
export type Query<Row> = RawBuilder<Row>

export type Database = {
  db: Tx
  pool: pg.Pool
  /** Runs `work` in one transaction: commit when it returns, roll back when it throws. */
  transaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>
  close: () => Promise<void>
}

const { builtins } = pg.types
// Civil dates stay strings, whole numbers become numbers, numeric stays exact text, instants are ISO text.
const parsers: Record<number, (text: string) => unknown> = {
  [builtins.INT8]: Number,
  [builtins.DATE]: (text) => text,
  [builtins.TIMESTAMPTZ]: (text) => new Date(text).toISOString(),
}
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' && parsers[oid]) || pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

/**
 * Each distinct statement with parameters is prepared once per connection: planning the accept statement
 * costs more than running it. Statements past the limit (long generated filters) go unprepared.
 */
const preparedLimit = 2_000
const names = new Map<string, string>()
function nameOf(text: string): string | undefined {
  const known = names.get(text)
  if (known || names.size >= preparedLimit) return known
  const name = `s${names.size}`
  names.set(text, name)
  return name
}

/**
 * A pool whose connections may break. A broken connection is told to whoever uses it, at the latest with the next query;
 * without a listener its 'error' event would end the process, also while the pool is being closed.
 * @param broken told of each connection that broke
 */
export function makePool(config: pg.PoolConfig, broken: (error: Error) => void = () => undefined): pg.Pool {
  const pool = new pg.Pool(config)
  pool.on('error', broken)
  pool.on('connect', (client) => void client.on('error', broken))
  return pool
}

/** Connects to PostgreSQL. @param url connection string; @param size most connections at once */
export function connect(url: string, { size = 20, name = 'sanji' }: { size?: number; name?: string } = {}): Database {
  const pool = makePool({ connectionString: url, max: size, types, application_name: name, connectionTimeoutMillis: 5_000 })
  pool.on('connect', prepareStatements)
  const db: Tx = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  return {
    db,
    pool,
    transaction: (work) => db.transaction().execute(work),
    close: () => db.destroy(),
  }
}

function prepareStatements(client: pg.PoolClient): void {
  const plain = client.query.bind(client) as (...args: unknown[]) => unknown
  const prepared = (first: unknown, values?: unknown, ...rest: unknown[]) => {
    if (typeof first !== 'string' || !Array.isArray(values) || values.length === 0) return plain(first, values, ...rest)
    const name = nameOf(first)
    return name ? plain({ name, text: first, values }, ...rest) : plain(first, values, ...rest)
  }
  client.query = prepared as typeof client.query
}

/** @returns all rows */
export async function many<Row>(tx: Tx, query: Query<Row>): Promise<Row[]> {
  return (await query.execute(tx)).rows
}

/** @returns the first row, or undefined when there is none */
export async function maybe<Row>(tx: Tx, query: Query<Row>): Promise<Row | undefined> {
  return (await query.execute(tx)).rows[0]
}

/** @returns the one row; a query that finds none is a bug */
export async function one<Row>(tx: Tx, query: Query<Row>): Promise<Row> {
  const row = await maybe(tx, query)
  if (row === undefined) throw new Error('a query that must find a row found none')
  return row
}

/** Runs a statement. @returns the number of rows it changed */
export async function run(tx: Tx, query: Query<unknown>): Promise<number> {
  return Number((await query.execute(tx)).numAffectedRows ?? 0n)
}

/** A value as a jsonb parameter; a bare JavaScript array would be sent as a PostgreSQL array. */
export function json(value: unknown): RawBuilder<unknown> {
  return sql`${JSON.stringify(value)}::jsonb`
}
