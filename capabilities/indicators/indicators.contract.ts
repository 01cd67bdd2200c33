import { z } from 'zod'
import { Decimal, endpoint, MoveNow, pageOf, paging, PeriodText, type RoomContract } from '../endpoint.ts'
import { Words } from '../ledgers/form-definition.ts'
import { IndicatorDefinition } from './indicator-definition.ts'

const unit = z.number().int()
const code = z.string().max(80)
const at = { unit, period: PeriodText }

/** A figure as everybody sees it: never without its coverage. Decimals are exact text; `value` of a percent is 0…1. */
export const Figure = z.object({
  value: Decimal.nullable(),
  /** Why there is no value: nothing reported, the denominator is 0, or too few units to be shown. */
  why: z.enum(['none-reported', 'denominator-zero', 'suppressed']).nullable(),
  num: Decimal.nullable(),
  den: Decimal.nullable(),
  reported: z.number().int(),
  expected: z.number().int(),
})
export type Figure = z.infer<typeof Figure>

export const Judged = z.object({
  figure: Figure,
  target: Decimal.nullable(),
  /** actual/target, or target/actual when lower is better; null without a target. */
  attainment: Decimal.nullable(),
  /** Value of the same period last year and the relative change; null when the base is 0 or missing. */
  lastYear: Decimal.nullable(),
  yearOnYear: Decimal.nullable(),
  /** Value of the period before and the difference. */
  previous: Decimal.nullable(),
  change: Decimal.nullable(),
  gap: Decimal.nullable(),
  band: Words.nullable(),
})
export type Judged = z.infer<typeof Judged>

export const Overview = z.object({
  indicator: code,
  name: Words,
  pillar: z.enum(['organisation', 'foundation', 'ability']),
  shown: z.enum(['number', 'money', 'percent']),
  unit: z.string().nullable(),
  precision: z.number().int(),
  direction: z.enum(['higher', 'lower', 'none']),
  judged: Judged,
})
export type Overview = z.infer<typeof Overview>

export const Ranked = z.object({
  unit,
  name: z.string(),
  code: z.string(),
  level: z.number().int(),
  parentName: z.string(),
  judged: Judged,
  /** Competition ranking among units that have a value (1, 2, 2, 4); null without one. */
  rank: z.number().int().nullable(),
  /** The value is below the mean of the group; ties with the mean are not below (C7, trap 5). */
  belowMean: z.boolean(),
  /** First, middle or last third of the group; null for fewer than three, and without a direction. */
  third: z.enum(['first', 'middle', 'last']).nullable(),
  hasChildren: z.boolean(),
})
export type Ranked = z.infer<typeof Ranked>

/** A figure on the tree that was valid at the end of its period, on today's, and what lies between. */
export const Beside = z.object({
  period: PeriodText,
  /** The last day of the period: the tree of that day is the one of `was`. */
  date: z.string(),
  /** null: the unit was made later. */
  was: Figure.extend({ band: Words.nullable() }).nullable(),
  /** null: the unit has ended; see `successors`. */
  now: Figure.extend({ band: Words.nullable() }).nullable(),
  bornOn: z.string().nullable(),
  successors: z.array(z.object({ unit, name: z.string(), share: Decimal.nullable() })),
  /** One line per change: units it brought and took, and the difference they make; null where the formula is no sum. */
  bridge: z.array(
    z.object({
      change: z.number().int().nullable(),
      kind: z.enum(['merge', 'split', 'rename', 'abolish', 'transfer']).nullable(),
      on: z.string().nullable(),
      document: z.string(),
      more: z.number().int(),
      fewer: z.number().int(),
      num: Decimal.nullable(),
      den: Decimal.nullable(),
      units: z.array(z.object({ unit, name: z.string() })),
    }),
  ),
  /** Predecessors whose figures a split did not divide. */
  undivided: z.array(z.object({ unit, name: z.string(), figure: Figure })),
})
export type Beside = z.infer<typeof Beside>

