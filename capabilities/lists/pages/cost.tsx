import { useTranslation } from 'react-i18next'
import { pickWords } from '../../../web/i18n.ts'
import { Figure } from '../../../web/ui/marks.tsx'
import { Note } from '../../../web/ui/notes.tsx'
import { Table } from '../../../web/ui/table.tsx'
import type { Cost } from '../lists.contract.ts'

/** What issuing will cost the units below, in figures. */
export function CostFigures({ cost }: { cost: Cost }) {
  const { t } = useTranslation('lists')
  return (
    <dl className="facts">
      <dt>{t('cost.units')}</dt><dd><Figure value={cost.units} exact /></dd>
      <dt>{t('cost.tasks')}</dt><dd><Figure value={cost.tasks} exact /></dd>
      <dt>{t('cost.entries')}</dt><dd><Figure value={cost.entries} exact /> <span className="faint">{t('cost.entriesHint')}</span></dd>
      <dt>{t('cost.minutes')}</dt><dd><Figure value={Math.round(cost.minutesMonth)} exact /> {t('cost.minutesUnit')} <span className="faint">{t('cost.hours', { hours: Math.round(cost.minutesMonth / 6) / 10 })}</span></dd>
      <dt>{t('cost.held')}</dt><dd><Figure value={cost.fieldsHeld} exact /> <span className="faint">{t('cost.heldHint')}</span></dd>
    </dl>
  )
}

/** The same per item. */
export function CostTable({ cost }: { cost: Cost }) {
  const { t } = useTranslation('lists')
  const asking = cost.items.filter((item) => item.burden !== null)
  if (asking.length === 0) return <Note tone="good">{t('cost.noForms')}</Note>
  return (
    <Table
      caption={t('cost.perItem')} rows={asking} rowKey={(row) => row.item}
      columns={[
        { key: 'title', title: t('cost.item'), main: true, cell: (row) => row.title },
        { key: 'form', title: t('item.form'), cell: (row) => row.burden && pickWords(row.burden.formName) },
        { key: 'units', title: t('cost.units'), num: true, cell: (row) => <Figure value={row.units} exact /> },
        { key: 'new', title: t('cost.fieldsNew'), num: true, cell: (row) => row.burden && `${row.burden.fieldsNew} × ${row.units}` },
        { key: 'held', title: t('cost.fieldsHeld'), num: true, cell: (row) => row.burden?.fieldsHeld },
        { key: 'minutes', title: t('cost.minutesOne'), num: true, cell: (row) => row.burden && Math.round(row.burden.minutesMonthOne * 10) / 10 },
      ]}
    />
  )
}
