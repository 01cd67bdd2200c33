import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useQueryPart } from '../../../web/shell/address.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { Select, TextArea, TextInput, Tick } from '../../../web/ui/inputs.tsx'
import { Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { UnitPicker } from '../../../web/ui/unit-picker.tsx'
import type { Designable, Member } from '../design.ts'
import { daysFrom, daysText, freeCode, listFrom, numberFrom, withAt, withoutEmpty, withSection } from '../edit.ts'
import { ProgrammeEditor } from './edit-programmes.tsx'
import { RulesEditor } from './edit-rules.tsx'
import type { MemberProps } from './member.tsx'
import { errorFor, type TabProps } from './tab.ts'
import { WordsInput, wordsOf } from './words-input.tsx'
import { useTypedText } from './typed-text.ts'

/** Parts of a pack that are drawn here, one chosen at a time. */
export const moreParts = ['synonyms', 'targets', 'programmes', 'calendar', 'matterKinds', 'burdenRules'] as const
type More = (typeof moreParts)[number]

/** Everything of a pack that is no form, indicator or list: words, targets of units, programmes, holidays, kinds of matters, burden rules. */
export function MoreTab(props: TabProps) {
  const { t } = useTranslation('designs')
  const { editing, editable, findings } = props
  const [part, setPart] = useQueryPart('part', 'synonyms')
  const section = (moreParts.find((one) => one === part) ?? 'synonyms') as More
  const members = editing.content.sections[section] ?? []
  const put = (next: readonly Member[]) => editing.change((content) => withSection(content, section as Designable, next))
  const Editor = editors[section]
  const single = section === 'burdenRules'
  return (
    <Panel
      title={t(`section.${section}`)}
      actions={<div className="pick"><Select aria-label={t('more.part')} value={section} onChange={setPart} options={moreParts.map((one) => ({ value: one, label: `${t(`section.${one}`)} ${(editing.content.sections[one] ?? []).length}` }))} /></div>}
    >
      <p className="soft">{t(`more.lead.${section}`)}</p>
      <ol className="plain-list stack">
        {members.map((member, at) => {
          const wrong = (...path: (string | number)[]) => errorFor(findings, section, [at, ...path])
          return (
            <li key={at} className="more-row stack">
              <Editor {...props} member={member} at={at} wrong={wrong} set={(changes) => put(withAt(members, at, withoutEmpty({ ...member, ...changes })))} />
              {wrong() && <div className="error" role="alert">{wrong()}</div>}
              {editable && <div className="row end"><Button small kind="quiet" onClick={() => put(withAt(members, at, undefined))}>{t('more.drop')}<span className="sr-only"> {at + 1}</span></Button></div>}
            </li>
          )
        })}
      </ol>
      {members.length === 0 && <Note><p>{t('more.none')}</p></Note>}
      {editable && !(single && members.length > 0) && <div><Button small onClick={() => put([...members, blanks[section](members, editing.content.head.code)])}>{t(`more.add.${section}`)}</Button></div>}
    </Panel>
  )
}

const taken = (members: readonly Member[]) => new Set(members.map((member) => String(member['code'])))
const words = { zh: '', en: '' }
const pillars = ['organisation', 'foundation', 'ability'] as const

/** A new member of each part, for the eye; the check says what is still missing. */
const blanks: Record<More, (members: readonly Member[], pack: string) => Member> = {
  synonyms: (members) => ({ code: freeCode('', taken(members), 'words', 'hyphen'), words: [] }),
  targets: () => ({ indicator: '', year: new Date().getFullYear(), unit: '', value: '' }),
  programmes: (members, pack) => ({
    code: freeCode(pack, taken(members), 'programme', 'hyphen'), name: words, fromYear: new Date().getFullYear(), toYear: new Date().getFullYear() + 2,
    pillars: pillars.map((code) => ({ code, name: words, aim: words })), years: [],
  }),
  calendar: (members) => ({ year: Math.max(new Date().getFullYear(), ...members.map((member) => Number(member['year']) || 0)) + (members.length > 0 ? 1 : 0), notice: '' }),
  matterKinds: (members) => ({ code: freeCode('', taken(members), 'matter', 'hyphen'), name: words }),
  burdenRules: () => ({}),
}

const editors: Record<More, (props: MemberProps) => ReactNode> = {
  synonyms: SynonymsEditor, targets: TargetEditor, programmes: ProgrammeEditor, calendar: CalendarEditor, matterKinds: MatterKindEditor, burdenRules: RulesEditor,
}

function SynonymsEditor({ member, set, wrong, at }: MemberProps) {
  const { t } = useTranslation('designs')
  const [shown, type] = useTypedText((member['words'] ?? []) as string[], (list) => list.join('、'), listFrom, (list) => set({ words: list }))
  return <Field label={t('more.words', { n: at + 1 })} required hint={at === 0 ? t('more.wordsHint') : undefined} error={wrong('words')}><TextInput value={shown} onChange={type} /></Field>
}

function TargetEditor({ member, set, wrong, editing, design }: MemberProps) {
  const { t } = useTranslation('designs')
  const inForce = useQuery(q.designs.holdings.queryOptions({ input: { id: design, section: 'indicators' }, staleTime: 60_000 }))
  const own = (editing.content.sections.indicators ?? []).map((one) => ({ value: String(one['code']), label: pickWords(wordsOf(one['name'])) }))
  const options = [...own, ...(inForce.data?.rows ?? []).filter((one) => !own.some((mine) => mine.value === one.id)).map((one) => ({ value: one.id, label: pickWords(one.name) }))]
  const code = String(member['unit'] ?? '')
  const unit = useQuery({ queryKey: ['designs', 'unit', code], queryFn: ({ signal }) => api.units.search({ q: code, limit: 5 }, { signal }), enabled: code !== '', staleTime: 600_000 })
  const named = unit.data?.rows.find((one) => one.code === code)
  return (
    <div className="grid">
      <Field label={t('more.indicator')} required error={wrong('indicator')}><Select value={String(member['indicator'] ?? '')} empty={t('new.choose')} options={options} onChange={(indicator) => set({ indicator })} /></Field>
      <Field label={t('more.unit')} required error={wrong('unit')}>
        <UnitPicker value={code ? { id: named?.id ?? 0, name: named?.name ?? code } : undefined} onChange={(next) => void (next && api.units.search({ q: next.name, limit: 12 }).then(({ rows }) => set({ unit: rows.find((one) => one.id === next.id)?.code ?? '' })))} />
      </Field>
      <Field label={t('listTemplate.year')} required error={wrong('year')}><TextInput inputMode="numeric" maxLength={4} value={String(member['year'] ?? '')} onChange={(year) => set({ year: numberFrom(year) })} /></Field>
      <Field label={t('more.target')} required error={wrong('value')}><TextInput inputMode="decimal" value={String(member['value'] ?? '')} onChange={(value) => set({ value })} /></Field>
    </div>
  )
}

function CalendarEditor({ member, set, wrong }: MemberProps) {
  const { t } = useTranslation('designs')
  return (
    <div className="stack">
      <div className="grid">
        <Field label={t('listTemplate.year')} required error={wrong('year')}><TextInput inputMode="numeric" maxLength={4} value={String(member['year'] ?? '')} onChange={(year) => set({ year: numberFrom(year) })} /></Field>
        <Field label={t('more.notice')} required hint={t('more.noticeHint')} error={wrong('notice')}><TextInput value={String(member['notice'] ?? '')} maxLength={200} onChange={(notice) => set({ notice })} /></Field>
      </div>
      <div className="grid">
        <DaysInput label={t('more.off')} hint={t('more.offHint')} value={member['off']} error={wrong('off')} onChange={(off) => set({ off })} />
        <DaysInput label={t('more.worked')} hint={t('more.workedHint')} value={member['worked']} error={wrong('worked')} onChange={(worked) => set({ worked })} />
      </div>
      <Tick checked={member['source'] === 'unverified'} onChange={(unverified) => set({ source: unverified ? 'unverified' : undefined })}>{t('more.unverified')}</Tick>
    </div>
  )
}

/** Days with what they are for, one a line. */
function DaysInput({ label, hint, value, error, onChange }: { label: string; hint: string; value: unknown; error: string | undefined; onChange: (days: Record<string, string> | undefined) => void }) {
  const [shown, type] = useTypedText(value as Record<string, string> | undefined, daysText, daysFrom, onChange)
  return <Field label={label} optional hint={hint} error={error}><TextArea rows={6} value={shown} onChange={type} /></Field>
}

function MatterKindEditor({ member, set, wrong }: MemberProps) {
  const { t } = useTranslation('designs')
  return (
    <div className="stack">
      <WordsInput label={t('more.name')} value={wordsOf(member['name'])} onChange={(name) => set({ name })} required error={wrong('name')} />
      <div className="grid">
        <Field label={t('more.acknowledge')} optional hint={t('more.acknowledgeHint')} error={wrong('acknowledgeWorkingDays')}><TextInput inputMode="numeric" maxLength={2} value={String(member['acknowledgeWorkingDays'] ?? '')} onChange={(days) => set({ acknowledgeWorkingDays: days === '' ? undefined : numberFrom(days) })} /></Field>
        <Field label={t('form.code')} required error={wrong('code')}><TextInput value={String(member['code'] ?? '')} spellCheck={false} maxLength={80} onChange={(code) => set({ code: code.toLowerCase().replace(/[^a-z0-9-]/g, '') })} /></Field>
      </div>
    </div>
  )
}
