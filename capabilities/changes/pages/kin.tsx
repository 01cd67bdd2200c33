import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { useMay } from '../../../web/shell/me.ts'
import { DateText, Moment, PeriodText, StateTag } from '../../../web/ui/marks.tsx'
import { pickWords } from '../../../web/i18n.ts'
import { Loaded, Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { Paging, Table } from '../../../web/ui/table.tsx'
import { ChangeTable } from './changes.tsx'
import './changes.css'

/** Who came before a unit and who after it, and what was done to it; nothing when nothing was. */
export function Kin({ unit, ended }: { unit: number; ended: boolean }) {
  const { t } = useTranslation('changes')
  const mayRead = useMay('record.read')
  const history = useQuery(q.changes.history.queryOptions({ input: { unit } }))
  return (
    <Loaded query={history}>
      {({ predecessors, successors, changes, coming }) =>
        predecessors.length + successors.length + changes.length + coming.length === 0 ? null : (
          <Panel title={t('kin.title')}>
            {coming.length > 0 && (
              <Note tone="warn">
                {t('ahead.for')}
                {coming.map((one, at) => <span key={one.id}>{at > 0 && '、'}<Link to={`/changes/ahead/${one.id}`}><DateText date={one.on} /> {one.kinds.map((kind) => t(`kinds.${kind}`)).join('、')}</Link></span>)}
              </Note>
            )}
            {successors.length > 0 && (
              <Note tone="info">
                {t(ended ? 'kin.ended' : 'kin.carved')}
                {successors.map((one, at) => <span key={one.id}>{at > 0 && '、'}<Link to={`/units/${one.id}`}>{one.name}</Link>{one.share !== null && `（${t('kin.share', { share: one.share })}）`}{one.main && successors.length > 1 && `（${t('kin.main')}）`}</span>)}
              </Note>
            )}
            {predecessors.length > 0 && (
              <>
                <h3>{t('kin.predecessors')}</h3>
                <ul className="change-units">
                  {predecessors.map((one) => <li key={one.id}><Link to={`/units/${one.id}`}>{one.name}</Link><span className="faint">{t(`kinds.${one.kind}`)} <DateText date={one.on} /></span>{one.records > 0 && <span className="soft">{t('kin.records', { count: one.records })}</span>}</li>)}
                </ul>
              </>
            )}
            {changes.length > 0 && <ChangeTable rows={changes} />}
            {ended && mayRead && <Records unit={unit} />}
          </Panel>
        )
      }
    </Loaded>
  )
}

const limit = 20

/** What an ended unit has reported: it stays readable under its name. */
function Records({ unit }: { unit: number }) {
  const { t } = useTranslation('changes')
  const [offset, setOffset] = useState(0)
  const records = useQuery(q.changes.records.queryOptions({ input: { unit, limit, offset } }))
  return (
    <>
      <h3>{t('kin.given')}</h3>
      <Loaded query={records}>
        {({ rows, total }) => (
          <>
            <Table
              caption={t('kin.given')} rows={rows} rowKey={(row) => `${row.form}:${row.period}`}
              columns={[
                { key: 'form', title: t('form'), main: true, cell: (row) => <Link to={`/returns/${unit}/${row.form}/${row.period}`}>{pickWords(row.formName)}</Link> },
                { key: 'period', title: t('period'), cell: (row) => <PeriodText period={row.period} /> },
                { key: 'state', title: t('state'), cell: (row) => <StateTag tone={row.state === 'accepted' ? 'good' : 'busy'}>{t(`recordStates.${row.state}`)}</StateTag> },
                { key: 'at', title: t('kin.at'), cell: (row) => <Moment at={row.submittedAt} /> },
              ]}
            />
            <Paging limit={limit} offset={offset} total={total} onChange={setOffset} />
          </>
        )}
      </Loaded>
    </>
  )
}
