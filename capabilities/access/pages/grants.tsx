import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { Button, ButtonLink } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { DateInput, SearchBox, Select, Tick } from '../../../web/ui/inputs.tsx'
import { DateText, StateTag } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf, ReasonDialog } from '../../../web/ui/moves.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { Paging, Table, type Column } from '../../../web/ui/table.tsx'
import { Tabs } from '../../../web/ui/tabs.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import { UnitPicker, type PickedUnit } from '../../../web/ui/unit-picker.tsx'
import type { Account, Holding } from '../access.contract.ts'
import { AccountState, useAccountWords } from './account-state.tsx'
import { PostChoice } from './post-choice.tsx'

const limit = 30

/** The security administrator's page: who holds which post, granting, taking, unlocking. */
export default function GrantsPage() {
  const { t } = useTranslation('access')
  const [{ tab = 'people' }, set] = useQueryParts()
  const tabs = [{ key: 'people', label: t('grants.people') }, { key: 'unit', label: t('grants.byUnit') }]
  return (
    <Page title={t('grants.title')} lead={t('grants.lead')} actions={<ButtonLink to="/access/grants/bulk">{t('bulkGrants.open')}</ButtonLink>}>
      <Tabs label={t('grants.title')} tabs={tabs} chosen={tab} onChoose={(next) => set({ tab: next, offset: '' })}>
        {tab === 'unit' ? <OfUnit /> : <People />}
      </Tabs>
    </Page>
  )
}

type Opened = { what: 'holdings' | 'grant' | 'unlock' | 'resetFactor'; account: Account }

function People() {
  const { t } = useTranslation('access')
  const [{ text = '', state = '', offset = '0' }, set] = useQueryParts()
  const [opened, setOpened] = useState<Opened>()
  const input = { text, limit, offset: Number(offset), ...(state ? { state: state as 'active' } : {}) }
  const people = useQuery(q.access.people.queryOptions({ input }))
  const { stateName, whyNot } = useAccountWords()
  const close = () => setOpened(undefined)
  const columns: Column<Account>[] = [
    { key: 'name', title: t('name'), main: true, cell: (row) => row.name },
    { key: 'username', title: t('username'), cell: (row) => row.username },
    { key: 'unit', title: t('unit'), cell: (row) => row.unitName },
    { key: 'state', title: t('state'), cell: (row) => <AccountState account={row} /> },
    {
      key: 'acts', title: <span className="sr-only">{t('acts')}</span>, acts: true,
      cell: (row) => (
        <span className="row end">
          <Button small onClick={() => setOpened({ what: 'holdings', account: row })}>{t('grants.posts')}</Button>
          <Button small onClick={() => setOpened({ what: 'grant', account: row })}>{t('grants.grant')}</Button>
          <MoveButton small move={moveOf(row.moves, 'unlock')} label={t('grants.unlock')} stateName={stateName} why={whyNot(row, 'unlock')} onGo={() => setOpened({ what: 'unlock', account: row })} />
          {row.secondFactor && <MoveButton small kind="danger" move={moveOf(row.moves, 'resetSecondFactor')} label={t('grants.resetFactor')} stateName={stateName} why={whyNot(row, 'resetSecondFactor')} onGo={() => setOpened({ what: 'resetFactor', account: row })} />}
        </span>
      ),
    },
  ]
  const states = (['active', 'disabled', 'locked'] as const).map((value) => ({ value, label: t(`accountState.${value}`) }))
  return (
    <>
      <div className="row no-print">
        <SearchBox label={t('accounts.search')} value={text} onChange={(next) => set({ text: next, offset: '' })} />
        <div><Select aria-label={t('state')} value={state} onChange={(next) => set({ state: next, offset: '' })} options={states} empty={t('accounts.allStates')} /></div>
      </div>
      <Loaded query={people}>
        {({ rows, total }) => (
          <>
            <Table caption={t('grants.people')} columns={columns} rows={rows} rowKey={(row) => row.id} empty={<Empty title={t('accounts.none')} />} />
            <Paging limit={limit} offset={Number(offset)} total={total} onChange={(next) => set({ offset: next ? String(next) : '' })} />
          </>
        )}
      </Loaded>
      {opened?.what === 'holdings' && (
        <Dialog open wide title={t('grants.postsOf', { name: opened.account.name })} onClose={close} actions={<Button onClick={close}>{t('ui:close')}</Button>}>
          <Holdings of={{ account: opened.account.id }} caption={t('grants.postsOf', { name: opened.account.name })} />
        </Dialog>
      )}
      {opened?.what === 'grant' && <Grant account={opened.account} onClose={close} />}
      {opened?.what === 'unlock' && <Unlock account={opened.account} onClose={close} />}
      {opened?.what === 'resetFactor' && <ResetFactor account={opened.account} onClose={close} />}
    </>
  )
}

function OfUnit() {
  const { t } = useTranslation('access')
  const own = myUnits(useMe(), 'grant.manage')[0]
  const [{ unit = '', unitName = '' }, set] = useQueryParts()
  const chosen: PickedUnit | undefined = unit ? { id: Number(unit), name: unitName || unit } : own
  return (
    <>
      <div className="filters"><Field label={t('unit')}><UnitPicker value={chosen} onChange={(next) => next && set({ unit: String(next.id), unitName: next.name })} /></Field></div>
      {chosen && <Holdings of={{ unit: chosen.id }} caption={t('grants.holdersOf', { unit: chosen.name })} />}
    </>
  )
}

