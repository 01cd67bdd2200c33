import { migrate } from '../../server/migrate.ts'
import { tell, withDatabase, type AddCommand, type Common } from '../command.ts'

/** `sanji migrate`: brings the database up to this version. */
export const addMigrate: AddCommand = (program) => {
  program
    .command('migrate')
    .description('把数据库升级到本版本 / bring the database up to this version')
    .option('--json', 'answer as JSON')
    .action(async (options: Common) => {
      const ran = await withDatabase((database) => migrate(database.pool))
      tell(options, { ran }, ran.length > 0 ? `已执行：${ran.join('、')}` : '数据库已是最新版本')
    })
}
