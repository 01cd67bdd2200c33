import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { ApiProblem } from '../../../web/api/problem.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import type { ProblemCode } from '../../../rules/problem.ts'
import { useQueryParts, usePathPart } from '../../../web/shell/address.ts'
import { Button, ButtonLink } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { TextArea, Tick } from '../../../web/ui/inputs.tsx'
import { PeriodText, ProgressBar, StateTag } from '../../../web/ui/marks.tsx'
import { moveOf } from '../../../web/ui/moves.tsx'
import { Failure, Loaded, Loading, Note } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { ImportPage } from '../workbooks.contract.ts'
import { Rows, rowTabs } from './rows.tsx'
import { importTones } from './workbooks.tsx'

const busy = new Set<string>(['waiting', 'reading', 'puttingIn'])

/** One workbook that came back: how far it is, what was found, both values where both sides changed, and what goes in. */
export default function ImportRoute() {
  const { t } = useTranslation('workbooks')
  const id = Number(usePathPart('id'))
  const page = useQuery({ ...q.workbooks.import.queryOptions({ input: { id }, staleTime: 0 }), refetchInterval: ({ state }) => (state.data && busy.has(state.data.state) ? 1_000 : false) })
  const crumbs = [{ to: '/workbooks', label: t('import.crumb') }]
  if (!page.data) return <Page title={t('import.title')} crumbs={crumbs}><Loaded query={page}>{() => null}</Loaded></Page>
  return <OneImport key={page.data.id} page={page.data} />
}

function OneImport({ page }: { page: ImportPage }) {
  const { t } = useTranslation('workbooks')
  const [{ same }] = useQueryParts()
  const { counts, about } = page
  const waits = counts.good + counts.bad + counts.conflict + counts.refused
  return (
    <Page
      title={page.name} crumbs={[{ to: '/workbooks', label: t('import.crumb') }]}
      lead={<>{pickWords(page.formName)} <PeriodText period={page.period} /> · {page.unitName}</>}
      actions={<ButtonLink to="/workbooks">{t('import.bringAgain')}</ButtonLink>}
    >
      <div className="row"><StateTag tone={importTones[page.state]}>{t(`importState.${page.state}`)}</StateTag></div>
      {same && <Note>{t('bring.same')}</Note>}
      {page.state === 'refused' && page.problem && <Failure problem={new ApiProblem(page.problem.code as ProblemCode, page.problem)} />}
      {(page.state === 'waiting' || page.state === 'reading') && (
        <Panel>
          <ProgressBar done={page.rowsRead} of={Math.max(page.rowsTotal, page.rowsRead)} />
          <Loading>{t('import.progress', { read: page.rowsRead, total: page.rowsTotal })}</Loading>
        </Panel>
      )}
      {page.state === 'puttingIn' && <Panel><Loading>{t('import.putting', { done: counts.in })}</Loading></Panel>}
      {about.formVersion !== about.versionNow && <Note tone="warn">{t('import.versionMapped', { from: about.formVersion, to: about.versionNow })}{about.added.length > 0 && ` ${t('import.added', { names: about.added.map(({ name }) => pickWords(name)).join('、') })}`}{about.removed.length > 0 && ` ${t('import.removed', { names: about.removed.map(({ name }) => pickWords(name)).join('、') })}`}</Note>}
      {about.strangeColumns.length > 0 && <Note>{t('import.strange', { names: about.strangeColumns.join('、') })}</Note>}
      {about.hiddenRows > 0 && <Note>{t('import.hidden', { count: about.hiddenRows })}</Note>}
      {page.state === 'read' && waits === 0 && <Note tone="good">{counts.in === 0 ? t('import.nothing') : t('import.allDone')}</Note>}
      {(page.state === 'read' || page.state === 'dropped') && <Counts page={page} />}
      {page.state === 'read' && counts.good > 0 && <PutIn page={page} />}
      {page.state === 'read' && counts.bad + counts.conflict + counts.refused > 0 && (
        <Panel>
          <p>{t('import.markedLead')}</p>
          <div><a className="button" href={`/api/workbooks/imports/${page.id}/marked`} download>{t('import.marked')}</a></div>
        </Panel>
      )}
      {page.state === 'read' && rowTabs(page).length > 0 && <Rows page={page} />}
      {waits > 0 && moveOf(page.moves, 'drop').possible && <Drop page={page} />}
    </Page>
  )
}

function Counts({ page: { counts } }: { page: ImportPage }) {
  const { t } = useTranslation('workbooks')
  const tones = { in: 'good', good: 'good', conflict: 'warn', bad: 'bad', refused: 'bad', same: 'plain' } as const
  return (
    <ul className="row" style={{ listStyle: 'none', padding: 0, margin: 0 }}>
      {(['in', 'good', 'conflict', 'bad', 'refused', 'same'] as const).filter((key) => counts[key] > 0).map((key) => (
        <li key={key}><StateTag tone={tones[key]}>{t(`import.${key}`)} {counts[key]}</StateTag></li>
      ))}
    </ul>
  )
}

function PutIn({ page }: { page: ImportPage }) {
  const { t } = useTranslation('workbooks')
  const [confirmed, setConfirmed] = useState(false)
  const [note, setNote] = useState('')
  const put = useWrite(api.workbooks.putIn, { refresh: [q.workbooks.key(), q.ledgers.key(), q.inbox.key()] })
  const plain = page.counts.good - (confirmed ? 0 : page.noted)
  const go = (as: 'draft' | 'submit') => put.mutate({ id: page.id, as, confirmed, ...(note.trim() ? { note: note.trim() } : {}) })
  return (
    <Panel>
      <p>{t('import.putInLead', { count: plain })}</p>
      {page.noted > 0 && (
        <>
          <p className="soft">{t('import.notes', { count: page.noted })}</p>
          <Tick checked={confirmed} onChange={setConfirmed}>{t('import.confirm')}</Tick>
        </>
      )}
      {page.corrections > 0 && (
        <Field label={t('import.why')} hint={t('import.corrections', { count: page.corrections })} optional>
          <TextArea value={note} onChange={setNote} rows={2} maxLength={500} />
        </Field>
      )}
      <Failure problem={put.error} />
      <div className="row">
        <Button kind="main" pending={put.isPending} disabled={plain === 0} onClick={() => go('submit')}>{t('import.putInSubmit')}</Button>
        <Button pending={put.isPending} disabled={plain === 0} onClick={() => go('draft')}>{t('import.putInDraft')}</Button>
      </div>
    </Panel>
  )
}

function Drop({ page }: { page: ImportPage }) {
  const { t } = useTranslation('workbooks')
  const [asking, setAsking] = useState(false)
  const drop = useWrite(api.workbooks.drop, { refresh: [q.workbooks.key()], onSuccess: () => { setAsking(false); toast(t('import.dropped')) } })
  return (
    <div>
      <Button kind="quiet" onClick={() => setAsking(true)}>{t('import.drop')}</Button>
      <Dialog open={asking} title={t('import.drop')} onClose={() => setAsking(false)} actions={<Button kind="danger" pending={drop.isPending} onClick={() => drop.mutate({ id: page.id })}>{t('import.drop')}</Button>}>
        <p>{t('import.dropLead')}</p>
        <Failure problem={drop.error} />
      </Dialog>
    </div>
  )
}
