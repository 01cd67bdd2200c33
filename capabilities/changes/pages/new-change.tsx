import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { api } from '../../../web/api/client.ts'
import { serverNow } from '../../../web/api/clock.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { Button } from '../../../web/ui/button.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Choice, DateInput, NumberInput, Select, TextInput } from '../../../web/ui/inputs.tsx'
import { Failure, Loaded } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { UnitPicker, type PickedUnit } from '../../../web/ui/unit-picker.tsx'
import type { ChangeInput } from '../changes.contract.ts'
import { kinds } from './changes.tsx'
import { Confirm, type Previewed } from './confirm.tsx'
import './changes.css'

type Kind = ChangeInput['kind']
/** A unit that comes of a merge or split, as it is typed. */
type Part = { standing: boolean; unit?: PickedUnit; code: string; name: string; share: string; key: number }
type Draft = {
  kind: Kind
  on: string
  units: PickedUnit[]
  parts: Part[]
  main: number
  given: Record<number, number>
  name: string
  heir?: PickedUnit
  area?: PickedUnit
  line?: PickedUnit
  management: 'area' | 'line' | 'dual'
}
const part = (key: number): Part => ({ standing: false, code: '', name: '', share: '', key })

/** One structure change: what happens to which units; then its preview; then its confirmation. */
export default function NewChange() {
  const [parts] = useQueryParts()
  const { t } = useTranslation('changes')
  const asked = useQuery({ ...q.units.one.queryOptions({ input: { id: Number(parts.unit) } }), enabled: Boolean(parts.unit) })
  return (
    <Page title={t('new.title')} lead={t('new.lead')} crumbs={[{ to: '/changes', label: t('title') }]}>
      {parts.unit ? <Loaded query={asked}>{({ id, name }) => <Wizard first={{ id, name }} />}</Loaded> : <Wizard />}
    </Page>
  )
}

function Wizard({ first }: { first?: PickedUnit }) {
  const { t } = useTranslation('changes')
  const [draft, setDraft] = useState<Draft>(() => ({ kind: 'merge', on: todayIn(serverNow()), units: first ? [first] : [], parts: [part(0)], main: 0, given: {}, name: '', management: 'area' }))
  const [previewed, setPreviewed] = useState<Previewed>()
  const change = (more: Partial<Draft>) => setDraft((before) => ({ ...before, ...more }))
  const preview = useWrite(api.changes.preview, { onSuccess: (found, { changes }) => setPreviewed({ changes: changes as ChangeInput[], ...found }) })
  const ready = complete(draft)
  const send = () => preview.mutate({ changes: [asChange(draft)] })
  if (previewed) return <Confirm key={previewed.fingerprint} previewed={previewed} onBack={() => setPreviewed(undefined)} onAgain={send} />
  return (
    <form
      className="stack" noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) send()
      }}
    >
      <Panel title={t('new.what')}>
        <Field label={t('kind')} group required>
          <Choice
            value={draft.kind} options={kinds.map((value) => ({ value, label: t(`kinds.${value}`), hint: t(`kindHints.${value}`) }))}
            onChange={(kind) => change({ kind: kind as Kind, parts: kind === 'split' ? [part(0), part(1)] : [part(0)], main: 0, units: kind === 'merge' || kind === 'transfer' ? draft.units : draft.units.slice(0, 1) })}
          />
        </Field>
        <Field label={t('on')} hint={t('new.onHint')} required error={errorAt(preview.error, 'on')}><DateInput value={draft.on} onChange={(on) => change({ on })} /></Field>
      </Panel>
      <Panel title={t(`new.units.${draft.kind}`)}><Units draft={draft} change={change} /></Panel>
      {draft.kind === 'merge' && <Panel title={t('new.into')}><PartFields one={draft.parts[0]!} onChange={(one) => change({ parts: [one] })} label={t('new.successor')} /></Panel>}
      {draft.kind === 'split' && <SplitFields draft={draft} change={change} />}
      {draft.kind === 'rename' && <Panel title={t('new.name')}><Field label={t('new.newName')} required error={errorAt(preview.error, 'changes.0.name')}><TextInput value={draft.name} onChange={(name) => change({ name })} maxLength={80} /></Field></Panel>}
      {draft.kind === 'abolish' && <Panel title={t('new.heir')}><Field label={t('new.heirUnit')} hint={t('new.heirHint')} required><UnitPicker value={draft.heir} onChange={(heir) => change({ heir: heir! })} /></Field></Panel>}
      {draft.kind === 'transfer' && (
        <Panel title={t('new.where')}>
          <Field label={t('new.areaParent')} required error={errorAt(preview.error, 'areaParent')}><UnitPicker value={draft.area} onChange={(area) => change({ area: area! })} /></Field>
          <Field label={t('new.management')} hint={t('new.managementHint')}><Select value={draft.management} options={(['area', 'line', 'dual'] as const).map((value) => ({ value, label: t(`management.${value}`) }))} onChange={(value) => change({ management: value as Draft['management'] })} /></Field>
          <Field label={t('new.lineParent')} optional={draft.management !== 'line'} required={draft.management === 'line'} hint={t('new.lineHint')} error={errorAt(preview.error, 'lineParent')}><UnitPicker value={draft.line} onChange={(line) => change({ line: line! })} /></Field>
        </Panel>
      )}
      <Failure problem={preview.error} />
      <div className="row end">
        {!ready && <span className="soft" id="change-lacks">{t('new.lacks')}</span>}
        <Button kind="main" type="submit" pending={preview.isPending} aria-disabled={!ready} aria-describedby={ready ? undefined : 'change-lacks'}>{t('new.preview')}</Button>
      </div>
    </form>
  )
}

