import type { CellFinding } from './file-row.ts'

type Locale = 'zh-CN' | 'en'
const isWords = (fact: unknown): fact is { zh: string; en: string } => typeof fact === 'object' && fact !== null && 'zh' in fact && 'en' in fact

/** @returns the facts of a finding as its sentence needs them: words in the language, lists joined, nothing as — */
export function factsInWords(facts: Readonly<Record<string, unknown>>, locale: Locale): Record<string, string> {
  const word = (fact: unknown): string => {
    if (fact === null || fact === undefined || fact === '') return '—'
    if (isWords(fact)) return locale === 'en' ? fact.en : fact.zh
    if (Array.isArray(fact)) return fact.slice(0, 12).map(word).join(locale === 'en' ? ', ' : '、')
    if (typeof fact === 'object' && 'value' in fact) return String(fact.value)
    return String(fact)
  }
  return Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, word(fact)]))
}

/**
 * @param texts sentences by code, as the pages have them; one that says more when a fact is known has its name behind `_`
 * @returns the sentence about a finding; undefined when these texts have none
 */
export function sentenceIn(texts: Readonly<Record<string, unknown>>, { code, facts }: { code: string; facts: Readonly<Record<string, unknown>> }, locale: Locale): string | undefined {
  const more = Object.keys(facts).find((fact) => facts[fact] !== null && typeof texts[`${code}_${fact}`] === 'string')
  const text = texts[more === undefined ? code : `${code}_${more}`]
  if (typeof text !== 'string') return undefined
  const words = factsInWords(facts, locale)
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => words[name] ?? '—')
}

/** @returns where a finding stands, as people point at it: 填报 D7 */
export const placeOf = ({ sheet, cell }: Pick<CellFinding, 'sheet' | 'cell'>): string => (cell ? `${sheet} ${cell}` : sheet)
