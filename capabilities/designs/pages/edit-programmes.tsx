import { useTranslation } from 'react-i18next'
import { Button } from '../../../web/ui/button.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { DateInput, Select, TextArea, TextInput, Tick } from '../../../web/ui/inputs.tsx'
import type { Member } from '../design.ts'
import { freeCode, numberFrom, wordLines, wordLinesText, withAt, withoutEmpty } from '../edit.ts'
import { DropRow, type MemberProps } from './member.tsx'
import { WordsInput, wordsOf } from './words-input.tsx'
import { useTypedText } from './typed-text.ts'

const pillars = ['organisation', 'foundation', 'ability'] as const

/** A programme: its years, the three pillars with their aims, the goals of each year, and set phrases with their members. */
export function ProgrammeEditor({ member, set, wrong }: MemberProps) {
  const { t } = useTranslation('designs')
  const list = (key: string) => (member[key] ?? []) as Member[]
  const put = (key: string, at: number, to: Member | undefined) => {
    const next = withAt(list(key), at, to && withoutEmpty(to))
    set({ [key]: next.length === 0 && key === 'bundles' ? undefined : next })
  }
  const lastYear = Math.max(Number(member['fromYear']) - 1, ...list('years').map((year) => Number(year['year'])))
  return (
    <div className="stack">
      <WordsInput label={t('more.name')} value={wordsOf(member['name'])} onChange={(name) => set({ name })} required error={wrong('name')} />
      <div className="grid">
        <Field label={t('programme.from')} required error={wrong('fromYear')}><TextInput inputMode="numeric" maxLength={4} value={String(member['fromYear'] ?? '')} onChange={(year) => set({ fromYear: numberFrom(year) })} /></Field>
        <Field label={t('programme.to')} required error={wrong('toYear')}><TextInput inputMode="numeric" maxLength={4} value={String(member['toYear'] ?? '')} onChange={(year) => set({ toYear: numberFrom(year) })} /></Field>
        <Field label={t('form.code')} required error={wrong('code')}><TextInput value={String(member['code'] ?? '')} spellCheck={false} maxLength={80} onChange={(code) => set({ code: code.toLowerCase().replace(/[^a-z0-9-]/g, '') })} /></Field>
      </div>
      {list('pillars').map((pillar, at) => (
        <fieldset className="stack" key={at}>
          <legend className="label">{t(`pillar.${String(pillar['code'])}`)}</legend>
          <WordsInput label={t('more.name')} value={wordsOf(pillar['name'])} onChange={(name) => put('pillars', at, { ...pillar, name })} required error={wrong('pillars', at, 'name')} />
          <WordsInput label={t('programme.aim')} value={wordsOf(pillar['aim'])} onChange={(aim) => put('pillars', at, { ...pillar, aim })} required error={wrong('pillars', at, 'aim')} long />
        </fieldset>
      ))}
      {list('years').map((year, at) => <YearEditor key={at} year={year} wrong={(...path) => wrong('years', at, ...path)} onChange={(next) => put('years', at, next)} />)}
      <div><Button small onClick={() => set({ years: [...list('years'), { year: lastYear + 1, theme: { zh: '', en: '' }, goals: [] }] })}>{t('programme.addYear')}</Button></div>
      {list('bundles').map((bundle, at) => <BundleEditor key={at} bundle={bundle} wrong={(...path) => wrong('bundles', at, ...path)} onChange={(next) => put('bundles', at, next)} />)}
      <div><Button small onClick={() => set({ bundles: [...list('bundles'), { code: freeCode('', new Set(list('bundles').map((one) => String(one['code']))), 'phrase', 'hyphen'), name: { zh: '', en: '' }, members: [], complete: false }] })}>{t('programme.addBundle')}</Button></div>
    </div>
  )
}

type PartProps = { wrong: (...path: (string | number)[]) => string | undefined; onChange: (next: Member | undefined) => void }

