import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { ManyChoices } from '../../../web/ui/inputs.tsx'
import { Failure, Note } from '../../../web/ui/notes.tsx'
import { UnitPicker, type PickedUnit } from '../../../web/ui/unit-picker.tsx'
import type { Audience } from '../../units/audience.ts'

/** Names of units that this page has learned: an answer carries ids where a rule names units. */
export type NamedUnits = ReadonlyMap<number, string>

/** Whom an item addresses, as a rule, with the sentence and the number of units while one chooses. */
export function AudienceInput({ value, onChange, issuer, names, onName }: {
  value: Audience | null
  onChange: (audience: Audience | null) => void
  issuer: PickedUnit
  names: NamedUnits
  onName: (unit: PickedUnit) => void
}) {
  const { t } = useTranslation('lists')
  const classes = useQuery(q.units.classes.queryOptions({ staleTime: 600_000 }))
  const rule = value ?? { classes: [], within: [issuer.id] }
  const complete = rule.classes.length > 0 && rule.within.length + (rule.line?.length ?? 0) > 0
  const addressed = useQuery({
    ...q.units.audience.queryOptions({ input: { ...asQuery(rule), limit: 0 } }),
    enabled: complete,
    placeholderData: keepPreviousData,
  })
  const set = (changes: Partial<Audience>) => {
    const next = { ...rule, ...changes }
    // Without a class there is no rule yet, but the places chosen should not be lost while one thinks.
    onChange(next.classes.length === 0 && next.within.length === 1 && next.within[0] === issuer.id && !next.except?.length ? null : next)
  }
  return (
    <>
      <div className="unit-classes">
        <Field label={t('audience.classes')} group hint={t('audience.classesHint')}>
          <ManyChoices value={rule.classes} onChange={(codes) => set({ classes: codes })} options={(classes.data ?? []).map((one) => ({ value: one.code, label: pickWords(one.name) }))} />
        </Field>
      </div>
      <Failure problem={classes.error} />
      <Units label={t('audience.within')} hint={t('audience.withinHint')} units={rule.within} names={names} onName={onName} onChange={(within) => set({ within })} />
      <Units label={t('audience.except')} hint={t('audience.exceptHint')} units={rule.except ?? []} names={names} onName={onName} onChange={(except) => set({ except: except.length > 0 ? except : undefined })} />
      <div role="status">
        {!complete ? <p className="faint">{t('audience.incomplete')}</p> : addressed.error ? <Failure problem={addressed.error} /> : addressed.data && (
          <Note tone={addressed.data.units === 0 ? 'warn' : 'info'}>
            <p>{pickWords(addressed.data.text)}{t('audience.count', { count: addressed.data.units })}</p>
          </Note>
        )}
      </div>
    </>
  )
}

/** The rule as a query carries it: lists as text. */
function asQuery({ classes, within, except, line }: Audience) {
  return { classes: classes.join(), within: within.join(), ...(except ? { except: except.join() } : {}), ...(line ? { line: line.join() } : {}) }
}

/** Several units, one added after the other. */
export function Units({ label, hint, units, names, onName, onChange }: {
  label: string
  hint?: string
  units: readonly number[]
  names: NamedUnits
  onName: (unit: PickedUnit) => void
  onChange: (units: number[]) => void
}) {
  const { t } = useTranslation('lists')
  return (
    <Field label={label} hint={hint} optional>
      {units.length > 0 && (
        <ul className="plain-list row tight">
          {units.map((id) => (
            <li key={id}><Button small aria-label={t('takeOut', { name: names.get(id) ?? `#${id}` })} onClick={() => onChange(units.filter((one) => one !== id))}>{names.get(id) ?? `#${id}`} ✕</Button></li>
          ))}
        </ul>
      )}
      <UnitPicker
        key={units.length} value={undefined}
        onChange={(unit) => {
          if (!unit || units.includes(unit.id)) return
          onName(unit)
          onChange([...units, unit.id])
        }}
      />
    </Field>
  )
}
