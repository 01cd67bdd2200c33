import { useQuery } from '@tanstack/react-query'
import type { TFunction } from 'i18next'
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { asProblem, isApiProblem, type ApiProblem } from '../../../web/api/problem.ts'
import { q, queryClient, useWrite } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import type { ToWait, Waiting } from '../../../web/offline/queue.ts'
import { lookAgain, useWaiting } from '../../../web/offline/waiting.ts'
import { useGo, usePathPart } from '../../../web/shell/address.ts'
import { useMe } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { TextArea } from '../../../web/ui/inputs.tsx'
import { DateText, Moment, PeriodText, StateTag } from '../../../web/ui/marks.tsx'
import { moveOf } from '../../../web/ui/moves.tsx'
import { Failure, Loaded, Loading, Note } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import { checkRecord } from '../check-record.ts'
import type { ResolvedField } from '../form-definition.ts'
import type { FieldFinding, ReturnPage, Submission, Values } from '../ledgers.contract.ts'
import { Decide } from './decide.tsx'
import { sameValue } from '../same-values.ts'
import { forgetLocally, keepLocally, localOf, type KeptLocally } from './kept-locally.ts'
import { nextField } from './next-field.ts'
import { TwoVersions } from './two-versions.tsx'
import { UsedIn } from './used-in.tsx'
import { ValueInput } from './value-input.tsx'
import { ValueText } from './value-text.tsx'

// What waits on the device, and two versions of one return, are seldom seen.
const kept = () => import('./kept-return.tsx')
const WaitingReturn = lazy(() => kept().then((file) => ({ default: file.WaitingReturn })))
const RefusedReturn = lazy(() => kept().then((file) => ({ default: file.RefusedReturn })))
const ChooseVersions = lazy(() => kept().then((file) => ({ default: file.ChooseVersions })))

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
          <Decide page={page} />
        </>
      )}
      {page.state !== 'none' && <UsedIn unit={page.unit} form={page.form} period={page.period} />}
      <History page={page} />
    </Page>
  )
}

const placeOf = ({ unit, form, period }: ReturnPage) => `/returns/${unit}/${form}/${period}`

/** A form among others on the page of a month: who sends all of them is told how, and when this one is sent. */
export type AmongOthers = { onSent: () => void; sender: (send: () => Promise<boolean>) => void }

