import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useWaiting } from '../../../web/offline/waiting.ts'
import { usePathPart } from '../../../web/shell/address.ts'
import { useMe } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { DateText, Moment, PeriodText, StateTag } from '../../../web/ui/marks.tsx'
import { moveOf } from '../../../web/ui/moves.tsx'
import { Loaded, Loading, Note } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { checkRecord } from '../check-record.ts'
import type { ReturnPage, Submission } from '../ledgers.contract.ts'
import { FillIn } from './fill-in.tsx'
import { placeOf } from './kept-locally.ts'
import { findingWords } from './one-field.tsx'
import { UsedIn } from './used-in.tsx'
import { ValueText } from './value-text.tsx'

// Whoever fills in decides nothing; what waits on the device is seldom seen.
const Decide = lazy(() => import('./decide.tsx').then((file) => ({ default: file.Decide })))
const kept = () => import('./kept-return.tsx')
const WaitingReturn = lazy(() => kept().then((file) => ({ default: file.WaitingReturn })))
const RefusedReturn = lazy(() => kept().then((file) => ({ default: file.RefusedReturn })))

const WorkbookEntry = lazy(() => import('../../workbooks/pages/entry.tsx').then((file) => ({ default: file.WorkbookEntry })))

/** The second way to fill it in. Its part of the page comes when somebody opens it. */
function ByWorkbook(what: { unit: number; form: string; period: string }) {
  const { t } = useTranslation('ledgers')
  const [open, setOpen] = useState(false)
  return (
    <details className="panel no-print" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('return.workbook')}</summary>
      {open && <Suspense fallback={<Loading />}><WorkbookEntry {...what} /></Suspense>}
    </details>
  )
}

/** One return: a clerk fills it in, the level above reads and decides it. */
export default function ReturnRoute() {
  const input = { unit: Number(usePathPart('unit')), form: usePathPart('form'), period: usePathPart('period') }
  const page = useQuery(q.ledgers.open.queryOptions({ input, staleTime: 2_000 }))
  const { t } = useTranslation('ledgers')
  if (!page.data) return <Page title={t('return.title')} narrow><Loaded query={page}>{() => null}</Loaded></Page>
  return <OneReturn key={`${page.data.version}-${page.data.state}`} page={page.data} />
}

const stateTones = { none: 'plain', submitted: 'busy', accepted: 'good', sentBack: 'warn' } as const

function OneReturn({ page }: { page: ReturnPage }) {
  const { t } = useTranslation('ledgers')
  const fill = [moveOf(page.moves, 'submit'), moveOf(page.moves, 'correct')].find((move) => move.possible)
  const [correcting, setCorrecting] = useState(page.draft !== null)
  const filling = fill !== undefined && (page.state !== 'accepted' || correcting)
  const { account } = useMe()
  const place = placeOf(page)
  const [sending, setSending] = useState(false)
  const one = useWaiting(account).find((other) => other.place === place)
  const waits = one?.state === 'waiting' && !sending ? one : undefined
  const refused = one?.state === 'refused' && !sending ? one : undefined
  const notNow = page.state === 'submitted' ? t('state.submitted') : t('return.notYours')
  return (
    <Page
      title={pickWords(page.definition.name)}
      narrow
      crumbs={page.path.map((label) => ({ label }))}
      lead={<><PeriodText period={page.period} /> · {page.unitName}</>}
      actions={<Button kind="quiet" onClick={() => print()}>{t('print')}</Button>}
    >
      <div className="row">
        <StateTag tone={stateTones[page.state]}>{t(`state.${page.state}`)}</StateTag>
        {page.due && <span>{t('return.due')} <DateText date={page.due} /></span>}
        {page.late && <StateTag tone="bad">{t('late')}</StateTag>}
        {page.submission > 1 && <span className="faint">{t('return.nth', { n: page.submission })}</span>}
      </div>
      {page.state === 'sentBack' && page.reasons?.[''] && <Note tone="warn">{page.reasons['']}</Note>}
      {waits ? (
        <Suspense><WaitingReturn one={waits} form={page.definition} onTaken={() => setCorrecting(true)} /></Suspense>
      ) : filling ? (
        <>
          <FillIn page={page} correcting={page.state === 'accepted'} key={refused?.key ?? ''} refused={refused} onSending={setSending} />
          <ByWorkbook unit={page.unit} form={page.form} period={page.period} />
        </>
      ) : (
        <>
          {refused && <Suspense><RefusedReturn one={refused} form={page.definition} theirs={page.values} onChosen={undefined} why={notNow} /></Suspense>}
          <ReadOnly page={page} />
          {fill && <div className="row"><Button onClick={() => setCorrecting(true)}>{t('return.correct')}</Button></div>}
          {page.state === 'submitted' && <Note>{t('return.waits')}</Note>}
          {moveOf(page.moves, 'accept').why !== 'not-allowed' && <Suspense><Decide page={page} /></Suspense>}
        </>
      )}
      {page.state !== 'none' && <UsedIn unit={page.unit} form={page.form} period={page.period} />}
      <History page={page} />
    </Page>
  )
}

