import { useTranslation } from 'react-i18next'
import { Bring } from './bring.tsx'

/** On the page of one return: take it out as a workbook, bring it back. */
export function WorkbookEntry({ unit, form, period }: { unit: number; form: string; period: string }) {
  const { t } = useTranslation('workbooks')
  const query = new URLSearchParams({ unit: String(unit), form, period, layout: 'one' })
  return (
    <div className="stack">
      <div><a className="button small" href={`/api/workbooks/out?${query}`} download>{t('entry.out')}</a></div>
      <Bring unit={unit} form={form} period={period} />
    </div>
  )
}
