import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { groupDigits, movePoint } from '../../../web/ui/figure-text.ts'
import { DateText, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Panel } from '../../../web/ui/page.tsx'
import { Table } from '../../../web/ui/table.tsx'
import type { IndicatorDefinition } from '../indicator-definition.ts'
import type { Beside } from '../indicators.contract.ts'
import { Coverage, ValueOf } from './figure-view.tsx'

/** The figure on the tree of its period beside the one on today's, and which change makes which difference. */
export function BesideFigures({ definition, unit, period }: { definition: IndicatorDefinition; unit: number; period: string }) {
  const { t } = useTranslation('indicators')
  const beside = useQuery(q.indicators.beside.queryOptions({ input: { code: definition.code, unit, period } }))
  const to = (id: number) => ({ to: `/indicators/${definition.code}`, search: { unit: String(id), period, tab: 'beside' } as never })
  return (
    <Loaded query={beside}>
      {(found) => (
        <>
          <div className="grid">
            <Panel title={t('beside.then')}>
              <p className="soft">{t('beside.thenOn')} <DateText date={found.date} /></p>
              {found.was ? <><p className="big"><ValueOf of={definition} value={found.was.value} why={found.was.why} /></p><Coverage figure={found.was} /><Band of={found.was} /><Parts of={definition} figure={found.was} /></> : <p>{t('beside.notYet')} {found.bornOn && <DateText date={found.bornOn} />}</p>}
            </Panel>
            <Panel title={t('beside.now')}>
              <p className="soft">{t('beside.nowWhy')}</p>
              {found.now
                ? <><p className="big"><ValueOf of={definition} value={found.now.value} why={found.now.why} /></p><Coverage figure={found.now} /><Band of={found.now} /><Parts of={definition} figure={found.now} /></>
                : <p>{t('beside.ended')} {found.successors.map((one, at) => <span key={one.unit}>{at > 0 && '、'}<Link {...to(one.unit)}>{one.name}</Link></span>)}</p>}
            </Panel>
          </div>
          {found.now && (
            <Panel title={t('beside.bridge')}>
              <Table
                caption={t('beside.bridge')} rows={found.bridge} rowKey={(row) => row.change ?? 0} empty={<Empty title={t('beside.same')} />}
                columns={[
                  { key: 'change', title: t('beside.change'), main: true, cell: (row) => <ChangeName row={row} /> },
                  { key: 'on', title: t('beside.on'), cell: (row) => (row.on ? <DateText date={row.on} /> : '') },
                  { key: 'units', title: t('unit'), cell: (row) => <>{row.units.map((one) => one.name).join('、')}{row.more + row.fewer > row.units.length && t('beside.andMore', { count: row.more + row.fewer })}</> },
                  { key: 'num', title: definition.den === undefined ? t('value') : t('num'), num: true, cell: (row) => <Signed of={definition} value={row.num} /> },
                  ...(definition.den === undefined ? [] : [{ key: 'den', title: t('den'), num: true, cell: (row: Beside['bridge'][number]) => <Signed of={{ ...definition, shown: 'number' }} value={row.den} /> }]),
                ]}
              />
            </Panel>
          )}
          {found.undivided.length > 0 && (
            <Note tone="info">
              {t('beside.undivided')}
              <ul>{found.undivided.map((one) => <li key={one.unit}><Link {...to(one.unit)}>{one.name}</Link>：<ValueOf of={definition} value={one.figure.value} why={one.figure.why} /></li>)}</ul>
            </Note>
          )}
        </>
      )}
    </Loaded>
  )
}

function ChangeName({ row }: { row: Beside['bridge'][number] }) {
  const { t } = useTranslation('indicators')
  const signed = [row.more > 0 ? t('beside.more', { count: row.more }) : '', row.fewer > 0 ? t('beside.fewer', { count: row.fewer }) : ''].filter(Boolean).join(t('beside.and'))
  const words = row.kind === null ? signed : t('beside.by', { units: signed, kind: t(`beside.kinds.${row.kind}`) })
  return row.change === null ? <>{words}</> : <Link to={`/changes/${row.change}`}>{words}</Link>
}

function Band({ of }: { of: NonNullable<Beside['now']> }) {
  return of.band && <p><StateTag>{pickWords(of.band)}</StateTag></p>
}

/** Numerator and denominator of a share: on two trees the share alone would hide what has moved. */
function Parts({ of, figure }: { of: IndicatorDefinition; figure: NonNullable<Beside['now']> }) {
  if (of.den === undefined || figure.num === null || figure.den === null) return null
  return <p className="soft number">{groupDigits(of.shown === 'money' ? movePoint(figure.num, -2) : figure.num)} / {groupDigits(figure.den)}</p>
}

function Signed({ of, value }: { of: Pick<IndicatorDefinition, 'shown'>; value: string | null }) {
  const { t } = useTranslation('indicators')
  if (value === null) return <span className="faint">{t('beside.noSum')}</span>
  const text = groupDigits(of.shown === 'money' ? movePoint(value, -2) : value)
  return <span className="number">{text.startsWith('-') ? `−${text.slice(1)}` : text === '0' ? '0' : `+${text}`}</span>
}
