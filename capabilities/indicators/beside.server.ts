import { add, compare, subtract } from '../../rules/decimal.ts'
import { parsePeriod, periodEnd } from '../../rules/period.ts'
import type { Tx } from '../../server/db.ts'
import { afterUnit, firstDayOf, kinLinks, movedAfter, unitsBelowAt, unitsBelowNow } from '../changes/history.reads.ts'
import { goesThrough, lotOf } from '../changes/kin.ts'
import { figuresOfEach, figuresOfSet, leafFiguresOfSet } from '../ledgers/succession.reads.ts'
import { namesOf, type Unit } from '../units/units.reads.ts'
import { difference, partOf, partsFrom, plus, type Sums } from './beside.ts'
import { bandIndexOf, figureOf, formulasOf, overTime, type Parts } from './figure.ts'
import { formPeriods } from './form-periods.ts'
import type { IndicatorDefinition } from './indicator-definition.ts'
import type { Beside, Figure } from './indicators.contract.ts'
import type { Source } from './reading.server.ts'

/** Units whose reports make up a figure: whole ones, and parts of ended ones that were divided. */
type Made = { whole: ReadonlySet<number>; parts: ReadonlyMap<number, string> }

/** How many units are named for each step of the bridge. */
const named = 5

/**
 * Reads a figure on the tree that was valid at the end of its period and on today's, with the bridge between them (C3):
 * which change brought or took which units, and how much that makes. Predecessors stand for their successors; what a
 * split divides by shares is divided, what it does not divide stays the predecessor's and is named.
 */
export async function figureBeside(tx: Tx, source: Source, definition: IndicatorDefinition, unit: Unit, period: string): Promise<Beside> {
  const asked = parsePeriod(period)
  const date = periodEnd(asked)
  const periods = formPeriods(asked, source.cycle)
  const ended = unit.state !== 'active'
  const born = await firstDayOf(tx, unit.id)
  const existed = born === null || born <= date
  const today = await madeNow(tx, unit)
  const then: Made = { whole: new Set(existed ? await unitsBelowAt(tx, unit.id, date) : []), parts: new Map() }
  const partsNow = ended ? [] : await partsOf(tx, source, definition, periods, today)
  const partsThen = existed ? await partsOf(tx, source, definition, periods, then) : []
  // A stock is read in one period on both trees, or the difference would be one of time.
  const only = definition.overTime === 'last' ? Math.max(0, ...[...partsNow, ...partsThen].filter((one) => one.reported > 0).map((one) => one.period)) : 0
  const used = only === 0 ? periods : [only]
  // The band of a successor is that of the sum of its predecessors, never a mean of their bands.
  const figure = (parts: readonly Parts[]) => {
    const found: Figure = figureOf(definition, overTime(parts.filter((one) => used.includes(one.period)), definition))
    return { ...found, band: found.value === null ? null : (definition.bands?.names[bandIndexOf(definition)(found.value)] ?? null) }
  }
  const weights = new Map<number, string>()
  for (const id of ended ? [] : new Set([...today.whole, ...today.parts.keys(), ...then.whole])) {
    const weight = subtract(today.whole.has(id) ? '1' : (today.parts.get(id) ?? '0'), then.whole.has(id) ? '1' : '0')
    if (compare(weight, '0') !== 0) weights.set(id, weight)
  }
  return {
    period,
    date,
    was: existed ? figure(partsThen) : null,
    now: ended ? null : figure(partsNow),
    bornOn: existed ? null : born,
    successors: ended ? await afterUnit(tx, unit.id) : [],
    bridge: await bridgeOf(tx, source, definition, used, weights, date),
    undivided: await undividedOf(tx, source, definition, periods, today.undivided),
  }
}

