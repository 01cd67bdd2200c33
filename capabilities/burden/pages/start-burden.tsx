import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { q } from '../../../web/api/queries.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { ButtonLink } from '../../../web/ui/button.tsx'
import { Loaded } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { BurdenFigures } from './figures.tsx'

/** What my unit was asked this month, in figures. */
export default function StartBurden() {
  const { t } = useTranslation('burden')
  const unit = myUnits(useMe(), 'record.fill')[0]
  const [month] = useState(() => todayIn(Date.now()).slice(0, 7))
  const burden = useQuery({ ...q.burden.unit.queryOptions({ input: { unit: unit?.id ?? 0, month } }), enabled: unit !== undefined })
  return (
    <Panel title={t('start.title')} actions={<ButtonLink small to="/burden/mine">{t('start.more')}</ButtonLink>}>
      <Loaded query={burden}>{({ sums, rules }) => <BurdenFigures sums={sums} weights={rules} />}</Loaded>
    </Panel>
  )
}
