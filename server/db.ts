import { DefaultQueryExecutor, PostgresAdapter, PostgresQueryCompiler, sql, type QueryExecutorProvider, type RawBuilder } from 'kysely'
import type { Writable } from 'node:stream'
import pg from 'pg'
import { databaseIsAway } from './away.ts'
import { isPrepared, Together, type Named } from './together.ts'

export { sql }
/**
 * The only handle to the database. Queries take it first; inside a handler it is the request's transaction, in which
 * statements go out one behind the other without waiting: only whoever needs an answer waits for it.
 */
export type Tx = QueryExecutorProvider & {
  send: (statement: Statement) => Promise<pg.QueryResult>
  /** In a transaction: sends the statement and leaves its outcome to the commit. Elsewhere: waits for it. */
  later: (statement: Statement) => Promise<void>
}
export type Query<Row> = RawBuilder<Row>
/** A statement as the database takes it: `$1`, `$2` … stand for `values`. */
export type Statement = { text: string; values: readonly unknown[] }

export type Database = {
  db: Tx
  pool: pg.Pool
  /** Runs `work` in one transaction: commit when it returns, roll back when it throws. */
  transaction: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>
  /** Runs reads on one connection, without a transaction; those that are asked in the same moment travel together. */
  reading: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>
  /** A connection outside the pool, for COPY; the caller ends it. */
  connection: () => Promise<pg.Client>
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
  const config = { connectionString: url, types, application_name: name, connectionTimeoutMillis: 5_000 }
  const pool = makePool({ ...config, max: size, pipeline: true })
  const send = ({ text, values }: Statement) => pool.query(prepared(text, values))
  return {
    db: handle({ send, later: async (statement) => void (await send(statement)) }),
    pool,
    transaction: (work) => inTransaction(pool, work),
    reading: (work) => onOneConnection(pool, work),
    connection: async () => {
      const client = new pg.Client(config)
      await client.connect()
      return client
    },
    close: () => pool.end(),
  }
}

function prepared(text: string, values: readonly unknown[]): pg.QueryConfig {
  const name = values.length > 0 ? nameOf(text) : undefined
  return name ? { name, text, values: values as unknown[] } : { text, values: values as unknown[] }
}

const begin = { name: 'begin', text: 'begin', values: [] }
const commit = { name: 'commit', text: 'commit', values: [] }

/**
 * `begin` travels with the first statement and `commit` right behind the last, so a handler that loads once and saves
 * once costs two round trips. What was sent with `later` is answered before the commit is believed.
 */
async function inTransaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  const { query, rollBack } = inOrder(client)
  const unanswered: Promise<unknown>[] = []
  let begun = false
  let broken: (Error & { code?: string }) | undefined
  const keep = (sent: Promise<unknown>) => {
    // The first failure is the cause; what follows it in an aborted transaction (25P02) is noise, whichever is told first.
    sent.catch((error: Error) => {
      if (!broken || broken.code === '25P02') broken = error
    })
    unanswered.push(sent)
  }
  const send = ({ text, values }: Statement) => {
    if (!begun) {
      begun = true
      keep(query(begin))
    }
    return query(prepared(text, values))
  }
  let lost: Error | undefined
  try {
    const result = await work(handle({ send, later: async (statement) => keep(send(statement)) }))
    if (begun) {
      const [{ command }] = await Promise.all([query(commit), ...unanswered])
      // PostgreSQL answers the commit of an aborted transaction with ROLLBACK: somebody went on after a failed statement.
      if (command === 'ROLLBACK') throw new Error('the transaction was aborted by a statement that failed')
      begun = false
    }
    return result
  } catch (error) {
    if (begun) await rollBack().catch((failed: Error) => (lost = failed))
    throw broken ?? error
  } finally {
    client.release(lost)
  }
}

async function onOneConnection<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  let taken: Promise<{ client: pg.PoolClient; query: (config: pg.QueryConfig) => Promise<pg.QueryResult> }> | undefined
  let over = false
  let lost: Error | undefined
  const send = async ({ text, values }: Statement) => {
    taken ??= pool.connect().then((client) => ({ client, query: inOrder(client).query }))
    const { query } = await taken
    // The connection may be somebody else's by now.
    if (over) throw new Error('a read was sent after its request was answered')
    return query(prepared(text, values)).catch((error: Error) => {
      if (databaseIsAway(error)) lost = error
      throw error
    })
  }
  try {
    return await work(handle({ send, later: async (statement) => void (await send(statement)) }))
  } finally {
    over = true
    // A pool that gave no connection has told whoever asked for it.
    void taken?.then(({ client }) => client.release(lost), () => undefined)
  }
}

