import type { EventEmitter } from 'node:events'
import type { Writable } from 'node:stream'
import pg from 'pg'

/** What pg does with one statement and its answer; its own class, of which the types tell less. */
type Answerable = EventEmitter & {
  text: string
  name?: string
  callback: (error: Error | null, result?: pg.QueryResult) => void
  prepare: (wire: Wire) => void
  submit: (connection: Connection) => Error | null
  handleRowDescription: (message: Description) => void
  handleDataRow: (message: unknown) => void
  handleCommandComplete: (message: unknown, connection: Connection) => void
  handleReadyForQuery: (connection: Connection) => void
  handleError: (error: Error, connection: Connection) => void
}
type Description = { fields: unknown[] }
type Wire = { [does in 'parse' | 'bind' | 'describe' | 'execute' | 'close']: (message: never) => void } & {
  sync: () => void
  parsedStatements: Record<string, string>
  submittedNamedStatements: Record<string, string>
}
type Connection = Wire & { stream: Writable }

export type Named = { name: string; text: string; values: unknown[] }

const Query = pg.Query as unknown as new (config: { text: string; values?: unknown[]; name?: string; types?: pg.CustomTypesConfig }) => Answerable

/** What the rows of a prepared statement look like, by connection and name; null: it has none. It never changes: PostgreSQL would refuse the plan. */
const described = new WeakMap<object, Map<string, Description | null>>()

const connectionOf = (client: pg.ClientBase) => (client as unknown as { connection: Connection }).connection

/** @returns whether this connection has prepared the statement, so that it may travel in a company */
export function isPrepared(client: pg.ClientBase, { name, text }: Pick<Named, 'name' | 'text'>): boolean {
  return connectionOf(client).parsedStatements[name] === text
}

/**
 * Prepared statements that go to the server in one company: one behind the other, each seeing what was done before it,
 * and answered in one piece. Sent singly each is answered by itself, and the answers cost more than small statements.
 * When one fails, those behind it are not run and fail with its error.
 */
export class Together extends Query {
  private readonly statements: Answerable[] = []
  private answered = 0
  private description: Description | undefined
  private descriptions = new Map<string, Description | null>()
  private readonly types: pg.CustomTypesConfig

  /** @param types how values are read */
  constructor(types: pg.CustomTypesConfig) {
    super({ text: 'together' })
    this.types = types
    this.callback = () => undefined
  }

  /** Adds a statement that `isPrepared`, before the company is sent. */
  add(statement: Named): Promise<pg.QueryResult> {
    const one = new Query({ ...statement, types: this.types })
    this.statements.push(one)
    return new Promise((resolve, reject) => {
      one.callback = (error, result) => (error ? reject(error) : resolve(result!))
    })
  }

  override submit = (connection: Connection): null => {
    const known = described.get(connection) ?? new Map<string, Description | null>()
    described.set(connection, known)
    this.descriptions = known
    connection.stream.cork()
    for (const [at, one] of this.statements.entries()) {
      let wrong = false
      one.prepare({
        parsedStatements: connection.parsedStatements,
        submittedNamedStatements: connection.submittedNamedStatements,
        parse: () => undefined,
        bind: (message) => connection.bind(message),
        describe: (message) => void (known.has(one.name!) || connection.describe(message)),
        execute: (message) => connection.execute(message),
        // Its values could not be written, which it has told already.
        close: () => (wrong = true),
        sync: () => undefined,
      })
      if (!wrong) continue
      const [, ...behind] = this.statements.splice(at)
      for (const left of behind) left.handleError(new Error('a statement before this one could not be sent'), connection)
      break
    }
    connection.sync()
    connection.stream.uncork()
    return null
  }

  override handleRowDescription = (message: Description): void => {
    this.description = message
    this.statements[this.answered]?.handleRowDescription(message)
  }

  override handleDataRow = (message: unknown): void => {
    const one = this.statements[this.answered]!
    this.describe(one)
    one.handleDataRow(message)
  }

  override handleCommandComplete = (message: unknown, connection: Connection): void => {
    const one = this.statements[this.answered]!
    this.describe(one)
    if (!this.descriptions.has(one.name!)) this.descriptions.set(one.name!, this.description ?? null)
    this.description = undefined
    this.answered++
    one.handleCommandComplete(message, connection)
    one.handleReadyForQuery(connection)
  }

  override handleReadyForQuery = (): void => undefined

  override handleError = (error: Error, connection: Connection): void => this.fail(error, connection)

  /** The server was not asked again what the rows look like: it said so before. */
  private describe(one: Answerable): void {
    if (this.description) return
    const known = this.descriptions.get(one.name!)
    if (!known) return
    this.description = known
    one.handleRowDescription(known)
  }

  private fail(error: Error, connection: Connection): void {
    const left = this.statements.slice(this.answered)
    this.answered = this.statements.length
    for (const one of left) one.handleError(error, connection)
  }
}
