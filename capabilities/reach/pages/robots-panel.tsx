import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { ManyChoices, PasswordInput, Select, TextInput, Tick } from '../../../web/ui/inputs.tsx'
import { Moment, StateTag } from '../../../web/ui/marks.tsx'
import { Empty, Failure, Loaded } from '../../../web/ui/notes.tsx'
import { toast } from '../../../web/ui/toast.tsx'
import { UnitPicker, type PickedUnit } from '../../../web/ui/unit-picker.tsx'
import type { Robot } from '../reach.contract.ts'
import { kindsToMute } from './mail-panel.tsx'

const refresh = [q.reach.robots.key()]

/** The group robots of a unit that I look after. */
export function RobotsPanel({ units }: { units: readonly PickedUnit[] }) {
  const { t } = useTranslation('reach')
  const [unit, setUnit] = useState<PickedUnit | undefined>(units[0])
  const [editing, setEditing] = useState<Robot | 'new'>()
  const [dropping, setDropping] = useState<Robot>()
  const robots = useQuery(q.reach.robots.queryOptions({ input: { unit: unit?.id ?? 0 }, enabled: unit !== undefined }))
  const trial = useWrite(api.reach.tryRobot, { refresh, onSuccess: ({ delivered, error }) => toast(delivered ? t('robot.delivered') : t('robot.refused', { error }), delivered ? 'good' : 'bad') })
  const drop = useWrite(api.reach.dropRobot, { refresh, onSuccess: () => { setDropping(undefined); toast(t('robot.dropped')) } })
  return (
    <div className="stack">
      <p className="soft">{t('robot.lead')}</p>
      <Field label={t('robot.unit')}><UnitPicker value={unit} onChange={setUnit} /></Field>
      <Loaded query={robots}>
        {({ rows, hosts }) => (
          <>
            {rows.length === 0 ? <Empty title={t('robot.nothing')} /> : (
              <ul className="stack plain-list">
                {rows.map((robot) => (
                  <li className="panel" key={robot.id}>
                    <div className="row spread">
                      <span className="row"><strong>{robot.name}</strong>{!robot.active && <StateTag tone="warn">{t('robot.inactive')}</StateTag>}</span>
                      <span className="row">
                        <Button small disabled={!robot.active} pending={trial.isPending && trial.variables.id === robot.id} onClick={() => trial.mutate({ unit: robot.unit, id: robot.id })}>{t('robot.try')}</Button>
                        <Button small onClick={() => setEditing(robot)}>{t('robot.edit')}</Button>
                        <Button small kind="quiet" onClick={() => setDropping(robot)}>{t('robot.drop')}</Button>
                      </span>
                    </div>
                    <p className="faint">{t(`robot.shapeOf.${robot.shape}`)} · {robot.address} · {t('robot.lastSent')} {robot.lastSent ? <Moment at={robot.lastSent} /> : t('robot.never')}</p>
                    {robot.failed > 0 && <p>{t('robot.failed', { count: robot.failed })}{robot.lastError && <span className="soft">：{robot.lastError}</span>}</p>}
                  </li>
                ))}
              </ul>
            )}
            <div><Button onClick={() => setEditing('new')}>{t('robot.add')}</Button></div>
            <Failure problem={trial.error} />
            {editing && unit && <RobotDialog key={editing === 'new' ? 'new' : editing.id} unit={unit.id} robot={editing === 'new' ? undefined : editing} hosts={hosts} onClose={() => setEditing(undefined)} />}
          </>
        )}
      </Loaded>
      <Dialog open={dropping !== undefined} title={t('robot.drop')} onClose={() => setDropping(undefined)} actions={<>
        <Button onClick={() => setDropping(undefined)}>{t('robot.cancel')}</Button>
        <Button kind="danger" pending={drop.isPending} onClick={() => dropping && drop.mutate({ unit: dropping.unit, id: dropping.id, version: dropping.version })}>{t('robot.drop')}</Button>
      </>}>
        <p>{t('robot.dropSure', { name: dropping?.name })}</p>
        <Failure problem={drop.error} />
      </Dialog>
    </div>
  )
}

function RobotDialog({ unit, robot, hosts, onClose }: { unit: number; robot: Robot | undefined; hosts: readonly string[]; onClose: () => void }) {
  const { t } = useTranslation(['reach', 'inbox'])
  const [name, setName] = useState(robot?.name ?? '')
  const [shape, setShape] = useState<Robot['shape']>(robot?.shape ?? 'wecom')
  const [url, setUrl] = useState('')
  const [secret, setSecret] = useState('')
  const [muted, setMuted] = useState<readonly string[]>(robot?.muted ?? [])
  const [active, setActive] = useState(robot?.active ?? true)
  const save = useWrite(api.reach.saveRobot, { refresh, onSuccess: () => { toast(t('robot.saved')); onClose() } })
  const send = () => save.mutate({ unit, ...(robot && { id: robot.id, version: robot.version }), name, shape, url, secret, muted: [...muted], active })
  return (
    <Dialog open title={t(robot ? 'robot.edit' : 'robot.add')} onClose={onClose} actions={<>
      <Button onClick={onClose}>{t('robot.cancel')}</Button>
      <Button kind="main" pending={save.isPending} disabled={name.trim() === '' || (!robot && url.trim() === '')} onClick={send}>{t('save')}</Button>
    </>}>
      <form className="form" onSubmit={(event) => { event.preventDefault(); send() }}>
        <Field label={t('robot.name')} required><TextInput value={name} maxLength={60} onChange={setName} /></Field>
        <Field label={t('robot.shape')}><Select value={shape} onChange={(next) => setShape(next as Robot['shape'])} options={(['wecom', 'dingtalk', 'plain'] as const).map((value) => ({ value, label: t(`robot.shapeOf.${value}`) }))} /></Field>
        <Field label={t('robot.url')} hint={`${robot ? `${t('robot.urlKeep')}。` : ''}${t('robot.urlHint', { hosts: hosts.join('、') })}`} error={errorAt(save.error, 'url')}><TextInput inputMode="url" value={url} onChange={setUrl} /></Field>
        {shape !== 'wecom' && <Field label={t('robot.secret')} hint={robot?.signs ? t('robot.secretKeep') : undefined} error={errorAt(save.error, 'secret')}><PasswordInput value={secret} onChange={setSecret} autoComplete="new-password" /></Field>}
        <Field label={t('muted')} group><ManyChoices value={[...muted]} onChange={setMuted} options={kindsToMute.map((value) => ({ value, label: t(`inbox:notice.${value}`, { title: '…' }) }))} /></Field>
        <Tick checked={active} onChange={setActive}>{t('robot.active')}</Tick>
        <Failure problem={save.error} />
      </form>
    </Dialog>
  )
}
