import type { QueryKey } from '@tanstack/react-query'
import { del, entries, get, set } from 'idb-keyval'
import { sameValue } from '../../capabilities/ledgers/same-values.ts'
import { api, type ApiContext } from '../api/client.ts'
import { serverNow } from '../api/clock.ts'
import { ApiProblem, asProblem } from '../api/problem.ts'
import { newKey, q, queryClient } from '../api/queries.ts'
import { oldestShown } from './reads.ts'
import { queue, typed } from './store.ts'

type Words = { zh: string; en: string }

/** Something written that has not arrived yet. Kept on the device; it leaves when there is a line, exactly once. */
export type Waiting = {
  /** The Idempotency-Key: made when it was put here, the same at every try. */
  key: string
  /** Who wrote it; nobody else sees or sends it. */
  account: string
  act: ActName
  /** The whole request; never changed, or the same key would carry two meanings. */
  input: Record<string, unknown>
  /** Files it names, which must have arrived first. */
  files: readonly string[]
  /** Their names, where the request carries ids alone. */
  fileNames?: readonly string[]
  /** What it is about: there is one per place. It begins with the address of its page; a part of the page follows after “#”. */
  place: string
  title: Words
  /** The unit's name. */
  where: string
  period: string | null
  /** The same in plain words, to be copied or exported whatever becomes of the form. */
  text: string
  /** By the server's clock. */
  queuedAt: string
  state: 'waiting' | 'refused'
  problem: Pick<ApiProblem, 'code' | 'status' | 'field' | 'facts' | 'findings'> | null
  tries: number
}

type Act = {
  send: (input: never, options: { context: ApiContext; signal: AbortSignal }) => Promise<unknown>
  /** An office network that wants a password answers everything with its own page. */
  isAnswer: (output: unknown) => boolean
  /** The refusal says that just this is there already: the platform forgot the key, or it came by another way. */
  isThere: (input: Record<string, unknown>, problem: ApiProblem) => boolean
  refresh: () => QueryKey[]
}

const has = (...names: string[]) => (output: unknown) => typeof output === 'object' && output !== null && names.every((name) => name in output)
const never = () => false
const afterDeciding = () => [q.ledgers.key(), q.indicators.key(), q.inbox.key(), q.lists.key()]
const afterTask = () => [q.lists.key(), q.inbox.key(), q.ledgers.key()]

/** What can wait. A new act: its endpoint, how its answer looks, what it makes old. */
const acts = {
  'ledgers.submit': {
    send: api.ledgers.submit as Act['send'],
    isAnswer: has('submission'),
    isThere({ values }, { code, facts }) {
      if (code !== 'stale-version' || facts.state !== 'submitted' || typeof facts.values !== 'object') return false
      const theirs = facts.values as Record<string, unknown>
      return Object.entries(values as Record<string, unknown>).every(([field, value]) => sameValue(value, theirs[field]))
    },
    refresh: () => [q.ledgers.key(), q.inbox.key(), q.lists.key()],
  },
  'ledgers.accept': {
    send: api.ledgers.accept as Act['send'],
    isAnswer: has('state', 'version'),
    // Nothing was written with it: accepted is accepted, whoever's word came first.
    isThere: (_, { code, facts }) => (code === 'stale-version' || code === 'move-not-possible') && facts.state === 'accepted',
    refresh: afterDeciding,
  },
  'ledgers.sendBack': { send: api.ledgers.sendBack as Act['send'], isAnswer: has('state', 'version'), isThere: never, refresh: afterDeciding },
  'lists.report': { send: api.lists.report as Act['send'], isAnswer: has('trail', 'moves'), isThere: never, refresh: afterTask },
  'lists.verify': { send: api.lists.verify as Act['send'], isAnswer: has('trail', 'moves'), isThere: never, refresh: afterTask },
  'lists.sendBack': { send: api.lists.sendBack as Act['send'], isAnswer: has('trail', 'moves'), isThere: never, refresh: afterTask },
  'lists.comment': { send: api.lists.comment as Act['send'], isAnswer: has('trail', 'comments'), isThere: never, refresh: afterTask },
} satisfies Record<string, Act>
export type ActName = keyof typeof acts

/** No fault of what is sent: it is tried again. */
const passing = new Set<string>(['offline', 'busy', 'database-away', 'bug'])
/** Somebody must sign in first; who is signed in now is asked again. */
const signIn = new Set<string>(['not-signed-in', 'password-must-change', 'somebody-else'])
const answerMs = 30_000
const lockMs = 10_000

const placeOf = ({ account, key }: Pick<Waiting, 'account' | 'key'>) => `${account}/${key}`

// ---- what is here

