import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { Button, IconButton } from '../../../web/ui/button.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { Select, TextInput } from '../../../web/ui/inputs.tsx'
import { Empty, Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import type { ResolvedForm } from '../../ledgers/form-definition.ts'
import { leafTypesOf } from '../../ledgers/form-fields.ts'
import type { Member } from '../design.ts'
import { drawnForm, freeCode, moved, withAt, withSection } from '../edit.ts'
import { namesOf } from './edit-field.tsx'
import { ExampleRecords, firstExamples } from './example-records.tsx'
import { FormulaField } from './formula-field.tsx'
import { errorFor, type TabProps } from './tab.ts'
import { WordsInput, wordsOf } from './words-input.tsx'

const pillars = ['organisation', 'foundation', 'ability'] as const
const shownAs = ['number', 'money', 'percent'] as const

/** Figures with a definition: formulas over all records of a form, tried out on a few. */
export function IndicatorsTab(props: TabProps) {
  const { t } = useTranslation('designs')
  const { editing, editable, findings } = props
  const indicators = editing.content.sections.indicators ?? []
  const [open, setOpen] = useState<number>()
  const put = (next: readonly Member[]) => editing.change((content) => withSection(content, 'indicators', next))
  const add = () => {
    const code = freeCode(`${editing.content.head.code} figure`, new Set(indicators.map((one) => String(one['code']))), 'indicator', 'hyphen')
    put([...indicators, { code, name: { zh: '', en: '' }, pillar: 'foundation', form: String(editing.content.sections.forms?.[0]?.['code'] ?? ''), num: '', population: { zh: '', en: '' } }])
    setOpen(indicators.length)
  }
  return (
    <>
      {indicators.length === 0 && <Empty title={t('indicator.none')}><p>{t('indicator.noneNext')}</p></Empty>}
      {indicators.map((indicator, at) => {
        const name = pickWords(wordsOf(indicator['name'])) || t('indicator.untitled')
        return (
          <Panel
            key={at}
            title={<button type="button" className="field-name" aria-expanded={open === at} onClick={() => setOpen(open === at ? undefined : at)}><span>{name}</span><code className="faint">{String(indicator['code'])}</code></button>}
            actions={editable && (
              <span className="row tight">
                <IconButton label={t('field.up', { name })} disabled={at === 0} onClick={() => { put(moved(indicators, at, -1)); setOpen(undefined) }}><Icon name="up" size={16} /></IconButton>
                <IconButton label={t('field.down', { name })} disabled={at === indicators.length - 1} onClick={() => { put(moved(indicators, at, 1)); setOpen(undefined) }}><Icon name="down" size={16} /></IconButton>
                <IconButton label={t('field.drop', { name })} onClick={() => { put(withAt(indicators, at, undefined)); setOpen(undefined) }}><Icon name="close" size={16} /></IconButton>
              </span>
            )}
          >
            {errorFor(findings, 'indicators', [at]) && <Note tone="warn"><p>{errorFor(findings, 'indicators', [at])}</p></Note>}
            {open === at ? <OneIndicator {...props} at={at} onChange={(next) => put(withAt(indicators, at, next))} /> : <p className="faint"><code>{String(indicator['num'] ?? '')}{indicator['den'] ? ` ÷ ${String(indicator['den'])}` : ''}</code></p>}
          </Panel>
        )
      })}
      {editable && <div><Button onClick={add}>{t('indicator.add')}</Button></div>}
    </>
  )
}

function OneIndicator({ at, onChange, ...props }: TabProps & { at: number; onChange: (indicator: Member) => void }) {
  const { t } = useTranslation('designs')
  const { editing, findings } = props
  const indicator = (editing.content.sections.indicators ?? [])[at]!
  const set = (changes: Member) => onChange(Object.fromEntries(Object.entries({ ...indicator, ...changes }).filter(([, value]) => value !== undefined && value !== '')))
  const wrong = (...path: string[]) => errorFor(findings, 'indicators', [at, ...path])
  const forms = useQuery(q.ledgers.forms.queryOptions({ input: { limit: 500 } }))
  const own = editing.content.sections.forms ?? []
  const options = [...own.map((form) => ({ value: String(form['code']), label: wordsOf(form['name']).zh || String(form['code']) })), ...(forms.data?.rows ?? []).filter((row) => !own.some((form) => form['code'] === row.code)).map((row) => ({ value: row.code, label: pickWords(row.name) }))]
  const form = useFormOf(String(indicator['form'] ?? ''), props)
  const [typed, setExamples] = useState<Record<string, unknown>[]>()
  const examples = typed ?? (form ? firstExamples(form) : [])
  const fields = form ? leafTypesOf(form) : {}
  const money = indicator['shown'] === 'money'
  const unit = indicator['unit'] as string | undefined
  return (
    <div className="form wide">
      <WordsInput label={t('indicator.name')} value={wordsOf(indicator['name'])} onChange={(name) => set({ name })} required error={wrong('name')} />
      <div className="grid">
        <Field label={t('indicator.form')} required error={wrong('form')}><Select value={String(indicator['form'] ?? '')} empty={t('new.choose')} options={options} onChange={(next) => set({ form: next })} /></Field>
        <Field label={t('indicator.pillar')} required error={wrong('pillar')}><Select value={String(indicator['pillar'] ?? '')} options={pillars.map((value) => ({ value, label: t(`pillar.${value}`) }))} onChange={(pillar) => set({ pillar })} /></Field>
        <Field label={t('indicator.shown')}><Select value={String(indicator['shown'] ?? 'number')} options={shownAs.map((value) => ({ value, label: t(`shown.${value}`) }))} onChange={(shown) => set({ shown })} /></Field>
        {!money && <Field label={t('item.unit')} optional><TextInput value={unit ?? ''} maxLength={20} onChange={(next) => set({ unit: next })} /></Field>}
        <Field label={t('indicator.direction')}><Select value={String(indicator['direction'] ?? 'higher')} options={(['higher', 'lower', 'none'] as const).map((value) => ({ value, label: t(`direction.${value}`) }))} onChange={(direction) => set({ direction })} /></Field>
        <Field label={t('indicator.overTime')}><Select value={String(indicator['overTime'] ?? 'last')} options={(['last', 'sum'] as const).map((value) => ({ value, label: t(`overTime.${value}`) }))} onChange={(overTime) => set({ overTime })} /></Field>
      </div>
      {form ? (
        <>
          <ExampleRecords form={form} examples={examples} onChange={setExamples} />
          <FormulaField label={t('indicator.num')} value={String(indicator['num'] ?? '')} onChange={(num) => onChange({ ...indicator, num })} fields={fields} level="aggregate" nameOf={namesOf(form, t)} unit={indicator['den'] ? undefined : unit} examples={examples} wants="number" hint={t('indicator.numHint')} />
          <FormulaField label={t('indicator.den')} value={String(indicator['den'] ?? '')} onChange={(den) => set({ den })} fields={fields} level="aggregate" nameOf={namesOf(form, t)} examples={examples} wants="number" optional hint={t('indicator.denHint')} />
        </>
      ) : <Note><p>{t('indicator.formFirst')}</p></Note>}
      <WordsInput label={t('indicator.population')} value={wordsOf(indicator['population'])} onChange={(population) => set({ population })} required hint={t('indicator.populationHint')} error={wrong('population')} />
      <BandsInput value={indicator['bands'] as Bands | undefined} onChange={(bands) => set({ bands })} error={wrong('bands')} money={money} />
      <TargetsInput value={(indicator['targets'] ?? {}) as Record<string, unknown>} onChange={(targets) => set({ targets: Object.keys(targets).length > 0 ? targets : undefined })} error={wrong('targets')} />
      <div className="grid">
        <Field label={t('indicator.clause')} optional><TextInput value={String(indicator['clause'] ?? '')} maxLength={300} onChange={(clause) => set({ clause })} /></Field>
        <Field label={t('form.code')} required error={wrong('code')}><TextInput value={String(indicator['code'] ?? '')} spellCheck={false} maxLength={80} onChange={(code) => onChange({ ...indicator, code: code.toLowerCase().replace(/[^a-z0-9-]/g, '') })} /></Field>
      </div>
    </div>
  )
}

/** The form that an indicator reads: the one that is drawn here, or the one in force. */
function useFormOf(code: string, { editing, items }: TabProps): ResolvedForm | undefined {
  const own = (editing.content.sections.forms ?? []).find((form) => form['code'] === code)
  const drawn = useMemo(() => (own ? drawnForm(own, items) : undefined), [own, items])
  const inForce = useQuery({ ...q.ledgers.form.queryOptions({ input: { code } }), enabled: !own && code !== '' })
  return drawn ?? (inForce.data?.definition as ResolvedForm | undefined)
}

type Bands = { edges: unknown[]; names: unknown[]; includes?: string }

function BandsInput({ value, onChange, error, money }: { value: Bands | undefined; onChange: (bands: Bands | undefined) => void; error: string | undefined; money: boolean }) {
  const { t } = useTranslation('designs')
  const edges = value?.edges ?? []
  const names = value?.names ?? []
  const set = (changes: Partial<Bands>) => onChange({ ...(value ?? { edges: [], names: [] }), ...changes })
  return (
    <fieldset className="stack">
      <legend className="label">{t('bands.title')}</legend>
      <p className="hint">{t(money ? 'bands.hintMoney' : 'bands.hint')}</p>
      {names.map((name, at) => {
        const words = wordsOf(name)
        return (
          <div className="row nowrap" key={at}>
            {at > 0 ? <TextInput aria-label={t('bands.edge', { n: at })} inputMode="decimal" placeholder={t('bands.from')} value={String(edges[at - 1] ?? '')} onChange={(edge) => set({ edges: withAt(edges, at - 1, edge) })} /> : <span className="faint band-first">{t('bands.lowest')}</span>}
            <TextInput aria-label={t('bands.zh', { n: at + 1 })} placeholder={t('bands.name')} value={words.zh} onChange={(zh) => set({ names: withAt(names, at, { zh, en: words.en === '' || words.en === words.zh ? zh : words.en }) })} />
            <TextInput aria-label={t('bands.en', { n: at + 1 })} lang="en" placeholder={words.zh} value={words.en === words.zh ? '' : words.en} onChange={(en) => set({ names: withAt(names, at, { zh: words.zh, en: en || words.zh }) })} />
            <IconButton label={t('bands.drop', { n: at + 1 })} onClick={() => (names.length <= 2 ? onChange(undefined) : set({ edges: withAt(edges, Math.max(0, at - 1), undefined), names: withAt(names, at, undefined) }))}><Icon name="close" size={16} /></IconButton>
          </div>
        )
      })}
      {error && <div className="error" role="alert">{error}</div>}
      <div><Button small onClick={() => set(names.length === 0 ? { edges: [''], names: [{ zh: '', en: '' }, { zh: '', en: '' }] } : { edges: [...edges, ''], names: [...names, { zh: '', en: '' }] })}>{t('bands.add')}</Button></div>
    </fieldset>
  )
}

function TargetsInput({ value, onChange, error }: { value: Record<string, unknown>; onChange: (targets: Record<string, unknown>) => void; error: string | undefined }) {
  const { t } = useTranslation('designs')
  const years = Object.keys(value).sort()
  const [thisYear] = useState(() => new Date().getFullYear())
  const next = String(years.length > 0 ? Number(years.at(-1)) + 1 : thisYear)
  return (
    <fieldset className="stack">
      <legend className="label">{t('targets.title')}</legend>
      <p className="hint">{t('targets.hint')}</p>
      {years.map((year) => (
        <div className="row nowrap" key={year}>
          <span className="band-first">{year}</span>
          <TextInput aria-label={t('targets.of', { year })} inputMode="decimal" value={String(value[year] ?? '')} onChange={(target) => onChange({ ...value, [year]: target })} />
          <IconButton label={t('targets.drop', { year })} onClick={() => onChange(Object.fromEntries(Object.entries(value).filter(([one]) => one !== year)))}><Icon name="close" size={16} /></IconButton>
        </div>
      ))}
      {error && <div className="error" role="alert">{error}</div>}
      <div><Button small onClick={() => onChange({ ...value, [next]: '' })}>{t('targets.add', { year: next })}</Button></div>
    </fieldset>
  )
}
