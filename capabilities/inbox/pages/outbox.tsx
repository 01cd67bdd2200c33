import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '../../../web/api/problem.ts'
import { pickWords } from '../../../web/i18n.ts'
import { GiveText } from '../../../web/offline/give-text.tsx'
import { sendQueue, takeBack, tryAgain, type Waiting } from '../../../web/offline/queue.ts'
import { useWaiting } from '../../../web/offline/waiting.ts'
import { useMe } from '../../../web/shell/me.ts'
import { Button, ButtonLink } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { Moment, PeriodText, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Failure } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'

/** What was written on this device and has not arrived: why, and every way out. */
export default function Outbox() {
  const { t } = useTranslation('offline')
  const { account } = useMe()
  const waiting = useWaiting(account)
  return (
    <Page
      title={t('outbox.title')} lead={t('outbox.lead')} narrow
      actions={waiting.some((one) => one.state === 'waiting') && <Button onClick={() => void sendQueue(account)}>{t('outbox.send')}</Button>}
    >
      {waiting.length === 0 ? <Empty title={t('outbox.nothing')}>{t('outbox.nothingNext')}</Empty> : waiting.map((one) => <One key={one.key} one={one} />)}
    </Page>
  )
}

function One({ one }: { one: Waiting }) {
  const { t } = useTranslation('offline')
  const [dropping, setDropping] = useState(false)
  const name = pickWords(one.title)
  const drop = () => {
    setDropping(false)
    void takeBack(one)
  }
  return (
    <Panel title={name}>
      <p className="row">
        <StateTag tone={one.state === 'refused' ? 'bad' : 'busy'}>{t(`outbox.state.${one.state}`)}</StateTag>
        <span>{t(`outbox.act.${one.act}`)} · {one.where}{one.period && <> · <PeriodText period={one.period} /></>}</span>
      </p>
      <p className="faint">
        {t('outbox.queuedAt')} <Moment at={one.queuedAt} />
        {one.files.length > 0 && <> · {t('outbox.files', { count: one.files.length })}</>}
        {one.tries > 0 && <> · {t('outbox.tries', { count: one.tries })}</>}
      </p>
      {one.problem && <Failure problem={new ApiProblem(one.problem.code, one.problem)} />}
      <div className="row">
        <ButtonLink small kind={one.state === 'refused' ? 'main' : undefined} to={one.place.split('#')[0]!}>{t('outbox.openPage')}</ButtonLink>
        {one.state === 'refused' && <Button small onClick={() => void tryAgain(one)}>{t('outbox.again')}</Button>}
        <GiveText name={name} text={one.text} />
        <Button small kind="quiet" onClick={() => setDropping(true)}>{t('outbox.drop')}</Button>
      </div>
      <Dialog open={dropping} title={t('outbox.dropTitle')} onClose={() => setDropping(false)} actions={<Button kind="danger" onClick={drop}>{t('outbox.drop')}</Button>}>
        <p>{t('outbox.dropLead')}</p>
      </Dialog>
    </Panel>
  )
}
