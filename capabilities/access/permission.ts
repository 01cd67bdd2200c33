import { Problem } from '../../rules/problem.ts'
import type { Verb } from './verbs.ts'

/** Verbs that one post gives its holder on `unit` and everything below it, in both trees. */
export type Grant = {
  post: number
  kind: string
  title: string
  unit: number
  unitName: string
  level: number
  verbs: readonly Verb[]
  acting: boolean
}

/** Who asks: an account and the posts it holds today. */
export type Actor = {
  account: string
  name: string
  locale: 'zh-CN' | 'en'
  mustChangePassword: boolean
  /** Signing in is not finished: a second factor is awaited, or one must be set up first. */
  wants?: 'code' | 'enrol'
  grants: readonly Grant[]
  /** The session that asks and the name it signed in with; missing when nobody came through a browser. */
  session?: string
  username?: string
}

/** A unit's own id and the ids of all its ancestors in both trees (块 and 条). */
export type UnitPath = readonly number[]

/** @returns the grant that lets `actor` do `verb` at the unit with this path, if there is one */
export function grantFor(actor: Actor, verb: Verb, path: UnitPath): Grant | undefined {
  const fitting = actor.grants.filter((grant) => grant.verbs.includes(verb) && path.includes(grant.unit))
  // Somebody stands in only where no post of his own would do.
  return fitting.find((grant) => !grant.acting) ?? fitting[0]
}

/** Throws Problem `not-allowed` unless one of the actor's posts gives `verb` at that unit. @returns the post's grant */
export function mustBeAble(actor: Actor, verb: Verb, path: UnitPath): Grant {
  const grant = grantFor(actor, verb, path)
  if (!grant) throw new Problem('not-allowed', { facts: { verb, unit: path[0] } })
  return grant
}

/** @returns the units on which the actor holds `verb`; with everything below them they are the actor's scope */
export function scopeOf(actor: Actor, verb: Verb): number[] {
  return [...new Set(actor.grants.filter((grant) => grant.verbs.includes(verb)).map((grant) => grant.unit))]
}

/** Throws Problem `not-allowed` unless the actor holds `verb` somewhere. @returns the scope, never empty */
export function mustHold(actor: Actor, verb: Verb): number[] {
  const scope = scopeOf(actor, verb)
  if (scope.length === 0) throw new Problem('not-allowed', { facts: { verb } })
  return scope
}
