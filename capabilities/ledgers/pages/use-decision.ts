import { useTranslation } from 'react-i18next'
import { q, queryClient } from '../../../web/api/queries.ts'
import type { Waiting } from '../../../web/offline/queue.ts'
import { useQueued } from '../../../web/offline/use-queued.ts'
import { useWaiting } from '../../../web/offline/waiting.ts'
import { useMe } from '../../../web/shell/me.ts'
import { toast } from '../../../web/ui/toast.tsx'
import { placeOf } from './kept-locally.ts'

type At = { unit: number; form: string; period: string }

/** @returns where the device keeps a decision about a return: one at a time */
export const placeOfDecision = (at: At): string => `${placeOf(at)}#decide`

/** @returns what this person decided about a return on this device and has not arrived */
export function useKeptDecision(at: At): Waiting | undefined {
  return useWaiting(useMe().account).find((one) => one.place === placeOfDecision(at))
}

/** Asks again for all that shows returns. */
export const lookAtReturns = () => Promise.all([q.ledgers, q.indicators, q.inbox, q.lists].map((room) => queryClient.invalidateQueries({ queryKey: room.key() })))

/** A checker's decision about a return, through the device's queue. `send` answers whether it has left or waits to leave. */
export function useDecision(formName: { zh: string; en: string }, unitName: string) {
  const { t } = useTranslation('ledgers')
  const queued = useQueued()
  const send = async (act: 'ledgers.accept' | 'ledgers.sendBack', input: At & Record<string, unknown>, text: string, said: string): Promise<boolean> => {
    const outcome = await queued.send({ act, place: placeOfDecision(input), title: formName, where: unitName, period: input.period, files: [], text, input })
    if (outcome === 'refused') return false
    toast(t(outcome === 'waits' ? 'decide.waitsHere' : said))
    if (outcome === 'sent') await lookAtReturns()
    return true
  }
  return { ...queued, send }
}
