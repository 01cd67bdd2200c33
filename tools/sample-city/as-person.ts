import { createRouterClient } from '@orpc/server'
import type { Actor } from '../../capabilities/access/permission.ts'
import type { Contracts } from '../../capabilities/contracts.ts'
import type { ContractRouterClient } from '@orpc/contract'
import type { Asked } from '../../server/answer.ts'
import type { Database } from '../../server/db.ts'
import { router } from '../../server/rooms.ts'

/** Asks as a person would, at a moment: through validation, permission and the transaction. */
export function asPerson(database: Database, actor: Actor, now: Date): ContractRouterClient<Contracts> {
  const context: Asked = { database, actor: async () => actor, idempotencyKey: undefined, clock: () => now }
  return createRouterClient(router, { context: () => context }) as unknown as ContractRouterClient<Contracts>
}
