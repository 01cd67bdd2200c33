import { useQuery } from '@tanstack/react-query'
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link } from '@tanstack/react-router'
import { useEffect, type ComponentType } from 'react'
import { useTranslation } from 'react-i18next'
import { isApiProblem } from '../api/problem.ts'
import { q } from '../api/queries.ts'
import { chooseLanguage, keptLanguage, verbName } from '../i18n.ts'
import { Failure, Loading, Note } from '../ui/notes.tsx'
import { Page } from '../ui/page.tsx'
import { plainSearch } from './address.ts'
import { FirstPasswordPage } from './first-password.tsx'
import { BrokenPage, Frame } from './frame.tsx'
import { may, useMe } from './me.ts'
import { allRoutes, type PageRoute } from './room.ts'
import { SignInAgain, SignInPage } from './sign-in.tsx'
import StartPage from './start.tsx'

/** Who is not signed in signs in; who has a first password changes it; everybody else gets the page. */
function Gate() {
  const me = useQuery({ ...q.access.me.queryOptions(), staleTime: 60_000 })
  const locale = me.data?.locale
  useEffect(() => {
    if (locale && !keptLanguage()) void chooseLanguage(locale)
  }, [locale])
  const signedOut = isApiProblem(me.error, 'not-signed-in')
  if (me.data) {
    if (me.data.mustChangePassword) return <FirstPasswordPage me={me.data} />
    return (
      <>
        <Frame me={me.data} key={me.data.account} />
        {signedOut && <SignInAgain username={me.data.username} />}
      </>
    )
  }
  if (signedOut) return <SignInPage />
  if (me.isError) return <main className="gate"><div className="gate-card"><Failure problem={me.error} retry={() => void me.refetch()} /></div></main>
  return <main className="gate"><Loading /></main>
}

function NotFoundPage() {
  const { t } = useTranslation('shell')
  return (
    <Page title={t('notFound.title')} narrow>
      <p>{t('notFound.lead')}</p>
      <div><Link to="/" className="button main">{t('toStart')}</Link></div>
    </Page>
  )
}

type Preloaded = ComponentType & { preload?: () => Promise<void> }

/** A page for those who hold its verb; the others read which one it takes. The server decides again for every request. */
function guarded(route: PageRoute): ComponentType {
  const Inner = lazyRouteComponent(route.page) as unknown as Preloaded
  function Guarded() {
    const { t } = useTranslation('shell')
    const me = useMe()
    const room = route.title.split(':')[0]!
    const { t: title } = useTranslation(room)
    if (may(me, route.needs)) return <Inner />
    const verbs = (typeof route.needs === 'string' ? [route.needs] : route.needs).map(verbName).join(t('ui:or'))
    return (
      <Page title={title(route.title)} narrow>
        <Note tone="warn"><p>{t('notForYou', { verbs })}</p></Note>
        <div><Link to="/" className="button">{t('toStart')}</Link></div>
      </Page>
    )
  }
  return Object.assign(Guarded, { preload: Inner.preload })
}

const root = createRootRoute({ component: Gate, notFoundComponent: NotFoundPage })
const start = createRoute({ getParentRoute: () => root, path: '/', component: StartPage })
const pages = allRoutes.map((route) => createRoute({ getParentRoute: () => root, path: route.path, component: guarded(route) as never }))

export const router = createRouter({
  routeTree: root.addChildren([start, ...pages]),
  ...plainSearch,
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  defaultErrorComponent: BrokenPage,
  defaultNotFoundComponent: NotFoundPage,
  scrollRestoration: true,
})
