import { useState } from 'react'
import { asProblem, type ApiProblem } from '../api/problem.ts'
import { useMe } from '../shell/me.ts'
import type { ToWait } from './queue.ts'
import { lookAgain } from './waiting.ts'

/**
 * Sends an act through the device's queue: `send(act)` answers whether it has left, waits here to leave, or was refused;
 * what was refused stands in `problem` and stays with its writer.
 */
export function useQueued(): { pending: boolean; problem: ApiProblem | undefined; reset: () => void; send: (written: Omit<ToWait, 'account'>) => Promise<'sent' | 'waits' | 'refused'> } {
  const { account } = useMe()
  const [pending, setPending] = useState(false)
  const [problem, setProblem] = useState<ApiProblem>()
  const send = async (written: Omit<ToWait, 'account'>) => {
    setPending(true)
    setProblem(undefined)
    const outcome = await import('./queue.ts')
      .then(({ sendThroughQueue }) => sendThroughQueue({ ...written, account }))
      .catch((error: unknown) => ({ refused: asProblem(error) }))
    await lookAgain(account)
    setPending(false)
    if ('refused' in outcome) setProblem(outcome.refused)
    return 'refused' in outcome ? 'refused' : 'waits' in outcome ? 'waits' : 'sent'
  }
  return { pending, problem, reset: () => setProblem(undefined), send }
}
