import { useQuery } from '@tanstack/react-query'
import { useId, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { Button, ButtonLink } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { SearchBox, Select, TextInput } from '../../../web/ui/inputs.tsx'
import { DateText } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf, ReasonDialog } from '../../../web/ui/moves.tsx'
import { Empty, Failure, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { Paging, Table, type Column } from '../../../web/ui/table.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import { UnitPicker, type PickedUnit } from '../../../web/ui/unit-picker.tsx'
import type { Account, FirstPassword } from '../access.contract.ts'
import { AccountState, useAccountWords } from './account-state.tsx'

const limit = 30
type Act = { move: 'disable' | 'enable' | 'resetPassword' | 'unlinkIdentity'; account: Account }

/** The system administrator's page: accounts of the own units, new ones, first passwords, disabling. */
export default function AccountsPage() {
  const { t } = useTranslation('access')
  const [{ text = '', state = '', offset = '0' }, set] = useQueryParts()
  const [creating, setCreating] = useState(false)
  const [act, setAct] = useState<Act>()
  const [first, setFirst] = useState<FirstPassword>()
  const input = { text, limit, offset: Number(offset), ...(state ? { state: state as 'active' } : {}) }
  const accounts = useQuery(q.access.accounts.queryOptions({ input }))
  const { whyNot, stateName } = useAccountWords()
  const button = (account: Account, move: Act['move'], kind: 'plain' | 'danger') => (
    <MoveButton small kind={kind} move={moveOf(account.moves, move)} label={t(`accounts.${move}`)} stateName={stateName} why={whyNot(account, move)} onGo={() => setAct({ move, account })} />
  )
  const columns: Column<Account>[] = [
    { key: 'name', title: t('name'), main: true, cell: (row) => row.name },
    { key: 'username', title: t('username'), cell: (row) => row.username },
    { key: 'unit', title: t('unit'), cell: (row) => row.unitName },
    { key: 'state', title: t('state'), cell: (row) => <AccountState account={row} /> },
    { key: 'created', title: t('accounts.created'), cell: (row) => <DateText date={todayIn(Date.parse(row.createdAt))} /> },
    {
      key: 'acts', title: <span className="sr-only">{t('acts')}</span>, acts: true,
      cell: (row) => (
        <span className="row end">
          {button(row, 'resetPassword', 'plain')}
          {row.identity && button(row, 'unlinkIdentity', 'plain')}
          {row.disabled ? button(row, 'enable', 'plain') : button(row, 'disable', 'danger')}
        </span>
      ),
    },
  ]
  const states = (['active', 'disabled', 'locked'] as const).map((value) => ({ value, label: t(`accountState.${value}`) }))
  return (
    <Page
      title={t('accounts.title')} lead={t('accounts.lead')}
      actions={
        <>
          <ButtonLink to="/access/accounts/bulk" icon={<Icon name="upload" size={18} />}>{t('bulk.open')}</ButtonLink>
          <Button kind="main" icon={<Icon name="plus" size={18} />} onClick={() => setCreating(true)}>{t('accounts.create')}</Button>
        </>
      }
    >
      <div className="row no-print">
        <SearchBox label={t('accounts.search')} value={text} onChange={(next) => set({ text: next, offset: '' })} />
        <div><Select aria-label={t('state')} value={state} onChange={(next) => set({ state: next, offset: '' })} options={states} empty={t('accounts.allStates')} /></div>
      </div>
      <Loaded query={accounts}>
        {({ rows, total }) => (
          <>
            <Table
              caption={t('accounts.title')} columns={columns} rows={rows} rowKey={(row) => row.id}
              empty={<Empty title={t('accounts.none')}>{(text || state) && <Button onClick={() => set({ text: '', state: '', offset: '' })}>{t('accounts.showAll')}</Button>}</Empty>}
            />
            <Paging limit={limit} offset={Number(offset)} total={total} onChange={(next) => set({ offset: next ? String(next) : '' })} />
          </>
        )}
      </Loaded>
      {creating && <NewAccount onClose={() => setCreating(false)} onCreated={setFirst} />}
      {act && <DoAct act={act} onClose={() => setAct(undefined)} onFirstPassword={setFirst} />}
      {first && <ShowFirstPassword first={first} onClose={() => setFirst(undefined)} />}
    </Page>
  )
}

function NewAccount({ onClose, onCreated }: { onClose: () => void; onCreated: (first: FirstPassword) => void }) {
  const { t } = useTranslation('access')
  const form = useId()
  const own = myUnits(useMe(), 'account.manage')[0]
  const [name, setName] = useState('')
  const [username, setUsername] = useState('')
  const [unit, setUnit] = useState<PickedUnit | undefined>(own)
  const [tried, setTried] = useState(false)
  const create = useWrite(api.access.createAccount, {
    refresh: [q.access.accounts.key()],
    onSuccess: (first) => {
      onClose()
      onCreated(first)
    },
  })
  const send = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (!create.isPending && name.trim() && username.trim().length >= 2 && unit) create.mutate({ name, username, unit: unit.id })
  }
  const needed = (given: unknown) => (tried && !given ? t('needed') : undefined)
  const atField = ['name', 'username', 'unit'].some((path) => errorAt(create.error, path))
  const actions = (
    <>
      <Button onClick={onClose}>{t('ui:cancel')}</Button>
      <Button kind="main" type="submit" form={form} pending={create.isPending}>{t('accounts.create')}</Button>
    </>
  )
  return (
    <Dialog open title={t('accounts.create')} onClose={onClose} actions={actions}>
      <form id={form} className="form" onSubmit={send} noValidate>
        <Field label={t('name')} required error={needed(name.trim()) ?? errorAt(create.error, 'name')}>
          <TextInput value={name} onChange={setName} maxLength={40} />
        </Field>
        <Field label={t('username')} hint={t('accounts.usernameHint')} required error={needed(username.trim().length >= 2) ?? errorAt(create.error, 'username')}>
          <TextInput value={username} onChange={setUsername} maxLength={40} autoCapitalize="none" spellCheck={false} />
        </Field>
        <Field label={t('unit')} hint={t('accounts.unitHint')} required error={needed(unit) ?? errorAt(create.error, 'unit')}>
          <UnitPicker value={unit} onChange={setUnit} />
        </Field>
        {!atField && <Failure problem={create.error} />}
      </form>
    </Dialog>
  )
}

