import { setImmediate as nextTurn } from 'node:timers/promises'
import { databaseIsAway } from './away.ts'
import { later, many, maybe, sql, type Database, type Tx } from './db.ts'
import { isProblem, Problem } from '../rules/problem.ts'

/** A call that may share a transaction with others: who asks, under which key, and what a body with the same key must hash to. */
export type Waiting<Call> = { call: Call; account: string; key: string | undefined; hash: string | undefined }

/**
 * How an endpoint answers several calls at once. Many people press the same button in the same second at the end of a
 * month: what comes while others of its kind are being written shares one transaction, one write to disk and one lock.
 */
export type Joint<Call, Output> = {
  /** Calls of which this is the same may share a transaction. */
  alike: (call: Call) => string
  /** Calls about the same thing never do: the later one must see what the earlier one did. */
  about: (call: Call) => string | number
  /** @returns for each call, in order, its answer or the Problem that refuses it; of a refused call nothing was changed */
  answerAll: (tx: Tx, calls: readonly Call[]) => Promise<readonly (Output | Problem)[]>
}

/** While one company is being written the next one gathers. */
const atOnce = 2
/** Companies that may be under way when those before them hang. */
const atMost = 6
const patienceMs = 500
const largest = 64

type Queued<Call, Output> = Waiting<Call> & { since: number; resolve: (output: Output) => void; reject: (error: unknown) => void }
/** `underWay`: how many calls the companies that have departed hold; `busy`: what those are about. */
type Queue<Call, Output> = { waiting: Queued<Call, Output>[]; companies: number; underWay: number; busy: Set<string | number>; watch?: NodeJS.Timeout | undefined }

/** @returns what answers one call, together with those that come at the same time */
export function joined<Call, Output>(joint: Joint<Call, Output>): (database: Database, one: Waiting<Call>) => Promise<Output> {
  const queues = new WeakMap<Database, Map<string, Queue<Call, Output>>>()

  function queueOf(database: Database, kind: string): Queue<Call, Output> {
    const ofDatabase = queues.get(database) ?? new Map<string, Queue<Call, Output>>()
    queues.set(database, ofDatabase)
    const queue = ofDatabase.get(kind) ?? { waiting: [], companies: 0, underWay: 0, busy: new Set() }
    ofDatabase.set(kind, queue)
    return queue
  }

  async function depart(database: Database, kind: string, queue: Queue<Call, Output>): Promise<void> {
    queue.companies++
    // Whatever this turn of the loop still brings comes along.
    await nextTurn()
    while (mayDepart(queue, queue.companies - 1)) {
      const company = take(joint, queue)
      // All that wait are about what is under way: whoever has that in hand takes them next.
      if (company.length === 0) break
      queue.underWay += company.length
      await answerTogether(joint, database, company)
      queue.underWay -= company.length
      for (const { call } of company) queue.busy.delete(joint.about(call))
    }
    queue.companies--
    if (queue.companies === 0) queues.get(database)?.delete(kind)
  }

  /** Looks again after a while: a company may hang on a lock that those who wait do not need. */
  function watch(database: Database, kind: string, queue: Queue<Call, Output>): void {
    queue.watch ??= setTimeout(() => {
      queue.watch = undefined
      if (mayDepart(queue, queue.companies)) void depart(database, kind, queue)
      if (queue.waiting.length > 0) watch(database, kind, queue)
    }, patienceMs)
  }

  return (database, one) =>
    new Promise((resolve, reject) => {
      const kind = joint.alike(one.call)
      const queue = queueOf(database, kind)
      queue.waiting.push({ ...one, since: performance.now(), resolve, reject })
      if (mayDepart(queue, queue.companies)) void depart(database, kind, queue)
      else watch(database, kind, queue)
    })
}

/**
 * The first goes at once. Another goes beside it when as many wait as are under way: small companies cost almost as much
 * as large ones. Who has waited long goes in any case, unless many are under way already.
 */
function mayDepart({ waiting, underWay }: { waiting: readonly { since: number }[]; underWay: number }, others: number): boolean {
  const [first] = waiting
  if (!first) return false
  if (others === 0 || (others < atOnce && waiting.length >= underWay)) return true
  return others < atMost && performance.now() - first.since >= patienceMs
}

/** Answers one call by itself. */
export function alone<Call, Output>(database: Database, one: Waiting<Call>, answerOne: (tx: Tx, call: Call) => Promise<Output>): Promise<Output> {
  const joint: Joint<Call, Output> = { alike: () => '', about: () => 0, answerAll: async (tx, [call]) => [await answerOne(tx, call!)] }
  return new Promise((resolve, reject) => void answerTogether(joint, database, [{ ...one, since: 0, resolve, reject }]))
}

/** Takes the next company out of those that wait, in the order in which they came. */
function take<Call, Output>(joint: Joint<Call, Output>, { waiting, busy }: Queue<Call, Output>): Queued<Call, Output>[] {
  const company: Queued<Call, Output>[] = []
  const left: Queued<Call, Output>[] = []
  const before = new Set(busy)
  for (const one of waiting) {
    const about = joint.about(one.call)
    const twin = one.key !== undefined && company.some((other) => other.key === one.key && other.account === one.account)
    if (company.length === largest || before.has(about) || twin) left.push(one)
    else {
      company.push(one)
      busy.add(about)
    }
    before.add(about)
  }
  waiting.splice(0, waiting.length, ...left)
  return company
}

