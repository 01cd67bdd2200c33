import { useTranslation } from 'react-i18next'
import { languageNow, languages, chooseLanguage, type Language } from '../i18n.ts'
import { Icon } from '../ui/icons.tsx'
import { Menu } from '../ui/menu.tsx'

/** Chooses the language, each named in itself. `onChoose` also keeps it with the account. */
export function LanguageSwitch({ onChoose }: { onChoose?: (language: Language) => void }) {
  const { t } = useTranslation('shell')
  const now = languageNow()
  const items = (Object.keys(languages) as Language[]).map((language) => ({
    key: language,
    label: <span lang={language}>{languages[language]}{language === now && ' ✓'}</span>,
    onGo: () => void chooseLanguage(language).then(() => onChoose?.(language)),
  }))
  return <Menu label={t('language', { now: languages[now] })} items={items} button={<><Icon name="globe" /><span className="wide-only">{languages[now]}</span></>} />
}
