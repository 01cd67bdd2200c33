import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { Button } from '../../../web/ui/button.tsx'
import { SearchBox, Select } from '../../../web/ui/inputs.tsx'
import { StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import type { Removable } from '../design.ts'
import type { Holding } from '../designs.contract.ts'
import { withRemoved } from '../edit.ts'
import { errorFor, type TabProps } from './tab.ts'

const shownAtMost = 40

/** What the pack holds already, with what hangs on each thing: taking it out is part of the design, and checked like the rest. */
export function HeldTab({ design, editing, editable, findings }: TabProps) {
  const { t } = useTranslation('designs')
  const [section, setSection] = useState<Removable>('forms')
  const [text, setText] = useState('')
  // What hangs on a thing changes with what else is taken out, so it is asked again when the design was kept.
  const holdings = useQuery({ ...q.designs.holdings.queryOptions({ input: { id: design, section } }), placeholderData: (before) => before })
  const removed = editing.content.removed ?? {}
  const gone = Object.values(removed).reduce((sum, ids) => sum + ids.length, 0)
  const set = (id: string, out: boolean) => editing.change((content) => withRemoved(content, section, id, out))
  return (
    <Loaded query={holdings}>
      {({ rows, sections }) => {
        if (sections.length === 0) return <Empty title={t('held.nothing')}><p>{t('held.nothingNext')}</p></Empty>
        const wanted = text.trim().toLowerCase()
        const found = rows.filter((row) => [row.id, row.name.zh, row.name.en].some((words) => words.toLowerCase().includes(wanted)))
        return (
          <Panel title={t('held.title')}>
            <p className="soft">{t('held.lead')}</p>
            {gone > 0 && <Note tone="warn"><p>{t('held.gone', { count: gone })}</p></Note>}
            <div className="row">
              <div className="pick"><Select aria-label={t('held.part')} value={section} onChange={(next) => setSection(next as Removable)} options={sections.map((one) => ({ value: one.section, label: `${t(`section.${one.section}`)} ${one.count}` }))} /></div>
              <SearchBox label={t('held.find')} value={text} onChange={setText} />
            </div>
            <ul className="plain-list stack holdings">
              {found.slice(0, shownAtMost).map((row) => <OneHolding key={row.id} row={row} out={(removed[section] ?? []).includes(row.id)} editable={editable} wrong={errorFor(findings, 'removed', [section, row.id])} onSet={(out) => set(row.id, out)} />)}
            </ul>
            <p className="faint" role="status">{found.length === 0 ? t('held.none') : found.length > shownAtMost ? t('held.more', { count: found.length - shownAtMost }) : ''}</p>
          </Panel>
        )
      }}
    </Loaded>
  )
}

function OneHolding({ row, out, editable, wrong, onSet }: { row: Holding; out: boolean; editable: boolean; wrong: string | undefined; onSet: (out: boolean) => void }) {
  const { t } = useTranslation('designs')
  return (
    <li className="holding">
      <div className="row spread">
        <span>{out ? <del>{pickWords(row.name)}</del> : <strong>{pickWords(row.name)}</strong>} <code className="faint">{row.id}</code> {out && <StateTag tone="bad">{t('change.removed')}</StateTag>}</span>
        {editable && <Button small kind={out ? 'plain' : 'quiet'} onClick={() => onSet(!out)}>{t(out ? 'held.keep' : 'held.takeOut')}<span className="sr-only"> {pickWords(row.name)}</span></Button>}
      </div>
      {row.uses.length > 0 && <ul className="uses">{row.uses.map((use, at) => <li key={at} className={use.stops ? 'stops' : 'faint'}>{use.stops ? '⚠ ' : ''}{pickWords(use.say)}</li>)}</ul>}
      {out && wrong && <div className="error" role="alert">{wrong}</div>}
    </li>
  )
}
