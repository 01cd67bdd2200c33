import { lazy, Suspense } from 'react'
import { useTranslation } from 'react-i18next'
import { Empty, Loading } from '../ui/notes.tsx'
import { Page } from '../ui/page.tsx'
import { may, useMe } from './me.ts'
import { allCards } from './room.ts'

const cards = allCards.map((card) => ({ ...card, Card: lazy(card.card) }))

/** What waits for me: the cards of all rooms whose verbs my posts give. */
export default function StartPage() {
  const { t } = useTranslation('shell')
  const me = useMe()
  const mine = cards.filter((card) => may(me, card.needs))
  const posts = me.posts.map((post) => `${post.unitName} · ${post.title}`).join(t('ui:semicolon'))
  return (
    <Page title={t('start.title')} lead={t('start.hello', { name: me.name, posts: posts || t('noPosts') })}>
      {mine.length === 0 && <Empty title={t('start.nothing')}><p>{me.posts.length === 0 ? t('start.askForPost') : t('start.useMenu')}</p></Empty>}
      <div className="start-cards">
        {mine.map(({ Card, wide }, at) => <div key={at} className={wide ? 'wide' : undefined}><Suspense fallback={<div className="panel"><Loading /></div>}><Card /></Suspense></div>)}
      </div>
    </Page>
  )
}
