/** Decimals as text, without floats: moving the point, grouping digits, short forms in 万 and 亿. Pure. */

/** @returns whether `text` is an exact decimal such as 12, -0.5, 1200000.00 */
export function isDecimal(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text)
}

/** @returns what was typed as a decimal: full-width figures, grouping commas, blanks and a bare point are put right */
export function plainDecimal(typed: string): string {
  const text = typed.normalize('NFKC').replace(/[\s,，_]/g, '').replace(/。/g, '.').replace(/^\+/, '').replace(/−/g, '-')
  if (!/^-?(\d+\.?\d*|\.\d+)$/.test(text)) return text
  const [whole = '', fraction] = text.replace('-', '').split('.')
  const digits = whole.replace(/^0+(?=\d)/, '') || '0'
  return `${text.startsWith('-') ? '-' : ''}${digits}${fraction ? `.${fraction}` : ''}`
}

/** @returns `text` × 10^places, exactly: ('12.5', 4) → '125000', ('125000', -4) → '12.5' */
export function movePoint(text: string, places: number): string {
  const negative = text.startsWith('-')
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.')
  const point = whole.length + places
  const digits = (whole + fraction).padEnd(Math.max(point, 0), '0').padStart((whole + fraction).length + Math.max(0, 1 - point), '0')
  const at = Math.max(point, 1)
  const left = digits.slice(0, at).replace(/^0+(?=\d)/, '')
  const right = digits.slice(at).replace(/0+$/, '')
  const moved = right ? `${left}.${right}` : left
  return negative && moved !== '0' ? `-${moved}` : moved
}

/** @returns the exact value with grouped digits: 1234567.5 → 1,234,567.5 */
export function groupDigits(text: string): string {
  const [whole = '', fraction] = text.split('.')
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/**
 * @returns the value in its handy unit with at most `places` decimals (half away from zero): 12.5万, 3.01亿; in English
 *   12.5 thousand, 3.01 million; what is below 10,000 stays as it is
 */
export function shortFigure(text: string, language: 'zh-CN' | 'en', places = 2): string {
  const size = text.replace('-', '').split('.')[0]!.replace(/^0+/, '').length
  const steps = language === 'en' ? englishSteps : chineseSteps
  const step = size <= 4 ? undefined : steps.find(([power]) => size > power)
  if (!step) return groupDigits(text)
  const [power, name] = step
  const rounded = roundDecimal(movePoint(text, -power), places)
  return language === 'en' ? `${groupDigits(rounded)} ${name}` : `${groupDigits(rounded)}${name}`
}

/** @returns whether the short form says less than the exact one */
export function isShortened(text: string): boolean {
  return text.replace('-', '').split('.')[0]!.replace(/^0+/, '').length > 4
}

/** @returns `text` with at most `places` decimals, half away from zero, without trailing zeros */
export function roundDecimal(text: string, places: number): string {
  const [, fraction = ''] = text.split('.')
  if (fraction.length <= places) return movePoint(text, 0)
  const scaled = movePoint(text, places)
  const [whole = '0', rest = '0'] = scaled.replace('-', '').split('.')
  const up = Number(rest[0]) >= 5 ? 1n : 0n
  return movePoint(`${text.startsWith('-') ? '-' : ''}${BigInt(whole) + up}`, -places)
}

const chineseSteps: [number, string][] = [[12, '万亿'], [8, '亿'], [4, '万']]
const englishSteps: [number, string][] = [[9, 'billion'], [6, 'million'], [3, 'thousand']]
