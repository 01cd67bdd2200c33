import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { todayIn } from '../../../rules/civil-date.ts'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { pickWords, verbName } from '../../../web/i18n.ts'
import { useGo, usePathPart } from '../../../web/shell/address.ts'
import { Button } from '../../../web/ui/button.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { DateInput, Select, TextInput } from '../../../web/ui/inputs.tsx'
import { DateText, Figure, StateTag } from '../../../web/ui/marks.tsx'
import { MoveButton, moveOf, ReasonDialog } from '../../../web/ui/moves.tsx'
import { Empty, Loaded } from '../../../web/ui/notes.tsx'
import { Page, Panel } from '../../../web/ui/page.tsx'
import { Table } from '../../../web/ui/table.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import { Kin } from '../../changes/pages/kin.tsx'
import type { Post, UnitPage } from '../units.contract.ts'

type Doing = { move: 'createPost' } | { move: 'endPost'; post: Post }

/** One unit: where it hangs, its posts and who holds them, its bodies, what it was called before. */
export default function Unit() {
  const { t } = useTranslation('units')
  const id = Number(usePathPart('id'))
  const unit = useQuery(q.units.one.queryOptions({ input: { id } }))
  const [doing, setDoing] = useState<Doing>()
  const go = useGo()
  if (!unit.data) return <Page title={t('one.title')}><Loaded query={unit}>{() => null}</Loaded></Page>
  const one = unit.data
  const moves = ['change', 'createPost'] as const
  const manages = one.moves.some((move) => move.why !== 'not-allowed')
  return (
    <Page title={one.name} lead={pickWords(one.className)} crumbs={[{ to: '/units', label: t('tree.title') }, ...one.path.slice(0, -1).map((step) => ({ to: `/units/${step.id}`, label: step.name }))]}>
      <Panel title={t('one.about')}>
        <dl className="facts">
          <dt>{t('code')}</dt><dd><code>{one.code}</code></dd>
          <dt>{t('state')}</dt><dd><StateTag tone={one.state === 'active' ? 'good' : 'plain'}>{t(`states.${one.state}`)}</StateTag> {one.validTo ? <DateText date={one.validTo} /> : <span className="faint">{t('one.since')} <DateText date={one.validFrom} /></span>}</dd>
          <dt>{t('one.areaParent')}</dt><dd>{one.areaParent ? <Link to={`/units/${one.areaParent.id}`}>{one.areaParent.name}</Link> : '—'}</dd>
          <dt>{t('one.lineParent')}</dt><dd>{one.lineParent ? <Link to={`/units/${one.lineParent.id}`}>{one.lineParent.name}</Link> : '—'}</dd>
          <dt>{t('one.management')}</dt><dd>{t(`management.${one.management}`)}</dd>
          {one.residents !== null && <><dt>{t('one.residents')}</dt><dd><Figure value={one.residents} unit={t('persons')} /></dd></>}
          {one.below.filter((row) => row.class !== one.class).map((row) => <div key={row.class} style={{ display: 'contents' }}><dt>{pickWords(row.name)}</dt><dd><Figure value={row.units} /></dd></div>)}
        </dl>
        {manages && <div className="row no-print">{moves.map((move) => <MoveButton key={move} small move={moveOf(one.moves, move)} label={t(`move.${move}`)} stateName={(state) => t(`states.${state}`)} onGo={() => (move === 'change' ? go('/changes/new', { unit: String(one.id) }) : setDoing({ move }))} />)}</div>}
      </Panel>
      <Kin unit={one.id} ended={one.state !== 'active'} />
      <Panel title={t('posts.title')}>
        <Table
          caption={t('posts.title')} rows={one.posts} rowKey={(post) => post.id} empty={<Empty title={t('posts.nothing')} />}
          columns={[
            { key: 'title', title: t('posts.post'), main: true, cell: (post) => `${post.title}${post.ab ? `（${post.ab}）` : ''}` },
            { key: 'kind', title: t('posts.kind'), cell: (post) => pickWords(post.kindName) },
            { key: 'holder', title: t('posts.holder'), cell: (post) => (post.holders.length > 0 ? post.holders.map((holder) => <div key={holder.name}>{holder.name}{holder.acting && `（${t('posts.acting')}）`} <span className="faint">{t('posts.since')} <DateText date={holder.since} /></span></div>) : <StateTag tone="warn">{t('posts.vacant')}</StateTag>) },
            { key: 'vacant', title: t('posts.vacantSince'), cell: (post) => (post.vacantSince ? <DateText date={post.vacantSince} /> : '') },
            ...(manages ? [{ key: 'acts', title: '', acts: true, cell: (post: Post) => <Button small kind="quiet" onClick={() => setDoing({ move: 'endPost', post })}>{t('move.endPost')}</Button> }] : []),
          ]}
        />
      </Panel>
      {one.bodies.length > 0 && (
        <Panel title={t('bodies.title')}>
          <ul className="stack">{one.bodies.map((body) => <li key={body.id}><strong>{body.name}</strong>{body.officeName && <p>{t('bodies.office')} {body.officeName}</p>}<p className="soft">{t('bodies.members')} {body.members.map((member) => member.name).join('、')}</p></li>)}</ul>
        </Panel>
      )}
      {one.former.length > 0 && (
        <Panel title={t('former.title')}>
          <Table
            caption={t('former.title')} rows={one.former} rowKey={(row) => row.validFrom}
            columns={[
              { key: 'name', title: t('name'), main: true, cell: (row) => row.name },
              { key: 'from', title: t('former.from'), cell: (row) => <DateText date={row.validFrom} /> },
              { key: 'to', title: t('former.to'), cell: (row) => <DateText date={row.validTo} /> },
              { key: 'parent', title: t('one.areaParent'), cell: (row) => row.areaParentName ?? '' },
              { key: 'reason', title: t('former.reason'), cell: (row) => row.reason },
            ]}
          />
        </Panel>
      )}
      {doing && <Change one={one} doing={doing} onClose={() => setDoing(undefined)} />}
    </Page>
  )
}

