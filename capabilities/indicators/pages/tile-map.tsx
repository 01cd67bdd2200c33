import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import type { Ranked } from '../indicators.contract.ts'
import { ValueOf, type Shown } from './figure-view.tsx'

/** The units below as tiles: told by words, border and lightness, not by colour alone; each opens the unit. */
export function TileMap({ code, period, rows, of }: { code: string; period: string; rows: readonly Ranked[]; of: Shown }) {
  const { t } = useTranslation('indicators')
  return (
    <>
      <p className="soft">{t('map.legend')}</p>
      <ul className="tiles">
        {rows.map((row) => (
          <li key={row.unit}>
            <Link to={`/indicators/${code}`} search={{ unit: String(row.unit), period } as never} className={`tile ${row.third ?? 'none'}`}>
              <span className="tile-name">{row.name}</span>
              <strong><ValueOf of={of} value={row.judged.figure.value} why={row.judged.figure.why} /></strong>
              <span className="tile-third">{row.third ? t(`third.${row.third}`) : t('third.none')}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  )
}