function DoAct({ act: { move, account }, onClose, onFirstPassword }: { act: Act; onClose: () => void; onFirstPassword: (first: FirstPassword) => void }) {
  const { t } = useTranslation('access')
  const refresh = [q.access.accounts.key()]
  const done = () => {
    onClose()
    toast(t(`accounts.${move}Done`, { name: account.name }))
  }
  const disable = useWrite(api.access.disableAccount, { refresh, onSuccess: done })
  const enable = useWrite(api.access.enableAccount, { refresh, onSuccess: done })
  const resetPassword = useWrite(api.access.resetPassword, {
    refresh,
    onSuccess: (first) => {
      onClose()
      onFirstPassword(first)
    },
  })
  const unlinkIdentity = useWrite(api.access.unlinkIdentity, { refresh, onSuccess: done })
  const write = { disable, enable, resetPassword, unlinkIdentity }[move]
  return (
    <ReasonDialog
      open title={t(`accounts.${move}Title`, { name: account.name })} lead={t(`accounts.${move}Lead`)} confirm={t(`accounts.${move}`)}
      danger={move === 'disable'} pending={write.isPending} problem={write.error} onClose={onClose}
      onConfirm={(reason) => write.mutate({ account: account.id, reason })}
    />
  )
}

function ShowFirstPassword({ first, onClose }: { first: FirstPassword; onClose: () => void }) {
  const { t } = useTranslation('access')
  return (
    <Dialog open title={t('accounts.firstTitle', { name: first.account.name })} onClose={onClose} actions={<Button kind="main" data-first onClick={onClose}>{t('accounts.firstKept')}</Button>}>
      <Note tone="warn"><p>{t('accounts.firstLead')}</p></Note>
      <dl className="facts">
        <dt>{t('username')}</dt><dd>{first.account.username}</dd>
        <dt>{t('accounts.firstPassword')}</dt><dd><code className="first-password">{first.firstPassword}</code></dd>
      </dl>
    </Dialog>
  )
}
