import { compareDates, type CivilDate } from '../../rules/civil-date.ts'
import { compare, sum } from '../../rules/decimal.ts'
import { periodEnd } from '../../rules/period.ts'

export type ChangeKind = 'merge' | 'split' | 'rename' | 'abolish' | 'transfer'
/** Whom a merge or split makes, or which standing unit takes over. */
export type Into = {
  unit?: number | undefined
  create?: { code: string; name: string; class?: string | undefined } | undefined
  /** Of a split: the part of the predecessor's figures that is this one's; all of a split add up to 1. */
  share?: string | undefined
  /** Of a split: units that hung below the predecessor and go to this one. */
  children?: readonly number[] | undefined
}
export type Change =
  | { kind: 'merge'; on: CivilDate; units: readonly number[]; into: Into }
  | { kind: 'split'; on: CivilDate; unit: number; into: readonly Into[]; main: number }
  | { kind: 'rename'; on: CivilDate; unit: number; name: string }
  | { kind: 'abolish'; on: CivilDate; unit: number; heir: number }
  | { kind: 'transfer'; on: CivilDate; units: readonly number[]; areaParent: number | null; lineParent: number | null; management: 'area' | 'line' | 'dual' }

/** @returns the units a change names, whatever their part in it */
export function unitsNamed(change: Change): number[] {
  const intos = change.kind === 'merge' ? [change.into] : change.kind === 'split' ? change.into : []
  const of = {
    merge: () => (change.kind === 'merge' ? [...change.units] : []),
    split: () => (change.kind === 'split' ? [change.unit] : []),
    rename: () => (change.kind === 'rename' ? [change.unit] : []),
    abolish: () => (change.kind === 'abolish' ? [change.unit, change.heir] : []),
    transfer: () => (change.kind === 'transfer' ? [...change.units, change.areaParent, change.lineParent] : []),
  }[change.kind]()
  const all = [...of, ...intos.flatMap((into) => [into.unit ?? null, ...(into.children ?? [])])]
  return [...new Set(all.filter((id) => id !== null))]
}

export type Wrong = { code: string; path: string; facts?: Record<string, unknown> }

/**
 * What is wrong with a change by itself, without looking at the units (C1): a merge needs two predecessors unless a
 * standing unit takes over, a split two successors, shares are all there and make 1, or none is.
 * @param today a change is recorded when it holds: not before its day
 */
export function wrongIn(change: Change, today: CivilDate): Wrong[] {
  const wrong: Wrong[] = []
  if (compareDates(change.on, today) > 0) wrong.push({ code: 'change-in-future', path: 'on', facts: { on: change.on, today } })
  const twice = (ids: readonly number[], path: string) => {
    if (new Set(ids).size < ids.length) wrong.push({ code: 'change-unit-twice', path })
  }
  if (change.kind === 'merge') {
    twice(change.units, 'units')
    wrong.push(...wrongInto(change.into, 'into'))
    const others = change.units.filter((id) => id !== change.into.unit)
    if (others.length < (change.into.unit === undefined ? 2 : 1)) wrong.push({ code: 'change-merge-few', path: 'units' })
  }
  if (change.kind === 'split') {
    change.into.forEach((into, at) => wrong.push(...wrongInto(into, `into.${at}`)))
    if (change.into.length < 2) wrong.push({ code: 'change-split-few', path: 'into' })
    twice(change.into.flatMap((into) => into.unit ?? []), 'into')
    twice(change.into.flatMap((into) => into.children ?? []), 'into')
    if (!change.into[change.main]) wrong.push({ code: 'change-main-missing', path: 'main' })
    const shares = change.into.map((into) => into.share).filter((share) => share !== undefined)
    const stays = change.into.some((into) => into.unit === change.unit)
    if (shares.length > 0 && (stays || shares.length < change.into.length || compare(sum(shares), '1') !== 0 || shares.some((share) => compare(share, '0') <= 0))) {
      wrong.push({ code: stays ? 'change-shares-standing' : 'change-shares', path: 'into', facts: { sum: sum(shares) } })
    }
  }
  if (change.kind === 'abolish' && change.heir === change.unit) wrong.push({ code: 'change-heir-self', path: 'heir' })
  if (change.kind === 'transfer') {
    twice(change.units, 'units')
    if (change.management === 'line' && change.lineParent === null) wrong.push({ code: 'line-parent-missing', path: 'lineParent' })
  }
  return wrong
}

function wrongInto(into: Into, path: string): Wrong[] {
  return (into.unit === undefined) === (into.create === undefined) ? [{ code: 'change-into-one', path }] : []
}

/** An open return of a unit that ends: expected and not accepted. */
export type OpenReturn = {
  unit: number
  form: string
  period: number
  due: CivilDate
  /** Somebody has submitted it or saved a draft. */
  begun: boolean
  /** The unit classes the form is asked of. */
  audience: readonly string[]
}

export type ReturnFate = { stays: OpenReturn[]; goes: OpenReturn[] }

/**
 * Where open returns of units that end are finished (C1). A return of a period that ended before the change stays with
 * the unit that the period was about, and so does a form and period that any of the units has begun or reported: what
 * was begun is finished under the name it was begun in, so that no figure is counted twice and no draft is lost. The
 * successors' people finish it. All other returns are asked of the successors instead, once each.
 * @param known forms and periods that a standing successor has begun or reported, as `form:period`
 * @param classes unit classes of the successors; a form that does not ask one of them stays
 * @param abolished an abolished unit has no successor that could be asked: everything stays
 */
export function fateOfReturns(
  open: readonly OpenReturn[],
  { on, known, classes, abolished }: { on: CivilDate; known: ReadonlySet<string>; classes: readonly string[]; abolished: boolean },
): ReturnFate {
  const begun = new Set([...known, ...open.filter((one) => one.begun).map(keyOfReturn)])
  const stays = (one: OpenReturn) =>
    abolished || compareDates(periodEnd(one.period), on) < 0 || begun.has(keyOfReturn(one)) || classes.some((of) => !one.audience.includes(of))
  return { stays: open.filter(stays), goes: open.filter((one) => !stays(one)) }
}

export const keyOfReturn = ({ form, period }: { form: string; period: number }) => `${form}:${period}`
