import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { useGo, useQueryParts } from '../../../web/shell/address.ts'
import { useMay } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { DateInput, SearchBox, Select, TextInput } from '../../../web/ui/inputs.tsx'
import { DateText, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Paging } from '../../../web/ui/table.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import { UnitPicker, type PickedUnit } from '../../../web/ui/unit-picker.tsx'
import type { Pairing } from '../promises.contract.ts'
import { FormDialog } from './form-dialog.tsx'

const limit = 20
const states = ['running', 'expired', 'ended'] as const

export function PairingState({ of }: { of: Pick<Pairing, 'state' | 'expired'> }) {
  const { t } = useTranslation('promises')
  const state = of.state === 'running' && of.expired ? 'expired' : of.state
  return <StateTag tone={state === 'running' ? 'good' : state === 'expired' ? 'warn' : 'plain'}>{t(`pairing.state.${state}`)}</StateTag>
}

/** Pairings (D32, D78) in which my units or those below take part. */
export function Pairings() {
  const { t } = useTranslation('promises')
  const [parts, setParts] = useQueryParts()
  const pairs = useMay('list.issue')
  const [pairing, setPairing] = useState(false)
  const offset = Number(parts.offset ?? 0)
  const state = states.find((one) => one === parts.state)
  const pairings = useQuery(q.promises.pairings.queryOptions({ input: { limit, offset, ...(state ? { state } : {}), ...(parts.q ? { q: parts.q } : {}) } }))
  return (
    <>
      <div className="row spread no-print">
        <SearchBox label={t('pairing.search')} value={parts.q ?? ''} onChange={(text) => setParts({ q: text, offset: '' })} />
        {pairs && <Button kind="main" icon={<Icon name="plus" size={18} />} onClick={() => setPairing(true)}>{t('pairing.pair')}</Button>}
      </div>
      <div className="row no-print"><Field label={t('stateTitle')}><Select value={parts.state ?? ''} empty={t('all')} options={states.map((one) => ({ value: one, label: t(`pairing.state.${one}`) }))} onChange={(next) => setParts({ state: next, offset: '' })} /></Field></div>
      <Loaded query={pairings}>
        {({ rows, total }) => (
          <>
            {rows.length === 0 ? <Empty title={t('pairing.nothing')}>{t('pairing.nothingNext')}</Empty> : (
              <ul className="stack plain-list">
                {rows.map((row) => (
                  <li className="panel stack" key={row.id}>
                    <div className="row spread"><h2><Link to={`/promises/pairings/${row.id}`}>{t('pairing.helps', { helper: row.helperName, helped: row.helpedName })}</Link></h2><PairingState of={row} /></div>
                    <p>{row.purpose}</p>
                    <p className="soft">{t('pairing.counts', { resources: row.resources, needs: row.needs, done: row.done })} · {t('pairing.until')} <DateText date={row.until} /></p>
                  </li>
                ))}
              </ul>
            )}
            <Paging limit={limit} offset={offset} total={total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
          </>
        )}
      </Loaded>
      {pairing && <Pair onClose={() => setPairing(false)} />}
    </>
  )
}

function Pair({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('promises')
  const go = useGo()
  const [helper, setHelper] = useState<PickedUnit>()
  const [helped, setHelped] = useState<PickedUnit>()
  const [purpose, setPurpose] = useState('')
  const [from, setFrom] = useState(() => todayIn(Date.now()))
  const [until, setUntil] = useState('')
  const [tried, setTried] = useState(false)
  const pair = useWrite(api.promises.pair, { refresh: [q.promises.key()], onSuccess: ({ id }) => { toast(t('pairing.paired')); go(`/promises/pairings/${id}`) } })
  const missing = (value: unknown) => (tried && !value ? t('missing') : undefined)
  return (
    <FormDialog
      title={t('pairing.pair')} lead={t('pairing.pairLead')} confirm={t('pairing.pair')} pending={pair.isPending} problem={pair.error} onClose={onClose}
      onSend={() => {
        setTried(true)
        if (helper && helped && purpose.trim() !== '' && from !== '' && until !== '') pair.mutate({ helper: helper.id, helped: helped.id, purpose: purpose.trim(), from, until })
      }}
    >
      <Field label={t('pairing.helper')} required error={errorAt(pair.error, 'helper') ?? missing(helper)}><UnitPicker value={helper} onChange={setHelper} /></Field>
      <Field label={t('pairing.helped')} required error={errorAt(pair.error, 'helped') ?? missing(helped)}><UnitPicker value={helped} onChange={setHelped} /></Field>
      <Field label={t('pairing.purpose')} required error={errorAt(pair.error, 'purpose') ?? missing(purpose.trim())}><TextInput value={purpose} onChange={setPurpose} maxLength={200} /></Field>
      <Field label={t('pairing.from')} required error={errorAt(pair.error, 'from') ?? missing(from)}><DateInput value={from} onChange={setFrom} /></Field>
      <Field label={t('pairing.until')} required error={errorAt(pair.error, 'until') ?? missing(until)}><DateInput value={until} onChange={setUntil} /></Field>
    </FormDialog>
  )
}
