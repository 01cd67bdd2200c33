import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { useMay } from '../../../web/shell/me.ts'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { Paging } from '../../../web/ui/table.tsx'
import { Tabs } from '../../../web/ui/tabs.tsx'
import { OneObjection } from './one-objection.tsx'
import './burden.css'

const limit = 20
type View = 'decided' | 'mine' | 'open'

/** Outcomes of objections for everybody below, my own objections, and for burden officers those that wait. */
export default function Objections() {
  const { t } = useTranslation('burden')
  const [parts, setParts] = useQueryParts()
  const [fills, decides] = [useMay('record.fill'), useMay(['burden.approve', 'list.issue'])]
  const views = ([decides && 'open', 'decided', fills && 'mine'] as const).filter((one): one is View => one !== false)
  const view = views.find((one) => one === parts.view) ?? views[0]!
  const offset = Number(parts.offset ?? 0)
  const objections = useQuery(q.burden.objections.queryOptions({ input: { view, limit, offset } }))
  return (
    <Page title={t('objections.title')} lead={t('objections.lead')} narrow>
      <Tabs label={t('objections.title')} chosen={view} onChoose={(next) => setParts({ view: next, offset: '' })} tabs={views.map((key) => ({ key, label: t(`objections.${key}`) }))}>
        <Loaded query={objections}>
          {({ rows, total }) => (
            <>
              {rows.length === 0 ? <Empty title={t(`objections.nothing.${view}`)} /> : <ul className="stack plain-list">{rows.map((row) => <OneObjection key={row.id} row={row} />)}</ul>}
              <Paging limit={limit} offset={offset} total={total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
            </>
          )}
        </Loaded>
      </Tabs>
    </Page>
  )
}
