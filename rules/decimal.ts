import { Big } from 'big.js'
import { Problem } from './problem.ts'

/** How a figure is written for a reader: Chinese counts in 万 and 亿, English in thousands and millions. */
export type NumberLocale = 'zh-CN' | 'en'

/** Its own constructor: the settings of big.js are global to a constructor, and others use the shared one. */
const Exact = Big()
Exact.RM = 1

const shape = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/
const wholeShape = /^-?(?:0|[1-9]\d{0,17})$/
const plainShape = /^[+-]?\d+(?:\.\d+)?$/
const groupedShape = /^[+-]?\d{1,3}(?:([, ])\d{3})(?:\1\d{3})*(?:\.\d+)?$/
const longestText = 64

/** @returns the text with full-width digits and signs (１，．－) as half-width ones and without outer spaces */
export function halfWidth(text: string): string {
  return text
    .replace(/[\uFF01-\uFF5E]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(/[\u2212\u2013]/g, '-')
    .replace(/[\u3000\u00A0\u202F]/g, ' ')
    .trim()
}

/** @returns whether the value is a decimal as it is stored and sent: '1234.5', no separators, no exponent */
export function isDecimal(value: unknown): value is string {
  return typeof value === 'string' && shape.test(value)
}

/**
 * Reads what a person typed. Digits may be full-width and grouped in threes by commas or spaces; a per cent sign,
 * an exponent or a wrongly placed comma is refused, because each of them may mean another number.
 * @param precision the most digits after the point; no limit without it
 * @param thousands whether separators are accepted; they are unless told otherwise
 * @returns the canonical decimal: '1,234.50' gives '1234.5'
 * @throws Problem `number-invalid` with facts `text`, and `precision` when there are too many digits
 */
export function parseDecimal(
  text: string,
  { precision, thousands = true }: { precision?: number; thousands?: boolean } = {},
): string {
  const given = halfWidth(text)
  const reads = plainShape.test(given) || (thousands && groupedShape.test(given))
  if (!reads || given.length > longestText) throw new Problem('number-invalid', { facts: { text } })
  const number = new Exact(given.replace(/[+, ]/g, ''))
  if (precision !== undefined && !number.round(precision, 0).eq(number)) {
    throw new Problem('number-invalid', { facts: { text, precision } })
  }
  return textOf(number)
}

/** @returns a + b, exactly */
export function add(a: string, b: string): string {
  return textOf(read(a).plus(read(b)))
}

/** @returns a − b, exactly */
export function subtract(a: string, b: string): string {
  return textOf(read(a).minus(read(b)))
}

/** @returns a × b, exactly */
export function multiply(a: string, b: string): string {
  return textOf(read(a).times(read(b)))
}

/**
 * @param places digits kept after the point; the last one is rounded half up, once, from the exact quotient
 * @throws Problem `divide-by-zero`
 */
export function divide(a: string, b: string, places: number): string {
  if (wholeShape.test(a) && wholeShape.test(b) && b !== '0' && b !== '-0') return quotientOf(BigInt(a), BigInt(b), places)
  const divisor = read(b)
  if (divisor.eq(0)) throw new Problem('divide-by-zero')
  Exact.DP = places
  return textOf(read(a).div(divisor))
}

// Most figures are whole: dividing them so takes a tenth of the time, which is what a ranking of 1,352 townships needs.
function quotientOf(a: bigint, b: bigint, places: number): string {
  const negative = a < 0n !== b < 0n
  const [dividend, divisor] = [a < 0n ? -a : a, b < 0n ? -b : b]
  const digits = ((dividend * 10n ** BigInt(places) * 2n + divisor) / (divisor * 2n)).toString().padStart(places + 1, '0')
  const [front, back] = [digits.slice(0, digits.length - places), digits.slice(digits.length - places).replace(/0+$/, '')]
  if (front === '0' && back === '') return '0'
  return `${negative ? '-' : ''}${front}${back === '' ? '' : `.${back}`}`
}

/** @returns -1, 0 or 1: a is less than, equal to or greater than b; '1.50' equals '1.5' */
export function compare(a: string, b: string): -1 | 0 | 1 {
  return read(a).cmp(read(b))
}

/** @returns the number with at most `places` digits after the point, halves away from zero: 2.5 → 3, -2.5 → -3 */
export function round(a: string, places: number): string {
  if (places >= 0 && wholeShape.test(a)) return a === '-0' ? '0' : a
  return textOf(read(a).round(places, 1))
}

/** @returns the exact sum; '0' for an empty list */
export function sum(list: Iterable<string>): string {
  let total = new Exact(0)
  for (const each of list) total = total.plus(read(each))
  return textOf(total)
}

/**
 * @param places digits after the point, filled up with zeros; as many as the number has without it
 * @returns the number with thousands separators: '1,234.50'. Both languages group in threes.
 */
export function formatDecimal(a: string, { places }: { places?: number; locale: NumberLocale }): string {
  const number = read(a)
  const rounded = places === undefined ? number : number.round(places, 1)
  const text = rounded.abs().toFixed(places)
  const [whole = '0', part] = text.split('.')
  const sign = rounded.lt(0) ? '-' : ''
  return `${sign}${whole.replace(/\B(?=(?:\d{3})+$)/g, ',')}${part === undefined ? '' : `.${part}`}`
}

const shortUnits: Readonly<Record<NumberLocale, readonly { from: string; mark: string }[]>> = {
  'zh-CN': [
    { from: '1', mark: '' },
    { from: '10000', mark: '万' },
    { from: '100000000', mark: '亿' },
  ],
  en: [
    { from: '1', mark: '' },
    { from: '1000', mark: 'K' },
    { from: '1000000', mark: 'M' },
    { from: '1000000000', mark: 'B' },
  ],
}
const shortest = '10000'

/**
 * A figure for a narrow place: at most two digits after the point. The caller keeps the exact value beside it.
 * @returns '665.28万' or '6.65M' for '6652760'; a number below 10,000 is written out
 */
export function formatShort(a: string, locale: NumberLocale): string {
  const size = read(a).abs()
  const units = shortUnits[locale]
  let at = size.lt(shortest) ? 0 : units.findLastIndex(({ from }) => size.gte(from))
  // 99,999,999 rounds to 10,000万, which is 1亿: the larger unit is taken when rounding reaches it
  const next = units[at + 1]
  if (next && scaled(a, units[at]!.from).abs().times(units[at]!.from).gte(at === 0 ? shortest : next.from)) {
    at = units.findLastIndex(({ from }) => scaled(a, units[at]!.from).abs().times(units[at]!.from).gte(from))
  }
  const { from, mark } = units[at]!
  return `${formatDecimal(textOf(scaled(a, from)), { locale })}${mark}`
}

function scaled(a: string, from: string): Big {
  return read(divide(a, from, 2))
}

function read(text: string): Big {
  // a number that was never parsed is a mistake in the program, not of the person
  if (!isDecimal(text)) throw new Error(`not a decimal: ${JSON.stringify(text)}`)
  return new Exact(text)
}

function textOf(number: Big): string {
  return number.eq(0) ? '0' : number.toFixed()
}
