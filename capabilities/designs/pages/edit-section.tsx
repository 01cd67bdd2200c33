import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { pickWords } from '../../../web/i18n.ts'
import { Button, IconButton } from '../../../web/ui/button.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { StateTag } from '../../../web/ui/marks.tsx'
import { Menu } from '../../../web/ui/menu.tsx'
import { Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import type { ResolvedForm } from '../../ledgers/form-definition.ts'
import type { Member } from '../design.ts'
import { freeCode, moved, withAt, withFieldCode, withSection } from '../edit.ts'
import type { Example } from '../try-out.ts'
import { FieldEditor } from './edit-field.tsx'
import type { Section } from './edit-forms.tsx'
import { HeldPicker } from './held-picker.tsx'
import { errorFor, type TabProps } from './tab.ts'
import { WordsInput, wordsOf } from './words-input.tsx'

/** One section of a form: its fields in order. Alt with the arrow keys moves the field that has the focus. */
export function SectionPanel({ formAt, sectionAt, section, sections, drawn, examples, onChange, onMove, ...props }: TabProps & {
  formAt: number
  sectionAt: number
  section: Section
  sections: number
  drawn: ResolvedForm
  examples: readonly Example[]
  onChange: (section: Section | undefined) => void
  onMove: (step: number) => void
}) {
  const { t } = useTranslation('designs')
  const { editing, items, held, findings, editable } = props
  const fields = section.fields ?? []
  const [open, setOpen] = useState<number>()
  const [picking, setPicking] = useState(false)
  const list = useRef<HTMLOListElement>(null)
  const focusOn = useRef<{ at: number; what: string }>(undefined)
  useEffect(() => {
    // The button that was pressed travels with its field.
    const wanted = focusOn.current
    if (!wanted) return
    focusOn.current = undefined
    const line = list.current?.children[wanted.at]
    const button = line?.querySelector<HTMLElement>(`[data-act="${wanted.what}"]:not([disabled])`) ?? line?.querySelector<HTMLElement>('[data-act="open"]')
    button?.focus()
  })
  const set = (next: Member[]) => onChange({ ...section, fields: next })
  const move = (at: number, step: number, what: string) => {
    if (at + step < 0 || at + step >= fields.length) return
    set(moved(fields, at, step))
    setOpen(open === at ? at + step : open === at + step ? at : open)
    focusOn.current = { at: at + step, what }
  }
  const takenFields = new Set(drawn.fields.map((field) => field.code))
  const addNew = () => {
    const own = editing.content.sections.dataItems ?? []
    const code = freeCode('', new Set([...items.keys(), ...own.map((item) => String(item['code'])), ...takenFields]), 'item')
    const cycle = drawn.cycle
    editing.change((content) => {
      const withItem = withSection(content, 'dataItems', [...(content.sections.dataItems ?? []), { code, name: { zh: '', en: '' }, type: 'number', unit: '', cycle, definition: { zh: '', en: '' } }])
      const form = (withItem.sections.forms ?? [])[formAt]!
      const all = (form['sections'] ?? []) as Section[]
      const next = withAt(all, sectionAt, { ...all[sectionAt], fields: [...(all[sectionAt]!.fields ?? []), { code, asks: code }] })
      return withSection(withItem, 'forms', withAt(withItem.sections.forms ?? [], formAt, { ...form, sections: next }))
    })
    setOpen(fields.length)
  }
  const addComputed = () => {
    const code = freeCode('', takenFields, 'computed')
    set([...fields, { code, computed: '', name: { zh: '', en: '' }, type: 'number' }])
    setOpen(fields.length)
  }
  const addHeld = (item: string) => {
    setPicking(false)
    set([...fields, { code: takenFields.has(item) ? freeCode(item, takenFields, item) : item, shows: item }])
  }
  const name = wordsOf(section.name)
  return (
    <Panel
      title={t('section.nth', { n: sectionAt + 1, name: pickWords(name) })}
      actions={editable && (
        <span className="row tight">
          <IconButton label={t('section.up', { n: sectionAt + 1 })} disabled={sectionAt === 0} onClick={() => onMove(-1)}><Icon name="up" size={16} /></IconButton>
          <IconButton label={t('section.down', { n: sectionAt + 1 })} disabled={sectionAt === sections - 1} onClick={() => onMove(1)}><Icon name="down" size={16} /></IconButton>
          <IconButton label={t('section.drop', { n: sectionAt + 1 })} disabled={fields.length > 0} onClick={() => onChange(undefined)}><Icon name="close" size={16} /></IconButton>
        </span>
      )}
    >
      <WordsInput label={t('section.name')} value={name} onChange={(next) => onChange({ ...section, name: next })} required error={errorFor(findings, 'forms', [formAt, 'sections', sectionAt, 'name'])} />
      <ol className="plain-list field-list" ref={list}>
        {fields.map((field, at) => {
          const item = items.get(String(field['asks'] ?? field['shows'] ?? ''))
          const itemAt = (editing.content.sections.dataItems ?? []).findIndex((one) => one['code'] === field['asks'])
          const label = wordsOf(field['name']).zh || item?.name.zh || String(field['code'])
          const kind = field['asks'] !== undefined ? 'asks' : field['shows'] !== undefined ? 'shows' : 'computed'
          const wrong = [errorFor(findings, 'forms', [formAt, 'sections', sectionAt, 'fields', at]), itemAt >= 0 ? errorFor(findings, 'dataItems', [itemAt]) : undefined].filter(Boolean).join(' ')
          return (
            <li
              key={String(field['code'])} className="field-line"
              onKeyDown={(event) => {
                if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') || !editable) return
                event.preventDefault()
                move(at, event.key === 'ArrowUp' ? -1 : 1, 'open')
              }}
            >
              <div className="row spread">
                <button type="button" className="field-name" data-act="open" aria-expanded={open === at} onClick={() => setOpen(open === at ? undefined : at)}>
                  <span>{label || t('field.untitled')}</span>
                  <StateTag tone={kind === 'asks' ? 'busy' : kind === 'shows' ? 'good' : 'plain'}>{t(`kind.${kind}`)}</StateTag>
                  <span className="faint">{item ? t(`type.${item.type}`) : ''}{item?.unit ? ` · ${item.unit}` : ''}</span>
                </button>
                {editable && (
                  <span className="row tight">
                    <IconButton data-act="up" label={t('field.up', { name: label })} disabled={at === 0} onClick={() => move(at, -1, 'up')}><Icon name="up" size={16} /></IconButton>
                    <IconButton data-act="down" label={t('field.down', { name: label })} disabled={at === fields.length - 1} onClick={() => move(at, 1, 'down')}><Icon name="down" size={16} /></IconButton>
                    <IconButton label={t('field.drop', { name: label })} onClick={() => { dropField(at); setOpen(undefined) }}><Icon name="close" size={16} /></IconButton>
                  </span>
                )}
              </div>
              {wrong && <Note tone="warn"><p>{wrong}</p></Note>}
              {open === at && (
                <FieldEditor
                  {...props} field={field} drawn={drawn} examples={examples} path={[formAt, 'sections', sectionAt, 'fields', at]} itemAt={itemAt}
                  onField={(next) => set(withAt(fields, at, next))}
                  onUseHeld={(code) => useHeld(at, code)}
                />
              )}
            </li>
          )
        })}
      </ol>
      {fields.length === 0 && <p className="faint">{t('section.noFields')}</p>}
      {editable && !picking && (
        <Menu
          label={t('field.add')} button={<><Icon name="plus" size={16} /> {t('field.add')}</>} side="left" look="button small"
          items={[{ key: 'held', label: t('field.addHeld'), onGo: () => setPicking(true) }, { key: 'new', label: t('field.addNew'), onGo: addNew }, { key: 'computed', label: t('field.addComputed'), onGo: addComputed }]}
        />
      )}
      {picking && <HeldPicker held={held} taken={new Set(drawn.fields.flatMap((field) => field.item ?? []))} onPick={addHeld} onClose={() => setPicking(false)} />}
      {picking && <div><Button small kind="quiet" onClick={() => setPicking(false)}>{t('cancel')}</Button></div>}
    </Panel>
  )

  /** Takes a field out; an item that nothing else in the design asks goes with it. */
  function dropField(at: number): void {
    const gone = fields[at]?.['asks']
    editing.change((content) => {
      const form = (content.sections.forms ?? [])[formAt]!
      const all = (form['sections'] ?? []) as Section[]
      const next = withSection(content, 'forms', withAt(content.sections.forms ?? [], formAt, { ...form, sections: withAt(all, sectionAt, { ...all[sectionAt], fields: withAt(all[sectionAt]!.fields ?? [], at, undefined) }) }))
      const still = (next.sections.forms ?? []).some((one) => ((one['sections'] ?? []) as Section[]).some((part) => (part.fields ?? []).some((field) => field['asks'] === gone || field['shows'] === gone)))
      const isHeld = held.some((item) => item.code === gone)
      return gone === undefined || still || isHeld ? next : withSection(next, 'dataItems', (next.sections.dataItems ?? []).filter((item) => item['code'] !== gone))
    })
  }

  /** The held item instead of the new one: the field shows it, and nobody types it again. */
  function useHeld(at: number, code: string): void {
    const field = fields[at]!
    const gone = field['asks']
    editing.change((before) => {
      // A field that is still called like its new item takes the name of the held one, also in formulas.
      const content = field['code'] === gone && !takenFields.has(code) ? withFieldCode(before, drawn.code, String(gone), code) : before
      const form = (content.sections.forms ?? [])[formAt]!
      const all = (form['sections'] ?? []) as Section[]
      const { asks: _asks, required: _required, min: _min, max: _max, name: _name, ...rest } = (all[sectionAt]!.fields ?? [])[at]!
      const next = withSection(content, 'forms', withAt(content.sections.forms ?? [], formAt, { ...form, sections: withAt(all, sectionAt, { ...all[sectionAt], fields: withAt(all[sectionAt]!.fields ?? [], at, { ...rest, shows: code }) }) }))
      return withSection(next, 'dataItems', (next.sections.dataItems ?? []).filter((item) => item['code'] !== gone))
    })
  }
}
