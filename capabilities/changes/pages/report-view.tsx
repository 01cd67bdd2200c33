import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { DateText, StateTag } from '../../../web/ui/marks.tsx'
import { Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { Table } from '../../../web/ui/table.tsx'
import type { Report } from '../changes.contract.ts'

const tones = { ended: 'warn', created: 'good', takesOver: 'good', continues: 'plain', renamed: 'busy', moved: 'busy' } as const

/** Everything one change moves, in figures and by name; the same before and after it is confirmed. */
export function ReportView({ report, heading }: { report: Report; heading?: string }) {
  const { t } = useTranslation('changes')
  const { tasks, returns, posts } = report
  const sums: [string, number][] = [
    ['tasks', tasks.count], ['lists', report.lists], ['returnsStay', returns.stay.count], ['returnsGo', returns.go.count], ['returnsAsked', returns.asked.count], ['drafts', returns.drafts],
    ['records', report.records], ['posts', posts.count], ['bodies', report.bodies.length], ['accounts', report.accounts], ['targets', report.targets.length], ['below', report.below],
  ]
  return (
    <Panel title={heading ?? t(`kinds.${report.kind}`)}>
      <ul className="change-units">
        {report.units.map((unit) => (
          <li key={unit.code}>
            <StateTag tone={tones[unit.becomes]}>{t(`becomes.${unit.becomes}`)}</StateTag>
            {unit.id === null ? <strong>{unit.name}</strong> : <Link to={`/units/${unit.id}`}>{unit.name}</Link>}
            <code className="faint">{unit.code}</code>
            {unit.note && <span className="soft">{t(`note.${unit.becomes}`, { note: unit.note })}</span>}
          </li>
        ))}
      </ul>
      <dl className="change-sums">
        {sums.map(([key, count]) => <div key={key}><dt className="soft">{t(`sums.${key}`)}</dt><dd className="number">{count}</dd></div>)}
      </dl>
      {report.counties.length > 0 && <p className="soft">{t('counties', { names: report.counties.join('、') })}</p>}
      {tasks.count > 0 && (
        <Part title={t('sums.tasks')} count={tasks.count} shown={tasks.rows.length}>
          <Table
            caption={t('sums.tasks')} rows={tasks.rows} rowKey={(row) => row.task}
            columns={[
              { key: 'title', title: t('task'), main: true, cell: (row) => row.title },
              { key: 'from', title: t('from'), cell: (row) => row.unitName },
              { key: 'to', title: t('to'), cell: (row) => row.toName },
              { key: 'due', title: t('due'), cell: (row) => <DateText date={row.due} /> },
            ]}
          />
        </Part>
      )}
      {(['stay', 'go', 'asked'] as const).map((which) => returns[which].count > 0 && (
        <Part key={which} title={t(`returns.${which}`)} lead={t(`returns.${which}Why`)} count={returns[which].count} shown={returns[which].rows.length}>
          <Table
            caption={t(`returns.${which}`)} rows={returns[which].rows} rowKey={(row) => `${row.unitName}:${row.form}:${row.period}`}
            columns={[
              { key: 'form', title: t('form'), main: true, cell: (row) => row.formName },
              { key: 'unit', title: t('unit'), cell: (row) => row.unitName },
              { key: 'period', title: t('period'), cell: (row) => row.period },
              { key: 'due', title: t('due'), cell: (row) => <DateText date={row.due} /> },
            ]}
          />
        </Part>
      ))}
      {posts.count > 0 && (
        <Part title={t('posts.title')} lead={t('posts.why')} count={posts.count} shown={posts.rows.length}>
          <Table
            caption={t('posts.title')} rows={posts.rows} rowKey={(row) => `${row.unitName}:${row.title}:${row.holders.join()}`}
            columns={[
              { key: 'title', title: t('posts.post'), main: true, cell: (row) => row.title },
              { key: 'unit', title: t('unit'), cell: (row) => row.unitName },
              { key: 'holders', title: t('posts.holders'), cell: (row) => row.holders.join('、') || t('posts.vacant') },
              { key: 'to', title: t('posts.successor'), cell: (row) => row.toName ?? '—' },
            ]}
          />
        </Part>
      )}
      {report.bodies.length > 0 && <Part title={t('sums.bodies')} count={report.bodies.length} shown={report.bodies.length}><ul>{report.bodies.map((body, at) => <li key={at}>{body.name}：{body.unitName} → {body.toName}</li>)}</ul></Part>}
      {report.targets.length > 0 && <Part title={t('sums.targets')} lead={t('targetsWhy')} count={report.targets.length} shown={report.targets.length}><ul>{report.targets.map((target) => <li key={`${target.indicator}:${target.year}`}><code>{target.indicator}</code> {target.year}：<span className="number">{target.value}</span> → {target.toName}</li>)}</ul></Part>}
      {report.records > 0 && <Note>{t('recordsStay', { count: report.records })}</Note>}
    </Panel>
  )
}

function Part({ title, lead, count, shown, children }: { title: string; lead?: string; count: number; shown: number; children: React.ReactNode }) {
  const { t } = useTranslation('changes')
  return (
    <details>
      <summary>{title}（{count}）</summary>
      {lead && <p className="soft">{lead}</p>}
      {children}
      {shown < count && <p className="faint">{t('firstOf', { shown, count })}</p>}
    </details>
  )
}
