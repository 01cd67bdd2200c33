import i18next from 'i18next'
import { readFileSync } from 'node:fs'

type Locale = 'zh-CN' | 'en'
const read = (locale: Locale, name: string) => JSON.parse(readFileSync(new URL(`../../web/locales/${locale}/${name}.json`, import.meta.url), 'utf8')) as object
const resourcesOf = (locale: Locale) => ({ inbox: read(locale, 'inbox'), reach: read(locale, 'reach') })

// What leaves the house in a mail is worded as on the page: the same files.
const words = i18next.createInstance()
await words.init({ lng: 'zh-CN', fallbackLng: 'zh-CN', resources: { 'zh-CN': resourcesOf('zh-CN'), en: resourcesOf('en') }, interpolation: { escapeValue: false } })

/** @returns a text of the files `inbox` and `reach` in a language: `say('en', 'reach:mail.subjectOne', {…})` */
export function say(locale: Locale, key: string, facts: Record<string, unknown> = {}): string {
  return words.getFixedT(locale)(key, facts as Record<string, string>)
}

/** @returns what a notice says, as on the page */
export function noticeWords(locale: Locale, { kind, facts }: { kind: string; facts: Record<string, unknown> }): string {
  const title = String(facts.title ?? '')
  return words.getFixedT(locale, 'inbox')(`notice.${kind}`, { ...facts, title, defaultValue: words.getFixedT(locale, 'inbox')('notice.other', { title }) }) as string
}
