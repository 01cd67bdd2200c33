import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import type { ListRow } from '../lists.contract.ts'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { usePathPart } from '../../../web/shell/address.ts'
import { ButtonLink } from '../../../web/ui/button.tsx'
import { Icon } from '../../../web/ui/icons.tsx'
import { Moment } from '../../../web/ui/marks.tsx'
import { Loaded } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { Draft } from './draft.tsx'
import { Issued } from './issued.tsx'
import { ListStateTag } from './list-marks.tsx'

/** One list: written while it is a draft, followed once it is issued. */
export default function ListPage() {
  const { t } = useTranslation('lists')
  const id = Number(usePathPart('id'))
  const list = useQuery(q.lists.list.queryOptions({ input: { id } }))
  const programmes = useQuery(q.lists.programmes.queryOptions({ staleTime: 600_000 }))
  const crumbs = [{ to: '/lists', label: t('lists.title') }]
  if (!list.data) return <Page title={t('list.title')} crumbs={crumbs}><Loaded query={list}>{() => null}</Loaded></Page>
  const page = list.data
  const programme = programmes.data?.find((one) => one.code === page.programme)
  return (
    <Page
      title={page.title} crumbs={crumbs}
      lead={<>{page.issuerName} · {t('yearOf', { year: page.year })}{programme && <> · {pickWords(programme.name)}</>}{page.clause && <> · {page.clause}</>}</>}
      actions={page.state !== 'draft' && <ListLinks list={page} />}
    >
      <div className="row">
        <ListStateTag state={page.state} />
        <span className="faint">{t('list.createdBy', { name: page.createdBy })}</span>
        {page.issuedAt && <span className="faint">{t('lists.issuedAt')} <Moment at={page.issuedAt} /></span>}
      </div>
      <Loaded query={list}>{(shown) => (shown.state === 'draft' ? <Draft list={shown} /> : <Issued list={shown} />)}</Loaded>
    </Page>
  )
}

function ListLinks({ list }: { list: ListRow }) {
  const { t } = useTranslation('lists')
  return (
    <>
      <ButtonLink to={`/lists/${list.id}/matrix`}>{t('matrix.title')}</ButtonLink>
      <ButtonLink to="/tasks" search={{ list: String(list.id), only: 'all' }}>{t('list.tasks')}</ButtonLink>
      <a className="button plain" href={`/api/lists/${list.id}/workbook`} download><Icon name="download" size={18} />{t('list.workbook')}</a>
    </>
  )
}