/** The units that it happens to: one, or several with a box to add the next. */
function Units({ draft, change }: { draft: Draft; change: (more: Partial<Draft>) => void }) {
  const { t } = useTranslation('changes')
  const several = draft.kind === 'merge' || draft.kind === 'transfer'
  const full = !several && draft.units.length > 0
  return (
    <>
      {draft.units.length > 0 && (
        <ul className="change-units">
          {draft.units.map((unit) => <li key={unit.id}><strong>{unit.name}</strong><Button small kind="quiet" aria-label={t('new.removeUnit', { name: unit.name })} onClick={() => change({ units: draft.units.filter((one) => one.id !== unit.id), given: {} })}>{t('new.remove')}</Button></li>)}
        </ul>
      )}
      {!full && (
        <Field key={draft.units.length} label={several && draft.units.length > 0 ? t('new.addUnit') : t('unit')} required={draft.units.length === 0}>
          <UnitPicker value={undefined} onChange={(unit) => unit && !draft.units.some((one) => one.id === unit.id) && change({ units: [...draft.units, unit] })} />
        </Field>
      )}
    </>
  )
}

function PartFields({ one, onChange, label, standing }: { one: Part; onChange: (one: Part) => void; label: string; standing?: PickedUnit | undefined }) {
  const { t } = useTranslation('changes')
  return (
    <>
      <Field label={label} group required>
        <Choice
          value={one.standing ? 'standing' : 'new'} options={[{ value: 'new', label: t('new.create') }, { value: 'standing', label: standing ? t('new.continuesAs', { name: standing.name }) : t('new.standing') }]}
          onChange={(value) => onChange({ ...one, standing: value === 'standing', ...(standing && value === 'standing' ? { unit: standing } : {}) })}
        />
      </Field>
      {one.standing && !standing && <Field label={t('unit')} required><UnitPicker value={one.unit} onChange={(unit) => unit && onChange({ ...one, unit })} /></Field>}
      {!one.standing && (
        <div className="grid">
          <Field label={t('new.newName')} hint={t('new.nameHint')} required><TextInput value={one.name} onChange={(name) => onChange({ ...one, name })} maxLength={80} /></Field>
          <Field label={t('code')} hint={t('new.codeHint')} required><TextInput value={one.code} onChange={(code) => onChange({ ...one, code: code.trim() })} maxLength={40} inputMode="numeric" /></Field>
        </div>
      )}
    </>
  )
}

