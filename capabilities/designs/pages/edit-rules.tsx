import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { Field } from '../../../web/ui/field.tsx'
import { TextInput, Tick } from '../../../web/ui/inputs.tsx'
import { numberFrom } from '../edit.ts'
import type { MemberProps } from './member.tsx'

const weights = ['meetingWeight', 'visitWeight', 'documentWeight'] as const
const limits = ['warnPercent', 'visitsWithinDays', 'objectionWorkingDays', 'suggestionWorkingDays', 'documentCharacters', 'specialDocumentCharacters', 'charactersPerMinute'] as const
const yes = ['formsNotAboveLastYear', 'documentsNotAboveLastYear', 'listsNeedApproval'] as const
const types = ['text', 'number', 'money', 'date', 'choice', 'yesNo', 'table', 'file', 'shown'] as const

/** Weights, minutes, caps and limits of the burden; what is left empty keeps what holds by default. */
export function RulesEditor({ member, set, wrong }: MemberProps) {
  const { t } = useTranslation('designs')
  const classes = useQuery(q.units.classes.queryOptions({ staleTime: 600_000 }))
  const caps = (member['fieldsMonth'] ?? {}) as Record<string, unknown>
  const minutes = (member['minutesPerField'] ?? {}) as Record<string, unknown>
  const defaults = useQuery(q.burden.rules.queryOptions({ input: {} }))
  const now = (key: string, of?: string) => {
    const value = (defaults.data as Record<string, unknown> | undefined)?.[key]
    return String((of === undefined ? value : (value as Record<string, unknown> | undefined)?.[of]) ?? '')
  }
  /** One figure in a map, such as the cap of a class; a map with nothing in it is none. */
  const within = (key: string, map: Record<string, unknown>, of: string, text: string) => {
    const { [of]: _before, ...rest } = map
    const next = text === '' ? rest : { ...rest, [of]: numberFrom(text) }
    set({ [key]: Object.keys(next).length > 0 ? next : undefined })
  }
  const number = (key: string) => (
    <Field key={key} label={t(`rules.${key}`)} optional error={wrong(key)}><TextInput inputMode="decimal" placeholder={now(key)} value={String(member[key] ?? '')} maxLength={6} onChange={(text) => set({ [key]: text === '' ? undefined : numberFrom(text) })} /></Field>
  )
  return (
    <div className="stack">
      <fieldset className="stack"><legend className="label">{t('rules.weights')}</legend><p className="hint">{t('rules.weightsHint')}</p><div className="grid">{weights.map(number)}</div></fieldset>
      <fieldset className="stack">
        <legend className="label">{t('rules.minutes')}</legend><p className="hint">{t('rules.minutesHint')}</p>
        <div className="grid">
          {types.map((type) => <Field key={type} label={type === 'shown' ? t('kind.shows') : t(`type.${type}`)} optional error={wrong('minutesPerField', type)}><TextInput inputMode="decimal" maxLength={5} placeholder={now('minutesPerField', type)} value={String(minutes[type] ?? '')} onChange={(text) => within('minutesPerField', minutes, type, text)} /></Field>)}
        </div>
      </fieldset>
      <fieldset className="stack">
        <legend className="label">{t('rules.fieldsMonth')}</legend><p className="hint">{t('rules.fieldsMonthHint')}</p>
        <div className="grid">
          {(classes.data ?? []).map((one) => <Field key={one.code} label={pickWords(one.name)} optional error={wrong('fieldsMonth', one.code)}><TextInput inputMode="numeric" maxLength={5} value={String(caps[one.code] ?? '')} onChange={(text) => within('fieldsMonth', caps, one.code, text)} /></Field>)}
        </div>
      </fieldset>
      <fieldset className="stack">
        <legend className="label">{t('rules.year')}</legend>
        {yes.map((key) => <Tick key={key} checked={(member[key] ?? (defaults.data as Record<string, unknown> | undefined)?.[key]) === true} onChange={(on) => set({ [key]: on })}>{t(`rules.${key}`)}</Tick>)}
      </fieldset>
      <fieldset className="stack"><legend className="label">{t('rules.limits')}</legend><div className="grid">{limits.map(number)}</div></fieldset>
    </div>
  )
}