/** @returns what this person wrote and has not arrived, oldest first */
export async function waitingOf(account: string): Promise<Waiting[]> {
  const all = await entries<string, Waiting>(queue)
  return all.filter(([key]) => key.startsWith(`${account}/`)).map(([, one]) => one).sort((a, b) => (a.queuedAt < b.queuedAt ? -1 : 1))
}

export type ToWait = Pick<Waiting, 'account' | 'act' | 'input' | 'files' | 'fileNames' | 'place' | 'title' | 'where' | 'period' | 'text'>

/** Puts something into the queue, in place of what waited for the same place. Throws what the browser throws when it keeps nothing. */
async function putInQueue(written: ToWait): Promise<Waiting> {
  const one: Waiting = { ...written, key: newKey(), queuedAt: new Date(serverNow()).toISOString(), state: 'waiting', problem: null, tries: 0 }
  await briefly(one.account, async () => {
    const former = (await waitingOf(one.account)).filter((other) => other.place === one.place)
    await set(placeOf(one), one, queue)
    for (const other of former) await del(placeOf(other), queue)
  })
  tell({ changed: true })
  // Browsers throw away what pages keep when the disk is full, unless they were asked not to.
  void navigator.storage?.persist?.().catch(() => false)
  return one
}

/** Takes something out of the queue, to be written on or thrown away. @returns whether it was still there */
export async function takeBack(one: Pick<Waiting, 'account' | 'key'>): Promise<boolean> {
  const there = await alone(one.account, async () => {
    const found = (await get<Waiting>(placeOf(one), queue)) !== undefined
    await del(placeOf(one), queue)
    return found
  })
  tell({ changed: true })
  return there
}

/** A refused one is tried once more as it is. */
export async function tryAgain(one: Waiting): Promise<void> {
  await change(one, { state: 'waiting', problem: null })
  await sendQueue(one.account)
}

async function takeOut(one: Waiting): Promise<void> {
  await del(placeOf(one), queue)
  tell({ changed: true })
}

/** Changes what is known of one that is still there; one that was taken back meanwhile stays away. */
async function change(one: Waiting, to: Partial<Waiting>): Promise<void> {
  await briefly(one.account, async () => {
    const now = await get<Waiting>(placeOf(one), queue)
    if (now) await set(placeOf(one), { ...now, ...to }, queue)
  })
  tell({ changed: true })
}

// ---- sending

/** Where there is plainly no line, nobody is kept waiting for an answer. */
const patience = () => (navigator.onLine && oldestShown() === undefined ? 15_000 : 1_500)

export type Outcome = { sent: unknown } | { waits: true } | { refused: ApiProblem }
const listening = new Map<string, (outcome: Outcome) => void>()

/**
 * Puts something into the queue and tries to send it at once. What is refused while its writer looks on is taken out
 * again: he has it before his eyes. Without an answer it goes on waiting.
 */
export async function sendThroughQueue(written: ToWait, patienceMs = patience()): Promise<Outcome> {
  const one = await putInQueue(written).catch(() => undefined)
  if (!one) return sendAtOnce(written)
  const heard = new Promise<Outcome>((tellOutcome) => listening.set(one.key, tellOutcome))
  void sendQueue(one.account)
  const outcome = await Promise.race([heard, new Promise<Outcome>((done) => setTimeout(done, patienceMs, { waits: true }))])
  listening.delete(one.key)
  return outcome
}

/** A browser that keeps nothing (private windows): what is written leaves at once or not at all. */
async function sendAtOnce({ account, act, input }: ToWait): Promise<Outcome> {
  try {
    const sent = await acts[act].send(input as never, { context: { idempotencyKey: newKey(), account }, signal: AbortSignal.timeout(answerMs) })
    return { sent }
  } catch (error) {
    return { refused: problemOf(error) }
  }
}

let running: Promise<void> | undefined
let again: string | undefined
let pause = 4_000
let timer: ReturnType<typeof setTimeout> | undefined

/** Sends what waits, one after the other, in one tab at a time. Stops when the line breaks, and tries again later. */
export function sendQueue(account: string): Promise<void> {
  again = account
  running ??= (async () => {
    try {
      while (again !== undefined) {
        const now = again
        again = undefined
        await alone(now, () => sendAll(now))
      }
    } finally {
      running = undefined
    }
  })()
  return running
}

async function sendAll(account: string): Promise<void> {
  for (const { key } of (await waitingOf(account)).filter((one) => one.state === 'waiting')) {
    // It may have been taken back while others were sent.
    const one = await get<Waiting>(placeOf({ account, key }), queue)
    if (one?.state !== 'waiting') continue
    const outcome = await sendOne(one)
    listening.get(key)?.(outcome.told)
    if (outcome.stop) {
      // What was put here after it is not tried now: whoever looks on need not wait for that.
      for (const hear of listening.values()) hear({ waits: true })
      if (outcome.later) tryLater(account)
      return
    }
  }
  pause = 4_000
}

