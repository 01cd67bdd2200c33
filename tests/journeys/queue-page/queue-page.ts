import { takeFile } from '../../../web/offline/files.ts'
import { sendQueue, sendThroughQueue, waitingOf, type ToWait } from '../../../web/offline/queue.ts'

/** The device's own queue without the pages around it, for tests that break the line many times. */
const queuePage = {
  take: (account: string, unit: number, name: string, text: string) => takeFile(account, unit, new File([text], name)),
  /** Does not wait for more than a moment: what has no answer by then goes on waiting. */
  write: (written: ToWait, patienceMs: number) => sendThroughQueue(written, patienceMs),
  waiting: waitingOf,
  /** Tries until nothing waits, or something is refused. */
  async untilEmpty(account: string): Promise<number> {
    for (let tries = 1; ; tries++) {
      await sendQueue(account)
      const left = await waitingOf(account)
      const refused = left.find((one) => one.state === 'refused')
      if (refused) throw new Error(`refused: ${JSON.stringify(refused)}`)
      if (left.length === 0) return tries
      if (tries > 40) throw new Error(`still waiting: ${JSON.stringify(left)}`)
      await new Promise((done) => setTimeout(done, 40))
    }
  },
}
Object.assign(globalThis, { queuePage })
