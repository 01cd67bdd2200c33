import { useQuery } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { lastPeriods, periodOf, periodText as periodCode } from '../../../rules/period.ts'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { languageNow, pickWords } from '../../../web/i18n.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { myUnits, useMay, useMe } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { periodText } from '../../../web/ui/date-text.ts'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { Select, TextArea } from '../../../web/ui/inputs.tsx'
import { DateText, ProgressBar, StateTag } from '../../../web/ui/marks.tsx'
import { ReasonDialog } from '../../../web/ui/moves.tsx'
import { Empty, Failure, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Paging, Table } from '../../../web/ui/table.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import './ledgers.css'

const limit = 50
const asksPerYear = { month: 12, quarter: 4, half: 2, year: 1, once: 0 } as const

/** Reported n of N: per child unit, with the missing ones named; a level may take its figure with the gaps named. */
export default function Coverage() {
  const { t } = useTranslation('ledgers')
  const me = useMe()
  const [today] = useState(() => todayIn(Date.now()))
  const [parts, setParts] = useQueryParts()
  const forms = useQuery(q.ledgers.forms.queryOptions({ input: { limit: 200 } }))
  // Without a choice the form that is asked most often, in the newest period it is asked for.
  const asked = (forms.data?.rows ?? []).filter((one) => one.askedLast !== null).sort((a, b) => asksPerYear[b.cycle] - asksPerYear[a.cycle] || b.askedLast!.localeCompare(a.askedLast!))
  const form = forms.data?.rows.find((one) => one.code === parts.form) ?? asked[0] ?? forms.data?.rows[0]
  const unit = Number(parts.unit ?? myUnits(me, 'record.read')[0]?.id)
  if (!forms.data) return <Page title={t('coverage.title')}><Loaded query={forms}>{() => null}</Loaded></Page>
  if (!form || !unit) return <Page title={t('coverage.title')}><Empty title={t('coverage.nothing')} /></Page>
  const periods = lastPeriods(periodOf(today, form.cycle), 13).map(periodCode).reverse()
  const period = parts.period ?? periods.find((one) => one === form.askedLast) ?? periods[0]!
  return (
    <Page title={t('coverage.title')} lead={t('coverage.lead')}>
      <div className="choosers no-print">
        <Select aria-label={t('form.name')} value={form.code} options={forms.data.rows.map((one) => ({ value: one.code, label: pickWords(one.name) }))} onChange={(code) => setParts({ form: code, period: '', offset: '' })} />
        <Select aria-label={t('period')} value={period} options={periods.map((one) => ({ value: one, label: periodText(one, languageNow()) }))} onChange={(next) => setParts({ period: next, offset: '' })} />
        {parts.unit && <Button small onClick={() => history.back()}>{t('coverage.up')}</Button>}
      </div>
      <Covered unit={unit} form={form.code} period={period} offset={Number(parts.offset ?? 0)} go={setParts} />
    </Page>
  )
}

