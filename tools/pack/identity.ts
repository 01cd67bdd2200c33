import type { PackPart } from '../../server/pack.ts'

const usual = ['code', 'id', 'key', 'year'] as const

/** @returns what tells a list's member from the others, or undefined when nothing does */
export function identityIn(item: Record<string, unknown>, list: string, part?: PackPart<any>): string | undefined {
  if (part?.identity) return part.identity(item, list)
  for (const name of usual) {
    const value = item[name]
    if (typeof value === 'string' || typeof value === 'number') return String(value)
  }
  return undefined
}
