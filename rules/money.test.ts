import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatMoney, parseMoney } from './money.ts'
import { isProblem } from './problem.ts'

function refused(text: string) {
  try {
    parseMoney(text)
  } catch (error) {
    return isProblem(error, 'number-invalid') && error.facts.text === text
  }
  return false
}

describe('money', () => {
  it('reads yuan, 万元 and 亿元 as whole 分', () => {
    expect(parseMoney('5万元')).toBe('5000000')
    expect(parseMoney('14228 万元')).toBe('14228000000')
    expect(parseMoney('1,900元')).toBe('190000')
    expect(parseMoney('142.28亿元')).toBe('1422800000000')
    expect(parseMoney('1900.50')).toBe('190050')
    expect(parseMoney('１.５', 'wan')).toBe('1500000')
    expect(parseMoney('￥-3.2')).toBe('-320')
    expect(parseMoney('0.000001万')).toBe('1')
  })

  it('refuses what is finer than 分 or in an unknown unit', () => {
    for (const text of ['1.005', '0.0000001万元', '5美元', '1亿2000万', '五万元', '', '元', '近5万元', '1,90元']) {
      expect([text, refused(text)]).toEqual([text, true])
    }
  })

  it('writes a named unit exactly', () => {
    expect(formatMoney('190050', { unit: 'yuan', locale: 'zh-CN' })).toBe('1,900.50元')
    expect(formatMoney('190000', { unit: 'yuan', locale: 'zh-CN' })).toBe('1,900元')
    expect(formatMoney('190050', { unit: 'wan', locale: 'zh-CN' })).toBe('0.19005万元')
    expect(formatMoney('1422800000000', { unit: 'wan', locale: 'zh-CN' })).toBe('1,422,800万元')
    expect(formatMoney('1422800000000', { unit: 'yi', locale: 'zh-CN' })).toBe('142.28亿元')
    expect(formatMoney('5000000', { unit: 'wan', locale: 'en' })).toBe('¥50,000')
    expect(formatMoney('-190050', { unit: 'yuan', locale: 'en' })).toBe('-¥1,900.50')
  })

  it('takes the fitting unit when asked', () => {
    expect(formatMoney('99999900', { unit: 'auto', locale: 'zh-CN' })).toBe('100万元')
    expect(formatMoney('999999', { unit: 'auto', locale: 'zh-CN' })).toBe('9,999.99元')
    expect(formatMoney('1422800000000', { unit: 'auto', locale: 'zh-CN' })).toBe('142.28亿元')
    expect(formatMoney('1422800000000', { unit: 'auto', locale: 'en' })).toBe('¥14.23B')
    expect(formatMoney('0', { unit: 'auto', locale: 'en' })).toBe('¥0')
  })

  it('keeps every 分 when an amount is written and read again', () => {
    const someFen = fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }).map(String)
    fc.assert(
      fc.property(someFen, fc.constantFrom('yuan' as const, 'wan' as const, 'yi' as const), (fen, unit) => {
        expect(parseMoney(formatMoney(fen, { unit, locale: 'zh-CN' }))).toBe(fen)
      }),
    )
  })
})
