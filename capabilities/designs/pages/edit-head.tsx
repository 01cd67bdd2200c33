import { useTranslation } from 'react-i18next'
import { Field } from '../../../web/ui/field.tsx'
import { TextInput, Tick } from '../../../web/ui/inputs.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { errorFor, type TabProps } from './tab.ts'
import { WordsInput, wordsOf } from './words-input.tsx'

/** What the design is called and which pack it becomes part of. */
export function HeadTab({ editing, findings }: TabProps) {
  const { t } = useTranslation('designs')
  const { head } = editing.content
  const set = (changes: Partial<typeof head>) => editing.change((content) => ({ ...content, head: { ...content.head, ...changes } }))
  const at = (...path: string[]) => errorFor(findings, 'pack', path)
  return (
    <Panel title={t('head.title')}>
      <div className="form">
        <WordsInput label={t('head.name')} value={wordsOf(head.title)} onChange={(title) => set({ title })} required error={at('title')} />
        <Field label={t('head.code')} required hint={t('head.codeHint')} error={at('code')}><TextInput value={head.code} spellCheck={false} maxLength={80} onChange={(code) => set({ code: code.toLowerCase().replace(/[^a-z0-9-]/g, '') })} /></Field>
        <Field label={t('head.version')} required hint={t('head.versionHint')} error={at('version')}><TextInput value={head.version} spellCheck={false} maxLength={40} onChange={(version) => set({ version })} /></Field>
        <Field label={t('head.requires')} optional hint={t('head.requiresHint')} error={at('requires')}>
          <TextInput value={(head.requires ?? []).join(' ')} spellCheck={false} onChange={(text) => { const requires = text.split(/[\s,，、]+/).filter(Boolean); editing.change((content) => { const { requires: _before, ...rest } = content.head; return { ...content, head: requires.length > 0 ? { ...rest, requires } : rest } }) }} />
        </Field>
        <Tick checked={head.sample ?? false} onChange={(sample) => editing.change((content) => { const { sample: _before, ...rest } = content.head; return { ...content, head: sample ? { ...rest, sample } : rest } })}>{t('head.sample')}</Tick>
      </div>
    </Panel>
  )
}
