import { useLayoutEffect, useRef, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './button.tsx'
import { Icon } from './icons.tsx'

export type Column<Row> = {
  key: string
  title: ReactNode
  cell: (row: Row, index: number) => ReactNode
  /** Figures stand right. */
  num?: boolean
  /** What the row is called: its heading on a phone and for screen readers. */
  main?: boolean
  /** Can be sorted by; see `onSort`. */
  sort?: boolean
  /** Buttons: no heading on a phone. */
  acts?: boolean
}

export type Sorted = { key: string; down: boolean }

/** A plain table that becomes cards on a phone. For thousands of rows, sorting and columns to choose: web/desk. */
export function Table<Row>({ caption, columns, rows, rowKey, empty, sorted, onSort, showCaption = false }: {
  /** What the table shows; for screen readers unless `showCaption`. */
  caption: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string | number
  empty?: ReactNode
  sorted?: Sorted
  onSort?: (sorted: Sorted) => void
  showCaption?: boolean
}) {
  const { t } = useTranslation('ui')
  const { box, scrolls } = useScrolls(rows.length === 0)
  if (rows.length === 0) return <>{empty ?? <div className="empty"><strong>{t('nothingHere')}</strong></div>}</>
  return (
    <div className={scrolls ? 'table-box scrolls' : 'table-box'} role="group" aria-label={caption} tabIndex={scrolls ? 0 : undefined} ref={box}>
      <table className="table">
        <caption className={showCaption ? '' : 'sr-only'}>{caption}</caption>
        <thead>
          <tr>{columns.map((column) => <HeadCell key={column.key} column={column} sorted={sorted} onSort={onSort} />)}</tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => {
                const label = typeof column.title === 'string' ? column.title : undefined
                const look = [column.num ? 'num' : '', column.acts ? 'acts' : ''].join(' ').trim() || undefined
                if (column.main) return <th key={column.key} scope="row" className={look} data-label={label}>{column.cell(row, index)}</th>
                return <td key={column.key} className={look} data-label={label}>{column.cell(row, index)}</td>
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** A box that scrolls sideways must be reachable for those who scroll by keys; one that does not is no stop. */
function useScrolls(empty: boolean) {
  const box = useRef<HTMLDivElement>(null)
  const [scrolls, setScrolls] = useState(false)
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return undefined
    const look = () => setScrolls(element.scrollWidth > element.clientWidth && !element.closest('.sr-only'))
    const watch = new ResizeObserver(look)
    watch.observe(element)
    look()
    return () => watch.disconnect()
  }, [empty])
  return { box, scrolls }
}

function HeadCell<Row>({ column, sorted, onSort }: { column: Column<Row>; sorted?: Sorted; onSort?: (sorted: Sorted) => void }) {
  const mine = sorted?.key === column.key ? sorted : undefined
  const look = column.num ? 'num' : column.acts ? 'acts' : undefined
  if (!column.sort || !onSort) return <th scope="col" className={look}>{column.title}</th>
  return (
    <th scope="col" className={look} aria-sort={mine ? (mine.down ? 'descending' : 'ascending') : undefined}>
      <button type="button" onClick={() => onSort({ key: column.key, down: mine ? !mine.down : false })}>
        {column.title}
        {mine && <Icon name={mine.down ? 'down' : 'up'} size={12} />}
      </button>
    </th>
  )
}

/** Which rows of how many, and the way to the others. */
export function Paging({ limit, offset, total, onChange }: { limit: number; offset: number; total: number; onChange: (offset: number) => void }) {
  const { t } = useTranslation('ui')
  if (total <= limit && offset === 0) return total > 0 ? <p className="faint">{t('rowsInAll', { total })}</p> : null
  return (
    <nav className="paging" aria-label={t('paging')}>
      <span aria-live="polite">{t('rowsShown', { from: Math.min(offset + 1, total), to: Math.min(offset + limit, total), total })}</span>
      <span className="row no-print">
        <Button small disabled={offset === 0} icon={<Icon name="left" size={16} />} onClick={() => onChange(Math.max(0, offset - limit))}>{t('pageBefore')}</Button>
        <Button small disabled={offset + limit >= total} onClick={() => onChange(offset + limit)}>{t('pageAfter')}<Icon name="right" size={16} /></Button>
      </span>
    </nav>
  )
}
