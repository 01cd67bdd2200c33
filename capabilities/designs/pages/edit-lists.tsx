import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { Button, IconButton } from '../../../web/ui/button.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { DateInput, ManyChoices, Select, TextInput } from '../../../web/ui/inputs.tsx'
import { Empty, Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import type { Member } from '../design.ts'
import { freeCode, moved, withAt, withSection } from '../edit.ts'
import { errorFor, type TabProps } from './tab.ts'
import { WordsInput, wordsOf } from './words-input.tsx'

const pillars = ['organisation', 'foundation', 'ability'] as const
const whole = (text: string) => (/^\d{1,4}$/.test(text) ? Number(text) : undefined)

/** Lists that an issuer takes over: programme, year, items with what is delivered and how it is measured. */
export function ListsTab(props: TabProps) {
  const { t } = useTranslation('designs')
  const { editing, editable, findings } = props
  const lists = editing.content.sections.listTemplates ?? []
  const programmes = useQuery(q.lists.programmes.queryOptions())
  const [open, setOpen] = useState(0)
  const put = (next: readonly Member[]) => editing.change((content) => withSection(content, 'listTemplates', next))
  const add = () => {
    const code = freeCode(`${editing.content.head.code} list`, new Set(lists.map((one) => String(one['code']))), 'list', 'hyphen')
    put([...lists, { code, programme: String((programmes.data as { code: string }[] | undefined)?.[0]?.code ?? ''), year: new Date().getFullYear(), name: { zh: '', en: '' }, items: [blank()] }])
    setOpen(lists.length)
  }
  return (
    <>
      {lists.length === 0 && <Empty title={t('listTemplate.none')}><p>{t('listTemplate.noneNext')}</p></Empty>}
      {lists.map((list, at) => {
        const name = pickWords(wordsOf(list['name'])) || t('listTemplate.untitled')
        const set = (changes: Member) => put(withAt(lists, at, Object.fromEntries(Object.entries({ ...list, ...changes }).filter(([, value]) => value !== undefined && value !== ''))))
        const wrong = (...path: (string | number)[]) => errorFor(findings, 'listTemplates', [at, ...path])
        const items = (list['items'] ?? []) as Member[]
        return (
          <Panel
            key={at}
            title={<button type="button" className="field-name" aria-expanded={open === at} onClick={() => setOpen(open === at ? -1 : at)}><span>{name}</span><span className="faint">{t('listTemplate.items', { count: items.length })}</span></button>}
            actions={editable && <IconButton label={t('field.drop', { name })} onClick={() => put(withAt(lists, at, undefined))}><Icon name="close" size={16} /></IconButton>}
          >
            {wrong() && <Note tone="warn"><p>{wrong()}</p></Note>}
            {open === at && (
              <div className="form wide">
                <WordsInput label={t('listTemplate.name')} value={wordsOf(list['name'])} onChange={(next) => set({ name: next })} required error={wrong('name')} />
                <div className="grid">
                  <Field label={t('listTemplate.programme')} required error={wrong('programme')}><Select value={String(list['programme'] ?? '')} empty={t('new.choose')} options={((programmes.data ?? []) as { code: string; name: { zh: string; en: string } }[]).map((one) => ({ value: one.code, label: pickWords(one.name) }))} onChange={(programme) => set({ programme })} /></Field>
                  <Field label={t('listTemplate.year')} required error={wrong('year')}><TextInput inputMode="numeric" value={String(list['year'] ?? '')} maxLength={4} onChange={(year) => put(withAt(lists, at, { ...list, year: whole(year) ?? year }))} /></Field>
                  <Field label={t('form.code')} required error={wrong('code')}><TextInput value={String(list['code'] ?? '')} spellCheck={false} maxLength={80} onChange={(code) => put(withAt(lists, at, { ...list, code: code.toLowerCase().replace(/[^a-z0-9-]/g, '') }))} /></Field>
                </div>
                <ol className="plain-list stack">
                  {items.map((item, n) => (
                    <li key={n}>
                      <ItemEditor
                        {...props} item={item} nth={n} of={items.length} wrong={(...path) => wrong('items', n, ...path)}
                        onChange={(next) => set({ items: withAt(items, n, next) })} onMove={(step) => set({ items: moved(items, n, step) })}
                      />
                    </li>
                  ))}
                </ol>
                {editable && <div><Button small onClick={() => set({ items: [...items, blank()] })}>{t('listTemplate.addItem')}</Button></div>}
              </div>
            )}
          </Panel>
        )
      })}
      {editable && <div><Button onClick={add}>{t('listTemplate.add')}</Button></div>}
    </>
  )
}

const blank = (): Member => ({ title: { zh: '', en: '' }, deliverable: { zh: '', en: '' }, measure: { zh: '', en: '' } })

function ItemEditor({ item, nth, of, wrong, onChange, onMove, ...props }: TabProps & {
  item: Member
  nth: number
  of: number
  wrong: (...path: (string | number)[]) => string | undefined
  onChange: (item: Member | undefined) => void
  onMove: (step: number) => void
}) {
  const { t } = useTranslation('designs')
  const { editing, editable } = props
  const [open, setOpen] = useState(wordsOf(item['title']).zh === '')
  const classes = useQuery(q.units.classes.queryOptions({ staleTime: 600_000 }))
  const forms = useQuery(q.ledgers.forms.queryOptions({ input: { limit: 500 } }))
  const own = editing.content.sections.forms ?? []
  const set = (changes: Member) => onChange(Object.fromEntries(Object.entries({ ...item, ...changes }).filter(([, value]) => value !== undefined && value !== '')))
  const options = [...own.map((form) => ({ value: String(form['code']), label: wordsOf(form['name']).zh || String(form['code']) })), ...(forms.data?.rows ?? []).filter((row) => !own.some((form) => form['code'] === row.code)).map((row) => ({ value: row.code, label: pickWords(row.name) }))]
  const title = pickWords(wordsOf(item['title'])) || t('listTemplate.nth', { n: nth + 1 })
  return (
    <div className="panel stack">
      <div className="row spread">
        <button type="button" className="field-name" aria-expanded={open} onClick={() => setOpen(!open)}><span>{nth + 1}. {title}</span></button>
        {editable && (
          <span className="row tight">
            <IconButton label={t('field.up', { name: title })} disabled={nth === 0} onClick={() => onMove(-1)}><Icon name="up" size={16} /></IconButton>
            <IconButton label={t('field.down', { name: title })} disabled={nth === of - 1} onClick={() => onMove(1)}><Icon name="down" size={16} /></IconButton>
            <IconButton label={t('field.drop', { name: title })} disabled={of === 1} onClick={() => onChange(undefined)}><Icon name="close" size={16} /></IconButton>
          </span>
        )}
      </div>
      {wrong() && <Note tone="warn"><p>{wrong()}</p></Note>}
      {open && (
        <>
          <WordsInput label={t('listTemplate.title')} value={wordsOf(item['title'])} onChange={(next) => set({ title: next })} required error={wrong('title')} />
          <WordsInput label={t('listTemplate.deliverable')} value={wordsOf(item['deliverable'])} onChange={(next) => set({ deliverable: next })} required error={wrong('deliverable')} />
          <WordsInput label={t('listTemplate.measure')} value={wordsOf(item['measure'])} onChange={(next) => set({ measure: next })} required error={wrong('measure')} />
          <div className="class-choices"><Field label={t('form.audience')} group error={wrong('classes')}><ManyChoices value={(item['classes'] ?? []) as string[]} onChange={(next) => set({ classes: next.length > 0 ? next : undefined })} options={(classes.data ?? []).map((one) => ({ value: one.code, label: pickWords(one.name) }))} disabled={!editable} /></Field></div>
          <div className="grid">
            <Field label={t('indicator.pillar')} optional><Select value={String(item['pillar'] ?? '')} empty={t('listTemplate.noPillar')} options={pillars.map((value) => ({ value, label: t(`pillar.${value}`) }))} onChange={(pillar) => set({ pillar })} /></Field>
            <Field label={t('listTemplate.form')} optional error={wrong('form')}><Select value={String(item['form'] ?? '')} empty={t('listTemplate.noForm')} options={options} onChange={(form) => set({ form, ...(form ? {} : { period: undefined }) })} /></Field>
            <Field label={t('listTemplate.due')} optional error={wrong('due')}><DateInput value={String(item['due'] ?? '')} onChange={(due) => set({ due, ...(due ? { dueWorkingDays: undefined } : {}) })} /></Field>
            <Field label={t('listTemplate.workingDays')} optional error={wrong('dueWorkingDays')}><TextInput inputMode="numeric" maxLength={3} value={String(item['dueWorkingDays'] ?? '')} onChange={(days) => set({ dueWorkingDays: whole(days), ...(days ? { due: undefined } : {}) })} /></Field>
          </div>
        </>
      )}
    </div>
  )
}
