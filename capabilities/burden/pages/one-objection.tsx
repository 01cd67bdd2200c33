import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { Choice, Tick } from '../../../web/ui/inputs.tsx'
import { DateText, Light, Moment, StateTag } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf, ReasonDialog } from '../../../web/ui/moves.tsx'
import { Failure, Note } from '../../../web/ui/notes.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { Objection } from '../burden.contract.ts'
import { NextVersion, useNextVersion, type Lighter } from './next-version.tsx'

const tones = { open: 'busy', upheld: 'good', rejected: 'plain', withdrawn: 'plain' } as const
const refresh = [q.burden.key(), q.inbox.key(), q.ledgers.key(), q.lists.key(), q.designs.key()]
const lighter = (outcome: string | null): Lighter | undefined => (outcome === 'fieldDropped' || outcome === 'prefilled' ? outcome : undefined)

/** One objection with its answer, and what this person can do about it. */
export function OneObjection({ row }: { row: Objection }) {
  const { t } = useTranslation('burden')
  const [asks, setAsks] = useState<'uphold' | 'reject' | 'carryOut'>()
  const takeBack = useWrite(api.burden.takeBack, { refresh, onSuccess: () => toast(t('objections.takenBack')) })
  const [uphold, reject, back, carry] = (['uphold', 'reject', 'takeBack', 'carryOut'] as const).map((name) => moveOf(row.moves, name)) as [ReturnType<typeof moveOf>, ReturnType<typeof moveOf>, ReturnType<typeof moveOf>, ReturnType<typeof moveOf>]
  const officer = row.state === 'open' && uphold.why !== 'not-allowed'
  const close = () => setAsks(undefined)
  return (
    <li className="panel stack">
      <div className="row spread">
        <h2>
          {row.kind !== 'form' && <span className="faint">{t(`objections.kind.${row.kind}`)} </span>}
          {row.form === null ? pickWords(row.title) : <Link to={`/forms/${row.form}`}>{pickWords(row.title)}</Link>}{row.fieldName && <> · {pickWords(row.fieldName)}</>}
        </h2>
        <span className="row">
          <StateTag tone={tones[row.state]}>{t(`objectionState.${row.state}`)}</StateTag>
          {row.state === 'upheld' && <StateTag tone={row.carriedOut ? 'good' : 'warn'}>{t(row.carriedOut ? 'objections.carriedOut' : 'objections.notYet')}</StateTag>}
        </span>
      </div>
      <p>{t(`ground.${row.ground}`)}{row.text && <span className="soft">：{row.text}</span>}</p>
      <p className="faint">
        {row.unitName && <>{row.unitName} · </>}{t('objections.raised')} <DateText date={row.raisedOn} />{row.issuerName && <> · {t('issuer')} {row.issuerName}</>}
      </p>
      {row.state === 'open' && (row.due === null
        ? <Note tone="warn">{t('objections.noCalendar')}</Note>
        : <Light light={row.overdue ? 'red' : 'green'} text={<>{t('objections.due')} <DateText date={row.due} /> {row.overdue ? t('objections.overdue') : row.workingDaysLeft !== null ? t('objections.left', { count: row.workingDaysLeft }) : ''}</>} />)}
      {row.answer && (
        <Note tone={row.state === 'upheld' ? 'good' : 'info'}>
          <p>{row.outcome && <strong>{t(`outcome.${row.outcome}`)} </strong>}{row.answer} {row.decidedAt && <span className="faint"><Moment at={row.decidedAt} /></span>}</p>
          {row.carriedVersion !== null && row.carriedOn !== null && <p>{t('objections.since', { version: row.carriedVersion })} <DateText date={row.carriedOn} /></p>}
        </Note>
      )}
      <Failure problem={takeBack.error} />
      {(officer || back.possible || carry.possible) && (
        <div className="row end no-print">
          {back.possible && <Button small kind="quiet" pending={takeBack.isPending} onClick={() => takeBack.mutate({ id: row.id, version: row.version })}>{t('objections.takeBack')}</Button>}
          {officer && <MoveButton small move={reject} label={t('objections.reject')} onGo={() => setAsks('reject')} />}
          {officer && <MoveButton small kind="main" move={uphold} label={t('objections.uphold')} onGo={() => setAsks('uphold')} />}
          {carry.possible && <Button small kind="main" onClick={() => setAsks('carryOut')}>{t('next.make')}</Button>}
        </div>
      )}
      {(asks === 'uphold' || asks === 'reject') && <Decide row={row} uphold={asks === 'uphold'} onClose={close} />}
      {asks === 'carryOut' && <CarryOut row={row} onClose={close} />}
    </li>
  )
}

