import { Table, type TableColumnType } from 'antd'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Tick } from '../ui/inputs.tsx'
import { DeskTheme } from './desk-theme.tsx'

export type DeskColumn<Row> = {
  key: string
  title: string
  cell: (row: Row) => ReactNode
  /** What it is sorted by: text by the alphabet of Chinese, numbers by size; decimals as text count as numbers. */
  sortBy?: (row: Row) => string | number | null
  num?: boolean
  width?: number
  /** Stays in sight and cannot be hidden. */
  main?: boolean
  /** Hidden until somebody chooses it. */
  hiddenFirst?: boolean
}

const chinese = new Intl.Collator('zh-CN', { numeric: true })

/**
 * A dense table for the desk: thousands of rows (only those in sight are drawn), sorting by any column, columns to
 * choose, kept on this device under `name`. For the phone and for short lists use `web/ui/table.tsx`.
 */
export function DataTable<Row extends object>({ name, caption, columns, rows, rowKey, height = 560, actions, onOpen, empty }: {
  name: string
  caption: string
  columns: readonly DeskColumn<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string | number
  height?: number
  actions?: ReactNode
  /** Enter or a double click on a row. */
  onOpen?: (row: Row) => void
  empty?: ReactNode
}) {
  const { t } = useTranslation('ui')
  const [hidden, setHidden] = useState(() => keptHidden(name) ?? columns.filter((column) => column.hiddenFirst).map((column) => column.key))
  const [choosing, setChoosing] = useState(false)
  const shown = columns.filter((column) => column.main || !hidden.includes(column.key))
  const deskColumns = shown.map((column) => asAntd(column))
  const toggle = (key: string, show: boolean) => {
    const next = show ? hidden.filter((one) => one !== key) : [...hidden, key]
    setHidden(next)
    keepHidden(name, next)
  }
  const width = shown.reduce((sum, column) => sum + (column.width ?? 140), 0)
  return (
    <DeskTheme>
      <div className="row spread no-print">
        <span className="faint" role="status">{t('desk.rows', { total: rows.length })}</span>
        <span className="row">{actions}<Button small onClick={() => setChoosing(true)}>{t('desk.columns')}</Button></span>
      </div>
      <div className="desk-table" role="group" aria-label={caption}>
        <Table<Row>
          virtual={rows.length > 60} size="small" bordered pagination={false} showSorterTooltip={false}
          columns={deskColumns} dataSource={rows as Row[]} rowKey={rowKey}
          scroll={rows.length > 60 ? { x: width, y: height } : { x: width }}
          locale={empty ? { emptyText: empty } : {}}
          onRow={(row) => (onOpen ? { onDoubleClick: () => onOpen(row), onKeyDown: (event) => event.key === 'Enter' && event.target === event.currentTarget && onOpen(row), tabIndex: 0 } : {})}
        />
      </div>
      <Dialog open={choosing} title={t('desk.columns')} onClose={() => setChoosing(false)} actions={<Button kind="main" onClick={() => setChoosing(false)}>{t('close')}</Button>}>
        <div className="choices">
          {columns.map((column) => (
            <Tick key={column.key} checked={column.main || !hidden.includes(column.key)} disabled={column.main} onChange={(show) => toggle(column.key, show)}>{column.title}</Tick>
          ))}
        </div>
      </Dialog>
    </DeskTheme>
  )
}

function asAntd<Row>(column: DeskColumn<Row>): TableColumnType<Row> {
  const { key, title, cell, sortBy, num, width = 140, main } = column
  return {
    key,
    title,
    width,
    ellipsis: true,
    align: num ? 'right' : 'left',
    ...(main ? { fixed: 'left' as const, rowScope: 'row' as const } : {}),
    render: (_value: unknown, row: Row) => cell(row),
    ...(sortBy ? { sorter: (a: Row, b: Row) => compare(sortBy(a), sortBy(b)) } : {}),
  }
}

/** What is missing comes last among the ascending. */
function compare(a: string | number | null, b: string | number | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const [first, second] = [Number(a), Number(b)]
  if (a !== '' && b !== '' && !Number.isNaN(first) && !Number.isNaN(second)) return first - second
  return chinese.compare(String(a), String(b))
}

function keptHidden(name: string): string[] | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(`sanji.columns.${name}`) ?? 'null')
    return Array.isArray(kept) ? kept.filter((key): key is string => typeof key === 'string') : undefined
  } catch {
    return undefined
  }
}

function keepHidden(name: string, hidden: string[]): void {
  try {
    localStorage.setItem(`sanji.columns.${name}`, JSON.stringify(hidden))
  } catch {
    // A browser that keeps nothing shows the chosen columns until the page is closed.
  }
}
