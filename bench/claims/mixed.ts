import { verifyRollup } from '../../capabilities/ledgers/rollup.server.ts'
import { isProblem } from '../../rules/problem.ts'
import { many, sql } from '../../server/db.ts'
import { holder } from '../../tests/people.ts'
import { asPerson } from '../../tools/sample-city/as-person.ts'
import { form, items, openLoad, unitWith, waiting } from '../load.ts'
import { perSecond, print, summary } from '../measure.ts'
import { connections } from './accept.ts'

const seconds = 20
const counties = 6
const refusals = new Set(['stale-version', 'move-not-possible'])

/**
 * Corrections, send-backs, single and bulk acceptances of the same few counties at once, at random (a fixed seed), and
 * afterwards a full recompute of every kept figure from the values. A deadlock or any other error ends the claim.
 */
export async function mixed(): Promise<void> {
  const load = await openLoad()
  const { database } = load
  const units = await many<{ unit: number; county: number }>(
    database.db,
    sql`select unit_id as unit, county_id as county from record where form = ${form} and period = ${waiting}
        and county_id in (select distinct county_id from expected_return where form = ${form} order by 1 limit ${counties}) order by 1`,
  )
  const province = await unitWith(database, '140000000000')
  const now = new Date('2019-01-05T02:00:00Z')
  const checker = asPerson(database, holder(province), now)
  const clerk = asPerson(database, holder(province, undefined, '录入员'), now)
  const chance = seeded(2018)
  const pick = () => units[Math.floor(chance() * units.length)]!.unit
  const stateOf = (some: readonly number[]) =>
    many<{ unit: number; version: number; state: string }>(database.db, sql`select unit_id as unit, version, state from record where form = ${form} and period = ${waiting} and unit_id = any(${some}::int[])`)
  const done: Record<string, number> = { accept: 0, acceptMany: 0, sendBack: 0, submit: 0, refused: 0 }
  const key = (unit: number) => ({ unit, form, period: '2018-12' })
  const rate = await perSecond(connections, seconds, async () => {
    const dice = chance()
    try {
      if (dice < 0.1) {
        const some = [...new Set(Array.from({ length: 100 }, pick))]
        const outcome = await checker.ledgers.acceptMany({ form, period: '2018-12', rows: (await stateOf(some)).map(({ unit, version }) => ({ unit, version })) })
        done.acceptMany! += outcome.done
        return
      }
      const [row] = await stateOf([pick()])
      if (dice < 0.5) {
        await checker.ledgers.accept({ ...key(row!.unit), version: row!.version })
        done.accept!++
      } else if (dice < 0.65) {
        await checker.ledgers.sendBack({ ...key(row!.unit), version: row!.version, reasons: { item1: '与走访记录不符' } })
        done.sendBack!++
      } else {
        const values = Object.fromEntries(Array.from({ length: items }, (_, n) => [`item${n + 1}`, String(Math.floor(chance() * 1000))]))
        await clerk.ledgers.submit({ ...key(row!.unit), formVersion: 1, values, version: row!.version, note: '更正' })
        done.submit!++
      }
    } catch (error) {
      if (!isProblem(error) || !refusals.has(error.code)) throw error
      done.refused!++
    }
  })
  const [outcome] = (await verifyRollup(database)).filter((one) => one.form === form)
  const wrong = outcome!.wrongRecords + outcome!.wrongKept
  print({
    claim: 'random corrections, send-backs, single and bulk acceptances at once are exact against a full recompute, without a deadlock',
    bar: '0 wrong',
    measured: `${outcome!.records} records and ${outcome!.kept} kept figures compared; ${Object.entries(done).map(([what, n]) => `${n} ${what}`).join(', ')}`,
    ratio: wrong,
    holds: wrong === 0,
    figures: [summary('calls', '/s', [rate])],
  })
  await load.close()
}

/** A small generator of numbers in [0, 1) with a seed (mulberry32), so that a run can be repeated. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
