import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Tick } from '../../../web/ui/inputs.tsx'
import { Moment, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Failure, Loaded } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import type { Notice } from '../inbox.contract.ts'
import { placeOfNotice } from '../place-of-notice.ts'

/** Notices to my posts, newest first. */
export default function Notices() {
  const { t } = useTranslation('inbox')
  const [unseen, setUnseen] = useState(false)
  const [before, setBefore] = useState<readonly number[]>([])
  const at = before.at(-1)
  const notices = useQuery(q.inbox.notices.queryOptions({ input: { unseen, ...(at === undefined ? {} : { before: at }) } }))
  const seen = useWrite(api.inbox.seen, { refresh: [q.inbox.key()] })
  const newest = notices.data?.rows[0]?.id
  return (
    <Page
      title={t('notices.title')}
      lead={t('notices.lead')}
      actions={<Button disabled={!notices.data?.unseen || newest === undefined} pending={seen.isPending} onClick={() => newest !== undefined && seen.mutate({ allUntil: newest })}>{t('notices.readAll')}</Button>}
    >
      <Tick checked={unseen} onChange={(next) => { setUnseen(next); setBefore([]) }}>{t('notices.onlyUnseen')}</Tick>
      <Failure problem={seen.error} />
      <Loaded query={notices}>
        {({ rows, next }) => (
          <>
            {rows.length === 0 ? <Empty title={t('notices.nothing')} /> : (
              <ul className="stack plain-list">
                {rows.map((notice) => (
                  <li className="panel" key={notice.id}>
                    <div className="row spread">
                      <span className="row">{!notice.seen && <StateTag tone="busy">{t('notices.new')}</StateTag>}<NoticeWords notice={notice} /></span>
                      {!notice.seen && <Button small kind="quiet" onClick={() => seen.mutate({ ids: [notice.id] })}>{t('notices.read')}</Button>}
                    </div>
                    <p className="faint">{notice.unitName} · <Moment at={notice.at} />{notice.by && <> · {notice.by}</>}</p>
                  </li>
                ))}
              </ul>
            )}
            <div className="row">
              {before.length > 0 && <Button small onClick={() => setBefore(before.slice(0, -1))}>{t('notices.newer')}</Button>}
              {next !== null && <Button small onClick={() => setBefore([...before, next])}>{t('notices.older')}</Button>}
            </div>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function NoticeWords({ notice }: { notice: Notice }) {
  const { t } = useTranslation('inbox')
  const words = t(`notice.${notice.kind}`, { ...notice.facts, defaultValue: t('notice.other', { title: String(notice.facts.title ?? '') }) })
  const to = placeOfNotice(notice.subject)
  const more = [notice.facts.reason, notice.facts.text].filter((one) => typeof one === 'string' && one !== '').join('；')
  return <span>{to ? <Link to={to}>{words}</Link> : words}{more && <span className="soft">：{more}</span>}</span>
}
