import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { periodsOfYear, periodText as periodCode } from '../../../rules/period.ts'
import { q } from '../../../web/api/queries.ts'
import { languageNow, pickWords } from '../../../web/i18n.ts'
import { Button } from '../../../web/ui/button.tsx'
import { periodText } from '../../../web/ui/date-text.ts'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Choice, DateInput, NumberInput, Select, TextArea, TextInput } from '../../../web/ui/inputs.tsx'
import { DateText } from '../../../web/ui/marks.tsx'
import { Failure, Note } from '../../../web/ui/notes.tsx'
import { UnitPicker, type PickedUnit } from '../../../web/ui/unit-picker.tsx'
import type { Item, ItemInput } from '../lists.contract.ts'
import { AudienceInput, Units } from './audience-input.tsx'
import { DeadlineWorking } from './list-marks.tsx'

const pillars = ['organisation', 'foundation', 'ability'] as const

export const emptyItem: ItemInput = {
  head: null, title: '', detail: '', deliverable: '', measure: '', pillar: null, weight: 1, lead: null, coUnits: [],
  audience: null, due: null, dueFrom: null, dueWorkingDays: null, form: null, period: null,
}

/** @returns what can be written of an item, without what the server adds */
export function inputOf(item: Item): ItemInput {
  const { head, title, detail, deliverable, measure, pillar, weight, lead, coUnits, audience, due, dueFrom, dueWorkingDays, form, period } = item
  return { head, title, detail, deliverable, measure, pillar, weight, lead, coUnits, audience, due, dueFrom, dueWorkingDays, form, period }
}

/** Everything of one item in a dialog; incomplete is fine, the list page says what is missing. */
export function ItemDialog({ title, lead, confirm, start, names: known, issuer, year, path, pending, problem, onClose, onSend }: {
  title: string
  lead?: string
  confirm: string
  start: ItemInput
  /** Names of the units that the item names. */
  names: ReadonlyMap<number, string>
  issuer: PickedUnit
  /** Of the list: its periods are offered for a form. */
  year: number
  /** Where the item lies in what is sent, for errors. */
  path: 'item' | 'to'
  pending: boolean
  problem: unknown
  onClose: () => void
  onSend: (item: ItemInput) => void
}) {
  const { t } = useTranslation('lists')
  const form = useId()
  const [item, setItem] = useState(start)
  const [weight, setWeight] = useState(String(start.weight))
  const [names, setNames] = useState<ReadonlyMap<number, string>>(() => new Map([...known, [issuer.id, issuer.name]]))
  const [tried, setTried] = useState(false)
  const set = (changes: Partial<ItemInput>) => setItem((before) => ({ ...before, ...changes }))
  const learn = (unit: PickedUnit) => setNames((before) => new Map(before).set(unit.id, unit.name))
  const weightFault = !(Number(weight) > 0 && Number(weight) <= 1000)
  // A rule without classes says nothing yet: it is kept only when it is one.
  const audience = item.audience && item.audience.classes.length > 0 ? item.audience : null
  const send = () => {
    setTried(true)
    if (item.title.trim() !== '' && !weightFault) onSend({ ...item, title: item.title.trim(), head: item.head?.trim() || null, weight: Number(weight), audience })
  }
  const at = (name: string) => errorAt(problem, `${path}.${name}`)
  return (
    <Dialog
      open wide title={title} onClose={onClose}
      actions={<><Button onClick={onClose}>{t('cancel')}</Button><Button kind="main" type="submit" form={form} pending={pending}>{confirm}</Button></>}
    >
      <form
        id={form} className="form" noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!pending) send()
        }}
      >
        {lead && <p>{lead}</p>}
        <fieldset className="stack">
          <legend><h3>{t('item.what')}</h3></legend>
          <Field label={t('item.title')} required error={tried && item.title.trim() === '' ? t('item.titleMissing') : at('title')}><TextInput value={item.title} onChange={(text) => set({ title: text })} maxLength={200} /></Field>
          <Field label={t('item.head')} optional hint={t('item.headHint')} error={at('head')}><TextInput value={item.head ?? ''} onChange={(head) => set({ head: head || null })} maxLength={100} /></Field>
          <Field label={t('item.detail')} optional error={at('detail')}><TextArea value={item.detail} onChange={(detail) => set({ detail })} maxLength={4000} rows={3} /></Field>
          <div className="grid">
            <Field label={t('item.deliverable')} hint={t('item.deliverableHint')} error={at('deliverable')}><TextInput value={item.deliverable} onChange={(deliverable) => set({ deliverable })} maxLength={300} /></Field>
            <Field label={t('item.measure')} hint={t('item.measureHint')} error={at('measure')}><TextInput value={item.measure} onChange={(measure) => set({ measure })} maxLength={300} /></Field>
            <Field label={t('item.pillar')} optional><Select value={item.pillar ?? ''} empty={t('item.noPillar')} options={pillars.map((value) => ({ value, label: t(`pillar.${value}`) }))} onChange={(value) => set({ pillar: pillars.find((one) => one === value) ?? null })} /></Field>
            <Field label={t('item.weight')} hint={t('item.weightHint')} error={tried && weightFault ? t('item.weightFault') : at('weight')}><NumberInput value={weight} onChange={setWeight} readBack={false} /></Field>
          </div>
        </fieldset>
        <fieldset className="stack">
          <legend><h3>{t('item.who')}</h3></legend>
          <Field label={t('item.lead')} hint={t('item.leadHint')} error={at('lead')}>
            <UnitPicker
              value={item.lead === null ? undefined : { id: item.lead, name: names.get(item.lead) ?? `#${item.lead}` }}
              onChange={(unit) => {
                if (unit) learn(unit)
                set({ lead: unit?.id ?? null })
              }}
            />
          </Field>
          <Units label={t('item.coUnits')} units={item.coUnits} names={names} onName={learn} onChange={(coUnits) => set({ coUnits })} />
          <AudienceInput value={item.audience} onChange={(next) => set({ audience: next })} issuer={issuer} names={names} onName={learn} />
        </fieldset>
        <fieldset className="stack">
          <legend><h3>{t('item.when')}</h3></legend>
          <DeadlineInput item={item} onChange={set} problem={(name) => at(name)} />
        </fieldset>
        <fieldset className="stack">
          <legend><h3>{t('item.how')}</h3></legend>
          <FormInput item={item} year={year} onChange={set} error={at('period')} />
        </fieldset>
        {tried && (item.title.trim() === '' || weightFault) && <Note tone="bad">{t('item.faults')}</Note>}
        <Failure problem={problem} />
      </form>
    </Dialog>
  )
}

