import { halfWidth } from './decimal.ts'

/** People are counted once (人数), attendances every time (人次): 70 万人次 may be far fewer people (trap 3). */
const sameNames: readonly (readonly string[])[] = [
  ['人', '人数', '名', '位'],
  ['人次', '人次数'],
  ['户', '户数'],
  ['户次'],
  ['件', '件数'],
  ['件次'],
  ['平方米', '㎡', 'm²'],
  ['%', '百分比'],
  ['‰'],
]
const shares: ReadonlySet<string> = new Set(['%', '‰'])

/** @returns whether both texts name one unit of counting: 人 and 名 do, 人数 and 人次 do not (trap 3), 元 and 万元 do not */
export function sameUnit(a: string, b: string): boolean {
  return unitOf(a) === unitOf(b)
}

/**
 * @returns whether figures in these units may be added: one unit on both sides, and no percentages, which are rolled up
 *   from numerators and denominators (trap 1). It cannot know whether two 人数 count the same people twice.
 */
export function mayAdd(a: string, b: string): boolean {
  return sameUnit(a, b) && !shares.has(unitOf(a))
}

function unitOf(text: string): string {
  const name = halfWidth(text)
  return sameNames.find((names) => names.includes(name))?.[0] ?? name
}