export const indicatorsContract = {
  overview: endpoint('indicator.read', { method: 'GET', path: '/indicators', summary: 'All indicators of a unit in a period' })
    .input(z.object({ ...at, pillar: z.enum(['organisation', 'foundation', 'ability']).optional(), q: z.string().max(60).optional() }))
    .output(z.object({ unitName: z.string(), period: PeriodText, rows: z.array(Overview) })),
  /** The latest period that has anything reported, to start a page with. */
  latestPeriod: endpoint('indicator.read', { method: 'GET', path: '/indicators/latest-period', summary: 'The latest period with reports, of all or one indicator' })
    .input(z.object({ unit, code: code.optional() }))
    .output(z.object({ period: PeriodText, periods: z.array(PeriodText) })),
  one: endpoint('indicator.read', { method: 'GET', path: '/indicators/{code}', summary: 'One indicator of a unit: figure, definition, target' })
    .input(z.object({ code, ...at }))
    .output(
      z.object({
        definition: IndicatorDefinition,
        formName: Words,
        unitName: z.string(),
        /** Breadcrumb from the top unit that the reader may see. */
        path: z.array(z.object({ unit, name: z.string(), level: z.number().int() })),
        period: PeriodText,
        judged: Judged,
        /** Place among the units of the same rank below the same parent. */
        peers: z.object({ rank: z.number().int().nullable(), of: z.number().int(), belowMean: z.boolean(), mean: Decimal.nullable() }).nullable(),
        /** Whose return is not in the figure; null when all are in. Of several periods each is named with its own. */
        missing: z.object({ total: z.number().int(), first: z.array(z.object({ code: z.string(), name: z.string(), parentName: z.string(), period: PeriodText })) }).nullable(),
        taken: z.object({ reported: z.number().int(), expected: z.number().int(), at: z.string(), missing: z.array(z.string()) }).nullable(),
        moves: z.array(MoveNow),
      }),
    ),
  trend: endpoint('indicator.read', { method: 'GET', path: '/indicators/{code}/trend', summary: 'The figure over the last periods' })
    .input(z.object({ code, ...at, periods: z.number().int().min(2).max(60).default(13) }))
    .output(z.array(z.object({ period: PeriodText, figure: Figure }))),
  ranked: endpoint('indicator.read', { method: 'GET', path: '/indicators/{code}/ranked', summary: 'Units below a unit with rank, third and band' })
    .input(
      z.object({
        code,
        ...at,
        /** The rank of unit to list: 2 cities … 5 villages; by default the direct children. */
        level: z.number().int().min(2).max(5).optional(),
        sort: z.enum(['rank', 'code', 'name', 'coverage', 'attainment']).default('rank'),
        ...paging,
      }),
    )
    .output(pageOf(Ranked).extend({ mean: Decimal.nullable(), belowMean: z.number().int(), withValue: z.number().int() })),
  beside: endpoint('indicator.read', { method: 'GET', path: '/indicators/{code}/beside', summary: 'A figure on the tree of its period and on today’s, with the bridge' })
    .input(z.object({ code, ...at }))
    .output(Beside),
  /** A figure opened downwards: the formula, what each aggregate gives, and the records with what each adds. */
  opened: endpoint('indicator.read', { method: 'GET', path: '/indicators/{code}/opened', summary: 'What a figure is made of, down to the records' })
    .input(z.object({ code, ...at, q: z.string().max(60).optional(), ...paging }))
    .output(
      z.object({
        num: z.string(),
        den: z.string().nullable(),
        aggregates: z.array(z.object({ text: z.string(), value: Decimal.nullable() })),
        /** The form's periods that the figure rests on. */
        periods: z.array(PeriodText),
        records: pageOf(
          z.object({
            unit,
            unitName: z.string(),
            parentName: z.string(),
            form: z.string(),
            period: PeriodText,
            submission: z.number().int(),
            submittedBy: z.string(),
            acceptedBy: z.string().nullable(),
            acceptedAt: z.string().nullable(),
            /** What the record adds to each aggregate, in the order of `aggregates`. */
            adds: z.array(Decimal.nullable()),
          }),
        ),
      }),
    ),
  /** A record shown upwards: which figures it is part of, at each level. */
  usedIn: endpoint('indicator.read', { method: 'GET', path: '/indicators/used-in', summary: 'Which figures a record is part of' })
    .input(z.object({ unit, form: z.string().max(80), period: PeriodText }))
    .output(
      z.array(
        z.object({
          indicator: code,
          name: Words,
          /** What this record adds to numerator and denominator aggregates. */
          adds: z.array(z.object({ text: z.string(), value: Decimal.nullable() })),
          levels: z.array(z.object({ unit, name: z.string(), figure: Figure })),
        }),
      ),
    ),
  /** How many units of a level fall into each band: the village income bands. */
  bands: endpoint('indicator.read', { method: 'GET', path: '/indicators/{code}/bands', summary: 'How many units fall into each band' })
    /** `level`: by default the rank of those who are asked. */
    .input(z.object({ code, ...at, level: z.number().int().min(2).max(5).optional() }))
    .output(
      z.object({
        /** `range` is written in the unit that is shown: yuan for money, per cent for a share. */
        rows: z.array(z.object({ name: Words, range: z.string(), units: z.number().int().nullable() })),
        withValue: z.number().int(),
        expected: z.number().int(),
      }),
    ),
  setTarget: endpoint('target.set', { method: 'POST', path: '/indicators/targets', summary: 'Set the yearly target of an indicator for a unit' })
    .input(z.object({ code, unit, year: z.number().int().min(2000).max(2100), value: Decimal.nullable(), version: z.string().optional() }))
    .output(z.object({ value: Decimal.nullable() })),
  /** For the editor: is the formula right, and if not, where. */
  checkFormula: endpoint('signedIn', { method: 'POST', path: '/indicators/formula', summary: 'Check a formula against a form; says the place of an error' })
    .input(z.object({ form: z.string().max(80), formula: z.string().max(2000), offset: z.number().int().min(0).optional() }))
    .output(
      z.object({
        ok: z.boolean(),
        text: z.string().nullable(),
        error: z.object({ at: z.number().int(), length: z.number().int(), facts: z.record(z.string(), z.unknown()) }).nullable(),
        completions: z.array(z.string()),
      }),
    ),
} satisfies RoomContract
