import { Problem } from '../../rules/problem.ts'
import { grantFor, type Actor, type Grant, type UnitPath } from '../access/permission.ts'
import type { Verb } from '../access/verbs.ts'
import type { MoveNow } from '../endpoint.ts'
import { findingsIn } from './lives.ts'

/** Where one must stand for a move: at the unit or above it, in a post of the unit itself, or strictly above it. */
export type Stand = 'atOrAbove' | 'own' | 'above'

/** @returns the grant with which the actor does this from where he must stand */
export function grantFrom(actor: Actor, verb: Verb, path: UnitPath, stand: Stand): Grant | undefined {
  const unit = path[0]
  if (stand === 'own') return grantFor(actor, verb, [unit!])
  return grantFor(actor, verb, stand === 'above' ? path.filter((id) => id !== unit) : path)
}

/** Throws Problem `not-allowed`. */
export function mustStand(actor: Actor, verb: Verb, path: UnitPath, stand: Stand): Grant {
  const grant = grantFrom(actor, verb, path, stand)
  if (!grant) throw new Problem('not-allowed', { facts: { verb, unit: path[0], stand } })
  return grant
}

/** Throws Problem `stale-version` when somebody was quicker. */
export function mustBeFresh(mine: number, row: { version: number; state: string }): void {
  if (row.version !== mine) throw new Problem('stale-version', { facts: { mine, theirs: row.version, state: row.state } })
}

/** Throws Problem `invalid-input` when a text holds a word of the red lines or the number of a person. */
export function mustBeClean(texts: Readonly<Record<string, string>>): void {
  const findings = findingsIn(texts)
  if (findings.length > 0) throw new Problem('invalid-input', { field: findings[0]!.path, findings })
}

export const bearer = (actor: Actor, grant: Grant) => ({ account: actor.account, post: grant.post || undefined })

type Life = { may: (state: never) => { move: string; possible: boolean; from: string[] }[] }
/** @returns the moves of one thing; `why` says what keeps this person from a move that the state would allow */
export function movesNow(life: Life, state: string, why: (move: string) => string | undefined): MoveNow[] {
  return life.may(state as never).map(({ move, possible, from }) => {
    const no = possible ? why(move) : 'move-not-possible'
    return no === undefined ? { move, possible, from } : { move, possible: false, from, why: no }
  })
}
