import { useTranslation } from 'react-i18next'
import { useGo, usePathPart } from '../../../web/shell/address.ts'
import { useMay } from '../../../web/shell/me.ts'
import { Page } from '../../../web/ui/page.tsx'
import { Tabs } from '../../../web/ui/tabs.tsx'
import { Commitments } from './commitments.tsx'
import { Matters } from './matters.tsx'
import { Meetings } from './meetings.tsx'
import { Pairings } from './pairings.tsx'

const parts = { commitments: Commitments, meetings: Meetings, matters: Matters, pairings: Pairings }
type Part = keyof typeof parts

/** Commitments, joint meetings, major matters and pairings, side by side. */
export default function Promises() {
  const { t } = useTranslation('promises')
  const tab = usePathPart('tab')
  const go = useGo()
  const reads = useMay('list.read')
  const shown = (Object.keys(parts) as Part[]).filter((key) => reads || key === 'commitments')
  const chosen = shown.find((key) => key === tab) ?? 'commitments'
  const Shown = parts[chosen]
  return (
    <Page title={t('title')} lead={t(`lead.${chosen}`)} narrow>
      <Tabs
        label={t('title')} chosen={chosen} tabs={shown.map((key) => ({ key, label: t(`tab.${key}`) }))}
        onChoose={(key) => go(key === 'commitments' ? '/promises' : `/promises/${key}`)}
      >
        <Shown />
      </Tabs>
    </Page>
  )
}
