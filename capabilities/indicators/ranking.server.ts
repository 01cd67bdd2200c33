import { previousPeriod, samePeriodLastYear, yearOfPeriod } from '../../rules/period.ts'
import type { Tx } from '../../server/db.ts'
import { childrenOf, countsOfClass, type Unit } from '../units/units.reads.ts'
import { addsUp, attainmentOf, judge, rankUnits, type Places } from './figure.ts'
import { formPeriods } from './form-periods.ts'
import type { IndicatorDefinition } from './indicator-definition.ts'
import type { Judged, Ranked } from './indicators.contract.ts'
import * as queries from './indicators.sql.ts'
import { readFigures, readRecords, type FromRecords, type Source } from './reading.server.ts'

/** A figure of a period with what it is judged by: the period before and the same one last year. */
export function periodsAround(period: number): [now: number, previous: number, lastYear: number] {
  return [period, previousPeriod(period), samePeriodLastYear(period)]
}

/**
 * The units of a rank below one with their values and places: what a rank, a mean or a band needs and no more, so that
 * a province of 20,000 villages fits easily. The judged figures are read for the units that are shown.
 */
export type Ranking = Places & {
  /** Ids in the order of codes; all that follow stand in the same order. */
  units: number[]
  values: (string | null)[]
  reported: number[]
  expected: number[]
}

export async function rankBelow(
  tx: Tx,
  source: Source,
  definition: IndicatorDefinition,
  within: Unit,
  period: number,
  level: number,
): Promise<Ranking> {
  const reading = await readFigures(tx, source, [definition], [period], { within, level })
  const units = reading.units
  const figures = units.map((unit) => reading.figure(definition, unit, period))
  const values = figures.map((figure) => figure.value)
  return {
    units,
    values,
    reported: figures.map((figure) => figure.reported),
    expected: figures.map((figure) => figure.expected),
    ...rankUnits(values, definition.direction),
  }
}

export type Sort = 'rank' | 'code' | 'name' | 'coverage' | 'attainment'

const byPinyin = new Intl.Collator('zh-CN')

/** @returns positions in the ranking in the order of the sort; those that are equal stay in the order of codes */
export async function sorted(
  tx: Tx,
  definition: IndicatorDefinition,
  ranking: Ranking,
  period: number,
  sort: Sort,
): Promise<number[]> {
  const positions = ranking.units.map((_, at) => at)
  const by = (key: (at: number) => number) => {
    const keys = positions.map(key)
    return positions.sort((a, b) => (keys[a] === keys[b] ? a - b : keys[a]! < keys[b]! ? -1 : 1))
  }
  switch (sort) {
    case 'code':
      return positions
    case 'rank':
      return by((at) => ranking.places[at]!.rank ?? Infinity)
    case 'coverage':
      return by((at) => (ranking.expected[at] ? ranking.reported[at]! / ranking.expected[at] : 0))
    case 'name': {
      const names = new Map((await queries.unitsPlaced(tx, ranking.units)).map((unit) => [unit.id, unit.name]))
      const nameAt = (at: number) => names.get(ranking.units[at]!) ?? ''
      return positions.sort((a, b) => byPinyin.compare(nameAt(a), nameAt(b)) || a - b)
    }
    case 'attainment': {
      const placed = new Map((await queries.unitsPlaced(tx, ranking.units)).map((unit) => [unit.id, unit]))
      const targetOf = (await queries.targetsOf(tx, [definition.code], yearOfPeriod(period)))(definition.code)
      const inherited = !addsUp(definition)
      return by((at) => {
        const target = targetOf(placed.get(ranking.units[at]!)!, inherited)
        const met = attainmentOf(definition, ranking.values[at]!, target)
        return met === null ? Infinity : -Number(met)
      })
    }
  }
}

/** @returns the rows of these positions of the ranking, in their order */
export async function judgedRows(
  tx: Tx,
  source: Source,
  definition: IndicatorDefinition,
  ranking: Ranking,
  positions: readonly number[],
  { within, period, fromRecords }: { within: Unit; period: number; fromRecords?: FromRecords },
): Promise<Ranked[]> {
  const listed = await queries.unitsListed(tx, positions.map((at) => ranking.units[at]!))
  const byId = new Map(listed.map((unit) => [unit.id, unit]))
  const wanted = { units: listed, below: within }
  const periods = periodsAround(period)
  const [reading, targets] = await Promise.all([
    readFigures(tx, source, [definition], periods, wanted, fromRecords),
    queries.targetsOf(tx, [definition.code], yearOfPeriod(period)),
  ])
  const targetOf = targets(definition.code)
  const inherited = !addsUp(definition)
  return positions.map((at) => {
    const { id, name, code, level, parentName, hasChildren, ...path } = byId.get(ranking.units[at]!)!
    const [now, previous, lastYear] = periods.map((one) => reading.figure(definition, id, one))
    const target = targetOf({ id, ...path }, inherited) ?? null
    const judged: Judged = judge(definition, now!, { target, previous: previous!.value, lastYear: lastYear!.value })
    return { unit: id, name, code, level, parentName, hasChildren, judged, ...ranking.places[at]! }
  })
}

/** What does not add up, looked up once for all rows of a long list. */
export function recordsBelow(
  tx: Tx,
  source: Source,
  definition: IndicatorDefinition,
  within: Unit,
  period: number,
  level: number,
): Promise<FromRecords> {
  const periods = [...new Set(periodsAround(period).flatMap((one) => formPeriods(one, source.cycle)))]
  return readRecords(tx, source, [definition], periods, { within, level })
}

/** @returns the highest rank directly below the unit at which the form is asked of somebody; 5 when nothing is below */
export async function levelBelow(tx: Tx, source: Source, within: Unit): Promise<number> {
  const children = (await childrenOf(tx, within.id)).filter((child) => child.level > within.level)
  const asked = await countsOfClass(tx, children.map((child) => child.id), source.form.audience)
  const levels = children.filter((child) => asked.get(child.id)! > 0).map((child) => child.level)
  return levels.length > 0 ? Math.min(...levels) : 5
}
