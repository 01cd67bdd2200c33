import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { Field } from '../../../web/ui/field.tsx'
import { Select, Tick } from '../../../web/ui/inputs.tsx'
import { DateText, Moment, PeriodText, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Paging, Table } from '../../../web/ui/table.tsx'
import { UnitPicker, type PickedUnit } from '../../../web/ui/unit-picker.tsx'
import { Bring } from './bring.tsx'

const limit = 5
export const importTones = { waiting: 'busy', reading: 'busy', read: 'good', puttingIn: 'busy', refused: 'bad', dropped: 'plain' } as const

/** Workbooks for all units that I fill in for: out, back in, and what came of them. */
export default function Workbooks() {
  const { t } = useTranslation('workbooks')
  const mine = myUnits(useMe(), 'record.fill')
  const [unit, setUnit] = useState<PickedUnit | undefined>(mine[0])
  return (
    <Page title={t('title')} lead={t('lead')}>
      {mine.length > 1 || (mine[0]?.level ?? 5) < 5 ? (
        <Panel>
          <Field label={t('offers.at')}>
            {mine.length > 1
              ? <Select value={String(unit?.id ?? '')} options={mine.map((one) => ({ value: String(one.id), label: one.name }))} onChange={(id) => setUnit(mine.find((one) => String(one.id) === id))} />
              : <UnitPicker value={unit} onChange={setUnit} within={mine[0]!.id} />}
          </Field>
        </Panel>
      ) : null}
      {unit && <Offers unit={unit} />}
      {unit && (
        <Panel title={t('bring.title')}>
          <p className="soft">{t('bring.lead')}</p>
          <Bring unit={unit.id} />
        </Panel>
      )}
      <History />
    </Page>
  )
}

function Offers({ unit }: { unit: PickedUnit }) {
  const { t } = useTranslation('workbooks')
  const [{ forms = '0' }, set] = useQueryParts()
  const [onlyOpen, setOnlyOpen] = useState(false)
  const offers = useQuery(q.workbooks.offers.queryOptions({ input: { limit, offset: Number(forms) } }))
  return (
    <Panel title={t('offers.title')}>
      <p className="soft">{t('offers.lead')}</p>
      <Tick checked={onlyOpen} onChange={setOnlyOpen}>{t('offers.onlyOpen')}</Tick>
      <Loaded query={offers}>
        {({ rows, total }) => (
          <>
            <Table
              caption={t('offers.title')} rows={rows} rowKey={(row) => `${row.form}${row.period}`}
              empty={<Empty title={t('offers.nothing')}>{t('offers.nothingNext')}</Empty>}
              columns={[
                { key: 'form', title: t('form'), main: true, cell: (row) => pickWords(row.formName) },
                { key: 'period', title: t('period'), cell: (row) => <PeriodText period={row.period} /> },
                { key: 'due', title: t('due'), cell: (row) => <DateText date={row.due} /> },
                { key: 'open', title: t('state'), cell: (row) => t('offers.expected', { expected: row.expected, open: row.open }) },
                {
                  key: 'out', title: <span className="sr-only">{t('entry.out')}</span>, acts: true,
                  cell: (row) => {
                    const query = new URLSearchParams({ unit: String(unit.id), form: row.form, period: row.period, ...(onlyOpen ? { open: '1' } : {}) })
                    return <a className="button small" href={`/api/workbooks/out?${query}`} download aria-label={`${t('entry.out')} ${pickWords(row.formName)} ${row.period}`}>{t('entry.out')}</a>
                  },
                },
              ]}
            />
            <Paging limit={limit} offset={Number(forms)} total={total} onChange={(next) => set({ forms: String(next) })} />
          </>
        )}
      </Loaded>
    </Panel>
  )
}

function History() {
  const { t } = useTranslation('workbooks')
  const [{ offset = '0' }, set] = useQueryParts()
  const imports = useQuery(q.workbooks.imports.queryOptions({ input: { limit, offset: Number(offset) } }))
  return (
    <Panel title={t('history.title')}>
      <Loaded query={imports}>
        {({ rows, total }) => (
          <>
            <Table
              caption={t('history.title')} rows={rows} rowKey={(row) => row.id}
              empty={<Empty title={t('history.nothing')}>{t('history.nothingNext')}</Empty>}
              columns={[
                { key: 'name', title: t('file'), main: true, cell: (row) => <Link to={`/workbooks/${row.id}`}>{row.name}</Link> },
                { key: 'form', title: t('form'), cell: (row) => <>{pickWords(row.formName)} <PeriodText period={row.period} /></> },
                { key: 'unit', title: t('unit'), cell: (row) => row.unitName },
                { key: 'state', title: t('state'), cell: (row) => <StateTag tone={importTones[row.state]}>{t(`importState.${row.state}`)}</StateTag> },
                {
                  key: 'rows', title: t('rows'),
                  cell: ({ counts }) => (['in', 'good', 'conflict', 'bad', 'refused'] as const).filter((key) => counts[key] > 0).map((key) => `${t(`import.${key}`)} ${counts[key]}`).join(' · ') || `${t('import.same')} ${counts.same}`,
                },
                { key: 'at', title: t('at'), cell: (row) => <><Moment at={row.broughtAt} /> {row.broughtBy}</> },
              ]}
            />
            <Paging limit={limit} offset={Number(offset)} total={total} onChange={(next) => set({ offset: String(next) })} />
          </>
        )}
      </Loaded>
    </Panel>
  )
}
