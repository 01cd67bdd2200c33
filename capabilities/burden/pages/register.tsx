import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { Button, ButtonLink } from '../../../web/ui/button.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { SearchBox, Select } from '../../../web/ui/inputs.tsx'
import { DateText, StateTag } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf, ReasonDialog } from '../../../web/ui/moves.tsx'
import { Empty, Failure, Loaded } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { Paging, Table } from '../../../web/ui/table.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { Asking } from '../burden.contract.ts'
import { Exceptions } from './exceptions.tsx'
import { EventDialog } from './event-dialog.tsx'
import './burden.css'

const limit = 30
const kinds = ['form', 'list', 'meeting', 'visit', 'document'] as const
const states = ['review', 'registered', 'issued', 'refused', 'withdrawn', 'draft'] as const
const tones: Record<string, 'good' | 'busy' | 'bad' | 'plain'> = { registered: 'good', issued: 'good', review: 'busy', refused: 'bad' }

/** The register of everything that is asked of units below, and the burden officer's yes. */
export default function Register() {
  const { t } = useTranslation('burden')
  const [parts, setParts] = useQueryParts()
  const issuer = myUnits(useMe(), 'list.issue')[0]
  const [adding, setAdding] = useState(false)
  const offset = Number(parts.offset ?? 0)
  const register = useQuery(q.burden.register.queryOptions({ input: { limit, offset, ...(parts.kind ? { kind: parts.kind as Asking['kind'] } : {}), ...(parts.state ? { state: parts.state } : {}), ...(parts.q ? { q: parts.q } : {}) } }))
  return (
    <Page
      title={t('register.title')} lead={t('register.lead')}
      actions={<><ButtonLink to="/burden/rules">{t('rules.title')}</ButtonLink>{issuer && <Button kind="main" icon={<Icon name="plus" size={18} />} onClick={() => setAdding(true)}>{t('register.add')}</Button>}</>}
    >
      <div className="choosers no-print">
        <SearchBox label={t('register.search')} value={parts.q ?? ''} onChange={(text) => setParts({ q: text, offset: '' })} />
        <Select aria-label={t('kindTitle')} value={parts.kind ?? ''} empty={t('register.allKinds')} onChange={(kind) => setParts({ kind, offset: '' })} options={kinds.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))} />
        <Select aria-label={t('stateTitle')} value={parts.state ?? ''} empty={t('register.allStates')} onChange={(state) => setParts({ state, offset: '' })} options={states.map((state) => ({ value: state, label: t(`state.${state}`) }))} />
      </div>
      <Loaded query={register}>
        {({ rows, total }) => (
          <>
            <Table
              caption={t('register.title')} rows={rows} rowKey={(row) => `${row.kind}${row.id}`} empty={<Empty title={t('register.nothing')}>{t('register.nothingNext')}</Empty>}
              columns={[
                { key: 'title', title: t('title'), main: true, cell: (row) => <RowTitle row={row} /> },
                { key: 'kind', title: t('kindTitle'), cell: (row) => t(`kind.${row.kind}`) },
                { key: 'issuer', title: t('issuer'), cell: (row) => row.issuerName ?? t('fromPack') },
                { key: 'cycle', title: t('register.cycle'), cell: (row) => t(`cycle.${row.cycle}`) },
                { key: 'minutes', title: t('figure.minutes'), num: true, cell: (row) => row.minutes ?? '—' },
                { key: 'expires', title: t('register.expires'), cell: (row) => <span className="row">{row.expires ? <DateText date={row.expires} /> : '—'}{row.expired && <StateTag tone={row.on ? 'plain' : 'bad'}>{t(row.on ? 'register.over' : 'register.expired')}</StateTag>}</span> },
                { key: 'state', title: t('stateTitle'), cell: (row) => <StateTag tone={tones[row.state] ?? 'plain'}>{t(`state.${row.state}`)}</StateTag> },
                { key: 'approved', title: t('register.approved'), cell: (row) => (row.approvedBy ? <>{row.approvedBy} <span className="faint">{row.approvedOn && <DateText date={row.approvedOn} />} {row.approvalNumber}</span></> : row.kind === 'list' && row.state === 'registered' ? t('register.byForms') : '—') },
                { key: 'acts', title: <span className="sr-only">{t('acts')}</span>, acts: true, cell: (row) => <Acts asking={row} /> },
              ]}
            />
            <Paging limit={limit} offset={offset} total={total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
          </>
        )}
      </Loaded>
      <Exceptions />
      {adding && issuer && <EventDialog issuer={issuer} onClose={() => setAdding(false)} />}
    </Page>
  )
}

