import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { ButtonLink } from '../../../web/ui/button.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { WaitingList } from './waiting-list.tsx'

const shown = 8

/** The start page's first card: what waits for me. */
export default function StartWaiting() {
  const { t } = useTranslation('inbox')
  const waiting = useQuery(q.inbox.waiting.queryOptions({ input: { limit: shown } }))
  return (
    <Panel title={t('waiting.title')} actions={waiting.data && waiting.data.total > shown && <ButtonLink small to="/inbox">{t('waiting.all', { count: waiting.data.total })}</ButtonLink>}>
      <Loaded query={waiting}>
        {({ rows, overdue, dueSoon }) =>
          rows.length === 0 ? <Empty title={t('waiting.nothing')}>{t('waiting.nothingNext')}</Empty> : (
            <>
              {(overdue > 0 || dueSoon > 0) && <p className="soft">{t('waiting.summary', { overdue, dueSoon })}</p>}
              <WaitingList rows={rows} />
            </>
          )}
      </Loaded>
    </Panel>
  )
}
