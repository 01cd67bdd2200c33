import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { Link } from '@tanstack/react-router'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useMay } from '../../../web/shell/me.ts'
import { Panel } from '../../../web/ui/page.tsx'

/** A record shown upwards: which figures it is part of. Shown to those who may read indicators. */
export function UsedIn(input: { unit: number; form: string; period: string }) {
  const { t } = useTranslation('ledgers')
  const may = useMay('indicator.read')
  const used = useQuery({ ...q.indicators.usedIn.queryOptions({ input }), enabled: may })
  if (!may || !used.data?.length) return null
  return (
    <Panel title={t('usedIn.title')}>
      <ul className="stack plain-list">
        {used.data.map((one) => (
          <li key={one.indicator}>
            <Link to={`/indicators/${one.indicator}`} search={{ unit: String(input.unit), period: input.period } as never}>{pickWords(one.name)}</Link>
            <span className="faint"> · {one.levels.map((level) => level.name).join(' → ')}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
