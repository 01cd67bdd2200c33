import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { pickWords, problemText } from '../../../web/i18n.ts'
import { ApiProblem, isApiProblem } from '../../../web/api/problem.ts'
import type { ProblemCode } from '../../../rules/problem.ts'
import { useQueued } from '../../../web/offline/use-queued.ts'
import { useWaiting } from '../../../web/offline/waiting.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { useMe } from '../../../web/shell/me.ts'
import { Button, ButtonLink } from '../../../web/ui/button.tsx'
import { Select, Tick } from '../../../web/ui/inputs.tsx'
import { Moment, PeriodText, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Failure, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { Paging } from '../../../web/ui/table.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { QueueRow } from '../ledgers.contract.ts'
import { SendBack } from './decide.tsx'
import { StaleDecision, type StaleTarget } from './stale-decision.tsx'
import { placeOfDecision } from './use-decision.ts'
import { ValueText } from './value-text.tsx'
import './ledgers.css'

// What waits on the device is seldom seen.
const KeptHere = lazy(() => import('../../../web/offline/kept-here.tsx').then((file) => ({ default: file.KeptHere })))

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
            <Rows rows={rows} />
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
  // Rows as they were seen; the list itself goes on with what is there now.
  const [stale, setStale] = useState<{ row: QueueRow; target: StaleTarget }[]>([])
  const accept = useWrite(api.ledgers.acceptMany, {
    refresh: [q.ledgers.key(), q.indicators.key(), q.inbox.key(), q.lists.key()],
    onSuccess: ({ done, rows: outcome }, { form, period }) => {
      if (done > 0) toast(t('queue.accepted', { count: done }))
      setChosen(new Set())
      const seen = (unit: number) => rows.find((row) => keyOf(row) === keyOf({ unit, form, period }))
      const isStale = (one: (typeof outcome)[number]) => one.code === 'stale-version' && seen(one.unit) !== undefined
      setRefused((before) => [...before, ...outcome.filter((one) => one.code && !isStale(one)).map((one) => ({
        name: seen(one.unit)?.unitName ?? String(one.unit),
        text: problemText(new ApiProblem(one.code as ProblemCode, { facts: one.facts })),
      }))])
      setStale((before) => [...before, ...outcome.filter(isStale).map(({ unit, facts }) => {
        const row = seen(unit)!
        return { row, target: { unit, form, period, submission: row.submission, facts } }
      })])
    },
  })
  const definition = useQuery({ ...q.ledgers.form.queryOptions({ input: { code: back?.form ?? '' } }), enabled: back !== undefined })
  const kept = useWaiting(useMe().account)
  const keptOf = (row: QueueRow) => kept.find((one) => one.place === placeOfDecision(row) && one.state === 'waiting')
  const may = rows.filter((row) => !row.own && !keptOf(row))
  const notAccepted = kept.filter((one) => one.place.endsWith('#decide') && one.state === 'refused')
  const toggle = (row: QueueRow) => {
    const next = new Set(chosen)
    if (!next.delete(keyOf(row))) next.add(keyOf(row))
    setChosen(next)
  }
  const queued = useQueued()
  const waitToAccept = async ({ unit, form, period, version, formName, unitName }: QueueRow) => {
    await queued.send({ act: 'ledgers.accept', place: placeOfDecision({ unit, form, period }), title: formName, where: unitName, period, files: [], text: '', input: { unit, form, period, version } })
    accept.reset()
    setChosen(new Set())
  }
  const acceptChosen = async (these: readonly QueueRow[]) => {
    setRefused([])
    setStale([])
    // One request takes one form and period; the rows may be of several, one after the other.
    for (const group of Map.groupBy(these, (row) => `${row.form}:${row.period}`).values()) {
      const { form, period } = group[0]!
      const lost = !navigator.onLine || (await accept.mutateAsync({ form, period, rows: group.map(({ unit, version }) => ({ unit, version })) }).then(() => false, (error: unknown) => isApiProblem(error, 'offline')))
      // Without a line each waits on the device by itself, and leaves with it; other problems are shown by Failure.
      if (lost) for (const row of group) await waitToAccept(row)
    }
  }
  const plain = may.filter((row) => row.odd.length === 0)
  return (
    <div className="stack">
      {rows.length === 0 && <Empty title={t('queue.nothing')}>{t('queue.nothingNext')}</Empty>}
      {rows.length > 0 && <div className="row spread no-print">
        <div className="row">
          <Button small onClick={() => setChosen(new Set(plain.map(keyOf)))}>{t('queue.choosePlain', { count: plain.length })}</Button>
          <Button small onClick={() => setChosen(new Set(may.map(keyOf)))}>{t('queue.chooseAll', { count: may.length })}</Button>
          {chosen.size > 0 && <Button small kind="quiet" onClick={() => setChosen(new Set())}>{t('queue.chooseNone')}</Button>}
        </div>
        <Button kind="main" pending={accept.isPending} disabled={chosen.size === 0} onClick={() => void acceptChosen(rows.filter((row) => chosen.has(keyOf(row))))}>
          {t('queue.acceptChosen', { count: chosen.size })}
        </Button>
      </div>}
      <Failure problem={isApiProblem(accept.error, 'offline') ? queued.problem : (accept.error ?? queued.problem)} />
      {notAccepted.length > 0 && <Suspense><KeptHere rows={notAccepted} /></Suspense>}
      {refused.length > 0 && <Note tone="warn"><ul>{refused.map((one) => <li key={one.name}>{one.name}：{one.text}</li>)}</ul></Note>}
      {stale.map(({ row, target }) => (
        <section key={keyOf(row)} aria-label={row.unitName}>
          <p><strong>{row.unitName}</strong> · {pickWords(row.formName)} · <PeriodText period={row.period} /></p>
          <StaleDecision target={target}>
            <ButtonLink small to={`/returns/${row.unit}/${row.form}/${row.period}`}>{t('stale.look')}</ButtonLink>
            <Button small kind="quiet" onClick={() => setStale(stale.filter((one) => one.row !== row))}>{t('stale.done')}</Button>
          </StaleDecision>
        </section>
      ))}
      <ul className="stack plain-list">
        {rows.map((row) => (
          <li className="panel stack" key={keyOf(row)}>
            <div className="row spread">
              <Tick checked={chosen.has(keyOf(row))} disabled={row.own || keptOf(row) !== undefined} onChange={() => toggle(row)}>
                <strong>{row.unitName}</strong> <span className="faint">{row.parentName}</span> · {pickWords(row.formName)} · <PeriodText period={row.period} />
              </Tick>
              <div className="row">
                {keptOf(row) && <StateTag tone="busy">{t('state.waitsHere')}</StateTag>}
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
              <Button small disabled={row.own || keptOf(row) !== undefined} onClick={() => setBack(row)}>{t('decide.sendBack')}</Button>
              <Button small disabled={row.own || keptOf(row) !== undefined} pending={accept.isPending || queued.pending} onClick={() => void acceptChosen([row])}>{t('decide.accept')}</Button>
            </div>
          </li>
        ))}
      </ul>
      {back && definition.data && <SendBack target={back} fields={definition.data.definition.fields} odd={[...new Set(back.odd.map((finding) => finding.field))]} onClose={() => setBack(undefined)} />}
    </div>
  )
}
