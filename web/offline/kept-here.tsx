import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '../api/problem.ts'
import { pickWords } from '../i18n.ts'
import { Button } from '../ui/button.tsx'
import { Moment, StateTag } from '../ui/marks.tsx'
import { Failure, Note } from '../ui/notes.tsx'
import { GiveText } from './give-text.tsx'
import { sendQueue, takeBack, tryAgain, type Waiting } from './queue.ts'

/**
 * What was written about a page on this device and has not arrived: what it says, why it was not accepted, and every way out.
 * The page itself shows what is there now.
 */
export function KeptHere({ rows, onTake }: {
  rows: readonly Waiting[]
  /** Lays it where its form finds it again; left out where there is no form. */
  onTake?: (one: Waiting) => Promise<void>
}) {
  const { t } = useTranslation('offline')
  return <>{rows.map((one) => <One key={one.key} one={one} onTake={onTake} t={t} />)}</>
}

function One({ one, onTake, t }: { one: Waiting; onTake: ((one: Waiting) => Promise<void>) | undefined; t: ReturnType<typeof useTranslation<'offline'>>['t'] }) {
  const [asking, setAsking] = useState(false)
  const refused = one.state === 'refused'
  const take = async () => {
    await onTake!(one)
    await takeBack(one)
  }
  return (
    <Note tone={refused ? 'bad' : 'warn'}>
      <p className="row"><strong>{t(`outbox.act.${one.act}`)} · {pickWords(one.title)}</strong> <StateTag tone={refused ? 'bad' : 'busy'}>{t(`outbox.state.${one.state}`)}</StateTag></p>
      <p className="faint">{one.where} · {t('outbox.queuedAt')} <Moment at={one.queuedAt} />{one.files.length > 0 && <> · {t('outbox.files', { count: one.files.length })}</>}</p>
      {one.text && <p className="prose">{one.text}</p>}
      {one.problem && <Failure problem={new ApiProblem(one.problem.code, one.problem)} />}
      <div className="row">
        {refused ? <Button small onClick={() => void tryAgain(one)}>{t('outbox.again')}</Button> : <Button small onClick={() => void sendQueue(one.account)}>{t('outbox.send')}</Button>}
        {onTake && <Button small onClick={() => void take()}>{t('kept.takeBack')}</Button>}
        {one.text && <GiveText name={pickWords(one.title)} text={one.text} />}
        {asking
          ? <><span>{t('outbox.dropTitle')}</span><Button small kind="danger" onClick={() => void takeBack(one)}>{t('outbox.drop')}</Button></>
          : <Button small kind="quiet" onClick={() => setAsking(true)}>{t('outbox.drop')}</Button>}
      </div>
    </Note>
  )
}
