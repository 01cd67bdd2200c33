import { addDays, compareDates, type CivilDate } from '../../rules/civil-date.ts'
import type { Change, Wrong } from './change.ts'
import type { Report } from './changes.contract.ts'

export type PlanState = 'waiting' | 'misfit' | 'done' | 'withdrawn'
export type PlanMove = 'renew' | 'withdraw'
/** The life of a change that is prepared before its day: from which states each move starts. */
export const planMoves: Record<PlanMove, readonly PlanState[]> = { renew: ['misfit'], withdraw: ['waiting', 'misfit'] }

/** A change is prepared at most this many days before its day: what lies further ahead is a slip of the year. */
export const daysAhead = 400

/**
 * @returns the day in the future that all these changes are prepared for; undefined when they are carried out now.
 *   What is prepared together holds from one day; `wrong` names each change with another.
 */
export function aheadOf(changes: readonly Pick<Change, 'on'>[], today: CivilDate): { on: CivilDate | undefined; wrong: Wrong[] } {
  const last = changes.map((change) => change.on).sort(compareDates).at(-1)
  if (last === undefined || compareDates(last, today) <= 0) return { on: undefined, wrong: [] }
  const latest = addDays(today, daysAhead)
  const wrong = changes.flatMap((change, at): Wrong[] => {
    const path = `changes.${at}.on`
    if (compareDates(change.on, latest) > 0) return [{ code: 'change-too-far', path, facts: { on: change.on, latest } }]
    return change.on === last ? [] : [{ code: 'change-dates-differ', path, facts: { on: change.on, last } }]
  })
  return { on: last, wrong }
}

/** A unit that a change names, as it stands before it; `area` and `line` are codes, `under` the names of both. */
export type Place = { code: string; name: string; class: string; area: string; line: string; management: string; under: string }
/**
 * What a change prepared ahead rests on: the structure it was confirmed on. Tasks, returns, posts and people go on
 * meanwhile and move as they stand on the day, so they are no part of it.
 */
export type Basis = {
  places: Place[]
  becomes: { code: string; name: string; becomes: Report['units'][number]['becomes']; note: string }[]
  /** Codes of the units below that move with it. */
  below: string[]
  bodies: string[]
}

/** What differs between the structure that was confirmed and the one that is found; null where there is nothing. */
export type Misfit =
  | { what: 'place'; code: string; was: string | null; now: string | null }
  | { what: 'below' | 'bodies'; gone: string[]; come: string[] }
  /** It cannot be carried out at all. */
  | { what: 'problem'; code: string; facts: Record<string, unknown> }

/** @returns nothing when a change still fits the structure it was confirmed on; otherwise each difference, by unit code */
export function misfitsOf(was: Basis, now: Basis): Misfit[] {
  const text = (basis: Basis) => {
    const shown = new Map(basis.places.map((one) => [one.code, [one.name, one.class, one.area, one.line, one.management].join(' · ')]))
    for (const one of basis.becomes) shown.set(one.code, [shown.get(one.code) ?? one.name, one.becomes, one.note].join(' · '))
    return shown
  }
  const [before, after] = [text(was), text(now)]
  const places = [...new Set([...before.keys(), ...after.keys()])]
    .filter((code) => before.get(code) !== after.get(code))
    .map((code): Misfit => ({ what: 'place', code, was: spoken(was, code), now: spoken(now, code) }))
  const listed = (['below', 'bodies'] as const).flatMap((what): Misfit[] => {
    const gone = was[what].filter((one) => !now[what].includes(one))
    const come = now[what].filter((one) => !was[what].includes(one))
    return gone.length + come.length === 0 ? [] : [{ what, gone, come }]
  })
  return [...places, ...listed]
}

/** A unit of a basis in a few words: its name and what it hangs below. */
function spoken(basis: Basis, code: string): string | null {
  const place = basis.places.find((one) => one.code === code)
  if (place) return [place.name, place.under].filter(Boolean).join(' · ')
  return basis.becomes.find((one) => one.code === code)?.name ?? null
}
