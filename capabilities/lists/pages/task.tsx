import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { languageNow } from '../../../web/i18n.ts'
import { useWaiting } from '../../../web/offline/waiting.ts'
import { usePathPart } from '../../../web/shell/address.ts'
import { useMe } from '../../../web/shell/me.ts'
import { ButtonLink } from '../../../web/ui/button.tsx'
import { dateText } from '../../../web/ui/date-text.ts'
import { DateText, Moment, PeriodText, ProgressBar, StateTag } from '../../../web/ui/marks.tsx'
import { Loaded, Note } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import type { Task } from '../lists.contract.ts'
import { Comments } from './comments.tsx'
import { DaysLeft, DeadlineWorking, LightOf, TaskStateTag } from './list-marks.tsx'
import { TaskFiles } from './task-files.tsx'
import { DecideDeferral, TaskMoves } from './task-moves.tsx'

// What waits on the device is seldom seen.
const TaskKept = lazy(() => import('./task-kept.tsx').then((file) => ({ default: file.TaskKept })))

/** One task of one unit: what is asked until when, what can be done about it now, and what has happened. */
export default function TaskPage() {
  const { t } = useTranslation('lists')
  const id = Number(usePathPart('id'))
  const query = useQuery(q.lists.task.queryOptions({ input: { id }, staleTime: 0 }))
  const { account } = useMe()
  const kept = useWaiting(account).filter((one) => one.place.startsWith(`/tasks/${id}#`))
  const waits = (part: 'report' | 'check') => kept.some((one) => one.place.endsWith(`#${part}`) && one.state === 'waiting')
  const crumbs = [{ to: '/tasks', label: t('tasks.title') }]
  if (!query.data) return <Page title={t('task.title')} crumbs={crumbs} narrow><Loaded query={query}>{() => null}</Loaded></Page>
  const task = query.data
  return (
    <Page title={task.title} crumbs={crumbs} narrow lead={<>{task.parentName} · {task.unitName}{task.formerName && <>（{t('tasks.former', { name: task.formerName })}）</>}</>}>
      <div className="row">
        <TaskStateTag state={task.state} />
        <LightOf light={task.light} />
        <span>{t('deadline.due')} <DateText date={task.due} /></span>
        <DaysLeft days={task.workingDaysLeft} />
        {task.deferrals > 0 && <StateTag>{t('tasks.deferred', { count: task.deferrals })}</StateTag>}
      </div>
      {task.reason && (task.state === 'returned' || task.state === 'cancelled') && <Note tone="warn">{t(`task.because.${task.state}`)} {task.reason}</Note>}
      {task.form && task.period && (
        <Note>
          <p>{t('followsForm')}</p>
          <ButtonLink kind="main" to={`/returns/${task.returnUnit}/${task.form}/${task.period}`}>{t('tasks.openReturn')} <PeriodText period={task.period} /></ButtonLink>
        </Note>
      )}
      <What task={task} />
      {kept.length > 0 && <Suspense><TaskKept rows={kept} state={task.state} /></Suspense>}
      <TaskMoves task={task} waits={{ report: waits('report'), check: waits('check') }} />
      {task.deferralsAsked.length > 0 && <Deferrals task={task} />}
      {task.children.length > 0 && <Children task={task} />}
      <Comments task={task} />
      <Trail task={task} />
    </Page>
  )
}

