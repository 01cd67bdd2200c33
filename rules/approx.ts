import { formatDecimal, halfWidth, multiply, parseDecimal, sum, type NumberLocale } from './decimal.ts'
import { Problem } from './problem.ts'

/** How exact a figure claims to be. A hedge is kept as it was said and never turned into an exact figure (trap 2). */
export type Approx = 'exact' | 'about' | 'atLeast' | 'lessThan' | 'nearly'

export type Hedged = {
  /** A decimal string with 万 and 亿 written out: '近70万' has '700000'. */
  value: string
  approx: Approx
  /** With atLeast and lessThan: the figure itself belongs to it (以上, 以下, 以内; F-28), or not (余, 超过, 不足). */
  included?: boolean
  /** What is counted, as written: '人', '平方米', '%'. */
  unit?: string
}

/** A sum that says how many of its parts were hedged. */
export type HedgedSum = Hedged & { hedged: number; of: number }

type Hedge = { approx: Approx; included?: boolean }
const about: Hedge = { approx: 'about' }
const nearly: Hedge = { approx: 'nearly' }
const from: Hedge = { approx: 'atLeast', included: true }
const above: Hedge = { approx: 'atLeast', included: false }
const upTo: Hedge = { approx: 'lessThan', included: true }
const below: Hedge = { approx: 'lessThan', included: false }

// longer words come before the words that they begin or end with
const before: readonly (readonly [string, Hedge])[] = [
  ['不超过', upTo], ['不多于', upTo], ['不高于', upTo], ['不少于', from], ['不低于', from], ['至少', from], ['最多', upTo],
  ['至多', upTo], ['不到', below], ['不足', below], ['不满', below], ['低于', below], ['少于', below], ['超过', above],
  ['高于', above], ['多于', above], ['逾', above], ['超', above], ['将近', nearly], ['接近', nearly], ['近', nearly],
  ['大约', about], ['大概', about], ['约', about],
]
const after: readonly (readonly [string, Hedge])[] = [
  ['及以上', from], ['以上', from], ['及以下', upTo], ['以下', upTo], ['以内', upTo], ['左右', about], ['上下', about],
]
const scales: Readonly<Record<string, string>> = { 百: '100', 千: '1000', 万: '10000', 亿: '100000000' }
const shape = /^([-+]?\d[\d, .]*?)\s*(?:(余|多)\s*([百千万亿])|([百千万亿])\s*(余|多)|([百千万亿])|(余|多))?\s*([^\d\s]*)$/u

/**
 * Reads a figure as reports write it: '近70万', '2000余人', '700多平方米', '92%以上'. 以上 includes the figure (trap 4).
 * @throws Problem `number-invalid` with facts `text`, and `reason` 'hedged-twice' for '近70万左右'
 */
export function parseHedged(text: string): Hedged {
  let rest = halfWidth(text)
  const hedges: Hedge[] = []
  const prefix = before.find(([word]) => rest.startsWith(word))
  if (prefix) {
    hedges.push(prefix[1])
    rest = rest.slice(prefix[0].length).trim()
  }
  const suffix = after.find(([word]) => rest.endsWith(word))
  if (suffix) {
    hedges.push(suffix[1])
    rest = rest.slice(0, -suffix[0].length).trim()
  }
  const found = shape.exec(rest)
  if (!found) throw new Problem('number-invalid', { facts: { text } })
  const [, digits, moreFirst, scaleAfter, scaleFirst, moreAfter, scaleOnly, moreOnly, unit] = found
  if (moreFirst ?? moreAfter ?? moreOnly) hedges.push(above)
  if (hedges.length > 1) throw new Problem('number-invalid', { facts: { text, reason: 'hedged-twice' } })
  const scale = scaleAfter ?? scaleFirst ?? scaleOnly
  return {
    value: multiply(parseDecimal(digits!.trim()), scale ? scales[scale]! : '1'),
    ...(hedges[0] ?? { approx: 'exact' }),
    ...(unit ? { unit } : {}),
  }
}

/**
 * Adds the figures and says how many of them were hedged: a sum with a hedged part is never shown as exact (trap 2).
 * Parts hedged in one direction keep it; in several directions the sum is 'about'.
 * @throws Problem `number-invalid` with facts `reason` 'units-differ' and `units` when the parts count different things
 */
export function sumHedged(list: readonly Hedged[]): HedgedSum {
  const units = [...new Set(list.map(({ unit }) => unit ?? ''))]
  if (units.length > 1) throw new Problem('number-invalid', { facts: { reason: 'units-differ', units } })
  const hedged = list.filter(({ approx }) => approx !== 'exact')
  const [approx = 'exact', ...others] = new Set(hedged.map((each) => each.approx))
  const together: Approx = others.length > 0 ? 'about' : approx
  const hasBound = together === 'atLeast' || together === 'lessThan'
  return {
    value: sum(list.map(({ value }) => value)),
    approx: together,
    // one part that excludes its figure makes the sum exclude its own
    ...(hasBound ? { included: hedged.every(({ included }) => included !== false) } : {}),
    ...(units[0] ? { unit: units[0] } : {}),
    hedged: hedged.length,
    of: list.length,
  }
}

/** @returns '近700,000人', '2,000人以上', '超过2,000人'; in English 'nearly', 'at least', 'more than'; an exact one is plain */
export function formatHedged({ value, approx, included = true, unit = '' }: Hedged, locale: NumberLocale): string {
  const number = formatDecimal(value, { locale })
  const key = wordsOf(approx, included)
  if (locale === 'zh-CN') {
    const [start, end] = zhWords[key]
    return `${start}${number}${unit}${end}`
  }
  return `${enWords[key]}${number}${unit && unit !== '%' ? ` ${unit}` : unit}`
}

function wordsOf(approx: Approx, included: boolean): Words {
  if (approx === 'atLeast') return included ? 'from' : 'above'
  if (approx === 'lessThan') return included ? 'upTo' : 'below'
  return approx
}

type Words = Exclude<Approx, 'atLeast' | 'lessThan'> | 'from' | 'above' | 'upTo' | 'below'
const zhWords: Readonly<Record<Words, readonly [string, string]>> = {
  exact: ['', ''], about: ['约', ''], nearly: ['近', ''], from: ['', '以上'], above: ['超过', ''], upTo: ['', '以下'],
  below: ['不足', ''],
}
const enWords: Readonly<Record<Words, string>> = {
  exact: '', about: 'about ', nearly: 'nearly ', from: 'at least ', above: 'more than ', upTo: 'at most ',
  below: 'less than ',
}
