import { sql } from 'kysely'
import { one } from '../../server/db.ts'
import { verifyEvents } from '../../server/seal.ts'
import { showProgress, tell, withDatabase, type AddCommand, type Common } from '../command.ts'

/** `sanji verify events`: reads the trail again and compares it with its seals. Exit code 1 when it does not hold. */
export const addVerify: AddCommand = (program) => {
  const verify = program.command('verify').description('核对 / check what is kept')
  verify
    .command('events')
    .description('核对操作留痕的封存链 / compare the trail with its seals')
    .option('--json', 'answer as JSON')
    .action(async (options: Common) => {
      const found = await withDatabase(async (database) => {
        const { events } = await one<{ events: number }>(database.db, sql`select coalesce(sum(events), 0)::int8 as events from event_seal`)
        const bar = showProgress(options, '核对', events)
        try {
          return await verifyEvents(database, bar.update)
        } finally {
          bar.stop()
        }
      })
      const sentence = found.broken
        ? `留痕与第 ${found.broken.seal} 个封存不符（${found.broken.reason}）：事务 ${found.broken.from}–${found.broken.to}，首条 ${found.broken.firstEvent ?? '缺失'}`
        : `留痕完整：${found.seals} 个封存，${found.events} 条记录，另有 ${found.unsealed} 条尚未封存`
      tell(options, found, sentence)
      if (!found.ok) process.exitCode = 1
    })
}
