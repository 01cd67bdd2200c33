import { useTranslation } from 'react-i18next'
import { cycleOf, parsePeriod, periodsOfYear, periodText as textOf } from '../../../rules/period.ts'
import { languageNow } from '../../../web/i18n.ts'
import { periodText } from '../../../web/ui/date-text.ts'
import { Select } from '../../../web/ui/inputs.tsx'

/** Periods to choose from: those that are asked, and the quarters and years they make. */
export function PeriodSelect({ period, periods, onChange }: { period: string; periods: readonly string[]; onChange: (period: string) => void }) {
  const { t } = useTranslation('indicators')
  const years = [...new Set(periods.map((one) => Number(one.slice(0, 4))))]
  const months = periods.some((one) => cycleOf(parsePeriod(one)) === 'month')
  const coarser = years.flatMap((year) => [textOf(year * 100), ...(months ? periodsOfYear(year, 'quarter').map(textOf) : [])])
  const all = [...new Set([period, ...periods, ...coarser])]
  return <Select aria-label={t('period')} value={period} options={all.map((one) => ({ value: one, label: periodText(one, languageNow()) }))} onChange={onChange} />
}
