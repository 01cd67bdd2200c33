import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { DateText } from '../../../web/ui/marks.tsx'
import { Loaded, Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { ChangeTable } from './changes.tsx'
import './changes.css'

/** Who came before a unit and who after it, and what was done to it; nothing when nothing was. */
export function Kin({ unit, ended }: { unit: number; ended: boolean }) {
  const { t } = useTranslation('changes')
  const history = useQuery(q.changes.history.queryOptions({ input: { unit } }))
  return (
    <Loaded query={history}>
      {({ predecessors, successors, changes }) =>
        predecessors.length + successors.length + changes.length === 0 ? null : (
          <Panel title={t('kin.title')}>
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
          </Panel>
        )
      }
    </Loaded>
  )
}