/** What makes up the unit's figure on today's tree. */
async function madeNow(tx: Tx, unit: Unit): Promise<Made & { undivided: number[] }> {
  const whole = new Set(await unitsBelowNow(tx, unit))
  const standing = new Set(whole)
  const parts = new Map<number, string>()
  const undivided: number[] = []
  const links = await kinLinks(tx, unit.id)
  for (const id of links.keys()) {
    const lot = lotOf(id, links)
    if ('whole' in lot) {
      if (lot.whole === unit.id) whole.add(id)
    } else if ('parts' in lot) {
      whole.delete(id)
      let share = '0'
      for (const [to, part] of lot.parts) if (standing.has(to)) share = add(share, part)
      if (compare(share, '1') === 0) whole.add(id)
      else if (compare(share, '0') > 0) parts.set(id, share)
    } else if (id !== unit.id && goesThrough(id, unit.id, links)) undivided.push(id)
  }
  return { whole, parts, undivided }
}

async function partsOf(tx: Tx, source: Source, definition: IndicatorDefinition, periods: readonly number[], { whole, parts }: Made): Promise<Parts[]> {
  const { code } = source.form
  const ids = [...whole]
  const sums = new Map<number, Sums>((await figuresOfSet(tx, code, periods, ids)).map((one) => [one.period, one]))
  for (const one of parts.size > 0 ? await figuresOfEach(tx, code, periods, [...parts.keys()]) : []) {
    const part = partOf(one, parts.get(one.unit)!)
    const before = sums.get(one.period)
    sums.set(one.period, before ? plus(before, part) : part)
  }
  // Min, max and latest do not add up, so they cannot be divided either: parts do not count there.
  const others = new Map<string, string | null>()
  for (const { text, kind } of formulasOf(definition).aggregates) {
    const slot = source.slots.get(text)
    if (slot === undefined || (kind !== 'min' && kind !== 'max' && kind !== 'latest')) continue
    for (const row of await leafFiguresOfSet(tx, code, periods, ids, slot, kind)) others.set(`${text}:${row.period}`, row.value)
  }
  return [...sums.values()].map((one) => partsFrom(one, definition, source.slots, others))
}

/** Which change makes which difference; what they make together is the difference of the two figures. */
async function bridgeOf(tx: Tx, source: Source, definition: IndicatorDefinition, periods: readonly number[], weights: ReadonlyMap<number, string>, date: string): Promise<Beside['bridge']> {
  const ids = [...weights.keys()]
  if (ids.length === 0) return []
  const each = Map.groupBy(await figuresOfEach(tx, source.form.code, periods, ids), (one) => one.unit)
  const by = await movedAfter(tx, ids, date)
  const reporting = ids.filter((id) => each.has(id))
  const names = await namesOf(tx, reporting)
  const groups = Map.groupBy(reporting, (id) => by.get(id)?.change ?? 0)
  return [...groups.values()].map((members) => {
    const change = by.get(members[0]!)
    const differences = members.map((id) => difference(each.get(id)!, weights.get(id)!, definition, source.slots))
    const total = (of: 'num' | 'den') => differences.reduce<string | null>((all, one) => (all === null || one[of] === null ? null : add(all, one[of])), '0')
    const more = members.filter((id) => compare(weights.get(id)!, '0') > 0).length
    return {
      change: change?.change ?? null,
      kind: change?.kind ?? null,
      on: change?.on ?? null,
      document: change?.document ?? '',
      more,
      fewer: members.length - more,
      num: total('num'),
      den: definition.den === undefined ? null : total('den'),
      units: members.slice(0, named).map((id) => ({ unit: id, name: names.get(id) ?? '' })),
    }
  })
}

async function undividedOf(tx: Tx, source: Source, definition: IndicatorDefinition, periods: readonly number[], ids: readonly number[]): Promise<Beside['undivided']> {
  const names = await namesOf(tx, ids)
  const found: Beside['undivided'] = []
  for (const id of ids) {
    const parts = await partsOf(tx, source, definition, periods, { whole: new Set([id]), parts: new Map() })
    found.push({ unit: id, name: names.get(id) ?? '', figure: figureOf(definition, overTime(parts, definition)) })
  }
  return found
}