function YearEditor({ year, wrong, onChange }: PartProps & { year: Member }) {
  const { t } = useTranslation('designs')
  const goals = (year['goals'] ?? []) as Member[]
  const put = (next: Member[]) => onChange({ ...year, goals: next })
  return (
    <fieldset className="stack">
      <legend className="label">{t('programme.year', { year: String(year['year'] ?? '') })} <DropRow label={t('programme.dropYear', { year: String(year['year'] ?? '') })} onDrop={() => onChange(undefined)} /></legend>
      <div className="grid"><Field label={t('listTemplate.year')} required error={wrong('year')}><TextInput inputMode="numeric" maxLength={4} value={String(year['year'] ?? '')} onChange={(text) => onChange({ ...year, year: numberFrom(text) })} /></Field></div>
      <WordsInput label={t('programme.theme')} value={wordsOf(year['theme'])} onChange={(theme) => onChange({ ...year, theme })} required error={wrong('theme')} />
      {goals.map((goal, at) => (
        <div className="stack" key={at}>
          <WordsInput label={t('programme.goal', { n: at + 1 })} value={wordsOf(goal['name'])} onChange={(name) => put(withAt(goals, at, { ...goal, name }))} required error={wrong('goals', at)} />
          <div className="row">
            <Select aria-label={t('programme.pillarOf', { n: at + 1 })} value={String(goal['pillar'] ?? '')} empty={t('programme.noPillar')} options={pillars.map((one) => ({ value: one, label: t(`pillar.${one}`) }))} onChange={(pillar) => put(withAt(goals, at, withoutEmpty({ ...goal, pillar })))} />
            <DropRow label={t('programme.dropGoal', { n: at + 1 })} onDrop={() => put(withAt(goals, at, undefined))} />
          </div>
        </div>
      ))}
      <div><Button small kind="quiet" onClick={() => put([...goals, { code: freeCode('', new Set(goals.map((one) => String(one['code']))), 'goal', 'hyphen'), name: { zh: '', en: '' } }])}>{t('programme.addGoal')}</Button></div>
    </fieldset>
  )
}

function BundleEditor({ bundle, wrong, onChange }: PartProps & { bundle: Member }) {
  const { t } = useTranslation('designs')
  const local = (bundle['local'] ?? []) as Member[]
  const [shown, type] = useTypedText<unknown>(bundle['members'], wordLinesText, wordLines, (members) => onChange({ ...bundle, members }))
  const putLocal = (next: Member[]) => onChange({ ...bundle, local: next.length > 0 ? next : undefined })
  return (
    <fieldset className="stack">
      <legend className="label">{t('programme.bundle')} <DropRow label={t('programme.dropBundle', { name: wordsOf(bundle['name']).zh })} onDrop={() => onChange(undefined)} /></legend>
      <WordsInput label={t('more.name')} value={wordsOf(bundle['name'])} onChange={(name) => onChange({ ...bundle, name })} required error={wrong('name')} />
      <Field label={t('programme.members')} optional hint={t('programme.membersHint')} error={wrong('members')}><TextArea rows={4} value={shown} onChange={type} /></Field>
      <Tick checked={bundle['complete'] === true} onChange={(complete) => onChange({ ...bundle, complete })}>{t('programme.complete')}</Tick>
      <div className="grid">
        <Field label={t('programme.validFrom')} optional error={wrong('validFrom')}><DateInput value={String(bundle['validFrom'] ?? '')} onChange={(validFrom) => onChange({ ...bundle, validFrom })} /></Field>
        <Field label={t('programme.validTo')} optional error={wrong('validTo')}><DateInput value={String(bundle['validTo'] ?? '')} onChange={(validTo) => onChange({ ...bundle, validTo })} /></Field>
      </div>
      {local.map((one, at) => (
        <div className="stack" key={at}>
          <Field label={t('programme.place')} required error={wrong('local', at, 'place')}><TextInput value={String(one['place'] ?? '')} maxLength={80} onChange={(place) => putLocal(withAt(local, at, { ...one, place }))} /></Field>
          <WordsInput label={t('programme.meaning')} value={wordsOf(one['meaning'])} onChange={(meaning) => putLocal(withAt(local, at, { ...one, meaning }))} required error={wrong('local', at, 'meaning')} />
          <div className="row end"><DropRow label={t('programme.dropPlace', { n: at + 1 })} onDrop={() => putLocal(withAt(local, at, undefined))} /></div>
        </div>
      ))}
      <div><Button small kind="quiet" onClick={() => putLocal([...local, { place: '', meaning: { zh: '', en: '' } }])}>{t('programme.addPlace')}</Button></div>
    </fieldset>
  )
}
