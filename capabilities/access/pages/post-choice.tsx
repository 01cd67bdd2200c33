import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { Select } from '../../../web/ui/inputs.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'

/** Chooses one of a unit's posts; says who holds each. Inside a Field. */
export function PostChoice({ unit, value, onChange }: { unit: number; value: string; onChange: (post: string) => void }) {
  const { t } = useTranslation('access')
  const found = useQuery(q.units.one.queryOptions({ input: { id: unit } }))
  return (
    <Loaded query={found}>
      {({ posts }) => {
        if (posts.length === 0) return <Empty title={t('grants.noPosts')} />
        const options = posts.map((post) => {
          const names = post.holders.map((holder) => (holder.acting ? `${holder.name} ${t('acting')}` : holder.name)).join(t('ui:comma'))
          return { value: String(post.id), label: `${post.title} · ${names ? t('grants.heldBy', { name: names }) : t('grants.vacant')}` }
        })
        return <Select value={value} onChange={onChange} options={options} empty={t('grants.choosePost')} />
      }}
    </Loaded>
  )
}