function SplitFields({ draft, change }: { draft: Draft; change: (more: Partial<Draft>) => void }) {
  const { t } = useTranslation('changes')
  const unit = draft.units[0]
  const children = useQuery({ ...q.units.children.queryOptions({ input: { unit: unit?.id ?? 0, tree: 'area', limit: 500 } }), enabled: unit !== undefined })
  const nameOf = (one: Part, at: number) => (one.standing ? one.unit?.name : one.name) || t('new.partNo', { no: at + 1 })
  const goesOn = draft.parts.some((one) => one.standing)
  const set = (at: number, one: Part) => change({ parts: draft.parts.map((other, index) => (index === at ? one : other)) })
  return (
    <>
      <Panel title={t('new.parts')}>
        {draft.parts.map((one, at) => (
          <div key={one.key} className="change-part stack">
            <PartFields one={one} label={t('new.partNo', { no: at + 1 })} standing={unit} onChange={(next) => set(at, next)} />
            {!goesOn && <Field label={t('new.share')} hint={t('new.shareHint')} optional><NumberInput value={one.share} onChange={(share) => set(at, { ...one, share })} readBack={false} /></Field>}
            {draft.parts.length > 2 && <div><Button small kind="quiet" onClick={() => change({ parts: draft.parts.filter((_, index) => index !== at), main: 0, given: {} })}>{t('new.removePart', { no: at + 1 })}</Button></div>}
          </div>
        ))}
        <div><Button small onClick={() => change({ parts: [...draft.parts, part(Math.max(...draft.parts.map((one) => one.key)) + 1)] })}>{t('new.addPart')}</Button></div>
        {!goesOn && <Field label={t('new.main')} hint={t('new.mainHint')} required><Select value={String(draft.main)} options={draft.parts.map((one, at) => ({ value: String(at), label: nameOf(one, at) }))} onChange={(main) => change({ main: Number(main) })} /></Field>}
      </Panel>
      {children.data && children.data.rows.length > 0 && (
        <Panel title={t('new.children')}>
          {children.data.rows.map((child) => (
            <Field key={child.id} label={child.name} required={!goesOn}>
              <Select value={draft.given[child.id] === undefined ? '' : String(draft.given[child.id])} empty={goesOn ? t('new.staysThere') : t('new.choosePart')} options={draft.parts.map((one, at) => ({ value: String(at), label: nameOf(one, at) }))} onChange={(value) => change({ given: { ...draft.given, [child.id]: Number(value) } })} />
            </Field>
          ))}
        </Panel>
      )}
    </>
  )
}

const isTyped = (one: Part) => (one.standing ? one.unit !== undefined : /^[0-9A-Za-z-]{2,40}$/.test(one.code) && one.name.trim() !== '')

function complete({ kind, on, units, parts, name, heir, area, line, management }: Draft): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(on) || units.length === 0) return false
  if (kind === 'merge' || kind === 'split') return parts.every(isTyped)
  if (kind === 'rename') return name.trim() !== ''
  if (kind === 'abolish') return heir !== undefined
  return area !== undefined && (management !== 'line' || line !== undefined)
}

function asChange({ kind, on, units, parts, main, given, name, heir, area, line, management }: Draft): ChangeInput {
  const ids = units.map((unit) => unit.id)
  const into = (one: Part) => (one.standing ? { unit: one.unit!.id } : { create: { code: one.code, name: one.name.trim() } })
  if (kind === 'merge') return { kind, on, units: ids, into: into(parts[0]!) }
  if (kind === 'split') {
    const childrenOf = (at: number) => Object.entries(given).filter(([, part_]) => part_ === at).map(([child]) => Number(child))
    return { kind, on, unit: ids[0]!, main, into: parts.map((one, at) => ({ ...into(one), ...(one.share && !parts.some((other) => other.standing) ? { share: one.share } : {}), children: childrenOf(at) })) }
  }
  if (kind === 'rename') return { kind, on, unit: ids[0]!, name: name.trim() }
  if (kind === 'abolish') return { kind, on, unit: ids[0]!, heir: heir!.id }
  return { kind, on, units: ids, areaParent: area?.id ?? null, lineParent: line?.id ?? null, management }
}
