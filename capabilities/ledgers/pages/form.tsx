import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { usePathPart } from '../../../web/shell/address.ts'
import { myUnits, useMay, useMe } from '../../../web/shell/me.ts'
import { ButtonLink } from '../../../web/ui/button.tsx'
import { DateText, Figure, StateTag } from '../../../web/ui/marks.tsx'
import { Loaded } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Table } from '../../../web/ui/table.tsx'

/** One form: every field with its definition, the checks, and what it costs the units below mine. */
export default function FormPage() {
  const { t } = useTranslation('ledgers')
  const code = usePathPart('code')
  const mayDesign = useMay('form.register')
  const form = useQuery(q.ledgers.form.queryOptions({ input: { code } }))
  const unit = myUnits(useMe(), 'record.read')[0]
  const burden = useQuery({ ...q.ledgers.burden.queryOptions({ input: { form: code, unit: unit?.id ?? 0 } }), enabled: unit !== undefined })
  if (!form.data) return <Page title={t('form.title')}><Loaded query={form}>{() => null}</Loaded></Page>
  const { row, definition, measures } = form.data
  return (
    <Page title={pickWords(row.name)} lead={definition.purpose ? pickWords(definition.purpose) : undefined} crumbs={[{ to: '/forms', label: t('forms.title') }]} actions={mayDesign && <ButtonLink to="/designs/new" search={{ form: code }}>{t('form.design')}</ButtonLink>}>
      <Panel title={t('form.about')}>
        <dl className="facts">
          <dt>{t('stateTitle')}</dt><dd><StateTag>{t(`formState.${row.state}`)}</StateTag></dd>
          <dt>{t('form.cycle')}</dt><dd>{t(`cycle.${row.cycle}`)}</dd>
          <dt>{t('form.version')}</dt><dd>{row.version}</dd>
          <dt>{t('form.expires')}</dt><dd><DateText date={row.expires} /></dd>
          <dt>{t('minutes')}</dt><dd>{t('minutesAbout', { minutes: row.minutes })}</dd>
        </dl>
      </Panel>
      {burden.data && unit && (
        <Panel title={t('form.burden', { unit: unit.name })}>
          <dl className="facts">
            <dt>{t('form.units')}</dt><dd><Figure value={burden.data.units} /></dd>
            <dt>{t('form.asked')}</dt><dd>{burden.data.fieldsNew}</dd>
            <dt>{t('form.shown')}</dt><dd>{burden.data.fieldsHeld}</dd>
            <dt>{t('form.entries')}</dt><dd><Figure value={burden.data.entries} /></dd>
            <dt>{t('form.minutesMonth')}</dt><dd>{t('form.minutesBoth', { one: burden.data.minutesMonthOne, all: burden.data.minutesMonth })}</dd>
          </dl>
        </Panel>
      )}
      <Panel title={t('form.fields')}>
        <Table
          caption={t('form.fields')} rows={definition.fields} rowKey={(field) => field.code}
          columns={[
            { key: 'name', title: t('form.field'), main: true, cell: (field) => pickWords(field.name) },
            { key: 'kind', title: t('form.kind'), cell: (field) => t(`kind.${field.kind}`) },
            { key: 'type', title: t('form.type'), cell: (field) => `${t(`type.${field.type}`)}${field.unit ? `（${field.unit}）` : ''}` },
            { key: 'definition', title: t('form.definition'), cell: (field) => (field.computed ? <code>{field.computed}</code> : field.definition ? pickWords(field.definition) : '') },
            { key: 'code', title: t('form.code'), cell: (field) => <code>{field.code}</code> },
          ]}
        />
      </Panel>
      {definition.checks.length > 0 && (
        <Panel title={t('form.checks')}>
          <ul className="stack">{definition.checks.map((check) => <li key={check.code}><StateTag tone={check.level === 'error' ? 'bad' : 'warn'}>{t(`level.${check.level}`)}</StateTag> {pickWords(check.message)} <code className="faint">{check.holds}</code></li>)}</ul>
        </Panel>
      )}
      {measures.length > 0 && <Panel title={t('form.measures')}><ul>{measures.map((measure) => <li key={measure}><code>{measure}</code></li>)}</ul></Panel>}
    </Page>
  )
}
