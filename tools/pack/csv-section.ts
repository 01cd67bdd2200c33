import type { z } from 'zod'
import type { Place, Placed } from './read-pack.ts'

type Definition = {
  type: string
  element?: Schema
  shape?: Record<string, Schema>
  innerType?: Schema
  in?: Schema
  options?: Schema[]
  getter?: () => Schema
  valueType?: Schema
}
type Schema = { _zod: { def: Definition } }

/** Cells of a list: 村；社区 or 村;社区. */
const listMark = /[;；]/

/**
 * How the cells of a CSV section become values: a column's type is that of the section's schema. `name.zh` walks into
 * an object; numbers, yes/no (是/否, true/false) and lists (parts divided by ; or ；) are turned, all else stays text.
 * A cell that does not fit its type stays text, so that the schema's finding names it as it was typed.
 * @param list in a section of several lists, which one the rows belong to
 */
export function csvSection(section: z.ZodType, list?: string): (column: string, cell: string) => unknown {
  const whole = inside(section as unknown as Schema)
  const rows = list === undefined ? whole : inside(whole.shape?.[list])
  const row = inside(rows?.element)
  const known = new Map<string, Definition | undefined>()
  return (column, cell) => {
    if (!known.has(column)) known.set(column, definitionAt(row, column.split('.')))
    return typed(known.get(column), cell)
  }
}

function definitionAt(row: Definition | undefined, path: string[]): Definition | undefined {
  let at = row
  for (const step of path) at = at?.type === 'record' ? inside(at.valueType) : inside(at?.shape?.[step])
  return at
}

function inside(schema: Schema | undefined): Definition {
  let def = schema?._zod.def
  while (def) {
    const next: Schema | undefined = def.innerType ?? (def.type === 'pipe' ? def.in : def.type === 'lazy' ? def.getter?.() : undefined)
    if (!next) return def
    def = next._zod.def
  }
  return { type: 'unknown' }
}

function typed(def: Definition | undefined, cell: string): unknown {
  const text = cell.trim()
  switch (def?.type) {
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : cell
    case 'boolean':
      return text === 'true' || text === '是' ? true : text === 'false' || text === '否' ? false : cell
    case 'array':
      return text.split(listMark).map((part) => typed(inside(def.element), part.trim())).filter((part) => part !== '')
    case 'union': {
      // A text is always possible where the union says so; otherwise the first member that turns the cell wins.
      const members = (def.options ?? []).map((option) => inside(option))
      if (members.some((member) => member.type === 'string')) return text
      return members.map((member) => typed(member, cell)).find((value) => typeof value !== 'string') ?? text
    }
    default:
      return text
  }
}

/** Puts a cell's value at its column (`name.zh`) into the row, with its place. */
export function setAt(row: Placed, column: string, value: unknown, at: Place): void {
  const path = column.split('.')
  let into = row
  for (const step of path.slice(0, -1)) {
    let next = into.members!.get(step)
    if (!next) into.members!.set(step, (next = { at, keyAt: { ...at, line: 1 }, members: new Map() }))
    if (!next.members) return
    into = next
  }
  const member: Placed = Array.isArray(value)
    ? { at, list: true, members: new Map(value.map((part, i) => [String(i), { at, value: part }])) }
    : { at, value }
  into.members!.set(path.at(-1)!, { ...member, keyAt: { ...at, line: 1 } })
}
