import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatHedged, parseHedged, sumHedged, type Hedged } from './approx.ts'
import { add } from './decimal.ts'
import { isProblem } from './problem.ts'

function refused(text: string) {
  try {
    parseHedged(text)
  } catch (error) {
    return isProblem(error, 'number-invalid')
  }
  return false
}

describe('approx', () => {
  it('keeps a hedge as it was said', () => {
    expect(parseHedged('近70万')).toEqual({ value: '700000', approx: 'nearly' })
    expect(parseHedged('2000余人')).toEqual({ value: '2000', approx: 'atLeast', included: false, unit: '人' })
    expect(parseHedged('3万余人')).toEqual({ value: '30000', approx: 'atLeast', included: false, unit: '人' })
    expect(parseHedged('300多万元')).toEqual({ value: '3000000', approx: 'atLeast', included: false, unit: '元' })
    expect(parseHedged('700多平方米')).toEqual({ value: '700', approx: 'atLeast', included: false, unit: '平方米' })
    expect(parseHedged('近40%')).toEqual({ value: '40', approx: 'nearly', unit: '%' })
    expect(parseHedged('约50个')).toEqual({ value: '50', approx: 'about', unit: '个' })
    expect(parseHedged('1900元左右')).toEqual({ value: '1900', approx: 'about', unit: '元' })
    expect(parseHedged('9.5%以内')).toEqual({ value: '9.5', approx: 'lessThan', included: true, unit: '%' })
    expect(parseHedged('不足1,000人')).toEqual({ value: '1000', approx: 'lessThan', included: false, unit: '人' })
    expect(parseHedged('２，７１９个')).toEqual({ value: '2719', approx: 'exact', unit: '个' })
  })

  it('counts the figure itself as 以上', () => {
    expect(parseHedged('92%以上')).toEqual({ value: '92', approx: 'atLeast', included: true, unit: '%' })
    expect(parseHedged('5000人以上')).toEqual({ value: '5000', approx: 'atLeast', included: true, unit: '人' })
    expect(parseHedged('不少于3次')).toEqual({ value: '3', approx: 'atLeast', included: true, unit: '次' })
  })

  it('refuses a figure without digits or hedged twice', () => {
    for (const text of ['', '近', '几十人', '近70万左右', '约2000余人', '1,23人', '1亿2000万']) {
      expect([text, refused(text)]).toEqual([text, true])
    }
  })

  it('marks a sum that has a hedged part and says how many there were', () => {
    const exact: Hedged = { value: '10', approx: 'exact' }
    expect(sumHedged([exact, exact])).toEqual({ value: '20', approx: 'exact', hedged: 0, of: 2 })
    expect(sumHedged([exact, parseHedged('近70')])).toEqual({ value: '80', approx: 'nearly', hedged: 1, of: 2 })
    expect(sumHedged([parseHedged('约50'), parseHedged('近70'), exact])).toEqual(
      { value: '130', approx: 'about', hedged: 2, of: 3 })
    expect(sumHedged([parseHedged('2000余人'), parseHedged('50人以上')])).toEqual(
      { value: '2050', approx: 'atLeast', included: false, unit: '人', hedged: 2, of: 2 })
    expect(sumHedged([])).toEqual({ value: '0', approx: 'exact', hedged: 0, of: 0 })
  })

  it('does not add people to visits', () => {
    expect(() => sumHedged([parseHedged('5人'), parseHedged('5人次')])).toThrow(
      expect.objectContaining({ code: 'number-invalid', facts: { reason: 'units-differ', units: ['人', '人次'] } }))
  })

  it('writes the hedge with the figure', () => {
    expect(formatHedged(parseHedged('近70万人'), 'zh-CN')).toBe('近700,000人')
    expect(formatHedged(parseHedged('2000余人'), 'zh-CN')).toBe('超过2,000人')
    expect(formatHedged(parseHedged('92%以上'), 'en')).toBe('at least 92%')
    expect(formatHedged(parseHedged('不足5个'), 'en')).toBe('less than 5 个')
    expect(formatHedged({ value: '5', approx: 'exact' }, 'en')).toBe('5')
  })

  const someHedged: fc.Arbitrary<Hedged> = fc.record({
    value: fc.nat().map(String),
    hedge: fc.constantFrom<Omit<Hedged, 'value'>>(
      { approx: 'exact' }, { approx: 'about' }, { approx: 'nearly' },
      { approx: 'atLeast', included: true }, { approx: 'atLeast', included: false },
      { approx: 'lessThan', included: true }, { approx: 'lessThan', included: false },
    ),
  }).map(({ value, hedge }) => ({ value, ...hedge, unit: '人' }))

  it('reads back every hedged figure that it writes', () => {
    fc.assert(fc.property(someHedged, (one) => {
      expect(parseHedged(formatHedged(one, 'zh-CN'))).toEqual(one)
    }))
  })

  it('is exact only when every part is, and sums in any order', () => {
    fc.assert(
      fc.property(fc.array(someHedged), someHedged, (list, one) => {
        const all = sumHedged([...list, one])
        expect(all.approx === 'exact').toBe([...list, one].every(({ approx }) => approx === 'exact'))
        expect(all).toEqual(sumHedged([one, ...list.toReversed()]))
        expect(all.value).toBe(add(sumHedged(list).value, one.value))
      }),
    )
  })
})
