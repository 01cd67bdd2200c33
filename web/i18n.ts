import i18next, { type BackendModule } from 'i18next'
import { initReactI18next } from 'react-i18next'
import { verbs, type Verb } from '../capabilities/access/verbs.ts'
import type { Finding } from '../rules/problem.ts'
import { asProblem, type ApiProblem } from './api/problem.ts'
import { dateText, momentText } from './ui/date-text.ts'

export const languages = { 'zh-CN': '中文', en: 'English' } as const
export type Language = keyof typeof languages

/** One file per room and language, loaded when the room's first page is opened. */
const files = import.meta.glob<{ default: Record<string, unknown> }>('./locales/*/*.json')
/** The titles of all pages in one small file, so that the menu need not wait for every room's words. */
const menus: Record<string, () => Promise<{ default: Record<string, unknown> }>> = {
  'zh-CN': () => import('virtual:menu-texts/zh-CN'),
  en: () => import('virtual:menu-texts/en'),
}
const keptAs = 'sanji.language'
/** What the shell needs before the first page is there. */
const atStart = ['ui', 'shell', 'problem', 'menu']

const fromFiles: BackendModule = {
  type: 'backend',
  init: () => undefined,
  read: (language, room, done) => {
    const load = room === 'menu' ? menus[language] : files[`./locales/${language}/${room}.json`]
    if (!load) return done(new Error(`no text ${language}/${room}`), false)
    load().then((file) => done(null, file.default as never), (error: Error) => done(error, true))
  },
}

/** Starts the texts: the language last chosen on this device, otherwise Chinese. */
export async function startTexts(): Promise<void> {
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language
  })
  await i18next.use(fromFiles).use(initReactI18next).init({
    lng: keptLanguage(),
    fallbackLng: 'zh-CN',
    supportedLngs: Object.keys(languages),
    load: 'currentOnly',
    ns: atStart,
    defaultNS: 'ui',
    keySeparator: '.',
    interpolation: { escapeValue: false },
    returnNull: false,
  })
}

/** @returns the key in the menu's texts of a page's title or label such as `ledgers:queue.title` */
export function menuKey(title: string): string {
  return `menu:${title.replace(':', '.')}`
}

/** The words of a room are asked for before its page is drawn. */
export function askForTexts(room: string): void {
  void i18next.loadNamespaces(room)
}

/** @returns the language in use */
export function languageNow(): Language {
  return i18next.language === 'en' ? 'en' : 'zh-CN'
}

/** Uses a language from now on and on this device; the shell also keeps it with the account (`access.setLocale`). */
export async function chooseLanguage(language: Language): Promise<void> {
  try {
    localStorage.setItem(keptAs, language)
  } catch {
    // A browser that keeps nothing still changes its language until the page is closed.
  }
  if (language !== i18next.language) await i18next.changeLanguage(language)
}

/** @returns the language chosen on this device, if one was */
export function keptLanguage(): Language | undefined {
  try {
    const kept = localStorage.getItem(keptAs)
    return kept !== null && kept in languages ? (kept as Language) : undefined
  } catch {
    return undefined
  }
}

/**
 * @returns what happened and the way out, in one or two plain sentences, from `locales/<language>/problem.json`. The
 * facts fill `{{names}}` in it; dates and moments among them are written as people write them, verbs by their name.
 */
export function problemText(error: unknown): string {
  const problem = asProblem(error)
  const text = sentence(problem.code, problem.facts)
  return text ?? i18next.t('problem:bug', { requestId: problem.requestId ?? '—', ...words(problem.facts) })
}

/** @returns one finding of a problem as a sentence; a code without its own sentence gets that of its problem */
export function findingText(finding: Finding, problem?: ApiProblem): string {
  return sentence(finding.code, finding.facts ?? {}) ?? (problem ? problemText(problem) : i18next.t('problem:invalid-input'))
}

/** @returns the name of a verb in the language in use */
export function verbName(verb: string): string {
  const both = verbs[verb as Verb]
  if (!both) return verb
  const [chinese = verb, english = verb] = both.split(/ ?\/ (?=[a-z])/)
  return languageNow() === 'en' ? english : chinese
}

/** @returns the Chinese or English words of a pack's `{zh, en}` pair */
export function pickWords(both: { zh: string; en: string }): string {
  return (languageNow() === 'en' ? both.en : both.zh) || both.zh
}

function sentence(code: string, facts: Record<string, unknown>): string | undefined {
  const key = `problem:${code}`
  // Some problems say more when they know more: `account-locked` with `until` reads `account-locked_until`, if it is there.
  const withFact = Object.keys(facts).find((fact) => facts[fact] !== null && i18next.exists(`${key}_${fact}`))
  if (withFact) return i18next.t(`${key}_${withFact}`, words(facts))
  return i18next.exists(key) ? i18next.t(key, words(facts)) : undefined
}

function words(facts: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, word(name, fact)]))
}

function word(name: string, fact: unknown): string {
  if (name === 'verb' && typeof fact === 'string') return verbName(fact)
  if (Array.isArray(fact)) return fact.map((one) => word(name, one)).join(languageNow() === 'en' ? ', ' : '、')
  if (typeof fact === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(fact)) return dateText(fact, languageNow())
  if (typeof fact === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(fact)) return momentText(fact, languageNow())
  if (typeof fact === 'object' && fact !== null && 'zh' in fact && 'en' in fact) return pickWords(fact as { zh: string; en: string })
  return typeof fact === 'object' && fact !== null ? JSON.stringify(fact) : String(fact ?? '')
}