function Covered({ unit, form, period, offset, go }: { unit: number; form: string; period: string; offset: number; go: (changes: Record<string, string>) => void }) {
  const { t } = useTranslation('ledgers')
  const key = { unit, form, period }
  const coverage = useQuery(q.ledgers.coverage.queryOptions({ input: key }))
  const missing = useQuery(q.ledgers.missing.queryOptions({ input: { ...key, limit, offset } }))
  const mayTake = useMay('record.check')
  const [asking, setAsking] = useState(false)
  const [reminding, setReminding] = useState<{ units?: number[]; count: number }>()
  const take = useWrite(api.ledgers.take, {
    refresh: [q.indicators.key()],
    onSuccess: ({ reported, expected }) => {
      setAsking(false)
      toast(t('coverage.taken', { reported, expected }))
    },
  })
  return (
    <Loaded query={coverage}>
      {({ total, rows }) => (
        <>
          {total.expected === 0 ? <Empty title={t('coverage.notAsked')}>{t('coverage.notAskedNext')}</Empty> : (
            <>
              <Panel title={total.name} actions={mayTake && total.accepted < total.expected && <Button small onClick={() => setAsking(true)}>{t('coverage.take')}</Button>}>
                <ProgressBar done={total.accepted} of={total.expected} label={t('coverage.reported')} />
                {total.accepted < total.expected && <Note tone="warn">{t('coverage.partial', { reported: total.accepted, expected: total.expected })}{missing.data && missing.data.total > 0 && <> {namesOf(missing.data, t)}</>}</Note>}
              </Panel>
              <Table
                caption={t('coverage.title')} rows={rows} rowKey={(row) => row.unit}
                columns={[
                  { key: 'name', title: t('unit'), main: true, cell: (row) => (row.level < 5 ? <Button kind="quiet" small onClick={() => go({ unit: String(row.unit), offset: '' })}>{row.name}</Button> : row.name) },
                  { key: 'reported', title: t('coverage.reported'), cell: (row) => <ProgressBar done={row.accepted} of={row.expected} label={row.name} /> },
                  { key: 'submitted', title: t('state.submitted'), num: true, cell: (row) => row.submitted },
                  { key: 'sentBack', title: t('state.sentBack'), num: true, cell: (row) => row.sentBack },
                  { key: 'missing', title: t('coverage.missing'), num: true, cell: (row) => row.missing },
                  { key: 'late', title: t('late'), num: true, cell: (row) => (row.late > 0 ? <StateTag tone="bad">{row.late}</StateTag> : 0) },
                ]}
              />
              <Panel title={t('coverage.missingTitle')} actions={mayTake && missing.data && missing.data.total > 0 && <Button small onClick={() => setReminding({ count: missing.data.total })}>{t('coverage.remindAll', { count: missing.data.total })}</Button>}>
                <Loaded query={missing}>
                  {(page) => (
                    <>
                      <Table
                        caption={t('coverage.missingTitle')} rows={page.rows} rowKey={(row) => row.unit} empty={<Empty title={t('coverage.allIn')} />}
                        columns={[
                          { key: 'name', title: t('unit'), main: true, cell: (row) => row.name },
                          { key: 'parent', title: t('coverage.parent'), cell: (row) => row.parentName },
                          { key: 'state', title: t('stateTitle'), cell: (row) => t(`state.${row.state}`) },
                          { key: 'due', title: t('return.due'), cell: (row) => <><DateText date={row.due} /> {row.late && <StateTag tone="bad">{t('late')}</StateTag>}</> },
                          ...(mayTake ? [{ key: 'remind', title: t('coverage.remindOne'), acts: true, cell: (row: { unit: number }) => <Button small onClick={() => setReminding({ units: [row.unit], count: 1 })}>{t('coverage.remindOne')}</Button> }] : []),
                        ]}
                      />
                      <Paging limit={limit} offset={offset} total={page.total} onChange={(next) => go({ offset: next ? String(next) : '' })} />
                    </>
                  )}
                </Loaded>
              </Panel>
            </>
          )}
          {reminding && <Remind target={{ ...key, ...(reminding.units ? { units: reminding.units } : {}) }} count={reminding.count} onClose={() => setReminding(undefined)} />}
          <ReasonDialog
            open={asking} title={t('coverage.take')} lead={t('coverage.takeLead', { reported: total.accepted, expected: total.expected })} confirm={t('coverage.take')}
            pending={take.isPending} problem={take.error} onClose={() => setAsking(false)} onConfirm={(note) => take.mutate({ ...key, note })}
          />
        </>
      )}
    </Loaded>
  )
}

/** “缺：…”: the missing by name when they are few, the first ones and their number when they are many. */
function namesOf({ rows, total }: { rows: readonly { name: string }[]; total: number }, t: TFunction<'ledgers'>): string {
  const names = rows.slice(0, 10).map((row) => row.name).join(languageNow() === 'en' ? ', ' : '、')
  return total > 10 ? t('coverage.namedMore', { names, count: total }) : t('coverage.named', { names })
}

/** Reminds those who have not reported, with a few words. */
function Remind({ target, count, onClose }: { target: { unit: number; form: string; period: string; units?: number[] }; count: number; onClose: () => void }) {
  const { t } = useTranslation('ledgers')
  const [text, setText] = useState('')
  const remind = useWrite(api.ledgers.remind, {
    refresh: [q.inbox.key()],
    onSuccess: ({ reminded, alreadyToday }) => {
      toast(`${t('coverage.reminded', { count: reminded })}${alreadyToday > 0 ? t('coverage.alreadyToday', { count: alreadyToday }) : ''}`)
      onClose()
    },
  })
  return (
    <Dialog
      open title={t('coverage.remindTitle')} onClose={onClose}
      actions={<><Button onClick={onClose}>{t('ui:cancel')}</Button><Button kind="main" pending={remind.isPending} onClick={() => remind.mutate({ ...target, text: text.trim() })}>{t('coverage.remindOne')}</Button></>}
    >
      <p>{t('coverage.remindLead', { count })}</p>
      <Field label={t('coverage.remindText')} optional><TextArea value={text} onChange={setText} maxLength={300} rows={3} /></Field>
      <Failure problem={remind.error} />
    </Dialog>
  )
}
