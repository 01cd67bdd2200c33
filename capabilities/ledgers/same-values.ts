import type { Values } from './ledgers.contract.ts'

/** @returns the value as one text, whatever the order of its keys; nothing, null and missing are the same */
function plain(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'null'
  if (Array.isArray(value)) return `[${value.map(plain).join(',')}]`
  if (typeof value !== 'object') return JSON.stringify(value)
  const parts = Object.entries(value).map(([key, part]) => [key, plain(part)] as const).filter(([, part]) => part !== 'null')
  return `{${parts.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => `${key}:${part}`).join(',')}}`
}

export function sameValue(one: unknown, other: unknown): boolean {
  return plain(one) === plain(other)
}

/** @returns codes of the fields in which two versions differ, of those named */
export function differingFields(codes: readonly string[], one: Values, other: Values): string[] {
  return codes.filter((code) => !sameValue(one[code], other[code]))
}
