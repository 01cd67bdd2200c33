import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { periodEnd, periodOf } from '../../../rules/period.ts'
import { q } from '../../../web/api/queries.ts'
import { languageNow, pickWords } from '../../../web/i18n.ts'
import { useWaiting } from '../../../web/offline/waiting.ts'
import { useMe } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { dateText } from '../../../web/ui/date-text.ts'
import { DateText, PeriodText, StateTag } from '../../../web/ui/marks.tsx'
import { moveOf } from '../../../web/ui/moves.tsx'
import { Empty, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { ReturnPage } from '../ledgers.contract.ts'
import type { Waiting } from '../../../web/offline/queue.ts'
import { FillIn, type Sent } from './fill-in.tsx'
import { placeOf } from './kept-locally.ts'
import './ledgers.css'

const WaitingReturn = lazy(() => import('./kept-return.tsx').then((file) => ({ default: file.WaitingReturn })))

/** No village is asked for more forms at once; further ones wait until these are sent. */
const most = 20
type Place = { unit: number; unitName: string; form: string; period: string; due: string; minutes: number; late: boolean }
const keyOf = (place: Pick<Place, 'unit' | 'form' | 'period'>) => `${place.unit}:${place.form}:${place.period}`

/** One page a month: all forms that wait, below each other, sent together; each keeps its own rules. */
export default function Month() {
  const { t } = useTranslation('ledgers')
  const [end] = useState(() => periodEnd(periodOf(todayIn(Date.now()), 'month')))
  const [later, setLater] = useState(false)
  const mine = useQuery(q.ledgers.mine.queryOptions({ input: { state: 'open', limit: most }, staleTime: 0 }))
  // What has been sent stays on the page until it is left, so that nothing jumps away under the hand.
  const [places, setPlaces] = useState<readonly Place[]>()
  if (mine.data && !mine.isFetching && !places) setPlaces(mine.data.rows)
  if (!places) return <Page title={t('month.title')} lead={t('month.lead')} narrow><Loaded query={mine}>{() => null}</Loaded></Page>
  const now = places.filter((one) => one.due <= end)
  const then = places.filter((one) => one.due > end)
  const shown = later || now.length === 0 ? places : now
  return (
    <Page title={t('month.title')} lead={t('month.lead')} narrow>
      {places.length === 0 ? <Empty title={t('mine.nothing')}>{t('mine.nothingNext')}</Empty> : (
        <>
          {then.length > 0 && now.length > 0 && !later && (
            <Note><p>{t('month.later', { count: then.length, due: dateText(then[0]!.due, languageNow()) })}</p><div className="row"><Button small onClick={() => setLater(true)}>{t('month.showLater')}</Button></div></Note>
          )}
          <Forms places={shown} />
        </>
      )}
    </Page>
  )
}

function Forms({ places }: { places: readonly Place[] }) {
  const { t } = useTranslation('ledgers')
  const senders = useRef(new Map<string, () => Promise<Sent>>())
  const [sent, setSent] = useState<ReadonlySet<string>>(new Set())
  const [sending, setSending] = useState(false)
  const kept = useWaiting(useMe().account)
  const keptOf = (place: Place) => kept.find((one) => one.place === placeOf(place))
  const open = places.filter((place) => !sent.has(keyOf(place)) && !keptOf(place))
  const waits = places.filter((place) => keptOf(place)?.state === 'waiting').length
  /** One after the other: a form that shows what another holds is checked against what was just sent. */
  const sendAll = async () => {
    setSending(true)
    const count = { sent: 0, waits: 0, stays: 0 }
    for (const place of open) count[(await senders.current.get(keyOf(place))?.()) ?? 'stays']++
    setSending(false)
    if (count.stays > 0) toast(t('month.someLeft', { count: count.stays }), 'bad')
    else toast(count.waits > 0 ? t('month.allWait', { count: count.waits }) : t('month.allSent', { count: count.sent }))
  }
  return (
    <div className="stack" data-month>
      {places.map((place) => (
        <OneForm
          key={keyOf(place)} place={place} sent={sent.has(keyOf(place))} kept={keptOf(place)}
          onSent={() => setSent((before) => new Set(before).add(keyOf(place)))} onTaken={() => setSent((before) => new Set([...before].filter((key) => key !== keyOf(place))))}
          sender={(send) => void senders.current.set(keyOf(place), send)}
        />
      ))}
      <div className="month-foot no-print">
        <span className="soft" role="status">
          {open.length > 0 ? t('month.open', { count: open.length, minutes: open.reduce((sum, place) => sum + place.minutes, 0) }) : waits === 0 && t('month.done')}
          {waits > 0 && <> {t('month.waits', { count: waits })}</>}
        </span>
        <Button kind="main" data-send pending={sending} disabled={open.length === 0} onClick={() => void sendAll()}>{t('month.send', { count: open.length })}</Button>
      </div>
    </div>
  )
}

function OneForm({ place, sent, kept, onSent, onTaken, sender }: {
  place: Place
  sent: boolean
  /** What this device keeps of it: it waits to be sent, or was not accepted. */
  kept: Waiting | undefined
  onSent: () => void
  onTaken: () => void
  sender: (send: () => Promise<Sent>) => void
}) {
  const { t } = useTranslation('ledgers')
  const { unit, form, period } = place
  const page = useQuery(q.ledgers.open.queryOptions({ input: { unit, form, period }, staleTime: 0 }))
  // The page as it was when it came: what others send meanwhile must not change it while one types.
  const [start, setStart] = useState<ReturnPage>()
  if (page.data && !page.isFetching && !start) setStart(page.data)
  const [sending, setSending] = useState(false)
  const waits = kept?.state === 'waiting' && !sending ? kept : undefined
  const refused = kept?.state === 'refused' && !sending
  // What waited when the page was opened leaves while it stands.
  const waited = useRef(false)
  useEffect(() => {
    if (waited.current && !kept) onSent()
    waited.current = waits !== undefined
  })
  const done = sent && !kept
  const open = !sent && !kept
  return (
    <section className="month-form stack" aria-labelledby={`form-${keyOf(place)}`}>
      <header className="row spread">
        <h2 id={`form-${keyOf(place)}`}>{start ? pickWords(start.definition.name) : place.form}</h2>
        <span className="row">
          {done && <StateTag tone="good">{t('month.sent')}</StateTag>}
          {waits && <StateTag tone="busy">{t('state.waitsHere')}</StateTag>}
          {place.late && open && <StateTag tone="bad">{t('late')}</StateTag>}
          {start?.state === 'sentBack' && open && <StateTag tone="warn">{t('state.sentBack')}</StateTag>}
          <Link to={placeOf(place)}>{t('month.alone')}<span className="sr-only"> {start && pickWords(start.definition.name)}</span></Link>
        </span>
      </header>
      <p className="faint"><PeriodText period={period} /> · {place.unitName} · {t('return.due')} <DateText date={place.due} /></p>
      {start?.state === 'sentBack' && start.reasons?.[''] && open && <Note tone="warn">{start.reasons['']}</Note>}
      {!start ? <Loaded query={page}>{() => null}</Loaded>
        : waits ? <Suspense><WaitingReturn one={waits} form={start.definition} onTaken={onTaken} /></Suspense>
        : refused ? <Note tone="bad">{t('month.refused')} <Link to={placeOf(place)}>{t('month.see')}</Link></Note>
        : done ? null
        : moveOf(start.moves, 'submit').possible ? <FillIn page={start} correcting={false} among={{ onSent, sender }} onSending={setSending} />
        : <Note>{t('return.waits')}</Note>}
    </section>
  )
}
