import { useQuery } from '@tanstack/react-query'
import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Me } from '../../capabilities/access/access.contract.ts'
import { api } from '../api/client.ts'
import { q, useWrite } from '../api/queries.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icons.tsx'
import { Menu } from '../ui/menu.tsx'
import { Loading } from '../ui/notes.tsx'
import { toast, Toasts } from '../ui/toast.tsx'
import { menuKey, problemText } from '../i18n.ts'
import { useLive } from './live.ts'
import { LanguageSwitch } from './language-switch.tsx'
import { may, signOut } from './me.ts'
import { menuRoutes } from './room.ts'
import { Mark } from './mark.tsx'

// Opened seldom, so it is no part of what every first page waits for.
const SearchDialog = lazy(() => import('./search.tsx').then((file) => ({ default: file.SearchDialog })))

/** What this device keeps and sends. No part of the first page: it comes when that has been drawn, and without it the rest works. */
const DeviceBar = lazy(() => import('../offline/bar.tsx').catch(() => ({ default: Offline })))

const sections = ['work', 'look', 'admin'] as const

/** What stands around every page: menu at the side or at the foot, search, language, the person. */
export function Frame({ me }: { me: Me }) {
  const { t } = useTranslation('shell')
  useLive()
  const [open, setOpen] = useState<'search' | 'help' | 'menu'>()
  const main = useRef<HTMLElement>(null)
  const path = useRouterState({ select: (state) => state.location.pathname })
  const first = useRef(path)
  useEffect(() => {
    setOpen(undefined)
    // A new page is read from its beginning; at the very first one the browser does so by itself.
    if (first.current !== path) main.current?.focus({ preventScroll: true })
    first.current = path
  }, [path])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        return setOpen('search')
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (event.key !== '/' && event.key !== '?') return
      event.preventDefault()
      setOpen(event.key === '/' ? 'search' : 'help')
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  const [device, setDevice] = useState(false)
  useEffect(() => {
    // On a thin line the first form stands after some two seconds; nothing may share the line with it.
    const timer = setTimeout(() => setDevice(true), navigator.onLine ? 3_000 : 0)
    return () => clearTimeout(timer)
  }, [])
  const keepLanguage = useWrite(api.access.setLocale, { refresh: [q.access.me.key()] })
  const close = () => setOpen(undefined)
  return (
    <div className="frame">
      <a className="skip" href="#main" onClick={(event) => {
        event.preventDefault()
        main.current?.focus()
      }}>{t('skip')}</a>
      <header className="top no-print">
        <Link to="/" className="brand"><Mark size={28} /><span>{t('ui:product')}</span></Link>
        <button type="button" className="top-search" onClick={() => setOpen('search')}>
          <Icon name="search" size={18} /><span className="wide-only">{t('search.placeholder')}</span><kbd className="wide-only" aria-hidden="true">Ctrl K</kbd><span className="sr-only narrow-only">{t('search.title')}</span>
        </button>
        <div className="top-acts">
          <span className="wide-only"><IconButton label={t('help.title')} onClick={() => setOpen('help')}><Icon name="help" /></IconButton></span>
          <Bell />
          <LanguageSwitch onChoose={(locale) => keepLanguage.mutate({ locale })} />
          <PersonMenu me={me} onHelp={() => setOpen('help')} />
        </div>
      </header>
      <nav className="side no-print" aria-label={t('menu.title')}><MenuList me={me} /></nav>
      <div className="content">
        {device ? <Suspense fallback={<Offline />}><DeviceBar me={me} /></Suspense> : <Offline />}
        <main id="main" ref={main} tabIndex={-1}>
          <Suspense fallback={<Loading />}><Outlet /></Suspense>
        </main>
      </div>
      <BottomBar me={me} onMore={() => setOpen('menu')} />
      {open === 'search' && <Suspense><SearchDialog open onClose={close} /></Suspense>}
      <Dialog open={open === 'menu'} title={t('menu.title')} onClose={close}><nav aria-label={t('menu.title')}><MenuList me={me} /></nav></Dialog>
      <Dialog open={open === 'help'} title={t('help.title')} onClose={close}><KeyHelp /></Dialog>
      <Toasts />
    </div>
  )
}

/** How many notices are new, and the way to them. */
function Bell() {
  const { t } = useTranslation('shell')
  const { data } = useQuery(q.inbox.notices.queryOptions({ input: { limit: 1 }, staleTime: 60_000 }))
  const unseen = data?.unseen ?? 0
  return (
    <Link to="/notices" className="button quiet icon bell" aria-label={t('bell', { count: unseen })} title={t('bell', { count: unseen })}>
      <Icon name="bell" />
      {unseen > 0 && <span className="bell-count" aria-hidden="true">{unseen > 99 ? '99+' : unseen}</span>}
    </Link>
  )
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}

function MenuList({ me }: { me: Me }) {
  const { t } = useTranslation(['shell', 'menu'])
  const mine = menuRoutes.filter((route) => may(me, route.needs))
  return (
    <div className="menu-sections">
      <ul><li><MenuLink to="/" icon={<Icon name="home" />} exact>{t('shell:start.title')}</MenuLink></li></ul>
      {sections.map((section) => {
        const entries = mine.filter((route) => route.menu.section === section)
        if (entries.length === 0) return null
        return (
          <div key={section}>
            <p className="menu-heading" id={`menu-${section}`}>{t(`shell:menu.${section}`)}</p>
            <ul aria-labelledby={`menu-${section}`}>
              {entries.map((route) => <li key={route.path}><MenuLink to={route.path} icon={<Icon name={route.menu.icon} />}>{t(menuKey(route.menu.label ?? route.title))}</MenuLink></li>)}
            </ul>
          </div>
        )
      })}
    </div>
  )
}

