import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { periodEnd, periodOf } from '../../../rules/period.ts'
import { q } from '../../../web/api/queries.ts'
import { languageNow, pickWords } from '../../../web/i18n.ts'
import { Button } from '../../../web/ui/button.tsx'
import { dateText } from '../../../web/ui/date-text.ts'
import { DateText, PeriodText, StateTag } from '../../../web/ui/marks.tsx'
import { moveOf } from '../../../web/ui/moves.tsx'
import { Empty, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { ReturnPage } from '../ledgers.contract.ts'
import { FillIn } from './return.tsx'
import './ledgers.css'

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
  const senders = useRef(new Map<string, () => Promise<boolean>>())
  const [sent, setSent] = useState<ReadonlySet<string>>(new Set())
  const [sending, setSending] = useState(false)
  const open = places.filter((place) => !sent.has(keyOf(place)))
  /** One after the other: a form that shows what another holds is checked against what was just sent. */
  const sendAll = async () => {
    setSending(true)
    let left = 0
    for (const place of open) if (!(await senders.current.get(keyOf(place))?.())) left++
    setSending(false)
    toast(left === 0 ? t('month.allSent', { count: open.length }) : t('month.someLeft', { count: left }), left === 0 ? 'good' : 'bad')
  }
  return (
    <div className="stack" data-month>
      {places.map((place) => (
        <OneForm
          key={keyOf(place)} place={place} sent={sent.has(keyOf(place))}
          onSent={() => setSent((before) => new Set(before).add(keyOf(place)))} sender={(send) => void senders.current.set(keyOf(place), send)}
        />
      ))}
      <div className="month-foot no-print">
        <span className="soft" role="status">{open.length === 0 ? t('month.done') : t('month.open', { count: open.length, minutes: open.reduce((sum, place) => sum + place.minutes, 0) })}</span>
        <Button kind="main" data-send pending={sending} disabled={open.length === 0} onClick={() => void sendAll()}>{t('month.send', { count: open.length })}</Button>
      </div>
    </div>
  )
}

function OneForm({ place, sent, onSent, sender }: { place: Place; sent: boolean; onSent: () => void; sender: (send: () => Promise<boolean>) => void }) {
  const { t } = useTranslation('ledgers')
  const { unit, form, period } = place
  const page = useQuery(q.ledgers.open.queryOptions({ input: { unit, form, period }, staleTime: 0 }))
  // The page as it was when it came: what others send meanwhile must not change it while one types.
  const [start, setStart] = useState<ReturnPage>()
  if (page.data && !page.isFetching && !start) setStart(page.data)
  return (
    <section className="month-form stack" aria-labelledby={`form-${keyOf(place)}`}>
      <header className="row spread">
        <h2 id={`form-${keyOf(place)}`}>{start ? pickWords(start.definition.name) : place.form}</h2>
        <span className="row">
          {sent && <StateTag tone="good">{t('month.sent')}</StateTag>}
          {place.late && !sent && <StateTag tone="bad">{t('late')}</StateTag>}
          {start?.state === 'sentBack' && !sent && <StateTag tone="warn">{t('state.sentBack')}</StateTag>}
          <Link to={`/returns/${unit}/${form}/${period}`}>{t('month.alone')}<span className="sr-only"> {start && pickWords(start.definition.name)}</span></Link>
        </span>
      </header>
      <p className="faint"><PeriodText period={period} /> · {place.unitName} · {t('return.due')} <DateText date={place.due} /></p>
      {start?.state === 'sentBack' && start.reasons?.[''] && !sent && <Note tone="warn">{start.reasons['']}</Note>}
      {!start ? <Loaded query={page}>{() => null}</Loaded> : sent ? null : moveOf(start.moves, 'submit').possible ? <FillIn page={start} correcting={false} among={{ onSent, sender }} /> : <Note>{t('return.waits')}</Note>}
    </section>
  )
}
