import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bandIndex, bandRanges, figureOf, formulasOf, judge, overTime, rankUnits, type Parts } from './figure.ts'
import { IndicatorDefinition } from './indicator-definition.ts'

const words = (zh: string) => ({ zh, en: zh })
const define = (more: Partial<IndicatorDefinition>) => IndicatorDefinition.parse({ code: 'x', name: words('x'), pillar: 'foundation', form: 'f', num: 'sum(a)', population: words('村'), ...more })
const parts = (values: Record<string, string | null>, more: Partial<Parts> = {}): Parts => ({ period: 201806, expected: 2, reported: 2, aggregates: new Map(Object.entries(values)), ...more })
const covered = define({ num: 'sum(covered)', den: 'sum(households)', shown: 'percent' })

describe('a figure', () => {
  test('400/500 and 45/50 roll up to 445/550 = 80.9 %, not 85 %', () => {
    expect(figureOf(covered, parts({ 'sum(covered)': '445', 'sum(households)': '550' })).value).toBe('0.809090909')
  })
  test('is never zero when nobody reported, and undefined when the denominator is 0', () => {
    expect(figureOf(covered, parts({}, { reported: 0 }))).toMatchObject({ value: null, why: 'none-reported', reported: 0, expected: 2 })
    expect(figureOf(covered, parts({ 'sum(covered)': '0', 'sum(households)': '0' }))).toMatchObject({ value: null, why: 'denominator-zero' })
  })
  test('regrouping the units does not change a roll-up', () => {
    const pair = fc.record({ a: fc.integer({ min: 0, max: 1000 }), b: fc.integer({ min: 1, max: 1000 }) })
    fc.assert(fc.property(fc.array(pair, { minLength: 1, maxLength: 20 }), fc.integer({ min: 0, max: 20 }), (units, cut) => {
      const sum = (of: typeof units, key: 'a' | 'b') => of.reduce((total, one) => total + one[key], 0)
      const whole = figureOf(covered, parts({ 'sum(covered)': String(sum(units, 'a')), 'sum(households)': String(sum(units, 'b')) }))
      const [left, right] = [units.slice(0, cut), units.slice(cut)]
      const regrouped = figureOf(covered, parts({ 'sum(covered)': String(sum(left, 'a') + sum(right, 'a')), 'sum(households)': String(sum(left, 'b') + sum(right, 'b')) }))
      expect(regrouped).toEqual(whole)
    }))
  })
  test('over time a flow is summed, a stock is the last that was reported', () => {
    const months = [parts({ 'sum(a)': '3' }, { period: 201804 }), parts({ 'sum(a)': '4' }, { period: 201805 }), parts({}, { period: 201806, reported: 0 })]
    expect(figureOf(define({ overTime: 'sum' }), overTime(months, define({ overTime: 'sum' }))).value).toBe('7')
    expect(figureOf(define({}), overTime(months, define({}))).value).toBe('4')
  })
  test('a mean of a whole is its sum over its count', () => {
    const mean = define({ num: 'mean(a)' })
    const [sum, count] = formulasOf(mean).aggregates.map((one) => one.text)
    expect(figureOf(mean, parts({ [sum!]: '10', [count!]: '4' })).value).toBe('2.5')
  })
})

describe('judging', () => {
  const value = (text: string) => figureOf(define({}), parts({ 'sum(a)': text }))
  test('+147 % is × 2.47, and a base of 0 has no year on year', () => {
    expect(judge(define({}), value('247'), { lastYear: '100' }).yearOnYear).toBe('1.47')
    expect(judge(define({}), value('247'), { lastYear: '0' }).yearOnYear).toBeNull()
  })
  test('attainment turns round when lower is better', () => {
    expect(judge(define({}), value('80'), { target: '100' }).attainment).toBe('0.8')
    expect(judge(define({ direction: 'lower' }), value('80'), { target: '100' }).attainment).toBe('1.25')
  })
  const bands = { edges: ['0', '5000000', '10000000'], names: ['负', '空白或薄弱', '中', '强'].map(words), includes: 'upper' as const }
  test('an edge belongs to the band that the definition says', () => {
    expect(bandIndex({ bands }, '5000000')).toBe(2)
    expect(bandIndex({ bands: { ...bands, includes: 'lower' } }, '5000000')).toBe(1)
    expect(bandRanges({ bands })[2]!.range).toBe('[5000000, 10000000)')
  })
  test('every value falls into exactly one band', () => {
    fc.assert(fc.property(fc.integer({ min: -2e7, max: 2e7 }), (n) => {
      const at = bandIndex({ bands }, String(n))
      expect(at >= 0 && at < bands.names.length).toBe(true)
    }))
  })
})

describe('ranking', () => {
  test('ties share a rank, those without a value have none, ties with the mean are not below', () => {
    const { places, mean, belowMean } = rankUnits(['90', '80', '80', '70', null], 'higher')
    expect(places.map((place) => place.rank)).toEqual([1, 2, 2, 4, null])
    expect([mean, belowMean]).toEqual(['80', 1])
  })
  test('25 departments with 8 below the mean', () => {
    const scores = [...Array.from({ length: 17 }, () => '90'), ...Array.from({ length: 8 }, () => '70')]
    expect(rankUnits(scores, 'higher').belowMean).toBe(8)
  })
  test('the order of units does not matter', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1 }), (values) => {
      const texts = values.map(String)
      const ranks = (list: string[]) => rankUnits(list, 'higher').places.map((place, at) => `${list[at]}:${place.rank}`).sort()
      expect(ranks([...texts].reverse())).toEqual(ranks(texts))
    }))
  })
})
