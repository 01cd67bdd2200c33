import { useTranslation } from 'react-i18next'
import { pickWords } from '../../../web/i18n.ts'
import { Button } from '../../../web/ui/button.tsx'
import { Field } from '../../../web/ui/field.tsx'
import { TextInput } from '../../../web/ui/inputs.tsx'
import { StateTag } from '../../../web/ui/marks.tsx'
import { Note } from '../../../web/ui/notes.tsx'
import type { ItemTwins } from '../designs.contract.ts'

const tones = { same: 'bad', likely: 'warn', maybe: 'plain' } as const

/** What is held and looks like the new item: how sure it is, why, and one press to use the held one instead. */
export function Twins({ twins, reason, onReason, onUse }: { twins: ItemTwins; reason: string; onReason?: (why: string) => void; onUse?: (code: string) => void }) {
  const { t } = useTranslation('designs')
  const worst = twins.twins[0]!.band
  return (
    <Note tone={worst === 'same' ? 'bad' : worst === 'likely' ? 'warn' : 'info'}>
      <p><strong>{t(`twins.${worst}`)}</strong></p>
      <ul className="plain-list stack twins">
        {twins.twins.map((twin) => (
          <li key={twin.item.code} className="row spread">
            <span>
              <StateTag tone={tones[twin.band]}>{t('twins.sure', { sure: twin.sure })}</StateTag> <strong>{pickWords(twin.item.name)}</strong>
              <span className="faint"> {twin.ownerName ? t('twins.owner', { form: pickWords(twin.ownerName) }) : t('twins.noOwner')} · {t(`type.${twin.item.type}`)}{twin.item.unit ? ` · ${twin.item.unit}` : ''} · {pickWords(twin.item.definition)}</span>
              <span className="faint"> {twin.reasons.map((one) => t(`twins.reason.${one}`)).join('、')}</span>
            </span>
            {onUse && <Button small onClick={() => onUse(twin.item.code)}>{t('twins.use')}</Button>}
          </li>
        ))}
      </ul>
      {worst === 'likely' && (onReason ? <Field label={t('twins.why')} hint={t('twins.whyHint')}><TextInput value={reason} maxLength={300} onChange={onReason} /></Field> : twins.reason && <p>{t('twins.said')} {twins.reason}</p>)}
    </Note>
  )
}
