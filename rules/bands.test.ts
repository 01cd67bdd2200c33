import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bandOf, checkBands, countBands, describeBand, type Bands } from './bands.ts'

const income: Bands = {
  edges: ['50000', '100000'], labels: ['weak', 'middle', 'strong'], includes: 'lower', zero: 'none',
}
const someBands: fc.Arbitrary<Bands> = fc
  .record({
    edges: fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { maxLength: 5 }),
    includes: fc.constantFrom('lower' as const, 'upper' as const),
    hasZero: fc.boolean(),
  })
  .map(({ edges, includes, hasZero }) => ({
    edges: edges.toSorted((a, b) => a - b).map(String),
    labels: Array.from({ length: edges.length + 1 }, (_, at) => `band ${at}`),
    includes,
    ...(hasZero ? { zero: 'none' } : {}),
  }))

/** Whether a described range holds a value, read from the text alone. */
function holds(range: string, value: number): boolean {
  const number = (text: string) => Number(text.replace('−∞', '-Infinity').replace('+∞', 'Infinity').replace(/,/g, ''))
  const sign = /^([<>≤≥]) (.+)$/.exec(range)
  if (sign) {
    const edge = number(sign[2]!)
    return { '<': value < edge, '≤': value <= edge, '>': value > edge, '≥': value >= edge }[sign[1]!]!
  }
  const [low, high] = range.slice(1, -1).split(', ').map(number) as [number, number]
  return (range.startsWith('[') ? value >= low : value > low) && (range.endsWith(']') ? value <= high : value < high)
}

describe('bands', () => {
  it('keeps villages without income apart from those with little', () => {
    const values = ['-3', '0', '0.01', '49999.99', '50000', '99999', '100000']
    const labels = values.map((value) => bandOf(value, income).label)
    expect(labels).toEqual(['none', 'none', 'weak', 'weak', 'middle', 'middle', 'strong'])
  })

  it('lets 以下 include its figure where the place says so', () => {
    const formal: Bands = { ...income, includes: 'upper' }
    expect(bandOf('50000', formal).label).toBe('weak')
    expect(bandOf('50000.01', formal).label).toBe('middle')
    expect(describeBand(1, formal, 'zh-CN')).toBe('(0, 50,000]')
    expect(describeBand(3, formal, 'zh-CN')).toBe('> 100,000')
  })

  it('says where each band begins and ends', () => {
    expect([0, 1, 2, 3].map((index) => describeBand(index, income, 'en'))).toEqual(
      ['≤ 0', '(0, 50,000)', '[50,000, 100,000)', '≥ 100,000'])
    expect(describeBand(0, { edges: ['5'], labels: ['a', 'b'], includes: 'lower' }, 'en')).toBe('< 5')
    expect(() => describeBand(4, income, 'en')).toThrow('there is no band 4')
  })

  it('counts 2,719 villages into bands that add up to all of them', () => {
    const values = [
      ...Array<string>(1713).fill('0'), ...Array<string>(680).fill('20000'), ...Array<string>(326).fill('50000'),
      undefined,
    ]
    const counted = countBands(values, income)
    expect(counted.bands.map(({ count }) => count)).toEqual([1713, 680, 326, 0])
    expect(counted.missing).toBe(1)
  })

  it('refuses bands that contradict themselves', () => {
    const reason = (bands: Bands) => {
      try {
        checkBands(bands)
      } catch (error) {
        return (error as { facts: { reason: string } }).facts.reason
      }
      return undefined
    }
    expect(reason(income)).toBeUndefined()
    expect(reason({ ...income, edges: ['5万', '10万'] })).toBe('edge-not-a-number')
    expect(reason({ ...income, edges: ['5', '5.0'] })).toBe('edges-not-rising')
    expect(reason({ ...income, labels: ['one'] })).toBe('labels-count')
    expect(reason({ ...income, edges: ['0', '5'] })).toBe('edge-not-above-zero')
  })

  it('puts every value into exactly one band, the one whose description holds it', () => {
    fc.assert(
      fc.property(someBands, fc.integer({ min: -10, max: 120 }), (bands, halves) => {
        const value = halves / 2
        const count = bands.labels.length + (bands.zero === undefined ? 0 : 1)
        const holding = Array.from({ length: count }, (_, at) => at)
          .filter((at) => holds(describeBand(at, bands, 'en'), value))
        expect(holding).toEqual([bandOf(String(value), bands).index])
      }),
    )
  })

  it('loses no value when it counts', () => {
    const someValues = fc.array(fc.option(fc.integer({ min: -5, max: 60 }).map(String), { nil: undefined }))
    fc.assert(
      fc.property(someBands, someValues, (bands, values) => {
        const counted = countBands(values, bands)
        expect(counted.bands.reduce((total, { count }) => total + count, counted.missing)).toBe(values.length)
      }),
    )
  })
})
