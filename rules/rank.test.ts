import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { belowMean, quota, rankWithTies, tertile, type Scored } from './rank.ts'

const scored = (...values: (number | undefined)[]): Scored[] =>
  values.map((value, at) => ({ id: `u${String(at).padStart(2, '0')}`, value: value?.toString() }))
const someList = fc.array(fc.option(fc.integer({ min: -20, max: 20 }), { nil: undefined })).map((all) => scored(...all))

describe('rank', () => {
  it('gives ties one place and skips the next', () => {
    expect(rankWithTies(scored(80, 90, 80, 70), 'higher').map(({ id, rank }) => [id, rank])).toEqual(
      [['u01', 1], ['u00', 2], ['u02', 2], ['u03', 4]])
    expect(rankWithTies(scored(9, 10, 100), 'lower').map(({ rank, value }) => [rank, value])).toEqual(
      [[1, '9'], [2, '10'], [3, '100']])
    const same = [{ id: 'a', value: '1.50' }, { id: 'b', value: '1.5' }]
    expect(rankWithTies(same, 'higher').map(({ rank }) => rank)).toEqual([1, 1])
  })

  it('does not rank a unit that did not report', () => {
    expect(rankWithTies(scored(undefined, 0), 'higher')).toEqual([
      { id: 'u01', value: '0', rank: 1 }, { id: 'u00', value: undefined, rank: undefined },
    ])
  })

  it('finds 8 of 25 units below the mean and leaves ties with it out', () => {
    const tied = scored(...Array<number>(8).fill(70), ...Array<number>(9).fill(80), ...Array<number>(8).fill(90))
    expect(belowMean(tied, 0)).toEqual({ below: tied.slice(0, 8).map(({ id }) => id), scored: 25, mean: '80' })
    expect(belowMean(scored(1, 1, 1, undefined), 1)).toEqual({ below: [], scored: 3, mean: '1' })
    expect(belowMean(scored(undefined), 1)).toEqual({ below: [], scored: 0, mean: undefined })
  })

  it('parts a peer group into thirds and keeps ties together', () => {
    const thirds = [...tertile(scored(...Array.from({ length: 25 }, (_, at) => at)), 'lower').values()]
    expect(thirds.filter((third) => third === 'first')).toHaveLength(9)
    expect(thirds.filter((third) => third === 'last')).toHaveLength(8)
    expect([...tertile(scored(5, 5, 5), 'higher').values()]).toEqual(['first', 'first', 'first'])
    expect(tertile(scored(1, 2, undefined), 'higher').size).toBe(0)
  })

  it('rounds a quota down', () => {
    expect(quota(25, '0.2')).toBe(5)
    expect(quota(29, '0.2')).toBe(5)
    expect(quota(4, '0.2')).toBe(0)
    expect(quota(10, '0.7')).toBe(7)
  })

  it('does not depend on the order in which units are given', () => {
    fc.assert(
      fc.property(someList, (list) => {
        expect(rankWithTies(list.toReversed(), 'higher')).toEqual(rankWithTies(list, 'higher'))
        expect(belowMean(list.toReversed(), 4).below.toSorted()).toEqual(belowMean(list, 4).below.toSorted())
      }),
    )
  })

  it('places each unit after exactly those that are better', () => {
    fc.assert(
      fc.property(someList, (list) => {
        for (const { value, rank } of rankWithTies(list, 'higher')) {
          if (value === undefined) expect(rank).toBeUndefined()
          else expect(rank).toBe(1 + list.filter((other) => Number(other.value) > Number(value)).length)
        }
      }),
    )
  })
})
