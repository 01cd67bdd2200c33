import { z } from 'zod'

/** A text in both languages. */
export const Words = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) })
export type Words = z.infer<typeof Words>

/** An id that formulas can name: a letter first, then letters, digits and _. */
export const Code = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,59}$/)
/** An id of a form, indicator or list: letters, digits, hyphens. */
export const Slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/)

export const Cycle = z.enum(['month', 'quarter', 'half', 'year', 'once'])
export type Cycle = z.infer<typeof Cycle>

export const ItemType = z.enum(['text', 'number', 'money', 'date', 'choice', 'yesNo', 'table', 'file'])
export type ItemType = z.infer<typeof ItemType>

export const Choice = z.strictObject({ value: Code, name: Words })
export type Choice = z.infer<typeof Choice>

/** A column of a table item; tables do not nest. */
export const Column = z.strictObject({
  code: Code,
  name: Words,
  type: z.enum(['text', 'number', 'money', 'date', 'choice', 'yesNo']),
  unit: z.string().optional(),
  precision: z.number().int().min(0).max(6).default(0),
  required: z.boolean().default(false),
  choices: z.array(Choice).optional(),
})
export type Column = z.infer<typeof Column>

/** One thing known about a unit. One form owns it and asks it once (C2: 同源数据最多报一次). */
export const DataItemDefinition = z.strictObject({
  code: Code,
  name: Words,
  type: ItemType,
  /** 元 人 人次 户 平方米 …: 人 and 人次 are different units (trap 3). */
  unit: z.string().optional(),
  definition: Words,
  cycle: Cycle,
  /** Digits after the point; money is always whole 分. */
  precision: z.number().int().min(0).max(6).default(0),
  /** A hedged figure (近70万) may be given; it is kept as such. */
  hedged: z.boolean().default(false),
  choices: z.array(Choice).optional(),
  columns: z.array(Column).optional(),
  sensitivity: z.enum(['open', 'internal']).default('open'),
})
export type DataItemDefinition = z.infer<typeof DataItemDefinition>

/** A field asks an item, shows one that another form holds already, or is computed from other fields. */
export const FieldDefinition = z.strictObject({
  code: Code,
  asks: Code.optional(),
  shows: Code.optional(),
  computed: z.string().optional(),
  name: Words.optional(),
  help: Words.optional(),
  required: z.boolean().default(true),
  min: z.string().optional(),
  max: z.string().optional(),
  /** A computed field says what it gives. */
  type: z.enum(['number', 'money', 'text', 'yesNo']).optional(),
  unit: z.string().optional(),
  precision: z.number().int().min(0).max(6).optional(),
})
export type FieldDefinition = z.infer<typeof FieldDefinition>

/** `holds` must be true; null (something missing) is not a finding. A warning lets the return through with a note. */
export const CheckDefinition = z.strictObject({
  code: Slug,
  holds: z.string(),
  level: z.enum(['error', 'warning']).default('error'),
  message: Words,
  /** The fields the message stands beside; by default those the formula names. */
  fields: z.array(Code).optional(),
})
export type CheckDefinition = z.infer<typeof CheckDefinition>

export const FormDefinition = z.strictObject({
  code: Slug,
  name: Words,
  purpose: Words.optional(),
  audience: z.array(z.string()).min(1),
  cycle: Cycle,
  /** What filling it once costs, in minutes. */
  minutes: z.number().positive(),
  /** A form lives until then at the longest (C2: each form has an expiry). */
  expires: z.string().regex(/^\d{4}-\d{2}-\d{2}$/),
  /** The burden officer's approval; a form without one stays a draft and cannot be issued. */
  approval: z.strictObject({ by: z.string().min(1), on: z.string().regex(/^\d{4}-\d{2}-\d{2}$/), number: z.string().optional() }).optional(),
  sections: z.array(z.strictObject({ name: Words, fields: z.array(FieldDefinition).min(1) })).min(1),
  checks: z.array(CheckDefinition).default([]),
})
export type FormDefinition = z.infer<typeof FormDefinition>

/** A field as a page and the checks need it: the item's type and words are merged in. */
export const ResolvedField = z.object({
  code: z.string(),
  /** The item that the field asks or shows; none for a computed field. */
  item: z.string().nullable(),
  kind: z.enum(['asks', 'shows', 'computed']),
  name: Words,
  definition: Words.nullable(),
  help: Words.nullable(),
  type: ItemType,
  unit: z.string().nullable(),
  precision: z.number().int(),
  hedged: z.boolean(),
  required: z.boolean(),
  min: z.string().nullable(),
  max: z.string().nullable(),
  choices: z.array(Choice).nullable(),
  columns: z.array(Column).nullable(),
  computed: z.string().nullable(),
  section: z.number().int(),
})
export type ResolvedField = z.infer<typeof ResolvedField>

/** What is kept in form_version.definition and sent to the browser: everything that filling and checking need. Versions count by themselves. */
export const ResolvedForm = z.object({
  code: z.string(),
  version: z.number().int(),
  name: Words,
  purpose: Words.nullable(),
  audience: z.array(z.string()),
  cycle: Cycle,
  minutes: z.number(),
  sections: z.array(Words),
  fields: z.array(ResolvedField),
  checks: z.array(CheckDefinition),
})
export type ResolvedForm = z.infer<typeof ResolvedForm>

export { resolveForm } from './resolve-form.ts'
