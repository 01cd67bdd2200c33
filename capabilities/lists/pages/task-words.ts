import { useTranslation } from 'react-i18next'
import { newKey } from '../../../web/api/queries.ts'
import type { ToWait } from '../../../web/offline/queue.ts'
import { useTyped } from '../../../web/offline/typed.ts'
import { useQueued } from '../../../web/offline/use-queued.ts'
import { toast } from '../../../web/ui/toast.tsx'
import type { Task } from '../lists.contract.ts'

/** What somebody writes about a task, with photos if he likes; kept on the device until it has arrived. */
export type Words = { text: string; files: { id: string; name: string }[] }
export const noWords: Words = { text: '', files: [] }

/** There is one report and one check of a task at a time; of comments there may be many. */
const partOf = { 'lists.report': 'report', 'lists.verify': 'check', 'lists.sendBack': 'check', 'lists.comment': 'comment' } as const
type TaskAct = keyof typeof partOf

/** @returns where the words of an act are typed: its place without what tells several of them apart */
export const placeOfWords = (place: string): string => place.replace(/(#comment).*/, '$1')

/** The words of one act about a task, and its sending through the device's queue. */
export function useTaskWords(task: Task, act: TaskAct, onDone: () => void, first = noWords) {
  const { t } = useTranslation('lists')
  const { t: offline } = useTranslation('offline')
  const place = `/tasks/${task.id}#${partOf[act]}`
  const [words, setWords, forget] = useTyped<Words>(place, first)
  const queued = useQueued()
  const send = async (input: Record<string, unknown>, said: string) => {
    const written: Omit<ToWait, 'account'> = {
      act, place: act === 'lists.comment' ? `${place}-${newKey()}` : place, title: { zh: task.title, en: task.title }, where: task.unitName, period: null,
      files: words.files.map((file) => file.id), fileNames: words.files.map((file) => file.name), text: words.text.trim(), input: act === 'lists.report' ? input : { ...input, files: words.files.map((file) => file.id) },
    }
    const outcome = await queued.send(written)
    if (outcome === 'refused') return
    await forget()
    toast(outcome === 'waits' ? offline('kept.waitsHere') : t(said))
    onDone()
  }
  return { words, setWords, send, pending: queued.pending, problem: queued.problem }
}