/** The dialog of a new or ended post: with a date and a reason. */
function Change({ one, doing, onClose }: { one: UnitPage; doing: Doing; onClose: () => void }) {
  const { t } = useTranslation('units')
  const [from, setFrom] = useState(() => todayIn(Date.now()))
  const [name, setName] = useState('')
  const [kind, setKind] = useState('')
  const kinds = useQuery({ ...q.units.postKinds.queryOptions(), enabled: doing.move === 'createPost' })
  const done = {
    refresh: [q.units.key()],
    onSuccess: () => {
      toast(t('move.done'))
      onClose()
    },
  }
  const createPost = useWrite(api.units.createPost, done)
  const endPost = useWrite(api.units.endPost, done)
  const write = { createPost, endPost }[doing.move]
  const send = (reason: string) => {
    if ('post' in doing) endPost.mutate({ post: doing.post.id, version: doing.post.version, on: from, reason })
    else createPost.mutate({ unit: one.id, kind, title: name, from, reason })
  }
  const chosen = kinds.data?.find((one_) => one_.code === kind)
  return (
    <ReasonDialog open title={`${t(`move.${doing.move}`)}：${'post' in doing ? doing.post.title : one.name}`} confirm={t(`move.${doing.move}`)} danger={doing.move === 'endPost'} pending={write.isPending} problem={write.error} onClose={onClose} onConfirm={send}>
      {doing.move === 'createPost' && (
        <>
          <Field label={t('posts.post')} required error={errorAt(write.error, 'title')}><TextInput value={name} onChange={setName} /></Field>
          <Field label={t('posts.kind')} required hint={chosen?.verbs.map(verbName).join('、')} error={errorAt(write.error, 'kind')}>
            <Select value={kind} empty={t('change.choose')} options={(kinds.data ?? []).map((one_) => ({ value: one_.code, label: pickWords(one_.name) }))} onChange={setKind} />
          </Field>
        </>
      )}
      <Field label={t('change.from')} required error={errorAt(write.error, 'from')}><DateInput value={from} onChange={setFrom} /></Field>
    </ReasonDialog>
  )
}
