import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import type { MoveNow } from '../../endpoint.ts'
import { dateText } from '../../../web/ui/date-text.ts'
import { languageNow } from '../../../web/i18n.ts'
import { DateText, Light, ProgressBar, StateTag } from '../../../web/ui/marks.tsx'
import './lists.css'
import type { DeadlineShown, ListRow, Progress, TaskRow } from '../lists.contract.ts'

const listTones = { draft: 'plain', issued: 'busy', closed: 'good', cancelled: 'plain' } as const
const taskTones = { issued: 'warn', accepted: 'plain', running: 'busy', submitted: 'busy', verified: 'busy', closed: 'good', returned: 'warn', cancelled: 'plain' } as const

export function ListStateTag({ state }: { state: ListRow['state'] }) {
  const { t } = useTranslation('lists')
  return <StateTag tone={listTones[state]}>{t(`state.${state}`)}</StateTag>
}

export function TaskStateTag({ state }: { state: TaskRow['state'] }) {
  const { t } = useTranslation('lists')
  return <StateTag tone={taskTones[state]}>{t(`taskState.${state}`)}</StateTag>
}

/** The light of a task or of many, in shape and words; what is done shows no warning any more. */
export function LightOf({ light }: { light: Progress['light'] }) {
  const { t } = useTranslation('lists')
  return <Light light={light === 'done' ? 'green' : light} text={t(`light.${light}`)} />
}

/** How many tasks are closed, the light, and what needs a push. */
export function ProgressMarks({ progress, label }: { progress: Progress | null; label?: string }) {
  const { t } = useTranslation('lists')
  if (!progress) return <span className="faint">—</span>
  return (
    <div className="progress-marks">
      <ProgressBar done={progress.closed} of={progress.tasks} label={label ?? `${progress.percent}%`} />
      <div className="row tight">
        <LightOf light={progress.light} />
        {progress.overdue > 0 && <StateTag tone="bad">{t('counts.overdue', { count: progress.overdue })}</StateTag>}
        {progress.unsigned > 0 && <StateTag tone="warn">{t('counts.unsigned', { count: progress.unsigned })}</StateTag>}
        {progress.submitted > 0 && <StateTag tone="busy">{t('counts.submitted', { count: progress.submitted })}</StateTag>}
      </div>
    </div>
  )
}

/** The working days until a deadline, or since it: nothing when nobody can say. */
export function DaysLeft({ days }: { days: number | null }) {
  const { t } = useTranslation('lists')
  if (days === null) return null
  return <span className="faint number">{days < 0 ? t('daysOver', { count: -days }) : days === 0 ? t('daysToday') : t('daysLeft', { count: days })}</span>
}

/** A deadline with its working (F-09): counted from when, what was skipped and why, and by which notice. */
export function DeadlineWorking({ shown, open = false }: { shown: DeadlineShown; open?: boolean }) {
  const { t } = useTranslation('lists')
  const named = (days: readonly { date: string; name: string }[]) => days.map((day) => `${dateText(day.date, languageNow())}${day.name ? `（${day.name}）` : ''}`).join(t('comma'))
  const holidays = shown.skipped.filter((day) => day.why === 'holiday')
  const weekends = shown.skipped.length - holidays.length
  return (
    <details open={open}>
      <summary>{t('deadline.working', { days: shown.days })}</summary>
      <dl className="facts">
        <dt>{t('deadline.from')}</dt><dd><DateText date={shown.from} /></dd>
        <dt>{t('deadline.counted')}</dt><dd>{t('deadline.countedDays', { count: shown.counted.length })}{shown.counted.length > 0 && <span className="faint"> {dateText(shown.counted[0]!, languageNow())} – {dateText(shown.counted.at(-1)!, languageNow())}</span>}</dd>
        {weekends > 0 && <><dt>{t('deadline.weekends')}</dt><dd>{t('deadline.days', { count: weekends })}</dd></>}
        {holidays.length > 0 && <><dt>{t('deadline.holidays')}</dt><dd>{named(holidays)}</dd></>}
        {shown.worked.length > 0 && <><dt>{t('deadline.worked')}</dt><dd>{named(shown.worked)}</dd></>}
        <dt>{t('deadline.due')}</dt><dd><strong><DateText date={shown.due} /></strong></dd>
        {shown.notices.length > 0 && <><dt>{t('deadline.notices')}</dt><dd>{shown.notices.join(t('comma'))}</dd></>}
      </dl>
    </details>
  )
}

/** @returns the sentence for a refused move where the room knows it better than the problem's sentence */
export function whyNot(move: MoveNow, t: TFunction<'lists'>): string | undefined {
  return move.why === 'follows-form' ? t('followsForm') : undefined
}
