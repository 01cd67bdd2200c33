import { useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { isApiProblem } from '../../../web/api/problem.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { Button } from '../../../web/ui/button.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Choice, ManyChoices, NumberInput, TextArea, Tick } from '../../../web/ui/inputs.tsx'
import { Moment } from '../../../web/ui/marks.tsx'
import { Failure, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Table, type Column } from '../../../web/ui/table.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { SettingsVersion } from '../security.contract.ts'

type Kind = { code: string; zh: string; en: string }

/** The security administrator's settings: rules for passwords, who needs a second factor, and who decided what when. */
export default function SecurityPage() {
  const { t } = useTranslation('access')
  const settings = useQuery(q.access.securitySettings.queryOptions())
  return (
    <Page title={t('security.title')} lead={t('security.lead')} narrow>
      <Loaded query={settings}>
        {({ versions, mayChange, kinds }) => (
          <>
            {!mayChange && <Note><p>{t('security.notYours')}</p></Note>}
            <Settings key={versions[0]!.version} now={versions[0]!} mayChange={mayChange} kinds={kinds} onReload={() => void settings.refetch()} />
            <Panel title={t('security.history2')}><Versions versions={versions} kinds={kinds} /></Panel>
          </>
        )}
      </Loaded>
    </Page>
  )
}

const limits = { least: [8, 64], history: [0, 12], maxAgeDays: [0, 730], trustDays: [0, 30] } as const

function Settings({ now, mayChange, kinds, onReload }: { now: SettingsVersion; mayChange: boolean; kinds: readonly Kind[]; onReload: () => void }) {
  const { t } = useTranslation('access')
  const { passwords, secondFactor } = now.settings
  const [numbers, setNumbers] = useState({ least: String(passwords.least), history: String(passwords.history), maxAgeDays: String(passwords.maxAgeDays), trustDays: String(secondFactor.trustDays) })
  const [classes, setClasses] = useState(String(passwords.classes))
  const [mixedCase, setMixedCase] = useState(passwords.mixedCase)
  const [notCommon, setNotCommon] = useState(passwords.notCommon)
  const [admins, setAdmins] = useState(secondFactor.admins)
  const [must, setMust] = useState<string[]>(secondFactor.kinds)
  const [reason, setReason] = useState('')
  const [tried, setTried] = useState(false)
  const save = useWrite(api.access.saveSecuritySettings, { refresh: [q.access.key()], onSuccess: () => toast(t('security.saved')) })
  const wrong = (name: keyof typeof limits) => {
    const [from, to] = limits[name]
    const value = Number(numbers[name])
    return /^\d+$/.test(numbers[name]) && value >= from && value <= to ? undefined : t('security.wholeNumber', { from, to })
  }
  const number = (name: keyof typeof limits, label: string, hint: string) => (
    <Field label={label} hint={hint} error={tried ? wrong(name) : undefined}>
      <NumberInput whole readBack={false} disabled={!mayChange} value={numbers[name]} onChange={(value) => setNumbers({ ...numbers, [name]: value })} />
    </Field>
  )
  const next = {
    passwords: { least: Number(numbers.least), classes: Number(classes), mixedCase, notCommon, history: Number(numbers.history), maxAgeDays: Number(numbers.maxAgeDays) },
    secondFactor: { admins, kinds: [...must].sort(), trustDays: Number(numbers.trustDays) },
  }
  const unchanged = JSON.stringify(next) === JSON.stringify({ passwords: { least: passwords.least, classes: passwords.classes, mixedCase: passwords.mixedCase, notCommon: passwords.notCommon, history: passwords.history, maxAgeDays: passwords.maxAgeDays }, secondFactor: { admins: secondFactor.admins, kinds: [...secondFactor.kinds].sort(), trustDays: secondFactor.trustDays } })
  const send = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    const wrongs = (Object.keys(limits) as (keyof typeof limits)[]).some(wrong)
    if (!wrongs && reason.trim() && !unchanged && !save.isPending) save.mutate({ version: now.version, settings: next, reason })
  }
  const stale = isApiProblem(save.error, 'stale-version') ? save.error : undefined
  return (
    <form className="stack" onSubmit={send} noValidate>
      <Panel title={t('security.passwords')}>
        <div className="form">
          {number('least', t('security.least'), t('security.leastHint'))}
          <Field group label={t('security.classes')}><Choice inline disabled={!mayChange} value={classes} onChange={setClasses} options={['1', '2', '3'].map((value) => ({ value, label: value }))} /></Field>
          <div>
            <Tick disabled={!mayChange} checked={mixedCase} onChange={setMixedCase}>{t('security.mixedCase')}</Tick>
            <Tick disabled={!mayChange} checked={notCommon} onChange={setNotCommon}>{t('security.notCommon')}</Tick>
          </div>
          {number('history', t('security.history'), t('security.historyHint'))}
          {number('maxAgeDays', t('security.maxAge'), t('security.maxAgeHint'))}
          <p className="faint">{t('security.always')} {t('security.tightened')}</p>
        </div>
      </Panel>
      <Panel title={t('security.factor')}>
        <div className="form">
          <Tick disabled={!mayChange} checked={admins} onChange={setAdmins}>{t('security.admins')}</Tick>
          <Field group label={t('security.kinds')}>
            <ManyChoices disabled={!mayChange} value={must} onChange={setMust} options={kinds.map((kind) => ({ value: kind.code, label: pickWords(kind) }))} />
          </Field>
          {number('trustDays', t('security.trustDays'), t('security.trustHint'))}
        </div>
      </Panel>
      {mayChange && (
        <div className="form">
          <Field label={t('security.reason')} required error={tried && !reason.trim() ? t('needed') : errorAt(save.error, 'reason')}>
            <TextArea value={reason} onChange={setReason} maxLength={200} rows={2} />
          </Field>
          {stale ? (
            <Note tone="warn">
              <p>{t('security.stale', { theirs: String(stale.facts.theirs) })}</p>
              <Button small onClick={onReload}>{t('security.takeTheirs')}</Button>
            </Note>
          ) : <Failure problem={save.error} />}
          {tried && unchanged && <p className="soft" role="status">{t('security.unchanged')}</p>}
          <div className="row"><Button type="submit" kind="main" pending={save.isPending}>{t('security.save')}</Button></div>
        </div>
      )}
    </form>
  )
}

