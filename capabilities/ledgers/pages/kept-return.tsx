import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '../../../web/api/problem.ts'
import { languageNow, pickWords, problemText } from '../../../web/i18n.ts'
import { GiveText } from '../../../web/offline/give-text.tsx'
import { sendQueue, takeBack, type Waiting } from '../../../web/offline/queue.ts'
import { Button } from '../../../web/ui/button.tsx'
import { periodText } from '../../../web/ui/date-text.ts'
import { Moment } from '../../../web/ui/marks.tsx'
import { Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import type { ResolvedForm } from '../form-definition.ts'
import type { Values } from '../ledgers.contract.ts'
import { differingFields } from '../same-values.ts'
import { keepLocally } from './kept-locally.ts'
import { ValueText } from './value-text.tsx'
import './ledgers.css'

/** A return that waits on this device: what it says, and the way to take it back. */
export function WaitingReturn({ one, form, onTaken }: { one: Waiting; form: ResolvedForm; onTaken: () => void }) {
  const { t } = useTranslation('offline')
  const { values, formVersion, version } = one.input as { values: Values; formVersion: number; version: number }
  const take = async () => {
    // Written down as typed before it leaves the queue, so that at no moment it is nowhere.
    await keepLocally(`${one.account}${one.place}`, { values, at: Date.now(), draftVersion: Number.MAX_SAFE_INTEGER, recordVersion: version, formVersion })
    await takeBack(one)
    onTaken()
  }
  return (
    <>
      <Note tone="warn">
        <strong>{t('kept.waitingTitle')}</strong>
        <p>{t('kept.waitingLead')} <Moment at={one.queuedAt} /></p>
        <div className="row">
          <Button small onClick={() => void sendQueue(one.account)}>{t('outbox.send')}</Button>
          <Button small onClick={() => void take()}>{t('kept.takeBack')}</Button>
          <GiveText name={pickWords(one.title)} text={one.text} />
        </div>
      </Note>
      <Panel title={`${t('outbox.title')} · ${pickWords(form.name)}${one.period ? ` · ${periodText(one.period, languageNow())}` : ''}`}>
        <dl className="facts">
          {form.fields.filter((field) => field.kind === 'asks').map((field) => (
            <div key={field.code} className="contents"><dt>{pickWords(field.name)}</dt><dd><ValueText field={field} value={values[field.code]} /></dd></div>
          ))}
        </dl>
      </Panel>
    </>
  )
}

/**
 * A return that was written on this device and not accepted: why, both versions where they differ, and every way out.
 * @param onChosen gets the values chosen field by field; left out where the platform's version cannot be changed now
 */
export function RefusedReturn({ one, form, theirs, onChosen, why }: {
  one: Waiting
  form: ResolvedForm
  /** What the platform has now. */
  theirs: Values | undefined
  onChosen: ((values: Values) => void) | undefined
  why: string
}) {
  const { t } = useTranslation('offline')
  const { values, formVersion } = one.input as { values: Values; formVersion: number }
  const gone = formVersion === form.version ? [] : Object.keys(values).filter((code) => values[code] !== null && !form.fields.some((field) => field.code === code))
  return (
    <Note tone="bad">
      <strong>{t('kept.refusedTitle')}</strong>
      <p>{one.problem && problemText(new ApiProblem(one.problem.code, one.problem))} {t('kept.mineStays')}</p>
      <p className="faint">{t('kept.refusedSince')} <Moment at={one.queuedAt} /></p>
      {formVersion !== form.version && <p>{t('kept.formChanged')}</p>}
      {gone.length > 0 && <p>{t('kept.gone')} {gone.map((code) => `${code}：${JSON.stringify(values[code])}`).join('；')}</p>}
      {theirs && <ChooseVersions form={form} mine={values} theirs={theirs} onChosen={onChosen} why={why} />}
      <div className="row">
        <GiveText name={pickWords(one.title)} text={one.text} />
        <Button small kind="quiet" onClick={() => void takeBack(one)}>{t('outbox.drop')}</Button>
      </div>
    </Note>
  )
}

/** Both versions side by side, only where they differ; for each field one is chosen. */
export function ChooseVersions({ form, mine, theirs, onChosen, why = '' }: {
  form: ResolvedForm
  mine: Values
  theirs: Values
  onChosen: ((values: Values) => void) | undefined
  why?: string
}) {
  const { t } = useTranslation('offline')
  const fields = form.fields.filter((field) => field.kind === 'asks')
  const differing = new Set(differingFields(fields.map((field) => field.code), mine, theirs))
  const [chosen, setChosen] = useState<Readonly<Record<string, 'mine' | 'theirs'>>>({})
  if (differing.size === 0) return <p>{t('kept.same')}</p>
  const use = () => {
    const values = { ...theirs, ...Object.fromEntries(fields.map(({ code }) => [code, (chosen[code] ?? 'mine') === 'mine' ? mine[code] : theirs[code]])) }
    onChosen!(values)
  }
  return (
    <div className="stack two-versions">
      <strong>{t('kept.both')}</strong>
      <p>{onChosen ? t('kept.bothLead') : t('kept.bothOnly', { why })}</p>
      {fields.filter((field) => differing.has(field.code)).map((field) => (
        <fieldset key={field.code}>
          <legend>{pickWords(field.name)}</legend>
          {([['mine', mine], ['theirs', theirs]] as const).map(([whose, values]) => (
            <label key={whose} className="row">
              {onChosen && <input type="radio" name={`both-${field.code}`} checked={(chosen[field.code] ?? 'mine') === whose} onChange={() => setChosen((before) => ({ ...before, [field.code]: whose }))} />}
              <span className="faint">{t(`kept.${whose}`)}</span> <ValueText field={field} value={values[field.code]} />
            </label>
          ))}
        </fieldset>
      ))}
      {onChosen && <div><Button small kind="main" onClick={use}>{t('kept.use')}</Button></div>}
    </div>
  )
}
