import { periodText } from '../../rules/period.ts'
import type { Actor, Grant } from '../access/permission.ts'

/** @returns how the trail names a record */
export const subjectOf = ({ unit, form, period }: { unit: number; form: string; period: number }) => `record:${unit}:${form}:${periodText(period)}`

/** @returns who acts, and in which post */
export function bearer(actor: Actor, grant: Grant) {
  return { account: actor.account, post: grant.post || undefined, acting: grant.acting }
}
