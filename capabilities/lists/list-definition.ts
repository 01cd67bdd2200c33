import { z } from 'zod'
import { Slug, Words } from '../ledgers/form-definition.ts'

const Pillar = z.enum(['organisation', 'foundation', 'ability'])

/** A set phrase with members (五个一批, 六站一平台 …): a dictionary with validity, never an enum in code (traps 10, 11). */
export const BundleDefinition = z.strictObject({
  code: Slug,
  name: Words,
  members: z.array(Words),
  /** The sources list every member. False: the list is editable and known to be incomplete. */
  complete: z.boolean(),
  validFrom: z.string().optional(),
  validTo: z.string().optional(),
  /** Where a word means something of its own: the place and the local meaning. */
  local: z.array(z.strictObject({ place: z.string(), meaning: Words })).default([]),
})
export type BundleDefinition = z.infer<typeof BundleDefinition>

export const ProgrammeDefinition = z.strictObject({
  code: Slug,
  name: Words,
  fromYear: z.number().int(),
  toYear: z.number().int(),
  pillars: z.array(z.strictObject({ code: Pillar, name: Words, aim: Words })).length(3),
  years: z.array(z.strictObject({ year: z.number().int(), theme: Words, goals: z.array(z.strictObject({ code: Slug, name: Words, pillar: Pillar.optional() })) })),
  bundles: z.array(BundleDefinition).default([]),
})
export type ProgrammeDefinition = z.infer<typeof ProgrammeDefinition>

/** One item of a list as a pack offers it. The issuer completes lead, audience and deadline. */
export const TemplateItem = z.strictObject({
  head: Words.optional(),
  title: Words,
  detail: Words.optional(),
  deliverable: Words,
  measure: Words,
  pillar: Pillar.optional(),
  weight: z.number().positive().default(1),
  /** The unit that leads, by code, where the pack knows it. */
  lead: z.string().optional(),
  coUnits: z.array(z.string()).default([]),
  /** Unit classes it is meant for. */
  classes: z.array(z.string()).default([]),
  due: z.string().regex(/^\d{4}-\d{2}-\d{2}$/).optional(),
  dueWorkingDays: z.number().int().positive().optional(),
  form: Slug.optional(),
  period: z.string().optional(),
})
export type TemplateItem = z.infer<typeof TemplateItem>

export const ListTemplateDefinition = z.strictObject({
  code: Slug,
  programme: Slug,
  year: z.number().int(),
  name: Words,
  clause: z.string().optional(),
  items: z.array(TemplateItem).min(1),
})
export type ListTemplateDefinition = z.infer<typeof ListTemplateDefinition>
