import type { Cycle } from '../../rules/period.ts'
import type { Tx } from '../../server/db.ts'
import type { ResolvedForm } from '../ledgers/form-definition.ts'
import { formOf, keptBelow, keptOf, leafFigures, slotsOf, type Kept } from '../ledgers/ledgers.reads.ts'
import type { Unit } from '../units/units.reads.ts'
import { figureOf, formulasOf, overTime, type Parts } from './figure.ts'
import { formPeriods } from './form-periods.ts'
import type { IndicatorDefinition } from './indicator-definition.ts'
import type { Figure } from './indicators.contract.ts'

/** What figures of one form need to be read: loaded once a request, however many indicators rest on the form. */
export type Source = { form: ResolvedForm; cycle: Cycle; slots: ReadonlyMap<string, number> }

/** Throws Problem `not-found` when there is no such form. */
export async function sourceOf(tx: Tx, code: string): Promise<Source> {
  const [form, slots] = await Promise.all([formOf(tx, code), slotsOf(tx, code)])
  return { form, cycle: form.cycle, slots }
}

/**
 * Which units are read: some of one rank, or all of a rank that roll up to one. `below` names a unit that all of them
 * roll up to, so that what must be looked up in the records is looked up once for all.
 */
export type Wanted = { units: readonly Pick<Unit, 'id' | 'level'>[]; below: Unit } | { within: Unit; level: number }

/** Aggregates that do not add up (min, max, latest), by `text:unit:period`, from the records themselves. */
export type FromRecords = ReadonlyMap<string, string | null>

export type Reading = {
  /** The units that have something expected in one of the form's periods; all of a rank come in the order of codes. */
  units: number[]
  /** What is known of a unit in each of the form's periods that make up one of the asked ones. */
  parts: (definition: IndicatorDefinition, unit: number, asked: number) => Parts[]
  figure: (definition: IndicatorDefinition, unit: number, asked: number) => Figure
}

/**
 * Reads the figures of one form for all asked periods at once: one query for what is kept, and one for each aggregate
 * that does not add up, whatever the number of units.
 * @param definitions indicators of that form whose figures will be asked
 * @param asked periods of any cycle
 */
export async function readFigures(
  tx: Tx,
  source: Source,
  definitions: readonly IndicatorDefinition[],
  asked: readonly number[],
  wanted: Wanted,
  fromRecords?: FromRecords,
): Promise<Reading> {
  const used = new Map(asked.map((period) => [period, formPeriods(period, source.cycle)]))
  const periods = [...new Set([...used.values()].flat())]
  const { code } = source.form
  const slots = slotsNeeded(source, definitions)
  const kept =
    'units' in wanted
      ? await keptOf(tx, code, periods, wanted.units, slots)
      : await keptBelow(tx, code, periods, wanted.within, wanted.level, slots)
  const others = fromRecords ?? (await readRecords(tx, source, definitions, periods, wanted))
  const level = levelOf(wanted)
  const rows = Map.groupBy(kept, (row) => row.unit)

  const partsOf = (definition: IndicatorDefinition, row: Kept): Parts => {
    const aggregates = new Map<string, string | null>()
    for (const { text, additive } of formulasOf(definition).aggregates) {
      const slot = source.slots.get(text)
      const own = slot === undefined ? null : (row.sums[slot] ?? null)
      // A slot that was never moved is 0 when somebody reported; kept sums are cut after their last number.
      if (additive) aggregates.set(text, row.reported > 0 ? (own ?? '0') : null)
      else aggregates.set(text, level === 5 ? own : (others.get(`${text}:${row.unit}:${row.period}`) ?? null))
    }
    return { period: row.period, expected: row.expected, reported: row.reported, aggregates }
  }
  const parts: Reading['parts'] = (definition, unit, period) => {
    const own = (rows.get(unit) ?? []).filter((row) => used.get(period)!.includes(row.period))
    return own.map((row) => partsOf(definition, row))
  }
  return {
    units: [...rows.keys()],
    parts,
    figure: (definition, unit, period) => figureOf(definition, overTime(parts(definition, unit, period), definition)),
  }
}

/** Looks up in the records what does not add up; a record's own slot says it already. */
export async function readRecords(
  tx: Tx,
  source: Source,
  definitions: readonly IndicatorDefinition[],
  periods: readonly number[],
  wanted: Wanted,
): Promise<FromRecords> {
  const found = new Map<string, string | null>()
  const level = levelOf(wanted)
  if (level === undefined || level === 5) return found
  const needed = new Map(definitions.flatMap((one) => formulasOf(one).aggregates).map((one) => [one.text, one]))
  const below = 'within' in wanted ? wanted.within : wanted.below
  for (const { text, kind } of needed.values()) {
    const slot = source.slots.get(text)
    if (slot === undefined || (kind !== 'min' && kind !== 'max' && kind !== 'latest')) continue
    for (const row of await leafFigures(tx, source.form.code, periods, below, level, slot, kind)) {
      found.set(`${text}:${row.unit}:${row.period}`, row.value)
    }
  }
  return found
}

/** @returns the slots (0-based) that these indicators are made of */
function slotsNeeded(source: Source, definitions: readonly IndicatorDefinition[]): number[] {
  const slots = definitions.flatMap((one) => formulasOf(one).aggregates).map(({ text }) => source.slots.get(text))
  return [...new Set(slots.filter((slot) => slot !== undefined))]
}

function levelOf(wanted: Wanted): number | undefined {
  return 'units' in wanted ? wanted.units[0]?.level : wanted.level
}
