import { compareKept } from '../../capabilities/ledgers/recount.sql.ts'
import { form, openLoad, unitWith, waitingReturns } from '../load.ts'
import { perSecond, print, summary } from '../measure.ts'
import { serve } from '../serve.ts'
import { connections } from './accept.ts'

const seconds = 4
const rounds = 3

/** Accepting one return over HTTP (session, idempotency key and all) against an empty endpoint for whoever is signed in. */
export async function acceptHttp(): Promise<void> {
  const load = await openLoad()
  const { database } = load
  const client = await serve(database, load.url, await unitWith(database, '140000000000'))
  const waits = await waitingReturns(database)
  const acceptNext = async () => {
    const next = waits.pop()
    if (next) await client.post('/ledgers/returns/accept', { unit: next.unit, form, period: '2018-12', version: 1 })
    return next !== undefined
  }
  const nothing = async () => void (await client.get('/bench/nothing'))
  for (let n = 0; n < 500; n++) await Promise.all([acceptNext(), nothing()])
  const empty: number[] = []
  const accepts: number[] = []
  for (let round = 0; round < rounds; round++) {
    empty.push(await perSecond(connections, seconds, nothing))
    accepts.push(await perSecond(connections, seconds, acceptNext))
  }
  const { wrong } = await compareKept(database.db, form)
  const [a, b] = [summary('accept over HTTP', '/s', accepts), summary('empty signed-in endpoint', '/s', empty)]
  print({ claim: `accepting a return over HTTP at ${connections} connections, ${wrong} kept figures wrong afterwards`, bar: '≥ 0.35 of an empty signed-in endpoint', measured: `${load.villages - waits.length} accepted`, ratio: a.median / b.median, holds: a.median / b.median >= 0.35 && wrong === 0, figures: [a, b] })
  await client.close()
  await load.close()
}