/** Answers each of the company; never throws. */
async function answerTogether<Call, Output>(joint: Joint<Call, Output>, database: Database, company: readonly Queued<Call, Output>[]): Promise<void> {
  if (company.length === 0) return
  try {
    const answers = await database.transaction((tx) => inOneTransaction(joint, tx, company))
    for (const [at, one] of company.entries()) settle(one, answers[at]!)
  } catch (error) {
    if (error instanceof AnsweredBefore) {
      const before = company.filter((one) => error.knows(one))
      await Promise.all(before.map((one) => fromBefore<Output>(database, one).then(one.resolve, one.reject)))
      return answerTogether(joint, database, company.filter((one) => !error.knows(one)))
    }
    if (error instanceof AllRefused) return company.forEach((one, at) => one.reject(error.problems[at]))
    // What one of them did wrong must not hurt the others. Where the connection broke nobody knows what became of it: all are told.
    if (company.length === 1 || databaseIsAway(error)) return company.forEach((one) => one.reject(error))
    for (const one of company) await answerTogether(joint, database, [one])
  }
}

function settle<Output>(one: Queued<unknown, Output>, answer: Output | Problem): void {
  if (isProblem(answer)) one.reject(answer)
  else one.resolve(answer)
}

async function inOneTransaction<Call, Output>(joint: Joint<Call, Output>, tx: Tx, company: readonly Waiting<Call>[]): Promise<readonly (Output | Problem)[]> {
  const isNew = mustBeNew(tx, company)
  // What is loaded travels with the question whether the keys are new; nothing is shown before that is known.
  const gated: Tx = { ...tx, send: async (statement) => (await Promise.all([tx.send(statement), isNew]))[0] }
  // Inside a function of its own, so that what it throws at once is a refusal like any other.
  const answering = (async () => joint.answerAll(gated, company.map(({ call }) => call)))()
  const [done] = await Promise.allSettled([answering, isNew])
  await isNew
  if (done.status === 'rejected') throw done.reason
  const answers = done.value
  if (answers.every((answer) => isProblem(answer))) throw new AllRefused(answers)
  await keepAnswers(tx, company, answers)
  return answers
}

type Keyed = { account: string; key: string; hash: string }
const keyed = <Call>(company: readonly Waiting<Call>[]) => company.filter((one): one is Waiting<Call> & Keyed => one.key !== undefined)
// In one order everywhere, so that two companies with the same keys wait for each other and not in a circle.
const inOrder = (a: Keyed, b: Keyed) => (a.account < b.account ? -1 : a.account > b.account ? 1 : a.key < b.key ? -1 : 1)

/** Lays down the keys; waits for twins that are still running. Throws AnsweredBefore when some were there already. */
async function mustBeNew(tx: Tx, company: readonly Waiting<unknown>[]): Promise<void> {
  const keys = keyed(company).sort(inOrder)
  if (keys.length === 0) return
  const added = await many<{ actor: string; key: string }>(
    tx,
    sql`insert into answered (actor, key, request_hash)
        select * from unnest(${keys.map((one) => one.account)}::text[], ${keys.map((one) => one.key)}::text[], ${keys.map((one) => one.hash)}::text[])
        on conflict do nothing returning actor, key`,
  )
  if (added.length < keys.length) throw new AnsweredBefore(added)
}

/** A refused call leaves its key free: asked again it is looked at anew. */
async function keepAnswers(tx: Tx, company: readonly Waiting<unknown>[], answers: readonly unknown[]): Promise<void> {
  const [given, refused]: [(Keyed & { answer: unknown })[], Keyed[]] = [[], []]
  for (const [at, one] of company.entries()) {
    if (one.key === undefined) continue
    if (isProblem(answers[at])) refused.push(one as Keyed)
    else given.push({ ...(one as Keyed), answer: answers[at] ?? null })
  }
  if (given.length > 0) {
    await later(
      tx,
      // By the key's own index, whatever the planner knows of a table that was empty a moment ago.
      sql`insert into answered (actor, key, request_hash, response)
          select x.actor, x.key, x.hash, x.response::jsonb
          from unnest(${given.map((one) => one.account)}::text[], ${given.map((one) => one.key)}::text[], ${given.map((one) => one.hash)}::text[],
            ${given.map((one) => JSON.stringify(one.answer))}::text[]) x(actor, key, hash, response)
          on conflict (actor, key) do update set response = excluded.response`,
    )
  }
  if (refused.length > 0) {
    await later(
      tx,
      sql`delete from answered a using unnest(${refused.map((one) => one.account)}::text[], ${refused.map((one) => one.key)}::text[]) x(actor, key)
          where a.actor = x.actor and a.key = x.key`,
    )
  }
}

/** @returns what was answered before. Throws Problem `idempotency-mismatch` when it was another request. */
async function fromBefore<Output>(database: Database, { account, key, hash }: Waiting<unknown>): Promise<Output> {
  const before = await maybe<{ hash: string; response: Output }>(
    database.db,
    sql`select request_hash as hash, response from answered where actor = ${account} and key = ${key}`,
  )
  if (before?.hash !== hash) throw new Problem('idempotency-mismatch')
  return before!.response
}

/** Some keys were used before: whatever was sent is rolled back. */
class AnsweredBefore extends Error {
  private readonly added: Set<string>
  constructor(added: readonly { actor: string; key: string }[]) {
    super('answered before')
    this.added = new Set(added.map(({ actor, key }) => `${actor} ${key}`))
  }
  knows({ account, key }: Pick<Waiting<unknown>, 'account' | 'key'>): boolean {
    return key !== undefined && !this.added.has(`${account} ${key}`)
  }
}

class AllRefused extends Error {
  readonly problems: readonly unknown[]
  constructor(problems: readonly unknown[]) {
    super('all were refused')
    this.problems = problems
  }
}
