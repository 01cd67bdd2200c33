import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { groupDigits, isDecimal, isShortened, movePoint, plainDecimal, roundDecimal, shortFigure } from './figure-text.ts'

const decimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.option(fc.stringMatching(/^\d{1,6}$/)))
  .map(([negative, whole, fraction]) => `${negative && whole > 0n ? '-' : ''}${whole}${fraction === null ? '' : `.${fraction}`}`)

describe('figures as people read them', () => {
  it.each([
    ['1234', '1,234', '1,234'],
    ['9999', '9,999', '9,999'],
    ['12345', '1.23万', '12.35 thousand'],
    ['1234567.5', '123.46万', '1.23 million'],
    ['301000000', '3.01亿', '301 million'],
    ['-19995000', '-1,999.5万', '-20 million'],
    ['2500000000000', '2.5万亿', '2,500 billion'],
    ['0', '0', '0'],
  ])('%s is %s in Chinese and %s in English', (text, chinese, english) => {
    expect(shortFigure(text, 'zh-CN')).toBe(chinese)
    expect(shortFigure(text, 'en')).toBe(english)
  })

  it('says that a short form is short', () => {
    expect(isShortened('9999.99')).toBe(false)
    expect(isShortened('10000')).toBe(true)
  })

  it('rounds half away from zero, exactly where floats would not', () => {
    expect(roundDecimal('1.005', 2)).toBe('1.01')
    expect(roundDecimal('-2.345', 2)).toBe('-2.35')
    expect(roundDecimal('-0.004', 2)).toBe('0')
  })
})

describe('figures as people type them', () => {
  it.each([
    ['１２，３４５．５０', '12345.50'],
    ['12,345', '12345'],
    ['.5', '0.5'],
    ['12.', '12'],
    ['007', '7'],
    ['−3', '-3'],
  ])('%s is taken as %s', (typed, meant) => expect(plainDecimal(typed)).toBe(meant))

  it.each(['', '约300', '1.2.3', '--1'])('%j is no figure and stays for the person to correct', (typed) => {
    expect(isDecimal(plainDecimal(typed))).toBe(false)
  })
})

describe('yuan and 10,000 yuan', () => {
  it('moving the point there and back changes nothing', () => {
    fc.assert(
      fc.property(decimal, fc.integer({ min: -8, max: 8 }), (text, places) => {
        expect(movePoint(movePoint(text, places), -places)).toBe(movePoint(text, 0))
      }),
    )
  })

  it('grouping digits keeps every digit', () => {
    fc.assert(
      fc.property(decimal, (text) => {
        expect(groupDigits(text).replaceAll(',', '')).toBe(text)
      }),
    )
  })
})
