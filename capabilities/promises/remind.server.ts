import { addDays } from '../../rules/civil-date.ts'
import type { Database } from '../../server/db.ts'
import { notify } from '../inbox/inbox.reads.ts'
import { tellBefore, tellLate } from './commitments.sql.ts'
import { tellMattersLate } from './matters.sql.ts'
import { tellPairingsEnd } from './pairings.sql.ts'
import { parentsNow } from './promises.reads.ts'

/** How many days before its day a commitment, and before its last day a pairing, is brought to mind. */
export const daysBefore = { commitment: 7, pairing: 14 } as const

/**
 * Tells units what comes near and what has passed: a commitment a week before its day, and once it is late also the level
 * above; a report that nobody acknowledged in time; a pairing that ends. Each is said once, however often this runs.
 */
export async function remindPromises(database: Database, today: string): Promise<void> {
  await database.transaction(async (tx) => {
    for (const one of await tellBefore(tx, today, addDays(today, daysBefore.commitment))) {
      await notify(tx, { units: [one.unit], verb: 'task.work', kind: 'commitmentDue', subject: `commitment:${one.id}`, facts: { title: one.text, on: one.by } })
    }
    const late = await tellLate(tx, today)
    const matters = await tellMattersLate(tx, today)
    const parents = await parentsNow(tx, [...late, ...matters].map((one) => one.unit))
    for (const one of late) {
      const said = { kind: 'commitmentLate', subject: `commitment:${one.id}`, facts: { title: one.text, on: one.by } }
      await notify(tx, { ...said, units: [one.unit], verb: 'task.work' })
      const parent = parents.get(one.unit)
      if (parent !== undefined) await notify(tx, { ...said, units: [parent], verb: 'task.check' })
    }
    for (const one of matters) {
      const parent = parents.get(one.unit)
      if (parent !== undefined) await notify(tx, { units: [parent], verb: 'task.check', kind: 'matterOverdue', subject: `matter:${one.id}`, facts: { title: one.title } })
    }
    for (const one of await tellPairingsEnd(tx, today, addDays(today, daysBefore.pairing))) {
      await notify(tx, { units: [one.helper, one.helped], verb: 'task.work', kind: 'pairingEnding', subject: `pairing:${one.id}`, facts: { title: one.purpose, on: one.until } })
    }
  })
}
