import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { verbName } from '../../../web/i18n.ts'
import { useMe } from '../../../web/shell/me.ts'
import { PasswordForm } from '../../../web/shell/password-form.tsx'
import { Button } from '../../../web/ui/button.tsx'
import { Moment, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Failure, Loaded } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Table, type Column } from '../../../web/ui/table.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { Me, MySession } from '../access.contract.ts'
import { deviceName } from '../device-name.ts'
import { MyAbsences } from './my-absences.tsx'
import { MyFactor } from './my-factor.tsx'
import { MyIdentity } from './my-identity.tsx'

/** My posts, where I am signed in, my password. */
export default function MyAccountPage() {
  const { t } = useTranslation('access')
  const me = useMe()
  return (
    <Page title={t('me.title')} narrow>
      <Panel title={t('me.who')}>
        <dl className="facts">
          <dt>{t('name')}</dt><dd>{me.name}</dd>
          <dt>{t('username')}</dt><dd>{me.username}</dd>
        </dl>
      </Panel>
      <Panel title={t('me.posts')}><MyPosts posts={me.posts} /></Panel>
      <Panel title={t('absence.title')}><MyAbsences /></Panel>
      <Panel title={t('me.sessions')}><MySessions /></Panel>
      <Panel title={t('factor.title')}><MyFactor /></Panel>
      <MyIdentity />
      <Panel title={t('me.password')}>
        <p className="soft">{t('me.passwordLead')}</p>
        <PasswordForm username={me.username} onDone={(endedSessions) => toast(t('me.passwordDone', { endedSessions }))} />
      </Panel>
    </Page>
  )
}

function MyPosts({ posts }: { posts: Me['posts'] }) {
  const { t } = useTranslation('access')
  if (posts.length === 0) return <Empty title={t('me.noPosts')}><p>{t('me.askForPost')}</p></Empty>
  return (
    <ul className="stack plain-list">
      {posts.map((post) => (
        <li key={`${post.post}-${post.unit}`}>
          <strong>{post.unitName} · {post.title}</strong> {post.acting && <StateTag tone="warn">{t('acting')}</StateTag>}
          <p className="faint">{post.verbs.map(verbName).join(t('ui:comma'))}</p>
        </li>
      ))}
    </ul>
  )
}

function MySessions() {
  const { t } = useTranslation('access')
  const sessions = useQuery(q.access.sessions.queryOptions())
  const refresh = [q.access.sessions.key()]
  const end = useWrite(api.access.endSession, { refresh, onSuccess: () => toast(t('me.sessionEnded')) })
  const endOthers = useWrite(api.access.endOtherSessions, { refresh, onSuccess: ({ ended }) => toast(t('me.othersEnded', { ended })) })
  const columns: Column<MySession>[] = [
    { key: 'device', title: t('me.device'), main: true, cell: (row) => <>{deviceName(row.device) || t('me.unknownDevice')} {row.current && <StateTag tone="good">{t('me.thisOne')}</StateTag>}</> },
    { key: 'started', title: t('me.started'), cell: (row) => <Moment at={row.startedAt} /> },
    { key: 'seen', title: t('me.seen'), cell: (row) => <Moment at={row.lastSeenAt} /> },
    {
      key: 'acts', title: <span className="sr-only">{t('acts')}</span>, acts: true,
      cell: (row) => !row.current && (
        <Button small pending={end.isPending && end.variables.id === row.id} onClick={() => end.mutate({ id: row.id })}>{t('me.endSession')}</Button>
      ),
    },
  ]
  return (
    <Loaded query={sessions}>
      {(rows) => (
        <>
          <Table caption={t('me.sessions')} columns={columns} rows={rows} rowKey={(row) => row.id} />
          {rows.some((row) => !row.current) && <div><Button pending={endOthers.isPending} onClick={() => endOthers.mutate({})}>{t('me.endOthers')}</Button></div>}
          <Failure problem={end.error ?? endOthers.error} />
        </>
      )}
    </Loaded>
  )
}
