import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { usePathPart, useQueryParts } from '../../../web/shell/address.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { ButtonLink } from '../../../web/ui/button.tsx'
import { Select } from '../../../web/ui/inputs.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { Paging } from '../../../web/ui/table.tsx'
import type { Progress } from '../lists.contract.ts'
import { LightOf } from './list-marks.tsx'

const limit = 50

/** Who has taken over which item: the units below one, against the items of a list. */
export default function Matrix() {
  const { t } = useTranslation('lists')
  const id = Number(usePathPart('id'))
  const mine = myUnits(useMe(), 'list.read')
  const [parts, setParts] = useQueryParts()
  const list = useQuery(q.lists.list.queryOptions({ input: { id } }))
  const start = mine.find((unit) => unit.id === list.data?.issuer) ?? mine[0]
  const unit = Number(parts.unit ?? start?.id)
  const offset = Number(parts.offset ?? 0)
  const matrix = useQuery({ ...q.lists.matrix.queryOptions({ input: { id, unit, limit, offset } }), enabled: unit > 0 && (parts.unit !== undefined || !list.isPending) })
  const here = useQuery({ ...q.units.one.queryOptions({ input: { id: unit } }), enabled: unit > 0 })
  const crumbs = [{ to: '/lists', label: t('lists.title') }, { to: `/lists/${id}`, label: list.data?.title ?? t('list.title') }]
  return (
    <Page title={t('matrix.title')} lead={t('matrix.lead')} crumbs={crumbs} actions={<ButtonLink to={`/lists/${id}`}>{t('matrix.back')}</ButtonLink>}>
      <div className="row spread">
        <div className="row">
          <strong>{here.data?.name}</strong>
          {parts.unit && start && unit !== start.id && <Link to={`/lists/${id}/matrix`}>{t('matrix.top', { name: start.name })}</Link>}
        </div>
        {mine.length > 1 && <Select className="no-print" aria-label={t('matrix.of')} value={String(mine.some((one) => one.id === unit) ? unit : '')} empty={t('matrix.of')} options={mine.map((one) => ({ value: String(one.id), label: one.name }))} onChange={(next) => setParts({ unit: next, offset: '' })} />}
      </div>
      {!unit ? <Empty title={t('matrix.noUnit')} /> : (
        <Loaded query={matrix}>
          {({ rows, items, total, owned, cells }) => rows.length === 0 || items.length === 0 ? <Empty title={t('matrix.nothing')}>{t('matrix.nothingNext')}</Empty> : (
            <>
              <p className="soft">{t('matrix.owned', { owned, cells })}</p>
              <div className="matrix-box" role="region" aria-label={t('matrix.title')} tabIndex={0}>
                <table className="matrix">
                  <thead>
                    <tr>
                      <th scope="col">{t('unit')}</th>
                      {items.map((item) => <th scope="col" key={item.item}><Link to={`/lists/${id}`} hash={`item-${item.item}`}>{item.ordinal}. {item.title}</Link></th>)}
                    </tr>
                  </thead>
                  <tbody>
                    {rows.map((row) => (
                      <tr key={row.unit}>
                        <th scope="row"><Link to={`/lists/${id}/matrix`} search={{ unit: String(row.unit) } as never}>{row.name}</Link></th>
                        {row.cells.map((cell, at) => <td key={items[at]!.item}><Cell cell={cell} to={{ list: String(id), item: String(items[at]!.item), unit: String(row.unit), only: 'all' }} /></td>)}
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              <Paging limit={limit} offset={offset} total={total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
            </>
          )}
        </Loaded>
      )}
    </Page>
  )
}

function Cell({ cell, to }: { cell: Progress | null; to: Record<string, string> }) {
  const { t } = useTranslation('lists')
  if (!cell) return <span className="faint" title={t('matrix.notAsked')}>—<span className="sr-only">{t('matrix.notAsked')}</span></span>
  return (
    <>
      <Link className="number" to="/tasks" search={to as never}>{cell.percent}%</Link> <span className="faint number">{cell.closed}/{cell.tasks}</span>
      <div><LightOf light={cell.light} /></div>
    </>
  )
}
