import type { Tx } from '../../server/db.ts'
import { record, type Doer } from '../../server/events.ts'
import { notify } from '../inbox/inbox.reads.ts'
import { askingLife } from './lives.ts'
import * as queries from './register.sql.ts'

/** Takes a meeting or visit back for everybody, on an upheld objection; whoever was to come is told. One that is off already stays as it is. */
export async function withdrawAsking(tx: Tx, id: number, { by, name, reason, now }: { by: Doer; name: string; reason: string; now: Date }): Promise<void> {
  const asking = (await queries.askingForUpdate(tx, id))!
  if (!(askingLife.table.withdraw.from as readonly string[]).includes(asking.state)) return
  const to = askingLife.next(asking.state, 'withdraw', reason)
  const units = await queries.unitsOfAsking(tx, id)
  await queries.settleAsking(tx, id, { state: to, by: by.account, at: now, reason })
  await queries.takeFromUnits(tx, id)
  await notify(tx, { units, verb: 'task.work', kind: 'askingOff', subject: `asking:${id}`, facts: { title: asking.title, on: asking.on, reason }, by: name })
  await record(tx, 'asking.withdrawn', { by, unit: asking.issuer, subject: `asking:${id}`, reason, facts: { from: asking.state, to, title: asking.title } })
}
