import { z } from 'zod'
import { Slug, Words } from '../ledgers/form-definition.ts'

/** A kind of major matter (C13), with the working days within which a level above acknowledges the report. */
export const MatterKindDefinition = z.strictObject({ code: Slug, name: Words, acknowledgeWorkingDays: z.number().int().min(1).max(60).default(1) })
export type MatterKindDefinition = z.infer<typeof MatterKindDefinition>
