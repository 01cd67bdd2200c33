import type { TFunction } from 'i18next'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fieldTypesOf } from '../../ledgers/form-fields.ts'
import type { ResolvedForm } from '../../ledgers/form-definition.ts'
import { pickWords } from '../../../web/i18n.ts'
import { Field } from '../../../web/ui/field.tsx'
import { Select, TextInput, Tick } from '../../../web/ui/inputs.tsx'
import { Note } from '../../../web/ui/notes.tsx'
import type { Member } from '../design.ts'
import { freeCode, withAt, withFieldCode, withItemCode, withSection } from '../edit.ts'
import type { Example } from '../try-out.ts'
import { ChoicesInput, ColumnsInput } from './choices-input.tsx'
import { FormulaField } from './formula-field.tsx'
import { errorFor, type TabProps } from './tab.ts'
import { Twins } from './twins.tsx'
import { WordsInput, wordsOf } from './words-input.tsx'

const types = ['number', 'money', 'text', 'yesNo', 'choice', 'date', 'table', 'file'] as const
const computedTypes = ['number', 'money', 'text', 'yesNo'] as const
/** Units of measure that come up again and again; anything else can be typed. */
const unitsOfMeasure = ['个', '户', '人', '人次', '次', '件', '家', '项', '处', '平方米', '亩', '公里', '吨', '盏']

/** One field: what is asked (a new data item), what is shown, or a formula. */
export function FieldEditor({ field, drawn, examples, path, itemAt, onField, onUseHeld, ...props }: TabProps & {
  field: Member
  drawn: ResolvedForm
  examples: readonly Example[]
  path: readonly (string | number)[]
  /** Where the item that it asks stands in the design; -1: it stands in a pack. */
  itemAt: number
  onField: (field: Member) => void
  onUseHeld: (code: string) => void
}) {
  const { t } = useTranslation('designs')
  const { editing, items, findings, twins, held } = props
  const set = (changes: Member) => onField(Object.fromEntries(Object.entries({ ...field, ...changes }).filter(([, value]) => value !== undefined && value !== '')))
  const wrong = (...more: string[]) => errorFor(findings, 'forms', [...path, ...more])
  const item = items.get(String(field['asks'] ?? field['shows'] ?? ''))
  const isNew = itemAt >= 0 && !held.some((one) => one.code === field['asks'])
  const mine = twins.find((one) => one.item === field['asks'])
  const numeric = item?.type === 'number' || item?.type === 'money'
  return (
    <div className="field-editor form wide">
      {itemAt >= 0 && <ItemEditor {...props} at={itemAt} isNew={isNew} />}
      {mine && isNew && <Twins twins={mine} reason={editing.reasons[mine.item] ?? ''} onReason={(why) => editing.reason(mine.item, why)} onUse={onUseHeld} />}
      {item && itemAt < 0 && <Note><p>{t(field['shows'] === undefined ? 'field.askedHeld' : 'field.shown', { name: pickWords(item.name) })} {pickWords(item.definition)}</p></Note>}
      {field['computed'] !== undefined && (
        <>
          <WordsInput label={t('field.name')} value={wordsOf(field['name'])} onChange={(name) => set({ name })} required error={wrong('name')} />
          <FormulaField
            label={t('field.formula')} value={String(field['computed'] ?? '')} onChange={(computed) => onField({ ...field, computed })} fields={fieldTypesOf({ fields: drawn.fields.filter((one) => one.code !== field['code']) })} level="record"
            nameOf={namesOf(drawn, t)} unit={field['unit'] as string | undefined} examples={examples} wants={String(field['type'] ?? 'number')}
          />
          <div className="grid">
            <Field label={t('field.gives')}><Select value={String(field['type'] ?? 'number')} options={computedTypes.map((value) => ({ value, label: t(`type.${value}`) }))} onChange={(type) => set({ type })} /></Field>
            <Field label={t('item.unit')} optional><TextInput value={String(field['unit'] ?? '')} maxLength={20} onChange={(unit) => set({ unit })} /></Field>
          </div>
        </>
      )}
      <WordsInput label={t('field.help')} value={wordsOf(field['help'])} onChange={(help) => set({ help: help.zh ? help : undefined })} error={wrong('help')} hint={t('field.helpHint')} />
      {field['asks'] !== undefined && (
        <div className="grid">
          <Tick checked={field['required'] !== false} disabled={item?.type === 'file'} onChange={(required) => set({ required: required ? undefined : false })}>{t('field.required')}</Tick>
          {numeric && <Field label={t('field.min')} optional error={wrong('min')}><TextInput inputMode="decimal" value={String(field['min'] ?? '')} maxLength={20} onChange={(min) => set({ min })} /></Field>}
          {numeric && <Field label={t('field.max')} optional error={wrong('max')}><TextInput inputMode="decimal" value={String(field['max'] ?? '')} maxLength={20} onChange={(max) => set({ max })} /></Field>}
        </div>
      )}
      <Field label={t('field.code')} hint={t('field.codeHint')} error={wrong('code')}><FieldCode code={String(field['code'] ?? '')} taken={new Set(drawn.fields.map((one) => one.code))} onCode={(code) => editing.change((content) => withFieldCode(content, drawn.code, String(field['code']), code))} /></Field>
    </div>
  )
}

function FieldCode({ code, taken, onCode }: { code: string; taken: ReadonlySet<string>; onCode: (code: string) => void }) {
  const [typed, setTyped] = useState<string>()
  const now = typed ?? code
  const leave = () => {
    if (now !== code && /^[A-Za-z][A-Za-z0-9_]{0,59}$/.test(now) && !taken.has(now)) onCode(now)
    setTyped(undefined)
  }
  return <TextInput value={now} spellCheck={false} maxLength={60} onChange={(next) => setTyped(next.replace(/[^A-Za-z0-9_]/g, ''))} onBlur={leave} />
}