/** Upholding says how it is put right; where a field falls away, the form's next version is looked at first and made with the same press. */
function Decide({ row, uphold, onClose }: { row: Objection; uphold: boolean; onClose: () => void }) {
  const { t } = useTranslation('burden')
  const [outcome, setOutcome] = useState('')
  const [shows, setShows] = useState('')
  const [along, setAlong] = useState(false)
  const [atOnce, setAtOnce] = useState(true)
  const outcomes = row.form === null ? (['unitSpared', 'askingWithdrawn'] as const) : row.field === null ? (['formWithdrawn', 'formChanged'] as const) : (['fieldDropped', 'prefilled', 'formChanged', 'formWithdrawn'] as const)
  const lighterBy = uphold ? lighter(outcome) : undefined
  const preview = useNextVersion(row.id, lighterBy, shows, along)
  const possible = lighterBy !== undefined && preview.data?.move.possible === true
  const done = (text: string) => {
    toast(t(text))
    onClose()
  }
  const carryOut = useWrite(api.designs.carryOut, { refresh, onSuccess: () => done('next.made') })
  const decide = useWrite(api.burden.decideObjection, {
    // Once decided, the row leaves this list; it is asked for again when the next version is made as well.
    refresh: possible && atOnce ? [] : refresh,
    onSuccess: ({ version }) => (possible && atOnce ? carryOut.mutate({ id: row.id, version, alongIndicators: along, ...(shows ? { shows } : {}) }) : done('objections.decidedNow')),
  })
  return (
    <ReasonDialog
      open title={t(`objections.${uphold ? 'uphold' : 'reject'}`)} lead={t('objections.publicHint')} confirm={t(possible && atOnce ? 'next.upholdAndMake' : `objections.${uphold ? 'uphold' : 'reject'}`)}
      pending={decide.isPending || carryOut.isPending} problem={decide.error ?? carryOut.error} onClose={onClose}
      onConfirm={(answer) => (decide.data
        ? carryOut.mutate({ id: row.id, version: decide.data.version, alongIndicators: along, ...(shows ? { shows } : {}) })
        : decide.mutate({ id: row.id, version: row.version, uphold, answer, ...(uphold && outcome ? { outcome: outcome as NonNullable<Objection['outcome']> } : {}) }))}
    >
      {uphold && (
        <Field label={t('objections.outcome')} group required>
          <Choice value={outcome} onChange={setOutcome} options={outcomes.map((one) => ({ value: one, label: t(`outcome.${one}`), hint: t(`outcomeHint.${one}`) }))} />
        </Field>
      )}
      {lighterBy && <NextVersion preview={preview} outcome={lighterBy} shows={shows} onShows={setShows} along={along} onAlong={setAlong} />}
      {possible && <Tick checked={atOnce} onChange={setAtOnce}>{t('next.atOnce')}</Tick>}
    </ReasonDialog>
  )
}

/** Upheld before and not done yet: the next version is looked at and made. */
function CarryOut({ row, onClose }: { row: Objection; onClose: () => void }) {
  const { t } = useTranslation('burden')
  const outcome = lighter(row.outcome)
  const [shows, setShows] = useState('')
  const [along, setAlong] = useState(false)
  const preview = useNextVersion(row.id, outcome, shows, along)
  const carryOut = useWrite(api.designs.carryOut, { refresh, onSuccess: () => (toast(t('next.made')), onClose()) })
  return (
    <Dialog
      open title={t('next.title')} onClose={onClose}
      actions={<><Button onClick={onClose}>{t('cancel')}</Button><Button kind="main" pending={carryOut.isPending} disabled={preview.data?.move.possible !== true} onClick={() => carryOut.mutate({ id: row.id, version: row.version, alongIndicators: along, ...(shows ? { shows } : {}) })}>{t('next.make')}</Button></>}
    >
      <div className="stack">
        <p className="soft">{t('next.lead', { outcome: t(`outcome.${row.outcome ?? 'fieldDropped'}`) })}</p>
        {outcome && <NextVersion preview={preview} outcome={outcome} shows={shows} onShows={setShows} along={along} onAlong={setAlong} />}
        <Failure problem={carryOut.error} />
      </div>
    </Dialog>
  )
}
