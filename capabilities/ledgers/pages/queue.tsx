import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { pickWords, problemText } from '../../../web/i18n.ts'
import { ApiProblem } from '../../../web/api/problem.ts'
import type { ProblemCode } from '../../../rules/problem.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Select, Tick } from '../../../web/ui/inputs.tsx'
import { Moment, PeriodText, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Failure, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { Paging } from '../../../web/ui/table.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { QueueRow } from '../ledgers.contract.ts'
import { SendBack } from './decide.tsx'
import { ValueText } from './value-text.tsx'
import './ledgers.css'

const limit = 50
const keyOf = (row: Pick<QueueRow, 'unit' | 'form' | 'period'>) => `${row.unit}:${row.form}:${row.period}`

/** Returns that wait for a decision: what changed, what looks odd; many are accepted at once. */
export default function Queue() {
  const { t } = useTranslation('ledgers')
  const [parts, setParts] = useQueryParts()
  const offset = Number(parts.offset ?? 0)
  const only = (parts.only ?? 'all') as 'all'
  const queue = useQuery(q.ledgers.queue.queryOptions({
    input: { only, limit, offset, ...(parts.form ? { form: parts.form } : {}), ...(parts.period ? { period: parts.period } : {}), ...(parts.unit ? { unit: Number(parts.unit) } : {}) },
  }))
  const forms = useQuery(q.ledgers.forms.queryOptions({ input: { limit: 200 } }))
  return (
    <Page title={t('queue.title')} lead={t('queue.lead')}>
      <div className="choosers no-print">
        <Select aria-label={t('form.name')} value={parts.form ?? ''} empty={t('queue.allForms')} options={(forms.data?.rows ?? []).map((form) => ({ value: form.code, label: pickWords(form.name) }))} onChange={(form) => setParts({ form, offset: '' })} />
        <Select aria-label={t('queue.filter')} value={only} options={(['all', 'odd', 'plain'] as const).map((value) => ({ value, label: t(`queue.${value}`) }))} onChange={(value) => setParts({ only: value === 'all' ? '' : value, offset: '' })} />
      </div>
      <Loaded query={queue}>
        {({ rows, total }) => (
          <>
            {rows.length === 0 ? <Empty title={t('queue.nothing')}>{t('queue.nothingNext')}</Empty> : <Rows rows={rows} />}
            <Paging limit={limit} offset={offset} total={total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Rows({ rows }: { rows: readonly QueueRow[] }) {
  const { t } = useTranslation('ledgers')
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [back, setBack] = useState<QueueRow>()
  const [refused, setRefused] = useState<{ name: string; text: string }[]>([])
  const accept = useWrite(api.ledgers.acceptMany, {
    refresh: [q.ledgers.key(), q.indicators.key(), q.inbox.key(), q.lists.key()],
    onSuccess: ({ done, rows: outcome }) => {
      if (done > 0) toast(t('queue.accepted', { count: done }))
      setChosen(new Set())
      setRefused(
        outcome.filter((one) => one.code).map((one) => ({
          name: rows.find((row) => row.unit === one.unit)?.unitName ?? String(one.unit),
          text: problemText(new ApiProblem(one.code as ProblemCode, { facts: one.facts })),
        })),
      )
    },
  })
  const definition = useQuery({ ...q.ledgers.form.queryOptions({ input: { code: back?.form ?? '' } }), enabled: back !== undefined })
  const may = rows.filter((row) => !row.own)
  const toggle = (row: QueueRow) => {
    const next = new Set(chosen)
    if (!next.delete(keyOf(row))) next.add(keyOf(row))
    setChosen(next)
  }
  const acceptChosen = async (these: readonly QueueRow[]) => {
    // One request takes one form and period; the rows may be of several, one after the other.
    for (const group of Map.groupBy(these, (row) => `${row.form}:${row.period}`).values()) {
      const { form, period } = group[0]!
      await accept.mutateAsync({ form, period, rows: group.map(({ unit, version }) => ({ unit, version })) }).catch(() => undefined) // shown by Failure
    }
  }
  const plain = may.filter((row) => row.odd.length === 0)
  return (
    <div className="stack">
      <div className="row spread no-print">
        <div className="row">
          <Button small onClick={() => setChosen(new Set(plain.map(keyOf)))}>{t('queue.choosePlain', { count: plain.length })}</Button>
          <Button small onClick={() => setChosen(new Set(may.map(keyOf)))}>{t('queue.chooseAll', { count: may.length })}</Button>
          {chosen.size > 0 && <Button small kind="quiet" onClick={() => setChosen(new Set())}>{t('queue.chooseNone')}</Button>}
        </div>
        <Button kind="main" pending={accept.isPending} disabled={chosen.size === 0} onClick={() => void acceptChosen(rows.filter((row) => chosen.has(keyOf(row))))}>
          {t('queue.acceptChosen', { count: chosen.size })}
        </Button>
      </div>
      <Failure problem={accept.error} />
      {refused.length > 0 && <Note tone="warn"><ul>{refused.map((one) => <li key={one.name}>{one.name}：{one.text}</li>)}</ul></Note>}
      <ul className="stack plain-list">
        {rows.map((row) => (
          <li className="panel stack" key={keyOf(row)}>
            <div className="row spread">
              <Tick checked={chosen.has(keyOf(row))} disabled={row.own} onChange={() => toggle(row)}>
                <strong>{row.unitName}</strong> <span className="faint">{row.parentName}</span> · {pickWords(row.formName)} · <PeriodText period={row.period} />
              </Tick>
              <div className="row">
                {row.late && <StateTag tone="bad">{t('late')}</StateTag>}
                {row.submission > 1 && <StateTag>{t('return.nth', { n: row.submission })}</StateTag>}
                {row.odd.length > 0 && <StateTag tone="warn">{t('queue.oddCount', { count: row.odd.length })}</StateTag>}
              </div>
            </div>
            <p className="faint">{t('return.submittedBy', { name: row.submittedBy })} <Moment at={row.submittedAt} />{row.own && <> · {t('queue.own')}</>}</p>
            {row.first ? <p className="soft">{t('queue.first')}</p> : row.changes.length === 0 ? <p className="soft">{t('queue.unchanged')}</p> : (
              <ul className="changes">
                {row.changes.map((change) => (
                  <li key={change.field} className={row.odd.some((finding) => finding.field === change.field) ? 'odd' : undefined}>
                    {pickWords(change.name)}：<ValueText field={{ type: change.type, unit: change.unit, choices: null, columns: null }} value={change.from} /> → <ValueText field={{ type: change.type, unit: change.unit, choices: null, columns: null }} value={change.to} />
                    {change.percent !== null && <span className="number"> （{Number(change.percent) > 0 ? '+' : ''}{change.percent}%）</span>}
                  </li>
                ))}
              </ul>
            )}
            {row.odd.length > 0 && <Note tone="warn"><ul>{row.odd.map((finding, at) => <li key={at}>{finding.message ? pickWords(finding.message) : t(`finding.${finding.code}`, finding.facts)}</li>)}</ul></Note>}
            {row.note && <p>{t('return.note')} {row.note}</p>}
            <div className="row end no-print">
              <Link to={`/returns/${row.unit}/${row.form}/${row.period}`}>{t('queue.open')}</Link>
              <Button small disabled={row.own} onClick={() => setBack(row)}>{t('decide.sendBack')}</Button>
              <Button small disabled={row.own} pending={accept.isPending} onClick={() => void acceptChosen([row])}>{t('decide.accept')}</Button>
            </div>
          </li>
        ))}
      </ul>
      {back && definition.data && <SendBack target={back} fields={definition.data.definition.fields} odd={[...new Set(back.odd.map((finding) => finding.field))]} onClose={() => setBack(undefined)} />}
    </div>
  )
}
