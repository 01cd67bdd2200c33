import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { DateInput, ManyChoices, NumberInput, Select, TextInput } from '../../../web/ui/inputs.tsx'
import { Empty, Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { estimatedMinutes } from '../../ledgers/burden.ts'
import { formulaValues } from '../../ledgers/check-record.ts'
import type { Member } from '../design.ts'
import { drawnForm, freeCode, moved, withAt, withSection } from '../edit.ts'
import { DesignCaps } from './caps.tsx'
import { ChecksPanel } from './edit-checks.tsx'
import { SectionPanel } from './edit-section.tsx'
import { asTyped, BurdenNow, Preview, type Values } from './preview.tsx'
import { errorFor, type TabProps } from './tab.ts'
import { useMyDesignUnit } from './use-unit.ts'
import { WordsInput, wordsOf } from './words-input.tsx'

const cycles = ['month', 'quarter', 'half', 'year', 'once'] as const
export type Section = { name?: unknown; fields?: Member[] }

/** The forms of a design: one is drawn at a time, beside the phone that shows it. */
export function FormsTab(props: TabProps) {
  const { t } = useTranslation('designs')
  const { editing, editable } = props
  const forms = editing.content.sections.forms ?? []
  const [at, setAt] = useState(0)
  const chosen = Math.min(at, forms.length - 1)
  const add = () => {
    const taken = new Set(forms.map((form) => String(form['code'])))
    const code = freeCode(editing.content.head.code, taken, 'form', 'hyphen')
    const name = forms.length === 0 ? editing.content.head.title : { zh: '', en: '' }
    const year = new Date().getFullYear() + 1
    editing.change((content) => withSection(content, 'forms', [...forms, { code, name, audience: [], cycle: 'month', minutes: 5, expires: `${year}-12-31`, sections: [{ name: { zh: t('form.firstSection'), en: t('form.firstSection') }, fields: [] }] }]))
    setAt(forms.length)
  }
  if (forms.length === 0) return <Empty title={t('form.none')}><p>{t('form.noneNext')}</p>{editable && <Button kind="main" onClick={add}>{t('form.add')}</Button>}</Empty>
  return (
    <>
      {(forms.length > 1 || editable) && (
        <div className="row">
          {forms.length > 1 && <div className="pick"><Select aria-label={t('form.which')} value={String(chosen)} options={forms.map((form, n) => ({ value: String(n), label: wordsOf(form['name']).zh || String(form['code']) }))} onChange={(value) => setAt(Number(value))} /></div>}
          {editable && <Button small onClick={add}>{t('form.add')}</Button>}
        </div>
      )}
      <OneForm key={chosen} {...props} at={chosen} />
    </>
  )
}

function OneForm({ at, ...props }: TabProps & { at: number }) {
  const { t } = useTranslation('designs')
  const { editing, items, findings, editable, difference } = props
  const forms = editing.content.sections.forms ?? []
  const form = forms[at]!
  const [example, setExample] = useState<Values>({})
  const drawn = drawnForm(form, items)
  const set = (changes: Member) => editing.change((content) => withSection(content, 'forms', withAt(content.sections.forms ?? [], at, { ...(content.sections.forms ?? [])[at], ...changes })))
  const drop = () => editing.change((content) => withSection(content, 'forms', withAt(content.sections.forms ?? [], at, undefined)))
  const wrong = (...path: (string | number)[]) => errorFor(findings, 'forms', [at, ...path])
  const sections = (form['sections'] ?? []) as Section[]
  const setSections = (next: Section[]) => set({ sections: next })
  const classes = useQuery(q.units.classes.queryOptions({ staleTime: 600_000 }))
  const audience = (form['audience'] ?? []) as string[]
  const unit = useMyDesignUnit()
  const addressed = useQuery({ ...q.units.audience.queryOptions({ input: { classes: audience.join(','), within: String(unit), limit: 0 } as never }), enabled: audience.length > 0 && unit > 0, placeholderData: keepPreviousData })
  const change = difference?.forms.find((one) => one.form === form['code'])
  const examples = [formulaValues(asTyped(drawn, example).values, null)]
  const rules = useQuery(q.burden.rules.queryOptions({ input: {}, staleTime: 600_000 }))
  const estimated = rules.data ? estimatedMinutes(drawn, rules.data.minutesPerField) : 0
  const units = audience.length === 0 ? 0 : (addressed.data?.units ?? change?.burden.units)
  return (
    <div className="drawing">
      <div className="stack">
        <Panel title={t('form.about')} actions={editable && <Button small kind="quiet" onClick={drop}>{t('form.drop')}</Button>}>
          <div className="form wide">
            <WordsInput label={t('form.name')} value={wordsOf(form['name'])} onChange={(name) => set({ name })} required error={wrong('name')} />
            <WordsInput label={t('form.purpose')} value={wordsOf(form['purpose'])} onChange={(purpose) => set({ purpose: purpose.zh || purpose.en ? purpose : undefined })} error={wrong('purpose')} long />
            <div className="class-choices"><Field label={t('form.audience')} required group hint={t('form.audienceHint')} error={wrong('audience')}>
              <ManyChoices value={audience} onChange={(next) => set({ audience: next })} options={(classes.data ?? []).map((one) => ({ value: one.code, label: pickWords(one.name) }))} disabled={!editable} />
            </Field></div>
            <div className="grid">
              <Field label={t('form.cycle')} required error={wrong('cycle')}><Select value={String(form['cycle'] ?? 'month')} options={cycles.map((value) => ({ value, label: t(`cycle.${value}`) }))} onChange={(cycle) => set({ cycle })} /></Field>
              <Field label={t('form.minutes')} required hint={t('form.minutesHint')} error={wrong('minutes')}><MinutesInput value={form['minutes']} onChange={(minutes) => set({ minutes })} /></Field>
              <Field label={t('form.expires')} required hint={t('form.expiresHint')} error={wrong('expires')}><DateInput value={String(form['expires'] ?? '')} onChange={(expires) => set({ expires })} /></Field>
              <Field label={t('form.code')} required hint={change?.from ? t('form.codeFixed') : t('form.codeHint')} error={errorFor(findings, 'forms', [at, 'code'])}><TextInput value={String(form['code'] ?? '')} spellCheck={false} disabled={Boolean(change?.from)} onChange={(code) => set({ code: code.toLowerCase().replace(/[^a-z0-9-]/g, '') })} /></Field>
            </div>
          </div>
          {editable && estimated > 0 && Number(form['minutes']) !== estimated && (
            <p className="row"><span className="faint">{t('minutes.estimate', { minutes: estimated })}</span> <Button small kind="quiet" onClick={() => set({ minutes: estimated })}>{t('minutes.use')}</Button></p>
          )}
          {errorFor(findings, 'forms', [at], { exact: true }) && <Note tone="warn"><p>{errorFor(findings, 'forms', [at], { exact: true })}</p></Note>}
        </Panel>
        {sections.map((section, s) => (
          <SectionPanel
            key={s} {...props} formAt={at} sectionAt={s} section={section} sections={sections.length} drawn={drawn} examples={examples}
            onChange={(next) => setSections(withAt(sections, s, next))} onMove={(step) => setSections(moved(sections, s, step))}
          />
        ))}
        {editable && <div><Button onClick={() => setSections([...sections, { name: { zh: '', en: '' }, fields: [] }])}>{t('form.addSection')}</Button></div>}
        <ChecksPanel checks={(form['checks'] ?? []) as Member[]} onChange={(checks) => set({ checks: checks.length > 0 ? checks : undefined })} drawn={drawn} examples={examples} editable={editable} wrong={(...path) => wrong('checks', ...path)} />
      </div>
      <aside className="stack beside" aria-label={t('preview.title')}>
        <Panel title={t('burden.title')}><BurdenNow form={drawn} units={units} before={change?.burdenBefore ?? null} />{change && editable && <DesignCaps caps={change.caps} />}</Panel>
        <Panel title={t('preview.title')} actions={<Button small kind="quiet" onClick={() => setExample({})}>{t('preview.clear')}</Button>}>
          <p className="faint">{t('preview.lead')}</p>
          <Preview form={drawn} values={example} onValues={setExample} />
        </Panel>
      </aside>
    </div>
  )
}

function MinutesInput({ value, onChange }: { value: unknown; onChange: (value: number | undefined) => void }) {
  const { t } = useTranslation('designs')
  const [text, setText] = useState('')
  // What was typed stays as it was written as long as it means the value; the estimate takes its place when it is taken over.
  const shown = typeof value === 'number' && Number(text) !== value ? String(value) : text
  return <NumberInput value={shown} unit={t('form.minutesUnit')} readBack={false} onChange={(next) => { setText(next); onChange(/^\d+(\.\d+)?$/.test(next) ? Number(next) : undefined) }} />
}