/** Sends statements in the order in which they are asked; prepared ones of the same moment go in one company. */
function inOrder(client: pg.PoolClient): { query: (config: pg.QueryConfig) => Promise<pg.QueryResult>; rollBack: () => Promise<unknown> } {
  let company: Together | undefined
  const depart = () => {
    if (company) client.query(company as never)
    company = undefined
  }
  return {
    query: (config) => {
      if (config.name && isPrepared(client, config as Named)) {
        if (!company) {
          company = new Together(types)
          process.nextTick(depart)
        }
        return company.add(config as Named)
      }
      depart()
      travelTogether(client)
      return client.query(config)
    },
    rollBack: () => {
      depart()
      return client.query('rollback')
    },
  }
}

/** What is sent before the handler waits for something goes out in one write: a write for each would cost more than its statement. */
function travelTogether(client: pg.PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection
  if (stream.writableCorked > 0) return
  stream.cork()
  process.nextTick(() => stream.uncork())
}

const compiler = new PostgresQueryCompiler()
const adapter = new PostgresAdapter()

/** Makes a handle that also serves `sql`…`.execute(tx)`. */
function handle(to: Pick<Tx, 'send' | 'later'>): Tx {
  const connection = {
    executeQuery: async ({ sql: text, parameters }: { sql: string; parameters: readonly unknown[] }) => {
      const { rows, command, rowCount } = await to.send({ text, values: parameters })
      return { rows: rows as never[], ...(changes.has(command) && { numAffectedRows: BigInt(rowCount ?? 0) }) }
    },
    streamQuery: () => {
      throw new Error('streams are read in pages')
    },
  }
  return { ...to, getExecutor: () => new DefaultQueryExecutor(compiler, adapter, { provideConnection: (use) => use(connection) }) }
}

const changes = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

type Raw = { sqlFragments: readonly string[]; parameters: readonly Part[] }
type Part = { kind: string; value?: unknown; immediate?: boolean }

/** Compiles a `sql` text with plain parameters and texts nested in it, the way Kysely does, at a tenth of the cost. */
export function statementOf(query: Query<unknown>): Statement {
  const node = query.toOperationNode() as unknown as Raw
  const values: unknown[] = []
  const text = textOf(node, values)
  if (text !== undefined) return { text, values }
  const compiled = compiler.compileQuery(node as never, { queryId: '' } as never)
  return { text: compiled.sql, values: compiled.parameters }
}

/** @returns the text, its parameters appended to `values`; undefined when a part is of another kind than these */
function textOf({ sqlFragments, parameters }: Raw, values: unknown[]): string | undefined {
  let text = sqlFragments[0]!
  for (let n = 0; n < parameters.length; n++) {
    const part = parameters[n]!
    if (part.kind === 'ValueNode' && !part.immediate) text += `$${values.push(part.value)}`
    else {
      const nested = part.kind === 'RawNode' ? textOf(part as unknown as Raw, values) : undefined
      if (nested === undefined) return undefined
      text += nested
    }
    text += sqlFragments[n + 1]!
  }
  return text
}

/** @returns all rows */
export async function many<Row>(tx: Tx, query: Query<Row>): Promise<Row[]> {
  return (await tx.send(statementOf(query))).rows as Row[]
}

/** @returns the first row, or undefined when there is none */
export async function maybe<Row>(tx: Tx, query: Query<Row>): Promise<Row | undefined> {
  return (await tx.send(statementOf(query))).rows[0] as Row | undefined
}

/** @returns the one row; a query that finds none is a bug */
export async function one<Row>(tx: Tx, query: Query<Row>): Promise<Row> {
  const row = await maybe(tx, query)
  if (row === undefined) throw new Error('a query that must find a row found none')
  return row
}

/** Runs a statement. @returns the number of rows it changed */
export async function run(tx: Tx, query: Query<unknown>): Promise<number> {
  const { command, rowCount } = await tx.send(statementOf(query))
  return changes.has(command) ? (rowCount ?? 0) : 0
}

/**
 * Sends a statement that nothing in the handler depends on; when it fails, the commit fails with its error. Use it for
 * the last statements of a handler (save, record): they travel with the commit.
 */
export async function later(tx: Tx, query: Query<unknown>): Promise<void> {
  await tx.later(statementOf(query))
}

/** A value as a jsonb parameter; a bare JavaScript array would be sent as a PostgreSQL array. */
export function json(value: unknown): RawBuilder<unknown> {
  return sql`${JSON.stringify(value)}::jsonb`
}
