import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isApiProblem } from '../../../web/api/problem.ts'
import { pickWords } from '../../../web/i18n.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { TextArea } from '../../../web/ui/inputs.tsx'
import { MoveButton, moveOf } from '../../../web/ui/moves.tsx'
import { Failure } from '../../../web/ui/notes.tsx'
import type { ResolvedField } from '../form-definition.ts'
import type { ReturnPage } from '../ledgers.contract.ts'
import { StaleDecision } from './stale-decision.tsx'
import { TwoVersions } from './two-versions.tsx'
import { lookAtReturns, useDecision, useKeptDecision } from './use-decision.ts'

// What waits on the device is seldom seen.
const KeptHere = lazy(() => import('../../../web/offline/kept-here.tsx').then((file) => ({ default: file.KeptHere })))

/** The checker's two moves on one return; nothing for those who never check. */
export function Decide({ page }: { page: ReturnPage }) {
  const { t } = useTranslation('ledgers')
  const [asking, setAsking] = useState(false)
  const moves = [moveOf(page.moves, 'accept'), moveOf(page.moves, 'sendBack')] as const
  const accept = useDecision(page.definition.name, page.unitName)
  const kept = useKeptDecision(page)
  if (moves.every((move) => move.why === 'not-allowed' || (!move.possible && page.state !== 'submitted'))) return null
  const { unit, form, period, version } = page
  const stale = isApiProblem(accept.problem, 'stale-version') ? accept.problem : undefined
  const stateName = (state: string) => t(`state.${state}`)
  return (
    <>
      {stale ? (
        <TwoVersions
          lead={t('stale.decided', { state: t(`state.${String(stale.facts.state ?? page.state)}`) })} fields={page.definition.fields} mine={page.values} theirs={(stale.facts.values ?? {}) as Record<string, unknown>}
          mineTitle={t('stale.seen')} theirsTitle={t('stale.now')}
        >
          <Button small onClick={() => { accept.reset(); void lookAtReturns() }}>{t('stale.look')}</Button>
        </TwoVersions>
      ) : <Failure problem={accept.problem} />}
      {kept && <Suspense><KeptHere rows={[kept]} /></Suspense>}
      {kept?.state !== 'waiting' && <div className="row end no-print">
        <MoveButton move={moves[1]} label={t('decide.sendBack')} stateName={stateName} onGo={() => setAsking(true)} />
        <MoveButton kind="main" move={moves[0]} label={t('decide.accept')} stateName={stateName} pending={accept.pending} onGo={() => void accept.send('ledgers.accept', { unit, form, period, version }, '', 'decide.accepted')} />
      </div>}
      {asking && <SendBack target={{ unit, form, period, version, submission: page.submission, formName: page.definition.name, unitName: page.unitName }} fields={page.definition.fields} page={page} onClose={() => setAsking(false)} />}
    </>
  )
}

/** Asks for a reason per field (or for the whole form), then sends the return back. */
export function SendBack({ target, fields, page, odd = [], onClose }: {
  target: { unit: number; form: string; period: string; version: number; submission: number; formName: { zh: string; en: string }; unitName: string }
  fields: readonly ResolvedField[]
  /** The return's page, where it is shown. */
  page?: ReturnPage
  /** Fields to begin with. */
  odd?: readonly string[]
  onClose: () => void
}) {
  const { t } = useTranslation('ledgers')
  const [open, setOpen] = useState<readonly string[]>(odd)
  const [reasons, setReasons] = useState<Record<string, string>>({})
  const [missing, setMissing] = useState(false)
  const sendBack = useDecision(target.formName, target.unitName)
  const set = (field: string, reason: string) => setReasons((before) => ({ ...before, [field]: reason }))
  const given = Object.fromEntries(Object.entries(reasons).filter(([, reason]) => reason.trim() !== ''))
  const { unit, form, period, version, submission } = target
  const asked = fields.filter((field) => field.kind === 'asks')
  const nameOf = (code: string) => pickWords(asked.find((field) => field.code === code)?.name ?? { zh: code, en: code })
  const send = (of: number) => {
    setMissing(Object.keys(given).length === 0)
    if (Object.keys(given).length === 0) return
    const text = Object.entries(given).map(([code, reason]) => (code === '' ? reason : `${nameOf(code)}：${reason}`)).join('\n')
    void sendBack.send('ledgers.sendBack', { unit, form, period, version: of, reasons: given }, text, 'decide.sentBack').then((gone) => gone && onClose())
  }
  const stale = isApiProblem(sendBack.problem, 'stale-version') ? sendBack.problem.facts : undefined
  const look = () => {
    onClose()
    void lookAtReturns()
  }
  return (
    <Dialog
      open title={t('decide.sendBackTitle')} onClose={onClose}
      actions={<><Button onClick={onClose}>{t('cancel')}</Button><Button kind="danger" pending={sendBack.pending} disabled={stale !== undefined} onClick={() => send(version)}>{t('decide.sendBack')}</Button></>}
    >
      <div className="stack">
        <p>{t('decide.sendBackLead')}</p>
        {open.map((code) => (
          <Field key={code} label={nameOf(code)}>
            <TextArea rows={2} maxLength={500} value={reasons[code] ?? ''} onChange={(reason) => set(code, reason)} />
          </Field>
        ))}
        <Field label={t('decide.whole')} optional={open.length > 0}>
          <TextArea rows={2} maxLength={500} value={reasons[''] ?? ''} onChange={(reason) => set('', reason)} />
        </Field>
        <div className="row">
          {asked.filter((field) => !open.includes(field.code)).map((field) => (
            <Button small key={field.code} onClick={() => setOpen([...open, field.code])}>＋ {pickWords(field.name)}</Button>
          ))}
        </div>
        {missing && <p role="alert" className="error">{t('decide.reasonMissing')}</p>}
        {stale ? (
          <StaleDecision target={{ unit, form, period, submission, facts: stale }} page={page}>
            {/* The reasons stay: they go to what is there now, or one looks at that first. */}
            {stale.state === 'submitted' && <Button small kind="danger" pending={sendBack.pending} onClick={() => send(Number(stale.theirs))}>{t('stale.sendBackNow')}</Button>}
            <Button small onClick={look}>{t('stale.look')}</Button>
          </StaleDecision>
        ) : <Failure problem={sendBack.problem} />}
      </div>
    </Dialog>
  )
}
