import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { callRaw } from '../../../web/api/client.ts'
import { asProblem, type ApiProblem } from '../../../web/api/problem.ts'
import { findingText } from '../../../web/i18n.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { Empty, Failure, Loading, Note } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Table } from '../../../web/ui/table.tsx'
import { UnitPicker, type PickedUnit } from '../../../web/ui/unit-picker.tsx'
import type { BookRead } from '../workbook.server.ts'
import { Confirm } from './confirm.tsx'
import './changes.css'

/** Many changes at once: a workbook down and up; what is wrong by cell; then the same preview and confirmation. */
export default function ChangeBook() {
  const { t } = useTranslation('changes')
  const own = myUnits(useMe(), 'unit.manage')[0]
  const [unit, setUnit] = useState<PickedUnit | undefined>(own)
  const [read, setRead] = useState<BookRead>()
  const [problem, setProblem] = useState<ApiProblem>()
  const [reading, setReading] = useState(false)
  const [file, setFile] = useState<File>()
  const [marking, setMarking] = useState(false)
  const send = async (given: File) => {
    setFile(given)
    setReading(true)
    setProblem(undefined)
    setRead(undefined)
    try {
      setRead((await (await callRaw(`/api/changes/workbook?unit=${unit!.id}`, { method: 'POST', body: given })).json()) as BookRead)
    } catch (error) {
      setProblem(asProblem(error))
    } finally {
      setReading(false)
    }
  }
  /** The file is kept nowhere but here: it goes up once more and comes back with its cells marked. */
  const giveMarked = async () => {
    setMarking(true)
    try {
      const answer = await callRaw(`/api/changes/workbook/marked?unit=${unit!.id}`, { method: 'POST', body: file! })
      const link = document.createElement('a')
      link.href = URL.createObjectURL(await answer.blob())
      link.download = `${t('book.markedName')}.xlsx`
      link.click()
      URL.revokeObjectURL(link.href)
    } catch (error) {
      setProblem(asProblem(error))
    } finally {
      setMarking(false)
    }
  }
  const crumbs = [{ to: '/changes', label: t('title') }]
  if (read?.preview) {
    return (
      <Page title={t('book.title')} lead={t('book.read', { lines: read.lines, changes: read.changes.length })} crumbs={crumbs}>
        <Confirm key={read.preview.fingerprint} previewed={{ changes: read.changes, ...read.preview }} onBack={() => setRead(undefined)} onAgain={() => file && void send(file)} />
      </Page>
    )
  }
  return (
    <Page title={t('book.title')} lead={t('book.lead')} crumbs={crumbs}>
      {!own ? <Empty title={t('book.noUnit')} /> : (
        <Panel>
          <Field label={t('book.unit')} required><UnitPicker value={unit} onChange={setUnit} /></Field>
          {unit && <p><a className="button" href={`/api/changes/workbook?unit=${unit.id}`} download>{t('book.download')}</a></p>}
          {unit && (
            <p className="field">
              <label className="label" htmlFor="change-book">{t('book.give')}</label>
              <span className="hint" id="change-book-hint">{t('book.hint')}</span>
              <input
                id="change-book" type="file" accept=".xlsx" aria-describedby="change-book-hint" disabled={reading}
                onChange={(event) => {
                  const given = event.target.files?.[0]
                  event.target.value = ''
                  if (given) void send(given)
                }}
              />
            </p>
          )}
        </Panel>
      )}
      {reading && <Loading>{t('book.reading')}</Loading>}
      <Failure problem={problem} />
      {read && read.findings.length > 0 && (
        <Panel title={t('book.read', { lines: read.lines, changes: read.changes.length })}>
          <Note tone="bad">{t('book.findings', { count: read.findings.length })}</Note>
          <div><Button pending={marking} onClick={() => void giveMarked()}>{t('book.marked')}</Button></div>
          <Table
            caption={t('book.cell')} rows={read.findings} rowKey={(row) => `${row.path}${row.code}`}
            columns={[
              { key: 'cell', title: t('book.cell'), main: true, cell: (row) => <code>{row.path}</code> },
              { key: 'why', title: t('book.why'), cell: (row) => findingText({ ...row, facts: row.facts ?? {} }) },
            ]}
          />
        </Panel>
      )}
    </Page>
  )
}
