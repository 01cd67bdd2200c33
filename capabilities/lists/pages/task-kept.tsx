import { useTranslation } from 'react-i18next'
import { KeptHere } from '../../../web/offline/kept-here.tsx'
import type { Waiting } from '../../../web/offline/queue.ts'
import { layTyped } from '../../../web/offline/typed.ts'
import type { TaskRow } from '../lists.contract.ts'
import { TaskStateTag } from './list-marks.tsx'
import { placeOfWords, type Words } from './task-words.ts'

/** What was written about a task on this device and has not arrived, above how the task stands on the platform now. */
export function TaskKept({ rows, state }: { rows: readonly Waiting[]; state: TaskRow['state'] }) {
  const { t } = useTranslation('lists')
  return (
    <section className="stack no-print" aria-label={t('task.keptHere')}>
      <KeptHere rows={rows} onTake={(one) => layTyped<Words>(one.account, placeOfWords(one.place), (before) => joined(before, wordsIn(one)))} />
      {rows.some((one) => one.state === 'refused') && <p className="row">{t('task.nowThere')} <TaskStateTag state={state} /></p>}
    </section>
  )
}

const joined = (before: Words | undefined, taken: Words): Words =>
  before ? { text: [before.text, taken.text].filter((text) => text !== '').join('\n'), files: [...before.files, ...taken.files] } : taken

/** A waiting act as the words and files that its form holds. */
function wordsIn({ input, fileNames }: Waiting): Words {
  const { note, reason, text, result, files } = input as { note?: string; reason?: string; text?: string; result?: string; files?: string[] }
  return { text: note ?? reason ?? text ?? result ?? '', files: (files ?? []).map((id, at) => ({ id, name: fileNames?.[at] ?? id })) }
}
