import { lazy, Suspense, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { MoveNow } from '../../endpoint.ts'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { useMay } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { DateInput, NumberInput, TextArea } from '../../../web/ui/inputs.tsx'
import { DateText } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf, ReasonDialog } from '../../../web/ui/moves.tsx'
import { Failure, Loading } from '../../../web/ui/notes.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { Task } from '../lists.contract.ts'
import { whyNot } from './list-marks.tsx'
import { useTaskWords, type Words } from './task-words.ts'

const LazyFileInput = lazy(() => import('../../ledgers/pages/file-input.tsx').then((file) => ({ default: file.FileInput })))
const FileInput = (given: Parameters<typeof LazyFileInput>[0]) => <Suspense fallback={<Loading />}><LazyFileInput {...given} /></Suspense>

const fresh = () => [q.lists.key(), q.inbox.key(), q.ledgers.key()]
type Asking = 'work' | 'report' | 'verify' | 'sendBack' | 'cancel' | 'askDeferral'

/** A move is shown when it can be made, or when its refusal tells the person something they can act on. */
const tells = (move: MoveNow) => move.possible || move.why === 'same-person' || move.why === 'children-open'

/** What the unit and the level above can do about a task now, each with its dialog. */
export function TaskMoves({ task, waits }: {
  task: Task
  /** What waits on this device: there is no second one of its kind. */
  waits: { report: boolean; check: boolean }
}) {
  const { t } = useTranslation('lists')
  const mayWork = useMay('task.work')
  const mayCheck = useMay('task.check')
  const [asking, setAsking] = useState<Asking>()
  const of = (name: string) => moveOf(task.moves, name)
  const key = { task: task.id, version: task.version }
  const done = (said: string) => ({
    refresh: fresh(),
    onSuccess: () => {
      setAsking(undefined)
      toast(t(`moved.${said}`))
    },
  })
  const sign = useWrite(api.lists.sign, done('sign'))
  const close = useWrite(api.lists.close, done('close'))
  const cancel = useWrite(api.lists.cancel, done('cancel'))

  const acts: Record<string, { go: () => void; pending?: boolean; kind?: 'main' | 'danger' }> = {
    sign: { go: () => sign.mutate(key), pending: sign.isPending, kind: 'main' },
    work: { go: () => setAsking('work') },
    report: { go: () => setAsking('report'), kind: 'main' },
    askDeferral: { go: () => setAsking('askDeferral') },
    cancel: { go: () => setAsking('cancel') },
    sendBack: { go: () => setAsking('sendBack') },
    close: { go: () => close.mutate(key), pending: close.isPending, kind: 'main' },
    verify: { go: () => setAsking('verify'), kind: 'main' },
  }
  const group = (names: readonly string[], may: boolean) => {
    const moves = names.map(of).filter((move) => move.why !== 'not-allowed' && move.why !== 'follows-form')
    // One side's buttons stand together as long as one of them can be pressed; otherwise only what explains itself.
    return !may ? [] : moves.some((move) => move.possible) ? moves : moves.filter(tells)
  }
  const working = waits.report ? [] : group(['askDeferral', 'work', 'sign', 'report'], mayWork)
  const checking = waits.check ? [] : group(['cancel', 'sendBack', 'close', 'verify'], mayCheck)
  const button = (move: MoveNow) => {
    const act = acts[move.move]!
    return (
      <MoveButton
        key={move.move} move={move} label={t(`move.${move.move}`)} kind={move.possible ? act.kind : undefined} pending={act.pending} onGo={act.go}
        stateName={(state) => t(`taskState.${state}`)} why={whyNot(move, t)}
      />
    )
  }
  const shut = () => setAsking(undefined)
  return (
    <>
      <Failure problem={sign.error ?? close.error} />
      {working.length > 0 && <div className="row end no-print" role="group" aria-label={t('task.working')}>{working.map(button)}</div>}
      {checking.length > 0 && <div className="row end no-print" role="group" aria-label={t('task.checking')}>{checking.map(button)}</div>}
      {asking === 'work' && <WorkDialog task={task} onClose={shut} />}
      {asking === 'report' && <ReportDialog task={task} onClose={shut} />}
      {asking === 'verify' && <VerifyDialog task={task} onClose={shut} />}
      {asking === 'sendBack' && <SendBackDialog task={task} onClose={shut} />}
      {asking === 'askDeferral' && <DeferralDialog task={task} onClose={shut} />}
      <ReasonDialog open={asking === 'cancel'} danger title={t('move.cancel')} lead={t('moveLead.cancel', { unit: task.unitName })} confirm={t('move.cancel')} pending={cancel.isPending} problem={cancel.error} onClose={shut} onConfirm={(reason) => cancel.mutate({ ...key, reason })} />
    </>
  )
}

