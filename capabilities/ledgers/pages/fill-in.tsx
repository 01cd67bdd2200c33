import { lazy, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { asProblem, isApiProblem, type ApiProblem } from '../../../web/api/problem.ts'
import { q, queryClient, useWrite } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import type { ToWait, Waiting } from '../../../web/offline/queue.ts'
import { lookAgain } from '../../../web/offline/waiting.ts'
import { useGo } from '../../../web/shell/address.ts'
import { useMe } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { TextArea } from '../../../web/ui/inputs.tsx'
import { Moment } from '../../../web/ui/marks.tsx'
import { Failure, Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import { checkRecord } from '../check-record.ts'
import type { ReturnPage, Values } from '../ledgers.contract.ts'
import { sameValue } from '../same-values.ts'
import { forgetLocally, keepLocally, localOf, placeOf, type KeptLocally } from './kept-locally.ts'
import { nextField } from './next-field.ts'
import { OneField } from './one-field.tsx'

// Two versions of one return are seldom seen.
const TwoVersions = lazy(() => import('./two-versions.tsx').then((file) => ({ default: file.TwoVersions })))
const kept = () => import('./kept-return.tsx')
const RefusedReturn = lazy(() => kept().then((file) => ({ default: file.RefusedReturn })))
const ChooseVersions = lazy(() => kept().then((file) => ({ default: file.ChooseVersions })))

/** What became of sending: it has left, it waits on the device to leave, or it stays with its writer, who is told why. */
export type Sent = 'sent' | 'waits' | 'stays'
/** A form among others on the page of a month: who sends all of them is told how, and when this one is sent. */
export type AmongOthers = { onSent: () => void; sender: (send: () => Promise<Sent>) => void }

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
    return sendThroughQueue(written)
  }
  const submit = async (version: number): Promise<Sent> => {
    setPending(true)
    setProblem(undefined)
    onSending(true)
    const outcome = await sendOrKeep(latest.current, version).catch((error: unknown) => ({ refused: asProblem(error) }))
    await lookAgain(account)
    setPending(false)
    onSending(false)
    if ('refused' in outcome) {
      setProblem(outcome.refused)
      return 'stays'
    }
    await forgetLocally(key)
    const waits = 'waits' in outcome
    if (!waits) await Promise.all([q.ledgers.key(), q.inbox.key(), q.lists.key()].map((queryKey) => queryClient.invalidateQueries({ queryKey })))
    if (among) among.onSent()
    else toast(t(waits ? 'return.waitsHere' : 'return.sent'))
    if (!among && !waits) go('/')
    return waits ? 'waits' : 'sent'
  }
  const send = async (version = page.version): Promise<Sent> => {
    setTried(true)
    if (errors.length > 0 || (correcting && note.trim() === '')) {
      requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
      return 'stays'
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
        <Suspense><TwoVersions
          lead={t('stale.submitted', { state: t(`state.${String(late.facts.state ?? 'none')}`) })} fields={page.definition.fields} mine={values} theirs={valuesIn(late)}
          mineTitle={t('stale.mine')} theirsTitle={t('stale.now')}
        >
          {late.facts.state !== 'submitted' && late.facts.state !== 'accepted' && <Button small pending={pending} onClick={() => void send(Number(late.facts.theirs))}>{t('stale.sendMine')}</Button>}
          <Button small onClick={() => { void forgetLocally(key); void queryClient.invalidateQueries({ queryKey: q.ledgers.key() }) }}>{t('stale.look')}</Button>
        </TwoVersions></Suspense>
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
