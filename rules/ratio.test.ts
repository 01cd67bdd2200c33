import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { add, compare } from './decimal.ts'
import { combine, percent, ratioOf, roundsTo, weightedMean, type Ratio } from './ratio.ts'

const someRatio: fc.Arbitrary<Ratio> = fc
  .tuple(fc.nat(10_000), fc.integer({ min: 1, max: 10_000 }))
  .map(([numerator, denominator]) => ({ numerator: String(numerator), denominator: String(denominator) }))

describe('ratio', () => {
  it('has no share of nothing', () => {
    expect(ratioOf('3', '0')).toBeUndefined()
    expect(ratioOf('0', '4')).toEqual({ numerator: '0', denominator: '4' })
    expect(combine([])).toBeUndefined()
    expect(combine([undefined])).toBeUndefined()
  })

  it('rolls two counties up by their people, not by their percentages', () => {
    const city = combine([ratioOf('400', '500'), ratioOf('45', '50'), ratioOf('1', '0')])!
    expect(city).toEqual({ numerator: '445', denominator: '550' })
    expect(percent(city, 1)).toBe('80.9')
  })

  it('finds the counts behind a published percentage', () => {
    expect(roundsTo('88', '2719', 0)).toEqual({ least: '2380', most: '2406' })
    expect(roundsTo('63', '2719', 0)).toEqual({ least: '1700', most: '1726' })
    expect(roundsTo('0', '200', 0)).toEqual({ least: '0', most: '0' })
    expect(roundsTo('33', '2', 0)).toBeUndefined()
    expect(roundsTo('33.3', '3', 1)).toEqual({ least: '1', most: '1' })
    expect(roundsTo('50', '0', 0)).toBeUndefined()
  })

  it('weighs a mean pay by people', () => {
    expect(weightedMean([{ value: '1800', weight: '300' }, { value: '2200', weight: '100' }], 2)).toBe('1900')
    expect(weightedMean([], 2)).toBeUndefined()
  })

  it('does not change a roll-up when units are grouped in another way', () => {
    fc.assert(
      fc.property(fc.array(someRatio, { minLength: 1 }), fc.nat(), (ratios, pick) => {
        const at = pick % (ratios.length + 1)
        expect(combine([combine(ratios.slice(0, at)), combine(ratios.slice(at))])).toEqual(combine(ratios))
        expect(combine(ratios.toReversed())).toEqual(combine(ratios))
      }),
    )
  })

  it('gives exactly the counts that round to the percentage', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(), fc.nat(2), (denominator, pick, places) => {
        const of = (numerator: bigint | number) =>
          percent({ numerator: String(numerator), denominator: String(denominator) }, places)
        const numerator = pick % (denominator + 1)
        const range = roundsTo(of(numerator), String(denominator), places)!
        expect(compare(range.least, String(numerator))).toBeLessThanOrEqual(0)
        expect(compare(range.most, String(numerator))).toBeGreaterThanOrEqual(0)
        expect(of(BigInt(range.least))).toBe(of(numerator))
        expect(of(BigInt(range.most))).toBe(of(numerator))
        expect(of(BigInt(range.most) + 1n)).not.toBe(of(numerator))
        if (range.least !== '0') expect(of(BigInt(add(range.least, '-1')))).not.toBe(of(numerator))
      }),
    )
  })
})
