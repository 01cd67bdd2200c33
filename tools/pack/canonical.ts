import type { z } from 'zod'

type Definition = {
  type: string
  element?: Schema
  shape?: Record<string, Schema>
  innerType?: Schema
  in?: Schema
  out?: Schema
  options?: Schema[]
  getter?: () => Schema
  valueType?: Schema
  defaultValue?: unknown
}
type Schema = { _zod: { def: Definition } }

/**
 * A section in its one form: keys in the order of the schema, without what is only the default, numbers as text where
 * the schema keeps text. What does not fit the schema (a draft) is kept as it is; keys nobody knows come last, by name.
 * @returns a plain value; putting it in again gives the same
 */
export function canonicalValue(schema: z.ZodType, value: unknown): unknown {
  return canonical(schema as unknown as Schema, value)
}

function canonical(schema: Schema | undefined, value: unknown): unknown {
  if (value === undefined || value === null) return value
  const def = inside(schema)
  if (Array.isArray(value)) return value.map((item) => canonical(def.element, item))
  if (typeof value === 'object') return canonicalObject(def, value as Record<string, unknown>)
  if (typeof value === 'number' && givesText(schema)) return String(value)
  return value
}

function canonicalObject(def: Definition, value: Record<string, unknown>): Record<string, unknown> {
  if (def.type === 'union') {
    const fitting = (def.options ?? []).find((option) => (option as unknown as z.ZodType).safeParse(value).success)
    return (fitting ? canonical(fitting, value) : value) as Record<string, unknown>
  }
  const shape = def.shape ?? {}
  const known = Object.keys(shape).filter((key) => key in value)
  const others = Object.keys(value).filter((key) => !(key in shape)).sort()
  const entries = [...known, ...others].map((key) => [key, canonical(shape[key] ?? def.valueType, value[key])] as const)
  return Object.fromEntries(entries.filter(([key, member]) => member !== undefined && !isDefault(shape[key], member)))
}

/** Whether the schema would put exactly this in by itself. */
function isDefault(schema: Schema | undefined, value: unknown): boolean {
  for (let def = schema?._zod.def; def; def = def.innerType?._zod.def) {
    if (def.type !== 'default') continue
    return JSON.stringify(canonical(schema, typeof def.defaultValue === 'function' ? (def.defaultValue as () => unknown)() : def.defaultValue)) === JSON.stringify(value)
  }
  return false
}

/** What stands inside of optional, default, lazy and of the way in of a pipe. */
function inside(schema: Schema | undefined): Definition {
  let def = schema?._zod.def
  while (def) {
    const next: Schema | undefined = def.innerType ?? (def.type === 'pipe' ? def.in : def.type === 'lazy' ? def.getter?.() : undefined)
    if (!next) return def
    def = next._zod.def
  }
  return { type: 'unknown' }
}

/** A pipe whose end is text, such as a decimal that may be written as a number. */
function givesText(schema: Schema | undefined): boolean {
  let def = schema?._zod.def
  while (def?.innerType) def = def.innerType._zod.def
  return def?.type === 'pipe' && def.out?._zod.def.type === 'string'
}