function ReadOnly({ page }: { page: ReturnPage }) {
  const { t } = useTranslation('ledgers')
  const { values, findings } = useMemo(() => checkRecord(page.definition, page.values, { last: page.last?.values ?? null, held: page.values }), [page])
  return (
    <>
      {page.definition.sections.map((section, at) => (
        <Panel key={at} title={pickWords(section)}>
          <dl className="facts">
            {page.definition.fields.filter((field) => field.section === at).map((field) => {
              const last = page.last?.values[field.code]
              const now = values[field.code] ?? page.values[field.code]
              const odd = findings.filter((finding) => finding.field === field.code && finding.level === 'warning')
              return (
                <div key={field.code} style={{ display: 'contents' }}>
                  <dt>{pickWords(field.name)}</dt>
                  <dd>
                    <ValueText field={field} value={now} />
                    {last !== undefined && JSON.stringify(last) !== JSON.stringify(now) && <span className="faint"> · {t('return.lastTime')} <ValueText field={field} value={last} /></span>}
                    {odd.map((finding) => <div className="faint" key={finding.code}>⚠ {findingWords(finding, t)}</div>)}
                    {page.reasons?.[field.code] && <div>{t('return.sentBackBecause')} {page.reasons[field.code]}</div>}
                  </dd>
                </div>
              )
            })}
          </dl>
        </Panel>
      ))}
    </>
  )
}

function History({ page }: { page: ReturnPage }) {
  const { t } = useTranslation('ledgers')
  const [shown, setShown] = useState<Submission>()
  if (page.history.length === 0) return null
  return (
    <Panel title={t('return.history')}>
      <ol className="stack plain-list">
        {page.history.map((one) => (
          <li key={one.submission}>
            <div className="row">
              <strong>{t('return.nth', { n: one.submission })}</strong>
              <StateTag tone={stateTones[one.state]}>{t(`state.${one.state}`)}</StateTag>
              {page.countedSubmission === one.submission && <StateTag tone="good">{t('return.counts')}</StateTag>}
              <Button small kind="quiet" onClick={() => setShown(one)}>{t('return.show')}</Button>
            </div>
            <p className="faint">
              {t('return.submittedBy', { name: one.submittedBy })} <Moment at={one.submittedAt} />
              {one.decidedBy && <> · {t('return.decidedBy', { name: one.decidedBy })} <Moment at={one.decidedAt} /></>}
            </p>
            {one.note && <p>{t('return.note')} {one.note}</p>}
            {one.reasons && <ul>{Object.entries(one.reasons).map(([field, reason]) => <li key={field}>{fieldName(page, field)}{reason}</li>)}</ul>}
          </li>
        ))}
      </ol>
      {shown && (
        <Dialog open title={t('return.nth', { n: shown.submission })} onClose={() => setShown(undefined)}>
          <dl className="facts">
            {page.definition.fields.map((field) => (
              <div key={field.code} style={{ display: 'contents' }}>
                <dt>{pickWords(field.name)}</dt>
                <dd><ValueText field={field} value={shown.values[field.code]} /></dd>
              </div>
            ))}
          </dl>
        </Dialog>
      )}
    </Panel>
  )
}

function fieldName(page: ReturnPage, code: string): string {
  const field = page.definition.fields.find((one) => one.code === code)
  return field ? `${pickWords(field.name)}：` : ''
}
