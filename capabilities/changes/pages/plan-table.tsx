import { Link } from '@tanstack/react-router'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import { DateText, StateTag } from '../../../web/ui/marks.tsx'
import { Table } from '../../../web/ui/table.tsx'
import type { PlanRow } from '../changes.contract.ts'

export const planTones = { waiting: 'busy', misfit: 'bad', done: 'good', withdrawn: 'plain' } as const

/** @param t texts of `changes`; @returns what is prepared for which units, as the title of its page */
export function planName(t: TFunction<'changes'>, plan: Pick<PlanRow, 'kinds' | 'units' | 'changes'>): string {
  const names = plan.units.length > 4 ? t('andMore', { names: plan.units.slice(0, 4).join('、'), count: plan.units.length }) : plan.units.join('、')
  return `${plan.kinds.map((kind) => t(`kinds.${kind}`)).join('、')}${plan.changes > 1 ? `（${t('ahead.several', { count: plan.changes })}）` : ''}：${names}`
}

/** @param rows changes that are prepared, the next one first */
export function PlanTable({ rows }: { rows: readonly PlanRow[] }) {
  const { t } = useTranslation('changes')
  return (
    <Table
      caption={t('ahead.title')} rows={rows} rowKey={(row) => row.id}
      columns={[
        { key: 'what', title: t('what'), main: true, cell: (row) => <Link to={`/changes/ahead/${row.id}`}>{planName(t, row)}</Link> },
        { key: 'on', title: t('on'), cell: (row) => <DateText date={row.on} /> },
        { key: 'in', title: t('ahead.in'), cell: (row) => row.unitName },
        { key: 'document', title: t('document'), cell: (row) => row.document },
        { key: 'state', title: t('state'), cell: (row) => <StateTag tone={planTones[row.state]}>{t(`ahead.states.${row.state}`)}</StateTag> },
      ]}
    />
  )
}
