import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { Button, IconButton } from '../../../web/ui/button.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { SearchBox, Select } from '../../../web/ui/inputs.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Paging, Table } from '../../../web/ui/table.tsx'
import type { UnitChild } from '../units.contract.ts'
import './units.css'

const limit = 50
type Tree = 'rollUp' | 'area' | 'line'

/** Units as a tree that is opened level by level, or found by name, pinyin initials or code. */
export default function UnitTree() {
  const { t } = useTranslation('units')
  const [parts, setParts] = useQueryParts()
  const tree = (parts.tree ?? 'rollUp') as Tree
  const text = parts.q ?? ''
  return (
    <Page title={t('tree.title')} lead={t('tree.lead')}>
      <div className="choosers no-print">
        <SearchBox label={t('tree.search')} value={text} onChange={(next) => setParts({ q: next, offset: '' })} />
        <Select aria-label={t('tree.which')} value={tree} options={(['rollUp', 'area', 'line'] as const).map((value) => ({ value, label: t(`tree.${value}`) }))} onChange={(value) => setParts({ tree: value === 'rollUp' ? '' : value })} />
      </div>
      {text ? <Found text={text} offset={Number(parts.offset ?? 0)} onOffset={(offset) => setParts({ offset: offset ? String(offset) : '' })} /> : <Panel><Branch unit={undefined} tree={tree} open /></Panel>}
    </Page>
  )
}

function Found({ text, offset, onOffset }: { text: string; offset: number; onOffset: (offset: number) => void }) {
  const { t } = useTranslation('units')
  const found = useQuery(q.units.search.queryOptions({ input: { q: text, limit, offset } }))
  return (
    <Loaded query={found}>
      {({ rows, total }) => (
        <>
          <Table
            caption={t('tree.found')} rows={rows} rowKey={(row) => row.id} empty={<Empty title={t('tree.nothing')}>{t('tree.nothingNext')}</Empty>}
            columns={[
              { key: 'name', title: t('name'), main: true, cell: (row) => <Link to={`/units/${row.id}`}>{row.name}</Link> },
              { key: 'class', title: t('class'), cell: (row) => pickWords(row.className) },
              { key: 'parent', title: t('parent'), cell: (row) => row.parentName ?? '' },
              { key: 'code', title: t('code'), cell: (row) => <code>{row.code}</code> },
            ]}
          />
          <Paging limit={limit} offset={offset} total={total} onChange={onOffset} />
        </>
      )}
    </Loaded>
  )
}

/** The units below one; asked for when it is opened, fifty at a time, so that no tree is too large. */
function Branch({ unit, tree, open }: { unit: number | undefined; tree: Tree; open: boolean }) {
  const { t } = useTranslation('units')
  const [shown, setShown] = useState(limit)
  const children = useQuery({ ...q.units.children.queryOptions({ input: { tree, limit: shown, ...(unit === undefined ? {} : { unit }) } }), enabled: open, placeholderData: (before) => before })
  if (!open) return null
  return (
    <Loaded query={children}>
      {({ rows, total }) => (
        <ul className="unit-tree">
          {rows.length === 0 && <li className="faint">{t('tree.empty')}</li>}
          {rows.map((row) => <Node key={row.id} row={row} tree={tree} />)}
          {rows.length < total && <li><Button small kind="quiet" onClick={() => setShown(Math.min(shown + 100, 500))}>{t('tree.more', { count: total - rows.length })}</Button></li>}
        </ul>
      )}
    </Loaded>
  )
}

function Node({ row, tree }: { row: UnitChild; tree: Tree }) {
  const { t } = useTranslation('units')
  const [open, setOpen] = useState(false)
  return (
    <li>
      <div className="unit-node">
        {row.children > 0
          ? <IconButton label={t(open ? 'tree.close' : 'tree.open', { name: row.name })} aria-expanded={open} onClick={() => setOpen(!open)}><Icon name={open ? 'down' : 'right'} size={16} /></IconButton>
          : <span className="unit-leaf" aria-hidden="true" />}
        <Link to={`/units/${row.id}`}>{row.name}</Link>
        <span className="faint">{pickWords(row.className)}</span>
        {row.management !== 'area' && <span className="faint">{t(`management.${row.management}`)}</span>}
        <span className="faint number">{row.below.filter((one) => one.class !== row.class).slice(-3).map((one) => `${pickWords(one.name)} ${one.units}`).join(' · ')}</span>
      </div>
      <Branch unit={row.id} tree={tree} open={open} />
    </li>
  )
}
