import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { useMay } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { Choice } from '../../../web/ui/inputs.tsx'
import { DateText, Light, Moment, StateTag } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf, ReasonDialog } from '../../../web/ui/moves.tsx'
import { Empty, Failure, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { Paging } from '../../../web/ui/table.tsx'
import { Tabs } from '../../../web/ui/tabs.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { Objection } from '../burden.contract.ts'
import './burden.css'

const limit = 20
type View = 'decided' | 'mine' | 'open'

/** Outcomes of objections for everybody below, my own objections, and for burden officers those that wait. */
export default function Objections() {
  const { t } = useTranslation('burden')
  const [parts, setParts] = useQueryParts()
  const [fills, decides] = [useMay('record.fill'), useMay(['burden.approve', 'list.issue'])]
  const views = ([decides && 'open', 'decided', fills && 'mine'] as const).filter((one): one is View => one !== false)
  const view = views.find((one) => one === parts.view) ?? views[0]!
  const offset = Number(parts.offset ?? 0)
  const objections = useQuery(q.burden.objections.queryOptions({ input: { view, limit, offset } }))
  return (
    <Page title={t('objections.title')} lead={t('objections.lead')} narrow>
      <Tabs label={t('objections.title')} chosen={view} onChoose={(next) => setParts({ view: next, offset: '' })} tabs={views.map((key) => ({ key, label: t(`objections.${key}`) }))}>
        <Loaded query={objections}>
          {({ rows, total }) => (
            <>
              {rows.length === 0 ? <Empty title={t(`objections.nothing.${view}`)} /> : <ul className="stack plain-list">{rows.map((row) => <OneObjection key={row.id} row={row} />)}</ul>}
              <Paging limit={limit} offset={offset} total={total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
            </>
          )}
        </Loaded>
      </Tabs>
    </Page>
  )
}

const tones = { open: 'busy', upheld: 'good', rejected: 'plain', withdrawn: 'plain' } as const

function OneObjection({ row }: { row: Objection }) {
  const { t } = useTranslation('burden')
  const [asks, setAsks] = useState<'uphold' | 'reject'>()
  const [outcome, setOutcome] = useState('')
  const refresh = [q.burden.key(), q.inbox.key(), q.ledgers.key()]
  const decide = useWrite(api.burden.decideObjection, { refresh, onSuccess: () => { setAsks(undefined); toast(t('objections.decidedNow')) } })
  const takeBack = useWrite(api.burden.takeBack, { refresh, onSuccess: () => toast(t('objections.takenBack')) })
  const [uphold, reject, back] = [moveOf(row.moves, 'uphold'), moveOf(row.moves, 'reject'), moveOf(row.moves, 'takeBack')]
  const outcomes = row.field === null ? (['formWithdrawn', 'formChanged'] as const) : (['fieldDropped', 'prefilled', 'formChanged', 'formWithdrawn'] as const)
  const officer = row.state === 'open' && uphold.why !== 'not-allowed'
  return (
    <li className="panel stack">
      <div className="row spread">
        <h2><Link to={`/forms/${row.form}`}>{pickWords(row.formName)}</Link>{row.fieldName && <> · {pickWords(row.fieldName)}</>}</h2>
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
      {row.answer && <Note tone={row.state === 'upheld' ? 'good' : 'info'}>{row.outcome && <strong>{t(`outcome.${row.outcome}`)} </strong>}{row.answer} {row.decidedAt && <span className="faint"><Moment at={row.decidedAt} /></span>}</Note>}
      <Failure problem={takeBack.error} />
      {(officer || back.possible) && (
        <div className="row end no-print">
          {back.possible && <Button small kind="quiet" pending={takeBack.isPending} onClick={() => takeBack.mutate({ id: row.id, version: row.version })}>{t('objections.takeBack')}</Button>}
          {officer && <MoveButton small move={reject} label={t('objections.reject')} onGo={() => setAsks('reject')} />}
          {officer && <MoveButton small kind="main" move={uphold} label={t('objections.uphold')} onGo={() => setAsks('uphold')} />}
        </div>
      )}
      <ReasonDialog
        open={asks !== undefined} title={t(`objections.${asks ?? 'uphold'}`)} lead={t('objections.publicHint')} confirm={t(`objections.${asks ?? 'uphold'}`)} pending={decide.isPending} problem={decide.error} onClose={() => setAsks(undefined)}
        onConfirm={(answer) => decide.mutate({ id: row.id, version: row.version, uphold: asks === 'uphold', answer, ...(asks === 'uphold' && outcome ? { outcome: outcome as NonNullable<Objection['outcome']> } : {}) })}
      >
        {asks === 'uphold' && (
          <Field label={t('objections.outcome')} group required>
            <Choice value={outcome} onChange={setOutcome} options={outcomes.map((one) => ({ value: one, label: t(`outcome.${one}`), hint: t(`outcomeHint.${one}`) }))} />
          </Field>
        )}
      </ReasonDialog>
    </li>
  )
}
