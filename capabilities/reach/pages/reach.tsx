import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { Loaded } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { FeedPanel } from './feed-panel.tsx'
import { MailPanel } from './mail-panel.tsx'
import { RobotsPanel } from './robots-panel.tsx'
import { SentPanel } from './sent-panel.tsx'

/** How notices reach me outside the page; and, for those who look after units, the units' group robots. */
export default function ReachPage() {
  const { t } = useTranslation('reach')
  const units = myUnits(useMe(), 'unit.manage')
  const choice = useQuery(q.reach.choice.queryOptions())
  return (
    <Page title={t('title')} lead={t('lead')} narrow>
      <Panel title={t('mail.title')}><Loaded query={choice}>{(now) => <MailPanel key={now.version} choice={now} />}</Loaded></Panel>
      <Panel title={t('feed.title')}><Loaded query={choice}>{(now) => <FeedPanel hasFeed={now.hasFeed} />}</Loaded></Panel>
      {units.length > 0 && <Panel title={t('robot.title')}><RobotsPanel units={units} /></Panel>}
      <Panel title={t('sent.title')}><SentPanel /></Panel>
    </Page>
  )
}
