import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { DateInput, TextArea, Tick } from '../../../web/ui/inputs.tsx'
import { DateText, Moment, StateTag } from '../../../web/ui/marks.tsx'
import { Failure } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import type { Task } from '../lists.contract.ts'
import { TaskFiles } from './task-files.tsx'
import { FilesField } from './task-moves.tsx'
import { useTaskWords } from './task-words.ts'

/** What was said about a task; a question that needs a reply keeps its mark until one was given. */
export function Comments({ task }: { task: Task }) {
  const { t } = useTranslation('lists')
  const may = useMay('task.comment')
  const [replying, setReplying] = useState<number>()
  const answered = new Set(task.comments.map((comment) => comment.replyTo))
  const first = task.comments.filter((comment) => comment.replyTo === null || !task.comments.some((one) => one.id === comment.replyTo))
  const below = (id: number): Task['comments'] => task.comments.filter((comment) => comment.replyTo === id)
  const shown = (comment: Task['comments'][number], reply: boolean) => (
    <li key={comment.id} className="stack">
      <div className={reply ? 'comment reply' : 'comment'}>
        <div className="row tight">
          <strong>{comment.by}</strong><span className="faint"><Moment at={comment.at} /></span>
          {comment.needsReply && !answered.has(comment.id) && <StateTag tone="warn">{t('comment.needsReply')}{comment.replyBy && <>&nbsp;<DateText date={comment.replyBy} /></>}</StateTag>}
        </div>
        <p>{comment.text}</p>
        <TaskFiles files={comment.files} />
        {may && replying !== comment.id && <Button small kind="quiet" onClick={() => setReplying(comment.id)}>{t('comment.reply')}</Button>}
      </div>
      {replying === comment.id && <Write task={task} replyTo={comment.id} onDone={() => setReplying(undefined)} />}
      {below(comment.id).length > 0 && <ul className="stack plain-list">{below(comment.id).map((one) => shown(one, true))}</ul>}
    </li>
  )
  if (!may && task.comments.length === 0) return null
  return (
    <Panel title={t('comment.title')}>
      {task.comments.length > 0 && <ul className="stack plain-list">{first.map((comment) => shown(comment, false))}</ul>}
      {may && replying === undefined && <Write task={task} replyTo={null} />}
    </Panel>
  )
}

function Write({ task, replyTo, onDone }: { task: Task; replyTo: number | null; onDone?: () => void }) {
  const { t } = useTranslation('lists')
  const [needsReply, setNeedsReply] = useState(false)
  const [replyBy, setReplyBy] = useState('')
  const [tried, setTried] = useState(false)
  const { words, setWords, send: put, pending, problem } = useTaskWords(task, 'lists.comment', () => {
    setNeedsReply(false)
    setReplyBy('')
    setTried(false)
    onDone?.()
  })
  const { text, files } = words
  const send = () => {
    setTried(true)
    if (text.trim() !== '') void put({ task: task.id, text: text.trim(), needsReply, replyBy: needsReply && replyBy ? replyBy : null, replyTo }, 'comment.sent')
  }
  return (
    <form
      className="form no-print" noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!pending) send()
      }}
    >
      <Field label={t(replyTo === null ? 'comment.write' : 'comment.writeReply')} error={tried && text.trim() === '' ? t('comment.missing') : errorAt(problem, 'text')}>
        <TextArea value={text} onChange={(next) => setWords({ ...words, text: next })} maxLength={2000} rows={2} />
      </Field>
      {replyTo === null && <Tick checked={needsReply} onChange={setNeedsReply}>{t('comment.askReply')}</Tick>}
      {needsReply && <Field label={t('comment.replyBy')} optional error={errorAt(problem, 'replyBy')}><DateInput value={replyBy} onChange={setReplyBy} /></Field>}
      {(text !== '' || files.length > 0) && <FilesField task={task} files={files} onChange={(next) => setWords({ ...words, files: next })} />}
      <Failure problem={problem} />
      <div className="row end">
        {onDone && <Button onClick={onDone}>{t('cancel')}</Button>}
        <Button type="submit" pending={pending}>{t('comment.send')}</Button>
      </div>
    </form>
  )
}
