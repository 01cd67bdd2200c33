import { useQuery } from '@tanstack/react-query'
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, type ComponentType } from 'react'
import { useTranslation } from 'react-i18next'
import { isApiProblem } from '../api/problem.ts'
import { q } from '../api/queries.ts'
import { askForTexts, chooseLanguage, keptLanguage, verbName } from '../i18n.ts'
import { Failure, Loading, Note } from '../ui/notes.tsx'
import { Page } from '../ui/page.tsx'
import { plainSearch } from './address.ts'
import { BrokenPage, Frame } from './frame.tsx'
import { may, useMe } from './me.ts'
import { allRoutes, type PageRoute } from './room.ts'

// What a signed-in person does not see at first comes when it is needed.
const FirstPasswordPage = lazy(() => import('./first-password.tsx'))
const SignInPage = lazy(() => import('./sign-in.tsx').then((file) => ({ default: file.SignInPage })))
const CodeAwaited = lazy(() => import('./sign-in.tsx').then((file) => ({ default: file.CodeAwaited })))
const SignInAgain = lazy(() => import('./sign-in.tsx').then((file) => ({ default: file.SignInAgain })))
const waiting = <main className="gate"><Loading /></main>

const EnrolPage = lazy(() => import('../../capabilities/access/pages/enrol.tsx'))

/** Who is not signed in signs in; who has a first password changes it; everybody else gets the page. */
function Gate() {
  const me = useQuery({ ...q.access.me.queryOptions(), staleTime: 60_000 })
  const locale = me.data?.locale
  useEffect(() => {
    if (locale && !keptLanguage()) void chooseLanguage(locale)
  }, [locale])
  const signedOut = isApiProblem(me.error, 'not-signed-in')
  if (me.data) {
    if (me.data.wants === 'code') return <Suspense fallback={waiting}><CodeAwaited /></Suspense>
    if (me.data.mustChangePassword) return <Suspense fallback={waiting}><FirstPasswordPage me={me.data} /></Suspense>
    if (me.data.wants === 'enrol') return <Suspense fallback={waiting}><EnrolPage me={me.data} /></Suspense>
    return (
      <>
        <Frame me={me.data} key={me.data.account} />
        {signedOut && <Suspense><SignInAgain username={me.data.username} /></Suspense>}
      </>
    )
  }
  if (signedOut) return <Suspense fallback={waiting}><SignInPage /></Suspense>
  if (me.isError) return <main className="gate"><div className="gate-card"><Failure problem={me.error} retry={() => void me.refetch()} /></div></main>
  return waiting
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

/** Nothing waits for what is asked for here; the page shows what went wrong when it asks by itself. */
function askEarly(route: PageRoute, params: unknown): void {
  askForTexts(route.title.split(':')[0]!)
  route.ask?.(params as Record<string, string>)
}

const root = createRootRoute({ component: Gate, notFoundComponent: NotFoundPage })
const start = createRoute({ getParentRoute: () => root, path: '/', component: lazyRouteComponent(() => import('./start.tsx')) })
const pages = allRoutes.map((route) => createRoute({ getParentRoute: () => root, path: route.path, component: guarded(route) as never, loader: ({ params }) => askEarly(route, params) }))

export const router = createRouter({
  routeTree: root.addChildren([start, ...pages]),
  ...plainSearch,
  defaultPreload: 'intent',
  defaultPendingComponent: Loading,
  defaultErrorComponent: BrokenPage,
  defaultNotFoundComponent: NotFoundPage,
  scrollRestoration: true,
})
