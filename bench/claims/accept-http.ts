import { compareKept } from '../../capabilities/ledgers/recount.sql.ts'
import { form, openLoad, putBack, unitWith, waitingReturns } from '../load.ts'
import { print, summary } from '../measure.ts'
import { serve } from '../serve.ts'
import { wrkPerSecond } from '../wrk.ts'

/** A county's officers at the end of a month; for the empty endpoint as many. */
const connections = 64

const seconds = 1
const rounds = 4

/** Accepting one return over HTTP (session, idempotency key and all) against an empty endpoint for whoever is signed in. */
export async function acceptHttp(): Promise<void> {
  const load = await openLoad()
  const { database } = load
  const client = await serve(database, load.url, await unitWith(database, '140000000000'))
  const acceptSome = (some: readonly { unit: number }[]) =>
    wrkPerSecond(
      { url: `${client.url}/ledgers/returns/accept`, headers: client.headers, bodies: some.map(({ unit }) => ({ unit, form, period: '2018-12', version: 1 })) },
      connections,
      seconds,
    )
  const nothing = () => wrkPerSecond({ url: `${client.url}/bench/nothing`, headers: client.headers }, connections, seconds)
  // A server runs for weeks: it is warm before it is measured. Then all returns wait again.
  let waits = await waitingReturns(database)
  // Each round has its share of the returns, so that no round runs dry.
  const share = Math.floor(waits.length / rounds)
  for (let round = 0; round < rounds; round++) {
    await acceptSome(waits.splice(0, share))
    await nothing()
  }
  await putBack(database)
  waits = await waitingReturns(database)
  const empty: number[] = []
  const accepts: number[] = []
  let accepted = 0
  for (let round = 0; round < rounds; round++) {
    empty.push((await nothing()).rate)
    const { rate, done } = await acceptSome(waits.splice(0, share))
    accepts.push(rate)
    accepted += done
  }
  const { wrong } = await compareKept(database.db, form)
  const [a, b] = [summary('accept over HTTP', '/s', accepts), summary('empty signed-in endpoint', '/s', empty)]
  print({ claim: `accepting a return over HTTP at ${connections} connections, ${wrong} kept figures wrong afterwards`, bar: '≥ 0.35 of an empty signed-in endpoint', measured: `${accepted} accepted`, ratio: a.median / b.median, holds: a.median / b.median >= 0.35 && wrong === 0, figures: [a, b] })
  await client.close()
  await load.close()
}
