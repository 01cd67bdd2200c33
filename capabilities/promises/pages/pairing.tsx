import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { usePathPart } from '../../../web/shell/address.ts'
import { Button } from '../../../web/ui/button.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { DateInput, Select, TextArea, TextInput } from '../../../web/ui/inputs.tsx'
import { DateText, StateTag } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf, ReasonDialog } from '../../../web/ui/moves.tsx'
import { Empty, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { PairingEntry, PairingPage } from '../promises.contract.ts'
import { FormDialog } from './form-dialog.tsx'
import { PairingState } from './pairings.tsx'

type Doing = 'resource' | 'need' | 'match' | 'prolong' | 'end'

/** One pairing with its three lists: what one has, what the other needs, what was done. */
export default function Pairing() {
  const id = Number(usePathPart('id'))
  const pairing = useQuery(q.promises.pairing.queryOptions({ input: { id } }))
  return <Loaded query={pairing}>{(page) => <Shown page={page} />}</Loaded>
}

function Shown({ page }: { page: PairingPage }) {
  const { t } = useTranslation('promises')
  const [doing, setDoing] = useState<Doing>()
  const close = () => setDoing(undefined)
  const end = useWrite(api.promises.endPairing, { refresh: [q.promises.key()], onSuccess: () => { close(); toast(t('pairing.endedNow')) } })
  const move = (name: string) => moveOf(page.moves, name)
  const open = (kind: 'resource' | 'need') => page.entries.filter((entry) => entry.kind === kind && entry.state === 'open')
  const canMatch = open('resource').length > 0 && open('need').length > 0
  const stateName = (state: string) => t(`pairing.state.${state}`)
  const offered = (name: string) => page.state === 'running' && move(name).why !== 'not-allowed'
  return (
    <Page
      narrow title={t('pairing.helps', { helper: page.helperName, helped: page.helpedName })} lead={page.purpose} crumbs={[{ to: '/promises', label: t('title') }, { to: '/promises/pairings', label: t('tab.pairings') }]}
      actions={offered('prolong') && (
        <>
          <MoveButton move={move('prolong')} label={t('pairing.prolong')} stateName={stateName} onGo={() => setDoing('prolong')} />
          <MoveButton move={move('end')} label={t('pairing.end')} stateName={stateName} onGo={() => setDoing('end')} />
        </>
      )}
    >
      <p className="row"><PairingState of={page} /><span className="soft"><DateText date={page.from} /> — <DateText date={page.until} /></span></p>
      {page.expired && page.state === 'running' && <Note tone="warn">{t('pairing.expiredHint')}</Note>}
      {page.reason && <Note tone="info">{t('pairing.reason')}：{page.reason}</Note>}
      {(['resource', 'need'] as const).map((kind) => (
        <Panel
          key={kind} title={t(`pairing.${kind}s`, { name: kind === 'resource' ? page.helperName : page.helpedName })}
          actions={offered(kind === 'resource' ? 'addResource' : 'addNeed') && <MoveButton small move={move(kind === 'resource' ? 'addResource' : 'addNeed')} label={t(`pairing.add.${kind}`)} stateName={stateName} onGo={() => setDoing(kind)} />}
        >
          <Entries page={page} entries={page.entries.filter((entry) => entry.kind === kind && entry.state !== 'met')} nothing={t(`pairing.no.${kind}`)} />
        </Panel>
      ))}
      <Panel title={t('pairing.dones')} actions={offered('match') && canMatch && <MoveButton small kind="main" move={move('match')} label={t('pairing.match')} stateName={stateName} onGo={() => setDoing('match')} />}>
        {page.doneEntries.length === 0 ? <Empty title={t('pairing.no.done')}>{t('pairing.matchHint')}</Empty> : (
          <ul className="plain-list stack">
            {page.doneEntries.map((done) => (
              <li key={done.id} className="stack tight"><strong>{done.need}</strong><span>{done.result}</span><span className="faint"><DateText date={done.on} /> · {t('pairing.with', { resource: done.resource })}</span></li>
            ))}
          </ul>
        )}
      </Panel>
      {(doing === 'resource' || doing === 'need') && <Add page={page} kind={doing} onClose={close} />}
      {doing === 'match' && <Match page={page} resources={open('resource')} needs={open('need')} onClose={close} />}
      {doing === 'prolong' && <Prolong page={page} onClose={close} />}
      <ReasonDialog open={doing === 'end'} danger title={t('pairing.end')} lead={t('pairing.endLead')} confirm={t('pairing.end')} pending={end.isPending} problem={end.error} onClose={close} onConfirm={(reason) => end.mutate({ id: page.id, version: page.version, reason })} />
    </Page>
  )
}

function Entries({ page, entries, nothing }: { page: PairingPage; entries: readonly PairingEntry[]; nothing: string }) {
  const { t } = useTranslation('promises')
  const [leaving, setLeaving] = useState<PairingEntry>()
  const withdraw = useWrite(api.promises.withdrawEntry, { refresh: [q.promises.key()], onSuccess: () => { setLeaving(undefined); toast(t('pairing.withdrawnNow')) } })
  if (entries.length === 0) return <p className="soft">{nothing}</p>
  return (
    <>
      <ul className="plain-list stack">
        {entries.map((entry) => (
          <li key={entry.id} className="row spread">
            <span>{entry.text} {entry.used > 0 && <StateTag tone="good">{t('pairing.used', { count: entry.used })}</StateTag>} {entry.state === 'withdrawn' && <StateTag>{t('pairing.withdrawn')}：{entry.reason}</StateTag>} <span className="faint"><DateText date={entry.addedOn} /></span></span>
            {entry.mayWithdraw && <span className="no-print"><Button small kind="quiet" aria-label={`${t('pairing.withdraw')}：${entry.text}`} onClick={() => setLeaving(entry)}>{t('pairing.withdraw')}</Button></span>}
          </li>
        ))}
      </ul>
      <ReasonDialog open={leaving !== undefined} title={t('pairing.withdraw')} lead={leaving?.text} confirm={t('pairing.withdraw')} pending={withdraw.isPending} problem={withdraw.error} onClose={() => setLeaving(undefined)} onConfirm={(reason) => leaving && withdraw.mutate({ id: page.id, entry: leaving.id, reason })} />
    </>
  )
}

function Add({ page, kind, onClose }: { page: PairingPage; kind: 'resource' | 'need'; onClose: () => void }) {
  const { t } = useTranslation('promises')
  const [text, setText] = useState('')
  const [tried, setTried] = useState(false)
  const add = useWrite(api.promises.addEntry, { refresh: [q.promises.key()], onSuccess: () => { toast(t('pairing.added')); onClose() } })
  return (
    <FormDialog
      title={t(`pairing.add.${kind}`)} lead={t(`pairing.addLead.${kind}`)} confirm={t(`pairing.add.${kind}`)} pending={add.isPending} problem={add.error} onClose={onClose}
      onSend={() => { setTried(true); if (text.trim() !== '') add.mutate({ id: page.id, kind, text: text.trim() }) }}
    >
      <Field label={t(`pairing.${kind}`)} required error={errorAt(add.error, 'text') ?? (tried && text.trim() === '' ? t('missing') : undefined)}><TextInput value={text} onChange={setText} maxLength={200} /></Field>
    </FormDialog>
  )
}

function Match({ page, resources, needs, onClose }: { page: PairingPage; resources: readonly PairingEntry[]; needs: readonly PairingEntry[]; onClose: () => void }) {
  const { t } = useTranslation('promises')
  const [resource, setResource] = useState(resources.length === 1 ? String(resources[0]!.id) : '')
  const [need, setNeed] = useState(needs.length === 1 ? String(needs[0]!.id) : '')
  const [on, setOn] = useState(() => todayIn(Date.now()))
  const [result, setResult] = useState('')
  const [tried, setTried] = useState(false)
  const match = useWrite(api.promises.match, { refresh: [q.promises.key()], onSuccess: () => { toast(t('pairing.matched')); onClose() } })
  const missing = (value: string) => (tried && value.trim() === '' ? t('missing') : undefined)
  const options = (entries: readonly PairingEntry[]) => entries.map((entry) => ({ value: String(entry.id), label: entry.text }))
  return (
    <FormDialog
      title={t('pairing.match')} lead={t('pairing.matchHint')} confirm={t('pairing.match')} pending={match.isPending} problem={match.error} onClose={onClose}
      onSend={() => {
        setTried(true)
        if ([resource, need, on, result].every((value) => value.trim() !== '')) match.mutate({ id: page.id, resource: Number(resource), need: Number(need), on, result: result.trim() })
      }}
    >
      <Field label={t('pairing.need')} required error={errorAt(match.error, 'need') ?? missing(need)}><Select value={need} empty={t('choose')} onChange={setNeed} options={options(needs)} /></Field>
      <Field label={t('pairing.resource')} required error={errorAt(match.error, 'resource') ?? missing(resource)}><Select value={resource} empty={t('choose')} onChange={setResource} options={options(resources)} /></Field>
      <Field label={t('pairing.on')} required error={errorAt(match.error, 'on') ?? missing(on)}><DateInput value={on} onChange={setOn} /></Field>
      <Field label={t('pairing.result')} required error={errorAt(match.error, 'result') ?? missing(result)}><TextArea value={result} onChange={setResult} maxLength={500} rows={3} /></Field>
    </FormDialog>
  )
}

function Prolong({ page, onClose }: { page: PairingPage; onClose: () => void }) {
  const { t } = useTranslation('promises')
  const [until, setUntil] = useState('')
  const [tried, setTried] = useState(false)
  const prolong = useWrite(api.promises.prolong, { refresh: [q.promises.key()], onSuccess: () => { toast(t('pairing.prolonged')); onClose() } })
  return (
    <FormDialog title={t('pairing.prolong')} confirm={t('pairing.prolong')} pending={prolong.isPending} problem={prolong.error} onClose={onClose} onSend={() => { setTried(true); if (until !== '') prolong.mutate({ id: page.id, version: page.version, until }) }}>
      <Field label={t('pairing.until')} required error={errorAt(prolong.error, 'until') ?? (tried && until === '' ? t('missing') : undefined)}><DateInput value={until} onChange={setUntil} /></Field>
    </FormDialog>
  )
}
