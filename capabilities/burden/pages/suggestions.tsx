import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { languageNow } from '../../../web/i18n.ts'
import { useQueryParts } from '../../../web/shell/address.ts'
import { useMay, useMe } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { dateText } from '../../../web/ui/date-text.ts'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { Choice, SearchBox, Select, TextArea, TextInput } from '../../../web/ui/inputs.tsx'
import { DateText, Light, Moment, StateTag } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf, ReasonDialog } from '../../../web/ui/moves.tsx'
import { Empty, Failure, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { Paging } from '../../../web/ui/table.tsx'
import { Tabs } from '../../../web/ui/tabs.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { Suggestion } from '../burden.contract.ts'
import './burden.css'

const limit = 20
type View = 'answered' | 'mine' | 'open'
const kinds = ['suggestion', 'complaint', 'fault'] as const

/** The suggestion box (F-14b): anybody may put something in; answers are public, names are not. */
export default function Suggestions() {
  const { t } = useTranslation('burden')
  const [parts, setParts] = useQueryParts()
  const views = ([useMay('burden.approve') && 'open', 'answered', 'mine'] as const).filter((one): one is View => one !== false)
  const view = views.find((one) => one === parts.view) ?? views[0]!
  const [writing, setWriting] = useState(false)
  const offset = Number(parts.offset ?? 0)
  const suggestions = useQuery(q.burden.suggestions.queryOptions({ input: { view, limit, offset, ...(parts.q ? { q: parts.q } : {}) } }))
  return (
    <Page title={t('suggestions.title')} lead={t('suggestions.lead')} narrow actions={<Button kind="main" icon={<Icon name="plus" size={18} />} onClick={() => setWriting(true)}>{t('suggestions.write')}</Button>}>
      <Tabs label={t('suggestions.title')} chosen={view} onChoose={(next) => setParts({ view: next, offset: '' })} tabs={views.map((key) => ({ key, label: t(`suggestions.${key}`) }))}>
        <SearchBox label={t('suggestions.search')} value={parts.q ?? ''} onChange={(text) => setParts({ q: text, offset: '' })} />
        <Loaded query={suggestions}>
          {({ rows, total }) => (
            <>
              {rows.length === 0 ? <Empty title={t(`suggestions.nothing.${view}`)} /> : <ul className="stack plain-list">{rows.map((row) => <OneSuggestion key={row.id} row={row} />)}</ul>}
              <Paging limit={limit} offset={offset} total={total} onChange={(next) => setParts({ offset: next ? String(next) : '' })} />
            </>
          )}
        </Loaded>
      </Tabs>
      {writing && <Write onClose={() => setWriting(false)} />}
    </Page>
  )
}

function OneSuggestion({ row }: { row: Suggestion }) {
  const { t } = useTranslation('burden')
  const [answering, setAnswering] = useState(false)
  const answer = useWrite(api.burden.answerSuggestion, { refresh: [q.burden.key(), q.inbox.key()], onSuccess: () => { setAnswering(false); toast(t('suggestions.answeredNow')) } })
  const move = moveOf(row.moves, 'answer')
  return (
    <li className="panel stack">
      <div className="row spread"><h2>{row.title}</h2><span className="row"><StateTag>{t(`suggestionKind.${row.kind}`)}</StateTag><StateTag tone={row.state === 'open' ? 'busy' : 'good'}>{t(`suggestionState.${row.state}`)}</StateTag></span></div>
      {row.text && <p>{row.text}</p>}
      <p className="faint">{row.unitName && <>{row.unitName} · </>}<DateText date={row.raisedOn} /></p>
      {row.state === 'open' && row.due && <Light light={row.overdue ? 'red' : 'green'} text={<>{t('suggestions.due')} <DateText date={row.due} /></>} />}
      {row.answer && <Note tone="good">{row.answer} {row.answeredAt && <span className="faint"><Moment at={row.answeredAt} /></span>}</Note>}
      {row.state === 'open' && move.why !== 'not-allowed' && <div className="row end no-print"><MoveButton small kind="main" move={move} label={t('suggestions.answer')} onGo={() => setAnswering(true)} /></div>}
      <ReasonDialog open={answering} title={t('suggestions.answer')} lead={t('suggestions.publicHint')} confirm={t('suggestions.answer')} pending={answer.isPending} problem={answer.error} onClose={() => setAnswering(false)} onConfirm={(text) => answer.mutate({ id: row.id, version: row.version, answer: text })} />
    </li>
  )
}

function Write({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('burden')
  const id = useId()
  const me = useMe()
  const units = me.posts.filter((post, at) => me.posts.findIndex((other) => other.unit === post.unit) === at)
  const [unit, setUnit] = useState(String(units[0]?.unit ?? ''))
  const [kind, setKind] = useState<string>('suggestion')
  const [title, setTitle] = useState('')
  const [text, setText] = useState('')
  const [tried, setTried] = useState(false)
  const suggest = useWrite(api.burden.suggest, {
    refresh: [q.burden.key()],
    onSuccess: ({ due }) => {
      toast(due ? t('suggestions.sent', { due: dateText(due, languageNow()) }) : t('suggestions.sentNoCalendar'))
      onClose()
    },
  })
  if (units.length === 0) return <Dialog open title={t('suggestions.write')} onClose={onClose}><p>{t('suggestions.noPost')}</p></Dialog>
  return (
    <Dialog open title={t('suggestions.write')} onClose={onClose} actions={<><Button onClick={onClose}>{t('cancel')}</Button><Button kind="main" type="submit" form={id} pending={suggest.isPending}>{t('suggestions.send')}</Button></>}>
      <form
        id={id} className="form" noValidate
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (title.trim() !== '') suggest.mutate({ unit: Number(unit), kind: kind as Suggestion['kind'], title: title.trim(), text: text.trim() })
        }}
      >
        <p className="soft">{t('suggestions.hint')}</p>
        <Field label={t('kindTitle')} group><Choice inline value={kind} onChange={setKind} options={kinds.map((one) => ({ value: one, label: t(`suggestionKind.${one}`) }))} /></Field>
        <Field label={t('suggestions.titleField')} hint={t('suggestions.titleHint')} required error={errorAt(suggest.error, 'title') ?? (tried && title.trim() === '' ? t('suggestions.titleMissing') : undefined)}><TextInput value={title} onChange={setTitle} maxLength={80} /></Field>
        <Field label={t('suggestions.text')} hint={t('suggestions.textHint')} optional><TextArea value={text} onChange={setText} maxLength={1000} rows={4} /></Field>
        {units.length > 1 && <Field label={t('unit')}><Select value={unit} onChange={setUnit} options={units.map((one) => ({ value: String(one.unit), label: one.unitName }))} /></Field>}
        <Failure problem={suggest.error} />
      </form>
    </Dialog>
  )
}