/** A day, or a number of working days with what they come to. */
function DeadlineInput({ item, onChange, problem }: { item: ItemInput; onChange: (changes: Partial<ItemInput>) => void; problem: (name: string) => string | undefined }) {
  const { t } = useTranslation('lists')
  const [today] = useState(() => todayIn(Date.now()))
  const [kind, setKind] = useState<'date' | 'days'>(item.dueWorkingDays !== null ? 'days' : 'date')
  const [days, setDays] = useState(item.dueWorkingDays === null ? '' : String(item.dueWorkingDays))
  const from = item.dueFrom ?? today
  const shown = useQuery({ ...q.lists.deadline.queryOptions({ input: { from, days: item.dueWorkingDays ?? 1 } }), enabled: kind === 'days' && item.dueWorkingDays !== null })
  const choose = (next: 'date' | 'days') => {
    setKind(next)
    setDays('')
    onChange({ due: null, dueFrom: null, dueWorkingDays: null })
  }
  const count = (text: string) => {
    setDays(text)
    onChange({ dueWorkingDays: /^[1-9]\d{0,2}$/.test(text) && Number(text) <= 500 ? Number(text) : null })
  }
  return (
    <>
      <Field label={t('deadline.title')} group>
        <Choice inline value={kind} onChange={(value) => choose(value === 'days' ? 'days' : 'date')} options={[{ value: 'date', label: t('deadline.byDate') }, { value: 'days', label: t('deadline.byDays') }]} />
      </Field>
      {kind === 'date' ? (
        <Field label={t('deadline.due')} error={problem('due')}><DateInput value={item.due ?? ''} onChange={(due) => onChange({ due: due || null })} /></Field>
      ) : (
        <>
          <div className="grid">
            <Field label={t('deadline.daysLabel')} hint={t('deadline.daysHint')} error={days !== '' && item.dueWorkingDays === null ? t('deadline.daysFault') : problem('dueWorkingDays')}><NumberInput value={days} onChange={count} whole unit={t('deadline.unit')} readBack={false} /></Field>
            <Field label={t('deadline.from')} optional hint={t('deadline.fromHint')} error={problem('dueFrom')}><DateInput value={item.dueFrom ?? ''} onChange={(dueFrom) => onChange({ dueFrom: dueFrom || null })} /></Field>
          </div>
          <div role="status">
            {shown.error ? <Failure problem={shown.error} /> : item.dueWorkingDays !== null && shown.data && (
              <Note>
                <p>{t('deadline.comesTo')} <strong><DateText date={shown.data.due} /></strong>{item.dueFrom === null && <span className="faint"> {t('deadline.ifToday')}</span>}</p>
                <DeadlineWorking shown={shown.data} open />
              </Note>
            )}
          </div>
        </>
      )}
    </>
  )
}

/** A form that answers the item, and the period it is asked for. */
function FormInput({ item, year, onChange, error }: { item: ItemInput; year: number; onChange: (changes: Partial<ItemInput>) => void; error: string | undefined }) {
  const { t } = useTranslation('lists')
  const forms = useQuery(q.ledgers.forms.queryOptions({ input: { limit: 500 } }))
  const form = forms.data?.rows.find((one) => one.code === item.form)
  const offered = form ? periodsOfYear(year, form.cycle === 'once' ? 'year' : form.cycle).map(periodCode) : []
  // A period of another year, written before, stays to be seen.
  const periods = item.period && !offered.includes(item.period) ? [item.period, ...offered] : offered
  return (
    <>
      <Field label={t('item.form')} optional hint={t('item.formHint')}>
        <Select
          value={item.form ?? ''} empty={t('item.noForm')} onChange={(code) => onChange({ form: code || null, period: null })}
          options={(forms.data?.rows ?? []).map((one) => ({ value: one.code, label: `${pickWords(one.name)}（${t('item.formFields', { count: one.fieldsAsked, minutes: one.minutes })}）` }))}
        />
      </Field>
      <Failure problem={forms.error} />
      {item.form !== null && (
        <Field label={t('item.period')} required error={error}>
          <Select value={item.period ?? ''} empty={t('item.choosePeriod')} options={periods.map((value) => ({ value, label: periodText(value, languageNow()) }))} onChange={(period) => onChange({ period: period || null })} />
        </Field>
      )}
    </>
  )
}
