import type { UseQueryResult } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { pickWords } from '../../../web/i18n.ts'
import { Button } from '../../../web/ui/button.tsx'
import { StateTag } from '../../../web/ui/marks.tsx'
import { Loaded, Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import type { Checked, Design, DesignFinding, Difference, FormChange } from '../designs.contract.ts'
import { drawnForm } from '../edit.ts'
import { DesignCaps } from './caps.tsx'
import { BurdenNow } from './preview.tsx'
import type { TabProps } from './tab.ts'
import { Twins } from './twins.tsx'

type Leaf = { what: string; from?: unknown; to?: unknown }
const tones = { added: 'good', changed: 'busy', removed: 'bad' } as const
const tabOf: Record<string, string> = { forms: 'forms', dataItems: 'forms', indicators: 'indicators', listTemplates: 'lists', removed: 'held', pack: 'head' }

/** What stands in the way, what becomes different, what it costs, and what happens to open returns: before it is registered. */
export function Review({ editing, items, shown, check, differenceQuery, onGoTo }: TabProps & {
  shown: Design
  check: UseQueryResult<Checked, unknown>
  differenceQuery: UseQueryResult<Difference, unknown>
  onGoTo: (tab: string) => void
}) {
  const { t } = useTranslation('designs')
  return (
    <>
      {shown.state !== 'registered' && (
        <Panel title={t('review.findings')}>
          <Loaded query={check}>{({ findings }) => (findings.length === 0 ? <Note tone="good"><p>{t('review.none')}</p></Note> : <Findings findings={findings} onGoTo={onGoTo} />)}</Loaded>
        </Panel>
      )}
      {(check.data?.twins.length ?? 0) > 0 && (
        <Panel title={t('review.twins')}>
          {check.data!.twins.map((one) => (
            <section key={one.item} className="stack">
              <h3>{pickWords(one.name)} <code className="faint">{one.item}</code></h3>
              <Twins twins={one} reason={editing.reasons[one.item] ?? ''} />
            </section>
          ))}
        </Panel>
      )}
      <Loaded query={differenceQuery}>
        {({ forms, others, packFrom, packTo }) => (
          <>
            {forms.map((form) => <FormPart key={form.form} change={form} drawn={drawnForm((editing.content.sections.forms ?? []).find((one) => one['code'] === form.form) ?? {}, items)} registered={shown.state === 'registered'} />)}
            {others.length > 0 && (
              <Panel title={t('review.others')}>
                {others.map((part) => (
                  <section key={part.section} className="stack">
                    <h3>{t(`section.${part.section}`)}</h3>
                    <ul className="plain-list stack">
                      {part.added.map((id) => <li key={id}><StateTag tone="good">{t('change.added')}</StateTag> <code>{id}</code></li>)}
                      {part.removed.map((id) => <li key={id}><StateTag tone="bad">{t('change.removed')}</StateTag> <code>{id}</code></li>)}
                      {part.changed.map(({ id, leaves }) => <li key={id}><StateTag tone="busy">{t('change.changed')}</StateTag> <code>{id}</code><Leaves leaves={leaves} /></li>)}
                    </ul>
                  </section>
                ))}
              </Panel>
            )}
            {shown.state !== 'registered' && <p className="faint">{packFrom ? t('review.pack', { pack: editing.content.head.code, from: packFrom, to: packTo }) : t('review.newPack', { pack: editing.content.head.code })}</p>}
          </>
        )}
      </Loaded>
    </>
  )
}

function Findings({ findings, onGoTo }: { findings: readonly DesignFinding[]; onGoTo: (tab: string) => void }) {
  const { t } = useTranslation('designs')
  return (
    <ul className="plain-list stack findings">
      {findings.map((finding, at) => (
        <li key={at} className="row spread">
          <span>⚠ {pickWords(finding.say)}{finding.id && <code className="faint"> {finding.id}</code>}</span>
          {finding.section && <Button small kind="quiet" onClick={() => onGoTo(tabOf[finding.section!] ?? 'more')}>{t('review.goTo', { place: t(`section.${finding.section}`) })}</Button>}
        </li>
      ))}
    </ul>
  )
}

function FormPart({ change, drawn, registered }: { change: FormChange; drawn: ReturnType<typeof drawnForm>; registered: boolean }) {
  const { t } = useTranslation('designs')
  const { difference, returns } = change
  return (
    <Panel title={t('review.form', { name: pickWords(change.name) })}>
      {change.overtaken && !registered && <Note tone="warn"><p>{t('review.overtaken', { version: change.from })}</p></Note>}
      {!registered && <p>{change.from === null ? t('review.newForm') : difference?.same ? t('review.sameForm', { version: change.from }) : t('review.nextVersion', { from: change.from, to: change.to })}</p>}
      <BurdenNow form={drawn} units={change.burden.units} before={change.burdenBefore} />
      {!registered && drawn.minutes < change.estimatedMinutes / 2 && <Note tone="warn"><p>{t('minutes.low', { minutes: drawn.minutes, estimated: change.estimatedMinutes })}</p></Note>}
      {!registered && <DesignCaps caps={change.caps} />}
      {difference && !difference.same && (
        <ul className="plain-list stack changes">
          {difference.head.length > 0 && <li><StateTag tone="busy">{t('change.changed')}</StateTag> {t('review.head')}<Leaves leaves={difference.head} /></li>}
          {difference.fields.map((field) => <li key={field.code}><StateTag tone={tones[field.change]}>{t(`change.${field.change}`)}</StateTag> {pickWords(field.name)} <code className="faint">{field.code}</code><Leaves leaves={field.leaves} /></li>)}
          {difference.checks.map((one) => <li key={one.code}><StateTag tone={tones[one.change]}>{t(`change.${one.change}`)}</StateTag> {t('review.check')} <code className="faint">{one.code}</code><Leaves leaves={one.leaves} /></li>)}
          {difference.moved && <li>{t('review.moved')}</li>}
        </ul>
      )}
      {!registered && change.from !== null && !difference?.same && (
        <Note>
          <p><strong>{t('review.returns')}</strong></p>
          <ul>
            <li>{t('review.open', { count: returns.open, drafts: returns.drafts })}</li>
            <li>{t('review.waiting', { count: returns.waiting })}</li>
            <li>{t('review.sentBack', { count: returns.sentBack })}</li>
            <li>{t('review.accepted', { count: returns.accepted })}</li>
            {change.lost.map((field) => <li key={field.field}>{t('review.lost', { name: pickWords(field.name), drafts: field.drafts })}</li>)}
          </ul>
        </Note>
      )}
    </Panel>
  )
}

function Leaves({ leaves }: { leaves: readonly Leaf[] }) {
  const { t, i18n } = useTranslation('designs')
  if (leaves.length === 0) return null
  const named = (what: string) => (i18n.exists(`designs:leaf.${what}`) ? t(`leaf.${what}`) : what)
  return <ul className="leaves">{leaves.map((leaf) => <li key={leaf.what}>{named(leaf.what)}：<del>{valueText(leaf.from)}</del> → <ins>{valueText(leaf.to)}</ins></li>)}</ul>
}

function valueText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–'
  if (typeof value === 'boolean') return value ? '✓' : '✗'
  if (typeof value === 'object' && 'zh' in value) return pickWords(value as { zh: string; en: string })
  if (Array.isArray(value)) return value.map(valueText).join('、')
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
