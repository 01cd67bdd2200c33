import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { q } from '../../../web/api/queries.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Moment } from '../../../web/ui/marks.tsx'
import { Loaded } from '../../../web/ui/notes.tsx'

/** What happened to a commitment or a matter, shown when it is asked for. */
export function History({ kind, id }: { kind: 'commitment' | 'matter'; id: number }) {
  const { t } = useTranslation('promises')
  const [open, setOpen] = useState(false)
  return (
    <div className="stack">
      <div><Button small kind="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>{t('history')}</Button></div>
      {open && <Steps kind={kind} id={id} />}
    </div>
  )
}

function Steps({ kind, id }: { kind: 'commitment' | 'matter'; id: number }) {
  const { t } = useTranslation('promises')
  const commitment = useQuery({ ...q.promises.commitmentSteps.queryOptions({ input: { id } }), enabled: kind === 'commitment' })
  const matter = useQuery({ ...q.promises.matterSteps.queryOptions({ input: { id } }), enabled: kind === 'matter' })
  return (
    <Loaded query={kind === 'commitment' ? commitment : matter}>
      {(steps) => (
        <ol className="plain-list stack">
          {steps.map((step, at) => (
            <li key={at}>{t(`step.${kind}.${step.move}`)}{step.text && <>：{step.text}</>} <span className="faint">{step.unitName} · {step.by && <>{step.by} · </>}<Moment at={step.at} /></span></li>
          ))}
        </ol>
      )}
    </Loaded>
  )
}
