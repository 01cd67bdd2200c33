import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import i18next from 'i18next'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q } from '../../../web/api/queries.ts'
import { useQueryPart, useQueryParts } from '../../../web/shell/address.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { DateInput, Select, TextInput } from '../../../web/ui/inputs.tsx'
import { Moment, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Failure, Loaded, Loading, Note } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { Paging, Table, type Column } from '../../../web/ui/table.tsx'
import { Tabs } from '../../../web/ui/tabs.tsx'
import { UnitPicker } from '../../../web/ui/unit-picker.tsx'
import type { Seal, TrailEvent } from '../access.contract.ts'

/** The audit administrator's page: who did what when, and the seals that show that nothing was changed afterwards. */
export default function TrailPage() {
  const { t } = useTranslation('access')
  const [tab, setTab] = useQueryPart('tab', 'events')
  const tabs = [{ key: 'events', label: t('trail.events') }, { key: 'seals', label: t('trail.seals') }]
  return (
    <Page title={t('trail.title')} lead={t('trail.lead')}>
      <Tabs label={t('trail.title')} tabs={tabs} chosen={tab} onChoose={setTab}>{tab === 'seals' ? <Seals /> : <Events />}</Tabs>
    </Page>
  )
}

/** The rooms whose events the filter names; every kind begins with its room's word. */
const kindGroups = ['access', 'unit', 'post', 'form', 'record', 'figure', 'indicator', 'target', 'list', 'task', 'pack'] as const

function Events() {
  const { t } = useTranslation('access')
  const [parts, set] = useQueryParts()
  const { kind = '', subject = '', from = '', to = '', unit = '', unitName = '' } = parts
  const input = { limit: 50, ...(kind && { kind }), ...(subject && { subject }), ...(from && { from }), ...(to && { to }), ...(unit && { unit: Number(unit) }) }
  const events = useInfiniteQuery({
    queryKey: [...q.access.events.key(), 'all', input],
    queryFn: ({ pageParam, signal }) => api.access.events({ ...input, ...(pageParam ? { before: pageParam } : {}) }, { signal }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next,
  })
  const rows = events.data?.pages.flatMap((page) => page.rows) ?? []
  const columns: Column<TrailEvent>[] = [
    { key: 'at', title: t('trail.when'), cell: (row) => <Moment at={row.at} /> },
    { key: 'kind', title: t('trail.what'), main: true, cell: (row) => kindName(row.kind) },
    { key: 'who', title: t('trail.who'), cell: (row) => <>{row.actorName ?? t('trail.system')} {row.facts.acting === true && <StateTag tone="warn">{t('acting')}</StateTag>}{row.postTitle && <div className="faint">{row.postTitle}</div>}</> },
    { key: 'unit', title: t('unit'), cell: (row) => row.unitName ?? '—' },
    { key: 'subject', title: t('trail.subject'), cell: (row) => <code className="faint">{row.subject}</code> },
    { key: 'reason', title: t('ui:reason'), cell: (row) => <>{row.reason ?? '—'}<Facts facts={row.facts} /></> },
    { key: 'sealed', title: t('trail.sealed'), cell: (row) => <StateTag tone={row.sealed ? 'good' : 'plain'}>{row.sealed ? t('trail.isSealed') : t('trail.notSealed')}</StateTag> },
  ]
  const hasFilter = Boolean(kind || subject || from || to || unit)
  const clear = () => set({ kind: '', subject: '', from: '', to: '', unit: '', unitName: '' })
  return (
    <>
      <div className="filters no-print">
        <Field label={t('trail.kind')}><Select value={kind} onChange={(next) => set({ kind: next })} empty={t('trail.allKinds')} options={kindGroups.map((value) => ({ value, label: t(`kindGroup.${value}`) }))} /></Field>
        <Field label={t('unit')}>
          <UnitPicker value={unit ? { id: Number(unit), name: unitName || unit } : undefined} onChange={(next) => set({ unit: next ? String(next.id) : '', unitName: next?.name ?? '' })} />
        </Field>
        <Field label={t('trail.from')}><DateInput value={from} max={to || undefined} onChange={(next) => set({ from: next })} /></Field>
        <Field label={t('trail.to')}><DateInput value={to} min={from || undefined} onChange={(next) => set({ to: next })} /></Field>
        <SubjectFilter value={subject} onChange={(next) => set({ subject: next })} />
        {hasFilter && <Button onClick={clear}>{t('trail.clear')}</Button>}
      </div>
      {events.isPending && <Loading />}
      <Failure problem={events.error} retry={() => void events.refetch()} />
      {events.data && <Table caption={t('trail.events')} columns={columns} rows={rows} rowKey={(row) => row.cursor} empty={<Empty title={t('trail.none')}>{hasFilter && <Button onClick={clear}>{t('trail.clear')}</Button>}</Empty>} />}
      {events.hasNextPage && <div><Button pending={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>{t('trail.older')}</Button></div>}
    </>
  )
}

function SubjectFilter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation('access')
  const [typed, setTyped] = useState(value)
  return (
    <Field label={t('trail.subject')} hint={undefined}>
      <TextInput value={typed} onChange={setTyped} placeholder="record:12" onBlur={() => onChange(typed.trim())} onKeyDown={(event) => event.key === 'Enter' && onChange(typed.trim())} />
    </Field>
  )
}

function Facts({ facts }: { facts: Record<string, unknown> }) {
  const { t } = useTranslation('access')
  if (Object.keys(facts).length === 0) return null
  return <details><summary className="faint">{t('trail.facts')}</summary><pre className="facts-text">{JSON.stringify(facts, null, 2)}</pre></details>
}

function Seals() {
  const { t } = useTranslation('access')
  const [offset, setOffset] = useQueryPart('offset', '0')
  const limit = 30
  const seals = useQuery(q.access.seals.queryOptions({ input: { limit, offset: Number(offset) } }))
  const hash = (text: string) => <code className="hash" title={text}>{text.slice(0, 16)}…</code>
  const columns: Column<Seal>[] = [
    { key: 'id', title: t('trail.sealNumber'), main: true, cell: (row) => row.id },
    { key: 'at', title: t('trail.sealedAt'), cell: (row) => <Moment at={row.sealedAt} /> },
    { key: 'events', title: t('trail.sealEvents'), num: true, cell: (row) => row.events },
    { key: 'hash', title: t('trail.hash'), cell: (row) => hash(row.hash) },
    { key: 'previous', title: t('trail.previous'), cell: (row) => hash(row.previous) },
  ]
  return (
    <Loaded query={seals}>
      {({ rows, total, waiting }) => (
        <>
          <Note><p>{t('trail.sealLead')} {waiting > 0 && t('trail.waiting', { waiting })}</p></Note>
          <Table caption={t('trail.seals')} columns={columns} rows={rows} rowKey={(row) => row.id} empty={<Empty title={t('trail.noSeals')} />} />
          <Paging limit={limit} offset={Number(offset)} total={total} onChange={(next) => setOffset(String(next))} />
        </>
      )}
    </Loaded>
  )
}

/** What happened, in words; a kind without words of its own shows its code. */
function kindName(kind: string): string {
  return i18next.exists(`access:kinds.${kind}`) ? i18next.t(`access:kinds.${kind}`) : kind
}