function MoveDialog({ title, lead, confirm, pending, problem, onClose, onSend, children }: {
  title: string
  lead?: ReactNode
  confirm: string
  pending: boolean
  problem: unknown
  onClose: () => void
  onSend: () => void
  children: ReactNode
}) {
  const { t } = useTranslation('lists')
  return (
    <Dialog open title={title} onClose={onClose} actions={<><Button onClick={onClose}>{t('cancel')}</Button><Button kind="main" pending={pending} onClick={onSend}>{confirm}</Button></>}>
      {lead && <p>{lead}</p>}
      {children}
      <Failure problem={problem} />
    </Dialog>
  )
}

function useTaskWrite<Input>(endpoint: Parameters<typeof useWrite<Input, Task, unknown>>[0], said: string, onClose: () => void) {
  const { t } = useTranslation('lists')
  return useWrite(endpoint, {
    refresh: fresh(),
    onSuccess: () => {
      toast(t(said))
      onClose()
    },
  })
}

function WorkDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const { t } = useTranslation('lists')
  const [progress, setProgress] = useState(String(task.progress))
  const [note, setNote] = useState('')
  const [tried, setTried] = useState(false)
  const work = useTaskWrite(api.lists.work, 'moved.work', onClose)
  const fits = /^\d{1,3}$/.test(progress) && Number(progress) <= 100
  const send = () => {
    setTried(true)
    if (fits) work.mutate({ task: task.id, version: task.version, progress: Number(progress), note: note.trim() })
  }
  return (
    <MoveDialog title={t('move.work')} confirm={t('save')} pending={work.isPending} problem={work.error} onClose={onClose} onSend={send}>
      <Field label={t('task.progress')} required error={tried && !fits ? t('task.progressFault') : errorAt(work.error, 'progress')}><NumberInput value={progress} onChange={setProgress} whole unit="%" readBack={false} /></Field>
      <Field label={t('task.note')} optional><TextArea value={note} onChange={setNote} maxLength={500} rows={3} /></Field>
    </MoveDialog>
  )
}

function ReportDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const { t } = useTranslation('lists')
  const [tried, setTried] = useState(false)
  const { words, setWords, send: put, pending, problem } = useTaskWords(task, 'lists.report', onClose, { text: task.result ?? '', files: [] })
  const result = words.text
  const send = () => {
    setTried(true)
    if (result.trim() !== '') void put({ task: task.id, version: task.version, result: result.trim() }, 'moved.report')
  }
  return (
    <MoveDialog title={t('move.report')} lead={task.deliverable ? t('moveLead.report', { deliverable: task.deliverable }) : undefined} confirm={t('move.report')} pending={pending} problem={problem} onClose={onClose} onSend={send}>
      <Field label={t('task.result')} required hint={task.measure ? t('task.resultHint', { measure: task.measure }) : undefined} error={tried && result.trim() === '' ? t('task.resultMissing') : errorAt(problem, 'result')}>
        <TextArea value={result} onChange={(text) => setWords({ ...words, text })} maxLength={2000} rows={5} />
      </Field>
    </MoveDialog>
  )
}

/** Photos and documents of a visit; never demanded. */
export function FilesField({ task, files, onChange }: { task: Task; files: Words['files']; onChange: (files: Words['files']) => void }) {
  const { t } = useTranslation('lists')
  return <Field label={t('task.files')} optional hint={t('task.filesHint')}><FileInput files={files} unit={task.unit} onChange={onChange} /></Field>
}

function SendBackDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const { t } = useTranslation('lists')
  const { words, setWords, send, pending, problem } = useTaskWords(task, 'lists.sendBack', onClose)
  const [tried, setTried] = useState(false)
  const missing = words.text.trim() === ''
  const go = () => {
    setTried(true)
    if (!missing) void send({ task: task.id, version: task.version, reason: words.text.trim() }, 'moved.sendBack')
  }
  return (
    <MoveDialog title={t('move.sendBack')} lead={t('moveLead.sendBack', { unit: task.unitName })} confirm={t('move.sendBack')} pending={pending} problem={problem} onClose={onClose} onSend={go}>
      <Field label={t('ui:reason')} hint={t('ui:reasonHint')} required error={tried && missing ? t('ui:reasonMissing') : errorAt(problem, 'reason')}>
        <TextArea value={words.text} onChange={(text) => setWords({ ...words, text })} maxLength={200} rows={3} />
      </Field>
      <FilesField task={task} files={words.files} onChange={(files) => setWords({ ...words, files })} />
    </MoveDialog>
  )
}

function VerifyDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const { t } = useTranslation('lists')
  const { words, setWords, send, pending, problem } = useTaskWords(task, 'lists.verify', onClose)
  return (
    <MoveDialog title={t('move.verify')} lead={t(task.children.some((child) => child.open > 0) ? 'moveLead.verifyOpenBelow' : 'moveLead.verify')} confirm={t('move.verify')} pending={pending} problem={problem} onClose={onClose} onSend={() => void send({ task: task.id, version: task.version, note: words.text.trim() }, 'moved.verify')}>
      {task.result && <blockquote className="comment">{task.result}</blockquote>}
      <Field label={t('task.note')} optional><TextArea value={words.text} onChange={(text) => setWords({ ...words, text })} maxLength={500} rows={2} /></Field>
      <FilesField task={task} files={words.files} onChange={(files) => setWords({ ...words, files })} />
    </MoveDialog>
  )
}

function DeferralDialog({ task, onClose }: { task: Task; onClose: () => void }) {
  const { t } = useTranslation('lists')
  const [to, setTo] = useState('')
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const ask = useTaskWrite(api.lists.askDeferral, 'moved.askDeferral', onClose)
  const later = to > task.due
  const send = () => {
    setTried(true)
    if (later && reason.trim() !== '') ask.mutate({ task: task.id, version: task.version, to, reason: reason.trim() })
  }
  return (
    <MoveDialog title={t('move.askDeferral')} lead={<>{t('deferral.now')} <DateText date={task.due} /></>} confirm={t('deferral.ask')} pending={ask.isPending} problem={ask.error} onClose={onClose} onSend={send}>
      <Field label={t('deferral.to')} required error={tried && !later ? t('deferral.notLater') : ask.error?.findings.some((finding) => finding.code === 'in-the-past') ? t('deferral.inThePast') : undefined}>
        <DateInput value={to} min={task.due} onChange={setTo} />
      </Field>
      <Field label={t('deferral.reason')} required hint={t('deferral.reasonHint')} error={tried && reason.trim() === '' ? t('deferral.reasonMissing') : errorAt(ask.error, 'reason')}>
        <TextArea value={reason} onChange={setReason} maxLength={500} rows={3} />
      </Field>
    </MoveDialog>
  )
}

/** The issuer's side grants or refuses; a refusal says why. */
export function DecideDeferral({ task, deferral, to }: { task: Task; deferral: number; to: string }) {
  const { t } = useTranslation('lists')
  const [refusing, setRefusing] = useState(false)
  const decide = useTaskWrite(api.lists.decideDeferral, 'moved.decideDeferral', () => setRefusing(false))
  const move = moveOf(task.moves, 'decideDeferral')
  if (move.why === 'not-allowed' || !tells(move)) return null
  const key = { task: task.id, version: task.version, deferral }
  return (
    <>
      {!refusing && <Failure problem={decide.error} />}
      <div className="row end no-print">
        <MoveButton small move={move} label={t('deferral.refuse')} onGo={() => setRefusing(true)} />
        <MoveButton small kind="main" move={move} label={t('deferral.grant')} pending={decide.isPending} onGo={() => decide.mutate({ ...key, grant: true, reason: '' })} />
      </div>
      <ReasonDialog open={refusing} title={t('deferral.refuse')} lead={<>{t('deferral.to')} <DateText date={to} /></>} confirm={t('deferral.refuse')} pending={decide.isPending} problem={decide.error} onClose={() => setRefusing(false)} onConfirm={(reason) => decide.mutate({ ...key, grant: false, reason })} />
    </>
  )
}
