import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { TextInput } from '../../../web/ui/inputs.tsx'
import { Failure } from '../../../web/ui/notes.tsx'
import { toast } from '../../../web/ui/toast.tsx'

/** The calendar feed: its address is shown once, when it is made. */
export function FeedPanel({ hasFeed }: { hasFeed: boolean }) {
  const { t } = useTranslation('reach')
  const [url, setUrl] = useState('')
  const refresh = [q.reach.choice.key()]
  const make = useWrite(api.reach.makeFeed, { refresh, onSuccess: (made) => setUrl(made.url) })
  const end = useWrite(api.reach.endFeed, { refresh, onSuccess: () => { setUrl(''); toast(t('feed.ended')) } })
  const copy = () => void navigator.clipboard.writeText(url).then(() => toast(t('feed.copied')))
  return (
    <div className="stack">
      <p className="soft">{t('feed.lead')}</p>
      {url !== '' && (
        <>
          <Field label={t('feed.made')}><TextInput readOnly value={url} onChange={() => undefined} onFocus={(event) => event.target.select()} /></Field>
          <div><Button small onClick={copy}>{t('feed.copy')}</Button></div>
        </>
      )}
      {hasFeed && url === '' && <p>{t('feed.has')}</p>}
      <div className="row">
        <Button pending={make.isPending} onClick={() => make.mutate({})}>{t(hasFeed ? 'feed.again' : 'feed.make')}</Button>
        {hasFeed && <Button kind="quiet" pending={end.isPending} onClick={() => end.mutate({})}>{t('feed.end')}</Button>}
      </div>
      <Failure problem={make.error ?? end.error} />
    </div>
  )
}
