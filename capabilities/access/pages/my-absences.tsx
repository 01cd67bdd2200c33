import { useQuery } from '@tanstack/react-query'
import { useId, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { DateInput, Select } from '../../../web/ui/inputs.tsx'
import { DateText, StateTag } from '../../../web/ui/marks.tsx'
import { Failure, Loaded, Note } from '../../../web/ui/notes.tsx'
import { Table, type Column } from '../../../web/ui/table.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import type { Absence, Deputy } from '../absence.contract.ts'

const refresh = () => [q.access.key()]
type Post = { holding: number; title: string; unitName: string; until: string | null }

/** When I am away, who stands in for me, and where I stand in. */
export function MyAbsences() {
  const { t } = useTranslation('access')
  const absences = useQuery(q.access.absences.queryOptions())
  const [setting, setSetting] = useState<Post>()
  return (
    <Loaded query={absences}>
      {({ posts, mine, standingIn }) => (
        <>
          <p className="soft">{t('absence.lead')}</p>
          {standingIn.length > 0 && (
            <Note>
              {standingIn.map((one) => (
                <p key={one.id}>{t('absence.standingIn', { name: one.holder, post: `${one.unitName} · ${one.title}` })} <Days of={one} /> {one.state === 'planned' && <StateTag>{t('absence.state.planned')}</StateTag>}</p>
              ))}
            </Note>
          )}
          {posts.length > 0 && (
            <ul className="stack plain-list">
              {posts.map((post) => (
                <li key={post.holding} className="row spread"><span>{post.unitName} · {post.title}</span><Button small onClick={() => setSetting(post)}>{t('absence.set')}</Button></li>
              ))}
            </ul>
          )}
          {mine.length > 0 && <Mine rows={mine} />}
          {setting && <SetAbsence post={setting} onClose={() => setSetting(undefined)} />}
        </>
      )}
    </Loaded>
  )
}

function Days({ of: { from, to } }: { of: Pick<Absence, 'from' | 'to'> }) {
  const { t } = useTranslation('access')
  if (to < from) return <>{t('absence.withdrawn')}</>
  return from === to ? <DateText date={from} /> : <><DateText date={from} /> – <DateText date={to} /></>
}

function Mine({ rows }: { rows: readonly Absence[] }) {
  const { t } = useTranslation('access')
  const end = useWrite(api.access.endAbsence, { refresh: refresh(), onSuccess: () => toast(t('absence.ended')) })
  const tone = { planned: 'plain', running: 'warn', over: 'plain' } as const
  const columns: Column<Absence>[] = [
    { key: 'post', title: t('grants.post'), main: true, cell: (row) => row.title },
    { key: 'days', title: t('absence.days'), cell: (row) => <Days of={row} /> },
    { key: 'deputy', title: t('absence.deputy'), cell: (row) => row.deputy ?? t('absence.nobody') },
    { key: 'state', title: t('state'), cell: (row) => <StateTag tone={tone[row.state]}>{t(`absence.state.${row.state}`)}</StateTag> },
    {
      key: 'acts', title: <span className="sr-only">{t('acts')}</span>, acts: true,
      cell: (row) => row.state !== 'over' && (
        <Button small pending={end.isPending && end.variables.absence === row.id} onClick={() => end.mutate({ absence: row.id })}>
          {t(row.state === 'running' ? 'absence.back' : 'absence.withdraw')}
        </Button>
      ),
    },
  ]
  return (
    <>
      <Table caption={t('absence.mine')} columns={columns} rows={rows} rowKey={(row) => row.id} />
      <Failure problem={end.error} />
    </>
  )
}

function SetAbsence({ post, onClose }: { post: Post; onClose: () => void }) {
  const { t } = useTranslation('access')
  const deputies = useQuery(q.access.deputies.queryOptions({ input: { holding: post.holding } }))
  return (
    <Dialog open title={t('absence.setTitle', { post: post.title })} onClose={onClose}>
      <Loaded query={deputies}>{(offered) => <AbsenceForm post={post} offered={offered} onClose={onClose} />}</Loaded>
    </Dialog>
  )
}

function AbsenceForm({ post, offered, onClose }: { post: Post; offered: readonly Deputy[]; onClose: () => void }) {
  const { t } = useTranslation('access')
  const form = useId()
  const [today] = useState(() => todayIn(Date.now()))
  const [from, setFrom] = useState(today)
  const [to, setTo] = useState('')
  const [deputy, setDeputy] = useState(offered.find((one) => one.other)?.account ?? '')
  const [tried, setTried] = useState(false)
  const save = useWrite(api.access.setAbsence, {
    refresh: refresh(),
    onSuccess: (absence) => {
      onClose()
      toast(absence.deputy === null ? t('absence.savedAlone') : t('absence.saved', { name: absence.deputy }))
    },
  })
  const send = (event: FormEvent) => {
    event.preventDefault()
    setTried(true)
    if (from && to && !save.isPending) save.mutate({ holding: post.holding, from, to, deputy: deputy || null })
  }
  const needed = (value: string) => (tried && value === '' ? t('needed') : undefined)
  const fields = ['from', 'to', 'deputy'].map((path) => errorAt(save.error, path))
  const label = (one: Deputy) => [one.name, one.posts.join(t('ui:comma')), one.other ? t('absence.other') : ''].filter(Boolean).join(' · ')
  return (
    <form id={form} className="form" onSubmit={send} noValidate>
      <p className="soft">{t('absence.setLead')}</p>
      <Field label={t('absence.from')} required error={needed(from) ?? fields[0]}><DateInput value={from} min={today} onChange={setFrom} /></Field>
      <Field label={t('absence.to')} hint={t('absence.toHint')} required error={needed(to) ?? fields[1]}><DateInput value={to} min={from || today} max={post.until ?? undefined} onChange={setTo} /></Field>
      <Field label={t('absence.deputy')} hint={offered.length === 0 ? t('absence.noneFits') : t('absence.deputyHint')} error={fields[2]}>
        <Select value={deputy} onChange={setDeputy} empty={t('absence.nobody')} options={offered.map((one) => ({ value: one.account, label: label(one) }))} />
      </Field>
      {deputy === '' && <Note tone="warn"><p>{t('absence.aloneWarning')}</p></Note>}
      {!fields.some(Boolean) && <Failure problem={save.error} />}
      <div className="row"><Button onClick={onClose}>{t('ui:cancel')}</Button><Button kind="main" type="submit" pending={save.isPending}>{t('absence.save')}</Button></div>
    </form>
  )
}