/** The fields of one return with its checks and its sending; alone on its page, or `among` others. */
export function FillIn({ page, correcting, among, refused, onSending = () => undefined }: {
  page: ReturnPage
  correcting: boolean
  among?: AmongOthers
  /** What was sent from this device and not accepted: filling in goes on from it. */
  refused?: Waiting | undefined
  onSending?: (sending: boolean) => void
}) {
  const { account } = useMe()
  const place = placeOf(page)
  const { t } = useTranslation('ledgers')
  const go = useGo()
  const { unit, form, period } = page
  const key = `${account}${place}`
  const [values, setValues] = useState<Values>(() => (refused ? { ...page.values, ...(refused.input.values as Values) } : page.values))
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const [tried, setTried] = useState(false)
  const [note, setNote] = useState(() => String(refused?.input.note ?? ''))
  const [local, setLocal] = useState<KeptLocally>()
  const [resumed, setResumed] = useState(false)
  const draftVersion = useRef(page.draft?.version ?? 0)
  const [saved, setSaved] = useState<string | null>(page.draft?.savedAt ?? null)
  const [unsaved, setUnsaved] = useState(false)

  const asked = page.definition.fields.filter((field) => field.kind === 'asks')
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const latest = useRef(values)
  const held = useMemo(() => Object.fromEntries(page.definition.fields.filter((field) => field.kind === 'shows').map((field) => [field.code, page.values[field.code]])), [page])
  const { values: checked, findings } = useMemo(() => checkRecord(page.definition, values, { last: page.last?.values ?? null, held }), [page, values, held])
  const errors = findings.filter((finding) => finding.level === 'error')

  const save = useWrite(api.ledgers.saveDraft)
  const lastSent = useRef<Values>(undefined)
  const keep = (next: Values) => void keepLocally(key, { values: next, at: Date.now(), draftVersion: draftVersion.current, recordVersion: page.version, formVersion: page.definition.version })
  function saveNow(next: Values) {
    keep(next)
    const before = lastSent.current
    lastSent.current = next
    save.mutate(
      { unit, form, period, formVersion: page.definition.version, values: next, version: draftVersion.current },
      {
        onSuccess: ({ version, savedAt }) => {
          draftVersion.current = version
          setSaved(savedAt)
          setUnsaved(false)
          keep(latest.current)
        },
        onError: (problem) => {
          // The answer to the last saving was lost on the way: what stands there is my own.
          if (!isApiProblem(problem, 'stale-version') || !before || !sameValue(problem.facts.values, before)) return
          draftVersion.current = Number(problem.facts.theirs)
          saveNow(latest.current)
        },
      },
    )
  }
  const change = (code: string, value: unknown) => {
    const next = { ...latest.current, [code]: value }
    latest.current = next
    setValues(next)
    setTouched((before) => new Set(before).add(code))
    setUnsaved(true)
    keep(next)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => saveNow(latest.current), 1_500)
  }
  const fillWith = (next: Values) => {
    latest.current = next
    setValues(next)
    setLocal(undefined)
    setTouched(new Set(Object.keys(next)))
    saveNow(next)
  }

  // What this device kept goes on where it was left, as long as nobody saved in between; otherwise both are shown.
  const started = useRef(false)
  useEffect(() => {
    if (refused || started.current) return
    started.current = true
    void localOf(key).then((found) => {
      if (!found || asked.every(({ code }) => sameValue(found.values[code], page.values[code]))) return
      const nobodySince = found.recordVersion === page.version && found.draftVersion >= (page.draft?.version ?? 0)
      if (!nobodySince) return setLocal(found)
      const next = { ...page.values, ...found.values }
      latest.current = next
      setValues(next)
      setResumed(true)
      setUnsaved(true)
      timer.current = setTimeout(() => saveNow(latest.current), 1_500)
    })
  })

  useEffect(() => () => clearTimeout(timer.current), [])
  useEffect(() => {
    if (!unsaved) return undefined
    const again = () => saveNow(latest.current)
    addEventListener('online', again)
    return () => removeEventListener('online', again)
  })

  // What is submitted goes through the device's queue: it leaves once, with a line or when there is one again.
  const [problem, setProblem] = useState<ApiProblem>()
  const [pending, setPending] = useState(false)
  const sendOrKeep = async (sent: Values, version: number) => {
    const [{ sendThroughQueue }, { returnWords }] = await Promise.all([import('../../../web/offline/queue.ts'), import('./value-words.ts')])
    const files = asked.filter((field) => field.type === 'file').flatMap((field) => (Array.isArray(sent[field.code]) ? (sent[field.code] as { id: string }[]).map((file) => file.id) : []))
    const written: ToWait = {
      account, act: 'ledgers.submit', place, title: page.definition.name, where: page.unitName, period, files,
      text: returnWords(page.definition, `${pickWords(page.definition.name)} ${page.unitName} ${period}`, sent, t),
      input: { unit, form, period, formVersion: page.definition.version, values: sent, version, ...(note.trim() ? { note: note.trim() } : {}) },
    }
    return sendThroughQueue(written, navigator.onLine ? 15_000 : 1_500)
  }
  /** @returns whether it has left, or waits on the device to leave */
  const submit = async (version: number): Promise<boolean> => {
    setPending(true)
    setProblem(undefined)
    onSending(true)
    const outcome = await sendOrKeep(latest.current, version).catch((error: unknown) => ({ refused: asProblem(error) }))
    await lookAgain(account)
    setPending(false)
    onSending(false)
    if ('refused' in outcome) {
      setProblem(outcome.refused)
      return false
    }
    await forgetLocally(key)
    if ('waits' in outcome) toast(t('return.waitsHere'))
    else await Promise.all([q.ledgers.key(), q.inbox.key(), q.lists.key()].map((queryKey) => queryClient.invalidateQueries({ queryKey })))
    if (among) among.onSent()
    else if ('sent' in outcome) {
      toast(t('return.sent'))
      go('/')
    }
    return true
  }
  /** @returns whether it is sent */
  const send = async (version = page.version) => {
    setTried(true)
    if (errors.length > 0 || (correcting && note.trim() === '')) {
      requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
      return false
    }
    clearTimeout(timer.current)
    return submit(version)
  }
  useEffect(() => among?.sender(() => send()))
  const stale = isApiProblem(save.error, 'stale-version') ? save.error : undefined
  const late = isApiProblem(problem, 'stale-version') && problem.facts.what !== 'form' ? problem : undefined
  const warnings = findings.filter((finding) => finding.level === 'warning')

  return (
    <form
      className="stack"
      noValidate
      onKeyDown={nextField}
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      {refused && (
        <Suspense>
          <RefusedReturn one={refused} form={page.definition} theirs={refused.problem?.code === 'stale-version' && page.state !== 'none' ? page.values : undefined} onChosen={fillWith} why="" />
        </Suspense>
      )}
      {resumed && <Note>{t('return.resumed')}</Note>}
      {local && (
        <Note tone="warn">
          <p>{t('return.localFound')} <Moment at={new Date(local.at).toISOString()} /></p>
          <Suspense><ChooseVersions form={page.definition} mine={local.values} theirs={page.values} onChosen={fillWith} /></Suspense>
          <Button small kind="quiet" onClick={() => { void forgetLocally(key); setLocal(undefined) }}>{t('return.localDrop')}</Button>
        </Note>
      )}
      {stale && (
        <Note tone="warn">
          <p>{t('return.staleDraft')}</p>
          <Suspense>
            <ChooseVersions
              form={page.definition} mine={values} theirs={valuesIn(stale)}
              onChosen={(next) => { draftVersion.current = Number(stale.facts.theirs); save.reset(); fillWith(next) }}
            />
          </Suspense>
        </Note>
      )}
      {page.definition.sections.map((section, at) => (
        <Panel key={at} title={pickWords(section)}>
          {page.definition.fields.filter((field) => field.section === at).map((field) => (
            <OneField
              key={field.code} field={field} page={page} value={field.kind === 'asks' ? values[field.code] : checked[field.code]}
              findings={findings.filter((finding) => finding.field === field.code && (finding.level === 'warning' || tried || (touched.has(field.code) && finding.code !== 'required')))}
              reason={touched.has(field.code) ? undefined : page.reasons?.[field.code]}
              onChange={(value) => change(field.code, value)}
            />
          ))}
        </Panel>
      ))}
      {(correcting || warnings.length > 0) && (
        <Field label={correcting ? t('return.why') : t('return.noteForChecker')} required={correcting} optional={!correcting} hint={correcting ? t('return.whyHint') : t('return.noteHint')} error={tried && correcting && note.trim() === '' ? t('return.whyMissing') : undefined}>
          <TextArea value={note} onChange={setNote} maxLength={500} rows={2} />
        </Field>
      )}
      {tried && errors.length > 0 && <Note tone="bad">{t('return.errors', { count: errors.length })}</Note>}
      {late ? (
        <TwoVersions
          lead={t('stale.submitted', { state: t(`state.${String(late.facts.state ?? 'none')}`) })} fields={page.definition.fields} mine={values} theirs={valuesIn(late)}
          mineTitle={t('stale.mine')} theirsTitle={t('stale.now')}
        >
          {late.facts.state !== 'submitted' && late.facts.state !== 'accepted' && <Button small pending={pending} onClick={() => void send(Number(late.facts.theirs))}>{t('stale.sendMine')}</Button>}
          <Button small onClick={() => { void forgetLocally(key); void queryClient.invalidateQueries({ queryKey: q.ledgers.key() }) }}>{t('stale.look')}</Button>
        </TwoVersions>
      ) : <Failure problem={problem} />}
      <div className="row spread no-print">
        <span className="faint" role="status">
          {save.isPending ? t('return.saving') : save.error && !stale ? t('return.keptHere') : unsaved ? t('return.unsaved') : saved ? <>{t('return.savedAt')} <Moment at={saved} /></> : t('return.autosave', { minutes: page.definition.minutes })}
        </span>
        <Button kind="main" type="submit" pending={pending}>{correcting ? t('return.sendCorrection') : t('return.send')}</Button>
      </div>
    </form>
  )
}

