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

/** @returns where a finding stands, as people point at it: 填报 D7 */
export const placeOf = ({ sheet, cell }: Pick<CellFinding, 'sheet' | 'cell'>): string => (cell ? `${sheet} ${cell}` : sheet)
