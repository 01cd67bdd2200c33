import { multiply, sum } from '../../rules/decimal.ts'

/** How an ended unit goes on: in one unit, or in several with the part of its figures that each has. */
export type KinLink = { unit: number; successor: number; share: string | null; main: boolean; kind: 'merge' | 'split' }

/** Where the figures of an ended unit belong on today's tree. */
export type Lot =
  /** All of them to one unit that stands. */
  | { whole: number }
  /** Parts of them, which together make 1. */
  | { parts: ReadonlyMap<number, string> }
  /** They cannot be divided: no successor has them; above, they count where `at` hangs. */
  | { undivided: true; at: number }

/**
 * Follows who came after whom to the units that stand (C1, “predecessor map”): a merge hands everything on, a split with
 * shares divides, a split without shares ends the way down.
 * @param links of ended units only; a unit without links stands, or nobody of its rank came after it
 */
export function lotOf(unit: number, links: ReadonlyMap<number, readonly KinLink[]>): Lot {
  const own = links.get(unit)
  if (!own || own.length === 0) return { whole: unit }
  if (own[0]!.kind === 'merge') return lotOf(own[0]!.successor, links)
  const main = own.find((link) => link.main)?.successor ?? own[0]!.successor
  if (own.some((link) => link.share === null)) return { undivided: true, at: standingOf(main, links) }
  const parts = new Map<number, string>()
  for (const link of own) {
    const lot = lotOf(link.successor, links)
    // What a later split did not divide stays with its main successor's place.
    const given = 'whole' in lot ? new Map([[lot.whole, '1']]) : 'parts' in lot ? lot.parts : new Map([[lot.at, '1']])
    for (const [to, share] of given) parts.set(to, sum([parts.get(to) ?? '0', multiply(share, link.share!)]))
  }
  return { parts }
}

/** @returns the unit that carries on what was open, and stands */
export function standingOf(unit: number, links: ReadonlyMap<number, readonly KinLink[]>): number {
  const own = links.get(unit)
  const next = own?.find((link) => link.main) ?? own?.[0]
  return next ? standingOf(next.successor, links) : unit
}

/** @returns whether the way from an ended unit to those that stand leads through `through` */
export function goesThrough(unit: number, through: number, links: ReadonlyMap<number, readonly KinLink[]>): boolean {
  return unit === through || (links.get(unit) ?? []).some((link) => goesThrough(link.successor, through, links))
}
