import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useWaiting } from '../../../web/offline/waiting.ts'
import { useQueryPart } from '../../../web/shell/address.ts'
import { useMe } from '../../../web/shell/me.ts'
import { ButtonLink } from '../../../web/ui/button.tsx'
import { DateText, PeriodText, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { Paging, Table } from '../../../web/ui/table.tsx'
import { Tabs } from '../../../web/ui/tabs.tsx'

const limit = 30

/** The returns that my own units are expected to give. */
export default function Mine() {
  const { t } = useTranslation('ledgers')
  const [state, setState] = useQueryPart('state', 'open')
  const [offset, setOffset] = useQueryPart('offset', '0')
  const mine = useQuery(q.ledgers.mine.queryOptions({ input: { state: state as 'open', limit, offset: Number(offset) } }))
  const waiting = useWaiting(useMe().account)
  const tones = { none: 'plain', submitted: 'busy', accepted: 'good', sentBack: 'warn' } as const
  return (
    <Page title={t('mine.title')} lead={t('mine.lead')} actions={<ButtonLink to="/workbooks">{t('mine.workbooks')}</ButtonLink>}>
      <Tabs label={t('mine.title')} chosen={state} onChoose={setState} tabs={(['open', 'done', 'all'] as const).map((key) => ({ key, label: t(`mine.${key}`) }))}>
        <Loaded query={mine}>
          {({ rows, total }) => (
            <>
              <Table
                caption={t('mine.title')} rows={rows} rowKey={(row) => `${row.unit}${row.form}${row.period}`}
                empty={<Empty title={t('mine.nothing')}>{t('mine.nothingNext')}</Empty>}
                columns={[
                  { key: 'form', title: t('form.name'), main: true, cell: (row) => <Link to={`/returns/${row.unit}/${row.form}/${row.period}`}>{pickWords(row.formName)}</Link> },
                  { key: 'unit', title: t('unit'), cell: (row) => row.unitName },
                  { key: 'period', title: t('period'), cell: (row) => <PeriodText period={row.period} /> },
                  { key: 'due', title: t('return.due'), cell: (row) => <><DateText date={row.due} /> {row.late && <StateTag tone="bad">{t('late')}</StateTag>}</> },
                  { key: 'state', title: t('stateTitle'), cell: (row) => waiting.some((one) => one.place === `/returns/${row.unit}/${row.form}/${row.period}`) ? <StateTag tone="busy">{t('state.waitsHere')}</StateTag> : <StateTag tone={tones[row.state]}>{row.draft && row.state === 'none' ? t('state.draft') : t(`state.${row.state}`)}</StateTag> },
                  { key: 'minutes', title: t('minutes'), num: true, cell: (row) => t('minutesAbout', { minutes: row.minutes }) },
                ]}
              />
              <Paging limit={limit} offset={Number(offset)} total={total} onChange={(next) => setOffset(String(next))} />
            </>
          )}
        </Loaded>
      </Tabs>
    </Page>
  )
}
