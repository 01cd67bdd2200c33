import { z } from 'zod'
import { Slug } from '../ledgers/form-definition.ts'
import { DecimalText } from './indicator-definition.ts'

/** The target of one unit for one year, as a pack gives it. A target of a share holds for the units below as well. */
export const TargetEntry = z.strictObject({
  indicator: Slug,
  year: z.number().int().min(2000).max(2100),
  /** The code of the unit. */
  unit: z.string().min(1),
  /** In the unit that is kept: 0.9 for 90 %, whole 分 for money. */
  value: DecimalText,
})
export type TargetEntry = z.infer<typeof TargetEntry>
