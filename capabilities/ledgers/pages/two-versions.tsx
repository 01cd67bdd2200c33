import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { pickWords } from '../../../web/i18n.ts'
import { Note } from '../../../web/ui/notes.tsx'
import { Table } from '../../../web/ui/table.tsx'
import type { ResolvedField } from '../form-definition.ts'
import { ValueText } from './value-text.tsx'

type Values = Record<string, unknown>

/** Somebody else saved in the meantime: both sides beside each other, field by field, and what one may do (`children`). */
export function TwoVersions({ lead, fields, mine, theirs, mineTitle, theirsTitle, children }: {
  lead: string
  fields: readonly ResolvedField[]
  mine: Values
  theirs: Values
  mineTitle: string
  theirsTitle: string
  children: ReactNode
}) {
  const { t } = useTranslation('ledgers')
  const differing = fields.filter((field) => field.kind === 'asks' && JSON.stringify(mine[field.code] ?? null) !== JSON.stringify(theirs[field.code] ?? null))
  return (
    <div role="alert">
      <Note tone="warn">
        <p>{lead}</p>
        {differing.length === 0 ? <p>{t('stale.same')}</p> : (
          <Table
            caption={t('stale.caption')} rows={differing} rowKey={(field) => field.code}
            columns={[
              { key: 'field', title: t('stale.field'), main: true, cell: (field) => pickWords(field.name) },
              { key: 'mine', title: mineTitle, cell: (field) => <ValueText field={field} value={mine[field.code]} /> },
              { key: 'theirs', title: theirsTitle, cell: (field) => <ValueText field={field} value={theirs[field.code]} /> },
            ]}
          />
        )}
        <div className="row">{children}</div>
      </Note>
    </div>
  )
}
