import { useQuery } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import i18next from 'i18next'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { languageNow, pickWords } from '../../../web/i18n.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { Button } from '../../../web/ui/button.tsx'
import { StateTag } from '../../../web/ui/marks.tsx'
import { Failure, Loaded } from '../../../web/ui/notes.tsx'
import { Paging, Table } from '../../../web/ui/table.tsx'
import { Tabs } from '../../../web/ui/tabs.tsx'
import { ValueText } from '../../ledgers/pages/value-text.tsx'
import { factsInWords, placeOf } from '../finding-words.ts'
import type { CellFinding, ImportPage, ImportRow } from '../workbooks.contract.ts'

const limit = 20
type Shown = 'bad' | 'conflict' | 'refused' | 'noted' | 'good' | 'in'

/** @returns which kinds of rows there are to look at, what needs a hand first */
export function rowTabs({ counts, noted }: ImportPage): Shown[] {
  return (['conflict', 'bad', 'refused', 'noted', 'good', 'in'] as const).filter((key) => (key === 'noted' ? noted : counts[key]) > 0)
}

/** The rows of an import by what they are: place, reason, way out; both values where a choice is needed. */
export function Rows({ page }: { page: ImportPage }) {
  const { t } = useTranslation('workbooks')
  const [parts, set] = useQueryParts()
  const tabs = rowTabs(page)
  const shown = tabs.find((tab) => tab === parts.show) ?? tabs[0]!
  const offset = Number(parts.offset ?? 0)
  const rows = useQuery(q.workbooks.rows.queryOptions({ input: { id: page.id, limit, offset, ...(shown === 'noted' ? { state: 'good', noted: true } : { state: shown }) } }))
  const label = (tab: Shown) => (tab === 'noted' ? t('import.notesTab', { count: page.noted }) : t('import.tab', { name: t(`import.${tab}`), count: page.counts[tab] }))
  return (
    <Tabs label={t('import.what')} chosen={shown} onChoose={(show) => set({ show, offset: '' })} tabs={tabs.map((key) => ({ key, label: label(key) }))}>
      {shown === 'conflict' && <AllAtOnce id={page.id} />}
      <Loaded query={rows}>
        {(found) => (
          <>
            <Table
              caption={t('rows')} rows={found.rows} rowKey={(row) => row.n}
              columns={[
                { key: 'unit', title: t('unit'), main: true, cell: (row) => <>{row.name ?? t('import.noUnit')} <span className="faint number">{row.code}</span></> },
                {
                  key: 'what', title: t('import.what'),
                  cell: (row) => (shown === 'conflict' ? <Choices page={page} row={row} /> : <Findings row={row} notesOnly={shown === 'noted'} />),
                },
                {
                  key: 'state', title: t('state'),
                  cell: (row) => <span className="row">{row.changes > 0 && <span className="soft">{t('import.changes', { count: row.changes })}</span>}{row.correction && <StateTag tone="warn">{t('import.correction')}</StateTag>}{row.doneAs && <StateTag tone="good">{row.doneAs === 'draft' ? t('import.asDraft') : t('import.asSubmit')}</StateTag>}</span>,
                },
              ]}
            />
            <Paging limit={limit} offset={offset} total={found.total} onChange={(next) => set({ offset: String(next) })} />
          </>
        )}
      </Loaded>
    </Tabs>
  )
}

function Findings({ row, notesOnly }: { row: ImportRow; notesOnly: boolean }) {
  const { t } = useTranslation('workbooks')
  const told = row.findings.filter(({ level }) => (notesOnly ? level === 'note' : true))
  if (told.length === 0) return null
  return (
    <ul className="stack" style={{ listStyle: 'none', padding: 0, margin: 0 }}>
      {told.map((finding, at) => (
        <li key={at}>
          <StateTag tone={finding.level === 'error' ? 'bad' : 'warn'}>{placeOf(finding)}</StateTag>{' '}
          {finding.fieldName && <strong>{pickWords(finding.fieldName)} </strong>}
          {findingWords(finding, t)}
        </li>
      ))}
    </ul>
  )
}

/** A finding of the file has its sentence here; one of the form’s own checks with the ledgers. */
function findingWords({ code, message, facts }: CellFinding, t: TFunction<'workbooks'>): string {
  if (message) return pickWords(message)
  const words = factsInWords(facts, languageNow())
  return i18next.exists(`workbooks:finding.${code}`) ? t(`finding.${code}`, words) : i18next.t(`ledgers:finding.${code}`, words)
}

function AllAtOnce({ id }: { id: number }) {
  const { t } = useTranslation('workbooks')
  const choose = useWrite(api.workbooks.choose, { refresh: [q.workbooks.key()] })
  return (
    <div className="stack">
      <p className="soft">{t('import.conflictLead')}</p>
      <div className="row">
        <Button small pending={choose.isPending} onClick={() => choose.mutate({ id, all: 'mine' })}>{t('import.chooseAllMine')}</Button>
        <Button small pending={choose.isPending} onClick={() => choose.mutate({ id, all: 'theirs' })}>{t('import.chooseAllTheirs')}</Button>
      </div>
      <Failure problem={choose.error} />
    </div>
  )
}

function Choices({ page, row }: { page: ImportPage; row: ImportRow }) {
  const { t } = useTranslation('workbooks')
  const form = useQuery(q.ledgers.form.queryOptions({ input: { code: page.form } }))
  const choose = useWrite(api.workbooks.choose, { refresh: [q.workbooks.key()] })
  const fieldOf = (code: string) => form.data?.definition.fields.find((field) => field.code === code)
  return (
    <div className="stack">
      {row.conflicts.map(({ field, name, mine, theirs, chosen }) => {
        const of = fieldOf(field)
        const take = (side: 'mine' | 'theirs') => choose.mutate({ id: page.id, choices: [{ n: row.n, field, take: side }] })
        return (
          <div key={field} role="group" aria-label={`${row.name ?? ''} ${pickWords(name)}`}>
            <strong>{pickWords(name)}</strong>
            <dl className="facts">
              <dt>{t('import.mine')}</dt><dd>{of && <ValueText field={of} value={mine} />}</dd>
              <dt>{t('import.theirs')}</dt><dd>{of && <ValueText field={of} value={theirs} />}</dd>
            </dl>
            <div className="row">
              <Button small aria-pressed={chosen === 'mine'} pending={choose.isPending} onClick={() => take('mine')}>{t('import.takeMine')}</Button>
              <Button small aria-pressed={chosen === 'theirs'} pending={choose.isPending} onClick={() => take('theirs')}>{t('import.takeTheirs')}</Button>
            </div>
          </div>
        )
      })}
      <Failure problem={choose.error} />
    </div>
  )
}
