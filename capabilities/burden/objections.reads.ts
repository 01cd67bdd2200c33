import { Problem } from '../../rules/problem.ts'
import type { Tx } from '../../server/db.ts'
import { pathOf } from '../units/units.reads.ts'
import type { Objection } from './burden.contract.ts'
import { noteCarriedOut, objectionForUpdate } from './voices.sql.ts'

/** An objection to a form, as whoever makes the form's next version on its account needs it. */
export type FormObjection = {
  id: number
  form: string
  field: string | null
  state: Objection['state']
  outcome: Objection['outcome']
  version: number
  carriedOut: boolean
  /** The unit that objected. */
  unit: number
  raisedBy: string
  /** Where a burden officer must stand to decide it. */
  place: readonly number[]
}

/** Locks the objection. Throws Problem `not-found` when there is none, or when it is to no form. */
export async function objectionToForm(tx: Tx, id: number): Promise<FormObjection> {
  const row = await objectionForUpdate(tx, id)
  if (!row || row.form === null) throw new Problem('not-found', { facts: { what: 'objection', id } })
  const { form, field, state, outcome, version, carriedOut, unit, raisedBy } = row
  return { id, form, field, state, outcome, version, carriedOut, unit, raisedBy, place: await pathOf(tx, row.officer ?? row.issuer ?? row.unit) }
}

/** Writes down which version of the form carries an upheld objection out, and since when. */
export async function carriedOutBy(tx: Tx, id: number, of: { formVersion: number; on: string }): Promise<void> {
  await noteCarriedOut(tx, id, of)
}
