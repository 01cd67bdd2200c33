import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { ButtonLink } from '../../../web/ui/button.tsx'
import { Empty, Failure, Loading } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import './lists.css'

const kinds = ['unsigned', 'unreported', 'overdue', 'deferralAsked'] as const

/** The start page of those who answer for others: who below has not signed, not reported, is late; one press to remind. */
export default function StartBelow() {
  const { t } = useTranslation('lists')
  const unit = myUnits(useMe(), 'task.check')[0]
  const counted = kinds.map((only) => ({ only, query: { input: { only, limit: 1, ...(unit ? { unit: unit.id } : {}) } } }))
  const answers = [
    useQuery(q.lists.tasks.queryOptions(counted[0]!.query)), useQuery(q.lists.tasks.queryOptions(counted[1]!.query)),
    useQuery(q.lists.tasks.queryOptions(counted[2]!.query)), useQuery(q.lists.tasks.queryOptions(counted[3]!.query)),
  ]
  if (!unit) return null
  const failed = answers.find((answer) => answer.isError)
  const known = answers.every((answer) => answer.data)
  const rows = kinds.map((only, at) => ({ only, total: answers[at]!.data?.total ?? 0 })).filter((row) => row.total > 0)
  return (
    <Panel title={t('below.title', { unit: unit.name })} actions={<ButtonLink small to="/coverage">{t('below.coverage')}</ButtonLink>}>
      {failed ? <Failure problem={failed.error} retry={() => answers.forEach((answer) => void answer.refetch())} /> : !known ? <Loading /> : rows.length === 0 ? <Empty title={t('below.nothing')} /> : (
        <ul className="below">
          {rows.map(({ only, total }) => (
            <li key={only}>
              <Link to="/tasks" search={{ only, unit: String(unit.id) } as never}>{t(`tasks.only.${only}`)}</Link>
              <span className="big number">{t('below.tasks', { count: total })}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}
