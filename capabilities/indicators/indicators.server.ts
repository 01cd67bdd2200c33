import { checkFormula } from '../../rules/formula/check.ts'
import { completionsAt } from '../../rules/formula/completions.ts'
import { formatFormula } from '../../rules/formula/format.ts'
import { parseFormula } from '../../rules/formula/parse.ts'
import { cycleOf, lastPeriods, parsePeriod, periodOf, periodText, yearOfPeriod } from '../../rules/period.ts'
import { isProblem, Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { grantFor, mustBeAble, type Actor } from '../access/permission.ts'
import { leafTypesOf } from '../ledgers/form-fields.ts'
import { countedOf, countedRecords, formNames, formOf, missingBelow, periodsOf, takenOf } from '../ledgers/ledgers.reads.ts'
import { levelOfClasses, pathOfUnit, unitOf, unitsOf, type Unit } from '../units/units.reads.ts'
import { figureBeside } from './beside.server.ts'
import { addsUp, bandIndexOf, bandRanges, formulasOf, judge, overTime } from './figure.ts'
import { coarsened, formPeriods } from './form-periods.ts'
import type { IndicatorDefinition } from './indicator-definition.ts'
import type { indicatorsContract, Judged, Overview } from './indicators.contract.ts'
import * as queries from './indicators.sql.ts'
import { judgedRows, levelBelow, periodsAround, rankBelow, sorted } from './ranking.server.ts'
import { readFigures, sourceOf, type Reading, type Source } from './reading.server.ts'

/** Throws Problem `not-found`. */
export async function indicatorMustBe(tx: Tx, code: string): Promise<IndicatorDefinition> {
  const definition = await queries.definitionOf(tx, code)
  if (!definition) throw new Problem('not-found', { facts: { what: 'indicator', code } })
  return definition
}

/** @returns the unit, when the actor may read figures of it: his own unit and everything below. */
export async function readableUnit(tx: Tx, actor: Actor, id: number): Promise<Unit> {
  const unit = await unitOf(tx, id)
  mustBeAble(actor, 'indicator.read', pathOfUnit(unit))
  return unit
}

/** The units of the roll-up path that the actor may read, highest first; the unit itself is the last. */
async function readablePath(tx: Tx, actor: Actor, unit: Unit): Promise<Unit[]> {
  const path = rollUpPath(unit)
  const units = await unitsOf(tx, path)
  return path.map((id) => units.get(id)!).filter((one) => grantFor(actor, 'indicator.read', pathOfUnit(one)))
}

function rollUpPath({ l1, l2, l3, l4, l5 }: Unit): number[] {
  return [l1, l2, l3, l4, l5].filter((id) => id !== null)
}

/** Judged figures of one unit, of indicators of any forms: the queries are as many as the forms, not the indicators. */
async function judgedOf(
  tx: Tx,
  unit: Unit,
  definitions: readonly IndicatorDefinition[],
  period: number,
  sources = new Map<string, Source>(),
): Promise<Judged[]> {
  const periods = periodsAround(period)
  const judged = new Map<string, Judged>()
  const targets = await queries.targetsOf(tx, definitions.map((one) => one.code), yearOfPeriod(period))
  for (const [form, of] of Map.groupBy(definitions, (one) => one.form)) {
    const source = sources.get(form) ?? (await sourceOf(tx, form))
    const reading = await readFigures(tx, source, of, periods, { units: [unit], below: unit })
    for (const definition of of) {
      const [now, previous, lastYear] = periods.map((one) => reading.figure(definition, unit.id, one))
      const target = targets(definition.code)(unit, !addsUp(definition)) ?? null
      judged.set(
        definition.code,
        judge(definition, now!, { target, previous: previous!.value, lastYear: lastYear!.value }),
      )
    }
  }
  return definitions.map((one) => judged.get(one.code)!)
}

/** So many of the missing are named on a page. */
const namedMissing = 20

/** @returns the periods that coverage counts: all of a flow, the last one of a state */
export function countedPeriods(definition: IndicatorDefinition, used: readonly number[]): readonly number[] {
  return definition.overTime === 'sum' ? used : used.slice(-1)
}

/** The place of a unit among the units of its rank below the same unit; the others are not named. */
async function peersOf(tx: Tx, source: Source, definition: IndicatorDefinition, unit: Unit, period: number) {
  const parent = rollUpPath(unit).at(-2)
  if (parent === undefined) return null
  const ranking = await rankBelow(tx, source, definition, await unitOf(tx, parent), period, unit.level)
  const at = ranking.units.indexOf(unit.id)
  if (at < 0) return null
  const { rank, belowMean } = ranking.places[at]!
  return { rank, of: ranking.units.length, belowMean, mean: ranking.mean }
}

export const indicatorsAnswers: Answers<typeof indicatorsContract> = {
  async overview({ tx, input, actor }) {
    const unit = await readableUnit(tx, actor, input.unit)
    const definitions = await queries.definitions(tx, { pillar: input.pillar, q: input.q })
    const judged = await judgedOf(tx, unit, definitions, parsePeriod(input.period))
    const rows = definitions.map(
      ({ code, name, pillar, shown, unit: measure = null, precision, direction }, at): Overview => ({
        indicator: code, name, pillar, shown, unit: measure, precision, direction, judged: judged[at]!,
      }),
    )
    return { unitName: unit.name, period: input.period, rows }
  },

  async latestPeriod({ tx, input, actor, today }) {
    await readableUnit(tx, actor, input.unit)
    const form = input.code === undefined ? undefined : (await indicatorMustBe(tx, input.code)).form
    const all = await periodsOf(tx, form)
    // A page of all indicators starts with months, into which the longer periods are carried.
    const months = all.filter((one) => cycleOf(one.period) === 'month')
    const periods = form === undefined && months.length > 0 ? months : all
    const latest = periods.find((one) => one.reported) ?? periods[0]
    return {
      period: periodText(latest?.period ?? periodOf(today, 'month')),
      periods: [...new Set(periods.map((one) => periodText(one.period)))],
    }
  },

  async one({ tx, input, actor }) {
    const [unit, definition] = await Promise.all([readableUnit(tx, actor, input.unit), indicatorMustBe(tx, input.code)])
    const [source, names, path] = await Promise.all([sourceOf(tx, definition.form), formNames(tx, [definition.form]), readablePath(tx, actor, unit)])
    const period = parsePeriod(input.period)
    const [[judged], peers] = await Promise.all([
      judgedOf(tx, unit, [definition], period, new Map([[definition.form, source]])),
      peersOf(tx, source, definition, unit, period),
    ])
    const used = formPeriods(period, source.cycle)
    const maySet = grantFor(actor, 'target.set', pathOfUnit(unit)) !== undefined
    return {
      definition,
      formName: names.get(definition.form)!,
      unitName: unit.name,
      path: path.map(({ id, name, level }) => ({ unit: id, name, level })),
      period: input.period,
      judged: judged!,
      peers,
      missing: judged!.figure.reported < judged!.figure.expected ? await missingBelow(tx, unit, definition.form, countedPeriods(definition, used), namedMissing) : null,
      // What a level took is of one period of the form; of several there is no such figure.
      taken: used.length === 1 ? ((await takenOf(tx, definition.form, used[0]!, unit.id)) ?? null) : null,
      moves: [{ move: 'setTarget', from: [], possible: maySet, ...(maySet ? {} : { why: 'not-allowed' }) }],
    }
  },

  async trend({ tx, input, actor }) {
    const [unit, definition] = await Promise.all([readableUnit(tx, actor, input.unit), indicatorMustBe(tx, input.code)])
    const source = await sourceOf(tx, definition.form)
    const periods = lastPeriods(coarsened(parsePeriod(input.period), source.cycle), input.periods)
    const reading = await readFigures(tx, source, [definition], periods, { units: [unit], below: unit })
    return periods.map((one) => ({ period: periodText(one), figure: reading.figure(definition, unit.id, one) }))
  },

  async ranked({ tx, input, actor }) {
    const [unit, definition] = await Promise.all([readableUnit(tx, actor, input.unit), indicatorMustBe(tx, input.code)])
    const source = await sourceOf(tx, definition.form)
    const level = input.level ?? (await levelBelow(tx, source, unit))
    if (level <= unit.level) return { rows: [], total: 0, mean: null, belowMean: 0, withValue: 0 }
    const period = parsePeriod(input.period)
    const ranking = await rankBelow(tx, source, definition, unit, period, level)
    const order = await sorted(tx, definition, ranking, period, input.sort)
    const page = order.slice(input.offset, input.offset + input.limit)
    const { mean, belowMean, withValue } = ranking
    const rows = await judgedRows(tx, source, definition, ranking, page, { within: unit, period })
    return { rows, total: order.length, mean, belowMean, withValue }
  },

  async beside({ tx, input, actor }) {
    const unit = await readableUnit(tx, actor, input.unit)
    const definition = await indicatorMustBe(tx, input.code)
    return figureBeside(tx, await sourceOf(tx, definition.form), definition, unit, input.period)
  },

  async opened({ tx, input, actor }) {
    const [unit, definition] = await Promise.all([readableUnit(tx, actor, input.unit), indicatorMustBe(tx, input.code)])
    const source = await sourceOf(tx, definition.form)
    const period = parsePeriod(input.period)
    const { num, den, aggregates } = formulasOf(definition)
    const reading = await readFigures(tx, source, [definition], [period], { units: [unit], below: unit })
    const parts = reading.parts(definition, unit.id, period)
    const whole = overTime(parts, definition)
    // A stock rests on its last reported period alone.
    const periods = definition.overTime === 'last' && whole ? [whole.period] : formPeriods(period, source.cycle)
    const { rows, total } = await countedRecords(tx, definition.form, periods, unit, input, actor.locale)
    const slots = aggregates.map(({ text }) => source.slots.get(text) ?? -1)
    return {
      num: formatFormula(num),
      den: den ? formatFormula(den) : null,
      aggregates: aggregates.map(({ text }) => ({ text, value: whole?.aggregates.get(text) ?? null })),
      periods: periods.map(periodText),
      records: {
        total,
        rows: rows.map(({ counted, period: of, ...row }) => ({
          ...row,
          form: definition.form,
          period: periodText(of),
          adds: slots.map((slot) => counted[slot] ?? null),
        })),
      },
    }
  },

  async usedIn({ tx, input, actor }) {
    const unit = await readableUnit(tx, actor, input.unit)
    const period = parsePeriod(input.period)
    const counted = (await countedOf(tx, unit.id, input.form, period))?.counted
    if (!counted) return []
    const definitions = await queries.definitions(tx, { form: input.form })
    const source = await sourceOf(tx, input.form)
    const levels: { unit: number; name: string; reading: Reading }[] = []
    for (const above of (await readablePath(tx, actor, unit)).toReversed()) {
      const reading = await readFigures(tx, source, definitions, [period], { units: [above], below: above })
      levels.push({ unit: above.id, name: above.name, reading })
    }
    return definitions.map((definition) => ({
      indicator: definition.code,
      name: definition.name,
      adds: formulasOf(definition).aggregates.map(({ text }) => ({
        text,
        value: counted[source.slots.get(text) ?? -1] ?? null,
      })),
      levels: levels.map(({ unit: id, name, reading }) => ({
        unit: id,
        name,
        figure: reading.figure(definition, id, period),
      })),
    }))
  },

  async bands({ tx, input, actor }) {
    const [unit, definition] = await Promise.all([readableUnit(tx, actor, input.unit), indicatorMustBe(tx, input.code)])
    const source = await sourceOf(tx, definition.form)
    const level = Math.max(input.level ?? (await levelOfClasses(tx, source.form.audience)) ?? 5, unit.level)
    const ranking = await rankBelow(tx, source, definition, unit, parsePeriod(input.period), level)
    const rows = bandRanges(definition).map((band) => ({ ...band, units: 0 }))
    const indexOf = bandIndexOf(definition)
    for (const value of ranking.values) {
      const row = value === null ? undefined : rows[indexOf(value)]
      if (row) row.units += 1
    }
    return { rows, withValue: ranking.withValue, expected: ranking.units.length }
  },

  async setTarget({ tx, input, actor }) {
    const unit = await unitOf(tx, input.unit)
    const grant = mustBeAble(actor, 'target.set', pathOfUnit(unit))
    const definition = await indicatorMustBe(tx, input.code)
    await queries.lockTargets(tx, definition.code)
    const targetOf = (await queries.targetsOf(tx, [definition.code], input.year))(definition.code)
    const before = targetOf(unit, !addsUp(definition)) ?? null
    // The version is the target that the page showed: what somebody set in between is seen before it is replaced.
    if (input.version !== undefined && input.version !== (before ?? '')) {
      throw new Problem('stale-version', { facts: { mine: input.version, theirs: before } })
    }
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
    const { formula, offset } = input
    const offered = offset === undefined ? [] : completionsAt(formula, offset, fields, 'aggregate').items
    const completions = offered.map((item) => item.text)
    try {
      const ast = parseFormula(formula)
      checkFormula(ast, { fields, level: 'aggregate' })
      return { ok: true, text: formatFormula(ast), error: null, completions }
    } catch (error) {
      if (!isProblem(error, 'formula-invalid')) throw error
      const { at, length, ...facts } = error.facts as { at: number; length: number }
      return { ok: false, text: null, error: { at, length, facts }, completions }
    }
  },
}
