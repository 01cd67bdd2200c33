import { ConfigProvider, type ThemeConfig } from 'antd'
import english from 'antd/locale/en_US'
import chinese from 'antd/locale/zh_CN'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

/** The colours of `ui.css`, dense. */
const theme: ThemeConfig = {
  cssVar: { key: 'desk' },
  hashed: false,
  token: {
    colorPrimary: '#1d4a73', colorLink: '#1d4a73', colorText: '#1b2026', colorTextSecondary: '#47515c', colorError: '#a9211a', colorWarning: '#7a5200',
    colorSuccess: '#1d6138', colorBorder: '#878d93', colorBorderSecondary: '#dad8d0', borderRadius: 6, fontFamily: 'inherit', fontSize: 14, motion: false,
  },
  components: { Table: { headerBg: '#faf9f6', headerColor: '#47515c', rowHoverBg: '#faf9f5' } },
}

/** Around everything of antd: its words in the language of the page. Only for desk pages, which are loaded lazily. */
export function DeskTheme({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation()
  return <ConfigProvider locale={i18n.language === 'en' ? english : chinese} theme={theme} componentSize="small">{children}</ConfigProvider>
}
