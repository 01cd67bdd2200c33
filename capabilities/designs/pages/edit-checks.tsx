import { useTranslation } from 'react-i18next'
import { pickWords } from '../../../web/i18n.ts'
import { Button, IconButton } from '../../../web/ui/button.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { Choice } from '../../../web/ui/inputs.tsx'
import { Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import type { ResolvedForm } from '../../ledgers/form-definition.ts'
import { fieldTypesOf } from '../../ledgers/form-fields.ts'
import type { Member } from '../design.ts'
import { freeCode, moved, withAt } from '../edit.ts'
import type { Example } from '../try-out.ts'
import { namesOf } from './edit-field.tsx'
import { FormulaField } from './formula-field.tsx'
import { WordsInput, wordsOf } from './words-input.tsx'

/** What must hold in a filled form, and the sentence that the village reads when it does not. */
export function ChecksPanel({ checks, onChange, drawn, examples, editable, wrong }: {
  checks: readonly Member[]
  onChange: (checks: Member[]) => void
  drawn: ResolvedForm
  examples: readonly Example[]
  editable: boolean
  wrong: (...path: (string | number)[]) => string | undefined
}) {
  const { t } = useTranslation('designs')
  const fields = fieldTypesOf(drawn)
  const add = () => onChange([...checks, { code: freeCode('', new Set(checks.map((one) => String(one['code']))), 'check', 'hyphen'), holds: '', message: { zh: '', en: '' } }])
  return (
    <Panel title={t('check.title')}>
      <p className="faint">{t('check.lead')}</p>
      {checks.map((check, at) => {
        const set = (changes: Member) => onChange(withAt(checks, at, Object.fromEntries(Object.entries({ ...check, ...changes }).filter(([, value]) => value !== undefined))))
        const found = wrong(at)
        const name = pickWords(wordsOf(check['message'])) || t('check.nth', { n: at + 1 })
        return (
          <section className="panel stack check" key={at} aria-label={name}>
            <div className="row spread">
              <h3>{t('check.nth', { n: at + 1 })}</h3>
              {editable && (
                <span className="row tight">
                  <IconButton label={t('check.up', { n: at + 1 })} disabled={at === 0} onClick={() => onChange(moved(checks, at, -1))}><Icon name="up" size={16} /></IconButton>
                  <IconButton label={t('check.drop', { n: at + 1 })} onClick={() => onChange(withAt(checks, at, undefined))}><Icon name="close" size={16} /></IconButton>
                </span>
              )}
            </div>
            <FormulaField label={t('check.holds')} value={String(check['holds'] ?? '')} onChange={(holds) => set({ holds })} fields={fields} level="record" nameOf={namesOf(drawn, t)} examples={examples} wants="yesNo" />
            <WordsInput label={t('check.message')} value={wordsOf(check['message'])} onChange={(message) => set({ message })} required hint={t('check.messageHint')} long />
            <Field label={t('check.level')} group>
              <Choice inline value={String(check['level'] ?? 'error')} onChange={(level) => set({ level: level === 'error' ? undefined : level })} options={[{ value: 'error', label: t('check.error') }, { value: 'warning', label: t('check.warning') }]} disabled={!editable} />
            </Field>
            {found && <Note tone="warn"><p>{found}</p></Note>}
          </section>
        )
      })}
      {editable && <div><Button small onClick={add}>{t('check.add')}</Button></div>}
    </Panel>
  )
}
