import { useQuery } from '@tanstack/react-query'
import { Fragment } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useMay } from '../../../web/shell/me.ts'
import { ButtonLink } from '../../../web/ui/button.tsx'
import { Loaded } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import './burden.css'

const limits = ['warnPercent', 'visitsWithinDays', 'objectionWorkingDays', 'suggestionWorkingDays', 'documentCharacters', 'specialDocumentCharacters', 'charactersPerMinute'] as const

/** The rules by which the burden is counted and bounded, for everybody to read; they are changed by a design. */
export default function RulesPage() {
  const { t } = useTranslation('burden')
  const { t: td } = useTranslation('designs')
  const designs = useMay('form.register')
  const rules = useQuery(q.burden.rules.queryOptions({ input: {} }))
  const classes = useQuery(q.units.classes.queryOptions({ staleTime: 600_000 }))
  const className = (code: string) => {
    const found = classes.data?.find((one) => one.code === code)
    return found ? pickWords(found.name) : code
  }
  return (
    <Page narrow title={t('rules.title')} lead={t('rules.lead')} actions={designs && <ButtonLink to="/designs/new">{t('rules.change')}</ButtonLink>}>
      <Loaded query={rules}>
        {(data) => (
          <>
            <Panel title={td('rules.weights')}>
              <p>{t('rules.formula', { wm: data.meetingWeight, wi: data.visitWeight, wd: data.documentWeight })}</p>
            </Panel>
            <Panel title={td('rules.minutes')}>
              <dl className="facts rule-figures">{Object.entries(data.minutesPerField).map(([type, minutes]) => <Fragment key={type}><dt>{type === 'shown' ? td('kind.shows') : td(`type.${type}`)}</dt><dd className="number">{minutes}</dd></Fragment>)}</dl>
            </Panel>
            <Panel title={t('rules.caps')}>
              <ul className="plain-list stack">
                {Object.entries(data.fieldsMonth).map(([code, most]) => <li key={code}>{t('rules.fieldsMonth', { class: className(code), most })}</li>)}
                {Object.keys(data.fieldsMonth).length === 0 && <li>{t('rules.noFieldsMonth')}</li>}
                {(['formsNotAboveLastYear', 'documentsNotAboveLastYear', 'listsNeedApproval'] as const).filter((key) => data[key]).map((key) => <li key={key}>{td(`rules.${key}`)}</li>)}
              </ul>
            </Panel>
            <Panel title={td('rules.limits')}>
              <dl className="facts rule-figures">{limits.map((key) => <Fragment key={key}><dt>{td(`rules.${key}`)}</dt><dd className="number">{data[key]}</dd></Fragment>)}</dl>
            </Panel>
          </>
        )}
      </Loaded>
    </Page>
  )
}