function MenuLink({ to, icon, exact = false, children }: { to: string; icon: ReactNode; exact?: boolean; children: ReactNode }) {
  return <Link to={to} className="menu-link" activeOptions={{ exact, includeSearch: false }} activeProps={{ 'aria-current': 'page' }}>{icon}<span>{children}</span></Link>
}

function BottomBar({ me, onMore }: { me: Me; onMore: () => void }) {
  const { t } = useTranslation(['shell', 'menu'])
  const mine = menuRoutes.filter((route) => route.menu.bar && may(me, route.needs)).slice(0, 3)
  return (
    <nav className="bottom-bar no-print" aria-label={t('shell:menu.short')}>
      <MenuLink to="/" icon={<Icon name="home" />} exact>{t('shell:start.title')}</MenuLink>
      {mine.map((route) => <MenuLink key={route.path} to={route.path} icon={<Icon name={route.menu.icon} />}>{t(menuKey(route.menu.label ?? route.title))}</MenuLink>)}
      <button type="button" className="menu-link" onClick={onMore}><Icon name="menu" /><span>{t('shell:menu.more')}</span></button>
    </nav>
  )
}

function PersonMenu({ me, onHelp }: { me: Me; onHelp: () => void }) {
  const { t } = useTranslation('shell')
  const [unsent, setUnsent] = useState(0)
  const leave = () => {
    setUnsent(0)
    void signOut().catch((error: unknown) => toast(problemText(error), 'bad'))
  }
  const askToLeave = async () => {
    // A browser that keeps nothing has nothing waiting.
    const waiting = await import('../offline/queue.ts').then((file) => file.waitingOf(me.account)).catch(() => [])
    if (waiting.length > 0) setUnsent(waiting.length)
    else leave()
  }
  const about = (
    <>
      <strong>{me.name}</strong> <span className="faint">{me.username}</span>
      {me.posts.length === 0 && <p>{t('noPosts')}</p>}
      <ul className="posts">{me.posts.map((post) => <li key={`${post.post}-${post.unit}`}>{post.unitName} · {post.title}{post.acting && `（${t('acting')}）`}</li>)}</ul>
    </>
  )
  const items = [
    { key: 'me', label: t('myAccount'), icon: 'person' as const, to: '/access/me' },
    { key: 'help', label: t('help.title'), icon: 'help' as const, onGo: onHelp },
    { key: 'out', label: t('signOut'), icon: 'leave' as const, apart: true, onGo: () => void askToLeave() },
  ]
  return (
    <>
      <Menu label={t('person', { name: me.name })} about={about} items={items} button={<><Icon name="person" /><span className="wide-only">{me.name}</span></>} />
      <Dialog
        open={unsent > 0} title={t('leave.title')} onClose={() => setUnsent(0)}
        actions={<><Button onClick={leave}>{t('leave.anyway')}</Button><Button kind="main" onClick={() => setUnsent(0)}>{t('leave.stay')}</Button></>}
      >
        <p>{t('leave.lead', { count: unsent })}</p>
      </Dialog>
    </>
  )
}

function KeyHelp() {
  const { t } = useTranslation('shell')
  const keys: [string[], string][] = [
    [['Ctrl', 'K'], 'search'], [['/'], 'search'], [['?'], 'help'], [['Tab'], 'tab'], [['Enter'], 'enter'], [['Esc'], 'escape'], [['←', '→'], 'tabs'],
  ]
  return (
    <dl className="facts">
      {keys.map(([pressed, act]) => (
        <div key={pressed.join()} className="contents"><dt>{pressed.map((key) => <kbd key={key}>{key}</kbd>)}</dt><dd>{t(`help.${act}`)}</dd></div>
      ))}
    </dl>
  )
}

function Offline() {
  const { t } = useTranslation('shell')
  const online = useSyncExternalStore(watchLine, () => navigator.onLine)
  return <div role="status">{!online && <p className="offline">{t('offline')}</p>}</div>
}

function watchLine(watcher: () => void): () => void {
  for (const event of ['online', 'offline']) addEventListener(event, watcher)
  return () => ['online', 'offline'].forEach((event) => removeEventListener(event, watcher))
}

/** The last resort of a page that broke: a plain sentence and the ways out. */
export function BrokenPage({ error, reset }: { error: unknown; reset: () => void }) {
  const { t } = useTranslation('shell')
  const [noLine, setNoLine] = useState(false)
  useEffect(() => {
    if (isOldPage(error)) void fetch('/health').then(() => setNoLine(false), () => setNoLine(true))
  }, [error])
  return (
    <div className="page narrow">
      <h1>{noLine ? t('broken.noLineTitle') : t('broken.title')}</h1>
      <p role="alert">{noLine ? t('broken.noLine') : isOldPage(error) ? t('broken.old') : t('broken.lead')}</p>
      <div className="row">
        <Button kind="main" onClick={() => (isOldPage(error) ? location.reload() : reset())}>{isOldPage(error) ? t('broken.reload') : t('ui:tryAgain')}</Button>
        <Link to="/" className="button">{t('toStart')}</Link>
      </div>
      <details><summary className="faint">{t('broken.details')}</summary><pre className="broken-details">{error instanceof Error ? error.message : String(error)}</pre></details>
    </div>
  )
}

/** The platform was renewed while the page was open: the parts it would load now have other names. */
function isOldPage(error: unknown): boolean {
  return error instanceof Error && /dynamically imported module|importing a module script|module script failed|preload CSS/i.test(error.message)
}
