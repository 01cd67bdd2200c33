import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { parseFormula } from '../../../rules/formula/parse.ts'
import { formatPeriod, periodOf } from '../../../rules/period.ts'
import { languageNow, pickWords } from '../../../web/i18n.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Figure, StateTag } from '../../../web/ui/marks.tsx'
import { Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { burdenOf } from '../../ledgers/burden.ts'
import { checkRecord } from '../../ledgers/check-record.ts'
import type { ResolvedForm } from '../../ledgers/form-definition.ts'
import type { ReturnPage } from '../../ledgers/ledgers.contract.ts'
import { OneField } from '../../ledgers/pages/one-field.tsx'
import { withReadableChecks } from '../edit.ts'
import { Phone } from './phone.tsx'

export type Values = Record<string, unknown>

const reads = (formula: string) => {
  try {
    parseFormula(formula)
    return true
  } catch {
    return false // the editor beside it says what is wrong, and where
  }
}

/** The form with what was typed on the phone: checked and computed as a return is, held items with a plain example. */
export function asTyped(form: ResolvedForm, values: Values) {
  const safe = withReadableChecks(form, reads)
  const held = Object.fromEntries(safe.fields.filter((field) => field.kind === 'shows').map((field) => [field.code, values[field.code] ?? exampleOf(field.type)]))
  return { safe, ...checkRecord(safe, values, { last: null, held }) }
}

/** The form as a village will see it on the phone; what is typed here is an example and goes nowhere. */
export function Preview({ form, values, onValues }: { form: ResolvedForm; values: Values; onValues: (values: Values) => void }) {
  const { t } = useTranslation('designs')
  const { t: tl } = useTranslation('ledgers')
  const [tried, setTried] = useState(false)
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set())
  const { safe, values: checked, findings } = useMemo(() => asTyped(form, values), [form, values])
  const [today] = useState(() => todayIn(Date.now()))
  const period = periodOf(today, form.cycle === 'once' ? 'year' : form.cycle)
  const page = { unit: 0, form: form.code, period: '', values, origins: {}, last: null, reasons: null, definition: safe } as unknown as ReturnPage
  const errors = findings.filter((finding) => finding.level === 'error')
  return (
    <Phone title={t('preview.title')}>
      <div className="content">
        <div className="page narrow">
          <div className="page-head"><div className="titles"><h1>{pickWords(form.name)}</h1><p className="page-lead">{formatPeriod(period, languageNow())} · {t('preview.unit')}</p></div></div>
          <div className="row"><StateTag>{tl('state.none')}</StateTag></div>
          <form
            className="stack" noValidate
            onSubmit={(event) => {
              event.preventDefault()
              setTried(true)
            }}
          >
            {safe.sections.map((section, at) => (
              <Panel key={at} title={pickWords(section)}>
                {safe.fields.filter((field) => field.section === at).map((field) => (
                  <OneField
                    key={field.code} field={field} page={page} value={field.kind === 'asks' ? values[field.code] : checked[field.code]}
                    findings={findings.filter((finding) => finding.field === field.code && (finding.level === 'warning' || tried || (touched.has(field.code) && finding.code !== 'required')))}
                    reason={undefined}
                    onChange={(value) => {
                      setTouched((before) => new Set(before).add(field.code))
                      onValues({ ...values, [field.code]: value })
                    }}
                  />
                ))}
              </Panel>
            ))}
            {tried && <Note tone={errors.length > 0 ? 'bad' : 'good'}>{errors.length > 0 ? tl('return.errors', { count: errors.length }) : t('preview.wouldGo')}</Note>}
            <div className="row spread"><span className="faint">{tl('return.autosave', { minutes: form.minutes })}</span><Button kind="main" type="submit">{tl('return.send')}</Button></div>
          </form>
        </div>
      </div>
    </Phone>
  )
}

function exampleOf(type: string): unknown {
  return type === 'number' ? '120' : type === 'money' ? '5000000' : type === 'date' ? '2018-06-29' : type === 'yesNo' ? true : null
}

/** What the form costs, as it is drawn now: each field counts at once, the number of units is that of the last check. */
export function BurdenNow({ form, units, before }: { form: ResolvedForm; units: number | undefined; before: ReturnType<typeof burdenOf> | null }) {
  const { t } = useTranslation('designs')
  const now = burdenOf(form, units ?? 0)
  const change = (is: number, was: number | undefined) => (was === undefined || was === is ? null : <span className="faint"> {t('burden.was', { was })}</span>)
  return (
    <dl className="facts burden-now" aria-live="polite">
      <dt>{t('burden.fieldsNew')}</dt><dd><strong>{now.fieldsNew}</strong>{change(now.fieldsNew, before?.fieldsNew)}</dd>
      <dt>{t('burden.fieldsHeld')}</dt><dd>{now.fieldsHeld}{change(now.fieldsHeld, before?.fieldsHeld)}</dd>
      <dt>{t('burden.minutesOne')}</dt><dd>{t('burden.minutes', { minutes: now.minutesMonthOne })}{change(now.minutesMonthOne, before?.minutesMonthOne)}</dd>
      {units !== undefined && (
        <>
          <dt>{t('burden.units')}</dt><dd><Figure value={units} /></dd>
          <dt>{t('burden.entries')}</dt><dd><Figure value={now.entries} />{change(now.entries, before?.entries)}</dd>
          <dt>{t('burden.minutesAll')}</dt><dd>{t('burden.minutes', { minutes: now.minutesMonth })}</dd>
        </>
      )}
    </dl>
  )
}
