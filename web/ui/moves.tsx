import { useId, useState, type FormEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { MoveNow } from '../../capabilities/endpoint.ts'
import { ApiProblem } from '../api/problem.ts'
import { problemText } from '../i18n.ts'
import type { ProblemCode } from '../../rules/problem.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { errorAt, Field } from './field.tsx'
import { TextArea } from './inputs.tsx'
import { Failure } from './notes.tsx'

/** @returns the move of that name from an answer's `moves`; a move that the answer does not name is not possible */
export function moveOf(moves: readonly MoveNow[], name: string): MoveNow {
  return moves.find((move) => move.move === name) ?? { move: name, possible: false, from: [] }
}

/**
 * The button of a move: pressable when the answer says so, otherwise disabled with its reason, which is read with the
 * button, shown on hover and focus, or always with `explain`. `stateName` gives the room's words for its states.
 */
export function MoveButton({ move, label, onGo, pending, kind = 'plain', small, explain = false, stateName, why }: {
  move: MoveNow
  label: ReactNode
  onGo: () => void
  pending?: boolean
  kind?: 'main' | 'danger' | 'quiet' | 'plain'
  small?: boolean
  explain?: boolean
  stateName?: (state: string) => string
  /** Says it better than the states or the problem's sentence. */
  why?: string
}) {
  const { t } = useTranslation('ui')
  const id = useId()
  if (move.possible) return <Button kind={kind} small={small} pending={pending} onClick={onGo}>{label}</Button>
  const states = move.from.map((state) => stateName?.(state) ?? state).join(t('or'))
  const told = move.why !== undefined && move.why !== 'move-not-possible' ? problemText(new ApiProblem(move.why as ProblemCode)) : undefined
  const reason = why ?? told ?? (states ? t('onlyFrom', { states }) : t('notNow'))
  return (
    <span className="move">
      <Button kind={kind} small={small} aria-disabled aria-describedby={id}>{label}</Button>
      <span className={explain ? 'why' : 'why tip'} id={id} role={explain ? undefined : 'tooltip'}>{reason}</span>
    </span>
  )
}

/** Asks for the reason of an act that others will read (at most 200 characters), then does it. */
export function ReasonDialog({ open, ...rest }: { open: boolean } & Parameters<typeof AskReason>[0]) {
  return open ? <AskReason {...rest} /> : null
}

function AskReason({ title, lead, confirm, danger = false, pending = false, problem, onClose, onConfirm, children }: {
  title: string
  /** What will happen. */
  lead?: ReactNode
  confirm: string
  danger?: boolean
  pending?: boolean
  problem?: unknown
  onClose: () => void
  onConfirm: (reason: string) => void
  /** More fields above the reason. */
  children?: ReactNode
}) {
  const { t } = useTranslation('ui')
  const [reason, setReason] = useState('')
  const [missing, setMissing] = useState(false)
  const form = useId()
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (pending) return
    setMissing(reason.trim() === '')
    if (reason.trim() !== '') onConfirm(reason.trim())
  }
  const actions = (
    <>
      <Button onClick={onClose}>{t('cancel')}</Button>
      <Button kind={danger ? 'danger' : 'main'} type="submit" form={form} pending={pending}>{confirm}</Button>
    </>
  )
  return (
    <Dialog open title={title} onClose={onClose} actions={actions}>
      <form id={form} className="form" onSubmit={send} noValidate>
        {lead && <p>{lead}</p>}
        {children}
        <Field label={t('reason')} hint={t('reasonHint')} required error={missing ? t('reasonMissing') : errorAt(problem, 'reason')}>
          <TextArea value={reason} onChange={setReason} maxLength={200} />
        </Field>
        <Failure problem={problem} />
      </form>
    </Dialog>
  )
}