function Holdings({ of, caption }: { of: { unit?: number; account?: string }; caption: string }) {
  const { t } = useTranslation('access')
  const [ending, setEnding] = useState<Holding>()
  const holdings = useQuery(q.access.holdings.queryOptions({ input: of }))
  const me = useMe()
  const columns: Column<Holding>[] = [
    { key: 'post', title: t('grants.post'), main: true, cell: (row) => <>{row.title} {row.acting && <StateTag tone="warn">{t('acting')}</StateTag>}</> },
    ...(of.account ? [{ key: 'unit', title: t('unit'), cell: (row: Holding) => row.unitName }] : [{ key: 'who', title: t('name'), cell: (row: Holding) => row.name }]),
    { key: 'from', title: t('grants.from'), cell: (row) => <DateText date={row.validFrom} /> },
    { key: 'to', title: t('grants.until'), cell: (row) => (row.validTo ? <DateText date={row.validTo} /> : t('grants.stillHeld')) },
    {
      key: 'acts', title: <span className="sr-only">{t('acts')}</span>, acts: true,
      cell: (row) => (
        <MoveButton
          small kind="danger" move={moveOf(row.moves, 'end')} label={t('grants.end')} stateName={(state) => t(`holdingState.${state}`)}
          why={row.account === me.account ? t('notYourself') : undefined} onGo={() => setEnding(row)}
        />
      ),
    },
  ]
  return (
    <Loaded query={holdings}>
      {(rows) => (
        <>
          <Table caption={caption} columns={columns} rows={rows} rowKey={(row) => row.id} empty={<Empty title={t('grants.noHoldings')} />} />
          {ending && <EndHolding holding={ending} onClose={() => setEnding(undefined)} />}
        </>
      )}
    </Loaded>
  )
}

function Grant({ account, onClose }: { account: Account; onClose: () => void }) {
  const { t } = useTranslation('access')
  const own = myUnits(useMe(), 'grant.manage')[0]
  const [unit, setUnit] = useState<PickedUnit | undefined>(own)
  const [post, setPost] = useState('')
  const [acting, setActing] = useState(false)
  const [from, setFrom] = useState('')
  const [tried, setTried] = useState(false)
  const grant = useWrite(api.access.grant, {
    refresh: [q.access.holdings.key(), q.access.people.key()],
    onSuccess: (holding) => {
      onClose()
      toast(t('grants.granted', { name: account.name, post: `${holding.unitName} ${holding.title}` }))
    },
  })
  const send = (reason: string) => {
    setTried(true)
    if (post) grant.mutate({ account: account.id, post: Number(post), acting, reason, ...(from ? { from } : {}) })
  }
  return (
    <ReasonDialog
      open title={t('grants.grantTitle', { name: account.name })} lead={t('grants.grantLead')} confirm={t('grants.grant')}
      pending={grant.isPending} problem={grant.error} onClose={onClose} onConfirm={send}
    >
      <Field label={t('unit')} required error={errorAt(grant.error, 'unit')}>
        <UnitPicker value={unit} onChange={(next) => {
          setUnit(next)
          setPost('')
        }} />
      </Field>
      {unit && (
        <Field label={t('grants.post')} required error={tried && !post ? t('needed') : errorAt(grant.error, 'post')}>
          <PostChoice unit={unit.id} value={post} onChange={setPost} />
        </Field>
      )}
      <Tick checked={acting} onChange={setActing}>{t('grants.acting')}</Tick>
      <Field label={t('grants.from')} hint={t('grants.fromHint')} optional error={errorAt(grant.error, 'from')}><DateInput value={from} onChange={setFrom} /></Field>
    </ReasonDialog>
  )
}

function EndHolding({ holding, onClose }: { holding: Holding; onClose: () => void }) {
  const { t } = useTranslation('access')
  const [on, setOn] = useState('')
  const end = useWrite(api.access.endHolding, {
    refresh: [q.access.holdings.key()],
    onSuccess: () => {
      onClose()
      toast(t('grants.ended', { name: holding.name, post: holding.title }))
    },
  })
  return (
    <ReasonDialog
      open danger title={t('grants.endTitle', { name: holding.name, post: holding.title })} lead={t('grants.endLead')} confirm={t('grants.end')}
      pending={end.isPending} problem={end.error} onClose={onClose} onConfirm={(reason) => end.mutate({ holding: holding.id, reason, ...(on ? { on } : {}) })}
    >
      <Field label={t('grants.on')} hint={t('grants.onHint')} optional error={errorAt(end.error, 'on')}><DateInput value={on} min={holding.validFrom} onChange={setOn} /></Field>
    </ReasonDialog>
  )
}

function Unlock({ account, onClose }: { account: Account; onClose: () => void }) {
  const { t } = useTranslation('access')
  const unlock = useWrite(api.access.unlock, {
    refresh: [q.access.people.key()],
    onSuccess: () => {
      onClose()
      toast(t('grants.unlocked', { name: account.name }))
    },
  })
  return (
    <ReasonDialog
      open title={t('grants.unlockTitle', { name: account.name })} lead={t('grants.unlockLead')} confirm={t('grants.unlock')}
      pending={unlock.isPending} problem={unlock.error} onClose={onClose} onConfirm={(reason) => unlock.mutate({ account: account.id, reason })}
    />
  )
}

function ResetFactor({ account, onClose }: { account: Account; onClose: () => void }) {
  const { t } = useTranslation('access')
  const reset = useWrite(api.access.resetSecondFactor, {
    refresh: [q.access.people.key()],
    onSuccess: () => {
      onClose()
      toast(t('grants.factorReset', { name: account.name }))
    },
  })
  return (
    <ReasonDialog
      open danger title={t('grants.resetFactorTitle', { name: account.name })} lead={t('grants.resetFactorLead')} confirm={t('grants.resetFactor')}
      pending={reset.isPending} problem={reset.error} onClose={onClose} onConfirm={(reason) => reset.mutate({ account: account.id, reason })}
    />
  )
}
