import { verifyRollup } from '../../capabilities/ledgers/rollup.server.ts'
import { one, sql } from '../../server/db.ts'
import { verifyEvents } from '../../server/seal.ts'
import { showProgress, tell, withDatabase, type AddCommand, type Common } from '../command.ts'

/**
 * `sanji verify events`: reads the trail again and compares it with its seals. `sanji verify rollup`: compares the kept
 * figures with a full recompute from the records. Exit code 1 when something does not hold.
 */
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
  verify
    .command('rollup')
    .description('核对汇总数 / compare kept figures with the records')
    .option('--repair', '改正不符的汇总数 / put right what differs')
    .option('--json', 'answer as JSON')
    .action(async (options: Common & { repair?: boolean }) => {
      const forms = await withDatabase(async (database) => {
        const { records } = await one<{ records: number }>(database.db, sql`select count(*)::int8 as records from record where counted is not null`)
        const bar = showProgress(options, '核对', records)
        try {
          return await verifyRollup(database, { repair: options.repair ?? false, onProgress: bar.update })
        } finally {
          bar.stop()
        }
      })
      const wrong = forms.filter((form) => form.wrongRecords + form.wrongKept > 0)
      const open = wrong.filter((form) => !form.repaired)
      const lines = wrong.map((form) => `${form.form}: ${form.wrongRecords} 条记录、${form.wrongKept} 个汇总数不符${form.repaired ? '，已改正' : ''}（${form.named.join('；')}）`)
      const records = forms.reduce((sum, form) => sum + form.records, 0)
      const summary = wrong.length === 0 ? `汇总数正确：${forms.length} 张表，${records} 条记录` : lines.join('\n')
      tell(options, { ok: open.length === 0, forms }, open.length > 0 ? `${summary}\n用 --repair 改正` : summary)
      if (open.length > 0) process.exitCode = 1
    })
}
