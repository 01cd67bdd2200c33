import { periodText, parsePeriod, periodStart, periodEnd, cycleOf, periodOf, previousPeriod, samePeriodLastYear, lastPeriods, yearOfPeriod } from '../../rules/period.ts'
import { completionsAt } from '../../rules/formula/completions.ts'
import { checkFormula } from '../../rules/formula/check.ts'
import { formatFormula } from '../../rules/formula/format.ts'
import { parseFormula } from '../../rules/formula/parse.ts'
import { isProblem, Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { grantFor, mustBeAble, type Actor } from '../access/permission.ts'
import type { Cycle } from '../ledgers/form-definition.ts'
import { leafTypesOf } from '../ledgers/form-fields.ts'
import { countedOf, countedRecords, formNames, formOf, keptBelow, keptOf, leafFigures, periodsOf, slotsOf, takenOf, type Kept, type LeafKind } from '../ledgers/ledgers.reads.ts'
import { childrenOf, pathOfUnit, unitOf, unitsOf, type Unit } from '../units/units.reads.ts'
import { bandIndex, bandRanges, figureOf, formulasOf, judge, overTime, rankUnits, type Parts } from './figure.ts'
import type { IndicatorDefinition } from './indicator-definition.ts'
import type { indicatorsContract, Judged, Ranked } from './indicators.contract.ts'
import * as queries from './indicators.sql.ts'

async function indicatorMustBe(tx: Tx, code: string): Promise<IndicatorDefinition> {
  const definition = await queries.definitionOf(tx, code)
  if (!definition) throw new Problem('not-found', { facts: { what: 'indicator', code } })
  return definition
}

async function mayRead(tx: Tx, actor: Actor, id: number): Promise<Unit> {
  const unit = await unitOf(tx, id)
  mustBeAble(actor, 'indicator.read', pathOfUnit(unit))
  return unit
}

const finer: Record<Cycle, number> = { month: 1, quarter: 3, half: 6, year: 12, once: 12 }

/**
 * @returns the form's periods that a period asked for is made of: the months of a quarter, or the year that holds a
 * month when the form is asked once a year
 */
export function formPeriods(period: number, cycle: Cycle): number[] {
  const asked = cycleOf(period) as Cycle
  const own = cycle === 'once' ? 'year' : cycle
  if (finer[asked] <= finer[own]) return [periodOf(periodStart(period), own)]
  const last = periodOf(periodEnd(period), own)
  return lastPeriods(last, finer[asked] / finer[own])
}

/** Figures of several periods at once, for a set of units of one rank or all units of a rank below one. */
async function partsFor(
  tx: Tx,
  definition: IndicatorDefinition,
  periods: readonly number[],
  of: { units: readonly Unit[] } | { within: Unit; level: number },
): Promise<Map<number, Map<number, Parts>>> {
  const { aggregates } = formulasOf(definition)
  const slots = await slotsOf(tx, definition.form)
  const kept: Kept[] = 'units' in of ? await keptOf(tx, definition.form, periods, of.units) : await keptBelow(tx, definition.form, periods, of.within, of.level)
  const level = 'units' in of ? of.units[0]?.level : of.level
  // What does not add up (min, max, latest) is asked of the leaves; at the leaves it stands in their own slots.
  const fromLeaves = new Map<string, string | null>()
  if (level !== undefined && level < 5) {
    for (const { text, additive, kind } of aggregates) {
      const slot = slots.get(text)
      if (additive || slot === undefined) continue
      const within = 'units' in of ? of.units : [of.within]
      for (const unit of within) {
        for (const row of await leafFigures(tx, definition.form, periods, unit, level, slot, kind as LeafKind)) fromLeaves.set(`${text}:${row.unit}:${row.period}`, row.value)
      }
    }
  }
  const byUnit = new Map<number, Map<number, Parts>>()
  for (const row of kept) {
    const values = new Map<string, string | null>()
    for (const { text, additive } of aggregates) {
      const slot = slots.get(text)
      const own = slot === undefined ? null : (row.sums[slot] ?? null)
      values.set(text, additive ? (row.reported > 0 ? (own ?? '0') : null) : level === 5 ? own : (fromLeaves.get(`${text}:${row.unit}:${row.period}`) ?? null))
    }
    const periodsOfUnit = byUnit.get(row.unit) ?? new Map<number, Parts>()
    periodsOfUnit.set(row.period, { period: row.period, expected: row.expected, reported: row.reported, aggregates: values })
    byUnit.set(row.unit, periodsOfUnit)
  }
  return byUnit
}

/** The figure of one asked period out of the form's periods. */
function figureIn(definition: IndicatorDefinition, parts: ReadonlyMap<number, Parts> | undefined, period: number, cycle: Cycle) {
  const used = formPeriods(period, cycle).map((one) => parts?.get(one)).filter((one) => one !== undefined)
  return figureOf(definition, overTime(used, definition))
}

async function cycleOfForm(tx: Tx, code: string): Promise<Cycle> {
  return (await formOf(tx, code)).cycle
}

/** Judged figures of units of one rank for one period, with last year's and the former period's beside them. */
async function judged(tx: Tx, definition: IndicatorDefinition, period: number, of: { units: readonly Unit[] } | { within: Unit; level: number }) {
  const cycle = await cycleOfForm(tx, definition.form)
  const around = [period, previousPeriod(period), samePeriodLastYear(period)]
  const parts = await partsFor(tx, definition, [...new Set(around.flatMap((one) => formPeriods(one, cycle)))], of)
  const judgeUnit = (unit: number, target: string | undefined): Judged => {
    const [now, previous, lastYear] = around.map((one) => figureIn(definition, parts.get(unit), one, cycle))
    return judge(definition, now!, { target: target ?? null, previous: previous!.value, lastYear: lastYear!.value })
  }
  const current = new Set(formPeriods(period, cycle))
  // Units that have anything expected in the period; the others are not part of the list.
  const listed = [...parts].filter(([, periods]) => [...periods.keys()].some((one) => current.has(one))).map(([unit]) => unit)
  return { listed, judgeUnit }
}

/** All units of a rank below one, ranked. */
export async function rankedBelow(tx: Tx, definition: IndicatorDefinition, within: Unit, period: number, level: number) {
  const { listed, judgeUnit } = await judged(tx, definition, period, { within, level })
  const units = await queries.unitsNamed(tx, listed)
  const targets = await queries.targetsFor(tx, definition.code, yearOfPeriod(period), units)
  const figures = units.map((unit) => judgeUnit(unit.id, targets.get(unit.id)))
  const ranking = rankUnits(figures.map((one) => one.figure.value), definition.direction)
  const rows = units.map(
    ({ id, name, code, level: rank, parentName, hasChildren }, at): Ranked => ({ unit: id, name, code, level: rank, parentName, hasChildren, judged: figures[at]!, ...ranking.places[at]! }),
  )
  return { rows, mean: ranking.mean, belowMean: ranking.belowMean, withValue: ranking.withValue }
}

type Sort = 'rank' | 'code' | 'name' | 'coverage' | 'attainment'
const share = (row: Ranked) => (row.judged.figure.expected === 0 ? 0 : row.judged.figure.reported / row.judged.figure.expected)
const orders: Record<Sort, (a: Ranked, b: Ranked) => number> = {
  rank: (a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity) || (a.code < b.code ? -1 : 1),
  code: (a, b) => (a.code < b.code ? -1 : 1),
  name: (a, b) => a.name.localeCompare(b.name, 'zh-CN'),
  coverage: (a, b) => share(a) - share(b) || (a.code < b.code ? -1 : 1),
  attainment: (a, b) => Number(b.judged.attainment ?? -Infinity) - Number(a.judged.attainment ?? -Infinity) || (a.code < b.code ? -1 : 1),
}

/** @returns the rank of the units directly below that have something expected */
export async function levelBelow(tx: Tx, definition: IndicatorDefinition, within: Unit): Promise<number> {
  if (within.level <= 2) {
    const levels = (await childrenOf(tx, within.id)).map((child) => child.level)
    const kept = await queries.ranksBelow(tx, definition.form, within)
    const lowest = Math.min(...levels, ...kept)
    return Number.isFinite(lowest) ? Math.max(lowest, within.level + 1) : within.level + 1
  }
  return (await queries.ranksBelow(tx, definition.form, within)).find((level) => level > within.level) ?? 5
}

export const indicatorsAnswers: Answers<typeof indicatorsContract> = {
  async overview({ tx, input, actor }) {
    const unit = await mayRead(tx, actor, input.unit)
    const period = parsePeriod(input.period)
    const rows = []
    for (const definition of await queries.definitions(tx, input)) {
      const { judgeUnit } = await judged(tx, definition, period, { units: [unit] })
      const target = (await queries.targetsFor(tx, definition.code, yearOfPeriod(period), [unit])).get(unit.id)
      const { code, name, pillar, shown, precision, direction } = definition
      rows.push({ indicator: code, name, pillar, shown, unit: definition.unit ?? null, precision, direction, judged: judgeUnit(unit.id, target) })
    }
    return { unitName: unit.name, period: input.period, rows }
  },

  async latestPeriod({ tx, input, actor, today }) {
    await mayRead(tx, actor, input.unit)
    const form = input.code === undefined ? undefined : (await indicatorMustBe(tx, input.code)).form
    const periods = await periodsOf(tx, form)
    // Without an indicator the finest cycle leads: a page of all indicators shows months.
    const wanted = form === undefined ? periods.filter((one) => cycleOf(one.period) === 'month') : periods
    const newest = wanted.find((one) => one.reported) ?? wanted[0]
    const texts = [...new Set(wanted.map((one) => periodText(one.period)))]
    return { period: newest ? periodText(newest.period) : periodText(periodOf(today, 'month')), periods: texts }
  },

  async one({ tx, input, actor }) {
    const unit = await mayRead(tx, actor, input.unit)
    const definition = await indicatorMustBe(tx, input.code)
    const period = parsePeriod(input.period)
    const { judgeUnit } = await judged(tx, definition, period, { units: [unit] })
    const target = (await queries.targetsFor(tx, definition.code, yearOfPeriod(period), [unit])).get(unit.id)
    const up = [unit.l1, unit.l2, unit.l3, unit.l4, unit.l5].filter((id) => id !== null)
    const above = await unitsOf(tx, up)
    const names = await formNames(tx, [definition.form])
    const parent = up.at(-2)
    let peers = null
    if (parent !== undefined) {
      const { rows, mean } = await rankedBelow(tx, definition, above.get(parent)!, period, unit.level)
      const own = rows.find((row) => row.unit === unit.id)
      peers = own ? { rank: own.rank, of: rows.length, belowMean: own.belowMean, mean } : null
    }
    const cycle = await cycleOfForm(tx, definition.form)
    const used = formPeriods(period, cycle)
    return {
      definition,
      formName: names.get(definition.form) ?? { zh: definition.form, en: definition.form },
      unitName: unit.name,
      // Only from where the reader may look.
      path: up.filter((id) => grantFor(actor, 'indicator.read', pathOfUnit(above.get(id)!))).map((id) => ({ unit: id, name: above.get(id)!.name, level: above.get(id)!.level as number })),
      period: input.period,
      judged: judgeUnit(unit.id, target),
      peers,
      taken: used.length === 1 ? ((await takenOf(tx, definition.form, used[0]!, unit.id)) ?? null) : null,
      moves: [{ move: 'setTarget', from: [], ...(grantFor(actor, 'target.set', pathOfUnit(unit)) ? { possible: true } : { possible: false, why: 'not-allowed' }) }],
    }
  },

  async trend({ tx, input, actor }) {
    const unit = await mayRead(tx, actor, input.unit)
    const definition = await indicatorMustBe(tx, input.code)
    const cycle = await cycleOfForm(tx, definition.form)
    const asked = parsePeriod(input.period)
    const last = finer[cycleOf(asked) as Cycle] < finer[cycle] ? formPeriods(asked, cycle)[0]! : asked
    const periods = lastPeriods(last, input.periods)
    const parts = await partsFor(tx, definition, [...new Set(periods.flatMap((one) => formPeriods(one, cycle)))], { units: [unit] })
    return periods.map((period) => ({ period: periodText(period), figure: figureIn(definition, parts.get(unit.id), period, cycle) }))
  },

  async ranked({ tx, input, actor }) {
    const unit = await mayRead(tx, actor, input.unit)
    const definition = await indicatorMustBe(tx, input.code)
    const level = input.level ?? (await levelBelow(tx, definition, unit))
    if (level <= unit.level) return { rows: [], total: 0, mean: null, belowMean: 0, withValue: 0 }
    const { rows, ...rest } = await rankedBelow(tx, definition, unit, parsePeriod(input.period), level)
    return { rows: rows.sort(orders[input.sort]).slice(input.offset, input.offset + input.limit), total: rows.length, ...rest }
  },

  async opened({ tx, input, actor }) {
    const unit = await mayRead(tx, actor, input.unit)
    const definition = await indicatorMustBe(tx, input.code)
    const { num, den, aggregates } = formulasOf(definition)
    const cycle = await cycleOfForm(tx, definition.form)
    const all = formPeriods(parsePeriod(input.period), cycle)
    const parts = await partsFor(tx, definition, all, { units: [unit] })
    const whole = overTime(all.map((one) => parts.get(unit.id)?.get(one)).filter((one) => one !== undefined), definition)
    const periods = definition.overTime === 'last' && whole ? [whole.period] : all
    const slots = await slotsOf(tx, definition.form)
    const { rows, total } = await countedRecords(tx, definition.form, periods, unit, input)
    return {
      num: formatFormula(num),
      den: den ? formatFormula(den) : null,
      aggregates: aggregates.map(({ text }) => ({ text, value: whole?.aggregates.get(text) ?? null })),
      periods: periods.map(periodText),
      records: {
        total,
        rows: rows.map(({ counted, period, ...row }) => ({ ...row, form: definition.form, period: periodText(period), adds: aggregates.map(({ text }) => counted[slots.get(text) ?? -1] ?? null) })),
      },
    }
  },

  async usedIn({ tx, input, actor }) {
    const unit = await mayRead(tx, actor, input.unit)
    const period = parsePeriod(input.period)
    const counted = (await countedOf(tx, unit.id, input.form, period))?.counted
    if (!counted) return []
    const slots = await slotsOf(tx, input.form)
    const up = [unit.l5, unit.l4, unit.l3, unit.l2, unit.l1].filter((id) => id !== null)
    const above = await unitsOf(tx, up)
    const seen = up.map((id) => above.get(id)!).filter((one) => grantFor(actor, 'indicator.read', pathOfUnit(one)))
    const used = []
    for (const definition of await queries.definitions(tx, { form: input.form })) {
      const cycle = await cycleOfForm(tx, definition.form)
      const levels = []
      for (const one of seen) {
        const parts = await partsFor(tx, definition, [period], { units: [one] })
        levels.push({ unit: one.id, name: one.name, figure: figureIn(definition, parts.get(one.id), period, cycle) })
      }
      const { aggregates } = formulasOf(definition)
      used.push({ indicator: definition.code, name: definition.name, adds: aggregates.map(({ text }) => ({ text, value: counted[slots.get(text) ?? -1] ?? null })), levels })
    }
    return used
  },

  async bands({ tx, input, actor }) {
    const unit = await mayRead(tx, actor, input.unit)
    const definition = await indicatorMustBe(tx, input.code)
    const { rows, withValue } = await rankedBelow(tx, definition, unit, parsePeriod(input.period), Math.max(input.level, unit.level))
    const counts = bandRanges(definition).map((band) => ({ ...band, units: 0 }))
    for (const row of rows) {
      const band = row.judged.figure.value === null ? undefined : counts[bandIndex(definition, row.judged.figure.value)]
      if (band) band.units++
    }
    return { rows: counts, withValue, expected: rows.length }
  },

  async setTarget({ tx, input, actor }) {
    const unit = await unitOf(tx, input.unit)
    const grant = mustBeAble(actor, 'target.set', pathOfUnit(unit))
    const definition = await indicatorMustBe(tx, input.code)
    const before = (await queries.targetsFor(tx, input.code, input.year, [unit])).get(unit.id) ?? null
    // The page says which target it showed; another one in between is shown to its reader first.
    if (input.version !== undefined && input.version !== (before ?? '')) throw new Problem('stale-version', { facts: { mine: input.version, theirs: before } })
    await queries.saveTarget(tx, definition.code, input.year, unit.id, input.value)
    await record(tx, 'target.set', {
      by: { account: actor.account, post: grant.post || undefined },
      unit: unit.id,
      subject: `indicator:${definition.code}`,
      facts: { year: input.year, from: before, to: input.value },
    })
    return { value: input.value }
  },

  async checkFormula({ tx, input }) {
    const fields = leafTypesOf(await formOf(tx, input.form))
    const completions = input.offset === undefined ? [] : completionsAt(input.formula, input.offset, fields, 'aggregate').items.map((item) => item.text)
    try {
      const ast = parseFormula(input.formula)
      checkFormula(ast, { fields, level: 'aggregate' })
      return { ok: true, text: formatFormula(ast), error: null, completions }
    } catch (error) {
      if (!isProblem(error, 'formula-invalid')) throw error
      const { at, length, ...facts } = error.facts as { at: number; length: number }
      return { ok: false, text: null, error: { at, length, facts }, completions }
    }
  },
}
