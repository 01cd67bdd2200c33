import { compare, formatDecimal, isDecimal, type NumberLocale } from './decimal.ts'
import { Problem } from './problem.ts'

/**
 * Bands of a figure. Where 以下 ends differs from place to place, so the edges are data and always shown (trap 4).
 * The labels go from the lowest band to the highest: one more than there are edges.
 */
export type Bands = {
  edges: readonly string[]
  labels: readonly string[]
  /** Which of its two edges belongs to a band: 'lower' is [50,000, 100,000), 'upper' is (50,000, 100,000]. */
  includes: 'lower' | 'upper'
  /** The label of a band of its own, before the others, for zero and below: a village without income (空白). */
  zero?: string
}

export type Band = { index: number; label: string }

/**
 * @throws Problem `pack-invalid` with facts `id` 'bands' and `reason`: 'edge-not-a-number', 'edges-not-rising',
 *   'labels-count' or 'edge-not-above-zero' (with a zero band)
 */
export function checkBands({ edges, labels, zero }: Bands): void {
  if (!edges.every(isDecimal)) throw wrong('edge-not-a-number')
  if (edges.some((edge, at) => at > 0 && compare(edges[at - 1]!, edge) >= 0)) throw wrong('edges-not-rising')
  if (labels.length !== edges.length + 1) throw wrong('labels-count')
  if (zero !== undefined && edges.some((edge) => compare(edge, '0') <= 0)) throw wrong('edge-not-above-zero')
}

/** @returns the one band that holds the value; with a zero band, that one is index 0 */
export function bandOf(value: string, bands: Bands): Band {
  checkBands(bands)
  const { edges, includes } = bands
  const all = labelsOf(bands)
  if (bands.zero !== undefined && compare(value, '0') <= 0) return { index: 0, label: all[0]! }
  const passed = edges.filter((edge) => compare(value, edge) >= (includes === 'lower' ? 0 : 1)).length
  const index = passed + all.length - bands.labels.length
  return { index, label: all[index]! }
}

/**
 * @param values undefined for a unit that did not report: it is counted as missing and never as zero
 * @returns every band, empty ones too; the counts and `missing` add up to the number of values
 */
export function countBands(
  values: readonly (string | undefined)[],
  bands: Bands,
): { bands: (Band & { count: number })[]; missing: number } {
  checkBands(bands)
  const counted = labelsOf(bands).map((label, index) => ({ index, label, count: 0 }))
  let missing = 0
  for (const value of values) {
    if (value === undefined) missing += 1
    else counted[bandOf(value, bands).index]!.count += 1
  }
  return { bands: counted, missing }
}

/** @returns the edges of a band as they hold: '≤ 0', '(0, 50,000)', '[50,000, 100,000)', '≥ 100,000' */
export function describeBand(index: number, bands: Bands, locale: NumberLocale): string {
  checkBands(bands)
  const { edges, includes, zero } = bands
  const at = zero === undefined ? index : index - 1
  if (at === -1 && zero !== undefined) return '≤ 0'
  if (at < 0 || at > edges.length) throw new Error(`there is no band ${index}`)
  const text = (edge: string) => formatDecimal(edge, { locale })
  const [low, high] = [edges[at - 1], edges[at]]
  const closing = includes === 'lower' ? ')' : ']'
  if (high === undefined) {
    if (low === undefined) return zero === undefined ? '(−∞, +∞)' : '> 0'
    return `${includes === 'lower' ? '≥' : '>'} ${text(low)}`
  }
  if (low === undefined) {
    return zero === undefined ? `${includes === 'lower' ? '<' : '≤'} ${text(high)}` : `(0, ${text(high)}${closing}`
  }
  return `${includes === 'lower' ? '[' : '('}${text(low)}, ${text(high)}${closing}`
}

function labelsOf({ labels, zero }: Bands): readonly string[] {
  return zero === undefined ? labels : [zero, ...labels]
}

function wrong(reason: string): Problem {
  return new Problem('pack-invalid', { facts: { id: 'bands', reason } })
}