/** The name of an entry; of a document its length, and how many its issuer sends this year. */
function RowTitle({ row }: { row: Asking }) {
  const { t } = useTranslation('burden')
  if (row.kind === 'form') return <Link to={`/forms/${row.id}`}>{pickWords(row.title)}</Link>
  return (
    <div>
      {pickWords(row.title)}
      {row.characters !== null && <span className="faint"> {t('register.characters', { count: row.characters })}{row.special && ` · ${t('register.special')}`}</span>}
      {row.tooLong && <> <StateTag tone="warn">{t('register.tooLong')}</StateTag></>}
      {row.documents && row.documents.most !== null && <> <StateTag tone={row.documents.state === 'passed' ? 'bad' : row.documents.state === 'near' ? 'warn' : 'plain'}>{t('register.documents', { now: row.documents.now, most: row.documents.most })}</StateTag></>}
    </div>
  )
}

/** What this person can do about one entry; those who decide nothing here see no buttons. */
function Acts({ asking }: { asking: Asking }) {
  const { t } = useTranslation('burden')
  const [asks, setAsks] = useState<'approve' | 'refuse' | 'withdraw'>()
  const refresh = [q.burden.key(), q.inbox.key(), q.ledgers.key()]
  const done = (text: string) => () => {
    setAsks(undefined)
    toast(t(text))
  }
  const decide = useWrite(api.burden.decide, { refresh, onSuccess: ({ state }) => done(state === 'registered' ? 'register.saidYes' : 'register.saidNo')() })
  const withdraw = useWrite(api.burden.withdraw, { refresh, onSuccess: done('register.withdrawn') })
  const form = useWrite(api.ledgers.approveForm, { refresh, onSuccess: ({ state }) => done(state === 'registered' ? 'register.saidYes' : 'register.saidNo')() })
  const say = (approve: boolean, reason = '') => (asking.kind === 'form' ? form.mutate({ code: asking.id, approve, reason }) : decide.mutate({ id: Number(asking.id), version: asking.version!, approve, reason }))
  const [approve, refuse, takeAway] = [moveOf(asking.moves, 'approve'), moveOf(asking.moves, 'refuse'), moveOf(asking.moves, 'withdraw')]
  const officer = asking.state === 'review' && approve.why !== 'not-allowed'
  const registrar = takeAway.possible && asking.kind !== 'list'
  if (!officer && !registrar) return null
  const stateName = (state: string) => t(`state.${state}`)
  return (
    <div className="row end">
      <Failure problem={asks === undefined ? (decide.error ?? form.error) : undefined} />
      {officer && <MoveButton small kind="main" move={approve} label={t('register.approve')} stateName={stateName} pending={decide.isPending || form.isPending} onGo={() => (asking.documents?.state === 'passed' ? setAsks('approve') : say(true))} />}
      {officer && <MoveButton small move={refuse} label={t('register.refuse')} stateName={stateName} onGo={() => setAsks('refuse')} />}
      {registrar && <Button small kind="quiet" onClick={() => setAsks('withdraw')}>{t('register.withdraw')}<span className="sr-only"> {pickWords(asking.title)}</span></Button>}
      <ReasonDialog
        open={asks !== undefined} title={`${t(`register.${asks ?? 'refuse'}`)} · ${pickWords(asking.title)}`} confirm={t(`register.${asks ?? 'refuse'}`)} danger={asks !== 'approve'} lead={asks === 'approve' ? t('register.aboveLastYear') : undefined}
        pending={decide.isPending || form.isPending || withdraw.isPending} problem={decide.error ?? form.error ?? withdraw.error} onClose={() => setAsks(undefined)}
        onConfirm={(reason) => (asks === 'refuse' ? say(false, reason) : asks === 'approve' ? say(true, reason) : withdraw.mutate({ id: Number(asking.id), version: asking.version!, reason }))}
      />
    </div>
  )
}
