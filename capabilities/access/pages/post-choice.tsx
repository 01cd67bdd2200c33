import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { callRaw } from '../../../web/api/client.ts'
import { Select } from '../../../web/ui/inputs.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'

type PostNow = { id: number; title: string; holder: string | null }

/** Chooses one of a unit's posts; says who holds each. Inside a Field. */
export function PostChoice({ unit, value, onChange }: { unit: number; value: string; onChange: (post: string) => void }) {
  const { t } = useTranslation('access')
  const posts = useQuery({
    queryKey: ['units', 'posts', unit],
    queryFn: async ({ signal }) => (await (await callRaw(`/api/units/posts?unit=${unit}`, { signal })).json()) as PostNow[],
  })
  return (
    <Loaded query={posts}>
      {(rows) => {
        if (rows.length === 0) return <Empty title={t('grants.noPosts')} />
        const options = rows.map((row) => ({ value: String(row.id), label: `${row.title}（${row.holder ? t('grants.heldBy', { name: row.holder }) : t('grants.vacant')}）` }))
        return <Select value={value} onChange={onChange} options={options} empty={t('grants.choosePost')} />
      }}
    </Loaded>
  )
}