function tryLater(account: string): void {
  clearTimeout(timer)
  timer = setTimeout(() => void sendQueue(account), pause)
  pause = Math.min(pause * 2, 120_000)
}

async function sendOne(one: Waiting): Promise<{ told: Outcome; stop?: boolean; later?: boolean }> {
  const { account, key, input } = one
  const act: Act = acts[one.act]
  const signal = AbortSignal.timeout(answerMs)
  try {
    if (one.files.length > 0) {
      const { sendFile } = await import('./files.ts')
      for (const id of one.files) await sendFile(account, id)
    }
    const output = await act.send(input as never, { context: { idempotencyKey: key, account }, signal: one.files.length > 0 ? AbortSignal.timeout(answerMs) : signal })
    if (!act.isAnswer(output)) throw new ApiProblem('offline')
    await arrived(one)
    return { told: { sent: output } }
  } catch (error) {
    const problem = problemOf(error)
    if (act.isThere(input, problem)) {
      await arrived(one)
      return { told: { sent: undefined } }
    }
    if (signIn.has(problem.code)) {
      void queryClient.invalidateQueries({ queryKey: q.access.me.key() })
      return { told: { waits: true }, stop: true }
    }
    if (passing.has(problem.code)) {
      await change(one, { tries: one.tries + 1 })
      // What the server stumbles over does not keep the others from leaving.
      return problem.code === 'bug' ? { told: { waits: true } } : { told: { waits: true }, stop: true, later: true }
    }
    const { code, status, field, facts, findings } = problem
    // Whoever looks on is told at once and has it before his eyes; otherwise it waits here for its writer.
    if (listening.has(key)) await takeOut(one)
    else {
      await change(one, { state: 'refused', problem: { code, status, field, facts, findings } })
      // Somebody else was there first: what a page shows is old. (Whoever looks on asks anew when he has compared.)
      if (code === 'stale-version' || code === 'move-not-possible') for (const queryKey of act.refresh()) void queryClient.invalidateQueries({ queryKey })
    }
    return { told: { refused: problem } }
  }
}

/** Times out, a script that did not come, an answer that no server of ours gave: all of it is the line. */
function problemOf(error: unknown): ApiProblem {
  if (error instanceof DOMException && /Timeout|Abort/.test(error.name)) return new ApiProblem('offline')
  const problem = asProblem(error)
  const ours = problem.requestId !== undefined || problem.code === 'offline' || problem.findings.length > 0 || Object.keys(problem.facts).length > 0
  return ours && !/dynamically imported/i.test(String(problem.facts.message ?? '')) ? problem : new ApiProblem('offline')
}

async function arrived(one: Waiting): Promise<void> {
  await del(placeOf(one), queue)
  await del(`${one.account}${one.place}`, typed)
  tell({ changed: true, sent: { title: one.title, period: one.period, seen: listening.has(one.key) } })
  await Promise.all(acts[one.act].refresh().map((queryKey) => queryClient.invalidateQueries({ queryKey })))
}

/** For a change that takes no time, so that a new one can be written down while others are being sent. */
function briefly<Result>(account: string, work: () => Promise<Result>): Promise<Result> {
  return navigator.locks ? navigator.locks.request(`sanji-queue-change/${account}`, work) : work()
}

/** One tab at a time. A tab that sleeps while it sends is not waited for: the key sees to it that nothing is done twice. */
async function alone<Result>(account: string, work: () => Promise<Result>): Promise<Result> {
  if (!navigator.locks) return work()
  let begun = false
  try {
    return await navigator.locks.request(`sanji-queue/${account}`, { signal: AbortSignal.timeout(lockMs) }, () => {
      begun = true
      return work()
    })
  } catch (error) {
    if (begun || !(error instanceof DOMException)) throw error
    return work()
  }
}

// ---- telling

export type QueueNews = { changed: true; sent?: { title: Words; period: string | null; seen: boolean } }
const watchers = new Set<(news: QueueNews) => void>()
const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('sanji-queue')
channel?.addEventListener('message', ({ data }: MessageEvent<QueueNews>) => {
  for (const watcher of watchers) watcher({ changed: true })
  if (data.sent) for (const act of Object.values(acts)) for (const queryKey of act.refresh()) void queryClient.invalidateQueries({ queryKey })
})

function tell(news: QueueNews): void {
  for (const watcher of watchers) watcher(news)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel reaches only pages of its own origin
  channel?.postMessage(news)
}

/** Hears of every change, in this tab and in others. */
export function watchQueue(watcher: (news: QueueNews) => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}
