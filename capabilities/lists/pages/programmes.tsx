import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { DateText, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import type { BundleDefinition, ProgrammeDefinition } from '../list-definition.ts'

/** What the work is about: programmes with their pillars, the themes and goals of each year, and the set phrases. */
export default function Programmes() {
  const { t } = useTranslation('lists')
  const programmes = useQuery(q.lists.programmes.queryOptions({ staleTime: 600_000 }))
  return (
    <Page title={t('programmes.title')} lead={t('programmes.lead')}>
      <Loaded query={programmes}>
        {(all) => (all.length === 0 ? <Empty title={t('new.noProgramme')}>{t('new.noProgrammeNext')}</Empty> : all.map((one) => <Programme key={one.code} programme={one} />))}
      </Loaded>
    </Page>
  )
}

function Programme({ programme }: { programme: ProgrammeDefinition }) {
  const { t } = useTranslation('lists')
  return (
    <Panel title={pickWords(programme.name)} actions={<span className="faint number">{programme.fromYear}–{programme.toYear}</span>}>
      <h3>{t('programmes.pillars')}</h3>
      <dl className="facts">
        {programme.pillars.map((pillar) => <div key={pillar.code} style={{ display: 'contents' }}><dt>{pickWords(pillar.name)}</dt><dd>{pickWords(pillar.aim)}</dd></div>)}
      </dl>
      <h3>{t('programmes.years')}</h3>
      <ol className="stack plain-list">
        {programme.years.map((year) => (
          <li key={year.year}>
            <p><strong>{t('yearOf', { year: year.year })}</strong> · {pickWords(year.theme)}</p>
            {year.goals.length > 0 && (
              <ul className="goals">
                {year.goals.map((goal) => <li key={goal.code}>{pickWords(goal.name)}{goal.pillar && <span className="faint"> · {pickWords(programme.pillars.find((one) => one.code === goal.pillar)!.name)}</span>}</li>)}
              </ul>
            )}
          </li>
        ))}
      </ol>
      {programme.bundles.length > 0 && (
        <>
          <h3>{t('programmes.bundles')}</h3>
          <ul className="stack plain-list">{programme.bundles.map((bundle) => <Bundle key={bundle.code} bundle={bundle} />)}</ul>
        </>
      )}
    </Panel>
  )
}

function Bundle({ bundle }: { bundle: BundleDefinition }) {
  const { t } = useTranslation('lists')
  return (
    <li className="item-head">
      <div className="row">
        <strong>{pickWords(bundle.name)}</strong>
        {!bundle.complete && <StateTag tone="warn">{t('programmes.incomplete')}</StateTag>}
        {(bundle.validFrom || bundle.validTo) && <span className="faint">{bundle.validFrom && <DateText date={bundle.validFrom} />} – {bundle.validTo && <DateText date={bundle.validTo} />}</span>}
      </div>
      {bundle.members.length > 0 ? <p>{bundle.members.map(pickWords).join(t('comma'))}</p> : <p className="faint">{t('programmes.noMembers')}</p>}
      {bundle.local.map((one) => <p className="soft" key={one.place}>{t('programmes.local', { place: one.place, meaning: pickWords(one.meaning) })}</p>)}
    </li>
  )
}
