import { periodText } from '../../rules/period.ts'
import type { Database } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { compareKept, formsWithFigures, lockForm, rebuildKept, recountLeaves } from './recount.sql.ts'

export type RollupForm = {
  form: string
  records: number
  kept: number
  /** Records whose contribution differs from their values, and kept figures that differ from the sum of their records. */
  wrongRecords: number
  wrongKept: number
  named: string[]
  repaired: boolean
}

/**
 * Compares what is kept with a full recompute from the records' values, form by form, each in one transaction that holds
 * the form's counties; with `repair` it brings both to their right values and says so in the trail.
 */
export async function verifyRollup(
  database: Database,
  { repair = false, onProgress }: { repair?: boolean; onProgress?: (records: number) => void } = {},
): Promise<RollupForm[]> {
  const forms = await formsWithFigures(database.db)
  const found: RollupForm[] = []
  let before = 0
  for (const form of forms) {
    found.push(
      await database.transaction(async (tx) => {
        await lockForm(tx, form)
        const leaves = await recountLeaves(tx, form, { repair, onProgress: (done) => onProgress?.(before + done) })
        const kept = await compareKept(tx, form)
        const wrong = leaves.wrong + kept.wrong > 0
        if (repair && wrong) {
          await rebuildKept(tx, form)
          await record(tx, 'rollup.repaired', { by: null, subject: `form:${form}`, facts: { records: leaves.wrong, kept: kept.wrong } })
        }
        before += leaves.records
        return {
          form,
          records: leaves.records,
          kept: kept.kept,
          wrongRecords: leaves.wrong,
          wrongKept: kept.wrong,
          named: [...leaves.named, ...kept.named].slice(0, 20).map((one) => `${one.unit} ${periodText(one.period)}`),
          repaired: repair && wrong,
        }
      }),
    )
  }
  return found
}
