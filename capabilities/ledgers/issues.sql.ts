import { json, one, run, sql, type Tx } from '../../server/db.ts'
import type { Audience } from '../units/audience.ts'
import type { ResolvedForm } from './form-definition.ts'
import { fieldsOf } from './form-fields.ts'

/** One asking of a form: who asks, through which list, until when. Dates are civil dates. */
export type Issuing = { period: number; issuer: number; by: string; today: string; due: string; list?: number | undefined }

/** Keeps that a form is asked, with what it costs one unit as it is now. @returns the id of the issue */
export async function addIssue(tx: Tx, form: ResolvedForm, audience: Audience, { period, issuer, by, today, due, list }: Issuing): Promise<number> {
  const { asked, shown } = fieldsOf(form)
  const { id } = await one<{ id: number }>(
    tx,
    sql`insert into form_issue (form, period, issuer_unit, list_id, audience, fields_new, fields_held, minutes, issued_on, due, issued_by)
        values (${form.code}, ${period}, ${issuer}, ${list ?? null}, ${json(audience)}, ${asked.length}, ${shown.length}, ${form.minutes}, ${today}, ${due}, ${by}) returning id`,
  )
  return id
}

/** How many units the issue asked that nobody had asked before. */
export function settleIssue(tx: Tx, issue: number, units: number): Promise<number> {
  return run(tx, sql`update form_issue set units = ${units} where id = ${issue}`)
}
