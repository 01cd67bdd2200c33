import { z } from 'zod'
import { verbs, type Verb } from '../access/verbs.ts'
import { Words } from '../ledgers/form-definition.ts'

const ClassCode = z.string().regex(/^[a-z][A-Za-z0-9]{1,39}$/)
const UnitCode = z.string().regex(/^[0-9A-Za-z-]{2,40}$/)
const CivilDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/)

export const UnitClassDefinition = z.strictObject({ code: ClassCode, name: Words, level: z.number().int().min(1).max(5), ordinal: z.number().int().default(0) })
export type UnitClassDefinition = z.infer<typeof UnitClassDefinition>

export const PostKindDefinition = z.strictObject({
  code: ClassCode,
  name: Words,
  verbs: z.array(z.enum(Object.keys(verbs) as [Verb, ...Verb[]])).min(1),
  admin: z.enum(['system', 'security', 'audit']).optional(),
})
export type PostKindDefinition = z.infer<typeof PostKindDefinition>

/** A unit as a file gives it: parents by code. */
export const UnitEntry = z.strictObject({
  code: UnitCode,
  name: z.string().trim().min(1).max(80),
  kind: z.enum(['party', 'government', 'mass', 'selfGovernment', 'organ', 'enterprise', 'school', 'hospital', 'newGroup', 'association']),
  class: ClassCode,
  areaParent: UnitCode.optional(),
  lineParent: UnitCode.optional(),
  management: z.enum(['area', 'line', 'dual']).default('area'),
  validFrom: CivilDate,
  residents: z.coerce.number().int().min(0).optional(),
})
export type UnitEntry = z.infer<typeof UnitEntry>

export const PostEntry = z.strictObject({
  unit: UnitCode,
  kind: ClassCode,
  title: z.string().trim().min(1).max(80),
  required: z.boolean().default(false),
  ab: z.enum(['A', 'B']).optional(),
  validFrom: CivilDate.default('2017-01-01'),
})
export type PostEntry = z.infer<typeof PostEntry>

export const BodyEntry = z.strictObject({ unit: UnitCode, name: z.string().min(1).max(80), office: UnitCode.optional(), members: z.array(UnitCode).default([]) })
export type BodyEntry = z.infer<typeof BodyEntry>