function Versions({ versions, kinds }: { versions: readonly SettingsVersion[]; kinds: readonly Kind[] }) {
  const { t } = useTranslation('access')
  if (versions[0]!.version === 0) return <p className="soft">{t('security.noChanges')}</p>
  const summary = ({ settings: { passwords, secondFactor } }: SettingsVersion) => {
    const must = [...(secondFactor.admins ? [t('security.factorAdmins')] : []), ...secondFactor.kinds.map((code) => pickWords(kinds.find((kind) => kind.code === code) ?? { zh: code, en: code }))]
    const age = passwords.maxAgeDays > 0 ? t('security.ageDays', { days: passwords.maxAgeDays }) : t('security.ageNone')
    return t('security.summary', { least: passwords.least, classes: passwords.classes, history: passwords.history, age, factor: must.join(t('ui:comma')) || t('security.factorNone') })
  }
  const columns: Column<SettingsVersion>[] = [
    { key: 'version', title: t('security.version'), main: true, cell: (row) => row.version },
    { key: 'what', title: t('security.title'), cell: summary },
    { key: 'reason', title: t('security.reason'), cell: (row) => row.reason ?? '—' },
    { key: 'by', title: t('security.by'), cell: (row) => row.byName ?? '—' },
    { key: 'at', title: t('security.at'), cell: (row) => (row.at ? <Moment at={row.at} /> : '—') },
  ]
  return <Table caption={t('security.history2')} columns={columns} rows={versions} rowKey={(row) => row.version} />
}
