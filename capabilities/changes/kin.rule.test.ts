import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sum } from '../../rules/decimal.ts'
import { lotOf, standingOf, type KinLink } from './kin.ts'

const merge = (unit: number, successor: number): KinLink => ({ unit, successor, share: null, main: true, kind: 'merge' })
const split = (unit: number, shares: [number, string | null][]): KinLink[] => shares.map(([successor, share], at) => ({ unit, successor, share, main: at === 0, kind: 'split' }))
const linksOf = (links: readonly KinLink[]) => Map.groupBy(links, (link) => link.unit)

describe('where the figures of an ended unit belong today', () => {
  test('merged twice, they belong to the last', () => expect(lotOf(1, linksOf([merge(1, 2), merge(2, 3)]))).toEqual({ whole: 3 }))
  test('split with shares, each has its part, also when one part was divided again', () => {
    const links = linksOf([...split(1, [[2, '0.4'], [3, '0.6']]), ...split(3, [[4, '0.5'], [5, '0.5']])])
    expect(lotOf(1, links)).toEqual({ parts: new Map([[2, '0.4'], [4, '0.3'], [5, '0.3']]) })
  })
  test('split without shares they cannot be divided, and stand where the main one hangs', () => {
    const links = linksOf([merge(1, 2), ...split(2, [[3, null], [4, null]]), merge(3, 9)])
    expect(lotOf(1, links)).toEqual({ undivided: true, at: 9 })
    expect(standingOf(1, links)).toBe(9)
  })
  test('the parts of any chain of changes make 1', () => {
    // Units 1 … n; each but the last ones goes on in units with higher numbers.
    const step = fc.record({ shares: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }), jump: fc.nat(5) })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        const links = steps.flatMap(({ shares, jump }, at): KinLink[] => {
          if (shares.length === 1) return [merge(at, at + 1 + jump)]
          // Tenths of a power of two are exact.
          const equal = shares.length === 3 ? ['0.25', '0.25', '0.5'] : shares.map(() => (shares.length === 2 ? '0.5' : '0.25'))
          return split(at, equal.map((share, part) => [at + 1 + jump + part, share]))
        })
        const lot = lotOf(0, linksOf(links))
        if ('parts' in lot) expect(sum([...lot.parts.values()])).toBe('1')
        else expect('whole' in lot).toBe(true)
      }),
    )
  })
})
