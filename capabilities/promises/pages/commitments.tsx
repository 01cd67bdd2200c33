import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { myUnits, useMay, useMe } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { DateInput, SearchBox, Select, TextArea, TextInput } from '../../../web/ui/inputs.tsx'
import { DateText, StateTag } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf, ReasonDialog } from '../../../web/ui/moves.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { Paging, Table } from '../../../web/ui/table.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import { standings } from '../lives.ts'
import type { Commitment } from '../promises.contract.ts'
import { FormDialog } from './form-dialog.tsx'
import { History } from './history.tsx'

const limit = 20
const tones = { running: 'busy', late: 'bad', kept: 'good', keptLate: 'warn', withdrawn: 'plain' } as const

/** Public commitments (C11), with how they stand in the units below: sums, no ranking. */
export function Commitments() {
  const { t } = useTranslation('promises')
  const [parts, setParts] = useQueryParts()
  const me = useMe()
  const own = myUnits(me, 'task.work')
  const home = me.posts[0]
  // Whoever asks of others looks at the sums first, everybody else at the promises.
  const issues = useMay('list.issue')
  const [making, setMaking] = useState(false)
  const offset = Number(parts.offset ?? 0)
  const within = parts.within === 'mine' ? home?.unit : undefined
  const standing = standings.find((one) => one === parts.standing)
  const commitments = useQuery(q.promises.commitments.queryOptions({ input: { limit, offset, ...(standing ? { standing } : {}), ...(within === undefined ? {} : { unit: within }), ...(parts.q ? { q: parts.q } : {}) } }))
  return (
    <>
      {home && issues && <Counts unit={home.unit} />}
      <div className="row spread no-print">
        <SearchBox label={t('commitment.search')} value={parts.q ?? ''} onChange={(text) => setParts({ q: text, offset: '' })} />
        {own.length > 0 && <Button kind="main" icon={<Icon name="plus" size={18} />} onClick={() => setMaking(true)}>{t('commitment.make')}</Button>}
      </div>
      <div className="row no-print">
        <Field label={t('stateTitle')}><Select value={parts.standing ?? ''} empty={t('all')} options={standings.map((one) => ({ value: one, label: t(`standing.${one}`) }))} onChange={(next) => setParts({ standing: next, offset: '' })} /></Field>
        {home && <Field label={t('commitment.whose')}><Select value={parts.within ?? ''} empty={t('commitment.everybody')} options={[{ value: 'mine', label: t('commitment.mine', { name: home.unitName }) }]} onChange={(next) => setParts({ within: next, offset: '' })} /></Field>}
      </div>
      <Loaded query={commitments}>
        {({ rows, total }) => (
          <>
            {rows.length === 0 ? <Empty title={t('commitment.nothing')}>{t('commitment.nothingNext')}</Empty> : <ul className="stack plain-list">{rows.map((row) => <OneCommitment key={row.id} row={row} />)}</ul>}
            <Paging limit={limit} offset={offset} total={total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
          </>
        )}
      </Loaded>
      {home && !issues && <Counts unit={home.unit} />}
      {making && <Make units={own} onClose={() => setMaking(false)} />}
    </>
  )
}

function Counts({ unit }: { unit: number }) {
  const { t } = useTranslation('promises')
  const counts = useQuery(q.promises.commitmentCounts.queryOptions({ input: { unit } }))
  return (
    <Panel title={t('counts.title')}>
      <Loaded query={counts}>
        {({ unitName, all, below }) => {
          const rows = [{ unit, name: t('counts.all', { name: unitName }), counts: all }, ...below]
          return (
            <Table
              caption={t('counts.title')} rows={rows} rowKey={(row) => `${row.unit}${row.name}`}
              columns={[{ key: 'name', title: t('unit'), main: true, cell: (row) => row.name }, ...standings.map((one) => ({ key: one, title: t(`standing.${one}`), num: true, cell: (row: (typeof rows)[number]) => <span className="number">{row.counts[one]}</span> }))]}
            />
          )
        }}
      </Loaded>
    </Panel>
  )
}

function OneCommitment({ row }: { row: Commitment }) {
  const { t } = useTranslation('promises')
  const [doing, setDoing] = useState<'keep' | 'withdraw'>()
  const refresh = [q.promises.key()]
  const withdraw = useWrite(api.promises.withdrawCommitment, { refresh, onSuccess: () => { setDoing(undefined); toast(t('commitment.withdrawn')) } })
  const [keeping, withdrawing] = [moveOf(row.moves, 'keep'), moveOf(row.moves, 'withdraw')]
  const open = row.standing === 'running' || row.standing === 'late'
  return (
    <li className="panel stack">
      <div className="row spread"><h2>{row.text}</h2><StateTag tone={tones[row.standing]}>{t(`standing.${row.standing}`)}{row.daysLate > 0 && <> · {t('daysLate', { count: row.daysLate })}</>}</StateTag></div>
      <p>{row.unitName} · {t('commitment.by')} <DateText date={row.by} /></p>
      <p className="soft">{t('commitment.measure')}：{row.measure}</p>
      {row.result && <p>{t('commitment.result')}：{row.result} <span className="faint"><DateText date={row.keptOn} /></span></p>}
      {row.reason && <p>{t('commitment.reason')}：{row.reason}</p>}
      <div className="row spread">
        <History kind="commitment" id={row.id} />
        {open && (keeping.why !== 'not-allowed' || withdrawing.why !== 'not-allowed') && (
          <div className="row no-print">
            {keeping.why !== 'not-allowed' && <MoveButton small kind="main" move={keeping} label={t('commitment.keep')} why={keeping.why === 'same-person' ? t('commitment.samePerson') : undefined} onGo={() => setDoing('keep')} />}
            {withdrawing.why !== 'not-allowed' && <MoveButton small move={withdrawing} label={t('commitment.withdraw')} onGo={() => setDoing('withdraw')} />}
          </div>
        )}
      </div>
      {doing === 'keep' && <Keep row={row} onClose={() => setDoing(undefined)} />}
      <ReasonDialog open={doing === 'withdraw'} title={t('commitment.withdraw')} lead={t('commitment.withdrawLead')} confirm={t('commitment.withdraw')} pending={withdraw.isPending} problem={withdraw.error} onClose={() => setDoing(undefined)} onConfirm={(reason) => withdraw.mutate({ id: row.id, version: row.version, reason })} />
    </li>
  )
}

function Keep({ row, onClose }: { row: Commitment; onClose: () => void }) {
  const { t } = useTranslation('promises')
  const [on, setOn] = useState(() => todayIn(Date.now()))
  const [result, setResult] = useState('')
  const [tried, setTried] = useState(false)
  const keep = useWrite(api.promises.keep, { refresh: [q.promises.key()], onSuccess: () => { toast(t('commitment.kept')); onClose() } })
  return (
    <FormDialog
      title={t('commitment.keep')} lead={row.text} confirm={t('commitment.keep')} pending={keep.isPending} problem={keep.error} onClose={onClose}
      onSend={() => {
        setTried(true)
        if (result.trim() !== '' && on !== '') keep.mutate({ id: row.id, version: row.version, on, result: result.trim() })
      }}
    >
      <Field label={t('commitment.keptOn')} required error={errorAt(keep.error, 'on') ?? (tried && on === '' ? t('missing') : undefined)}><DateInput value={on} onChange={setOn} /></Field>
      <Field label={t('commitment.result')} hint={t('publicHint')} required error={errorAt(keep.error, 'result') ?? (tried && result.trim() === '' ? t('missing') : undefined)}><TextArea value={result} onChange={setResult} maxLength={500} rows={3} /></Field>
    </FormDialog>
  )
}

function Make({ units, onClose }: { units: readonly { id: number; name: string }[]; onClose: () => void }) {
  const { t } = useTranslation('promises')
  const [unit, setUnit] = useState(String(units[0]!.id))
  const [text, setText] = useState('')
  const [measure, setMeasure] = useState('')
  const [by, setBy] = useState('')
  const [tried, setTried] = useState(false)
  const commit = useWrite(api.promises.commit, { refresh: [q.promises.key()], onSuccess: () => { toast(t('commitment.made')); onClose() } })
  const missing = (value: string) => (tried && value.trim() === '' ? t('missing') : undefined)
  return (
    <FormDialog
      title={t('commitment.make')} lead={t('commitment.makeLead')} confirm={t('commitment.make')} pending={commit.isPending} problem={commit.error} onClose={onClose}
      onSend={() => {
        setTried(true)
        if (text.trim() !== '' && measure.trim() !== '' && by !== '') commit.mutate({ unit: Number(unit), text: text.trim(), measure: measure.trim(), by })
      }}
    >
      <Field label={t('commitment.text')} required error={errorAt(commit.error, 'text') ?? missing(text)}><TextInput value={text} onChange={setText} maxLength={200} /></Field>
      <Field label={t('commitment.measure')} hint={t('commitment.measureHint')} required error={errorAt(commit.error, 'measure') ?? missing(measure)}><TextInput value={measure} onChange={setMeasure} maxLength={200} /></Field>
      <Field label={t('commitment.by')} required error={errorAt(commit.error, 'by') ?? missing(by)}><DateInput value={by} onChange={setBy} /></Field>
      {units.length > 1 && <Field label={t('unit')}><Select value={unit} onChange={setUnit} options={units.map((one) => ({ value: String(one.id), label: one.name }))} /></Field>}
    </FormDialog>
  )
}
