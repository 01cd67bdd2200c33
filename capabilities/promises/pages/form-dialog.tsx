import { useId, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../../../web/ui/button.tsx'
import { Dialog } from '../../../web/ui/dialog.tsx'
import { Failure } from '../../../web/ui/notes.tsx'

/** A form in a window: the press of Enter sends it, what is refused is said at its foot. */
export function FormDialog({ title, lead, confirm, pending, problem, onClose, onSend, children }: {
  title: string
  /** What will happen. */
  lead?: ReactNode
  confirm: string
  pending: boolean
  problem: unknown
  onClose: () => void
  onSend: () => void
  children: ReactNode
}) {
  const { t } = useTranslation('promises')
  const id = useId()
  return (
    <Dialog open title={title} onClose={onClose} actions={<><Button onClick={onClose}>{t('cancel')}</Button><Button kind="main" type="submit" form={id} pending={pending}>{confirm}</Button></>}>
      <form
        id={id} className="form" noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!pending) onSend()
        }}
      >
        {lead && <p className="soft">{lead}</p>}
        {children}
        <Failure problem={problem} />
      </form>
    </Dialog>
  )
}
