import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attainment, gap, pointChange, timesOf, yearOnYear } from './changes.ts'
import { compare, multiply, subtract } from './decimal.ts'

describe('changes', () => {
  it('has no growth on a base of zero or below it', () => {
    expect(yearOnYear('5', '0', 1)).toBeUndefined()
    expect(yearOnYear('5', '-10', 1)).toBeUndefined()
    expect(yearOnYear('247', '100', 1)).toBe('147')
    expect(yearOnYear('39', '91', 1)).toBe('-57.1')
    expect(yearOnYear('904', '1849', 1)).toBe('-51.1')
  })

  it('reads +147 % as 2.47 times', () => {
    expect(timesOf('147')).toBe('2.47')
    expect(timesOf('0')).toBe('1')
    expect(timesOf('-57.125')).toBe('0.42875')
  })

  it('measures a target in its direction', () => {
    expect(attainment('400', '500', 'higher')).toBe('0.8')
    expect(attainment('600', '500', 'higher')).toBe('1.2')
    expect(attainment('600', '500', 'higher', { clamp: true })).toBe('1')
    expect(attainment('-5', '500', 'higher', { clamp: true })).toBe('0')
    expect(attainment('8', '4', 'lower')).toBe('0.5')
    expect(attainment('2', '3', 'higher', { places: 2 })).toBe('0.67')
  })

  it('has no attainment of a target of zero, unless zero is the best', () => {
    expect(attainment('5', '0', 'higher')).toBeUndefined()
    expect(attainment('0', '0', 'lower')).toBe('1')
    expect(attainment('0', '5', 'lower')).toBe('1')
    expect(attainment('5', '0', 'lower')).toBe('0')
  })

  it('gives a positive gap to whoever is behind', () => {
    expect(gap('90', '80', 'higher')).toBe('10')
    expect(gap('5', '8', 'lower')).toBe('3')
    expect(gap('5', '3', 'lower')).toBe('-2')
    expect(pointChange('88', '80.5')).toBe('7.5')
  })

  it('gets the current value back from growth and base', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.integer({ min: 1, max: 1_000_000 }), (current, previous) => {
        const back = multiply(timesOf(yearOnYear(String(current), String(previous), 20)!), String(previous))
        expect(compare(subtract(back, String(current)).replace('-', ''), '0.000001')).toBe(-1)
      }),
    )
  })
})
