import { z } from 'zod'
import { Slug, Words } from '../ledgers/form-definition.ts'

export const DecimalText = z.union([z.string(), z.number()]).transform(String).pipe(z.string().regex(/^-?\d+(\.\d+)?$/))

/**
 * A figure with a definition (C3). `num` and `den` are formulas over all records below a unit; a ratio is Σnum / Σden,
 * never a mean of ratios. Without `den` the figure is `num` itself.
 */
export const IndicatorDefinition = z.strictObject({
  code: Slug,
  name: Words,
  pillar: z.enum(['organisation', 'foundation', 'ability']),
  /** The form whose records it reads. */
  form: Slug,
  num: z.string().min(1),
  den: z.string().optional(),
  /** Who is counted, in words: the population of the ratio (trap 1). */
  population: Words,
  /** How num and den read in words, beside their figures. */
  numName: Words.optional(),
  denName: Words.optional(),
  /** percent: shown × 100 with %; permille; plain number or money (分) otherwise. */
  shown: z.enum(['number', 'money', 'percent']).default('number'),
  unit: z.string().optional(),
  precision: z.number().int().min(0).max(6).default(1),
  direction: z.enum(['higher', 'lower', 'none']).default('higher'),
  /** How a coarser period is made of the form's periods: their sum, or the last one that has reports. */
  overTime: z.enum(['sum', 'last']).default('last'),
  /** Edges are configurable and shown (trap 4). `includes`: which band an edge itself belongs to. */
  bands: z
    .strictObject({
      edges: z.array(DecimalText).min(1),
      names: z.array(Words).min(2),
      includes: z.enum(['lower', 'upper']).default('upper'),
    })
    .optional(),
  /** The clause or source the indicator rests on. */
  clause: z.string().optional(),
  benchmark: DecimalText.optional(),
  targets: z.record(z.string().regex(/^\d{4}$/), DecimalText).default({}),
  ordinal: z.number().int().default(0),
})
export type IndicatorDefinition = z.infer<typeof IndicatorDefinition>
