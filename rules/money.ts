import {
  compare, divide, formatDecimal, formatShort, halfWidth, multiply, parseDecimal, type NumberLocale,
} from './decimal.ts'
import { Problem } from './problem.ts'

/** 元, 万元 or 亿元. */
export type MoneyUnit = 'yuan' | 'wan' | 'yi'

const fenIn: Readonly<Record<MoneyUnit, string>> = { yuan: '100', wan: '1000000', yi: '10000000000' }
const names: Readonly<Record<string, MoneyUnit>> = {
  元: 'yuan', 圆: 'yuan', 块: 'yuan', 万元: 'wan', 万: 'wan', 亿元: 'yi', 亿: 'yi',
}
const zhNames: Readonly<Record<MoneyUnit, string>> = { yuan: '元', wan: '万元', yi: '亿元' }
const shape = /^(?:人民币|[¥￥])?\s*([^\p{L}]+?)\s*(\p{L}*)$/u

/**
 * Reads an amount as a person types it: '5万元', '14228 万元', '1,900元', '142.28亿元', '1900.50'.
 * @param defaultUnit the unit of an amount that names none; the page shows it beside the field
 * @returns whole 分 as a decimal string ('5万元' → '5000000')
 * @throws Problem `number-invalid` with facts `text`; when it is finer than 分 also `precision`, the digits possible
 */
export function parseMoney(text: string, defaultUnit: MoneyUnit = 'yuan'): string {
  const [, digits, name] = shape.exec(halfWidth(text)) ?? []
  const unit = name ? names[name] : defaultUnit
  if (digits === undefined || unit === undefined) throw new Problem('number-invalid', { facts: { text } })
  try {
    return multiply(parseDecimal(digits, { precision: fenIn[unit].length - 1 }), fenIn[unit])
  } catch (error) {
    if (error instanceof Problem) throw new Problem(error.code, { facts: { ...error.facts, text } })
    throw error
  }
}

/**
 * @param fen whole 分
 * @param unit a named unit is exact; 'auto' takes the largest fitting one and rounds to two digits
 * @returns '1,900.50元', '5万元', '142.28亿元'; in English, which has no 万, always yuan: '¥50,000', with auto '¥1.42B'
 */
export function formatMoney(fen: string, { unit, locale }: { unit: MoneyUnit | 'auto'; locale: NumberLocale }): string {
  if (locale === 'en') {
    const isShort = unit === 'auto' && !isBelow(fen, 'wan')
    const text = isShort ? formatShort(divide(fen, '100', 2), 'en') : yuanText(fen, 'en')
    return text.startsWith('-') ? `-¥${text.slice(1)}` : `¥${text}`
  }
  if (unit === 'yuan' || (unit === 'auto' && isBelow(fen, 'wan'))) return `${yuanText(fen, locale)}元`
  if (unit === 'auto') return `${formatShort(divide(fen, '100', 2), locale)}元`
  // 分 is the smallest part, so this division has no remainder
  return `${formatDecimal(divide(fen, fenIn[unit], fenIn[unit].length - 1), { locale })}${zhNames[unit]}`
}

function isBelow(fen: string, unit: MoneyUnit): boolean {
  return compare(fen.replace('-', ''), fenIn[unit]) < 0
}

/** Whole yuan without a point, anything else with both digits of it. */
function yuanText(fen: string, locale: NumberLocale): string {
  const yuan = divide(fen, '100', 2)
  return formatDecimal(yuan, { places: yuan.includes('.') ? 2 : 0, locale })
}