/** What the other one saved, as the refusal carries it. */
const valuesIn = (problem: ApiProblem) => (problem.facts.values ?? {}) as Record<string, unknown>

/** One field as the village fills it in; the designer's preview shows the same. */
export function OneField({ field, page, value, findings, reason, onChange }: {
  field: ResolvedField
  page: ReturnPage
  value: unknown
  findings: readonly FieldFinding[]
  reason: string | undefined
  onChange: (value: unknown) => void
}) {
  const { t } = useTranslation('ledgers')
  const origin = page.origins[field.code]
  const error = findings.filter((finding) => finding.level === 'error').map((finding) => findingWords(finding, t)).join(' ')
  const warning = findings.filter((finding) => finding.level === 'warning').map((finding) => findingWords(finding, t)).join(' ')
  const hint = (
    <>
      {field.help ? <span>{pickWords(field.help)} </span> : field.definition && <span>{pickWords(field.definition)} </span>}
      {origin && <span className="faint">{origin.from === 'held' ? t('return.fromHeld', { form: pickWords(origin.formName) }) : t('return.fromLast')} <PeriodText period={origin.period} /></span>}
    </>
  )
  if (field.kind !== 'asks') {
    return (
      <div className="field">
        <span className="label">{pickWords(field.name)}<span className="may">{field.kind === 'computed' ? t('return.computed') : t('return.heldAlready')}</span></span>
        <div className="hint">{hint}</div>
        <output><ValueText field={field} value={value} /></output>
      </div>
    )
  }
  const last = page.last?.values[field.code]
  return (
    <>
      <Field
        label={pickWords(field.name)} required={field.required} optional={!field.required} hint={hint}
        group={field.type === 'yesNo' || field.type === 'table' || (field.type === 'choice' && (field.choices?.length ?? 0) <= 6)}
        error={error || undefined}
      >
        <ValueInput field={field} value={value} onChange={onChange} unit={page.unit} />
      </Field>
      {reason && <Note tone="warn">{t('return.sentBackBecause')} {reason}</Note>}
      {warning && <Note tone="warn">{warning}</Note>}
      {last !== undefined && JSON.stringify(last) !== JSON.stringify(value) && <p className="faint">{t('return.lastTime')} <ValueText field={field} value={last} /></p>}
    </>
  )
}

function findingWords(finding: FieldFinding, t: TFunction<'ledgers'>): string {
  return finding.message ? pickWords(finding.message) : t(`finding.${finding.code}`, { ...finding.facts })
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
      <ol className="stack">
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
