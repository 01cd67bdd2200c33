import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { Field } from '../../../web/ui/field.tsx'
import { Choice, Tick } from '../../../web/ui/inputs.tsx'
import { Loaded, Note } from '../../../web/ui/notes.tsx'

export type Lighter = 'fieldDropped' | 'prefilled'

/** What carrying an objection out would change in the form; asked only while the dialog is open. */
export function useNextVersion(objection: number, outcome: Lighter | undefined, shows: string, alongIndicators: boolean) {
  return useQuery({ ...q.designs.objection.queryOptions({ input: { id: objection, outcome: outcome ?? 'fieldDropped', alongIndicators, ...(outcome === 'prefilled' && shows ? { shows } : {}) } }), enabled: outcome !== undefined, placeholderData: (before) => before })
}

/** The next version of the form before it is made: what falls away, what it costs then, what stands in the way. */
export function NextVersion({ preview, outcome, shows, onShows, along, onAlong }: { preview: ReturnType<typeof useNextVersion>; outcome: Lighter; shows: string; onShows: (item: string) => void; along: boolean; onAlong: (along: boolean) => void }) {
  const { t } = useTranslation('burden')
  return (
    <Loaded query={preview}>
      {({ change, findings, candidates, gone, move }) => (
        <section className="stack" aria-label={t('next.title')}>
          {outcome === 'prefilled' && (candidates.length === 0
            ? <Note tone="warn"><p>{t('next.noOwner')}</p></Note>
            : (
                <Field label={t('next.from')} group required>
                  <Choice value={shows} onChange={onShows} options={candidates.map((one) => ({ value: one.item, label: `${pickWords(one.name)}（${pickWords(one.ownerName)}）`, hint: t('next.sure', { sure: one.sure }) }))} />
                </Field>
              ))}
          {change && (
            <Note tone={move.possible ? 'good' : 'info'}>
              <p><strong>{t('next.version', { form: pickWords(change.name), from: change.from, to: change.to })}</strong></p>
              <ul>
                {(change.difference?.fields ?? []).map((field) => <li key={field.code}>{t(`next.field.${field.change === 'changed' ? 'shown' : field.change}`, { name: pickWords(field.name) })}</li>)}
                {(change.difference?.checks ?? []).map((one) => <li key={one.code}>{t('next.check', { code: one.code })}</li>)}
                <li>{t('next.burden', { units: change.burden.units, before: change.burdenBefore?.fieldsNew ?? 0, after: change.burden.fieldsNew })}</li>
                <li>{t('next.open', { count: change.returns.open })}</li>
              </ul>
            </Note>
          )}
          {findings.length > 0 && <Note tone="bad"><p>{t('next.stops')}</p><ul>{findings.map((one, at) => <li key={at}>{pickWords(one.say)}</li>)}</ul></Note>}
          {(along || findings.some((one) => one.code === 'indicator-breaks')) && <Tick checked={along} onChange={onAlong}>{along && gone.length > 0 ? t('next.alongNamed', { codes: gone.join('、') }) : t('next.along')}</Tick>}
          {!move.possible && move.why !== undefined && move.why !== 'form-invalid' && <p className="faint">{t(`next.why.${move.why}`)}</p>}
        </section>
      )}
    </Loaded>
  )
}
