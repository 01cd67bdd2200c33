import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn, yearOf } from '../../../rules/civil-date.ts'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useGo } from '../../../web/shell/address.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { Button, ButtonLink } from '../../../web/ui/button.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Choice, NumberInput, Select, TextInput } from '../../../web/ui/inputs.tsx'
import { Empty, Failure, Loaded } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import type { ProgrammeDefinition } from '../list-definition.ts'

/** A new draft: whose list, of which programme and year, empty or as a pack offers it. */
export default function NewList() {
  const { t } = useTranslation('lists')
  const programmes = useQuery(q.lists.programmes.queryOptions())
  return (
    <Page title={t('new.title')} lead={t('new.lead')} narrow crumbs={[{ to: '/lists', label: t('lists.title') }]}>
      <Loaded query={programmes}>{(all) => (all.length === 0 ? <Empty title={t('new.noProgramme')}>{t('new.noProgrammeNext')}</Empty> : <Write programmes={all} />)}</Loaded>
    </Page>
  )
}

function Write({ programmes }: { programmes: readonly ProgrammeDefinition[] }) {
  const { t } = useTranslation('lists')
  const go = useGo()
  const units = myUnits(useMe(), 'list.issue')
  const [issuer, setIssuer] = useState(units[0] ? String(units[0].id) : '')
  const [programme, setProgramme] = useState(programmes[0]!.code)
  const [year, setYear] = useState(() => String(yearOf(todayIn(Date.now()))))
  const [title, setTitle] = useState('')
  const [clause, setClause] = useState('')
  const [template, setTemplate] = useState('')
  const [tried, setTried] = useState(false)
  const templates = useQuery(q.lists.templates.queryOptions({ input: { programme } }))
  const create = useWrite(api.lists.create, { refresh: [q.lists.key()], onSuccess: ({ id }) => go(`/lists/${id}`) })
  const yearGiven = /^20\d\d$/.test(year)
  const choose = (code: string) => {
    const offered = templates.data?.find((one) => one.code === code)
    // A title that somebody has written stays.
    if (offered && (title === '' || templates.data?.some((one) => pickWords(one.name) === title))) setTitle(pickWords(offered.name))
    if (offered) setYear(String(offered.year))
    setTemplate(code)
  }
  const send = () => {
    setTried(true)
    if (title.trim() === '' || !yearGiven || issuer === '') return
    create.mutate({ issuer: Number(issuer), programme, year: Number(year), title: title.trim(), clause: clause.trim() || null, template: template || null })
  }
  return (
    <form
      className="stack" noValidate
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <Panel title={t('new.from')}>
        <Field label={t('new.programme')} required>
          <Select
            value={programme} options={programmes.map((one) => ({ value: one.code, label: pickWords(one.name) }))}
            onChange={(code) => {
              setProgramme(code)
              setTemplate('')
            }}
          />
        </Field>
        <Loaded query={templates}>
          {(offered) => (
            <Field label={t('new.template')} group hint={t('new.templateHint')}>
              <Choice
                value={template} onChange={choose}
                options={[
                  { value: '', label: t('new.empty'), hint: t('new.emptyHint') },
                  ...offered.map((one) => ({ value: one.code, label: pickWords(one.name), hint: t('new.templateCounts', { year: one.year, heads: one.heads, items: one.items }) })),
                ]}
              />
            </Field>
          )}
        </Loaded>
      </Panel>
      <Panel title={t('new.about')}>
        <Field label={t('issuer')} required hint={t('new.issuerHint')} error={errorAt(create.error, 'issuer')}>
          <Select value={issuer} options={units.map((unit) => ({ value: String(unit.id), label: unit.name }))} onChange={setIssuer} />
        </Field>
        <Field label={t('lists.name')} required error={tried && title.trim() === '' ? t('new.titleMissing') : errorAt(create.error, 'title')}>
          <TextInput value={title} onChange={setTitle} maxLength={200} />
        </Field>
        <Field label={t('year')} required error={tried && !yearGiven ? t('new.yearFault') : errorAt(create.error, 'year')}>
          <NumberInput value={year} onChange={setYear} whole readBack={false} maxLength={4} />
        </Field>
        <Field label={t('clause')} optional hint={t('new.clauseHint')} error={errorAt(create.error, 'clause')}>
          <TextInput value={clause} onChange={setClause} maxLength={200} />
        </Field>
      </Panel>
      <Failure problem={create.error} />
      <div className="row end">
        <ButtonLink to="/lists">{t('cancel')}</ButtonLink>
        <Button kind="main" type="submit" pending={create.isPending}>{t('new.create')}</Button>
      </div>
    </form>
  )
}
