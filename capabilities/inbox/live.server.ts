import type { PoolClient } from 'pg'
import type { Database } from '../../server/db.ts'
import type { RawCall, RawRoute } from '../../server/raw.ts'

type Listener = { units: ReadonlySet<number>; tell: () => void; end: () => void }

/** One connection per process listens for all open pages of it. */
const ears = new WeakMap<Database, { listeners: Set<Listener>; client: Promise<PoolClient> | undefined }>()

function earOf(database: Database) {
  const ear = ears.get(database) ?? { listeners: new Set<Listener>(), client: undefined }
  ears.set(database, ear)
  return ear
}

async function listen(database: Database): Promise<void> {
  const ear = earOf(database)
  ear.client ??= (async () => {
    const client = await database.pool.connect()
    const lost = () => {
      // The database went away: the lines end, the browsers come again by themselves, look once, and are listened for anew.
      ear.client = undefined
      for (const listener of ear.listeners) listener.end()
      client.release(true)
    }
    client.once('error', lost)
    client.on('notification', ({ channel, payload = '' }) => {
      if (channel !== 'notice') return
      const units = payload.split(',').map(Number)
      for (const listener of ear.listeners) if (payload === '*' || units.some((unit) => listener.units.has(unit))) listener.tell()
    })
    await client.query('listen notice')
    return client
  })()
  await ear.client
}

async function stopListening(database: Database): Promise<void> {
  const ear = earOf(database)
  if (ear.listeners.size > 0 || !ear.client) return
  const client = await ear.client
  ear.client = undefined
  client.removeAllListeners('notification')
  client.release(true)
}

/** How often a quiet line says that it is alive, so that proxies keep it open. */
const beat = 25_000

/** Server-sent events: `notice` whenever something for one of my posts has been written. The page then asks what it was. */
export const liveRoute: RawRoute = {
  method: 'GET',
  path: '/inbox/live',
  needs: 'signedIn',
  summary: 'Live notices as server-sent events',
  async handle({ request, response, actor, database }: RawCall) {
    const listener: Listener = { units: new Set(actor.grants.map((grant) => grant.unit)), tell: () => void response.write('event: notice\ndata: {}\n\n'), end: () => void response.end() }
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store, no-transform', connection: 'keep-alive', 'x-accel-buffering': 'no' })
    response.write('retry: 5000\n\n')
    earOf(database).listeners.add(listener)
    const alive = setInterval(() => response.write(': alive\n\n'), beat)
    const gone = new Promise<void>((resolve) => {
      request.on('close', resolve)
      response.on('close', resolve)
    })
    try {
      await listen(database)
      await gone
    } finally {
      clearInterval(alive)
      earOf(database).listeners.delete(listener)
      await stopListening(database)
    }
  },
}
