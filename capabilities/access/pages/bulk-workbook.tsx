import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { Finding } from '../../../rules/problem.ts'
import type { ApiProblem } from '../../../web/api/problem.ts'
import { findingText } from '../../../web/i18n.ts'
import { Failure, Note } from '../../../web/ui/notes.tsx'

const shown = 50

/** Where a filled-in workbook is chosen; it tells which one was read, or why it could not be. */
export function ChooseWorkbook({ pending, name, read, problem, onChoose }: { pending: boolean; name: string | undefined; read: boolean; problem: ApiProblem | null; onChoose: (file: File) => void }) {
  const { t } = useTranslation('access')
  const field = useId()
  return (
    <>
      <label className="label" htmlFor={field}>{t('bulk.choose')}</label>
      <input
        id={field} type="file" className="input" accept=".xlsx" aria-busy={pending || undefined}
        onChange={(event) => {
          const [chosen] = event.target.files ?? []
          if (chosen) onChoose(chosen)
          // The same file, changed and chosen again, must be read again.
          event.target.value = ''
        }}
      />
      <p className="faint" role="status">{pending ? t('bulk.reading', { name }) : read ? name : t('bulk.limit')}</p>
      <Failure problem={problem} />
    </>
  )
}

/** The wrong cells of a workbook, each by its address with what to do. */
export function WrongCells({ findings }: { findings: readonly Finding[] }) {
  const { t } = useTranslation('access')
  if (findings.length === 0) return null
  return (
    <Note tone="warn">
      <p><strong>{t('bulk.wrongCells', { cells: findings.length })}</strong></p>
      <ul>{findings.slice(0, shown).map((finding) => <li key={`${finding.path}-${finding.code}`}><code>{finding.path}</code> {findingText(finding)}</li>)}</ul>
      {findings.length > shown && <p>{t('bulk.moreCells', { more: findings.length - shown })}</p>}
    </Note>
  )
}