/** What a code is called, for the list of names in the formula editor. */
export function namesOf(drawn: ResolvedForm, t: TFunction<'designs'>) {
  return (code: string): string | undefined => {
    const last = code.startsWith('last.')
    const plain = last ? code.slice(5) : code
    const [name, column] = plain.split('.')
    const field = drawn.fields.find((one) => one.code === name)
    if (!field) return undefined
    const own = column ? (field.columns?.find((one) => one.code === column)?.name ?? field.name) : field.name
    return last ? t('formula.last', { name: pickWords(own) }) : pickWords(own)
  }
}

function ItemEditor({ at, isNew, ...props }: TabProps & { at: number; isNew: boolean }) {
  const { t } = useTranslation('designs')
  const { editing, items, findings } = props
  const item = (editing.content.sections.dataItems ?? [])[at]!
  const wrong = (...more: string[]) => errorFor(findings, 'dataItems', [at, ...more])
  const set = (changes: Member) => {
    editing.change((content) => {
      const before = (content.sections.dataItems ?? [])[at]!
      const next = Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== undefined && value !== ''))
      return withSection(content, 'dataItems', withAt(content.sections.dataItems ?? [], at, next))
    })
  }
  const rename = (name: { zh: string; en: string }) => {
    set({ name })
  }
  /** Once the English name has been written, it becomes the code; typed letter by letter it would change all the time. */
  const settle = () => {
    const old = String(item['code'])
    const { zh, en } = wordsOf(item['name'])
    if (!isNew || !/^item\d*$/.test(old) || en === '' || en === zh) return
    recode(freeCode(en, new Set([...items.keys()].filter((one) => one !== old)), 'item'))
  }
  const recode = (code: string) => editing.change((content) => withItemCode(content, String(item['code']), code))
  const type = String(item['type'] ?? 'text')
  return (
    <>
      <div onBlur={settle}><WordsInput label={t('item.name')} value={wordsOf(item['name'])} onChange={rename} required error={wrong('name')} /></div>
      <WordsInput label={t('item.definition')} value={wordsOf(item['definition'])} onChange={(definition) => set({ definition })} required hint={t('item.definitionHint')} error={wrong('definition')} long />
      <div className="grid">
        <Field label={t('item.type')} required error={wrong('type')}><Select value={type} options={types.map((value) => ({ value, label: t(`type.${value}`) }))} onChange={(next) => set({ type: next, ...(next === 'number' ? {} : { unit: undefined, precision: undefined, hedged: undefined }) })} /></Field>
        {type === 'number' && (
          <Field label={t('item.unit')} required hint={t('item.unitHint')} error={wrong('unit')}>
            <UnitInput value={String(item['unit'] ?? '')} onChange={(unit) => set({ unit })} />
          </Field>
        )}
        {type === 'number' && <Field label={t('item.precision')}><Select value={String(item['precision'] ?? 0)} options={[0, 1, 2, 3, 4].map((n) => ({ value: String(n), label: String(n) }))} onChange={(precision) => set({ precision: precision === '0' ? undefined : Number(precision) })} /></Field>}
        <Field label={t('item.cycle')} required error={wrong('cycle')}><Select value={String(item['cycle'] ?? 'month')} options={(['month', 'quarter', 'half', 'year', 'once'] as const).map((value) => ({ value, label: t(`cycle.${value}`) }))} onChange={(cycle) => set({ cycle })} /></Field>
      </div>
      {type === 'number' && <Tick checked={item['hedged'] === true} onChange={(hedged) => set({ hedged: hedged ? true : undefined })}>{t('item.hedged')}</Tick>}
      {type === 'choice' && <ChoicesInput value={(item['choices'] ?? []) as Member[]} onChange={(choices) => set({ choices })} error={wrong('choices')} />}
      {type === 'table' && <ColumnsInput value={(item['columns'] ?? []) as Member[]} onChange={(columns) => set({ columns })} error={wrong('columns')} />}
      {isNew && <ItemCode code={String(item['code'])} taken={items} onCode={recode} error={wrong('code')} />}
      {!isNew && <Note><p>{t('item.registered', { code: String(item['code']) })}</p></Note>}
    </>
  )
}

/** The code of a new item: taken over when it is whole and free. */
function ItemCode({ code, taken, onCode, error }: { code: string; taken: ReadonlyMap<string, unknown>; onCode: (code: string) => void; error: string | undefined }) {
  const { t } = useTranslation('designs')
  const [typed, setTyped] = useState<string>()
  const now = typed ?? code
  const fault = now === code ? undefined : !/^[A-Za-z][A-Za-z0-9_]{0,59}$/.test(now) ? t('item.codeFault') : taken.has(now) ? t('item.codeTaken') : undefined
  const leave = () => {
    if (!fault && now !== code) onCode(now)
    if (!fault) setTyped(undefined)
  }
  return <Field label={t('item.code')} hint={t('item.codeHint')} error={fault ?? error}><TextInput value={now} spellCheck={false} maxLength={60} onChange={setTyped} onBlur={leave} /></Field>
}

function UnitInput({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const list = 'units-of-measure'
  return (
    <>
      <TextInput value={value} maxLength={20} list={list} onChange={onChange} />
      <datalist id={list}>{unitsOfMeasure.map((one) => <option key={one} value={one} />)}</datalist>
    </>
  )
}

