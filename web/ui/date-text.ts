import { englishMonths, todayIn } from '../../rules/civil-date.ts'

type Language = 'zh-CN' | 'en'

/** @returns a civil date as people write it: 2018年6月29日, 29 June 2018 */
export function dateText(date: string, language: Language): string {
  const [year = 0, month = 1, day = 1] = date.slice(0, 10).split('-').map(Number)
  return language === 'en' ? `${day} ${englishMonths[month - 1]} ${year}` : `${year}年${month}月${day}日`
}

/** @returns an instant (ISO text) as date and time in Asia/Shanghai */
export function momentText(instant: string, language: Language): string {
  const at = Date.parse(instant)
  if (Number.isNaN(at)) return instant
  return `${dateText(todayIn(at), language)} ${timeText(at)}`
}

/** @returns a period as people write it: 2018-06 → 2018年6月, 2018-Q2 → 2018年第2季度, 2018-H1 → 2018年上半年, 2018 → 2018年 */
export function periodText(period: string, language: Language): string {
  const [year = '', part] = period.split('-')
  if (part === undefined) return language === 'en' ? year : `${year}年`
  if (part.startsWith('Q')) return language === 'en' ? `${part} ${year}` : `${year}年第${part.slice(1)}季度`
  if (part.startsWith('H')) {
    const first = part === 'H1'
    return language === 'en' ? `${first ? 'first' : 'second'} half of ${year}` : `${year}年${first ? '上' : '下'}半年`
  }
  return language === 'en' ? `${englishMonths[Number(part) - 1]} ${year}` : `${year}年${Number(part)}月`
}

function timeText(at: number): string {
  return new Date(at + 8 * 3_600_000).toISOString().slice(11, 16)
}
