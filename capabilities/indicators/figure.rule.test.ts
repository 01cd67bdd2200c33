import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bandOf } from '../../rules/bands.ts'
import { belowMean, rankWithTies, tertile } from '../../rules/rank.ts'
import { addsUp, bandIndexOf, bandRanges, figureOf, formulasOf, judge, overTime, rankUnits, type Parts } from './figure.ts'
import { IndicatorDefinition } from './indicator-definition.ts'

const words = (zh: string) => ({ zh, en: zh })
const define = (more: Partial<IndicatorDefinition>) =>
  IndicatorDefinition.parse({ code: 'x', name: words('x'), pillar: 'foundation', form: 'f', num: 'sum(a)', population: words('村'), ...more })
const parts = (values: Record<string, string | null>, more: Partial<Parts> = {}): Parts => ({
  period: 201806, expected: 2, reported: 2, aggregates: new Map(Object.entries(values)), ...more,
})
const covered = define({ num: 'sum(covered)', den: 'sum(households)', shown: 'percent' })
const coveredOf = (a: number, b: number) => parts({ 'sum(covered)': String(a), 'sum(households)': String(b) })

describe('a figure', () => {
  test('400/500 and 45/50 roll up to 445/550 = 80.9 %, not 85 %', () => {
    expect(figureOf(covered, coveredOf(445, 550)).value).toBe('0.809090909')
  })

  test('that nobody reported is not zero', () => {
    expect(figureOf(covered, parts({}, { reported: 0 }))).toMatchObject({ value: null, why: 'none-reported', reported: 0, expected: 2 })
    expect(figureOf(covered, undefined)).toMatchObject({ value: null, why: 'none-reported', reported: 0, expected: 0 })
  })

  test('with a denominator of zero has no value, and says so', () => {
    expect(figureOf(covered, coveredOf(0, 0))).toMatchObject({ value: null, why: 'denominator-zero', num: '0', den: '0' })
    const [total, count] = formulasOf(define({ num: 'mean(a)' })).aggregates.map((one) => one.text)
    expect(figureOf(define({ num: 'mean(a)' }), parts({ [total!]: '0', [count!]: '0' })).why).toBe('denominator-zero')
  })

  test('of a highest value that nobody filled in was not reported', () => {
    expect(figureOf(define({ num: 'max(a)' }), parts({ 'max(a)': null })).why).toBe('none-reported')
  })

  test('stays the same however the units below are grouped', () => {
    const pair = fc.record({ a: fc.integer({ min: 0, max: 1000 }), b: fc.integer({ min: 1, max: 1000 }) })
    fc.assert(
      fc.property(fc.array(fc.array(pair, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 8 }), (groups) => {
        const total = (list: { a: number; b: number }[]) => list.reduce((all, one) => ({ a: all.a + one.a, b: all.b + one.b }), { a: 0, b: 0 })
        const figure = (of: { a: number; b: number }) => figureOf(covered, coveredOf(of.a, of.b))
        const below = groups.map((group) => figure(total(group)))
        const whole = figure(total(groups.flat()))
        const again = total(below.map((one) => ({ a: Number(one.num), b: Number(one.den) })))
        expect(figure(again)).toEqual(whole)
        const shares = below.map((one) => Number(one.value))
        expect(Number(whole.value)).toBeGreaterThanOrEqual(Math.min(...shares) - 1e-8)
        expect(Number(whole.value)).toBeLessThanOrEqual(Math.max(...shares) + 1e-8)
      }),
    )
  })

  test('of a mean is its sum over its count', () => {
    const mean = define({ num: 'mean(a)' })
    const [total, count] = formulasOf(mean).aggregates.map((one) => one.text)
    expect(figureOf(mean, parts({ [total!]: '10', [count!]: '4' })).value).toBe('2.5')
  })

  test('adds up when it is a sum, not when it is a share, a mean or a highest value', () => {
    expect([define({}), define({ num: 'sum(a) - count(b > 1)' })].map(addsUp)).toEqual([true, true])
    const others = [covered, define({ num: 'mean(a)' }), define({ num: 'max(a)' }), define({ num: 'sum(a) / sum(b)' })]
    expect(others.map(addsUp)).toEqual([false, false, false, false])
  })
})

describe('over time', () => {
  const months = [
    parts({ 'sum(a)': '3', 'max(a)': '3' }, { period: 201804 }),
    parts({ 'sum(a)': '4', 'max(a)': '2' }, { period: 201805, reported: 1 }),
    parts({}, { period: 201806, reported: 0 }),
  ]
  const figure = (definition: IndicatorDefinition) => figureOf(definition, overTime(months, definition))

  test('a flow is summed with the coverage of all periods', () => {
    expect(figure(define({ overTime: 'sum' }))).toMatchObject({ value: '7', reported: 3, expected: 6 })
  })
  test('a stock is the last that was reported, with its own coverage', () => {
    expect(figure(define({}))).toMatchObject({ value: '4', reported: 1, expected: 2 })
  })
  test('a highest value is the highest of the periods', () => {
    expect(figure(define({ num: 'max(a)', overTime: 'sum' })).value).toBe('3')
  })
  test('the order in which periods are read does not matter', () => {
    expect(overTime(months.toReversed(), define({}))).toEqual(overTime(months, define({})))
  })
})

