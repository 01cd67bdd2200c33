type Locale = 'zh-CN' | 'en'
export type Coverage = { reported: number; expected: number; /** Names of what is missing, the first of them in order; nothing when nobody asked for names. */ missing?: readonly string[] }

const named = 10

/**
 * How complete an export is, for the line below its title: “已报 3，应报 12（部分数据）；缺：甲村、乙村 等 9 份”. Whatever leaves the
 * platform as a file says it, since nobody can open the figure there (a missing return is never a zero).
 */
export function coverageLine({ reported, expected, missing }: Coverage, locale: Locale): string {
  const en = locale === 'en'
  const lacking = expected - reported
  const gap = lacking > 0 ? (en ? ' — PARTIAL DATA' : '（部分数据）') : ''
  const counts = en ? `Reported ${reported} of ${expected}` : `已报 ${reported}，应报 ${expected}`
  if (lacking <= 0 || !missing || missing.length === 0) return counts + gap
  const names = missing.slice(0, named).join(en ? ', ' : '、')
  const rest = lacking <= named ? '' : en ? ` and others, ${lacking} in all` : ` 等 ${lacking} 份`
  return `${counts}${gap}${en ? '; missing: ' : '；缺：'}${names}${rest}`
}