function What({ task }: { task: Task }) {
  const { t } = useTranslation('lists')
  return (
    <Panel title={t('task.what')}>
      {task.detail && <p className="prose">{task.detail}</p>}
      <dl className="facts">
        <dt>{t('tasks.list')}</dt><dd><Link to={`/lists/${task.list}`}>{task.listTitle}</Link></dd>
        <dt>{t('issuer')}</dt><dd>{task.issuerName}</dd>
        {task.deliverable && <><dt>{t('item.deliverable')}</dt><dd>{task.deliverable}</dd></>}
        {task.measure && <><dt>{t('item.measure')}</dt><dd>{task.measure}</dd></>}
        {task.leadName && <><dt>{t('item.lead')}</dt><dd>{task.leadName}</dd></>}
        {task.coUnitNames.length > 0 && <><dt>{t('item.coUnits')}</dt><dd>{task.coUnitNames.join(t('comma'))}</dd></>}
        {task.signedBy && <><dt>{t('task.signedBy')}</dt><dd>{task.signedBy} <Moment at={task.signedAt} /></dd></>}
        {task.submittedBy && <><dt>{t('task.reportedBy')}</dt><dd>{task.submittedBy} <Moment at={task.reportedAt} /></dd></>}
        {task.verifiedBy && <><dt>{t('task.verifiedBy')}</dt><dd>{task.verifiedBy}</dd></>}
        {task.result && <><dt>{t('task.result')}</dt><dd className="prose">{task.result}</dd></>}
      </dl>
      <ProgressBar done={task.progress} of={100} label={t('task.progress')} />
      {task.deadline && <DeadlineWorking shown={task.deadline} />}
    </Panel>
  )
}

function Deferrals({ task }: { task: Task }) {
  const { t } = useTranslation('lists')
  return (
    <Panel title={t('deferral.title')}>
      <ol className="stack plain-list">
        {task.deferralsAsked.map((one) => (
          <li className="item-head" key={one.id}>
            <div className="row">
              <span><DateText date={one.from} /> → <DateText date={one.to} /></span>
              <StateTag tone={one.granted === null ? 'busy' : one.granted ? 'good' : 'bad'}>{t(one.granted === null ? 'deferral.waits' : one.granted ? 'deferral.granted' : 'deferral.refused')}</StateTag>
            </div>
            <p className="prose">{one.reason}</p>
            <p className="faint">{one.askedBy} <Moment at={one.askedAt} />{one.decidedBy && <> · {t('deferral.decidedBy', { name: one.decidedBy })} <Moment at={one.decidedAt} /></>}</p>
            {one.decisionReason && <p>{t('deferral.because')} {one.decisionReason}</p>}
            {one.granted === null && <DecideDeferral task={task} deferral={one.id} to={one.to} />}
          </li>
        ))}
      </ol>
    </Panel>
  )
}

function Children({ task }: { task: Task }) {
  const { t } = useTranslation('lists')
  return (
    <Panel title={t('task.children')}>
      <ul className="stack plain-list">
        {task.children.map((child) => (
          <li key={child.item}>
            <Link to="/tasks" search={{ item: String(child.item), only: 'all' } as never}>{child.title}</Link>
            <ProgressBar done={child.tasks - child.open} of={child.tasks} label={t('task.childTasks')} />
          </li>
        ))}
      </ul>
    </Panel>
  )
}

/** Who did what when, from which state to which, and why. */
function Trail({ task }: { task: Task }) {
  const { t, i18n } = useTranslation('lists')
  const state = (value: unknown) => (typeof value !== 'string' ? '' : i18n.exists(`lists:taskState.${value}`) ? t(`taskState.${value}`) : /^\d{4}-\d{2}-\d{2}$/.test(value) ? dateText(value, languageNow()) : value)
  return (
    <Panel title={t('trail.title')}>
      {task.trail.length === 0 ? <p className="faint">{t('trail.nothing')}</p> : (
        <ol className="trail plain-list">
          {task.trail.map((line, at) => (
            <li key={at}>
              <div className="row tight">
                <strong>{i18n.exists(`lists:trail.kind.${line.kind}`) ? t(`trail.kind.${line.kind}`) : line.kind}</strong>
                {typeof line.facts.from === 'string' && typeof line.facts.to === 'string' && line.facts.from !== line.facts.to && <span>{state(line.facts.from)} → {state(line.facts.to)}</span>}
                {typeof line.facts.progress === 'number' && <span className="number">{line.facts.progress}%</span>}
              </div>
              <p className="faint">{line.by ?? t('trail.itself')} <Moment at={line.at} /></p>
              {line.reason && <p className="prose">{line.reason}</p>}
              {Array.isArray(line.facts.files) && <TaskFiles files={line.facts.files as { id: string; name: string }[]} />}
            </li>
          ))}
        </ol>
      )}
    </Panel>
  )
}
