import { useQuery } from '@tanstack/react-query'
import { useEffect, useId, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { menuKey } from '../i18n.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Failure } from '../ui/notes.tsx'
import { useGo } from './address.ts'
import { may, useMe } from './me.ts'
import { allSources, menuRoutes, type SearchHit } from './room.ts'

/** Finds pages and whatever the rooms let one find; opened by Ctrl+K or /. */
export function SearchDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('shell')
  return (
    <Dialog open={open} title={t('search.title')} onClose={onClose}>
      <Search onClose={onClose} />
    </Dialog>
  )
}

type Group = { label: string; hits: SearchHit[] }

function Search({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['shell', 'menu'])
  const me = useMe()
  const go = useGo()
  const id = useId()
  const [typed, setTyped] = useState('')
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  useEffect(() => {
    const timer = setTimeout(() => setText(typed.trim()), 200)
    return () => clearTimeout(timer)
  }, [typed])
  const sources = allSources.filter((source) => may(me, source.needs))
  const found = useQuery({
    queryKey: ['search', me.account, text],
    enabled: text !== '' && sources.length > 0,
    queryFn: ({ signal }) => Promise.all(sources.map(async (source): Promise<Group> => ({ label: source.label, hits: await source.find(text, signal) }))),
  })
  const wanted = typed.trim().toLowerCase()
  const pages = menuRoutes
    .filter((route) => may(me, route.needs) && t(menuKey(route.title)).toLowerCase().includes(wanted))
    .map((route) => ({ key: route.path, label: t(menuKey(route.title)), to: route.path }))
  const all: Group[] = [{ label: 'shell:search.pages', hits: pages }, ...(text ? (found.data ?? []) : [])]
  const groups = all.filter((group) => group.hits.length > 0)
  const hits = groups.flatMap((group) => group.hits.map((hit) => ({ ...hit, id: `${id}-${group.label}-${hit.key}` })))
  const chosen = hits[Math.min(at, hits.length - 1)]
  const open = (hit: SearchHit) => {
    onClose()
    const [path = '/', query] = hit.to.split('?')
    go(path, Object.fromEntries(new URLSearchParams(query)))
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter' && chosen) return open(chosen)
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
    event.preventDefault()
    const next = (Math.min(at, hits.length - 1) + (event.key === 'ArrowDown' ? 1 : -1) + hits.length) % Math.max(hits.length, 1)
    setAt(next)
    document.getElementById(hits[next]?.id ?? '')?.scrollIntoView({ block: 'nearest' })
  }
  return (
    <>
      <input
        className="input" type="text" role="combobox" aria-expanded aria-controls={`${id}-hits`} aria-activedescendant={chosen?.id} aria-label={t('shell:search.title')}
        placeholder={t('shell:search.placeholder')} value={typed} autoComplete="off"
        onChange={(event) => {
          setTyped(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKey}
      />
      <div id={`${id}-hits`} role="listbox" aria-label={t('shell:search.title')} className="search-hits">
        {groups.map((group) => (
          <div key={group.label} role="group" aria-label={t(group.label.startsWith('shell:') ? group.label : menuKey(group.label))}>
            <div className="faint" aria-hidden="true">{t(group.label.startsWith('shell:') ? group.label : menuKey(group.label))}</div>
            {group.hits.map((hit) => {
              const hitId = `${id}-${group.label}-${hit.key}`
              return (
                <div key={hit.key} id={hitId} role="option" aria-selected={hitId === chosen?.id} className="search-hit" onClick={() => open(hit)}>
                  {hit.label}{hit.hint && <span className="faint">{hit.hint}</span>}
                </div>
              )
            })}
          </div>
        ))}
      </div>
      <p className="faint" role="status">{found.isFetching ? t('ui:loading') : hits.length === 0 ? t('shell:search.none') : ''}</p>
      <Failure problem={found.error} />
    </>
  )
}
