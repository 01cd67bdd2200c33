import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  add, compare, divide, formatDecimal, formatShort, halfWidth, isDecimal, multiply, parseDecimal, round, subtract, sum,
} from './decimal.ts'
import { isProblem } from './problem.ts'

const someDecimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), fc.nat(6))
  .map(([digits, places]) => divide(String(digits), String(10 ** places), places))

function refused(text: string, options?: { precision?: number; thousands?: boolean }) {
  try {
    parseDecimal(text, options)
  } catch (error) {
    return isProblem(error, 'number-invalid')
  }
  return false
}

describe('decimal', () => {
  it('reads what people type: full-width digits, separators, spaces and signs', () => {
    expect(parseDecimal(' １，２３４．５０ ')).toBe('1234.5')
    expect(parseDecimal('1,234,567')).toBe('1234567')
    expect(parseDecimal('14 228')).toBe('14228')
    expect(parseDecimal('－3.0')).toBe('-3')
    expect(parseDecimal('-0')).toBe('0')
    expect(parseDecimal('007')).toBe('7')
    expect(parseDecimal('+5')).toBe('5')
    expect(halfWidth('　９２％ ')).toBe('92%')
  })

  it('refuses what may mean another number', () => {
    const unclear = [
      '', ' ', '12%', '１２％', '1,23', '1,2345', '1,234 567', '1e5', '5²', '.5', '5.', '--1', '九', '1.2.3',
    ]
    for (const text of unclear) {
      expect([text, refused(text)]).toEqual([text, true])
    }
    expect(refused('9'.repeat(65))).toBe(true)
    expect(refused('1,234', { thousands: false })).toBe(true)
    expect(refused('1.005', { precision: 2 })).toBe(true)
    expect(parseDecimal('1.500', { precision: 1 })).toBe('1.5')
  })

  it('knows a stored decimal', () => {
    for (const text of ['0', '-1.50', '1234.5', '0.01']) expect(isDecimal(text)).toBe(true)
    for (const text of ['1,234', '01', '1e5', '', '.5', 'NaN', 5, null]) expect(isDecimal(text)).toBe(false)
  })

  it('calculates without the errors of binary fractions', () => {
    expect(add('0.1', '0.2')).toBe('0.3')
    expect(subtract('0.3', '0.1')).toBe('0.2')
    expect(multiply('1.1', '1.1')).toBe('1.21')
    expect(sum([])).toBe('0')
    expect(sum(['1713', '680', '326'])).toBe('2719')
    expect(compare('1.50', '1.5')).toBe(0)
    expect(compare('9', '10')).toBe(-1)
  })

  it('rounds halves up, away from zero, and only once', () => {
    expect(round('2.5', 0)).toBe('3')
    expect(round('-2.5', 0)).toBe('-3')
    expect(round('1.005', 2)).toBe('1.01')
    expect(divide('1', '8', 2)).toBe('0.13')
    expect(divide('2', '3', 4)).toBe('0.6667')
    expect(divide('4449', '10000', 1)).toBe('0.4')
    expect(divide('142.28', '2', 2)).toBe('71.14')
  })

  it('divides whole numbers as it divides any', () => {
    const whole = fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }).map(String)
    fc.assert(
      fc.property(whole, whole.filter((b) => b !== '0'), fc.nat(9), (a, b, places) => {
        // With a digit behind the point, the same numbers take the other way.
        expect(divide(a, b, places)).toBe(divide(multiply(a, '0.1'), multiply(b, '0.1'), places))
      }),
    )
    expect(divide('-0', '5', 2)).toBe('0')
    expect(divide('-1', '3', 0)).toBe('0')
    expect(divide('-5', '10', 0)).toBe('-1')
    expect(round('-0', 2)).toBe('0')
  })

  it('does not divide by zero', () => {
    expect(() => divide('1', '0.00', 2)).toThrow(expect.objectContaining({ code: 'divide-by-zero' }))
  })

  it('treats a number that was never parsed as a bug', () => {
    expect(() => add('1,000', '1')).toThrow('not a decimal')
  })

  it('writes thousands separators', () => {
    expect(formatDecimal('1234567.5', { places: 2, locale: 'zh-CN' })).toBe('1,234,567.50')
    expect(formatDecimal('1234567.125', { locale: 'en' })).toBe('1,234,567.125')
    expect(formatDecimal('-999.999', { places: 1, locale: 'en' })).toBe('-1,000.0')
    expect(formatDecimal('-0.001', { places: 1, locale: 'en' })).toBe('0.0')
    expect(formatDecimal('100', { places: 0, locale: 'en' })).toBe('100')
  })

  it('shortens large figures in 万 and 亿, or K, M and B', () => {
    expect(formatShort('6652760', 'zh-CN')).toBe('665.28万')
    expect(formatShort('50000', 'zh-CN')).toBe('5万')
    expect(formatShort('9999', 'zh-CN')).toBe('9,999')
    expect(formatShort('99999999', 'zh-CN')).toBe('1亿')
    expect(formatShort('9999.999', 'zh-CN')).toBe('1万')
    expect(formatShort('14228000000', 'zh-CN')).toBe('142.28亿')
    expect(formatShort('-6652760', 'zh-CN')).toBe('-665.28万')
    expect(formatShort('6652760', 'en')).toBe('6.65M')
    expect(formatShort('999999', 'en')).toBe('1M')
    expect(formatShort('9999', 'en')).toBe('9,999')
    expect(formatShort('9999.999', 'en')).toBe('10K')
    expect(formatShort('0', 'en')).toBe('0')
  })

  it('reads back every number it writes', () => {
    fc.assert(fc.property(someDecimal, (a) => {
      expect(parseDecimal(formatDecimal(a, { locale: 'zh-CN' }))).toBe(a)
    }))
  })

  it('takes away what it added, and sums in any order', () => {
    fc.assert(fc.property(someDecimal, someDecimal, (a, b) => {
      expect(subtract(add(a, b), b)).toBe(a)
    }))
    fc.assert(fc.property(fc.array(someDecimal), (list) => {
      expect(sum(list)).toBe(sum(list.toReversed()))
    }))
  })

  it('rounds to a number not more than half a step away', () => {
    fc.assert(
      fc.property(someDecimal, fc.nat(4), (a, places) => {
        const away = subtract(round(a, places), a).replace('-', '')
        expect(compare(away, divide('0.5', String(10 ** places), 10))).toBeLessThanOrEqual(0)
      }),
    )
  })
})
