import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { Button, ButtonLink } from '../../../web/ui/button.tsx'
import { Failure, Note } from '../../../web/ui/notes.tsx'
import { toast } from '../../../web/ui/toast.tsx'

/** Before a list is issued: which caps it comes near or would pass, with the way out; and the yes it needs, where lists need one. */
export function CapsBefore({ list }: { list: number }) {
  const { t } = useTranslation('burden')
  const before = useQuery(q.burden.before.queryOptions({ input: { list } }))
  const rules = useQuery(q.burden.rules.queryOptions({ input: {}, staleTime: 600_000 }))
  const register = useWrite(api.burden.registerList, { refresh: [q.burden.key()], onSuccess: () => toast(t('before.registered')) })
  const told = (before.data?.caps ?? []).filter((cap) => cap.state === 'near' || cap.state === 'passed')
  const stops = told.some((cap) => cap.state === 'passed' && !cap.exception)
  return (
    <>
      <Failure problem={before.error} />
      {told.length > 0 && (
        <Note tone={stops ? 'bad' : 'warn'}>
          <ul>
            {told.map((cap) => (
              <li key={`${cap.item}${cap.form}${cap.cap}`}>
                {t(`before.${cap.cap}.${cap.state}`, { form: pickWords(cap.formName), now: cap.now, most: cap.most, count: cap.units, first: cap.first ?? '' })}
                {cap.exception && <> {t('before.exception', { until: cap.exception.until, reason: cap.exception.reason })}</>}
              </li>
            ))}
          </ul>
          {stops && <ButtonLink small to="/burden/caused">{t('exception.ask')}</ButtonLink>}
        </Note>
      )}
      {rules.data?.listsNeedApproval && (
        <Note>
          <p>{t('before.needsYes')}</p>
          <div className="row"><Button small pending={register.isPending} onClick={() => register.mutate({ list })}>{t('before.register')}</Button><ButtonLink small to="/burden/register" search={{ kind: 'list' }}>{t('register.title')}</ButtonLink></div>
          <Failure problem={register.error} />
        </Note>
      )}
    </>
  )
}