describe('judging', () => {
  const value = (text: string) => figureOf(define({}), parts({ 'sum(a)': text }))

  test('+147 % is × 2.47, and a base of 0 has no year on year', () => {
    expect(judge(define({}), value('247'), { lastYear: '100' }).yearOnYear).toBe('1.47')
    expect(judge(define({}), value('247'), { lastYear: '0' }).yearOnYear).toBeNull()
    expect(judge(define({}), value('247'), {}).yearOnYear).toBeNull()
  })
  test('attainment turns round when lower is better', () => {
    expect(judge(define({}), value('80'), { target: '100' }).attainment).toBe('0.8')
    expect(judge(define({ direction: 'lower' }), value('80'), { target: '100' }).attainment).toBe('1.25')
  })
  test('the gap is how much a figure is behind the benchmark', () => {
    expect(judge(define({ benchmark: '100' }), value('80'), {}).gap).toBe('20')
    expect(judge(define({ benchmark: '100', direction: 'lower' }), value('80'), {}).gap).toBe('-20')
  })
  test('without a value there is nothing to judge', () => {
    const nothing = figureOf(define({}), undefined)
    const judged = judge(define({ benchmark: '1' }), nothing, { target: '1', lastYear: '1', previous: '1' })
    expect(judged).toMatchObject({ attainment: null, yearOnYear: null, change: null, gap: null, band: null, target: '1' })
  })
})

describe('bands', () => {
  const bands = {
    edges: ['1', '5000000', '10000000'],
    names: ['空白', '5万元以下', '5万至10万元', '10万元及以上'].map(words),
    includes: 'upper' as const,
  }

  test('an edge belongs to the band that the definition says', () => {
    expect(bandIndexOf({ bands })('5000000')).toBe(2)
    expect(bandIndexOf({ bands: { ...bands, includes: 'lower' } })('5000000')).toBe(1)
  })
  test('the edges are shown in yuan', () => {
    expect(bandRanges({ bands, shown: 'money' }).map((band) => band.range)).toEqual(['< 0.01', '[0.01, 50,000)', '[50,000, 100,000)', '≥ 100,000'])
  })
  test('every value stands in exactly the band that the rule gives', () => {
    const around = fc.oneof(fc.integer({ min: -2e7, max: 2e7 }), fc.constantFrom(...bands.edges.map(Number)))
    fc.assert(
      fc.property(around, fc.constantFrom('lower' as const, 'upper' as const), (n, includes) => {
        const rule = { edges: bands.edges, labels: bands.names.map((name) => name.zh), includes: includes === 'upper' ? ('lower' as const) : ('upper' as const) }
        expect(bandIndexOf({ bands: { ...bands, includes } })(String(n))).toBe(bandOf(String(n), rule).index)
      }),
    )
  })
})

describe('ranking', () => {
  test('ties share a rank, those without a value have none, ties with the mean are not below', () => {
    const { places, mean, belowMean: below } = rankUnits(['90', '80', '80', '70', null], 'higher')
    expect(places.map((place) => place.rank)).toEqual([1, 2, 2, 4, null])
    expect([mean, below]).toEqual(['80', 1])
  })
  test('25 departments with 8 below the mean', () => {
    const scores = [...Array.from({ length: 17 }, () => '90'), ...Array.from({ length: 8 }, () => '70')]
    expect(rankUnits(scores, 'higher').belowMean).toBe(8)
  })
  test('fewer than three have no thirds, and a figure without a direction has none', () => {
    expect(rankUnits(['1', '2'], 'higher').places.map((place) => place.third)).toEqual([null, null])
    expect(rankUnits(['1', '2', '3'], 'none').places.map((place) => [place.rank, place.third])).toEqual([[3, null], [2, null], [1, null]])
  })
  test('is what the rules say, whatever the values and their order', () => {
    const some = fc.oneof(fc.constant(null), fc.integer({ min: -5, max: 5 }).map(String), fc.constantFrom('1.5', '1.50', '0.333333333'))
    fc.assert(
      fc.property(fc.array(some, { maxLength: 30 }), fc.constantFrom('higher' as const, 'lower' as const), (values, direction) => {
        const scored = values.map((value, at) => ({ id: String(at), value: value ?? undefined }))
        const ranks = new Map(rankWithTies(scored, direction).map((one) => [one.id, one.rank]))
        const thirds = tertile(scored, direction)
        const mean = belowMean(scored, 8)
        const ours = rankUnits(values, direction)
        expect(ours.places).toEqual(
          values.map((_, at) => ({
            rank: ranks.get(String(at)) ?? null,
            third: thirds.get(String(at)) ?? null,
            belowMean: mean.below.includes(String(at)),
          })),
        )
        expect([ours.mean, ours.withValue, ours.belowMean]).toEqual([mean.mean ?? null, mean.scored, mean.below.length])
      }),
    )
  })
})
